"""Flat colours of small cells: told apart from the table, the page and each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from layergrid.colors import Kind, read_cmap
from layergrid.reserved import LEAST, PAGES, cie76, ciede2000, reserved, search, to_lab

CMAPS = """
    viridis plasma inferno magma cividis turbo jet hsv rainbow gist_rainbow gist_ncar gist_earth
    gist_heat gist_stern nipy_spectral prism flag twilight twilight_shifted RdBu_r RdBu coolwarm
    bwr seismic Spectral RdYlBu RdYlGn PiYG PRGn PuOr BrBG RdGy Greys gray binary Blues Reds
    Greens Purples Oranges YlGnBu YlOrRd OrRd PuBu BuPu GnBu hot cool copper bone pink spring
    summer autumn winter ocean terrain cubehelix brg CMRmap gnuplot gnuplot2 afmhot Wistia tab10
    tab20 Set1 Set3 Pastel1 Accent Dark2 Paired cmasher:ocean cmasher:wildfire crameri:batlow
    cmocean:thermal colorcet:cet_r1 colorcet:cet_c2
"""


def least(some: np.ndarray, others: np.ndarray) -> float:
    """Give the smaller of both measures between any two colours."""
    a, b = to_lab(some), to_lab(others)
    return min(cie76(a, b).min(), ciede2000(a, b).min())


@pytest.mark.parametrize("name", CMAPS.split())
def test_no_flat_colour_can_be_taken_for_another(name):
    table = read_cmap(name)
    for page, colours in zip(np.array(PAGES), reserved(table), strict=True):
        shown = colours[colours[:, 3] > 0, :3]
        # All but the absent, which may show the page if the table has nothing like it.
        assert len(shown) >= len(Kind) - 2
        assert set(np.flatnonzero(colours[:, 3] == 0)) <= {Kind.FINITE, Kind.ABSENT}
        if colours[Kind.ABSENT, 3] == 0:
            shown = np.vstack([shown, page])
        else:
            assert least(np.delete(shown, Kind.ABSENT - 1, 0), page[None]) >= LEAST
        assert least(shown, table) >= LEAST
        assert min(least(a[None], b[None]) for a, b in combinations(shown, 2)) >= LEAST


def test_absent_cells_show_the_page_unless_the_table_looks_like_it():
    absent = {name: reserved(read_cmap(name))[:, Kind.ABSENT, 3] for name in ("magma", "RdBu_r")}
    assert absent["magma"].tolist() == [0, 255]  # its low end is as dark as a dark page
    assert absent["RdBu_r"].tolist() == [255, 0]


def test_each_has_the_colour_it_is_known_by_where_that_is_free():
    usual = reserved(read_cmap("viridis"))
    for name in ("plasma", "cividis", "Blues", "viridis_r"):
        assert (reserved(read_cmap(name))[:, Kind.NAN] == usual[:, Kind.NAN]).all()
    assert usual[:, Kind.NAN].tolist() == [[255, 0, 255, 255]] * 2


def test_those_beside_viridis_are_embedded():
    assert np.array_equal(reserved(read_cmap("viridis")), search(read_cmap("viridis")))


def test_the_same_table_has_the_same_colours():
    table = read_cmap("coolwarm")
    assert reserved(table.copy()) is reserved(table)
    assert np.array_equal(search(table), reserved(table))
    with pytest.raises(ValueError, match="read-only"):
        reserved(table)[0] = 0


def test_a_table_that_leaves_no_room_gets_what_is_farthest():
    # 7 × 6 × 6 colours all over the cube, none of the preferred ones free.
    steps = [np.linspace(0, 255, n) for n in (7, 6, 6)]
    table = np.stack(np.meshgrid(*steps), -1).reshape(-1, 3).round().astype(np.uint8)
    table = np.vstack([table, table[:4]])
    found = search(table)
    nan = found[0, Kind.NAN, :3]
    assert least(nan[None], table) > 3
    others = np.array([[255, 0, 255], [176, 0, 176], [255, 150, 255]])
    assert least(nan[None], table) >= max(least(other[None], table) for other in others)


# ── distances ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        # From the data that Sharma, Wu and Dalal publish: hues on both sides of 0°, greys, blues.
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000(one, other, difference):
    found = ciede2000(np.array([one], float), np.array([other], float))
    assert found[0, 0] == pytest.approx(difference, abs=5e-5)


def test_lab_of_srgb():
    found = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [17, 20, 24]]))
    expected = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20]]
    assert found[:3] == pytest.approx(np.array(expected), abs=0.02)


@pytest.mark.parametrize("name", ["viridis", "RdBu_r", "gist_rainbow"])
def test_distances_do_not_depend_on_the_order(name):
    lab = to_lab(read_cmap(name)[::8])
    assert ciede2000(lab, lab) == pytest.approx(ciede2000(lab, lab).T, abs=1e-9)
    assert np.diag(ciede2000(lab, lab)) == pytest.approx(0, abs=1e-6)
