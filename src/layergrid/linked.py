"""What linked heatmaps have to do with one another when one of them changes."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from .intake import Grid
from .picks import Picks
from .selection import Op, Source, carry_over, combine
from .state import State, share_limits

if TYPE_CHECKING:
    from .store import Change, Store

#: Held while heatmaps that move together change one after the other, so that all of them hear
#: in the same order what was done to any. It is taken before a heatmap's own lock, of which
#: nobody holds two, so that no two threads wait for each other.
TOGETHER = threading.RLock()


def one_by_one(store: Store) -> AbstractContextManager[Any]:
    """Give what is to be held while a heatmap changes, and others with it."""
    return TOGETHER if store.ties else nullcontext()


def companions(store: Store, of: Literal["selection", "limits"]) -> list[Store]:
    """Give the stores that this one has its selection or limits in common with.

    Through however many links, the nearest first.
    """
    found = [store]
    for known in found:  # which grows as it is walked
        for link in known.ties:
            if getattr(link, of):
                found += [other for other in link._stores if other not in found]
    return found[1:]


def mirror(store: Store, op: Op, cells: Picks, grid: Grid, source: Source) -> list[Change]:
    """Do to the selection of every companion what was done to this one's, by label."""

    def follow(old: State) -> State:
        theirs = carry_over(cells, grid, old.grid)
        return replace(old, selection=combine(op, old.selection, theirs))

    return [other.change(follow, source) for other in companions(store, "selection")]


def shared(store: Store, state: State) -> State:
    """Give the state with the limits that it and the companions come to together."""
    # Settled ones: to bring another up to date takes its lock, and the caller may hold one.
    return share_limits(state, [other.settled.own for other in companions(store, "limits")])
