"""`weights`: a model's parameters as a layer × component grid of a statistic."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from typing import TYPE_CHECKING, Any

import numpy as np

from ..intake.wording import some_of
from .asked import Asked
from .filling import Filling, check_into
from .opening import open_source, origin_of
from .plan import Piece, Plan, make_plan
from .source import Source
from .statistics import Statistic, read_statistic

if TYPE_CHECKING:
    import xarray as xr


def weights(
    source: Any,
    statistic: str | Callable[[Any], float] = "rms",
    *,
    components: str | Sequence[str] = "matrices",
    tail: str = "weight",
    stack: str | None = None,
    experts: str = "mean",
    executor: Executor | None = None,
    into: Any = None,
    progress: bool = True,
) -> xr.DataArray:
    """Measure every parameter of a stack of layers, from a live model or a checkpoint on disk.

    Parameters
    ----------
    source : torch.nn.Module, mapping of str to tensor, or path
        A live model on any device; names and tensors, such as a state dict; a safetensors file,
        its folder or its ``*.index.json``; a ``.bin`` or ``.pt`` file of tensors. Of files the
        header is read, and then only the tensors that are measured, one at a time.
    statistic : str or callable
        A name in `layergrid.models.statistics`, such as ``"rms"``, ``"spectral_norm"``,
        ``"effective_rank"``, ``"parameters"``; or a function of a tensor (numpy from disk, torch
        from a live model) that gives one number. Exact but for rounding, to 1e-6 of the value.
    components : {"matrices", "all"} or sequence of str
        ``"matrices"`` keeps those whose weight has at least two dimensions; ``"all"`` norms and
        the like too; a sequence those it names, ``"attn"`` meaning the matrices of ``attn.…``.
        ``"parameters"`` and ``"bytes"`` count all unless some are named.
    tail : str
        Which parameter of a component: ``"weight"``, ``"bias"``, ``"lora_A"``, … A count is of
        all of them together.
    stack : str, optional
        The stack of layers, by its name or a part of it; by default the one with the most
        parameters. ``attrs["stacks"]`` names the others.
    experts : {"mean", "each"}
        ``"mean"`` puts the mean over a layer's experts into one cell (a count: their sum),
        ``"each"`` gives every expert components of its own: ``moe.experts.3.up``.
    executor : concurrent.futures.Executor, optional
        Where to work: two threads read almost twice as fast as one. A checkpoint on disk can be
        spread over processes or a cluster (``dask.distributed.Client.get_executor()``).
    into : Heatmap, optional
        Shows the labelled grid at once, its cells pending, and fills it while the work goes on.
    progress : bool
        Whether to show a progress bar if it takes more than half a second.

    Returns
    -------
    xarray.DataArray, shape (layer, component)
        With coordinates ``name``, ``shape`` and ``dtype`` for every cell, and ``part`` where one
        parameter holds several components, from which `tensor` finds the tensor again; attrs
        ``statistic``, ``formula``, ``reference``, ``units``, ``source``, ``stack`` and ``stacks``,
        and where the source is found again: ``path``, or ``model``, a token. Absent cells are
        NaN, with True in the coordinate ``absent``.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        For what is no model, an unknown statistic, stack, component or tail, a model without
        repeated layers, a file that is not what it says, an executor that takes no work, or a
        heatmap that is not to show such numbers. Naming the value and the cure, and before `into`
        changes.
    ImportError
        For a ``.bin`` or ``.pt`` file without torch.

    Warns
    -----
    UserWarning
        If weights are computed anew for every pass, as weight norm does: they are no parameters,
        and absent unless `tail` names what is stored of them. Pruned ones are there, with zeros.

    Examples
    --------
    >>> import numpy as np
    >>> state = {f"layers.{i}.mlp.{m}_proj.weight": np.full((4, 2), i + 1.0)
    ...          for i in range(3) for m in ("up", "down")}
    >>> grid = weights(state)
    >>> float(grid.sel(layer=2, component="mlp.up"))
    3.0
    """
    measured = read_statistic(statistic)
    asked = Asked(components, tail, stack, experts)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(
            f"executor is {executor!r}; expected a concurrent.futures.Executor, such as a "
            "ThreadPoolExecutor(2)"
        )
    # A function of somebody's own may well give categories.
    check_into(into, None if measured.kind == "tensor" else measured.name)
    opened = open_source(source)
    plan = make_plan(opened.title, opened.entries, measured, asked)
    counts = measured.kind == "header"
    if not counts:
        _check_values(plan, measured)
    _check_executor(executor, opened, measured)
    if plan.computed:
        warnings.warn(_of_computed(opened.title, plan.computed), stacklevel=2)
    attrs = {
        "statistic": measured.name,
        "formula": measured.formula,
        "reference": measured.source,
        "units": measured.units,
        "source": opened.title,
        "stack": plan.stack,
        "stacks": ", ".join(plan.other_stacks),
        **origin_of(source),
    }
    with Filling(plan, int if counts else float, measured.name, attrs, into) as filling:
        if counts:
            for index, cell in plan.cells.items():
                filling.put(index, sum(_count(measured, piece) for piece in cell.pieces))
        else:
            _measure(opened, plan, measured, filling, executor, progress)
    return filling.grid()


def _check_executor(executor: Any, source: Source, statistic: Statistic) -> None:
    """Refuse an executor that takes no work, or where what is to be measured cannot go."""
    if executor is None:
        return
    try:
        executor.submit(_arrive, source, statistic).result()
    except RuntimeError as error:
        raise ValueError(
            f"executor is {executor!r}, which takes no work ({error}): make a new one"
        ) from error


def _arrive(source: Source, statistic: Statistic) -> None:
    """Do nothing, where the work will be done."""


def _of_computed(title: str, computed: Mapping[str, str]) -> str:
    tails = dict.fromkeys(computed.values())
    measures = " or ".join(f"tail={tail!r}" for tail in tails)
    return (
        f"{title} computes the weight of {some_of(computed)} anew for every pass, and stores none: "
        f"such cells are left out; {measures} measures what is stored"
    )


def _check_values(plan: Plan, statistic: Statistic) -> None:
    for cell in plan.cells.values():
        for piece in cell.pieces:
            if not piece.entry.has_values:
                raise ValueError(
                    f"{piece.entry.name} is on the meta device, so it has no values to take "
                    f"{statistic.name} of; 'parameters' and 'bytes' are known without any"
                )


def _count(statistic: Statistic, piece: Piece) -> int:
    return math.prod(piece.shape) if statistic.name == "parameters" else _nbytes(piece)


def _measure(
    source: Source,
    plan: Plan,
    statistic: Statistic,
    filling: Filling,
    executor: Executor | None,
    progress: bool,
) -> None:
    """Fill the cells; what several of them share is measured once."""
    from tqdm.auto import tqdm

    pieces: dict[Any, Piece] = {}
    found: dict[tuple[int, int], dict[Any, float]] = {}
    shown_in: dict[Any, list[tuple[int, int]]] = {}
    for index, cell in plan.cells.items():
        found[index] = {piece.memory: math.nan for piece in cell.pieces}
        for piece in cell.pieces:
            pieces.setdefault(piece.memory, piece)
            shown_in.setdefault(piece.memory, []).append(index)
    waited_for = {index: len(values) for index, values in found.items()}
    place = {entry.name: k for k, entry in enumerate(source.entries)}
    in_order = sorted(pieces.values(), key=lambda piece: place[piece.entry.name])
    with tqdm(
        total=sum(map(_nbytes, in_order)), desc=f"{statistic.name} of {source.title}",
        unit="B", unit_scale=True, delay=0.5, disable=not progress,
    ) as bar:  # fmt: skip
        for piece, value in _values(source, in_order, statistic, executor):
            for index in shown_in[piece.memory]:
                found[index][piece.memory] = value
                waited_for[index] -= 1
                if not waited_for[index]:
                    filling.put(index, _mean(found[index].values()))
            bar.update(_nbytes(piece))


def _nbytes(piece: Piece) -> int:
    return piece.entry.nbytes * math.prod(piece.shape) // max(1, piece.entry.size)


def _mean(values: Iterable[float]) -> float:
    with np.errstate(invalid="ignore", over="ignore"):  # infinities of both signs have no mean
        return float(np.mean(list(values)))


def _values(
    source: Source, pieces: Sequence[Piece], statistic: Statistic, executor: Executor | None
) -> Iterator[tuple[Piece, float]]:
    """Give every piece with its value as they are done, in any order."""
    if executor is None:
        for piece in pieces:
            yield piece, measure(source, piece, statistic)
        return
    futures = {executor.submit(measure, source, piece, statistic): piece for piece in pieces}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        # After an error or an interrupt nobody waits for the rest.
        for future in futures:
            future.cancel()


def measure(source: Source, piece: Piece, statistic: Statistic) -> float:
    """Give the statistic of one piece; a function by itself, as another process may call it."""
    try:
        chunks = source.chunks(*piece) if statistic.kind == "values" else None
        return statistic.of(source.read(*piece)) if chunks is None else statistic.over(chunks)
    except StopIteration as error:
        # Let through, it would end whatever iterates round it as if all were done.
        raise RuntimeError(
            f"statistic {statistic.name} raised StopIteration while measuring {piece.entry.name}"
        ) from error
    except Exception as error:
        error.add_note(f"while measuring {piece.entry.name}")
        raise
