"""`ablation`: switch off one cell at a time, and see what becomes of a score."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..intake.labels import Label, read_label
from ..intake.recognise import is_a
from ..intake.wording import did_you_mean, some_of
from .ablate import Anatomy, Hooks, Target
from .filling import Filling, check_into
from .opening import origin_of
from .resumed import Resumed
from .scoring import Score

if TYPE_CHECKING:
    import xarray as xr


def ablation(
    model: Any,
    score: Callable[..., Any],
    components: str | Sequence[Any] | None = None,
    *,
    layers: Iterable[Any] | None = None,
    mode: str = "zero",
    stack: str | None = None,
    batch: int = 1,
    into: Any = None,
    resume: Any = None,
    progress: bool = True,
) -> xr.DataArray:
    """Switch off one cell at a time, and give how far that moves a score.

    The score is taken once of the untouched model, and then once for every cell with just that
    cell switched off, as by `ablate`. An interrupt (the stop button) while cells are measured ends
    the sweep early: what is done is given, with the rest pending, for `resume`.

    Parameters
    ----------
    model : torch.nn.Module
        Best in eval mode, so that chance has no part in the score.
    score : callable
        ``score()`` or ``score(model)``: runs the model and gives a number, in any unit, such as
        its loss on some text. Best under `torch.no_grad`. With `batch` it is
        ``score(model, copies)``: it runs `copies` copies of its batch one after the other along
        the first axis (``ids.repeat(copies, 1)``), and gives a number for each.
    components : str or sequence, default those of `resume`, or "attn,mlp"
        "attn,mlp", "heads", "experts", "layer", or a list of such and of components, such as
        ``["attn.q", "mlp.down"]``. Heads make a grid of their own.
    layers : sequence of labels, default those of `resume`, or all
    mode : {"zero", "mean"}
        What takes the place of what is switched off; see `ablate`.
    stack : str, optional
        As of `weights`; by default that of `resume`, or the one with the most parameters.
    batch : int
        How many cells to measure in one call of `score`.
    into : Heatmap, optional
        Shows the labelled grid as soon as the score before is known, its cells pending, and fills
        it while the work goes on.
    resume : DataArray or Heatmap, optional
        What an earlier sweep of the same score gave: what is done there is not done again.
    progress : bool
        Whether to show a progress bar, with the time left.

    Returns
    -------
    xarray.DataArray, shape (layer, component)
        Score with the cell switched off minus score before, in the score's unit. With the
        coordinates of `weights`, so that `tensor` finds what is behind a cell; attrs
        ``baseline``, the score before, ``mode``, ``source``, ``stack``, and how the model is found
        again. Cells that the model has not are absent, those that were not reached pending.

    Raises
    ------
    TypeError, ValueError
        For what is no model, score, component or layer; for cells that cannot be switched off, or
        not in a batch; for a `resume` of something else. Before `into` changes.
    RuntimeError
        If nothing of what is switched off runs during `score`.

    Warns
    -----
    UserWarning
        When it was interrupted, if some cells did not run, and if dropout or the like is on.

    Notes
    -----
    An exception in `score` ends the sweep, and has as its ``grid`` what was done until then, if it
    takes attributes.
    """
    if not is_a(model, "torch.nn", "Module"):
        raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
    measured = Score(score, model)
    before = None if resume is None else Resumed(resume, mode)
    if before is not None:
        components = before.components if components is None else components
        layers = before.layers if layers is None else layers
        stack = before.stack if stack is None else stack
    check_into(into, "ablation")
    _check_batch(batch, measured)
    plan = _plan(model, components, layers, stack)
    done = {} if before is None else before.changes_in(plan)
    runs = _runs(model, plan, [index for index in plan.cells if index not in done], mode, batch)
    _warn_of_chance(model)
    (baseline,) = measured()
    if before is not None:
        before.check(baseline)
    attrs = {
        "statistic": "ablation",
        "mode": mode,
        "baseline": baseline,
        "source": plan.title,
        "stack": plan.stack,
        **origin_of(model),
    }
    title = "head" if all(isinstance(label, int) for label in plan.components) else None
    filling = Filling(plan, float, f"change in {measured.name}", attrs, into, title)
    for index, change in done.items():
        filling.put(index, change)
    try:
        with filling, _bar(plan, done, measured, progress) as bar:
            for indices, scores in _scores(plan, runs, measured, some_ran=bool(done)):
                for index, value in zip(indices, scores, strict=True):
                    filling.put(index, value - baseline)
                bar.update(len(indices))
    except KeyboardInterrupt:
        grid = filling.grid()
        left = int(grid.coords["pending"].sum()) if "pending" in grid.coords else 0
        warnings.warn(
            f"ablation was interrupted with {left} of {len(plan.cells)} cells to go, which are "
            "pending in what it gives; pass that as resume= to go on",
            stacklevel=2,
        )
    except Exception as error:
        with suppress(Exception):  # of those that take no attributes
            error.grid = filling.grid()  # type: ignore[attr-defined]
            error.add_note("the cells that are done are in this exception's grid, for resume=")
        raise
    return filling.grid()


# ── what is measured ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Plan:
    """The labelled grid before its values; a (layer, component) without a target is absent."""

    title: str
    stack: str
    layers: tuple[Label, ...]
    components: tuple[Label, ...]
    cells: Mapping[tuple[int, int], Target]

    def label(self, index: tuple[int, int]) -> tuple[Label, Label]:
        return self.layers[index[0]], self.components[index[1]]


def _plan(model: Any, components: Any, layers: Iterable[Any] | None, stack: str | None) -> _Plan:
    anatomy = Anatomy(model, stack)
    rows = anatomy.layers if layers is None else _chosen(layers, anatomy.layers)
    columns = _columns(anatomy, components)
    found = {
        (i, j): anatomy.target(layer, component)
        for i, layer in enumerate(rows)
        for j, component in enumerate(columns)
    }
    cells = {index: target for index, target in found.items() if target is not None}
    title = type(model).__name__
    if not cells:
        raise ValueError(f"{title} has no {some_of(columns)} in the layers {some_of(rows)}")
    return _Plan(title, anatomy.stack, rows, columns, cells)


def _columns(anatomy: Anatomy, components: Any) -> tuple[Label, ...]:
    if components is None:
        components = [label for label in ("attn", "mlp") if anatomy.has(label)] or "attn,mlp"
    columns = anatomy.columns(components)
    if not columns:
        raise ValueError("components is empty; expected at least one, such as 'attn'")
    if len({isinstance(label, int) for label in columns}) > 1:
        raise ValueError(
            f"components has heads beside {some_of(c for c in columns if isinstance(c, str))}: "
            "sweep over 'heads' by themselves"
        )
    return columns


def _chosen(asked: Iterable[Any], known: tuple[Label, ...]) -> tuple[Label, ...]:
    if isinstance(asked, str) or not isinstance(asked, Iterable):
        raise TypeError(f"layers is {asked!r}; expected a sequence of layers, such as range(6)")
    chosen = tuple(dict.fromkeys(read_label(label) for label in asked))
    for label in chosen:
        if label not in known or isinstance(label, bool):
            hint = did_you_mean(known, label) or f"there are {some_of(known)}"
            raise ValueError(f"layers has {label!r}, which is no layer of the model; {hint}")
    if not chosen:
        raise ValueError("layers is empty; expected at least one layer")
    return chosen


def _check_batch(batch: Any, score: Score) -> None:
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch is {batch!r}; expected a number of cells from 1 on")
    if batch > 1 and not score.by_copies:
        raise TypeError(
            f"batch is {batch}, but score {score.name} cannot run several copies of its batch; "
            "give it a parameter called copies: def score(model, copies): …"
        )


def _warn_of_chance(model: Any) -> None:
    moving = [name or type(m).__name__ for name, m in model.named_modules() if _moves(m)]
    if moving:
        warnings.warn(
            f"dropout or the like is on in {some_of(moving)}: chance moves the score, too; call "
            "model.eval() first",
            stacklevel=3,
        )


def _moves(module: Any) -> bool:
    """Whether two runs of a module may differ: dropout, its own or torch's, or a batch norm."""
    if not module.training:
        return False
    kind = type(module).__name__
    own = [getattr(module, name, 0) for name in ("dropout", "attention_dropout")]
    if any(isinstance(share, float) and share > 0 for share in own):
        return True
    return "BatchNorm" in kind or ("Dropout" in kind and bool(getattr(module, "p", 0)))


