"""The picture of a heatmap that stays where no kernel is, drawn once for each state."""

from __future__ import annotations

import sys
import threading
import weakref
from typing import Any

from .events import logger
from .state import State
from .store import Store


class Snapshot:
    """Draws what a store holds when it is asked to, on whichever thread asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._drawing = threading.Lock()
        # Weak: a picture must not keep the values of which it was drawn in memory.
        self._of: weakref.ref[State] | None = None
        self._parts: dict[str, str] = {}

    def draw(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Give the picture by media type, and its sizes; nothing if it cannot be drawn."""
        with self._drawing:
            try:
                from . import picture  # brings Pillow, which nothing else needs

                state = self._store.state
                if self._of is None or self._of() is not state:
                    self._parts = picture.bundle(state)
                    self._of = weakref.ref(state)
                return self._parts, picture.bundle_metadata(self._parts)
            except Exception:
                # Not worth the live view, which needs nothing of it.
                logger.exception(
                    "the picture for the notebook file failed; the live view is not affected"
                )
                return {}, {}

    def warm_up(self) -> None:
        """In a kernel, draw the first picture on another thread: a first view waits for it.

        It takes several times as long as any later one, for what it loads; that may load while
        the cell goes on.
        """
        if "ipykernel" in sys.modules and f"{__package__}.picture" not in sys.modules:
            threading.Thread(target=self.draw, daemon=True).start()
