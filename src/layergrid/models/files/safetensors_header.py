"""The header of a safetensors file, checked: names, dtypes, shapes, and where values lie. Pure.

The format [1]_: 8 bytes with the length of the header, the header as JSON, then the values of all
tensors, one after the other without a gap.

.. [1] https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .jsons import parse_object, short

#: The largest header that the format allows, in bytes.
LARGEST = 100_000_000

#: numpy's or ml_dtypes' name of each dtype, and how many bits a value takes.
_DTYPES = {
    "BOOL": ("bool", 8),
    "U8": ("uint8", 8),
    "I8": ("int8", 8),
    "U16": ("uint16", 16),
    "I16": ("int16", 16),
    "U32": ("uint32", 32),
    "I32": ("int32", 32),
    "U64": ("uint64", 64),
    "I64": ("int64", 64),
    "F16": ("float16", 16),
    "BF16": ("bfloat16", 16),
    "F32": ("float32", 32),
    "F64": ("float64", 64),
    "C64": ("complex64", 64),
    "F8_E4M3": ("float8_e4m3fn", 8),
    "F8_E4M3FNUZ": ("float8_e4m3fnuz", 8),
    "F8_E5M2": ("float8_e5m2", 8),
    "F8_E5M2FNUZ": ("float8_e5m2fnuz", 8),
    "F8_E8M0": ("float8_e8m0fnu", 8),
    # Several values share a byte, in an order that the format leaves open.
    "F4": ("float4_e2m1fn", 4),
    "F6_E2M3": ("float6_e2m3fn", 6),
    "F6_E3M2": ("float6_e3m2fn", 6),
}

#: numpy arrays have no more axes than this before numpy 2, and no more bytes.
_MOST_AXES, _MOST_BYTES = 32, 2**63 - 1

_DAMAGED = "the file is damaged, or did not arrive whole: fetch or save it again"


class Stored(NamedTuple):
    """A tensor in a file.

    `bits` is how many a value takes, None if `dtype` is not known. Both ends are in bytes and
    count from where the values begin.
    """

    dtype: str
    bits: int | None
    shape: tuple[int, ...]
    begin: int
    end: int


def parse_header(header: bytes, n_bytes: int, file: str) -> dict[str, Stored]:
    """Read a header.

    Parameters
    ----------
    header : bytes
        The JSON alone.
    n_bytes : int
        How many bytes of values come after it.
    file : str
        What errors call the file.

    Returns
    -------
    dict of str to Stored
        In the header's order. A dtype that is not known keeps the format's name for it.

    Raises
    ------
    ValueError
        If it is no header, or not one of `n_bytes` of values; names the tensor and what is wrong.
    """
    try:
        if not header.startswith(b"{"):
            raise ValueError(f"the header begins with {header[:1]!r} instead of '{{'")
        parsed = parse_object(header, "the header")
        _check_metadata(parsed.pop("__metadata__", None))
        stored = {name: _parse_tensor(name, facts) for name, facts in parsed.items()}
        _check_coverage(stored, n_bytes)
    except ValueError as error:
        raise ValueError(f"{file} is no sound safetensors file: {error}; {_DAMAGED}") from error
    return stored


def check_length(length: int, n_bytes: int, file: str) -> None:
    """Check the length that a file says its header has against the bytes that there are.

    Raises
    ------
    ValueError
        If there cannot be such a header.
    """
    if length > LARGEST:
        problem = f"its header would be {length} bytes long; the format allows {LARGEST}"
    elif length > n_bytes:
        problem = f"its header should be {length} bytes long, but the file ends after {n_bytes}"
    else:
        return
    raise ValueError(f"{file} is no sound safetensors file: {problem}; {_DAMAGED}")


def _parse_tensor(name: str, facts: Any) -> Stored:
    called = f"tensor {short(name)}"
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the name of {called} is no text ({error.reason})") from error
    if not isinstance(facts, dict):
        raise ValueError(f"{called} is {short(facts)}; expected an object")
    if missing := [key for key in ("dtype", "shape", "data_offsets") if key not in facts]:
        raise ValueError(f"{called} has no {missing[0]}")
    dtype, shape, offsets = facts["dtype"], facts["shape"], facts["data_offsets"]
    if not isinstance(dtype, str):
        raise ValueError(f"{called} has dtype {short(dtype)}; expected a string")
    if not _are_counts(shape):
        raise ValueError(f"{called} has shape {short(shape)}; expected lengths, counted from 0 on")
    if not _are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise ValueError(f"{called} has data_offsets {short(offsets)}; expected [begin, end]")
    known, bits = _DTYPES.get(dtype, (dtype, None))
    # An axis of length 0 must not hide that another one is absurd.
    if len(shape) > _MOST_AXES or math.prod(n for n in shape if n) * (bits or 8) > 8 * _MOST_BYTES:
        raise ValueError(f"{called} has shape {short(shape)}, which no memory can hold")
    begin, end = offsets
    if bits is not None and math.prod(shape) * bits != 8 * (end - begin):
        raise ValueError(
            f"{called} is {dtype} of shape {short(shape)}, which takes "
            f"{math.prod(shape) * bits / 8:g} bytes, but data_offsets {short(offsets)} span "
            f"{end - begin}"
        )
    return Stored(known, bits, tuple(shape), begin, end)


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and n >= 0 for n in value)


def _check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError(f"__metadata__ is {short(metadata)}; expected strings by name")


def _check_coverage(stored: dict[str, Stored], n_bytes: int) -> None:
    """Check that tensors cover all values, each byte once."""
    reached = 0
    for name, tensor in sorted(stored.items(), key=lambda item: item[1][-2:]):
        if tensor.begin != reached:
            problem = "overlap those before" if tensor.begin < reached else "leave a gap before"
            offsets = [tensor.begin, tensor.end]
            raise ValueError(
                f"tensor {short(name)} has data_offsets {offsets}, which {problem}: "
                f"they should begin at {reached}"
            )
        reached = tensor.end
    if reached != n_bytes:
        raise ValueError(f"its tensors take {reached} bytes, but there are {n_bytes} after it")
