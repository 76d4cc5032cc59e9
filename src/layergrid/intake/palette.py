"""Colours of categories: those that are asked for, and those that strings get by themselves."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from .labels import Label, read_label
from .recognise import is_absent
from .wording import some_of

#: Colour of each category, ``"#rrggbb"``, or None for one that is blank: there the page shows.
Colors = Mapping[Label, str | None]

#: As many as a table of colours has entries.
MOST = 256

# Told apart by colour-blind readers too: Okabe and Ito, "Color Universal Design" (2008),
# https://jfly.uni-koeln.de/color/. In an order in which the first few differ most, and with dark
# grey in the place of black, which a dark page would swallow.
_PALETTE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#555555",
)


def default_color(index: int) -> str:
    """Give the colour of a category that nobody gave one, by its place among them."""
    if index < len(_PALETTE):
        return _PALETTE[index]
    # Nobody tells that many apart by colour alone; no two are the same, so that a legend holds.
    hue, lightness = index * 0.618034 % 1, (0.3, 0.5, 0.7)[index % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def extend(known: Colors, labels: Iterable[Label]) -> Colors:
    """Give the known categories and, after them, new ones; who had a colour keeps it.

    Raises
    ------
    ValueError
        For more than a table of colours can hold.
    """
    new = [label for label in dict.fromkeys(labels) if label not in known]
    if not new:
        return known
    if len(known) + len(new) > MOST:
        raise ValueError(
            f"values brings {len(new)} categories ({some_of(new)}), which makes more than {MOST}; "
            "what names a single cell belongs in text=, or in the coordinate name of a DataArray"
        )
    colors = dict(known)
    for label in new:
        colors[label] = default_color(len(colors))
    return MappingProxyType(colors)


def read_categories(categories: Any) -> Colors | None:
    """Check what was asked for: a dict of value → colour, or None.

    Raises
    ------
    TypeError, ValueError
        For anything else, naming the category that is off.
    """
    if categories is None:
        return None
    if not isinstance(categories, Mapping):
        raise TypeError(
            f"categories is {categories!r}; expected a dict of value → colour, such as "
            "{'kept': None, 'skipped': 'red'}, or None"
        )
    if not 0 < len(categories) <= MOST:
        raise ValueError(f"categories has {len(categories)} entries; expected 1 to {MOST}")
    colors: dict[Label, str | None] = {}
    for value, color in categories.items():
        if is_absent(value) or value != value:
            raise ValueError(
                f"categories lists {value!r}, which means that a cell is absent: leave it out"
            )
        colors[read_label(value)] = _read_color(value, color)
    return MappingProxyType(colors)


def _read_color(value: Any, color: Any) -> str | None:
    if color is None:
        return None
    import cmap

    try:
        if _is_unit_rgb(color):
            color = [float(part) for part in color]
        red, green, blue, alpha = cmap.Color(color).rgba8
    except Exception as error:
        raise ValueError(
            f"categories gives {value!r} the colour {color!r}, which is none: pass a name, "
            "'#rrggbb', (r, g, b) from 0 to 1, or None for blank"
        ) from error
    if alpha == 0:
        return None
    if alpha < 1:
        raise ValueError(
            f"categories gives {value!r} the half-transparent colour {color!r}; a category is "
            "opaque, or blank (None)"
        )
    return f"#{red:02x}{green:02x}{blue:02x}"


def _is_unit_rgb(color: Any) -> bool:
    # cmap reads integers as 0 to 255, in which (1, 0, 0) would be black.
    return isinstance(color, tuple | list) and all(part in (0, 1) for part in color)
