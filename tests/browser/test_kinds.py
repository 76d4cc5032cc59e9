"""What a cell is can be seen: NaN, infinities, absent, pending, out of limits, no logarithm.

On rendered pixels, under many colour maps, light and dark. In large cells every kind has a mark of
its own, which is enough without any colour; in small ones a flat colour that the table has not.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from layergrid import Heatmap, intake
from layergrid.colors import Kind, read_cmap

from .host import HostPage
from .test_pixels import CMAPS

LOW, HIGH = 0.1, 10.0
#: One row of the grid for each; those after the kinds are values between the limits.
VALUES = {
    Kind.NAN: np.nan,
    Kind.POSITIVE_INFINITY: np.inf,
    Kind.NEGATIVE_INFINITY: -np.inf,
    Kind.ABSENT: 1.0,
    Kind.PENDING: 1.0,
    Kind.UNDER: 0.01,
    Kind.OVER: 100.0,
    Kind.NONPOSITIVE: -1.0,
}
IN_RANGE = (LOW, 0.3, 1.0, 3.0, HIGH)
COLUMNS = 20
PAGE = {"light": (255, 255, 255), "dark": (17, 20, 24)}


@pytest.fixture
def host(browser: Browser) -> Iterator[HostPage]:
    host = HostPage(browser, viewport={"width": 1200, "height": 900})
    yield host
    host.close()
    assert host.errors == []


def heatmap(name: str, size: int, around: tuple[int, int]) -> Heatmap:
    """All kinds, in cells of a size; `around` is what stands round the cells, down and across."""
    column = np.array([*VALUES.values(), *IN_RANGE])
    grid = intake.read(np.tile(column[:, None], COLUMNS))
    holes = np.zeros(grid.shape, np.uint8)
    for kind, hole in ((Kind.ABSENT, intake.ABSENT), (Kind.PENDING, intake.PENDING)):
        holes[list(VALUES).index(kind)] = hole
    rows, columns = grid.shape
    return Heatmap(
        replace(grid, holes=holes),
        cmap=name,
        norm="log",
        limits=(LOW, HIGH),
        height=rows * size + around[0],
        width=columns * size + around[1],
    )


def patches(host: HostPage, name: str, size: int, theme: str) -> list[np.ndarray]:
    """Pictures of one cell of each row, without gaps, as they are on the screen."""
    page = host.page
    page.evaluate("(theme) => { document.body.dataset.theme = theme; }", theme)
    page.evaluate("(c) => { document.body.style.background = `rgb(${c})`; }", list(PAGE[theme]))
    around, gap = (200, 200), int(size >= 6)
    for _ in range(2):  # once to see what stands round the cells
        page.evaluate("() => document.querySelectorAll('.layergrid').forEach((e) => e.remove())")
        shown = heatmap(name, size, around)
        host.mount(shown)
        page.wait_for_selector(".layergrid-chrome text", state="attached")
        box = page.locator("canvas.layergrid-cells").bounding_box()
        assert box
        n_rows, n_columns = len(shown.layers), len(shown.components)
        off = (n_rows * size - gap - box["height"], n_columns * size - gap - box["width"])
        around = (around[0] + round(off[0]), around[1] + round(off[1]))
    assert off == (0, 0)
    page.mouse.move(0, 0)
    shot = page.screenshot(
        clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}
    )
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    x = (COLUMNS // 2) * size
    return [pixels[y : y + size - gap, x : x + size - gap] for y in range(0, n_rows * size, size)]


def grey(patch: np.ndarray) -> np.ndarray:
    """Luma, 0…255, as a printer without colours would see it."""
    return patch @ np.array([0.299, 0.587, 0.114])


def mark(patch: np.ndarray) -> np.ndarray:
    """The pixels of a cell that stand out from its ground, in grey alone."""
    shades = grey(patch)
    ground = np.bincount((shades // 8).astype(int).ravel()).argmax() * 8 + 4
    return np.abs(shades - ground) > 40


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [40, 16, 8])
def test_marks_tell_all_kinds_apart_without_colour(host: HostPage, size: int, theme: str) -> None:
    for name in CMAPS:
        *special, low, some, middle, more, high = map(mark, patches(host, name, size, theme))
        for plain in (low, some, middle, more, high):
            assert not plain.any(), (name, "an ordinary cell has a mark")
        for kind, shape in zip(VALUES, special, strict=True):
            assert shape.sum() >= 4, (name, kind.name, "has no mark")
        for (a, one), (b, other) in combinations(zip(VALUES, special, strict=True), 2):
            differing = (one != other).sum()
            assert differing >= 4, (name, a.name, b.name, "look alike")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_flat_colours_tell_all_kinds_apart_in_small_cells(host: HostPage, theme: str) -> None:
    for name in CMAPS:
        *special, _low, _some, _middle, _more, _high = patches(host, name, 3, theme)
        for patch in special:
            assert (patch == patch[0, 0]).all(), (name, "a small cell is not flat")
        colours = lab(np.array([patch[0, 0] for patch in special]))
        table = lab(read_cmap(name))
        for kind, colour in zip(VALUES, colours, strict=True):
            nearest = np.linalg.norm(table - colour, axis=1).min()
            assert nearest >= 10, (name, kind.name, "looks like a value")
        for (a, one), (b, other) in combinations(zip(VALUES, colours, strict=True), 2):
            assert np.linalg.norm(one - other) >= 10, (name, a.name, b.name, "look alike")


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB colours under D65; distances are ΔE of 1976."""
    unit = rgb / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    t = xyz / (0.9505, 1.0, 1.089)
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )
