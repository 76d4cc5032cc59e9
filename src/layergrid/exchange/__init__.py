"""A selection as other tools write it, and back: PEFT, SWIFT, TransformerLens, plain names.

Each format is a file of its own with two functions, `write` and `read`, over `Spot`s: labels and
what they stand for. No library of any format is needed, and none is imported.
"""

from .exporting import export_cells
from .importing import import_cells

__all__ = ["export_cells", "import_cells"]
