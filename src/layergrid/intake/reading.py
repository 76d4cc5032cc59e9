"""Reading a grid: recognise what came, label it, and make its cells numbers or categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import to_numpy
from .categories import encode
from .dataarray import from_dataarray
from .dataframe import from_dataframe
from .dtypes import dtype_cure, is_number, widen
from .grid import EMPTY, Grid, freeze, make_grid
from .holes import PENDING, Holes, is_present, merge_holes
from .labels import read_labels
from .objects import read_objects
from .palette import Colors, extend
from .recognise import is_a, is_absent, is_nan
from .stored import Stored, read_stored
from .wording import place, some_of


def read(
    values: Any,
    *,
    layers: Iterable[Any] | None = None,
    components: Iterable[Any] | None = None,
    categories: Colors | None = None,
    known: Colors | None = None,
) -> Grid:
    """Read anything two-dimensional (or three-dimensional, step first) as a `Grid`.

    Parameters
    ----------
    values : array_like or None
        numpy array, masked array, nested list, pandas DataFrame, xarray DataArray, or a tensor
        (torch, JAX, CuPy, or anything with ``__array__`` or ``__dlpack__``) of numbers or of
        strings. None makes a grid of pending cells, for which both `layers` and `components`
        are needed.
    layers, components : iterable of labels, optional
        Replace the labels that `values` brings.
    categories : mapping of value to colour, optional
        All categories there are.
    known : mapping of value to colour, optional
        Without `categories`: colours that strings keep if they come again.

    Raises
    ------
    TypeError
        For what is neither numbers nor strings.
    ValueError
        For the wrong shape, labels that do not fit it, or a value that is no category.
    """
    # Listed once: an iterator would be used up by the first who counts it.
    layers, components = _listed(layers, "layers"), _listed(components, "components")
    if values is None and layers is None and components is None:
        return EMPTY
    grid = _pending(layers, components) if values is None else _recognise(values)
    n_layers, n_components = grid.values.shape[-2:]
    if layers is not None:
        labels = read_labels(layers, n_layers, "layers")
        grid = replace(grid, layers=labels, labelled=grid.labelled | {"layers"})
    if components is not None:
        labels = read_labels(components, n_components, "components")
        grid = replace(grid, components=labels, labelled=grid.labelled | {"components"})
    return _settle(grid, categories, known or {})


def read_numbers(values: Any, what: str) -> Grid:
    """Read a grid that must hold numbers, such as a mask; errors call it `what`."""
    with _about(what):
        grid = recategorise(read(values), None)
    if isinstance(grid.values, Stored):
        raise TypeError(grid.values.refusal(what))
    if grid.categories is not None:
        there = some_of(grid.categories.colors)
        raise TypeError(f"{what} holds strings ({there}); it must hold numbers or bools")
    return grid


def read_text(text: Any) -> Grid:
    """Read a grid of anything as strings, "" where nothing is there to be said."""
    with _about("text"):
        # As they are: categories are no strings yet, and there may be too many.
        grid = _recognise(text.astype(object) if is_a(text, "pandas", "DataFrame") else text)
    strings = grid.held
    if strings.dtype.kind in "OT":
        strings = np.array([_string(s) for s in strings.ravel()], str).reshape(strings.shape)
    elif strings.dtype.kind != "U":
        wide = widen(strings)
        strings = np.where(wide == wide, wide.astype(str), "")  # NaN is not equal to itself
    return replace(
        grid, values=freeze(np.where(is_present(grid.holes, strings.shape), strings, ""))
    )


def _string(value: Any) -> str:
    # Beside a None numpy keeps arrays without dimensions as they are.
    value = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    return "" if is_absent(value) or is_nan(value) else str(value)


@contextmanager
def _about(what: str) -> Iterator[None]:
    try:
        yield
    except (TypeError, ValueError) as error:
        # Intake speaks of values, its usual guest.
        raise type(error)(str(error).replace("values", what)) from error


def clear(grid: Grid) -> Grid:
    """Give the same grid with every cell pending."""
    values, holes = np.zeros_like(grid.held), np.full(grid.values.shape, PENDING)
    return replace(grid, values=freeze(values), holes=freeze(holes))


def recategorise(grid: Grid, categories: Colors | None) -> Grid:
    """Give the grid other categories, or None: then only strings have any."""
    if isinstance(grid.values, Stored):
        return _settle(grid, categories, {})
    plain = replace(grid, values=grid.plain(grid.values), categories=None)
    new = _settle(plain, categories, {})
    coded = grid.categories is not None and new.categories is not None
    if coded and np.array_equal(new.held, grid.held):
        return replace(new, values=grid.values)  # so that they are not sent again
    return new


def _listed(labels: Any, what: str) -> list[Any] | None:
    if labels is None:
        return None
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise TypeError(
            f"{what} is {labels!r} ({type(labels).__name__}); expected a sequence of labels"
        )
    return list(labels)


def _pending(layers: list[Any] | None, components: list[Any] | None) -> Grid:
    if layers is None or components is None:
        missing = "layers" if layers is None else "components"
        raise ValueError(
            f"without values a grid needs the labels of both axes; {missing} is not given"
        )
    shape = (len(layers), len(components))
    return make_grid(np.zeros(shape), "values", np.full(shape, PENDING))


def _recognise(values: Any) -> Grid:
    """Dispatch on what came; every branch ends in `make_grid`, which checks the shape."""
    if isinstance(values, Grid):
        return values
    stored = read_stored(values)
    if stored is not None and not is_a(values, "xarray", "DataArray"):
        return make_grid(stored, stored.kind)
    if is_a(values, "xarray", "DataArray"):
        return from_dataarray(values)
    if is_a(values, "xarray", "Dataset"):
        names = ", ".join(map(str, values.data_vars))
        raise TypeError(f"values is an xarray Dataset; pick one variable of it ({names})")
    if is_a(values, "pandas", "DataFrame"):
        return from_dataframe(values)
    if is_a(values, "pandas", "Series"):
        raise ValueError(
            f"values is a pandas Series of {len(values)} entries, one-dimensional; "
            "a grid needs layers and components: try series.unstack()"
        )
    array, holes = to_numpy(values)
    return make_grid(array, type(values).__name__, holes)


# ── numbers or categories ────────────────────────────────────────────────────────────────────


def _settle(grid: Grid, categories: Colors | None, known: Colors) -> Grid:
    """Check what the cells hold, and give categories their codes."""
    if categories is None and grid.categories is None and is_number(grid.values.dtype):
        return grid
    if isinstance(grid.values, Stored):
        raise TypeError(grid.values.refusal("categories"))
    values, holes = grid.plain(grid.values), grid.holes
    if values.dtype.kind == "T":  # numpy's strings of variable width
        values = values.astype(object)
    if values.dtype == object:
        values, holes = read_objects(values, holes)
    if categories is not None:
        holes = _nan_is_absent(values, holes)
    elif grid.categories is not None:
        categories = extend(known, grid.categories.colors)
    elif values.dtype.kind == "U":
        there = values[is_present(holes, values.shape)]
        categories = extend(known, sorted(set(there.tolist())))
    holes = None if holes is None else freeze(holes)
    if categories is None:
        _check_numbers(values, holes)
        return replace(grid, values=freeze(values), holes=holes)
    codes, what = encode(values, holes, categories)
    return replace(grid, values=freeze(codes), holes=holes, categories=what)


def _nan_is_absent(values: NDArray[Any], holes: Holes) -> Holes:
    wide = widen(values)
    return merge_holes(holes, np.isnan(wide)) if wide.dtype.kind == "f" else holes


def _check_numbers(values: NDArray[Any], holes: Holes) -> None:
    if values.dtype == object:
        strings = np.array([isinstance(value, str) for value in values.flat])
        present = is_present(holes, values.shape).ravel()
        one_of_each = [int(np.flatnonzero(present & kind)[0]) for kind in (strings, ~strings)]
        some = " and ".join(f"{values.flat[k]!r} at {place(k, values.shape)}" for k in one_of_each)
        raise TypeError(
            f"values holds strings and numbers, {some}; make them all the same, None where a "
            "cell is absent, or list them all: categories={value: colour, …}"
        )
    if not is_number(values.dtype):
        raise TypeError(f"values has dtype {values.dtype}; {dtype_cure(values.dtype)}")
