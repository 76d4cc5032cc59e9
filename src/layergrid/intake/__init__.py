"""Anything two-dimensional becomes a `Grid`, and a `Grid` becomes a DataArray again.

Intake enforces the contract and nothing else: what cannot be a grid is refused here, with an
error that names what came and what to do, before anything is drawn or lost. Libraries other
than numpy are recognised by what is already imported, never imported to look.
"""

from .categories import Categories
from .dataarray import lock, to_dataarray
from .dtypes import is_number, widen
from .grid import AXES, EMPTY, Grid, freeze, locked
from .holes import ABSENT, PENDING, PRESENT, Holes, is_present
from .labels import Label, Labels, label_text, read_label, read_labels
from .palette import Colors, read_categories
from .reading import clear, read, read_numbers, read_text, recategorise
from .stored import ReadError, Stored

__all__ = [
    "ABSENT",
    "AXES",
    "EMPTY",
    "PENDING",
    "PRESENT",
    "Categories",
    "Colors",
    "Grid",
    "Holes",
    "Label",
    "Labels",
    "ReadError",
    "Stored",
    "clear",
    "freeze",
    "is_number",
    "is_present",
    "label_text",
    "lock",
    "locked",
    "read",
    "read_categories",
    "read_label",
    "read_labels",
    "read_numbers",
    "read_text",
    "recategorise",
    "to_dataarray",
    "widen",
]
