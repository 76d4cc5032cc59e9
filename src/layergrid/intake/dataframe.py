"""pandas DataFrame → Grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .arrays import to_numpy
from .categories import Categories
from .grid import Grid, freeze, make_grid
from .holes import merge_holes
from .labels import label_array, read_label, read_labels
from .palette import extend
from .recognise import is_a


def from_dataframe(frame: Any) -> Grid:
    """Read a DataFrame: its index and columns are the labels."""
    categorical = [is_a(dtype, "pandas", "CategoricalDtype") for dtype in frame.dtypes]
    grid = _coded(frame) if categorical and all(categorical) else _plain(frame)
    return replace(
        grid,
        layers=read_labels(frame.index, len(frame.index), "the index"),
        components=read_labels(frame.columns, len(frame.columns), "the columns"),
        layer_title=axis_title(_index_name(frame.index), "layer"),
        component_title=axis_title(_index_name(frame.columns), "component"),
        labelled=frozenset({"layers", "components"}),
    )


def _plain(frame: Any) -> Grid:
    nullable = any(not isinstance(dtype, np.dtype) for dtype in frame.dtypes)
    # Straight to numpy a nullable column would turn pd.NA (absent) into NaN (a real value).
    array, holes = to_numpy((frame.astype(object) if nullable else frame).to_numpy())
    return make_grid(array, "DataFrame", holes)


def _coded(frame: Any) -> Grid:
    """Read columns that are all categorical: pandas has the codes, and the order."""
    columns = [frame.iloc[:, j].array for j in range(frame.shape[1])]
    listed = [[read_label(category) for category in column.categories] for column in columns]
    labels = tuple(dict.fromkeys(label for own in listed for label in own))
    code_of = {label: code for code, label in enumerate(labels)}
    codes = np.stack(
        # The code of what is absent is -1, which finds the last.
        [
            np.array([*(code_of[label] for label in own), -1])[column.codes]
            for own, column in zip(listed, columns, strict=True)
        ],
        axis=1,
    )
    grid = make_grid(np.maximum(codes, 0), "DataFrame", merge_holes(None, codes < 0))
    categories = Categories(extend({}, labels), label_array(labels))
    return replace(grid, values=freeze(grid.held.astype(np.uint8)), categories=categories)


def _index_name(index: Any) -> Any:
    names = [name for name in index.names if name is not None]
    return ".".join(map(str, names)) if names else None


def axis_title(name: Any, standard: str) -> str | None:
    """Give what an axis is called, None where that is the usual name."""
    return None if name is None or str(name) == standard else str(name)
