"""What the canvas shows is what the rule says, to the last pixel, and what matplotlib gives."""

from __future__ import annotations

from collections.abc import Iterator

import cmap
import matplotlib as mpl
import matplotlib.colors as mpl_colors
import numpy as np
import pytest
from playwright.sync_api import Browser

from layergrid import Heatmap, wire
from layergrid.state import EMPTY_STATE, resolve

from .host import HostPage

CMAPS = ["viridis", "plasma", "inferno", "magma", "cividis", "coolwarm", "RdBu_r", "hot", "Greys"]
CMAPS += ["turbo", "twilight", "gist_rainbow"]
#: The tables of cmap and of matplotlib differ a little here.
NOT_AS_MATPLOTLIB = {"twilight"}
GRIDS = 200


@pytest.fixture(scope="module")
def host(browser: Browser) -> Iterator[HostPage]:
    host = HostPage(browser, viewport={"width": 1000, "height": 800})
    host.mount(Heatmap(np.eye(2)))
    yield host
    host.close()
    assert host.errors == []


def norms(values: np.ndarray) -> dict[str, tuple[dict[str, object], mpl_colors.Normalize]]:
    """Options of a heatmap, and the matplotlib norm that means the same."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.1, 0.9])  # some cells lie outside
    positive = np.abs(finite)
    plow, phigh = np.quantile(positive, [0.1, 0.9])
    threshold = float(np.median(positive))
    return {
        "linear": ({"limits": (low, high)}, mpl_colors.Normalize(low, high)),
        "log": ({"limits": (plow, phigh), "norm": "log"}, mpl_colors.LogNorm(plow, phigh)),
        "symlog": (
            {"limits": (low, high), "norm": ("symlog", threshold)},
            mpl_colors.SymLogNorm(threshold, 1, low, high, base=10),
        ),
        "power": (
            {"limits": (low, high), "norm": ("power", 0.7)},
            mpl_colors.PowerNorm(0.7, low, high),
        ),
    }


def table_of(name: str) -> np.ndarray:
    """The colours of a map, from the library whose name it is; never from the code under test."""
    if name in NOT_AS_MATPLOTLIB:
        return np.round(cmap.Colormap(f"matplotlib:{name}").lut(256)[:, :3] * 255)
    return np.round(mpl.colormaps[name](np.arange(256))[:, :3] * 255)


def allowed_entries(values: np.ndarray, norm: mpl_colors.Normalize) -> tuple[np.ndarray, ...]:
    """The entries that a value may take: two where it is within 1e-6 of a boundary."""
    with np.errstate(invalid="ignore"):
        x = np.ma.filled(norm(np.ma.masked_invalid(values)).astype(float), np.nan)
    x = np.where(values == np.inf, 1, np.where(values == -np.inf, 0, x))
    low, high = (np.floor(256 * np.clip(np.nan_to_num(x + d), 0, 1)) for d in (-1e-6, 1e-6))
    return np.minimum(low, 255).astype(int), np.minimum(high, 255).astype(int)


def random_grid(seed: int) -> np.ndarray:
    """A grid of any small shape and spread, with what is no number in it."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 12, 2))
    values = rng.normal(size=shape) * 10.0 ** rng.integers(-6, 6) + rng.normal()
    for special in (np.nan, np.inf, -np.inf):
        values[rng.random(shape) < 0.05] = special
    values.flat[0], values.flat[1] = 1.5, -0.25  # never without any number
    return values


@pytest.mark.parametrize("part", range(4))
def test_every_pixel_has_the_colour_of_the_reference(host: HostPage, part: int) -> None:
    checked = 0
    for seed in range(part * GRIDS // 4, (part + 1) * GRIDS // 4):
        values = random_grid(seed)
        plain = resolve(EMPTY_STATE, {"values": values})
        cases, states = [], []
        for norm_name, (options, norm) in norms(values).items():
            shown = resolve(plain, options)
            for name in CMAPS:
                cases.append((norm_name, name, norm))
                states.append(wire.encode(resolve(shown, {"cmap": name})))
        colours = host.colours_of(states, *values.shape)
        for (norm_name, name, norm), seen in zip(cases, colours, strict=True):
            without_log = (norm_name == "log") & (values <= 0) & np.isfinite(values)
            painted = ~np.isnan(values) & ~without_log
            table = table_of(name)
            off = [
                np.abs(seen[..., :3] - table[entry]).max(axis=-1)
                for entry in allowed_entries(values, norm)
            ]
            wrong = painted & ((np.minimum(*off) > 1) | (seen[..., 3] != 255))
            assert not wrong.any(), (seed, norm_name, name, values[wrong], seen[wrong])
            checked += int(painted.sum())
    assert checked > 50_000
