"""Which p-values of a grid pass, corrected for how many were looked at. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import intake
from .intake import PRESENT, Grid

if TYPE_CHECKING:
    import xarray as xr

#: What each ordered p-value is multiplied by before it is compared with alpha.
_FACTORS: dict[str, Callable[[int], NDArray[np.float64] | int]] = {
    "fdr_bh": lambda tested: tested / np.arange(1, tested + 1),
    "bonferroni": lambda tested: tested,
    "none": lambda tested: 1,
}


class Significance(NamedTuple):
    """What `significance` found; as the mask of a `Heatmap` it stands for its `mask`.

    Attributes
    ----------
    mask : xarray.DataArray of bool
        The cells that pass, with the labels of p. Its attrs say what a caption needs: `alpha`,
        `method`, `tested` and `passed` (counts of cells), and `threshold`, the largest p that
        passes (NaN if none does).
    share : float
        Passed / tested, NaN if nothing was tested.
    """

    mask: xr.DataArray
    share: float


def significance(p: Any, alpha: float = 0.05, method: str = "fdr_bh") -> Significance:
    """Find the cells whose p-value is significant among all those tested.

    Parameters
    ----------
    p : array_like, shape (layer, component) or (step, layer, component)
        P-values, in anything that `Heatmap` takes. All cells count as one family of tests, those
        of all steps together. NaN, absent and pending cells are no tests: they do not count, and
        they never pass.
    alpha : float
        The error rate to allow, between 0 and 1.
    method : {"fdr_bh", "bonferroni", "none"}
        What `alpha` bounds. With p₍₁₎ ≤ … ≤ p₍ₘ₎ the m p-values in order:

        - ``"fdr_bh"``: the expected share of false discoveries among the cells that pass, by the
          procedure of Benjamini and Hochberg [1]_. The first k pass, where k is the largest rank
          with p₍ₖ₎ · m / k ≤ alpha. It holds for tests that are independent or positively
          dependent.
        - ``"bonferroni"``: the probability of even one false discovery. A cell passes if
          p · m ≤ alpha.
        - ``"none"``: the probability of a false discovery in each cell by itself; of m cells
          without any effect, alpha · m pass. A cell passes if p ≤ alpha.

    Returns
    -------
    Significance
        The mask and the share of cells that pass.

    Raises
    ------
    TypeError, ValueError
        For what is no grid of p-values, or an unknown method.

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate: a practical and
       powerful approach to multiple testing", Journal of the Royal Statistical Society B 57
       (1995), 289–300.

    Examples
    --------
    >>> mask, share = significance([[0.001, 0.04], [0.03, 0.9]])
    >>> mask.values
    array([[ True, False],
           [False, False]])
    >>> share
    0.25
    """
    if not isinstance(method, str) or method not in _FACTORS:
        known = ", ".join(map(repr, _FACTORS))
        raise ValueError(f"method is {method!r}; expected one of {known}")
    if not isinstance(alpha, int | float | np.number) or not 0 < alpha < 1:
        raise ValueError(
            f"alpha is {alpha!r}; it is the error rate to allow, a number between 0 and 1: "
            "5 % is 0.05"
        )
    grid = _read(p)
    values = intake.widen(grid.held).astype(np.float64)
    tested = ~np.isnan(values)
    if grid.holes is not None:
        tested &= grid.holes == PRESENT
    _check_range(values, tested, grid)

    ordered = np.sort(values[tested])
    passing = ordered[ordered * _FACTORS[method](ordered.size) <= alpha]
    # Up to the last one that passes all do, those too that a smaller rank held back.
    threshold = float(passing[-1]) if passing.size else float("nan")
    mask = tested & (values <= threshold)
    passed = int(mask.sum())
    attrs = {
        "alpha": float(alpha),
        "method": method,
        "tested": int(ordered.size),
        "passed": passed,
        "threshold": threshold,
    }
    significant = replace(grid, values=mask, holes=None, attrs=attrs)
    share = passed / ordered.size if ordered.size else float("nan")
    found = intake.to_dataarray(significant, "significant")
    # Without labels of its own an axis goes by position, with whatever labels p is shown.
    found = found.drop_vars(dim for dim in found.dims if f"{dim}s" not in grid.labelled)
    return Significance(found, share)


def _read(p: Any) -> Grid:
    if p is None:
        raise TypeError("p is None; expected a grid of p-values")
    grid = intake.read_numbers(p, "p")
    if grid.values.dtype == bool:
        raise TypeError("p has dtype bool, so it is a mask already; expected p-values")
    return grid


def _check_range(values: NDArray[np.float64], tested: NDArray[np.bool_], grid: Grid) -> None:
    outside = np.argwhere(tested & ~((values >= 0) & (values <= 1)))
    if not outside.size:
        return
    first = tuple(outside[0])
    *_, layer, component = first
    where = f"layer {grid.layers[layer]!r}, component {grid.components[component]!r}"
    if grid.steps is not None:
        where = f"step {grid.steps[first[0]]!r}, {where}"
    raise ValueError(
        f"p is {values[first]:g} at {where}; p-values lie between 0 and 1: "
        "pass 10.0 ** -p if these are -log10, and NaN where nothing was tested"
    )
