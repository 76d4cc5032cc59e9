"""Every assignment: checked, resolved against what is there, all or nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layergrid.cells import cells_at
from layergrid.intake import PENDING, read
from layergrid.state import (
    EMPTY_STATE,
    category_colors,
    cell_texts,
    cmap_of,
    frame_mask,
    resolve,
    step_label,
)

LAYERS, COMPONENTS = [0, 1, 2, "out"], ["q", "k", "v"]


def start(values, **changes):
    axes = {"layers": LAYERS, "components": COMPONENTS}
    return resolve(EMPTY_STATE, {"values": values, **axes, **changes})


def frame_of(values, layers=LAYERS, components=COMPONENTS):
    return pd.DataFrame(values, index=layers, columns=components)


def picked(state):
    return [(c.layer, c.component) for c in cells_at(state.grid, state.step, state.selection)]


# ── values ───────────────────────────────────────────────────────────────────────────────────


def test_unlabelled_values_take_the_place_of_the_old(values):
    old = start(values, selection=[("out", "k"), (0, "q")], mask=values > 2, text="auto")
    new = resolve(old, {"values": (-values).astype("f4")})
    assert new.grid.layers is old.grid.layers
    assert new.grid.values.dtype == "f4"
    assert new.selection == old.selection
    assert new.mask is old.mask
    assert new.color_limits == (-7.0, 1.25)


@pytest.mark.parametrize("shape", [(3, 4), (4, 4), (2, 4, 3), (5, 3)])
def test_unlabelled_values_of_another_shape_are_refused(values, shape):
    with pytest.raises(ValueError, match=r"has \(4, 3\).*labelled") as caught:
        resolve(start(values), {"values": np.ones(shape)})
    assert str(shape) in str(caught.value)


def test_labelled_values_carry_selection_and_mask_by_label(values):
    mask = np.zeros((4, 3), bool)
    mask[1, 1] = mask[3, 0] = True
    old = start(values, selection=[("out", "q"), (2, "v"), (1, "k")], mask=mask)
    new = resolve(old, {"values": frame_of(np.ones((3, 3)), ["out", "new", 1], ["k", "q", "o"])})
    assert picked(new) == [("out", "q"), (1, "k")]
    assert [(new.grid.layers[i], new.grid.components[j]) for i, j in np.argwhere(new.mask)] == [
        ("out", "q"),
        (1, "k"),
    ]


def test_a_grid_with_the_same_labels_keeps_names_and_objects(values):
    named = xr.DataArray(
        values,
        dims=("layer", "component"),
        coords={"name": (("layer", "component"), np.arange(12).reshape(4, 3).astype(str))},
    )
    old = resolve(EMPTY_STATE, {"values": named})
    for again in (pd.DataFrame(-values), named.copy(), -values):
        new = resolve(old, {"values": again})
        assert new.grid.coords is old.grid.coords
        assert new.grid.layers is old.grid.layers
    renamed = named.assign_coords(name=(("layer", "component"), np.full((4, 3), "x")))
    assert resolve(old, {"values": renamed}).grid.coords["name"][0, 0] == "x"


def test_an_empty_heatmap_takes_what_comes(values):
    new = resolve(EMPTY_STATE, {"values": values})
    assert new.grid.layers == (0, 1, 2, 3)
    assert new.color_limits == (-1.25, 7.0)


def test_pending_cells_are_filled(values):
    old = resolve(EMPTY_STATE, {"values": None, "layers": LAYERS, "components": COMPONENTS})
    new = resolve(old, {"values": values})
    assert new.grid.holes is None
    assert new.grid.layers == tuple(LAYERS)


def test_an_array_of_text_is_carried_by_label(values):
    text = np.char.add(np.array(LAYERS, str)[:, None], COMPONENTS)
    old = start(values, text=text)
    assert resolve(old, {"values": frame_of(values)}).text is old.text
    new = resolve(old, {"values": frame_of(values[:2], ["out", 0], ["v", "new", "q"])})
    assert new.text.tolist() == [["outv", "", "outq"], ["0v", "", "0q"]]


def test_an_axis_without_a_coordinate_keeps_the_present_labels(values):
    old = start(values, selection=[(2, "v")], mask=values > 2, text=values.astype(str))
    bare = xr.DataArray(-values, dims=("layer", "component"))
    for again in (
        bare,
        bare.assign_coords(run="a"),
        bare.assign_coords(name=bare.astype(str)),
        bare.assign_coords(layer=np.array(LAYERS, object)),
        bare.assign_coords(component=COMPONENTS).T,
    ):
        new = resolve(old, {"values": again})
        assert new.grid.layers is old.grid.layers
        assert new.grid.components is old.grid.components
        assert (new.selection, new.mask, new.text) == (old.selection, old.mask, old.text)
        assert new.grid.values[3, 1] == -7
    for part in (bare[:3], bare[:3].assign_coords(component=COMPONENTS)):
        with pytest.raises(ValueError, match=r"shape \(3, 3\), but the grid has \(4, 3\)"):
            resolve(old, {"values": part})
    fewer = resolve(old, {"values": bare[:2].assign_coords(layer=np.array(["out", 0], object))})
    assert (fewer.grid.layers, fewer.grid.components) == (("out", 0), ("q", "k", "v"))
    assert fewer.mask.tolist() == (values > 2)[[3, 0]].tolist()


def test_none_makes_all_cells_pending_again(values):
    old = start(np.stack([values, -values]), selection=[(2, "v")], mask=values > 2)
    new = resolve(old, {"values": None})
    assert (new.grid.holes == PENDING).all()
    assert new.grid.values.shape == (2, 4, 3)
    assert new.grid.layers is old.grid.layers
    assert (new.selection, new.mask, new.step) == (old.selection, old.mask, 1)
    assert resolve(new, {"values": np.stack([values, values])}).grid.holes is None
    colours = resolve(EMPTY_STATE, {"values": [["b", "a"]]})
    again = resolve(resolve(colours, {"values": None}), {"values": [["c", "a"]]})
    before = category_colors(colours)
    assert {**category_colors(again), **before} == category_colors(again)


# ── steps ────────────────────────────────────────────────────────────────────────────────────


def cube(steps):
    values = np.arange(len(steps) * 6.0).reshape(len(steps), 3, 2)
    coords = {"step": steps, "layer": [0, 1, 2], "component": [0, 1]}
    return xr.DataArray(values, dims=("step", "layer", "component"), coords=coords)


def test_the_last_step_is_shown_and_others_by_label():
    state = resolve(EMPTY_STATE, {"values": cube([100, 200, 300])})
    assert step_label(state) == 300
    state = resolve(state, {"step": 100})
    assert (state.step, step_label(state)) == (0, 100)
    with pytest.raises(ValueError, match=r"no step 1; there are 100, 200, 300"):
        resolve(state, {"step": 1})


def test_a_step_is_kept_by_label_and_the_last_stays_the_last():
    state = resolve(EMPTY_STATE, {"values": cube([100, 200])})
    assert step_label(resolve(state, {"values": cube([100, 200, 300])})) == 300
    chosen = resolve(state, {"step": 100})
    assert step_label(resolve(chosen, {"values": cube([50, 100, 200])})) == 100
    assert step_label(resolve(chosen, {"values": cube([1, 2])})) == 2
    assert step_label(resolve(chosen, {"values": cube([1]).isel(step=0)})) is None


def test_a_flat_grid_has_no_steps(values):
    assert resolve(start(values), {"step": None}).step == 0
    with pytest.raises(ValueError, match="step is 3, but the grid has no steps"):
        resolve(start(values), {"step": 3})


# ── mask and text ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("convert", [np.asarray, lambda m: m.tolist(), np.asfortranarray])
def test_a_mask_by_position(values, convert):
    state = start(values, mask=convert(values > 2))
    assert np.array_equal(state.mask, values > 2)
    assert not state.mask.flags.writeable


@given(st.permutations(LAYERS), st.permutations(COMPONENTS), st.integers(1, 4))
def test_a_labelled_mask_aligns_by_label(layers, components, count):
    values = np.arange(12.0).reshape(4, 3)
    frame = frame_of(values).loc[layers[:count], components] > 5
    expected = (values > 5) & np.isin(np.array(LAYERS, object), np.array(layers[:count], object))[
        :, None
    ]
    assert np.array_equal(start(values, mask=frame).mask, expected)


def test_a_transposed_labelled_mask(values):
    grid = xr.DataArray(values, dims=("layer", "component"))
    state = resolve(EMPTY_STATE, {"values": grid, "mask": (grid > 2).T})
    assert np.array_equal(state.mask, values > 2)


def test_what_a_mask_does_not_know_is_not_highlighted(values):
    frame = frame_of(values > 2).astype("boolean")
    frame.iloc[3, 1] = pd.NA
    assert start(values, mask=frame).mask.sum() == (values > 2).sum() - 1


def test_a_mask_per_step():
    values = cube([1, 2])
    state = resolve(EMPTY_STATE, {"values": values, "mask": values > 5})
    assert state.mask.shape == (2, 3, 2)
    assert frame_mask(state).sum() == 6
    assert frame_mask(resolve(state, {"step": 1})).sum() == 0
    with pytest.raises(ValueError, match="there is no step 7; there are 1, 2"):
        resolve(state, {"mask": cube([7, 8]) > 5})
    second = resolve(state, {"mask": cube([2, 1])[:1] > 2})
    assert second.mask[0].sum() == 0
    assert second.mask[1].sum() == 3


def test_a_mask_and_text_per_step_are_carried_by_the_label_of_the_step():
    values = cube([1, 2, 3])
    state = resolve(
        EMPTY_STATE, {"values": values, "mask": values == 8, "text": values.astype(int)}
    )
    assert cell_texts(resolve(state, {"step": 2}))[:3] == ["6", "7", "8"]
    later = resolve(state, {"values": cube([2, 3, 4, 5])})
    assert np.argwhere(later.mask).tolist() == [[0, 1, 0]]
    assert later.text[0, 1].tolist() == ["8", "9"]
    assert not later.mask[2:].any()
    assert set(later.text[2:].ravel()) == {""}
    flat = resolve(state, {"values": values.isel(step=0)})
    assert (flat.mask, flat.text) == (None, None)


@pytest.mark.parametrize("labelled", [(), ("layer",), ("component",), ("layer", "component")])
def test_a_mask_or_text_goes_by_label_where_it_has_some(labelled):
    values = np.arange(12.0).reshape(4, 3)
    coords = {"layer": np.array(LAYERS, object), "component": COMPONENTS}
    grid = xr.DataArray(values, dims=("layer", "component"), coords=coords)
    part = grid.isel({dim: slice(None, None, -1) for dim in labelled}).T
    part = part.drop_vars({"layer", "component"} - set(labelled)).assign_coords(run=3)
    state = start(values, mask=part > 5, text=part.astype(int))
    assert np.array_equal(state.mask, values > 5)
    assert state.text.tolist() == values.astype(int).astype(str).tolist()
    if "component" not in labelled:
        with pytest.raises(ValueError, match="text has shape"):
            resolve(state, {"text": part.isel(component=slice(2))})


def test_text_of_a_reordered_dataframe(values):
    frame = frame_of(np.arange(12).reshape(4, 3)).loc[["out", 1], ["v", "q"]]
    state = start(values, text=frame)
    assert cell_texts(state) == ["", "", "", "3", "", "5", "", "", "", "9", "", "11"]
    with pytest.raises(ValueError, match="no layer 9"):
        start(values, text=frame.rename({"out": 9}))


@pytest.mark.parametrize(
    "text",
    [
        np.ma.masked_array([["a", "x", "c"]], [[0, 1, 0]]),
        np.array([["a", np.nan, "c"]], object),
        [["a", None, "c"]],
        [["a", np.float32("nan"), "c"]],
        pd.DataFrame([["a", pd.NA, "c"]]),
        pd.DataFrame([["a", pd.NaT, "c"]], dtype=object),
        pd.DataFrame([["a", None, "c"]], dtype="category"),
    ],
)
def test_what_is_absent_says_nothing(text):
    assert cell_texts(resolve(EMPTY_STATE, {"values": [[1, 2, 3]], "text": text})) == ["a", "", "c"]


def test_numbers_as_text():
    for text in (np.float32([[0.1, np.nan]]), np.ma.masked_array([[0.1, 0.2]], [[0, 1]])):
        assert cell_texts(resolve(EMPTY_STATE, {"values": [[1, 2]], "text": text})) == ["0.1", ""]


@pytest.mark.parametrize(
    ("mask", "error", "words"),
    [
        (np.ones((3, 4), bool), ValueError, ["mask", "(3, 4)", "(4, 3)"]),
        (np.ones(4, bool), ValueError, ["mask", "1 dimensions", "(4,)"]),
        ([[True]], ValueError, ["mask", "(1, 1)"]),
        (np.ones((4, 3)), TypeError, ["mask", "float64", "compare"]),
        (np.ones((4, 3), int), TypeError, ["mask", "int64", "bool"]),
        ("all", TypeError, ["mask", "str"]),
        (frame_of(np.ones((4, 3), bool), [9, 1, 2, 3]), ValueError, ["no layer 9"]),
        (frame_of(np.ones((4, 3), bool), components=list("qkx")), ValueError, ["component 'x'"]),
    ],
)
def test_what_is_no_mask(values, mask, error, words):
    with pytest.raises(error) as caught:
        start(values, mask=mask)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_text_of_each_cell(values):
    masked = np.ma.masked_array(values, mask=values == 7)
    auto = cell_texts(start(masked, text="auto"))
    assert auto == ["0.5", "−1.25", "", "", "0", "3", "", "2", "−0.5", "0.001", "", "4"]
    assert cell_texts(start(values, text=".1f"))[:2] == ["0.5", "-1.2"]
    array = np.array([["a", None, 3]] * 4, object)
    assert cell_texts(start(values, text=array))[:3] == ["a", "", "3"]
    assert cell_texts(start(values, text=np.arange(12).reshape(4, 3)))[-1] == "11"
    assert cell_texts(start(values)) is None


@pytest.mark.parametrize("spec", [".2f", ".3", ".3g", "", ",", "+.1e", "z.1f", ".1%", "8.3"])
@pytest.mark.parametrize("dtype", ["float32", "int64", "uint64", "bool", "float16", ">f8"])
def test_a_format_for_one_number_is_one_for_all(spec, dtype):
    state = start(np.ones((4, 3), dtype), text=spec)
    assert len(cell_texts(state)) == 12
    assert cell_texts(resolve(state, {"values": np.full((4, 3), 2.5)}))[0] == format(2.5, spec)


@pytest.mark.parametrize(("spec", "text"), [("d", "-7"), ("03d", "-07"), ("x", "-7"), ("", "-7")])
def test_a_format_for_whole_numbers(spec, text):
    state = resolve(EMPTY_STATE, {"values": [[-7, 10]], "text": spec})
    assert cell_texts(state)[0] == text
    pending = resolve(EMPTY_STATE, {"layers": [0], "components": [0, 1], "text": spec})
    assert cell_texts(resolve(pending, {"values": [[-7, 10]]}))[0] == text


def test_whole_floats_as_categories_are_called_as_on_the_page():
    state = resolve(
        EMPTY_STATE,
        {"values": [[1.0, 2.5]], "categories": {1.0: "red", 2.5: None}, "text": "auto"},
    )
    assert cell_texts(state) == ["1", "2.5"]


def test_a_format_for_whole_numbers_is_none_for_others():
    for spec in ("d", "c"):
        with pytest.raises(ValueError, match=f"text is '{spec}', which is no format for 0.5"):
            resolve(EMPTY_STATE, {"values": [[0.25]], "text": spec})
    with pytest.raises(ValueError, match="text is 'c', which is no format"):
        resolve(EMPTY_STATE, {"values": [[70]], "text": "c"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%.2f", ["'%.2f'", "no format", '".2f"']),
        (".2q", ["'.2q'", "no format"]),
        ([["a"]], ["(1, 1)", "(4, 3)"]),
        ([["a", "b"], ["c"]], ["text", "lengths 2, 1"]),
        (np.full((2, 4, 3), "a"), ["(2, 4, 3)", "(4, 3)"]),
    ],
)
def test_what_is_no_text(values, text, words):
    with pytest.raises(ValueError, match="text") as caught:
        start(values, text=text)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ── small things ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"title": 3}, TypeError, "title is 3"),
        ({"label": b"x"}, TypeError, "label is b'x'"),
        ({"click": "mark"}, ValueError, "click is 'mark'; expected one of 'select'"),
        ({"click": None}, ValueError, "click is None"),
        ({"transpose": 1}, TypeError, "transpose is 1; it must be True"),
        ({"height": 0}, ValueError, "height is 0"),
        ({"height": -5}, ValueError, "height is -5"),
        ({"width": "100px"}, ValueError, "width is '100px'"),
        ({"width": True}, ValueError, "width is True"),
        ({"width": np.nan}, ValueError, "width is nan"),
        ({"width": np.inf}, ValueError, "width is inf"),
        ({"limits": (2, 1)}, ValueError, "swap"),
        ({"cmap": "viridiz"}, ValueError, "'viridis'"),
        ({"selection": [(7, "q")]}, ValueError, "no layer 7"),
    ],
)
def test_what_is_refused_changes_nothing(values, change, error, words):
    old = start(values, title="t", selection=[(1, "q")])
    with pytest.raises(error, match=words):
        resolve(old, {"title": "other", **change})
    assert (old.title, picked(old), old.click) == ("t", [(1, "q")], "select")


def test_none_means_the_default(values):
    old = start(values, cmap="magma", limits=(0, 1), title="t", height=300)
    new = resolve(old, dict.fromkeys(["cmap", "limits", "title", "height", "mask", "text"]))
    assert (cmap_of(new), new.limits, new.title, new.height) == ("viridis", "full", None, None)
    assert new.color_limits == (-1.25, 7.0)


def test_explicit_limits_stay_when_values_change(values):
    old = start(values, limits=(0, 2))
    assert resolve(old, {"values": values * 100}).color_limits == (0.0, 2.0)
    robust = start(values, limits="robust")
    assert resolve(robust, {"values": values * 100}).color_limits[1] > 100


def test_what_does_not_change_keeps_its_identity(values):
    old = start(values, mask=values > 2)
    new = resolve(old, {"title": "t"})
    for part in ("grid", "mask", "table", "scale", "selection"):
        assert getattr(new, part) is getattr(old, part)
    assert resolve(old, {"values": read(values)}).grid.shape == (4, 3)
