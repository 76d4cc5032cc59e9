"""Click into a neural network's layers, inside the notebook."""

from .heatmap import Heatmap, show
from .link import Link, link
from .models import tensor, weights
from .row import row
from .selection import Cell, ClickEvent, HoverEvent, SelectEvent
from .significance import significance

__all__ = [
    "Cell",
    "ClickEvent",
    "Heatmap",
    "HoverEvent",
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
