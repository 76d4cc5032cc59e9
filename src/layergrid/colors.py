"""From values to colours: the look-up table, and what kind of thing a cell is. Pure.

The page paints with the same rule: a value's position ``x`` between the limits takes entry
``min(⌊256 x⌋, 255)`` of a table of 256 colours, and what is no number between the limits takes
a colour of its own. ``tests/data/colors.json`` holds cases that both sides must agree on.
"""

from __future__ import annotations

import math
from base64 import b64decode
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intake import ABSENT, PENDING, Colors, widen
from .norms import Scale, positions

#: 256 colours, RGB.
Table = NDArray[np.uint8]

DEFAULT_CMAP = "viridis"
#: With a center: two hues that part at a light middle.
DIVERGING_CMAP = "RdBu_r"

# matplotlib's viridis as cmap gives it, here so that the usual picture needs no import of cmap;
# a test holds it against cmap.
_VIRIDIS = b64decode(
    b"RAFURAJWRQRXRQVZRgdaRghcRgpdRgteRw1gRw5hRxBjRxFkRxNlSBRnSBZoSBdpSBhqSBpsSBttSBxuSB1vSB9w"
    b"SCBxSCFzSCN0SCR1SCV2SCZ3SCh4SCl5Ryp6Ryx6Ry17Ry58Ry99RjB+RjJ+RjN/RjSARTWBRTeBRTiCRDmDRDqD"
    b"RDuEQz2EQz6FQj+FQkCGQkGGQUKHQUSHQEWIQEaIP0eIP0iJPkmJPkqJPkyKPU2KPU6KPE+KPFCLO1GLO1KLOlOL"
    b"OlSMOVWMOVaMOFiMOFmMN1qMN1uNNlyNNl2NNV6NNV+NNGCNNGGNM2KNM2ONMmSOMmWOMWaOMWeOMWiOMGmOMGqO"
    b"L2uOL2yOLm2OLm6OLm+OLXCOLXGOLHGOLHKOLHOOK3SOK3WOKnaOKneOKniOKXmOKXqOKXuOKHyOKH2OJ36OJ3+O"
    b"J4COJoGOJoKOJoKOJYOOJYSOJYWOJIaOJIeOI4iOI4mOI4qNIouNIoyNIo2NIY6NIY+NIZCNIZGMIJKMIJKMIJOM"
    b"H5SMH5WLH5aLH5eLH5iLH5mKH5qKHpuKHpyJHp2JH56JH5+IH6CIH6GIH6GHH6KHIKOGIKSGIaWFIaaFIqeFIqiE"
    b"I6mDJKqDJauCJayCJq2BJ62BKK6AKa9/KrB/LLF+LbJ9LrN8L7R8MbV7MrZ6NLZ5Nbd5N7h4OLl3Orp2O7t1Pbx0"
    b"P7xzQL1yQr5xRL9wRsBvSMFuSsFtTMJsTsNrUMRqUsVpVMVoVsZnWMdlWshkXMhjXsliYMpgY8tfZcteZ8xcac1b"
    b"bM1abs5YcM9Xc9BWddBUd9FTetFRfNJQf9NOgdNNhNRLhtVJidVIi9ZGjtZFkNdDk9dBldhAmNg+m9k8ndk7oNo5"
    b"oto3pds2qNs0qtwyrdwwsN0vst0ttd4ruN4put4ovd8mwN8lwt8jxeAhyOAgyuEfzeEd0OEc0uIb1eIa2OIZ2uMZ"
    b"3eMY3+MY4uQY5eQZ5+QZ6uUa7OUb7+Uc8eUd9OYe9uYg+OYh++cj/ecl"
)


class Kind(IntEnum):
    """What a cell is, apart from its value."""

    FINITE = 0
    NAN = 1
    POSITIVE_INFINITY = 2
    NEGATIVE_INFINITY = 3
    ABSENT = 4
    PENDING = 5
    #: Finite, but not within the limits.
    UNDER = 6
    OVER = 7
    #: Finite, but without a logarithm, which the norm "log" takes.
    NONPOSITIVE = 8


#: The kinds that are a number, if not one with a colour of the table.
NUMBERS = (Kind.FINITE, Kind.UNDER, Kind.OVER, Kind.NONPOSITIVE)


# ── the table ────────────────────────────────────────────────────────────────────────────────


