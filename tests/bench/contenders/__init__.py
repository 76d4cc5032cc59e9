"""What is timed, by name."""

from .bqplot import BQPLOT
from .contender import Contender
from .floor import FLOOR
from .ipympl import IPYMPL
from .layergrid import LAYERGRID
from .plotly import PLOTLY
from .wigglystuff import WIGGLYSTUFF

CONTENDERS: dict[str, Contender] = {
    "floor": FLOOR,
    "layergrid": LAYERGRID,
    "plotly": PLOTLY,
    "bqplot": BQPLOT,
    "wigglystuff": WIGGLYSTUFF,
    "ipympl": IPYMPL,
}
