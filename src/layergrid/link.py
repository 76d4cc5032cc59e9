"""Heatmaps that move together: what is pointed at, picked or coloured in one is so in the others.

The page does this by itself, at once and with no kernel, for the heatmaps that it shows; the
kernel does it for all of them, so that Python hears of it.
"""

from __future__ import annotations

from uuid import uuid4

from .heatmap import Heatmap
from .linked import TOGETHER, companions
from .store import Change, announce


class Link:
    """Some heatmaps that move together, until `unlink`; made by `link`.

    Attributes
    ----------
    heatmaps : tuple of Heatmap
    hover, selection, limits : bool
        What they have in common.
    """

    def __init__(
        self, heatmaps: tuple[Heatmap, ...], *, hover: bool, selection: bool, limits: bool
    ) -> None:
        self.id = uuid4().hex
        self.heatmaps = heatmaps
        self._stores = tuple(heatmap._store for heatmap in heatmaps)
        self.hover, self.selection, self.limits = hover, selection, limits
        self._tie()

    def unlink(self) -> None:
        """Let each go its own way again; what is selected stays, and each has its own limits."""
        with TOGETHER:
            for heatmap in self.heatmaps:
                heatmap._tie(tuple(link for link in heatmap._store.ties if link is not self))
            changes = self._share()
        announce(changes)

    def _tie(self) -> None:
        with TOGETHER:
            for heatmap in self.heatmaps:
                heatmap._tie((*heatmap._store.ties, self))
            changes = self._share()
        announce(changes)

    def _share(self) -> list[Change]:
        every = [one for store in self._stores for one in (store, *companions(store, "limits"))]
        return [store.share() for store in every]

    def __repr__(self) -> str:
        """Say what is linked."""
        common = [name for name in ("hover", "selection", "limits") if getattr(self, name)]
        return f"<Link of {len(self.heatmaps)} heatmaps: {', '.join(common)}>"


def link(
    *heatmaps: Heatmap, hover: bool = True, selection: bool = True, limits: bool = False
) -> Link:
    """Make heatmaps move together, cell by cell as they are labelled, wherever those stand.

    Nothing changes until something is done to one of them, by hand or by code: what is selected
    in one before stays its own until then. A heatmap can be in several links, and what is done
    to one spreads through all of them. Cells that a heatmap does not have are left out there.

    Parameters
    ----------
    *heatmaps : Heatmap
        Two or more.
    hover : bool, default True
        Point at the same cell in all of them.
    selection : bool, default True
        Select the same cells: the same command by hand, the same selection by code. Callbacks
        hear of it from each heatmap whose selection changes. Clicks and masks are not linked.
    limits : bool, default False
        Span the colours over all that their own limits come to, as if all values stood in one
        grid; `limits` stays what was set. Where some are symmetric about a center all are, or
        each about its own. Each keeps its norm: "symlog" without a `linthresh` is linear up to
        the largest of those that would be alone, and a norm that is not defined on these limits
        keeps its own.

    Returns
    -------
    Link
        Its `unlink` ends it.

    Raises
    ------
    TypeError, ValueError
        For what is no heatmap, and for fewer than two of them.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = Heatmap(np.eye(2)), Heatmap(np.ones((2, 2)))
    >>> together = link(a, b)
    >>> a.selection = [(0, 1)]
    >>> b.selection[0].value
    1.0
    """
    for heatmap in heatmaps:
        if not isinstance(heatmap, Heatmap):
            raise TypeError(f"link got {heatmap!r}; it takes heatmaps: Heatmap(…) makes one")
    distinct = tuple(dict.fromkeys(heatmaps))
    if len(distinct) < 2:
        raise ValueError(f"link takes two different heatmaps or more, and got {len(distinct)}")
    if not (hover or selection or limits):
        raise ValueError("hover, selection and limits are all False: nothing would be linked")
    if limits:
        for heatmap in distinct:
            if heatmap._store.state.scale.norm.kind == "categories":
                raise ValueError(
                    f"limits is True, but {heatmap!r} shows categories, which have no limits"
                )
    return Link(distinct, hover=hover, selection=selection, limits=limits)
