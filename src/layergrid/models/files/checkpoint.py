"""A checkpoint on disk as a `Source`: a file, or several that belong together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from ...intake.wording import some_of
from ..names import is_buffer
from ..slices import Slice
from ..source import Entry
from .jsons import parse_object
from .locate import SAFETENSORS, Located, locate
from .pickled import PickledFile, Pickles
from .safetensors_file import SafetensorsFile
from .stamps import Stamp, check_same

#: What a model, or an adapter, says of itself.
_CONFIGS = ("config.json", "adapter_config.json")


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a checkpoint; of its files only the headers are read.

    Parameters
    ----------
    path : str or os.PathLike
        A ``.safetensors``, ``.bin``, ``.pt``, ``.pth`` or ``.ckpt`` file, an ``*.index.json`` of
        several, or a folder (see `locate` for what counts in it). ``~`` is the home folder.

    Raises
    ------
    TypeError
        If it is no path.
    FileNotFoundError
        If there is nothing there, or a shard is missing.
    OSError
        If it cannot be read.
    ValueError
        If it is no checkpoint or a damaged one; names the file, and the tensor. If the path is
        empty.
    ImportError
        For a pickle, without torch.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path is {path!r}, a {type(path).__name__}; expected str or os.PathLike")
    if not os.fspath(path):
        raise ValueError(
            "path is '', which leads nowhere; expected that of a checkpoint, or '.' for the "
            "working folder"
        )
    return Checkpoint(Path(path).expanduser())


class _File(Protocol):
    stamp: Stamp
    entries: tuple[Entry, ...]

    def read(self, entry: Entry, part: Slice | None = None) -> NDArray[Any]: ...

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]]: ...


class Checkpoint:
    """The `Source` that `open_checkpoint` gives.

    A copy in another process opens the files there again, once for all copies; they have to be
    the same files.
    """

    def __init__(self, path: Path) -> None:
        located = locate(path)
        self._path = path.absolute()
        self.title = self._path.name
        self.config = _read_config(located.files[0].parent)
        pickles = Pickles()
        files = {
            file: SafetensorsFile(file)
            if file.suffix.lower() == SAFETENSORS
            else PickledFile(file, pickles)
            for file in located.files
        }
        self._stamps = tuple(file.stamp for file in files.values())
        self._holder, entries = _merge(files, located)
        # A file does not tell what is a parameter and what a buffer; some names do.
        self.entries = [entry for entry in entries if not is_buffer(entry.name, entry.shape)]

    def read(self, entry: Entry, part: Slice | None = None) -> NDArray[Any]:
        """Map a parameter, or a part of one, into memory; read-only.

        That the file is the one that was opened is checked now; its values come when they are
        looked at. If by then somebody has shortened it, the system ends the process (SIGBUS), as
        of any memory map; `chunks` raises an error instead, if the file is of safetensors.

        Raises
        ------
        ValueError
            If its dtype is none that numpy or ml_dtypes knows, it has no such part, or the file
            has changed.
        OSError
            If the file cannot be read any more.
        """
        return self._holder[entry.name].read(entry, part)

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]]:
        """Give the values of a parameter, or a part of one, as 1-D arrays in the stored dtype.

        Raises
        ------
        ValueError, OSError
            As `read`.
        """
        return self._holder[entry.name].chunks(entry, part)

    def __reduce__(self) -> tuple[Any, ...]:
        return _open_again, (self._path, self._stamps)


# Two, so that tasks of two checkpoints may alternate; one of old pickles is whole in memory.
@lru_cache(maxsize=2)
def _open_again(path: Path, stamps: tuple[Stamp, ...]) -> Checkpoint:
    """Open what a copy was made of."""
    found = Checkpoint(path)
    check_same(found._stamps, stamps, path)
    return found


def _merge(
    files: Mapping[Path, _File], located: Located
) -> tuple[dict[str, _File], Sequence[Entry]]:
    """Tell which file holds which parameter, and list them, by the index if there is one."""
    holder: dict[str, _File] = {}
    found: dict[str, Entry] = {}
    origin: dict[str, Path] = {}
    indexed = located.weight_map or {}
    for path, file in files.items():
        for entry in file.entries:
            other = indexed.get(entry.name, origin.get(entry.name, path))
            if other == path:
                holder[entry.name], found[entry.name], origin[entry.name] = file, entry, path
            elif entry.name not in indexed:
                raise ValueError(
                    f"{entry.name!r} is both in {other.name} and in {path.name}; give the path "
                    "of the file that you mean"
                )
    if lacking := [name for name in indexed if name not in found]:
        shards = dict.fromkeys(indexed[name].name for name in lacking)
        raise ValueError(
            f"{located.index_name} tells of {some_of(lacking)}, which {some_of(shards)} should "
            "hold but does not; fetch or save index and shards again"
        )
    # An index tends to have the model's order, and may leave something out.
    return holder, [found[name] for name in dict.fromkeys([*indexed, *found])]


def _read_config(folder: Path) -> Mapping[str, Any]:
    for name in _CONFIGS:
        if (folder / name).is_file():
            return parse_object((folder / name).read_bytes(), name)
    return {}
