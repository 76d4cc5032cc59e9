"""A picture as Jupyter keeps it in a notebook file."""

from __future__ import annotations

import html
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping

from ..state import State
from .canvas import SCALE
from .render import render


def bundle(state: State) -> dict[str, str]:
    """Give the picture of a state by media type; the HTML needs no other file."""
    picture = render(state)
    png = b64encode(picture.png).decode()
    image = (
        f'<img alt="{html.escape(picture.alt)}" width="{picture.width}" '
        f'height="{picture.height}" style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/png;base64,{png}">'
    )
    return {"image/png": png, "text/html": image}


def bundle_metadata(parts: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Give the size at which the PNG of a bundle is to be shown, as Jupyter's display metadata."""
    width, height = struct.unpack(">II", b64decode(parts["image/png"][:32])[16:24])
    return {"image/png": {"width": width // SCALE, "height": height // SCALE}}
