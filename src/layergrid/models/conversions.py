"""What transformers renames and merges when it loads a checkpoint: names on file → live names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..intake.recognise import is_a
from .slices import Slice


class Conversions:
    """How transformers turns the names in a checkpoint of a model into those of the live one.

    Without transformers, or for a model that is none of its, nothing is renamed.

    Parameters
    ----------
    model : torch.nn.Module
        Also in a wrapper; names are those in what is wrapped.
    """

    def __init__(self, model: Any) -> None:
        self._rename: Any = None
        self._changes: tuple[list[Any], list[Any]] = [], []
        known = (m for m in model.modules() if is_a(m, "transformers", "PreTrainedModel"))
        inner = next(known, None)
        if inner is None:
            return
        try:
            from transformers import core_model_loading as loading
            from transformers.conversion_mapping import get_model_conversion_mapping
        except ImportError:  # before its version 5 names on file were those of the live model
            return
        self._rename = loading.rename_source_key
        for change in get_model_conversion_mapping(inner):
            self._changes[isinstance(change, loading.WeightConverter)].append(change)

    def live(self, name: str, shape: Sequence[int]) -> tuple[str, Slice | None]:
        """Give the live name of a parameter in a checkpoint, and which part of that it becomes.

        Parameters
        ----------
        name : str
        shape : sequence of int
            As it is in the checkpoint; empty if that is not known.

        Returns
        -------
        (name, part)
            The same name if nothing is known of it; None if it becomes all of a parameter, or if
            which part it becomes is not certain.
        """
        if self._rename is None:
            return name, None
        live, source = self._rename(name, *self._changes)
        if source is None:
            return live, None
        converter = next(one for one in self._changes[1] if source in one.source_patterns)
        return live, _part(converter, source, name, shape)


def _part(converter: Any, source: str, name: str, shape: Sequence[int]) -> Slice | None:
    """Tell which part of a merged parameter one of its sources becomes.

    Sources are stacked by their number, then joined along an axis; all of the same shape, since
    gate and up are. Whatever else is done to them leaves it uncertain.
    """
    steps = [(type(step).__name__, getattr(step, "dim", 0)) for step in converter.operations]
    expert = None
    if steps[:1] == [("MergeModulelist", 0)]:
        found = re.search(re.escape(source).replace(r"\*", r"(\d+)"), name)
        if found is None or not found.groups():
            return None
        expert = int(found[1])
        steps = steps[1:]
    if not shape:
        return None
    if not steps and expert is not None:
        return Slice(0, 1, 0, shape[0], expert)
    if len(steps) != 1 or steps[0][0] != "Concatenate":
        return None
    axis = steps[0][1] - (expert is not None)
    if not 0 <= axis < len(shape):
        return None
    at = converter.source_patterns.index(source)
    return Slice(axis, 1, at * shape[axis], (at + 1) * shape[axis], expert)
