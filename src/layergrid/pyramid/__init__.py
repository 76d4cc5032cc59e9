"""Large matrices, as blocks of cells that hide nothing: exact, or as far as they were read.

What is in memory is reduced anew for whoever looks. What is not is surveyed: read once, part by
part, and kept as blocks that are smaller than a pixel of the whole. Pure but for `sample`,
`measure` and `exact`, which read it.
"""

from .blocks import MOST_CELLS, Shape, first_cells, is_large, usual_blocks
from .draft import Draft
from .exact import refined, standing
from .measure import measure, measure_part, measure_some
from .overview import MOST_BLOCKS, Overview, Painted, overview, paint, tile
from .plan import Plan, plan_of
from .reduce import RULES, Reduced, Rule, reduce, remarkable
from .sample import first_look
from .survey import Progress, Survey

__all__ = [
    "MOST_BLOCKS",
    "MOST_CELLS",
    "RULES",
    "Draft",
    "Overview",
    "Painted",
    "Plan",
    "Progress",
    "Reduced",
    "Rule",
    "Shape",
    "Survey",
    "first_cells",
    "first_look",
    "is_large",
    "measure",
    "measure_part",
    "measure_some",
    "overview",
    "paint",
    "plan_of",
    "reduce",
    "refined",
    "remarkable",
    "standing",
    "tile",
    "usual_blocks",
]
