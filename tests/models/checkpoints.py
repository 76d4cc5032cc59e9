"""Checkpoints on disk for tests, written byte by byte with numpy alone.

A tensor is an array, or `Made` for one that is only made while it is written, so that files
larger than the memory can be written too.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

#: The format's name of each dtype that tests write.
CODES = {
    np.dtype(dtype): code
    for code, dtype in {
        "BOOL": "?",
        "U8": "u1",
        "I8": "i1",
        "U16": "<u2",
        "I16": "<i2",
        "U32": "<u4",
        "I32": "<i4",
        "U64": "<u8",
        "I64": "<i8",
        "F16": "<f2",
        "F32": "<f4",
        "F64": "<f8",
        "C64": "<c8",
        "BF16": ml_dtypes.bfloat16,
        "F8_E4M3": ml_dtypes.float8_e4m3fn,
        "F8_E5M2": ml_dtypes.float8_e5m2,
        "F8_E8M0": ml_dtypes.float8_e8m0fnu,
        "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
        "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    }.items()
}


class Made(NamedTuple):
    """A tensor that `make` gives when it is written."""

    shape: tuple[int, ...]
    dtype: Any
    make: Callable[[], np.ndarray]

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


Tensors = Mapping[str, np.ndarray | Made]


def header_of(tensors: Tensors, metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": CODES[np.dtype(tensor.dtype)],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    return header


def framed(header: bytes) -> bytes:
    """Put the length of a header before it."""
    return len(header).to_bytes(8, "little") + header


def write_safetensors(
    path: str | os.PathLike[str], tensors: Tensors, metadata: Mapping[str, str] | None = None
) -> Path:
    text = json.dumps(header_of(tensors, metadata)).encode()
    with open(path, "wb") as file:
        file.write(framed(text + b" " * (-len(text) % 8)))  # values begin at a multiple of 8
        for tensor in tensors.values():
            array = tensor.make() if isinstance(tensor, Made) else tensor
            assert (array.shape, array.dtype) == (tensor.shape, tensor.dtype)
            file.write(np.ascontiguousarray(array).reshape(-1).view("u1"))
    return Path(path)


def write_sharded(
    folder: str | os.PathLike[str], tensors: Tensors, *, shards: int, config: Any = None
) -> Path:
    """Write shards of about the same size, with their index, as transformers names them."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(tensor.nbytes for tensor in tensors.values())
    parts: list[dict[str, np.ndarray | Made]] = [{} for _ in range(shards)]
    begin = 0
    for name, tensor in tensors.items():
        parts[min(begin * shards // max(total, 1), shards - 1)][name] = tensor
        begin += tensor.nbytes
    weight_map = {}
    for k, part in enumerate(parts, 1):
        file = f"model-{k:05}-of-{shards:05}.safetensors"
        write_safetensors(folder / file, part, {"format": "pt"})
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder
