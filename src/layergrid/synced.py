"""The heatmap as its pages know it: the script they run, and a trait for each part of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from . import wire
from .state import State


def _script() -> Path | str:
    # A file that anywidget watches, as it does while the page is worked on, holds every widget for
    # good, even those that are closed.
    path = Path(__file__).parent / "static" / "widget.js"
    watched = os.environ.get("ANYWIDGET_HMR") == "1"
    return path if watched else path.read_text(encoding="utf-8")


def _synced(trait: t.TraitType[Any, Any]) -> Any:
    # No echo: the kernel owns these, so a page has no use for hearing its own write again.
    return trait.tag(sync=True, echo_update=False)


class Synced(anywidget.AnyWidget):
    """What crosses to the pages, and nothing else; `wire` says how each trait is made."""

    # It brings its style along: anywidget would set a `_css` anew with every widget there is.
    _esm = _script()

    _axes = _synced(t.Dict())
    _coords = _synced(t.Dict())
    _dtype = _synced(t.Unicode())
    _values = _synced(t.Bytes())
    _holes = _synced(t.Bytes())
    _overview = _synced(t.Bytes())
    _reduce = _synced(t.Unicode())
    _partial = _synced(t.Int())
    _edition = _synced(t.Int(help="Numbers values and live frames: the higher one is newer."))
    _moment = _synced(t.Any(help="What the live frame is called that is shown, if anything."))
    _step = _synced(t.Int())
    _mask = _synced(t.Bytes())
    _selection = _synced(t.List())
    _text = _synced(t.Union([t.List(), t.Unicode()], allow_none=True))
    _table = _synced(t.Bytes())
    _limits = _synced(t.List())
    _norm = _synced(t.Dict())
    _categories = _synced(t.List(allow_none=True))
    _reserved = _synced(t.Bytes())
    _title = _synced(t.Unicode())
    _label = _synced(t.Unicode())
    _click = _synced(t.Unicode())
    _transpose = _synced(t.Bool())
    _size = _synced(t.List())
    _error = _synced(t.List(help="Headline and traceback of the last callback that raised."))
    _hovers = _synced(t.Bool(False, help="Whether anybody asked to hear of hovering."))
    _links = _synced(t.List(help="What ties this heatmap to others, in the page too."))
    _row = _synced(t.Bool(False, help="Whether it stands in a row."))
    _variable = _synced(t.Unicode("w", help="What the heatmap is called where it is shown."))

    def _sync(self, new: State, old: State) -> None:
        """Send what changed from one state to the next, in one message."""
        with self.hold_sync():
            for trait, value in wire.encode(new, since=old).items():
                setattr(self, trait, value)

    def _traits_without_kernel(self, state: State) -> dict[str, Any]:
        """Give the traits that show `state` where nobody can be asked, all steps among them."""
        # Those of this class: its bases have more, which mean something to a host only.
        kept = {name: getattr(self, name) for name in Synced.class_own_traits(sync=True)}
        return {**kept, **wire.encode(wire.whole(state)), "_error": []}
