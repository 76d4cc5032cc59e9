"""Anything that has weights → `Source`, and from a grid back to where it came from."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary, WeakValueDictionary

from ..intake.recognise import is_a
from .source import Source

#: Live models that grids were made from, found again while they are alive.
_MODELS: WeakValueDictionary[str, Any] = WeakValueDictionary()
_ORIGINS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def open_source(what: Any) -> Source:
    """Open a live module, a mapping of names to tensors, or a checkpoint by its path.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        Naming what came and the cure.
    """
    from .packed import unpack

    if isinstance(what, str | os.PathLike):
        from .files import open_checkpoint

        return unpack(open_checkpoint(what))
    if is_a(what, "torch.nn", "Module"):
        from .live import module_source

        return unpack(module_source(what))
    if isinstance(what, Mapping):
        from .live import mapping_source

        return unpack(mapping_source(what))
    raise TypeError(
        f"source is {reprlib.repr(what)}, a {type(what).__name__}; expected a torch.nn.Module, a "
        "mapping of parameter names to tensors, or the path of a checkpoint"
    )


def origin_of(what: Any) -> dict[str, str]:
    """Say in attrs where a grid came from, so that `find_source` can find it again.

    A live model is found by a token while it is alive, a file by its path, in which the home
    folder stays a ``~``. To a mapping nothing leads back.
    """
    if isinstance(what, str | os.PathLike):
        path = Path(what).expanduser().absolute()
        home = Path.home()
        return {"path": f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)}
    if is_a(what, "torch.nn", "Module"):
        token = _ORIGINS.setdefault(what, uuid4().hex)
        _MODELS[token] = what
        return {"model": token}
    return {}


def find_source(attrs: Mapping[str, Any]) -> Any:
    """Give what a grid with these attrs was made from: a live model or a path.

    Raises
    ------
    LookupError
        If it is not to be found: the model is gone, the file has moved, or it was a mapping.
    """
    model, path = _MODELS.get(attrs.get("model", "")), attrs.get("path")
    if model is not None:
        return model
    if path is not None and Path(path).expanduser().exists():
        return path
    name = attrs.get("source", "an unknown source")
    if path is not None:
        where = f"is not at {path} any more"
    elif "model" in attrs:
        where = "is not in memory any more"
    else:
        where = "is no live model and no file, so that nothing in the grid leads back to it"
    raise LookupError(f"the grid was made from {name}, which {where}; give it as model=")
