"""A trait that holds nothing: it is read from the state, and observed where that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, cast

import traitlets as t

from .picks import Picks
from .state import State
from .store import Store, announce


class _Stateful(Protocol):
    _store: Store


class Derived(t.TraitType[Any, Any]):
    """A public property that is a trait too, of what has its state in a `Store`.

    Reading derives the value from the state; assigning asks the store for the next state, which
    validates before anything changes.

    Parameters
    ----------
    read : callable
        Gives the value, from a state.
    doc : str
    part : callable, optional
        Gives the part of a state that the value is made of, by default the value itself: where it
        is the same, nothing changed.
    """

    def __init__(
        self,
        read: Callable[[State], Any],
        doc: str,
        *,
        part: Callable[[State], Any] | None = None,
    ) -> None:
        super().__init__(help=doc)
        self.read = read
        self.part = part or read

    def get(self, obj: t.HasTraits | None, cls: type[Any] | None = None) -> Any:
        """Read the value from the state."""
        return self.read(cast("_Stateful", obj)._store.state)

    def set(self, obj: t.HasTraits, value: Any) -> None:
        """Go on to a state with this value, and tell who listens."""
        assert self.name is not None
        announce(cast("_Stateful", obj)._store.assign({self.name: value}))


def observed_changes(
    owner: t.HasTraits, traits: Iterable[Derived], old: State, new: State
) -> Iterator[t.Bunch]:
    """Give a change for each of these traits that is another now, and that anybody observes."""
    for trait in traits:
        assert trait.name is not None
        if _is_observed(owner, trait.name) and not _same(trait.part(old), trait.part(new)):
            before, now = trait.read(old), trait.read(new)
            yield t.Bunch(name=trait.name, old=before, new=now, owner=owner, type="change")


def _is_observed(owner: t.HasTraits, name: str) -> bool:
    """Whether anybody observes a trait: to read it for nobody may take long."""
    # traitlets has no public way to ask.
    notifiers = [owner._trait_notifiers.get(key, {}) for key in (name, t.All)]
    return any(kinds.get(kind) for kinds in notifiers for kind in ("change", t.All))


def _same(a: Any, b: Any) -> bool:
    plain = isinstance(a, str | int | float | tuple | Picks) and type(a) is type(b)
    return a is b or (plain and bool(a == b))
