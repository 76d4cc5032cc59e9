"""Click into a neural network's layers, inside the notebook."""

from typing import TYPE_CHECKING, Any

from .cells import Cell
from .heatmap import Heatmap, show
from .link import Link, link
from .row import row
from .selection import ClickEvent, HoverEvent, SelectEvent
from .significance import significance

if TYPE_CHECKING:
    from .exchange import export_cells, import_cells
    from .inspector import Inspector
    from .models.ablate import ablate
    from .models.handles import tensor
    from .models.sweep import ablation
    from .models.weights import weights

__all__ = [
    "Cell",
    "ClickEvent",
    "Heatmap",
    "HoverEvent",
    "Inspector",
    "Link",
    "SelectEvent",
    "ablate",
    "ablation",
    "export_cells",
    "import_cells",
    "link",
    "row",
    "show",
    "significance",
    "tensor",
    "weights",
]
__version__ = "0.1.0"

#: Who only shows numbers does not wait for these: each comes with its module when it is asked for.
_LATER = {
    "Inspector": "inspector",
    "ablate": "models",
    "ablation": "models",
    "export_cells": "exchange",
    "import_cells": "exchange",
    "tensor": "models",
    "weights": "models",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
