"""Strings, pandas categoricals and listed values: codes, colours, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layergrid import Heatmap
from layergrid.colors import category_table
from layergrid.intake import read, read_categories
from layergrid.intake.palette import default_color, extend
from layergrid.reserved import to_lab

BLUE, ORANGE, GREEN, PURPLE = (default_color(k) for k in range(4))
STRINGS = [["attn", "mlp", None], ["mlp", "mlp", "norm"]]


@pytest.fixture
def w():
    return Heatmap(STRINGS, components=["q", "k", "v"])


def shown(w: Heatmap) -> list[str | None]:
    """Give what the page shows in each cell: the label its code stands for."""
    codes, holes = np.frombuffer(w._values, w._dtype), w._holes or bytes(len(w._values))
    return [
        None if hole else w._categories[code][0] for code, hole in zip(codes, holes, strict=True)
    ]


# ── what comes in, and back ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "make",
    [
        lambda s: s,
        lambda s: np.array(s, object),
        lambda s: [[v if v else float("nan") for v in row] for row in s],
        lambda s: [[v if v else pd.NA for v in row] for row in s],
        lambda s: np.ma.masked_array([[v or "" for v in row] for row in s], [[0, 0, 1], [0] * 3]),
        lambda s: np.ma.masked_array(np.array(s, object), [[0, 0, 1], [0] * 3]),
        lambda s: pd.DataFrame(s),
        lambda s: pd.DataFrame(s, dtype=object),
        lambda s: pd.DataFrame(s, dtype="category"),
        lambda s: xr.DataArray(np.array(s, object), dims=("layer", "component")),
        lambda s: [[np.str_(v) if v else None for v in row] for row in s],
    ],
    ids=[
        "list",
        "objects",
        "NaN",
        "NA",
        "masked",
        "masked objects",
        "DataFrame",
        "objects in a DataFrame",
        "categorical",
        "DataArray",
        "numpy strings",
    ],
)
def test_strings_come_back_as_a_numpy_array_of_strings(make):
    w = Heatmap(make(STRINGS))
    assert w.values.dtype == "<U4"
    assert w.values.tolist() == STRINGS
    assert np.ma.getmaskarray(w.values).tolist() == [[False, False, True], [False] * 3]
    assert w.categories == {"attn": BLUE, "mlp": ORANGE, "norm": GREEN}
    assert shown(w) == list(itertools.chain(*STRINGS))


def test_an_array_without_gaps_is_not_masked():
    w = Heatmap(np.array([["b", "a", "b"]]))
    assert type(w.values) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        w.values[0, 0] = "a"


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="numpy has none before 2.0")
def test_strings_of_variable_width():
    dtype = np.dtypes.StringDType(na_object=None)
    assert Heatmap(np.array(STRINGS, dtype)).values.tolist() == STRINGS


@given(st.data(), st.sampled_from([(3, 4), (2, 3, 2)]))
def test_every_value_comes_back(data, shape):
    value = st.none() | st.text("abcé·", min_size=1, max_size=3)
    flat = data.draw(st.lists(value, min_size=12, max_size=12).filter(any))
    grid = read(np.array(flat, object).reshape(shape))
    back = grid.plain(grid.values).ravel().tolist()
    absent = [False] * 12 if grid.holes is None else grid.holes.ravel().astype(bool).tolist()
    assert [None if gone else v for v, gone in zip(back, absent, strict=True)] == flat
    assert set(grid.categories.colors) == set(flat) - {None}


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([[0, 1, 7], [7, 0, 0]], "int8"), "int8"),
        (np.array([[0, 1, 7], [7, 0, 0]], "float32"), "float32"),
        (pd.DataFrame([[0, 1, 7], [7, 0, 0]]), "int64"),
        ([[0, 1, 7], [7, 0, 0]], "int64"),
    ],
)
def test_listed_numbers_stay_what_they_were(values, dtype):
    w = Heatmap(values, categories={0: "white", 1: None, 7: "black", 1000: "red"})
    assert w.values.dtype == dtype
    assert w.values.tolist() == [[0, 1, 7], [7, 0, 0]]
    assert shown(w) == [0, 1, 7, 7, 0, 0]
    assert w._categories == [[0, "#ffffff"], [1, ""], [7, "#000000"], [1000, "#ff0000"]]


def test_listed_bools():
    w = Heatmap(np.eye(2, 3, dtype=bool), categories={False: None, True: "red"})
    assert w.values.dtype == bool
    w.selection = [(0, 0)]
    assert w.selection[0].value is True


def test_listed_strings_and_numbers_together():
    w = Heatmap([[0, "x"], [None, 2]], categories={0: "red", "x": "blue", 2: None})
    assert w.values.tolist() == [[0, "x"], [None, 2]]
    assert w.data.values.tolist() == [["0", "x"], ["", "2"]]


def test_nan_is_absent_among_categories():
    w = Heatmap([[1.0, np.nan]], categories={1: "red"})
    assert w.values.tolist() == [[1.0, None]]
    assert w.data.coords["absent"].values.tolist() == [[False, True]]


def test_steps():
    cube = np.array([[["a", "b"]], [["b", "c"]]])
    w = Heatmap(cube)
    assert w.values.tolist() == cube.tolist()
    assert shown(w) == ["a", "b", "b", "c"]
    w.selection = [(0, 1)]
    assert w.selection[0].value == "c"
    w.step = 0
    assert w.selection[0].value == "b"


def test_a_cell_has_the_category_for_its_value(w):
    w.selection = [(0, "k"), (0, "v"), (1, "v")]
    values = [cell.value for cell in w.selection]
    assert values == ["mlp", None, "norm"]
    assert type(values[0]) is str


def test_text_is_the_label(w):
    w.text = "auto"
    assert w._text == "auto"
    w.text = ">5"
    assert w._text[:3] == [" attn", "  mlp", ""]


# ── pandas ───────────────────────────────────────────────────────────────────────────────────


def test_categorical_columns_bring_their_order():
    order = pd.CategoricalDtype(["norm", "mlp", "never"])
    frame = pd.DataFrame({"q": ["mlp", "norm"], "k": ["mlp", None]}, dtype=order)
    w = Heatmap(frame)
    assert w.categories == {"norm": BLUE, "mlp": ORANGE, "never": GREEN}
    assert w.values.tolist() == [["mlp", "mlp"], ["norm", None]]
    assert w.components == ("q", "k")


def test_categorical_columns_of_different_categories():
    frame = pd.DataFrame(
        {"q": pd.Categorical(["b", "a"], ["b", "a"]), "k": pd.Categorical(["c", "a"], ["c", "a"])}
    )
    w = Heatmap(frame)
    assert list(w.categories) == ["b", "a", "c"]
    assert w.values.tolist() == [["b", "c"], ["a", "a"]]


def test_categorical_numbers_are_categories():
    w = Heatmap(pd.DataFrame({"q": [3, 1], "k": [1, 1]}, dtype="category"))
    assert w.values.dtype == "int64"
    assert w.values.tolist() == [[3, 1], [1, 1]]
    assert list(w.categories) == [1, 3]


def test_bins_of_cut():
    bins = pd.cut([0.1, 0.6, 0.7], [0, 0.5, 1])
    frame = pd.DataFrame({"q": bins})
    assert Heatmap(frame).values.tolist() == [["(0.0, 0.5]"], ["(0.5, 1.0]"], ["(0.5, 1.0]"]]
    w = Heatmap(frame, categories=dict(zip(bins.categories, ["red", None], strict=True)))
    assert w.categories == {"(0.0, 0.5]": "#ff0000", "(0.5, 1.0]": None}


def test_a_column_that_is_all_absent():
    frame = pd.DataFrame({"q": pd.Categorical(["a"]), "k": pd.Categorical([None])})
    assert Heatmap(frame).values.tolist() == [["a", None]]


# ── files ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "categories"),
    [
        (STRINGS, None),
        ([["a", "b"]] * 2, None),
        (STRINGS, {"mlp": None, "norm": "red", "attn": "blue"}),
        ([[0, 1, None]], {0: "red", 1: None}),
        ([[True, None]], {False: "red", True: None}),
        (np.array([[["a", ""]], [["", "é"]]]), None),
    ],
    ids=["gaps", "whole", "listed", "numbers", "bools", "steps and empty strings"],
)
def test_data_survives_copies_and_netcdf(tmp_path, values, categories):
    w = Heatmap(values, categories=categories)
    assert w.data.dtype.kind in "fU"
    w.data.rename("kind").to_netcdf(tmp_path / "grid.nc", engine="scipy")
    with xr.open_dataarray(tmp_path / "grid.nc", engine="scipy") as file:
        read_again = file.load()
    for data in (w.data, w.data.copy(deep=True), read_again):
        same = Heatmap(data, categories=categories)
        assert same.values.tolist() == w.values.tolist()
        assert same.categories == w.categories


def test_absent_cells_of_data_are_empty_strings_and_marked(w):
    assert w.data.values.tolist() == [["attn", "mlp", ""], ["mlp", "mlp", "norm"]]
    assert w.data.coords["absent"].values.tolist() == [[False, False, True], [False] * 3]


# ── colours ──────────────────────────────────────────────────────────────────────────────────


def test_colours_stay_when_values_are_set(w):
    before = w.categories
    w.values = [["a", "norm", "z"], ["a", None, "attn"]]
    assert w.categories == {**before, "a": PURPLE, "z": default_color(4)}
    assert list(w.categories)[:3] == list(before)
    w.values = STRINGS
    assert list(w.categories) == [*before, "a", "z"]
    w.categories = None  # forgets those that are gone
    assert w.categories == before


def test_colours_do_not_depend_on_where_strings_stand():
    assert Heatmap([["b", "a"]]).categories == Heatmap([["a", "b"]]).categories


@given(st.lists(st.text(min_size=1), unique=True, min_size=2, max_size=256), st.data())
def test_known_categories_keep_place_and_colour(labels, data):
    first = extend({}, data.draw(st.lists(st.sampled_from(labels), min_size=1)))
    both = extend(first, labels)
    assert list(both.items())[: len(first)] == list(first.items())
    assert set(both) == set(labels)
    assert extend(both, first) is both


def test_no_two_default_colours_are_the_same():
    assert len({default_color(k) for k in range(256)}) == 256


# What somebody sees of linear RGB who lacks one kind of cones: Viénot, Brettel and Mollon (1999).
DICHROMATS = {
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "nobody": np.eye(3),
}


@pytest.mark.parametrize("who", DICHROMATS)
def test_colour_blind_readers_tell_the_first_colours_apart(who):
    rgb = np.array([list(bytes.fromhex(default_color(k)[1:])) for k in range(8)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = (linear @ np.array(DICHROMATS[who]).T).clip(0, 1)
    srgb = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = to_lab(np.round(srgb * 255))
    pairs = list(itertools.combinations(range(8), 2))
    distances = [float(np.linalg.norm(lab[a] - lab[b])) for a, b in pairs]
    assert min(distances) > 15, dict(zip(pairs, distances, strict=True))


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("red", "#ff0000"),
        ("#C33", "#cc3333"),
        ("#102030", "#102030"),
        ((1, 0, 0), "#ff0000"),
        ((1.0, 0.5, 0.0), "#ff8000"),
        ((255, 128, 0), "#ff8000"),
        (np.array([0.0, 1.0, 0.0]), "#00ff00"),
        (None, None),
        ("none", None),
        ("transparent", None),
    ],
)
def test_colours_of_any_kind(color, expected):
    assert read_categories({"a": color})["a"] == expected


def test_the_table_holds_the_colours_of_categories():
    w = Heatmap([["a", "b", "c"]], categories={"a": "red", "b": None, "c": "#102030"})
    table = np.frombuffer(w._table, np.uint8).reshape(256, 3)
    assert table[[0, 2]].tolist() == [[255, 0, 0], [16, 32, 48]]
    assert (w._norm, w._limits) == ({"kind": "categories"}, [0.0, 3.0])
    assert category_table({"a": None}).shape == (256, 3)


def test_a_colour_alone_resends_no_values(w, open_page):
    page = open_page(w)
    page.clear()
    w.categories = {"attn": "red", "mlp": None, "norm": GREEN}
    (update,) = page.updates()
    assert "_categories" in update
    assert "_values" not in update
    assert w.values.tolist() == STRINGS


# ── changing what values are ─────────────────────────────────────────────────────────────────


def test_numbers_and_strings_take_turns(w):
    w.selection = [(1, "k")]
    w.values = np.ones((2, 3))
    assert w.categories is None
    assert w.values.dtype == float
    assert w._norm == {"kind": "linear"}
    assert w._table == Heatmap()._table
    w.values = STRINGS
    assert w.selection[0].value == "mlp"
    assert w._norm == {"kind": "categories"}


def test_categories_may_be_set_before_values():
    w = Heatmap(categories={"a": "red", "b": None})
    assert w.categories == {"a": "#ff0000", "b": None}
    w.values = [["b", "a"]]
    assert shown(w) == ["b", "a"]
    with pytest.raises(ValueError, match="'c'"):
        w.values = [["b", "c"]]


def test_pending_cells_of_categories():
    w = Heatmap(layers=[3], components=["q", "k"], categories={"a": "red"})
    assert np.ma.getmaskarray(w.values).all()
    assert w.data.isnull().all()
    w.values = [["a", None]]
    assert w.values.tolist() == [["a", None]]


def test_numbers_become_categories_and_numbers_again():
    w = Heatmap(np.array([[0, 1], [1, 2]]))
    w.categories = {0: "red", 1: "blue", 2: None}
    assert shown(w) == [0, 1, 1, 2]
    w.categories = {2: "red", 1: None, 0: "blue"}
    assert shown(w) == [0, 1, 1, 2]
    w.categories = None
    assert w.categories is None
    assert w.values.tolist() == [[0, 1], [1, 2]]


def test_who_observes_categories_hears_of_new_ones(w):
    changes = []
    w.observe(changes.append, "categories")
    w.values = [["attn", "mlp", "norm"]] * 2
    assert not changes
    w.values = [["attn", "new", "norm"]] * 2
    assert [list(change.new) for change in changes] == [["attn", "mlp", "norm", "new"]]


# ── what is refused ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"values": [["a", "atn"]], "categories": {"a": "red", "attn": "blue"}}, ValueError,
         ["'atn' at (0, 1)", "lists 'a', 'attn'", "mean 'attn'"]),
        ({"values": [[17, 3]], "categories": {"17": "red", 3: "blue"}}, ValueError,
         ["17 at (0, 0)", "mean '17' (str)"]),
        ({"values": [[0.5, 1]], "categories": {1: "red"}}, ValueError, ["0.5 at (0, 0)"]),
        ({"values": np.ones((2, 1, 1)), "categories": {0: "red"}}, ValueError, ["(0, 0, 0)"]),
        ({"values": [["a", 1]], "categories": {"a": "red"}}, ValueError, ["1 at (0, 1)"]),
        ({"values": [[f"name {k}" for k in range(257)]]}, ValueError, ["257", "256", "text="]),
        ({"categories": dict.fromkeys(range(257))}, ValueError, ["257", "256"]),
        ({"categories": {}}, ValueError, ["0 entries"]),
        ({"categories": ["a", "b"]}, TypeError, ["['a', 'b']", "dict"]),
        ({"categories": {"a": "rde"}}, ValueError, ["'a'", "'rde'", "None for blank"]),
        ({"categories": {"a": "#ff000080"}}, ValueError, ["half-transparent", "'#ff000080'"]),
        ({"categories": {None: "red"}}, ValueError, ["None", "absent"]),
        ({"categories": {float("nan"): "red"}}, ValueError, ["nan", "absent"]),
        ({"values": [["a"]], "limits": (0, 1)}, ValueError, ["(0.0, 1.0)", "limits='full'"]),
        ({"values": [["a"]], "limits": "robust"}, ValueError, ["'robust'", "categories"]),
        ({"values": [["a"]], "norm": "log"}, ValueError, ["'log'", "norm='linear'"]),
        ({"values": [["a"]], "center": 0}, ValueError, ["0.0", "center=None"]),
        ({"values": [["a"]], "cmap": "magma"}, ValueError, ["'magma'", "categories={"]),
        ({"categories": {"a": None}, "limits": (0, 1)}, ValueError, ["limits='full'"]),
        ({"values": [["a"]], "text": ".2f"}, ValueError, ["'.2f'", "'a'", '"auto"']),
        ({"values": [[1]], "mask": [["a"]]}, TypeError, ["mask", "'a'", "bools"]),
    ],
)  # fmt: skip
def test_what_does_not_go_is_refused_by_name_and_with_a_cure(options, error, words):
    with pytest.raises(error) as caught:
        Heatmap(**options)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limits", (0, 1)),
        ("norm", "log"),
        ("center", 0),
        ("cmap", "magma"),
        ("text", ".2f"),
        ("categories", {"attn": "red"}),
        ("values", [["a", 1, None]] * 2),
    ],
)
def test_a_refusal_changes_nothing(w, name, value):
    before = w.get_state()
    with pytest.raises((TypeError, ValueError)):
        setattr(w, name, value)
    assert w.get_state() == before


@pytest.mark.parametrize("options", [{"limits": (0, 1)}, {"cmap": "magma"}, {"text": ".2f"}])
def test_what_is_set_for_numbers_keeps_strings_out(options):
    w = Heatmap(np.ones((2, 3)), **options)
    (name,) = options
    with pytest.raises(ValueError, match=name):
        w.values = STRINGS
    setattr(w, name, None)
    w.values = STRINGS
    assert w.values.tolist() == STRINGS