def read_cmap(cmap: Any) -> Table:
    """Give the 256 colours of a colour map, shape (256, 3), RGB.

    Parameters
    ----------
    cmap : str or object
        Any name or object that the ``cmap`` package accepts, matplotlib's among them; a name
        that several libraries use means matplotlib's.

    Raises
    ------
    ValueError
        For an unknown name or an object that is no colour map.
    """
    if isinstance(cmap, str):
        return _named(cmap)
    return _sample(cmap)


@lru_cache(maxsize=64)
def _named(name: str) -> Table:
    if name == DEFAULT_CMAP:
        return _table(np.frombuffer(_VIRIDIS, np.uint8).reshape(256, 3))
    from difflib import get_close_matches

    import cmap as library

    catalog = library.Colormap.catalog()
    base, reverse = (name[:-2], "_r") if name.endswith("_r") else (name, "")
    for candidate in (f"matplotlib:{base}", base):
        try:
            # Resolved first: cmap warns about a name that several libraries have.
            return _sample(catalog.resolve(candidate) + reverse)
        except (KeyError, ValueError):
            continue
    close = get_close_matches(base, list(catalog.short_keys()), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValueError(f"there is no colour map named {name!r}{hint}")


def _sample(cmap: Any) -> Table:
    import cmap as library

    try:
        colours = np.asarray(library.Colormap(cmap).lut(256))
    except Exception as error:
        raise ValueError(
            f"cmap is {cmap!r}, which is no colour map: pass a name such as 'viridis', "
            "or a Colormap of cmap or matplotlib"
        ) from error
    # A map of few colours gives few; each then covers an equal part of the range.
    entries = (np.arange(256) * len(colours)) // 256
    return _table(np.round(colours[entries, :3] * 255).astype(np.uint8))


def category_table(categories: Colors) -> Table:
    """Give the colours of categories as the first entries of a table.

    What stands in the entry of a blank category, and after the last, is a colour that is there.
    """
    some = next((color for color in categories.values() if color), "#808080")
    entries = [color or some for color in categories.values()]
    entries += [some] * (256 - len(entries))
    colours = np.frombuffer(bytes.fromhex("".join(entries).replace("#", "")), np.uint8)
    return _table(colours.reshape(256, 3))


def _table(colours: NDArray[np.uint8]) -> Table:
    colours.flags.writeable = False
    return colours


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def bounds(scale: Scale, dtype: np.dtype[Any]) -> tuple[float, float]:
    """Give the least and the largest value of a dtype that are within the limits.

    The value that stands for a limit may lie beyond it: in float32 0.3 is 0.30000001.
    """
    low, high, norm = scale
    with np.errstate(all="ignore"):
        least, most, half = np.array([low, high, 0.5]).astype(dtype).astype(np.float64).tolist()
    if half != 0.5:  # integers and bool do not stand for what lies between them
        return low, high
    if not -math.inf < least < low or (norm.kind == "log" and least <= 0):
        least = low
    return least, most if high < most < math.inf else high


def kinds(values: NDArray[Any], holes: NDArray[np.uint8] | None, scale: Scale) -> NDArray[np.uint8]:
    """Tell for each cell which `Kind` it is; same shape as `values`."""
    norm = scale.norm
    least, most = bounds(scale, values.dtype)
    values = widen(values)
    kind = np.zeros(values.shape, np.uint8)
    if norm.kind != "categories":
        # As float64, in which the limits are and the page compares.
        wide = values.astype(np.float64, copy=False)
        kind[wide < least] = Kind.UNDER
        kind[wide > most] = Kind.OVER
        if norm.kind == "log":
            kind[wide <= 0] = Kind.NONPOSITIVE
    if values.dtype.kind == "f":
        kind[np.isnan(values)] = Kind.NAN
        kind[values == np.inf] = Kind.POSITIVE_INFINITY
        kind[values == -np.inf] = Kind.NEGATIVE_INFINITY
    if holes is not None:
        kind[holes == ABSENT] = Kind.ABSENT
        kind[holes == PENDING] = Kind.PENDING
    return kind


def table_index(values: NDArray[Any], scale: Scale) -> NDArray[np.uint8]:
    """Give each finite value's entry in the table, ``min(⌊256 x⌋, 255)``, clipped at both ends."""
    entry = np.floor(positions(values, scale) * 256)
    index: NDArray[np.uint8] = np.minimum(entry, 255).astype(np.uint8)
    return index
