"""The hooks that switch parts of a live model off, and their coming and going."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, cast

from .attention import attention_hook
from .edits import Mode
from .sites import Copies, block_hook, input_hook, layer_hook, output_hook, routing_hook
from .target import Site, Target

#: What is set at a module, in this order: what is inside is changed before what is made of it.
_SITES: tuple[tuple[tuple[Site, ...], bool, Callable[[Copies, Mode], Any]], ...] = (
    (("input",), True, input_hook),
    (("routing",), True, routing_hook),
    (("heads", "projection"), False, attention_hook),
    (("output",), False, output_hook),
    (("block",), False, block_hook),
    (("layer",), False, layer_hook),
)


class Hooks:
    """Switches parts of a live model off, in the thread and for the time of a ``with`` block.

    Parameters
    ----------
    model : torch.nn.Module
    copies : sequence of sequences of Target
        What is switched off; of several copies of a batch, one after the other along the first
        axis of what goes into the model, in each copy.
    mode : {"zero", "mean"}
    tell : bool
        Whether to warn when no hook has run.

    Raises
    ------
    ValueError
        For another mode, or where something cannot be switched off in that mode, or not in one of
        several copies.

    Warns
    -----
    RuntimeWarning
        At the end of a block in which no hook has run in its thread, if `tell`.

    Notes
    -----
    The block holds for what runs in the thread that enters it, as torch's `no_grad` does. The same
    object can be entered again, within itself and in several threads at once.
    """

    def __init__(
        self,
        model: Any,
        copies: Sequence[Iterable[Target]],
        mode: str = "zero",
        *,
        tell: bool = True,
    ) -> None:
        if mode not in ("zero", "mean"):
            raise ValueError(f"mode is {mode!r}; expected 'zero' or 'mean'")
        self._model, self._ran, self._tell = model, 0, tell
        self._blocks: list[_Block] = []
        self._lock = threading.Lock()
        distinct = [list(dict.fromkeys(copy)) for copy in copies]
        for target in (target for copy in distinct for target in copy):
            _check(target, mode, len(distinct))
        self._plan = _plan(distinct, cast(Mode, mode))

    @property
    def ran(self) -> int:
        """How often a hook has run where it holds, in all blocks so far."""
        with self._lock:
            return self._ran + sum(block.ran for block in self._blocks)

    def __enter__(self) -> Hooks:
        block = _Block(threading.get_ident())
        try:
            for module, is_pre, hook in self._plan:
                block.add(module, is_pre, hook)
            with self._lock:
                self._blocks.append(block)
        except BaseException:
            block.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        block = self._left()
        block.remove()
        if self._tell and kind is None and self._plan and not block.ran:
            warnings.warn(_of_nothing(self._model, block), RuntimeWarning, stacklevel=2)

    def _left(self) -> _Block:
        """Give the block that ends: the last that this thread entered."""
        here = threading.get_ident()
        with self._lock:
            # One that is left in another thread than entered is the last of all.
            mine = [i for i, block in enumerate(self._blocks) if block.thread == here] or [-1]
            block = self._blocks.pop(mine[-1])
            self._ran += block.ran
            return block


class _Block:
    """The hooks of one ``with`` block, and how often they have run."""

    def __init__(self, thread: int) -> None:
        self.thread: int | None = thread
        self.ran = self.elsewhere = 0
        self._set: list[tuple[Any, Any]] = []

    def add(self, module: Any, is_pre: bool, hook: Any) -> None:
        def here_only(*given: Any) -> Any:
            if threading.get_ident() != self.thread:
                self.elsewhere += 1
                return None
            self.ran += 1
            return hook(*given)

        hook_here = _not_compiled(here_only)
        # Noted before it is set: an interrupt may come between the two.
        self._set.append((module, hook_here))
        register = module.register_forward_pre_hook if is_pre else module.register_forward_hook
        register(hook_here, with_kwargs=True)

    def remove(self) -> None:
        """Take the hooks away, in spite of an interrupt."""
        self.thread = None  # what somebody copied or compiled with them does nothing any more
        try:
            self._remove()
        except BaseException:
            self._remove()
            raise

    def _remove(self) -> None:
        for module, hook in self._set:
            for kind in ("_forward_pre_hooks", "_forward_hooks"):
                hooks = getattr(module, kind)
                for key in [key for key, other in hooks.items() if other is hook]:
                    del hooks[key]
                    getattr(module, f"{kind}_with_kwargs").pop(key, None)


def _not_compiled(hook: Any) -> Any:
    """Keep a hook out of what is compiled while it is set, where it would stay."""
    dynamo = sys.modules.get("torch._dynamo")
    return hook if dynamo is None else dynamo.disable(hook)


def _check(target: Target, mode: str, n_copies: int) -> None:
    if target.site == "routing" and mode == "mean":
        raise ValueError(
            f"{target.path} computes its experts as one, so that what expert {target.which} gives "
            "has no mean to take: mode='zero' switches it off"
        )
    if n_copies > 1 and not target.splits:
        raise ValueError(
            f"{target.path} does not see the batch as its first axis, so that copies of a batch "
            "cannot differ there: one at a time, batch=1"
        )


def _plan(copies: Sequence[Sequence[Target]], mode: Mode) -> list[tuple[Any, bool, Any]]:
    """Put together what is done at one module: (module, whether before it runs, hook)."""
    targets = list(dict.fromkeys(target for copy in copies for target in copy))
    plan = []
    for sites, is_pre, make in _SITES:
        modules = {id(t.module): t.module for t in targets if t.site in sites}
        for module in modules.values():
            here = [[t for t in copy if t.module is module and t.site in sites] for copy in copies]
            plan.append((module, is_pre, make(here, mode)))
    within = {id(t.within): t.within for t in targets if t.within is not None}
    return plan + [(module, True, _seen) for module in within.values()]


def _seen(*given: Any) -> None:
    """Change nothing: that it runs tells that no token was routed to an expert that did not."""


def _of_nothing(model: Any, block: _Block) -> str:
    name = type(model).__name__
    if block.elsewhere:
        return (
            f"nothing of {name} was switched off, for it ran in another thread: enter lg.ablate "
            "in the thread that runs the model"
        )
    return (
        f"nothing of {name} was switched off: it did not run in this block, or does not call the "
        "modules in question, as when it was compiled before; run the model that was not compiled"
    )
