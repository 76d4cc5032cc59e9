"""How values map onto the range of colours. Pure.

``js/src/values/norms.ts`` has the same rules; ``tests/data/colors.json`` holds cases for both.
"""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .intake import widen

#: One number for each of many values.
Numbers = NDArray[np.float64]


class Norm(NamedTuple):
    """How values map onto the range; beside its kind each has what that kind needs.

    Attributes
    ----------
    kind : str
        "linear", "log", "symlog", "power", "twoslope", "edges" or "categories".
    linthresh : float, optional
        Of "symlog": linear between minus and plus this.
    gamma : float, optional
        Of "power".
    center : float, optional
        Of "twoslope": the value in the middle of the range.
    edges : tuple of float, optional
        Of "edges", any other monotone norm: the 257 values where entries of the table begin
        and the last one ends.
    boundaries : tuple of float, optional
        Of "edges" that sort values into classes: where those begin, and the last one ends.
    """

    kind: str = "linear"
    linthresh: float | None = None
    gamma: float | None = None
    center: float | None = None
    edges: tuple[float, ...] | None = None
    boundaries: tuple[float, ...] | None = None


class Scale(NamedTuple):
    """The range of values that the colours span, and how values map onto it."""

    low: float = 0.0
    high: float = 1.0
    norm: Norm = Norm()


# ── where values lie ─────────────────────────────────────────────────────────────────────────


def positions(values: NDArray[Any], scale: Scale) -> Numbers:
    """Tell where each finite value lies in a scale, 0…1.

    Where low equals high there is no range to speak of: that value lies in the middle.
    """
    low, high, norm = scale
    wide = np.asarray(widen(values), np.float64)
    if norm.kind == "categories":  # the value is the table's entry
        return (wide + 0.5) / 256
    if not low < high:
        return np.select([wide < low, wide > high], [0.0, 1.0], 0.5)
    with np.errstate(all="ignore"):
        inside = np.clip(_curve(norm, low, high)(wide), 0, 1)
    found: Numbers = np.select([wide <= low, wide >= high], [0.0, 1.0], np.nan_to_num(inside))
    return found


_Curve = Callable[[Numbers], Numbers]


def _curve(norm: Norm, low: float, high: float) -> _Curve:
    straight = _between(low, high)
    match norm:
        case Norm("log"):
            return _bent(np.log10, low, high)
        case Norm("symlog", linthresh=linthresh) if linthresh is not None:
            return _bent(lambda values: _symlog(values, linthresh), low, high)
        case Norm("power", gamma=gamma) if gamma is not None:
            return lambda values: np.maximum(straight(values), 0) ** gamma
        case Norm("twoslope", center=center) if center is not None:
            below, above = _between(low, center), _between(center, high)
            return lambda v: np.where(v < center, below(v) / 2, 0.5 + above(v) / 2)
        case Norm("edges", edges=edges) if edges is not None:
            return lambda values: _along(values, np.array(edges))
    return straight


def _between(low: float, high: float) -> _Curve:
    if math.isinf(high - low):
        # Limits at both ends of float64; halved anywhere else, the tiniest would underflow.
        return lambda values: (values / 2 - low / 2) / (high / 2 - low / 2)
    return lambda values: (values - low) / (high - low)


def _bent(curve: _Curve, low: float, high: float) -> _Curve:
    first, last = curve(np.array([low, high]))
    if not first < last:
        # So near to each other that the curve cannot tell them apart: it is straight there.
        return _between(low, high)
    return lambda values: (curve(values) - first) / (last - first)


def _symlog(values: Numbers, linthresh: float) -> Numbers:
    # As matplotlib's with base 10 and linscale 1: the linear part is as long as one decade.
    linear = 10 / 9
    size = abs(values)
    decades = np.copysign(linear + (np.log10(size) - math.log10(linthresh)), values)
    return np.where(size <= linthresh, values / linthresh * linear, decades)


