"""The range of values that the colours span: what is asked for, and what it comes to. Pure."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intake import PRESENT, Grid, widen
from .norms import Asked, Norm, Numbers, Scale, read_norm, sample

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
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        raise TypeError(f"limits is {limits!r}; {_EXPECTED}") from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"limits is ({low}, {high}); both must be finite numbers")
    if low >= high:
        cure = "swap them and use a reversed colour map ('viridis_r')" if low > high else "widen it"
        raise ValueError(f"limits is ({low}, {high}), from high to low or empty: {cure}")
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
    if not isinstance(center, int | float | np.number) or isinstance(center, bool):
        raise TypeError(f"center is {center!r}; it must be a number or None")
    if not math.isfinite(center):
        raise ValueError(f"center is {center!r}; it must be finite")
    return float(center)


# ── what it comes to ─────────────────────────────────────────────────────────────────────────


def resolve_scale(limits: Limits | str, norm: Any, center: float | None, grid: Grid) -> Scale:
    """Give the pair that the colours span, over all steps, and how values map onto it.

    ``"full"`` is the smallest and largest finite value, ``"robust"`` the 1st and 99th
    percentile, ``"symmetric"`` minus and plus the largest magnitude; under "log" only positive
    values count. With a `center` automatic limits are symmetric about it. Without any value that
    counts they span (0, 1), under "log" (1, 10).

    Raises
    ------
    ValueError
        If limits, norm and center do not go together.
    """
    asked = read_norm(norm)
    kind = asked.norm.kind
    center = _center_of(center, norm, asked)
    if kind == "log" and limits == "symmetric":
        raise ValueError(
            "limits is 'symmetric', but norm is 'log', which has no negative side: "
            "use norm='symlog', or limits 'full', 'robust' or (low, high)"
        )
    about = 0.0 if limits == "symmetric" and center is None else center
    if not isinstance(limits, str):
        low, high = limits
    else:
        low, high = _automatic(limits, asked, about, grid)
    if kind == "log" and low <= 0:
        raise ValueError(
            f"limits is ({low}, {high}), but norm is 'log': low must be positive, "
            "or use norm='symlog'"
        )
    return Scale(low, high, _norm(asked, low, high, center, grid))


def _center_of(center: float | None, norm: Any, asked: Asked) -> float | None:
    kind = asked.norm.kind
    if center is None:
        return asked.center
    if asked.center is not None or kind not in ("linear", "symlog"):
        raise ValueError(
            f"center is {center}, but norm is {norm!r}, which has none or one of its own: "
            "leave one of them out, or use norm='linear' or 'symlog'"
        )
    if kind == "symlog" and center != 0:
        raise ValueError(
            f"center is {center}, but norm is 'symlog', whose middle is 0: "
            "use center=0, or norm='linear'"
        )
    return center


def _automatic(limits: str, asked: Asked, about: float | None, grid: Grid) -> Limits:
    low, high = asked.low, asked.high
    if limits != "full":
        low = high = None
    if low is not None and high is not None:
        return low, high
    log = asked.norm.kind == "log"
    first, last = _span(limits, finite_values(grid), log)
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


def _span(limits: str, values: Numbers, log: bool) -> Limits:
    if log:
        values = values[values > 0]
    if values.size == 0:
        return (1.0, 10.0) if log else (0.0, 1.0)
    if limits == "robust":
        low, high = (float(q) for q in np.percentile(values, [1, 99]))
        return low, high
    return float(values.min()), float(values.max())


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


def _norm(asked: Asked, low: float, high: float, center: float | None, grid: Grid) -> Norm:
    norm = asked.norm
    if norm.kind == "linear" and center is not None:
        norm = Norm("twoslope", center=center)
    if norm.kind == "twoslope" and norm.center is not None:
        if not low < norm.center < high and (low, high) != (norm.center, norm.center):
            raise ValueError(
                f"center is {norm.center}, outside of the limits ({low}, {high}): "
                "widen them, or move it inside"
            )
    elif norm.kind == "symlog":
        if center is not None and low != -high:
            raise ValueError(
                f"limits is ({low}, {high}), but center is 0 with norm 'symlog': "
                "make them symmetric, or leave center out"
            )
        if norm.linthresh is None:
            norm = Norm("symlog", linthresh=_linthresh(finite_values(grid)))
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
    values: NDArray[Any] = widen(grid.values)
    keep = np.isfinite(values)
    if grid.holes is not None:
        keep &= grid.holes == PRESENT
    finite: Numbers = values[keep].astype(np.float64)
    return finite
