"""Click into a neural network's layers, inside the notebook."""

from typing import TYPE_CHECKING, Any

from .cells import Cell
from .heatmap import Heatmap, show
from .link import Link, link
from .row import row
from .selection import ClickEvent, HoverEvent, SelectEvent
from .significance import significance

if TYPE_CHECKING:
    from .inspector import Inspector
    from .models import tensor, weights

__all__ = [
    "Cell",
    "ClickEvent",
    "Heatmap",
    "HoverEvent",
    "Inspector",
    "Link",
    "SelectEvent",
    "link",
    "row",
    "show",
    "significance",
    "tensor",
    "weights",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Who only shows numbers does not wait for what reads models.
    if name in ("tensor", "weights"):
        from . import models

        return getattr(models, name)
    if name == "Inspector":
        from .inspector import Inspector

        return Inspector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
