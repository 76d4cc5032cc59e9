"""Checkpoints that torch pickled, read as weights only: no code that a file brings runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...intake.recognise import is_a
from ...intake.tensors import from_torch
from ...intake.wording import some_of
from ..live.mapping import describe
from ..slices import Slice
from ..source import Entry
from .stamps import check_same, check_start, stamp_of
from .streaming import CHUNK

#: What training scripts call the weights that they save beside other things.
_USUAL = ("state_dict", "model_state_dict", "model", "module", "net")

#: Bytes read of mapped files before they are mapped anew: until then what was read is resident.
_AT_ONCE = 1 << 26


class Pickles:
    """What `torch.load` made of files, mapped to memory and kept until much of it was read.

    Only files of torch before 1.6 are not mapped but loaded, and kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._mapped: dict[Path, Mapping[str, Any]] = {}
        self._loaded: dict[Path, Mapping[str, Any]] = {}
        self._n_read = 0

    def tensors(self, path: Path) -> Mapping[str, Any]:
        """Give the tensors of a file by name."""
        with self._lock:
            found = self._loaded.get(path) or self._mapped.get(path)
            if found is None:
                mappable = _is_zip(path)
                found = find_weights(_load(path, mappable), path.name)
                (self._mapped if mappable else self._loaded)[path] = found
            return found

    def note_read(self, n_bytes: int) -> None:
        """Take into account that so much is now resident, and let go of it if it is much."""
        with self._lock:
            self._n_read += n_bytes
            if self._n_read >= _AT_ONCE:
                self._mapped.clear()
                self._n_read = 0


class PickledFile:
    """Parameters in one pickle of torch.

    Parameters
    ----------
    path : pathlib.Path
    pickles : Pickles
        Shared by the files of a checkpoint.

    Attributes
    ----------
    entries : tuple of Entry
        In the order of the state dict.
    stamp : tuple of int
        As `stamp_of` gives when the file was opened.

    Raises
    ------
    OSError
        If it cannot be opened.
    ImportError
        Without torch.
    ValueError
        If it holds anything but weights, no weights, or is no such file.
    """

    def __init__(self, path: Path, pickles: Pickles) -> None:
        self._path, self._pickles = path, pickles
        self.stamp = stamp_of(path)
        met: dict[Any, str] = {}
        tensors = pickles.tensors(path)
        self.entries = tuple(describe(name, tensor, met) for name, tensor in tensors.items())

    def read(self, entry: Entry, part: Slice | None = None) -> NDArray[Any]:
        """View a parameter, or a part of one; read-only.

        The file must not be shortened as long as the array lives: see `Checkpoint.read`.
        """
        array = self._view(entry)
        if part is not None:
            array = part.of(array)
        self._pickles.note_read(array.nbytes)
        return array

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]]:
        """Give the values of a parameter, or of a part of one, a part of the file at a time.

        They come out of a memory map, so that here too the file must not be shortened.
        """
        start, size = 0, 1
        while start < size:
            array = self._view(entry)
            if part is not None:
                array = _apart(array, part)
            size = array.size
            stop = min(start + max(_AT_ONCE // array.itemsize, 1), size)
            self._pickles.note_read((stop - start) * array.itemsize)
            values = np.nditer(
                array,
                flags=["external_loop", "buffered", "ranged", "zerosize_ok"],
                buffersize=CHUNK // array.itemsize,
            )
            values.iterrange = start, stop  # type: ignore[misc]  # numpy lets it be set
            yield from values
            start = stop

    def _view(self, entry: Entry) -> NDArray[Any]:
        check_same(stamp_of(self._path), self.stamp, self._path)
        tensor = self._pickles.tensors(self._path)[entry.name]
        try:
            array = from_torch(tensor)
        except TypeError as error:
            raise ValueError(f"{entry.name} in {self._path.name}: {error}") from error
        array.flags.writeable = False
        return array


def _apart(array: NDArray[Any], part: Slice) -> NDArray[Any]:
    """Take a part as a view always: its groups stay on an axis of their own."""
    part.inside(array.shape)
    before = part.axis + (part.expert is not None)
    length = array.shape[before] // part.groups
    groups = array.reshape(*array.shape[:before], part.groups, length, *array.shape[before + 1 :])
    taken: NDArray[Any] = replace(part, axis=part.axis + 1, groups=1).of(groups)
    return taken


def _load(path: Path, mappable: bool) -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"{path.name} is a pickle, which torch reads: install torch, or save the weights as "
            "safetensors"
        ) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mappable)
    except Exception as error:  # a damaged file leads to errors of any kind, OSError too
        # Without torch's own text, which advises to let the file run code.
        raise ValueError(_problem(error, path)) from None


