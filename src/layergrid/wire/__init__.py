"""The only codec and the only message schema: what crosses between kernel and page. Pure.

State crosses as traits, what a person does as messages. ``js/src/wire.ts`` is the other end;
``tests/data/contract.json`` lists what both must know.
"""

from .answers import (
    encode_ack,
    encode_frames,
    encode_live,
    encode_read,
    encode_refusal,
    encode_stepped,
    encode_tile,
)
from .messages import (
    MODIFIERS,
    Blocks,
    Click,
    Dismiss,
    Frames,
    Gesture,
    Hover,
    Message,
    MessageError,
    Painted,
    Read,
    Step,
    Target,
    Tile,
    decode_message,
    n_steps,
)
from .numbers import (
    decode_picks,
    dtype_name,
    encode_bits,
    encode_holes,
    encode_picks,
    encode_values,
    wire_dtype,
)
from .traits import AT_ONCE, axes_id, encode, encode_links, partial, weight, whole

__all__ = [
    "AT_ONCE",
    "MODIFIERS",
    "Blocks",
    "Click",
    "Dismiss",
    "Frames",
    "Gesture",
    "Hover",
    "Message",
    "MessageError",
    "Painted",
    "Read",
    "Step",
    "Target",
    "Tile",
    "axes_id",
    "decode_message",
    "decode_picks",
    "dtype_name",
    "encode",
    "encode_ack",
    "encode_bits",
    "encode_frames",
    "encode_holes",
    "encode_links",
    "encode_live",
    "encode_picks",
    "encode_read",
    "encode_refusal",
    "encode_stepped",
    "encode_tile",
    "encode_values",
    "n_steps",
    "partial",
    "weight",
    "whole",
    "wire_dtype",
]
