"""A source with quantised parameters whole again, and the pieces of fused ones told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...intake.arrays import to_numpy
from ..slices import Slice, runs_of
from ..source import Entry, Source
from .fused import fusions
from .quantized import Part, Scheme, gather, recognise, tells

#: How many values are dequantised at once.
_AT_ONCE = 1 << 20


def unpack(raw: Source) -> Source:
    """Regroup what a source has.

    The parts of a quantised parameter (``qweight``, ``qzeros``, ``scales`` …), or of a pruned one
    (``weight_orig``, ``weight_mask``), become one entry by the name it would have otherwise, which
    reads as float32. Entries that hold several
    projections, or experts, say so in `Entry.pieces` and `Entry.n_experts`; those that `raw` has
    told already stay.

    One that is quantised, but in no way that is known for certain, is an entry as well: to read
    it raises a ValueError.
    """
    return Unpacked(raw)


# Two, so that tasks of two sources may alternate; each keeps what it was made of.
@lru_cache(maxsize=2)
def _unpack_again(raw: Source) -> Source:
    return unpack(raw)


class Unpacked:
    """The `Source` that `unpack` gives.

    A copy in another process is unpacked there again, once for all copies of one checkpoint.
    """

    def __init__(self, raw: Source) -> None:
        self._raw = raw
        self._entry_of = {entry.name: entry for entry in raw.entries}
        self._parts = gather(self._entry_of)
        self._schemes = {name: self._scheme(parts) for name, parts in self._parts.items()}
        self.entries: Sequence[Entry] = tuple(self._with_pieces(self._grouped()))

    @property
    def title(self) -> str:
        """What people call it."""
        return self._raw.title

    @property
    def config(self) -> Mapping[str, Any]:
        """What the model says of itself."""
        return self._raw.config

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpack_again, (self._raw,)

    def read(self, entry: Entry, part: Slice | None = None) -> Any:
        """Give a parameter, or a part of one; a quantised one as a numpy array of float32.

        Raises
        ------
        ValueError
            If it is quantised in a way that is not understood.
        """
        if entry.name not in self._schemes:
            return self._raw.read(self._entry_of[entry.name], part)
        if part is not None and isinstance(part.expert, int):
            part.shape(entry.shape)
            expert = part.expert
            rows = next(self._rows(entry.name, range(expert, expert + 1), 1))
            return replace(part, expert=0).of(rows)
        whole = np.empty(entry.shape, np.float32)
        at = 0
        for rows in self._rows(entry.name, range(entry.shape[0]), self._n_at_once(entry)):
            whole[at : at + len(rows)] = rows
            at += len(rows)
        return whole if part is None else part.of(whole)

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]] | None:
        """Give the values of a parameter, or a part of one, as 1-D arrays, one after the other.

        None where the source that was unpacked gives None: of what is not quantised there.
        """
        if entry.name in self._schemes:
            return self._dequantised(entry, part)
        return self._raw.chunks(self._entry_of[entry.name], part)

    def _dequantised(self, entry: Entry, part: Slice | None) -> Iterator[NDArray[Any]]:
        runs = runs_of(entry.shape, part)
        if not entry.size:
            return
        row = entry.size // entry.shape[0]
        n_at_once = self._n_at_once(entry)
        last = runs.first + (runs.n - 1) * runs.period + runs.length
        first_row = runs.first // row // n_at_once * n_at_once
        stop = -(-last // (row * n_at_once)) * n_at_once
        at = first_row * row
        for rows in self._rows(entry.name, range(first_row, min(stop, entry.shape[0])), n_at_once):
            values = rows.reshape(-1)
            place = np.arange(at, at + values.size) - runs.first
            inside = (place >= 0) & (place < runs.n * runs.period)
            yield values[inside & (place % runs.period < runs.length)]
            at += values.size

    def _n_at_once(self, entry: Entry) -> int:
        step = self._schemes[entry.name].step
        row = entry.size // max(entry.shape[0], 1)
        return max(_AT_ONCE // max(row, 1) // step, 1) * step

    def _rows(self, name: str, wanted: range, n_at_once: int) -> Iterator[NDArray[np.float32]]:
        scheme = self._schemes[name]
        if scheme.rows is None:
            tails = ", ".join(sorted(self._parts[name]))
            raise ValueError(
                f"{name} is quantised in a way that is not known here ({scheme.label}, in the "
                f"parts {tails}): its values cannot be read. Load the model with the library that "
                "quantised it and give a dequantised one; its bytes are known as it is"
            )
        parts = {
            tail: self._array(self._entry_of[raw_name])
            for tail, raw_name in self._parts[name].items()
        }
        for start in range(wanted.start, wanted.stop, n_at_once):
            yield scheme.rows(parts, start, min(start + n_at_once, wanted.stop))

    def _array(self, entry: Entry) -> NDArray[Any]:
        found = self._raw.read(entry)
        return found if isinstance(found, np.ndarray) else to_numpy(found)[0]

    # ── what there is ────────────────────────────────────────────────────────────────────────

    def _scheme(self, parts: Mapping[str, str]) -> Scheme:
        described = {}
        for tail, name in parts.items():
            entry = self._entry_of[name]
            value = self._small(entry) if tells(tail) else None
            described[tail] = Part(entry.shape, entry.dtype, value)
        return recognise(described, self._raw.config)

    def _small(self, entry: Entry) -> NDArray[Any] | None:
        try:
            return self._array(entry)
        except ValueError:  # a meta tensor, which has no values
            return None

    def _grouped(self) -> Iterator[Entry]:
        whole_of = {part: name for name, parts in self._parts.items() for part in parts.values()}
        given = set()
        met: dict[frozenset[tuple[str, str]], str] = {}
        for entry in self._raw.entries:
            name = whole_of.get(entry.name, entry.name)
            if name in given:
                continue
            given.add(name)
            names = self._parts.get(name, {"": entry.name})
            parts = {tail: self._entry_of[part] for tail, part in names.items()}
            # Those are one memory that share every part: a scale, say, may serve several.
            memory = frozenset((tail, part.twin or part.name) for tail, part in parts.items())
            first = met.setdefault(memory, name)
            twin = None if first == name else first
            if name not in self._schemes:
                yield replace(entry, twin=twin)
            else:
                scheme = self._schemes[name]
                yield Entry(
                    name,
                    scheme.shape,
                    scheme.label,
                    sum(part.nbytes for part in parts.values()),
                    twin,
                    has_values=all(part.has_values for part in parts.values()),
                )

    def _with_pieces(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        all_entries = list(entries)
        shapes = {
            entry.name: entry.shape
            for entry in all_entries
            if entry.name not in self._schemes or self._schemes[entry.name].rows is not None
        }
        found = fusions(shapes, self._raw.config)
        for entry in all_entries:
            fusion = found.get(entry.name)
            if fusion is None or entry.pieces or entry.n_experts is not None:
                yield entry
            else:
                yield replace(entry, pieces=fusion.pieces, n_experts=fusion.n_experts)
