"""Values that are categories ↔ codes: numbers that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dtypes import widen
from .holes import Holes, is_present
from .palette import Colors
from .wording import did_you_mean, place, some_of


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """What the codes 0, 1, 2 … of a grid stand for.

    Attributes
    ----------
    colors : mapping of label to colour
        In the order of the codes; a colour is ``"#rrggbb"``, or None for a blank category.
    values : ndarray, one for each code
        In the dtype that came in; means nothing for a category that no cell has.
    """

    colors: Colors
    values: NDArray[Any]


def encode(
    values: NDArray[Any], holes: Holes, colors: Colors
) -> tuple[NDArray[np.uint8], Categories]:
    """Give the code of each value, and what the codes stand for.

    Raises
    ------
    ValueError
        For a value that `colors` does not list.
    """
    present = is_present(holes, values.shape)
    code_of = {label: code for code, label in enumerate(colors)}
    try:
        found = [code_of[value] for value in widen(values)[present].tolist()]
    except KeyError as error:
        raise ValueError(_unlisted(error.args[0], widen(values), present, colors)) from None
    codes = np.zeros(values.shape, np.uint8)
    codes[present] = found
    back = np.zeros(len(colors), values.dtype)
    back[codes[present]] = values[present]
    return codes, Categories(colors, back)


def _unlisted(value: Any, values: NDArray[Any], present: NDArray[np.bool_], colors: Colors) -> str:
    first = int(np.flatnonzero(present & (values == value))[0])
    return (
        f"values holds {value!r} at {place(first, values.shape)}, which categories does not list; "
        f"it lists {some_of(colors)}. {did_you_mean(colors, value)}".rstrip()
    )
