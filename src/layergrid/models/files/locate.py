"""A path → the files that hold the weights. Reads names of files and indexes, no weights."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ...intake.wording import some_of
from .jsons import parse_object, short

SAFETENSORS = ".safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_INDEX = ".index.json"

#: By these names libraries find weights in a folder; the first that is there counts.
_USUAL = (
    "model.safetensors.index.json",
    "model.safetensors",
    "adapter_model.safetensors",
    "pytorch_model.bin.index.json",
    "pytorch_model.bin",
    "adapter_model.bin",
)
_SHARD = re.compile(r"(.*)-(\d+)-of-(\d+)(\.\w+)", re.ASCII)
#: Old models have no owner before the slash; a dot would be of a file's name there.
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+|[\w-]+", re.ASCII)


class Located(NamedTuple):
    """The files of a checkpoint; where there is an index, which file has which parameter."""

    files: tuple[Path, ...]
    weight_map: dict[str, Path] | None = None
    index_name: str = ""


def locate(path: Path) -> Located:
    """Find the files of a checkpoint.

    In a folder the first of these counts: a file or index by a usual name, another
    ``*.safetensors.index.json``, all ``*.safetensors`` together, the shards of one pickle, the
    only pickle.

    Raises
    ------
    FileNotFoundError
        If there is nothing at the path, or not all that should be.
    ValueError
        If it is no checkpoint, or could be several.
    """
    if not path.exists():
        raise FileNotFoundError(_not_there(path))
    path = path.absolute()  # whatever the working folder will be when it is read
    if path.is_dir():
        return _in_folder(path)
    if path.name.endswith(_INDEX):
        return _by_index(path)
    suffix = path.suffix.lower()
    if suffix == ".gguf":
        raise ValueError(_of_gguf(path))
    if suffix != SAFETENSORS and suffix not in PICKLES:
        raise ValueError(
            f"{path.name} is no checkpoint by its name; expected {SAFETENSORS}, "
            f"{', '.join(PICKLES)}, {_INDEX} or a folder of such"
        )
    return Located((path,))


def _in_folder(folder: Path) -> Located:
    names = sorted(os.listdir(folder))
    usual = next((name for name in _USUAL if name in names), None)
    if usual is not None:
        return locate(folder / usual)
    indexes = [name for name in names if name.endswith(SAFETENSORS + _INDEX)]
    if indexes:
        return locate(folder / _only(indexes, folder, "indexes"))
    shards = [name for name in names if name.lower().endswith(SAFETENSORS)]
    pickles = [name for name in names if name.lower().endswith(PICKLES)]
    if not shards and pickles:
        first = _SHARD.fullmatch(pickles[0])
        same = [match for name in pickles if (match := _SHARD.fullmatch(name))]
        if first is None or len({(m[1], m[3]) for m in same}) > 1 or len(same) < len(pickles):
            return locate(folder / _only(pickles, folder, "pickles"))
        shards = pickles
    if not shards:
        if gguf := [name for name in names if name.lower().endswith(".gguf")]:
            raise ValueError(_of_gguf(folder / gguf[0]))
        raise FileNotFoundError(
            f"no weights in {folder}, which has {some_of(names) if names else 'no files'}; "
            f"expected {SAFETENSORS}, {', '.join(PICKLES)} or {_INDEX}"
        )
    _check_all_there(shards, folder)
    return Located(tuple(folder / name for name in shards))


def _only(names: list[str], folder: Path, what: str) -> str:
    if len(names) > 1:
        raise ValueError(
            f"{folder} holds several {what}: {some_of(names)}; give the path of the one you mean"
        )
    return names[0]


def _check_all_there(names: Iterable[str], folder: Path) -> None:
    series = {}
    for name in names:
        if match := _SHARD.fullmatch(name):
            stem, n, total, suffix = match.groups()
            series[stem, len(n), total, suffix] = name
    for (stem, digits, total, suffix), name in series.items():
        for k in range(1, int(total) + 1):
            _check_shard(folder / f"{stem}-{k:0{digits}}-of-{total}{suffix}", name)


def _check_shard(path: Path, named_by: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing in {path.parent}, which {named_by} tells of; fetch it, or "
            "give the path of one shard to see what that holds"
        )


def _by_index(path: Path) -> Located:
    facts = parse_object(path.read_bytes(), path.name)
    weight_map = facts.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ValueError(
            f"{path.name} has no weight_map from names of parameters to files; save the model "
            "again, or give the path of a shard"
        )
    for name, file in weight_map.items():
        # An index must not lead out of its folder.
        if not isinstance(file, str) or file in ("", ".", "..") or re.search(r"[/\\\0]", file):
            raise ValueError(
                f"{path.name} puts {short(name)} into {short(file)}; expected the name of a file "
                "beside it"
            )
        if not file.lower().endswith((SAFETENSORS, *PICKLES)):
            raise ValueError(
                f"{path.name} puts {short(name)} into {short(file)}; expected {SAFETENSORS} or "
                f"{', '.join(PICKLES)}"
            )
    files = tuple(path.parent / file for file in dict.fromkeys(weight_map.values()))
    for file in files:
        _check_shard(file, path.name)
    return Located(files, {name: path.parent / f for name, f in weight_map.items()}, path.name)


def _not_there(path: Path) -> str:
    problem = f"there is nothing at {path}"
    if _HUB_ID.fullmatch(path.as_posix()) and path.suffix not in (SAFETENSORS, *PICKLES):
        problem += (
            "; if it is the name of a model on a hub, it is no path: get its files first, with "
            f"path = huggingface_hub.snapshot_download({path.as_posix()!r})"
        )
    return problem


def _of_gguf(path: Path) -> str:
    return (
        f"{path.name} is GGUF, which is not read from disk: give the model that transformers "
        f"makes of it, AutoModelForCausalLM.from_pretrained({path.parent.name!r}, "
        f"gguf_file={path.name!r})"
    )