def _along(values: Numbers, edges: Numbers) -> Numbers:
    entry = np.searchsorted(edges, values, side="right").clip(1, 256) - 1
    first, last = edges[entry], edges[entry + 1]
    # Below the next edge it is another entry, however near.
    part = np.minimum((values - first) / (last - first), 1 - 2**-44)
    return np.where(values < last, (entry + part) / 256, 1.0)


# ── what is asked for ────────────────────────────────────────────────────────────────────────


class Asked(NamedTuple):
    """What a norm that was asked for says by itself, before any value is known.

    `given` is what was asked for, which may change later; `low` and `high` are limits that it
    brings, `center` a value that automatic limits are to be symmetric about, `sampled` a copy of
    a matplotlib norm that no kind of `Norm` describes. `bands` are the entries of the colour map
    that the table has, where values are sorted into classes of one colour each.
    """

    given: Any = "linear"
    norm: Norm = Norm()
    low: float | None = None
    high: float | None = None
    center: float | None = None
    sampled: Any = None
    bands: tuple[int, ...] | None = None


_EXPECTED = (
    '"linear", "log", "symlog", ("symlog", linthresh), "power", ("power", gamma) '
    "or a matplotlib Normalize"
)


def read_norm(norm: Any) -> Asked:
    """Check what was asked for.

    Raises
    ------
    TypeError, ValueError
        For anything that is no norm, and for parameters that are not positive.
    """
    if norm is None:
        return Asked()
    matplotlib = sys.modules.get("matplotlib.colors")
    if matplotlib is not None and isinstance(norm, matplotlib.Normalize):
        return _read_matplotlib(norm, matplotlib)
    kind, parameters = (norm[0], norm[1:]) if isinstance(norm, tuple) and norm else (norm, ())
    if isinstance(kind, str):
        match (kind, *parameters):
            case ("linear" | "log" | "symlog",):
                return Asked(norm, Norm(kind))
            case ("symlog", linthresh):
                threshold = _positive("linthresh", linthresh, norm)
                return Asked(norm, Norm("symlog", linthresh=threshold))
            case ("power",):
                return Asked(norm, Norm("power", gamma=0.5))
            case ("power", gamma):
                return Asked(norm, Norm("power", gamma=_positive("gamma", gamma, norm)))
    error = ValueError if isinstance(norm, str | tuple) else TypeError
    raise error(f"norm is {norm!r}; expected {_EXPECTED}")


def _positive(name: str, value: Any, norm: Any) -> float:
    number = read_number(value)
    if number is None or not 0 < number < math.inf:
        raise ValueError(f"norm is {norm!r}, but {name} must be a positive number")
    return number


