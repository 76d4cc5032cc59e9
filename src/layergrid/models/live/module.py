"""A live module as a `Source`: what it holds now, where it is."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..names import wrapped_child
from ..packed import Stacked, fusions
from ..slices import Slice
from ..source import Entry
from .held import Held, held_by
from .mapping import describe


def module_source(model: Any) -> ModuleSource:
    """Take a live module for a source.

    Names are those of ``named_parameters``, shared ones under each of their names, and those that
    the parameters of quantised modules had before. A parameter that is spread over processes (a
    DTensor, as of fully_shard) reads as such, a part of it is gathered first: all ranks have to
    ask. The flat parameters of the older FullyShardedDataParallel are taken as they are.

    Parameters
    ----------
    model : torch.nn.Module
        On any device, the meta device too, in any wrapper.

    Raises
    ------
    ValueError
        If it has parameters that get their shape in the first forward pass.
    """
    return ModuleSource(model)


class ModuleSource:
    """The `Source` that `module_source` gives; it reads what the module holds at that time."""

    def __init__(self, model: Any) -> None:
        inner = _unwrapped(model)
        self.title = type(inner).__name__
        self.config = _config(inner)
        self._fetch: dict[str, Callable[[], Any]] = {}
        stacked: dict[str, Stacked] = {}
        entries = []
        met: dict[Any, str] = {}
        for path, module in model.named_modules(remove_duplicate=False):
            if isinstance(getattr(module, "is_transposed", None), bool):
                stacked[path] = Stacked(
                    module.is_transposed, not getattr(module, "is_concatenated", True)
                )
            for held in held_by(module):
                name = f"{path}.{held.name}" if path else held.name
                entries.append(_entry(name, held, met))
                self._fetch[name] = held.fetch
        self.entries = tuple(_with_experts(entries, self.config, stacked))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            f"{self.title} is a live model, which cannot leave its process: take a "
            "ThreadPoolExecutor, or give the path of its checkpoint instead"
        )

    def read(self, entry: Entry, part: Slice | None = None) -> Any:
        """Give a parameter, or a part of one, as a tensor: a view on its own device.

        Only of a quantised one it is new, dequantised.

        Raises
        ------
        ValueError
            If it is packed in a way that only its module knows.
        """
        try:
            tensor = self._fetch[entry.name]()
        except ValueError as error:
            raise ValueError(f"{entry.name} {error}") from None
        return tensor if part is None else part.of(_gathered(tensor))

    def chunks(self, entry: Entry, part: Slice | None = None) -> None:
        """Give nothing: the values are in memory as they are."""


def _gathered(tensor: Any) -> Any:
    """Give a tensor that is spread over processes as a whole, others as they are."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def _entry(name: str, held: Held, met: dict[Any, str]) -> Entry:
    if isinstance(held.about, tuple):
        shape, label, nbytes, key = held.about
        twin = met.get(key)
        met.setdefault(key, name)
        return Entry(name, shape, label, nbytes, twin)
    if sys.modules["torch"].nn.parameter.is_lazy(held.about):
        raise ValueError(
            f"{name} gets its shape only in the first forward pass: run the model once, on any "
            "input, and then look at its weights"
        )
    return describe(name, held.about, met)


def _with_experts(
    entries: list[Entry], config: Mapping[str, Any], stacked: Mapping[str, Stacked]
) -> Iterator[Entry]:
    """Add what live modules know of the experts in them; the rest is for who unpacks."""
    shapes = {entry.name: entry.shape for entry in entries}
    found = fusions(shapes, config, stacked) if stacked else {}
    for entry in entries:
        fusion = found.get(entry.name)
        if fusion is not None and entry.name.rpartition(".")[0] in stacked:
            yield replace(entry, pieces=fusion.pieces, n_experts=fusion.n_experts)
        else:
            yield entry


def _unwrapped(model: Any) -> Any:
    """Take off what is wrapped round a model: compiling, data parallelism, adapters."""
    while True:
        children = dict(model.named_children())
        wrapped = wrapped_child(children)
        if wrapped is not None:
            model = children[wrapped]
        elif callable(getattr(model, "get_base_model", None)) and "base_model" in children:
            model = model.get_base_model()
        else:
            return model


def _config(model: Any) -> Mapping[str, Any]:
    """Read a model's configuration: transformers', or a plain dataclass."""
    config = getattr(model, "config", None)
    if config is not None and callable(getattr(config, "to_dict", None)):
        found = config.to_dict()
        return found if isinstance(found, Mapping) else {}
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    return config if isinstance(config, Mapping) else {}
