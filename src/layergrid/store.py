"""The present state of a heatmap, and the one way to the next, from whichever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from .cells import cells_at
from .events import Dispatcher
from .gestures import Pages
from .intake import Grid
from .linked import companions, mirror, one_by_one, shared
from .picks import picks_in
from .selection import ClickEvent, SelectEvent, Source, carry_over
from .state import EMPTY_STATE, State, at_step, learn, resolve
from .wire import Gesture, Step, n_steps

if TYPE_CHECKING:
    from .link import Link
    from .pyramid import Survey


class Change(NamedTuple):
    """What became of a heatmap, for those who listen; they hear once no lock is held."""

    store: Store
    old: State
    new: State
    source: Source


class Store:
    """Holds what a heatmap shows, and leads it to the next state: by code, or by hand.

    No listener is called while a lock is held: what changes something gives what became of this
    heatmap and of linked ones, and whoever asked for it passes that to `announce`.

    Parameters
    ----------
    dispatcher : Dispatcher
        Where events are queued.
    options : mapping
        The first values, by the names of the properties of `Heatmap`.
    show : callable
        Told the new and the old state, at each change and under the lock.
    tell : callable
        Told the old state, the new one and the source of the change, by `announce`.

    Attributes
    ----------
    lock : RLock
        Held while the state changes, and while anything is sent that must not mix with it.
    ties : tuple of Link
        The links that the heatmap is in.

    Raises
    ------
    TypeError, ValueError
        For options that cannot be shown.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        options: Mapping[str, Any],
        *,
        show: Callable[[State, State], None],
        tell: Callable[[State, State, Source], None],
    ) -> None:
        self._state = self._shown = resolve(EMPTY_STATE, options)
        self._deferred: Callable[[State], State] | None = None
        self.lock = threading.RLock()
        self.ties: tuple[Link, ...] = ()
        self.tell = tell
        self._show = show
        self._dispatcher = dispatcher
        self._pages = Pages()

    @property
    def state(self) -> State:
        """What the heatmap shows, with all that was deferred."""
        if self._deferred is not None:
            with self.lock:
                self._settle()
        return self._state

    @property
    def settled(self) -> State:
        """The state without what was deferred since: to read it takes no lock and no time."""
        return self._state

    @property
    def shown(self) -> State:
        """What the traits say, which is less than the state while frames travel as messages."""
        return self._shown

    def defer(self, make: Callable[[State], State]) -> None:
        """Go on to the state that `make` gives, once anybody asks for it.

        It keeps the axes, is asked once for all that came until then, and may not fail. The
        traits say nothing of it before the next `commit`.
        """
        self._deferred = make

    def _settle(self) -> None:
        make, self._deferred = self._deferred, None
        old = self._state
        new = old if make is None else make(old)
        if new.grid is not old.grid:
            self._state = shared(self, replace(new, edition=old.edition + 1))

    def commit(self) -> Change:
        """Let the traits say all that the state says."""
        with self.lock:
            old, new = self._shown, self.state
            self._show(new, old)
            self._shown = new
        # Whoever made it has gone on since: as after a gesture, nobody waits for an error.
        return Change(self, old, new, "user")

    def change(
        self,
        make: Callable[[State], State],
        source: Source,
        page: str | None = None,
        clicks: Iterable[ClickEvent] = (),
        since: State | None = None,
    ) -> Change:
        """Go on to the state that `make` gives; `page` is the one whose gesture this is.

        `since` is the state to go on from where the caller, who holds the lock, has read it: what
        was deferred since is for the next one who asks.
        """
        with self.lock:
            old = self.state if since is None else since
            new = make(old)
            self._pages.rebase(old, new, by=page)
            if new.grid is not old.grid:
                new = replace(new, edition=old.edition + 1)
            told, shown = old, new
            if self._shown.grid is not old.grid:
                if _beside_values(old, new):
                    # Frames have a pace of their own, whatever else changes between them.
                    last = self._shown
                    shown = replace(new, grid=last.grid, edition=last.edition, moment=last.moment)
                else:
                    told = self._shown
            self._state = new
            self._show(shown, self._shown)
            self._shown = shown
            # Queued under the lock, so that events come in the order of what they tell.
            heard = self._dispatcher.wanted(SelectEvent)
            self._dispatcher.queue(*clicks, *(_select_event(old, new, source) if heard else ()))
        return Change(self, told, new, source)

    def assign(self, changes: Mapping[str, Any], source: Source = "code") -> list[Change]:
        """Change properties, named as those of `Heatmap`; see `resolve` for errors."""
        with one_by_one(self):
            mine = self.change(lambda old: shared(self, resolve(old, changes)), source)
            done = [mine]
            if "selection" in changes and mine.new.selection != mine.old.selection:
                done += mirror(self, "set", mine.new.selection, mine.new.grid, source)
            return [*done, *self._share(mine)]

    def share(self) -> Change:
        """Take the limits that linked heatmaps come to together now."""
        return self.change(lambda old: shared(self, old), "code")

    def _share(self, mine: Change) -> list[Change]:
        """Let linked heatmaps have the limits that this one came to, if they are others."""
        if mine.new.own == mine.old.own:
            return []
        return [other.share() for other in companions(self, "limits")]

    def obey(self, gesture: Gesture, seen: Grid) -> list[Change]:
        """Do what a gesture says, here and where it is mirrored; nothing if it is repeated.

        `seen` is the grid that it was read against.
        """
        with one_by_one(self):
            with self.lock:
                old = self.state
                outcome = self._pages.obey(gesture, old, seen)
                if outcome is None:
                    return []
                new, clicks, command, replayed = outcome
                mine = self.change(lambda _: new, "user", gesture.page, clicks, old)
            if command is None or not companions(self, "selection"):
                return [mine]
            # What was replayed is no one command.
            op, cells = command.op, picks_in(command.rects, len(new.grid.components))
            if replayed:
                op, cells = "set", new.selection
            return [mine, *mirror(self, op, cells, new.grid, "user")]

    def go(self, asked: Step) -> list[Change]:
        """Go to the step that a person went to, unless that is gone or they have left it since."""
        with self.lock:
            step = asked.step
            if not self._pages.note_step(asked) or step is None or step >= n_steps(self.state.grid):
                return []
            return [self.change(lambda old: at_step(old, step), "user")]

    def learn(self, survey: Survey) -> list[Change]:
        """Show what is known by now of values that are not in memory."""
        with one_by_one(self):
            mine = self.change(lambda old: shared(self, learn(old, survey)), "code")
            return [mine, *self._share(mine)]


def _beside_values(old: State, new: State) -> bool:
    """Whether a change leaves alone all that a frame decides."""
    same = new.grid is old.grid and new.text is old.text
    return same and (new.scale, new.step) == (old.scale, old.step)


def announce(changes: Iterable[Change]) -> None:
    """Tell those who listen to each heatmap, also where a listener of one of them raises."""
    with ExitStack() as stack:
        for store, old, new, source in reversed(list(changes)):
            stack.callback(store.tell, old, new, source)


def _select_event(old: State, new: State, source: Source) -> tuple[SelectEvent, ...]:
    """Give the event for a change of the selection, none where it is the same cells."""
    # Those of one that the other has too, as the other calls them.
    before = carry_over(old.selection, old.grid, new.grid)
    if len(before) == len(old.selection) and before == new.selection:
        return ()
    after = carry_over(new.selection, new.grid, old.grid)
    return (
        SelectEvent(
            cells=cells_at(new.grid, new.step, new.selection),
            added=cells_at(new.grid, new.step, new.selection - before),
            removed=cells_at(old.grid, old.step, old.selection - after),
            source=source,
        ),
    )
