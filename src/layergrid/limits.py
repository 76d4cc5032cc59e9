"""The range of values that the colours span: what is asked for, and what it comes to. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .intake import PRESENT, Grid, Holes, widen
from .norms import Asked, Norm, Numbers, Scale, read_number, sample

if TYPE_CHECKING:
    from .pyramid import Survey

#: (low, high), in the units of the values.
Limits = tuple[float, float]

_MOST = sys.float_info.max


# ── what is asked for ────────────────────────────────────────────────────────────────────────


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
            raise ValueError(f"limits is {limits!r}; {_EXPECTED}")
        return limits
    low, high = _pair(limits)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"limits is ({low}, {high}); both must be finite numbers")
    if low >= high:
        cure = "swap them and use a reversed colour map ('viridis_r')" if low > high else "widen it"
        raise ValueError(f"limits is ({low}, {high}), from high to low or empty: {cure}")
    return low, high


def _pair(limits: Any) -> Limits:
    try:
        if isinstance(limits, Set | Mapping | bytes):  # which have no order, or are no numbers
            raise TypeError
        low, high = map(read_number, limits)
        if low is None or high is None:
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(f"limits is {limits!r}; {_EXPECTED}") from None
    return low, high


_EXPECTED = 'expected (low, high), "full", "robust" or "symmetric"'


def read_center(center: Any) -> float | None:
    """Check what was asked for: a finite number, or None.

    Raises
    ------
    TypeError, ValueError
        For anything else.
    """
    if center is None:
        return None
    number = read_number(center)
    if number is None:
        raise TypeError(f"center is {center!r}; it must be a number or None")
    if not math.isfinite(number):
        raise ValueError(f"center is {number}; it must be finite")
    return number


# ── what it comes to ─────────────────────────────────────────────────────────────────────────


class Own(NamedTuple):
    """What a heatmap's limits come to, and what of that holds where it shares them with others.

    `about` is the value that the limits are to be symmetric about, if any. `blank` are limits that
    stand for want of any value that counts.
    """

    scale: Scale = Scale()
    asked: Asked = Asked()
    about: float | None = None
    blank: bool = False


def resolve_limits(
    limits: Limits | str,
    asked: Asked,
    center: float | None,
    grid: Grid,
    survey: Survey | None = None,
) -> Own:
    """Give the pair that the colours span, over all steps, and how values map onto it.

    ``"full"`` is the smallest and largest finite value, ``"robust"`` the 1st and 99th
    percentile, ``"symmetric"`` minus and plus the largest magnitude; under "log" only positive
    values count. With a `center` automatic limits are symmetric about it. Without any value that
    counts they span (0, 1), under "log" (1, 10). Of values that are not in memory they are what a
    survey knows, percentiles those of its single values.

    Raises
    ------
    ValueError
        If limits, norm and center do not go together.
    """
    kind = asked.norm.kind
    center = _center_of(center, asked)
    if kind == "log" and limits == "symmetric":
        raise ValueError(
            "limits is 'symmetric', but norm is 'log', which has no negative side: "
            "use norm='symlog', or limits 'full', 'robust' or (low, high)"
        )
    about = 0.0 if limits == "symmetric" and center is None else center
    blank = False
    if not isinstance(limits, str):
        low, high = limits
        if kind != "symlog":  # each side of the center has a slope of its own
            about = None
    else:
        counted = _counted(grid, survey, some=limits == "robust", positive=kind == "log")
        low, high = _automatic(limits, asked, about, counted)
        blank = counted.size == 0
    if kind == "log" and low <= 0:
        raise ValueError(
            f"limits is ({low}, {high}), but norm is 'log': low must be positive, "
            "or use norm='symlog'"
        )
    norm = _norm(asked, low, high, center, lambda: _counted(grid, survey, some=False))
    return Own(Scale(low, high, norm), asked, about, blank)


def widen_limits(
    own: Own,
    limits: Limits | str,
    asked: Asked,
    center: float | None,
    grid: Grid,
    survey: Survey | None = None,
) -> Own:
    """Give what limits come to when another frame is shown, `grid`, or more is known of it.

    They only get wider, and never narrower.

    What was asked for as a pair stays as it is.
    """
    if not isinstance(limits, str):
        return own
    try:
        new = resolve_limits(limits, asked, center, grid, survey)
    except ValueError:
        return own  # a norm that is not defined that far
    if own.blank or new.blank:
        return own if new.blank else new
    return new._replace(scale=share(new, [own]))


def share(own: Own, others: Iterable[Own]) -> Scale:
    """Give the scale of a heatmap whose limits span what its own come to and those of others.

    They are symmetric about the value that some are to be symmetric about; where those differ in
    it, about its own. "log" starts at the least positive limit, "symlog" is linear up to the
    largest threshold that was not asked for: as if all values stood in one grid. What has no
    place on these limits, a norm that has no inverse there, stays on its own.
    """
    all_ = [own, *(other for other in others if other.scale.norm.kind != "categories")]
    low, high = min(one.scale.low for one in all_), max(one.scale.high for one in all_)
    centers = {one.about for one in all_ if one.about is not None}
    about = centers.pop() if len(centers) == 1 else own.about
    if about is not None:
        low, high = _symmetric(low, high, about)
    norm = own.scale.norm
    match norm.kind:
        case "categories":
            return own.scale
        case "log" if low <= 0:
            low = min(one.scale.low for one in all_ if one.scale.low > 0)
        case "twoslope" if norm.center is not None:
            low, high = _around(low, high, norm.center)
        case "symlog" if own.asked.norm.linthresh is None:
            like = (one.scale.norm for one in all_ if one.asked.norm == own.asked.norm)
            norm = max(like, key=lambda norm: norm.linthresh or 0.0)
        case "edges" if (low, high) != own.scale[:2]:
            if own.asked.sampled is None:
                return own.scale
            try:
                norm = sample(own.asked.sampled, low, high)
            except ValueError:
                return own.scale
    return Scale(low, high, norm)


def _center_of(center: float | None, asked: Asked) -> float | None:
    kind = asked.norm.kind
    if center is None:
        return asked.center
    if asked.center is not None or kind not in ("linear", "symlog"):
        raise ValueError(
            f"center is {center}, but norm is {asked.given!r}, which has none or one of its own: "
            "leave one of them out, or use norm='linear' or 'symlog'"
        )
    if kind == "symlog" and center != 0:
        raise ValueError(
            f"center is {center}, but norm is 'symlog', whose middle is 0: "
            "use center=0, or norm='linear'"
        )
    return center


def _automatic(limits: str, asked: Asked, about: float | None, counted: Numbers) -> Limits:
    low, high = asked.low, asked.high
    if limits != "full":
        low = high = None
    if low is not None and high is not None:
        return low, high
    first, last = _span(limits, counted, asked.norm.kind == "log")
    if about is not None:
        first, last = _symmetric(first, last, about)
    elif asked.norm.kind == "twoslope" and asked.norm.center is not None:
        first, last = _around(first, last, asked.norm.center)
    # One limit of the norm's own holds, wherever the values are.
    if low is not None:
        return low, max(low, last)
    if high is not None:
        return min(first, high), high
    return first, last


def _counted(grid: Grid, survey: Survey | None, *, some: bool, positive: bool = False) -> Numbers:
    """Give finite numbers that have the ends of all; with `some`, from all over between them."""
    if survey is not None:
        if positive:
            return survey.positive
        return survey.taste if some else survey.ends
    ends = None if positive or some else _ends(grid.held, grid.holes)
    counted = finite_values(grid) if ends is None else ends
    return counted[counted > 0] if positive else counted


def _ends(values: NDArray[Any], holes: Holes) -> Numbers | None:
    """Give the least and the largest value with no copy of any, where all are there and finite."""
    first = values[..., :1, :]
    if holes is not None or values.size == 0 or widen(first) is not first:
        return None
    ends = np.array([values.min(), values.max()], np.float64)
    return ends if np.isfinite(ends).all() else None


def _span(limits: str, values: Numbers, log: bool) -> Limits:
    if values.size == 0:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if limits == "robust":
        # Between both ends of float64 there is more than a float64.
        part = 0.5 if math.isinf(high - low) else 1.0
        low, high = (float(q) / part for q in np.percentile(values * part, [1, 99]))
    return low, high


def _symmetric(low: float, high: float, about: float) -> Limits:
    reach = max(abs(low - about), abs(high - about))
    if reach == 0:
        return low, high
    # At least a float away, so that it lies inside; and rounding leaves out neither end.
    first = min(low, about - reach, math.nextafter(about, -math.inf))
    last = max(high, about + reach, math.nextafter(about, math.inf))
    return max(first, -_MOST), min(last, _MOST)


def _around(low: float, high: float, center: float) -> Limits:
    """Widen a pair on the side where it leaves out the center, as matplotlib does."""
    if low >= center or high <= center:
        return _symmetric(low, high, center)
    return low, high


def _norm(
    asked: Asked, low: float, high: float, center: float | None, counted: Callable[[], Numbers]
) -> Norm:
    norm = asked.norm
    if norm.kind == "linear" and center is not None:
        norm = Norm("twoslope", center=center)
    if norm.kind == "twoslope" and norm.center is not None:
        if not low < norm.center < high and (low, high) != (norm.center, norm.center):
            raise ValueError(
                f"center is {norm.center}, but the limits are ({low}, {high}): "
                "widen them, or move it inside of them"
            )
    elif norm.kind == "symlog":
        if center is not None and low != -high:
            raise ValueError(
                f"limits is ({low}, {high}), but center is 0 with norm 'symlog': "
                "make them symmetric, or leave center out"
            )
        if norm.linthresh is None:
            norm = Norm("symlog", linthresh=_linthresh(counted()))
    elif norm.boundaries is not None:
        if (low, high) != (asked.low, asked.high):
            raise ValueError(
                f"limits is ({low}, {high}), but norm has boundaries from {asked.low} to "
                f"{asked.high}: leave limits out"
            )
    elif norm.kind == "edges":
        norm = sample(asked.sampled, low, high)
    return norm


def _linthresh(values: Numbers) -> float:
    largest = float(abs(values).max()) if values.size else 0.0
    # Not 0 where the largest is the tiniest of floats.
    return max(1e-3 * (largest or 1.0), math.ulp(0.0))


def finite_values(grid: Grid) -> Numbers:
    """Give the finite values of all present cells, one-dimensional, as float64.

    Percentiles of bool are none, and those of float16 overflow.
    """
    values: NDArray[Any] = widen(grid.held)
    keep = np.isfinite(values)
    if grid.holes is not None:
        keep &= grid.holes == PRESENT
    finite: Numbers = values[keep].astype(np.float64)
    return finite