def read_number(value: Any) -> float | None:
    """Give a number of any library as a float, infinite if it is too large; None for no number."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):  # an array of several, say
        return None


def _read_matplotlib(norm: Any, matplotlib: Any) -> Asked:
    low, high = (None if v is None else float(v) for v in (norm.vmin, norm.vmax))
    if not all(math.isfinite(limit) for limit in (low, high) if limit is not None):
        raise ValueError(f"norm has vmin={low} and vmax={high}; both must be finite numbers")
    if low is not None and high is not None and not low < high:
        raise ValueError(f"norm has vmin={low} and vmax={high}; vmin must be the smaller one")
    kind = type(norm)
    if kind is matplotlib.Normalize:
        return Asked(norm, Norm(), low, high)
    if kind is matplotlib.LogNorm:
        return Asked(norm, Norm("log"), low, high)
    if kind is matplotlib.SymLogNorm and _is_usual_symlog(norm):
        linthresh = _positive("linthresh", norm.linthresh, norm)
        return Asked(norm, Norm("symlog", linthresh=linthresh), low, high)
    if kind is matplotlib.PowerNorm:
        gamma = _positive("gamma", norm.gamma, norm)
        return Asked(norm, Norm("power", gamma=gamma), low, high)
    if kind is matplotlib.TwoSlopeNorm:
        return Asked(norm, Norm("twoslope", center=_center_of(norm)), low, high)
    if kind is matplotlib.CenteredNorm:
        return Asked(norm, Norm(), low, high, center=_center_of(norm))
    if isinstance(norm, matplotlib.BoundaryNorm):
        return _read_boundaries(norm)
    if isinstance(norm, matplotlib.NoNorm):
        raise ValueError(
            "norm is a NoNorm, which takes values for entries of the colour map: "
            "give limits (0, 256), or categories={value: colour}"
        )
    return Asked(norm, Norm("edges"), low, high, sampled=_copy(norm))


def _read_boundaries(norm: Any) -> Asked:
    boundaries = np.array(norm.boundaries, np.float64)
    n_classes = len(boundaries) - 1
    if not 1 <= n_classes <= 256 or not (np.diff(boundaries) > 0).all():
        raise ValueError(
            f"norm has the boundaries {boundaries.tolist()}; "
            "there must be 2 to 257 of them, in ascending order"
        )
    # Each class has an equal part of the table, and in it the colour that matplotlib gives it.
    begins = -(-np.arange(n_classes + 1) * 256 // n_classes)
    entries = np.arange(256)
    of = np.searchsorted(begins, entries, side="right") - 1
    between = 2 * np.interp(entries, begins, boundaries / 2)  # halved, no slope is infinite
    edges = [*between.clip(boundaries[of], boundaries[of + 1]).tolist(), float(boundaries[-1])]
    n, color = norm.Ncmap, np.asarray(norm(boundaries[:-1]), int)
    first, last = -(-color * 256 // n), -(-(color + 1) * 256 // n) - 1
    spread = np.round(color * 255 / max(n - 1, 1)).astype(int).clip(first, last)
    classes = Norm("edges", edges=tuple(edges), boundaries=tuple(boundaries.tolist()))
    return Asked(norm, classes, edges[0], edges[-1], bands=tuple(spread[of].tolist()))


def _center_of(norm: Any) -> float:
    center = float(norm.vcenter)
    if not math.isfinite(center):
        raise ValueError(f"norm has vcenter={center}; it must be finite")
    return center


def _copy(norm: Any) -> Any:
    try:
        return copy.deepcopy(norm)
    except Exception as error:
        raise ValueError(f"norm is {norm!r}, which cannot be copied: {error}") from error


def _is_usual_symlog(norm: Any) -> bool:
    # matplotlib keeps both out of sight; where they cannot be found the norm is sampled.
    scale = getattr(norm, "_scale", None)
    return getattr(scale, "base", None) == 10 and getattr(scale, "linscale", None) == 1


def sample(norm: Any, low: float, high: float) -> Norm:
    """Describe a matplotlib norm between two limits by where the table's entries begin.

    Raises
    ------
    ValueError
        If its inverse cannot tell where that is.
    """
    if not low < high:
        return Norm("edges", edges=(low,) * 257)
    wanted = np.arange(257) / 256
    try:
        own = copy.deepcopy(norm)  # which the next limits need as it is
        own.vmin, own.vmax = low, high
        with np.errstate(all="ignore"):
            edges = np.asarray(own.inverse(wanted), np.float64)
            edges[0], edges[-1] = low, high
            found = np.asarray(own(edges), np.float64)
    except Exception as error:
        raise _not_invertible(norm, low, high) from error
    if not (np.diff(edges) >= 0).all() or not np.allclose(found, wanted, rtol=0, atol=1e-3):
        raise _not_invertible(norm, low, high)
    return Norm("edges", edges=tuple(edges.tolist()))


def _not_invertible(norm: Any, low: float, high: float) -> ValueError:
    return ValueError(
        f"norm is {norm!r}, whose inverse does not undo it between {low} and {high}: give "
        "limits that it is defined between, or a norm that rises all the way and has an inverse"
    )