# ── the runs ─────────────────────────────────────────────────────────────────────────────────

_Indices = tuple[tuple[int, int], ...]


def _runs(
    model: Any, plan: _Plan, cells: Iterable[tuple[int, int]], mode: str, batch: int
) -> list[tuple[_Indices, Hooks]]:
    """Make the hooks of every run, so that what cannot be switched off is told before the first."""
    waiting = iter(cells)
    runs = []
    while indices := tuple(itertools.islice(waiting, batch)):
        copies = [[plan.cells[index]] for index in indices]
        runs.append((indices, Hooks(model, copies, mode, tell=False)))
    return runs


def _scores(
    plan: _Plan, runs: Iterable[tuple[_Indices, Hooks]], score: Score, some_ran: bool
) -> Iterator[tuple[_Indices, tuple[float, ...]]]:
    """Give the scores of each run, once anything of the model is known to run."""
    idle: list[tuple[Label, Label]] = []
    held: list[tuple[_Indices, tuple[float, ...]]] = []
    for indices, hooks in runs:
        labels = [plan.label(index) for index in indices]
        try:
            with hooks:
                scores = score(len(indices))
        except Exception as error:
            with suppress(Exception):  # of those that take no notes
                error.add_note(f"while {some_of(labels)} was switched off")
            raise
        if not hooks.ran:
            idle += labels
        some_ran = some_ran or bool(hooks.ran)
        held.append((indices, scores))
        if some_ran:
            yield from held
            held.clear()
        elif len(idle) >= len(plan.components):
            break
    if held:
        raise RuntimeError(
            f"score {score.name} ran nothing of {some_of(idle)} of {plan.title} in this thread, so "
            "nothing was switched off: is it another model that it runs, a compiled one, or does "
            "it run it in a thread of its own?"
        )
    if idle:
        warnings.warn(
            f"{some_of(idle)} did not run during score {score.name}: their change is 0",
            stacklevel=3,
        )


def _bar(plan: _Plan, done: Mapping[Any, float], score: Score, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(
        total=len(plan.cells), initial=len(done), desc=f"{score.name} of {plan.title}",
        unit="cell", delay=0.5, disable=not progress,
    )  # fmt: skip