def _problem(error: Exception, path: Path) -> str:
    reason = str(error)
    if code := re.search(r"GLOBAL (\S+)", reason):
        return (
            f"{path.name} holds more than weights: to load {code[1]} would run code, so it was "
            "not loaded. Where you trust it, load it and save its weights alone, with "
            "torch.save(model.state_dict(), path)"
        )
    if "TorchScript" in reason:
        return (
            f"{path.name} is a TorchScript archive, which is code too, so it was not loaded. Where "
            "you trust it, give torch.jit.load(path), a live model"
        )
    # Of a file that is no pickle at all torch's parser says nothing but where it stumbled.
    says = isinstance(error, OSError | RuntimeError) and "weights_only" not in reason
    first = re.split(r"\n|\. ", reason.strip())[0].rstrip(".") if says else ""
    return (
        f"{path.name} cannot be read as weights alone{f' ({first})' if first else ''}: it is "
        "damaged, did not arrive whole, or torch.save(model.state_dict(), path) did not write it. "
        "To load any other pickle could run code: where you trust it, load it yourself, and give "
        "the mapping of names to tensors"
    )


def _is_zip(path: Path) -> bool:
    with open(path, "rb") as file:
        start = file.read(8)
    check_start(start, path)
    return start.startswith(b"PK\x03\x04")


def find_weights(loaded: Any, file: str) -> dict[str, Any]:
    """Find the mapping of names to tensors in what a pickle held.

    It may lie in other mappings, beside things that are no tensors. Where one of those has a
    name that is usual for weights, as ``"state_dict"``, it is that one; otherwise there must be
    no other.

    Raises
    ------
    ValueError
        If there is none, or several.
    """
    try:
        return _descend(loaded, file)
    except RecursionError as error:
        raise ValueError(f"{file} holds a mapping that holds itself; {_GIVE_IT}") from error


_GIVE_IT = (
    "load it with torch.load(path, weights_only=True) and give the mapping of names to tensors "
    "that you mean"
)


def _descend(loaded: Any, file: str) -> dict[str, Any]:
    if not isinstance(loaded, Mapping):
        raise ValueError(
            f"{file} holds a {type(loaded).__name__}; expected a mapping of names to tensors, as "
            "model.state_dict() gives"
        )
    inside = {key: value for key, value in loaded.items() if _holds_tensors(value)}
    for usual in _USUAL:
        if usual in inside:
            return _descend(inside[usual], file)
    tensors = {name: value for name, value in loaded.items() if is_a(value, "torch", "Tensor")}
    if not tensors:
        if len(inside) == 1:
            return _descend(next(iter(inside.values())), file)
        several = f"several mappings of tensors, {some_of(inside)}"
        raise ValueError(f"{file} holds {several if inside else 'no tensors'}; {_GIVE_IT}")
    for name in tensors:
        if not isinstance(name, str):
            raise ValueError(f"{file} holds a tensor by the name {name!r}; expected a string")
    return tensors


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, Mapping) and any(
        is_a(inner, "torch", "Tensor") or _holds_tensors(inner) for inner in value.values()
    )
