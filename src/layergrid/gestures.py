"""What the pages of one heatmap did by hand, in the order they did it. No widget, no threads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .alignment import same_axes
from .cells import cell_at
from .intake import Grid
from .picks import Picks
from .selection import ClickEvent, Command, Ledger
from .state import State, full_mask
from .wire import Gesture, Step

#: The highlighted cells, None while there are none: they are as many bytes as the grid has cells.
Mask = NDArray[np.bool_] | None


@dataclass(slots=True)
class _Deeds:
    """What one page has done so far: its gestures, and the number of its last step."""

    selection: Ledger[Picks] = field(default_factory=Ledger)
    mask: Ledger[Mask] = field(default_factory=Ledger)
    last_step: int = 0


class Outcome(NamedTuple):
    """What a gesture comes to.

    `state` is the next one, `clicks` are to be told. `command` is what was done to the selection,
    None if nothing was; `replayed` says that others were done over after it, so that the
    selection is not what this one command makes of the present one.
    """

    state: State
    clicks: tuple[ClickEvent, ...]
    command: Command | None
    replayed: bool


class Pages:
    """What every page of a heatmap has done, so that each deed counts once and in its place.

    A page repeats what it got no answer to, and a kernel may hear the second gesture first.
    """

    def __init__(self) -> None:
        self._deeds: dict[str, _Deeds] = {}

    def obey(self, gesture: Gesture, state: State, seen: Grid) -> Outcome | None:
        """Give what a gesture comes to; None if it is a repeated one.

        `seen` is the grid that the gesture was checked against, when it was read.
        """
        if not same_axes(seen, state.grid) or seen.steps != state.grid.steps:
            # Another thread has set other labels since.
            gesture = gesture._replace(command=None, click=None)
        deeds = self._of(gesture.page)
        if deeds.selection.seen(gesture.seq):
            return None
        replayed = not deeds.selection.in_turn(gesture.seq)
        command, pick, mark = gesture.command, None, None
        if command and gesture.target == "selection":
            pick = partial(command.apply, n_components=len(state.grid.components))
        elif command:
            mark = partial(_marked, state, command, gesture.step)
        # Both ledgers count every gesture of the page, whatever it is about.
        picks = deeds.selection.apply(gesture.seq, pick, state.selection)
        mask = deeds.mask.apply(gesture.seq, mark, state.mask)
        new = replace(state, selection=picks)
        changed = mark is not None and mask is not state.mask
        if changed and not np.array_equal(_full(state, mask), full_mask(state)):
            new = replace(new, mask=mask)
        return Outcome(new, _clicks(state, gesture), command if pick else None, replayed)

    def note_step(self, asked: Step) -> bool:
        """Note a step, and say whether the page went to no later one that was heard before."""
        deeds = self._of(asked.page)
        if asked.seq <= deeds.last_step:
            return False
        deeds.last_step = asked.seq
        return True

    def rebase(self, old: State, new: State, by: str | None) -> None:
        """Replay nothing over what somebody else has changed; `by` is the page that did, if one."""
        moved = not same_axes(new.grid, old.grid)
        for page, deeds in self._deeds.items():
            if page != by and (moved or new.selection != old.selection):
                deeds.selection.rebase(new.selection)
            if page != by and (moved or new.mask is not old.mask):
                deeds.mask.rebase(new.mask)

    def _of(self, page: str) -> _Deeds:
        return self._deeds.setdefault(page, _Deeds())


def _full(state: State, mask: Mask) -> NDArray[np.bool_]:
    return full_mask(replace(state, mask=mask))


def _marked(state: State, command: Command, step: int, mask: Mask) -> Mask:
    """Give a mask of this state after a command, the same where nothing changes."""
    full = _full(state, mask)
    after = command.apply_to_mask(full, step)
    return mask if after is full else after


def _clicks(state: State, gesture: Gesture) -> tuple[ClickEvent, ...]:
    click = gesture.click
    if click is None:
        return ()
    # With the value that the person saw: that of a step which the kernel may not have heard of.
    return (ClickEvent(cell_at(state.grid, gesture.step, click.flat), click.modifiers),)
