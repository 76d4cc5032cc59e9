"""From values to colours: limits, the look-up table, what kind of thing a cell is. Pure.

The page paints with the same rule: a value's position ``x`` between the limits takes entry
``min(⌊256 x⌋, 255)`` of a table of 256 colours, and what is no finite number takes a colour of
its own. ``tests/data/colors.json`` holds cases that both sides must agree on.
"""

from __future__ import annotations

import math
from base64 import b64decode
from difflib import get_close_matches
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intake import ABSENT, PENDING, PRESENT, Grid, widen

#: (low, high), in the units of the values.
Limits = tuple[float, float]
#: 256 colours, RGB.
Table = NDArray[np.uint8]

DEFAULT_CMAP = "viridis"

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
    import cmap as library

    catalog = library.Catalog()
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


def _table(colours: NDArray[np.uint8]) -> Table:
    colours.flags.writeable = False
    return colours


# ── limits ───────────────────────────────────────────────────────────────────────────────────


def read_limits(limits: Any) -> Limits | str:
    """Check what was asked for: ``(low, high)``, ``"full"``, ``"robust"`` or ``"symmetric"``.

    Raises
    ------
    TypeError, ValueError
        For anything else, and for limits that are not finite or not in ascending order.
    """
    if limits is None:
        return "full"
    if isinstance(limits, str):
        if limits not in ("full", "robust", "symmetric"):
            raise ValueError(f"limits is {limits!r}; {_LIMITS}")
        return limits
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        raise TypeError(f"limits is {limits!r}; {_LIMITS}") from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"limits is ({low}, {high}); both must be finite numbers")
    if low >= high:
        cure = "swap them and use a reversed colour map ('viridis_r')" if low > high else "widen it"
        raise ValueError(f"limits is ({low}, {high}), from high to low or empty: {cure}")
    return low, high


_LIMITS = 'expected (low, high), "full", "robust" or "symmetric"'


def resolve_limits(limits: Limits | str, grid: Grid) -> Limits:
    """Give the pair that the colours span, over all steps.

    ``"full"`` is the smallest and largest finite value, ``"robust"`` the 1st and 99th
    percentile, ``"symmetric"`` minus and plus the largest magnitude. Without any finite value
    they span (0, 1).
    """
    if not isinstance(limits, str):
        return limits
    # In float64 once: percentiles of bool are none, and those of float16 overflow.
    finite = finite_values(grid).astype(np.float64)
    if finite.size == 0:
        return 0.0, 1.0
    if limits == "robust":
        low, high = (float(q) for q in np.percentile(finite, [1, 99]))
        return low, high
    low, high = float(finite.min()), float(finite.max())
    if limits == "symmetric":
        reach = max(abs(low), abs(high))
        return -reach, reach
    return low, high


def finite_values(grid: Grid) -> NDArray[Any]:
    """Give the finite values of all present cells, one-dimensional."""
    values = widen(grid.values)
    keep = np.isfinite(values)
    if grid.holes is not None:
        keep &= grid.holes == PRESENT
    finite: NDArray[Any] = values[keep]
    return finite


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def kinds(values: NDArray[Any], holes: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Tell for each cell which `Kind` it is; same shape as `values`."""
    values = widen(values)
    kind = np.zeros(values.shape, np.uint8)
    if values.dtype.kind == "f":
        kind[np.isnan(values)] = Kind.NAN
        kind[values == np.inf] = Kind.POSITIVE_INFINITY
        kind[values == -np.inf] = Kind.NEGATIVE_INFINITY
    if holes is not None:
        kind[holes == ABSENT] = Kind.ABSENT
        kind[holes == PENDING] = Kind.PENDING
    return kind


def table_index(values: NDArray[Any], limits: Limits) -> NDArray[np.uint8]:
    """Give each finite value's entry in the table, ``min(⌊256 x⌋, 255)``, clipped at both ends.

    Where low equals high there is no range to speak of: that value takes the middle entry.
    """
    low, high = limits
    wide = np.asarray(widen(values), np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if low == high:
            position = np.where(wide < low, 0.0, np.where(wide > high, 1.0, 0.5))
        elif math.isinf(high - low):
            # Limits at both ends of float64; halved anywhere else, the tiniest would underflow.
            position = (wide / 2 - low / 2) / (high / 2 - low / 2)
        else:
            position = (wide - low) / (high - low)
        entry = np.floor(np.clip(np.nan_to_num(position), 0, 1) * 256)
    index: NDArray[np.uint8] = np.minimum(entry, 255).astype(np.uint8)
    return index
