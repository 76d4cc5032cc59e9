"""Heatmaps side by side."""

from __future__ import annotations

from typing import Any

import ipywidgets

from .heatmap import Heatmap
from .page import APART, SIDE_BY_SIDE, page


class Row(ipywidgets.Box):  # type: ignore[misc]  # ipywidgets has no types
    """Heatmaps side by side, or one under the other where there is no room; made by `row`.

    Attributes
    ----------
    heatmaps : tuple of Heatmap
    """

    def __init__(self, heatmaps: tuple[Heatmap, ...]) -> None:
        self.heatmaps = heatmaps
        for heatmap in heatmaps:
            heatmap._stand_in_row()
        flow = {"flex_flow": "row wrap", "align_items": "flex-start", "overflow": "visible"}
        super().__init__(heatmaps, layout={**flow, "grid_gap": f"{APART}px"})

    def to_html(self) -> str:
        """Give a page of its own that shows the row with no kernel; see `Heatmap.to_html`."""
        titles = [heatmap.title for heatmap in self.heatmaps if heatmap.title]
        return page([heatmap._saved() for heatmap in self.heatmaps], " · ".join(titles))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        """Give the live view, and beside it the pictures that stay where no kernel is."""
        data: dict[str, Any] | None = super()._repr_mimebundle_(**kwargs)
        if data is None:
            return None
        bundles = [heatmap._repr_mimebundle_() for heatmap in self.heatmaps]
        pictures = [bundle[0].get("text/html", "") for bundle in bundles if bundle is not None]
        return {**data, "text/html": f'<div style="{SIDE_BY_SIDE}">{"".join(pictures)}</div>'}

    def __repr__(self) -> str:
        """Say what stands in it."""
        return f"<Row of {len(self.heatmaps)} heatmaps>"


def row(*heatmaps: Heatmap) -> Row:
    """Show heatmaps side by side, with cells of one size and one colour bar where it is the same.

    Each can still be shown alone. `link` makes them move together.

    Parameters
    ----------
    *heatmaps : Heatmap
        One or more.

    Returns
    -------
    Row
        A widget: show it as the last expression of a cell, or put it in another widget.

    Raises
    ------
    TypeError, ValueError
        For what is no heatmap, and for none.
    """
    if not heatmaps:
        raise ValueError("row takes one heatmap or more, and got none")
    for heatmap in heatmaps:
        if not isinstance(heatmap, Heatmap):
            raise TypeError(f"row got {heatmap!r}; it takes heatmaps: Heatmap(…) makes one")
    return Row(heatmaps)
