"""Which p-values pass: held against scipy, with labels, gaps and plain errors."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from layergrid import Heatmap, significance

shapes = hnp.array_shapes(min_dims=2, max_dims=3, max_side=6)
# Few distinct values beside all possible ones: ties are where procedures differ.
p_values = st.one_of(
    st.sampled_from([0.0, 0.001, 0.01, 0.025, 0.05, 0.5, 1.0]), st.floats(0, 1, width=64)
)
grids = hnp.arrays(np.float64, shapes, elements=p_values)
gappy = hnp.arrays(np.float64, shapes, elements=p_values | st.just(np.nan))
alphas = st.floats(0.001, 0.999)


@given(p=grids, alpha=alphas)
@example(p=np.full((3, 4), 0.05), alpha=0.05)  # all tie, at the very limit
@example(p=np.array([[0.04, 0.02, 0.9]]), alpha=0.06)  # 0.04 is the second of three
@example(p=np.array([[0.03, 0.04, 0.035]]), alpha=0.04)  # the last rank carries the first
def test_the_false_discovery_rate_is_that_of_scipy(p, alpha):
    adjusted = stats.false_discovery_control(p.ravel(), method="bh").reshape(p.shape)
    mask, share = significance(p, alpha)
    assert np.array_equal(mask.values, adjusted <= alpha)
    assert share == (adjusted <= alpha).mean()


@given(p=grids, alpha=alphas)
def test_bonferroni_and_none_are_their_definitions(p, alpha):
    assert np.array_equal(significance(p, alpha, "bonferroni").mask, p * p.size <= alpha)
    assert np.array_equal(significance(p, alpha, "none").mask, p <= alpha)


@given(p=gappy, alpha=alphas, method=st.sampled_from(["fdr_bh", "bonferroni", "none"]))
@example(p=np.full((2, 3), np.nan), alpha=0.05, method="fdr_bh")
def test_a_nan_is_no_test(p, alpha, method):
    tested = ~np.isnan(p)
    mask, share = significance(p, alpha, method)
    assert not mask.values[~tested].any()
    assert mask.attrs["tested"] == tested.sum()
    if not tested.any():
        assert np.isnan(share)
        return
    alone = significance(p[tested][None, :], alpha, method)
    assert np.array_equal(mask.values[tested], alone.mask.values[0])
    assert share == alone.share


@given(p=gappy, alpha=alphas, method=st.sampled_from(["fdr_bh", "bonferroni", "none"]))
def test_the_threshold_parts_what_passes_from_what_does_not(p, alpha, method):
    mask = significance(p, alpha, method).mask
    threshold = mask.attrs["threshold"]
    assert mask.attrs["passed"] == mask.values.sum()
    if mask.values.any():
        assert threshold == p[mask.values].max()
        assert not (p[~mask.values] <= threshold).any()
    else:
        assert np.isnan(threshold)


def test_absent_cells_are_no_tests():
    p = [[0.02, None, 0.04], [None, None, 0.9]]
    mask, share = significance(p, alpha=0.06)
    assert mask.values.tolist() == [[True, False, True], [False, False, False]]
    assert mask.dtype == bool
    assert share == pytest.approx(2 / 3)
    # 0.04 is the second of three; were the gaps counted, neither would pass.
    assert significance(np.nan_to_num(np.array(p, float), nan=1.0), 0.06).share == 0
    # What stands under a mask means nothing, not even that it is no p-value.
    covered = np.ma.MaskedArray([[0.01, 7.0]], mask=[[False, True]])
    assert significance(covered).mask.values.tolist() == [[True, False]]


def test_labels_names_and_axis_titles_survive():
    p = xr.DataArray(
        [[0.001, 0.5, 0.01], [0.2, 0.03, 0.9]],
        dims=("layer", "head"),
        coords={
            "layer": [4, 7],
            "head": ["a", "b", "c"],
            "name": (("layer", "head"), [["4a", "4b", "4c"], ["7a", "7b", "7c"]]),
        },
        attrs={"units": "probability"},
    )
    mask = significance(p, method="none").mask
    assert mask.dims == ("layer", "component")
    assert mask.layer.values.tolist() == [4, 7]
    assert mask.component.values.tolist() == ["a", "b", "c"]
    assert mask.component.attrs["long_name"] == "head"
    assert mask.coords["name"].values.tolist() == p.coords["name"].values.tolist()
    assert mask.sel(layer=7, component="b").item() is True
    assert mask.attrs == {
        "alpha": 0.05, "method": "none", "tested": 6, "passed": 3, "threshold": 0.03
    }  # fmt: skip


def test_steps_are_one_family():
    p = np.array([[[0.01, 0.9]], [[0.9, 0.9]]])
    mask = significance(p, alpha=0.03, method="bonferroni").mask
    assert mask.dims == ("step", "layer", "component")
    assert not mask.values.any()  # alone, the first step would pass
    assert significance(p[0], alpha=0.03, method="bonferroni").mask.values.any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "longdouble", ml_dtypes.bfloat16])
def test_every_dtype_is_read_at_its_own_value(dtype):
    p = np.array([[0.05, 0.25], [0.001, 1.0]]).astype(dtype)
    mask = significance(p, method="none").mask
    assert np.array_equal(mask.values, p.astype(float) <= 0.05)


def test_it_is_a_mask_for_a_heatmap_whatever_the_order_of_its_labels():
    frame = pd.DataFrame([[0.001, 0.5], [0.6, 0.002]], index=[0, 1], columns=["q", "k"])
    found = significance(frame)
    assert Heatmap(frame, mask=found).mask.tolist() == [[True, False], [False, True]]
    other = Heatmap(frame[["k", "q"]], mask=found)
    assert other.mask.tolist() == [[False, True], [True, False]]
    other.mask = None
    other.mask = significance(frame, alpha=0.003, method="none")
    assert other.mask.tolist() == [[False, True], [True, False]]
    other.mask = significance(frame, alpha=0.001, method="none")
    assert other.mask.tolist() == [[False, True], [False, False]]


@pytest.mark.parametrize(
    ("p", "keys", "error", "words"),
    [
        ([[0.5, 1.5]], {}, ValueError, "p is 1.5 at layer 0, component 1.*between 0 and 1.*10.0"),
        ([[0.5], [-0.1]], {}, ValueError, "p is -0.1 at layer 1, component 0"),
        ([[np.inf]], {}, ValueError, "p is inf at layer 0"),
        (np.full((2, 1, 1), 3), {}, ValueError, "p is 3 at step 0, layer 0"),
        ([[True, False]], {}, TypeError, "p has dtype bool"),
        ([0.1, 0.2], {}, ValueError, "^p .* has 1 dimensions"),
        (None, {}, TypeError, "p is None"),
        ([[0.5]], {"alpha": 5}, ValueError, "alpha is 5.*0.05"),
        ([[0.5]], {"alpha": 0}, ValueError, "alpha is 0;"),
        ([[0.5]], {"alpha": float("nan")}, ValueError, "alpha is nan"),
        ([[0.5]], {"alpha": "5%"}, ValueError, "alpha is '5%'"),
        ([[0.5]], {"method": ["x"]}, ValueError, r"method is \['x'\]; expected one of"),
        ([[0.5]], {"method": "BH"}, ValueError, "method is 'BH'; expected one of 'fdr_bh'"),
    ],
)
def test_errors_name_the_value_and_the_cure(p, keys, error, words):
    with pytest.raises(error, match=words):
        significance(p, **keys)


def test_the_wrong_cell_is_named_by_its_labels():
    frame = pd.DataFrame([[0.5, 2.0]], index=[17], columns=["attn.q", "mlp.down"])
    with pytest.raises(ValueError, match=r"p is 2 at layer 17, component 'mlp.down'"):
        significance(frame)


def test_the_mask_can_be_saved_with_what_it_means(tmp_path):
    mask = significance([[0.001, 0.5]]).mask
    mask.to_netcdf(tmp_path / "mask.nc", engine="scipy")
    read = xr.load_dataarray(tmp_path / "mask.nc", engine="scipy")
    assert read.equals(mask)
    assert read.attrs == mask.attrs


def test_without_labels_of_its_own_the_mask_goes_by_position() -> None:
    p = np.array([[0.001, 0.5, 0.9], [0.8, 0.002, 0.7]])
    w = Heatmap(p, components=["q", "k", "v"], mask=significance(p))
    assert w.mask.tolist() == [[True, False, False], [False, True, False]]


def test_strings_are_no_p_values() -> None:
    with pytest.raises(TypeError, match="p holds strings"):
        significance([["a", "b"]])
