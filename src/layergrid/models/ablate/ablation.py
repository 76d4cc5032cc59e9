"""`ablate`: switch off what was selected, for the time of a block."""

from __future__ import annotations

from typing import Any

from ...cells import Cell
from .anatomy import Anatomy
from .hooks import Hooks
from .target import Target


def ablate(model: Any, cells: Any, mode: str = "zero") -> Hooks:
    """Switch parts of a live model off."""
    anatomy = Anatomy(model)
    targets: list[Target] = []
    for cell in [cells] if isinstance(cells, Cell) else cells:
        layer, component = (cell.layer, cell.component) if isinstance(cell, Cell) else cell
        found = anatomy.target(layer, component)
        if found is None:
            raise ValueError(
                f"layer {layer!r} has no {component!r}: there is nothing to switch off"
            )
        targets.append(found)
    return Hooks(model, [targets], mode)
