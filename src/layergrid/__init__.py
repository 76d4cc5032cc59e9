"""Click into a neural network's layers, inside the notebook."""

from .heatmap import Heatmap, show
from .selection import Cell, ClickEvent, HoverEvent, SelectEvent

__all__ = ["Cell", "ClickEvent", "Heatmap", "HoverEvent", "SelectEvent", "show"]
__version__ = "0.1.0"
