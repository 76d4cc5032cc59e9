"""JSON of checkpoints: headers, indexes, configs. Pure."""

from __future__ import annotations

import json
from typing import Any


def parse_object(text: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object in which no key comes twice.

    Parameters
    ----------
    text : bytes
        In UTF-8.
    what : str
        What errors call it.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    try:
        parsed = json.loads(text.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} is no JSON ({error})") from error
    if not isinstance(parsed, dict):
        raise ValueError(f"{what} is a JSON {type(parsed).__name__}; expected an object")
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {short(key)} comes twice")
        found[key] = value
    return found


def short(value: Any) -> str:
    """Quote a value in an error; a file may hold 100 MB of anything."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
