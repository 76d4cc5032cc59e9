"""Anything two-dimensional becomes a `Grid`, and a `Grid` becomes a DataArray again.

Intake enforces the contract and nothing else: what cannot be a grid is refused here, with an
error that names what came and what to do, before anything is drawn or lost. Libraries other
than numpy are recognised by what is already imported, never imported to look.
"""

from .categories import Categories
from .dataarray import to_dataarray
from .dtypes import is_number, widen
from .grid import EMPTY, Grid
from .holes import ABSENT, PENDING, PRESENT
from .labels import Label, Labels, read_labels
from .palette import Colors, read_categories
from .reading import read, read_numbers, recategorise

__all__ = [
    "ABSENT",
    "EMPTY",
    "PENDING",
    "PRESENT",
    "Categories",
    "Colors",
    "Grid",
    "Label",
    "Labels",
    "is_number",
    "read",
    "read_categories",
    "read_labels",
    "read_numbers",
    "recategorise",
    "to_dataarray",
    "widen",
]
