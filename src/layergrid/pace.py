"""When the next live frame may be sent. Pure: it is told the time."""

from __future__ import annotations

import math

#: Least seconds between two messages, however fast pages paint.
BETWEEN = 1 / 60
#: While no page says that it has painted: the kernel may be busy, and hear it late.
UNHEARD = 1 / 10
#: How long a page that has answered so far is waited for.
PATIENCE = 0.25
#: While no view can be seen.
UNSEEN = 1.0
#: Bytes a second that travel while nobody says that they arrive.
BLIND_BYTES = 4_000_000


class Pace:
    """Spaces out what is sent to the pages of one heatmap, by what they say of it.

    Attributes
    ----------
    heard : int
        The highest edition that any page has painted.
    """

    def __init__(self) -> None:
        self.heard = 0
        self._visible: dict[str, bool] = {}
        self._sent_at = self._answered_at = -math.inf
        self._answered = True
        self._bytes = 0

    @property
    def due(self) -> float:
        """The time from which on the next message may be sent."""
        blind = max(UNHEARD, self._bytes / BLIND_BYTES)
        if self._visible and not any(self._visible.values()):
            return self._sent_at + max(UNSEEN, blind)
        if self._answered:
            return self._sent_at + BETWEEN
        return max(self._sent_at + blind, self._answered_at + PATIENCE)

    def sent(self, now: float, edition: int, n_bytes: int) -> None:
        """Note a message."""
        self._sent_at, self._bytes = now, n_bytes
        self._answered = edition <= self.heard

    def painted(self, now: float, page: str, edition: int, visible: bool) -> None:
        """Note what a page says.

        Of what a busy kernel has sent since, it hears one report, once it listens again: so any
        that is news asks for the next message.
        """
        self._visible[page] = visible
        if edition > self.heard:
            self.heard, self._answered, self._answered_at = edition, True, now
