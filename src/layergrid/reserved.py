"""Flat colours for cells that are too small for a mark, told apart from any table. Pure.

A cell below 8 pixels says that it is no number within the limits by a colour that the table does
not have: at a distance of 10 or more from each of its entries, from the page and from the other
reserved colours, by CIE76 and by CIEDE2000.
"""

from __future__ import annotations

from base64 import b64decode
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .colors import DEFAULT_CMAP, Kind, Table, read_cmap

#: Colours as L*, a*, b* on the last axis.
Lab = NDArray[np.float64]
Rgb = tuple[int, int, int]
Distances = NDArray[np.float64]

#: What cells lie on, on a light and on a dark page.
PAGES = ((0xFF, 0xFF, 0xFF), (0x11, 0x14, 0x18))
#: Colours nearer to each other than this may be taken for one.
LEAST = 10.0

# In the order in which they choose: one hue each, in three tones for whatever the table leaves.
_PREFERRED: dict[Kind, tuple[Rgb, ...]] = {
    Kind.NAN: ((255, 0, 255), (176, 0, 176), (255, 150, 255)),
    Kind.POSITIVE_INFINITY: ((255, 0, 0), (150, 0, 0), (255, 140, 140)),
    Kind.NEGATIVE_INFINITY: ((0, 0, 255), (0, 0, 130), (130, 130, 255)),
    Kind.OVER: ((255, 140, 0), (160, 80, 0), (255, 200, 130)),
    Kind.UNDER: ((0, 220, 255), (0, 120, 150), (170, 240, 255)),
    Kind.NONPOSITIVE: ((130, 85, 50), (75, 45, 20), (190, 150, 120)),
    Kind.PENDING: ((150, 150, 150), (90, 90, 90), (200, 200, 200)),
    Kind.ABSENT: ((225, 220, 205), (120, 115, 100), (60, 58, 50)),
}
#: What else there is to choose from: all over the cube.
_CANDIDATES: tuple[Rgb, ...] = tuple((r, g, b) for r, g, b in product(range(0, 256, 51), repeat=3))

# Beside viridis, here so that the usual picture need not search; a test holds it against search.
_BESIDE_VIRIDIS = b64decode(
    b"AAAAAP8A////AAD/AAD//wAAAACWlpb/ANz///+MAP+CVTL/"
    b"AAAAAP8A////AAD/AAD//wAAAACWlpb/ANz///+MAP+CVTL/"
)


def reserved(table: Table) -> NDArray[np.uint8]:
    """Give the flat colours beside a table, shape (2, 9, 4): page, `Kind`, RGBA.

    First those on a light, then those on a dark page. ``ABSENT`` shows the page (alpha 0) where
    the table has nothing like it; ``FINITE`` has none. Where a table leaves too little room they
    are as far from everything as can be.
    """
    return _reserved(table.tobytes())


@lru_cache(maxsize=64)
def _reserved(table: bytes) -> NDArray[np.uint8]:
    if table == read_cmap(DEFAULT_CMAP).tobytes():
        found = np.frombuffer(_BESIDE_VIRIDIS, np.uint8).reshape(2, len(Kind), 4)
    else:
        found = search(np.frombuffer(table, np.uint8).reshape(256, 3))
        found.flags.writeable = False
    return found


def search(table: Table) -> NDArray[np.uint8]:
    """Find what `reserved` gives."""
    entries = to_lab(table)
    found = np.zeros((2, len(Kind), 4), np.uint8)
    for page, colours in zip(PAGES, found, strict=True):
        taken = to_lab(np.array([page]))
        for kind, tones in _PREFERRED.items():
            if kind == Kind.ABSENT and nearest(page, entries) >= LEAST:
                continue
            colour = _choose(tones, np.concatenate([entries, taken]))
            colours[kind] = (*colour, 255)
            taken = np.concatenate([taken, to_lab(np.array([colour]))])
    return found


def _choose(tones: tuple[Rgb, ...], others: Lab) -> Rgb:
    """Give the first tone that is free, else the candidate that is farthest from all others."""
    for tone in tones:
        if nearest(tone, others) >= LEAST:
            return tone
    # CIE76 is quick and never the smaller by much: few candidates need the other one too.
    quick = cie76(to_lab(np.array(_CANDIDATES)), others).min(axis=1)
    best, room = tones[0], 0.0
    for k in np.argsort(-quick, kind="stable").tolist():
        if room >= min(quick[k], LEAST):
            break
        if (free := nearest(_CANDIDATES[k], others)) > room:
            best, room = _CANDIDATES[k], free
    return best


# ── distances ────────────────────────────────────────────────────────────────────────────────


def to_lab(colours: NDArray[np.integer]) -> Lab:
    """Give sRGB colours, 0…255, in CIELAB under D65."""
    c = colours / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(
        [
            [0.4124564, 0.2126729, 0.0193339],
            [0.3575761, 0.7151522, 0.1191920],
            [0.1804375, 0.0721750, 0.9503041],
        ]
    )
    t = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def nearest(colour: Rgb, others: Lab) -> float:
    """Give the distance from a colour to the nearest of others, the smaller of both measures."""
    lab = to_lab(np.array([colour]))
    return float(np.minimum(cie76(lab, others), ciede2000(lab, others)).min())


def cie76(some: Lab, others: Lab) -> Distances:
    """Give the Euclidean distance between each of some colours and each of others."""
    distance: Distances = np.linalg.norm(some[:, None] - others, axis=-1)
    return distance


def ciede2000(some: Lab, others: Lab) -> Distances:
    """Give the CIEDE2000 difference in the same way; see Sharma, Wu and Dalal (2005)."""
    l1, a1, b1 = np.moveaxis(some[:, None], -1, 0)
    l2, a2, b2 = np.moveaxis(others, -1, 0)
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = np.arctan2(b1, a1 * stretch), np.arctan2(b2, a2 * stretch)
    # Between two hues the shorter way round; a grey has none.
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    grey = c1 * c2 == 0
    hue = np.where(grey, h1 + h2, h1 + turn / 2)
    dl, dc = l2 - l1, c2 - c1
    dh = np.where(grey, 0, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2))
    light, chroma = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
    weight_l = 1 + 0.015 * light**2 / np.sqrt(20 + light**2)
    weight_c, weight_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    degrees = np.degrees(hue) % 360
    rotation = np.radians(60 * np.exp(-(((degrees - 275) / 25) ** 2)))
    blue = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(rotation)
    l, c, h = dl / weight_l, dc / weight_c, dh / weight_h  # noqa: E741
    difference: Distances = np.sqrt(l**2 + c**2 + h**2 + blue * c * h)
    return difference
