"""From anything that has weights to a labelled grid, and from a cell back to its tensor."""

from __future__ import annotations

import gzip
import itertools
import json
import math
import os
import re
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import ml_dtypes
import numpy as np
import pytest
import xarray as xr

import layergrid as lg

from .checkpoints import write_safetensors, write_sharded

DATA = Path(__file__).parents[1] / "data"
N_LAYERS = 4


@pytest.fixture
def state() -> dict[str, np.ndarray]:
    """A decoder of four layers: grouped attention, a gated MLP, norms; the second has no q."""
    rng = np.random.default_rng(0)
    shapes = {
        "input_layernorm.weight": (6,),
        "self_attn.q_proj.weight": (6, 6),
        "self_attn.q_proj.bias": (6,),
        "self_attn.k_proj.weight": (2, 6),
        "self_attn.v_proj.weight": (2, 6),
        "self_attn.o_proj.weight": (6, 6),
        "mlp.gate_proj.weight": (10, 6),
        "mlp.up_proj.weight": (10, 6),
        "mlp.down_proj.weight": (6, 10),
    }
    tensors = {"model.embed_tokens.weight": rng.normal(size=(20, 6)).astype("f4")}
    for layer in range(N_LAYERS):
        for name, shape in shapes.items():
            if layer != 1 or "q_proj" not in name:
                key = f"model.layers.{layer}.{name}"
                tensors[key] = rng.normal(size=shape).astype("f4")
    return tensors


COMPONENTS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]


def rms(array: np.ndarray) -> float:
    return math.sqrt(np.mean(np.asarray(array, "f8") ** 2))


def test_a_grid_has_the_labels_of_the_model_and_the_numbers_of_its_tensors(state):
    grid = lg.weights(state)
    assert grid.dims == ("layer", "component")
    assert grid.layer.values.tolist() == [0, 1, 2, 3]
    assert grid.component.values.tolist() == COMPONENTS
    for layer in range(N_LAYERS):
        cell = grid.sel(layer=layer, component="mlp.down")
        name = f"model.layers.{layer}.mlp.down_proj.weight"
        assert cell.coords["name"] == name
        assert cell.coords["shape"] == "6×10"
        assert cell.coords["dtype"] == "float32"
        assert float(cell) == pytest.approx(rms(state[name]), rel=1e-7)


def test_what_a_layer_has_not_is_absent(state):
    grid = lg.weights(state)
    absent = np.zeros((N_LAYERS, 7), bool)
    absent[1, 0] = True
    np.testing.assert_array_equal(grid.coords["absent"], absent)
    np.testing.assert_array_equal(np.isnan(grid), absent)
    assert lg.Heatmap(grid).values.mask.tolist() == absent.tolist()


def test_attrs_are_numbers_and_strings_and_say_what_was_measured(state):
    grid = lg.weights(state, "frobenius")
    assert grid.name == grid.attrs["statistic"] == "frobenius"
    assert {"formula", "units", "source", "stack", "stacks"} <= grid.attrs.keys()
    assert all(isinstance(value, str | int | float) for value in grid.attrs.values())
    assert all(grid.coords[name].dtype.kind in "biufU" for name in grid.coords)
    assert grid.attrs["stack"] == "model.layers"
    assert lg.Heatmap(grid).label == "frobenius"


def test_components_choose_columns(state):
    everything = lg.weights(state, components="all")
    assert everything.component.values.tolist() == ["attn.norm", *COMPONENTS]
    chosen = lg.weights(state, components=["mlp", "attn.v"])
    assert chosen.component.values.tolist() == ["mlp.gate", "mlp.up", "mlp.down", "attn.v"]
    with pytest.raises(ValueError, match=re.escape("'mpl.up'") + ".*did you mean 'mlp.up'"):
        lg.weights(state, components=["mpl.up"])
    biases = lg.weights(state, tail="bias")
    assert biases.component.values.tolist() == ["attn.q"]
    with pytest.raises(ValueError, match=r"tail is 'lora_A'.*there are 'weight', 'bias'"):
        lg.weights(state, tail="lora_A")
    with pytest.raises(ValueError, match="experts is 'sum'"):
        lg.weights(state, experts="sum")
    with pytest.raises(ValueError, match="components is 'matrix'"):
        lg.weights(state, components="matrix")


def test_vectors_are_absent_for_statistics_of_matrices(state):
    grid = lg.weights(state, "spectral_norm", components="all")
    assert grid.coords["absent"].sel(component="attn.norm").all()
    assert not grid.coords["absent"].sel(component="mlp.up").any()


def test_a_count_is_of_everything_in_the_stack_and_of_nothing_twice(state):
    in_stack = {name: a for name, a in state.items() if name.startswith("model.layers.")}
    grid = lg.weights(state, "parameters")
    assert "attn.norm" in grid.component
    assert int(grid.sum()) == sum(a.size for a in in_stack.values())
    assert int(grid.sel(layer=0, component="attn.q")) == 6 * 6 + 6
    assert grid.sel(layer=0, component="attn.q").coords["shape"] == "6×6"
    assert int(lg.weights(state, "bytes").sum()) == sum(a.nbytes for a in in_stack.values())


def test_an_unknown_stack_names_those_there_are(state):
    both = state | {f"vision.blocks.{k}.attn.proj.weight": np.ones((2, 2), "f4") for k in range(3)}
    assert lg.weights(both).attrs["stacks"] == "vision.blocks"
    assert lg.weights(both, stack="vision").sizes == {"layer": 3, "component": 1}
    with pytest.raises(ValueError, match=r"'model.layers' \(4 layers\), 'vision.blocks' \(3"):
        lg.weights(both, stack="audio")
    for name in ("head.weight", "layers.0.attn.weight"):
        with pytest.raises(ValueError, match=rf"no stack.*\('{name}'\) count neither several lay"):
            lg.weights({name: np.ones((2, 2))})


def test_what_is_no_model_is_told_so(tmp_path):
    with pytest.raises(TypeError, match=r"source is 3, a int; expected a torch.nn.Module"):
        lg.weights(3)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        lg.weights(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"'rmse'.*did you mean 'rms'"):
        lg.weights({}, "rmse")


# ── experts ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def experts() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        f"model.layers.{layer}.mlp.{name}.weight": rng.normal(size=shape)
        for layer in range(2)
        for name, shape in {
            "gate": (3, 4),
            **{f"experts.{e}.{p}_proj": (5, 4) for e in range(3) for p in ("gate", "up")},
            **{f"experts.{e}.down_proj": (4, 5) for e in range(3)},
        }.items()
    }


def test_experts_are_averaged_or_stand_side_by_side(experts):
    mean = lg.weights(experts)
    assert mean.component.values.tolist() == ["moe.router", "moe.gate", "moe.up", "moe.down"]
    names = [f"model.layers.1.mlp.experts.{e}.up_proj.weight" for e in range(3)]
    cell = mean.sel(layer=1, component="moe.up")
    assert float(cell) == pytest.approx(np.mean([rms(experts[name]) for name in names]))
    assert cell.coords["name"] == "model.layers.1.mlp.experts.*.up_proj.weight"
    assert cell.coords["shape"] == "3×5×4"
    each = lg.weights(experts, experts="each")
    assert each.component.values.tolist()[:4] == [
        "moe.router", "moe.experts.0.gate", "moe.experts.0.up", "moe.experts.0.down"
    ]  # fmt: skip
    assert each.sizes["component"] == 1 + 3 * 3
    assert float(each.sel(layer=1, component="moe.experts.2.up")) == rms(experts[names[2]])
    assert int(lg.weights(experts, "parameters").sum()) == sum(a.size for a in experts.values())


def test_a_pooled_cell_has_no_tensor_of_its_own(experts):
    with pytest.raises(ValueError, match=r"pools 3 tensors.*experts='each'"):
        lg.tensor(lg.weights(experts), (0, "moe.up"), experts)
    each = lg.weights(experts, experts="each")
    found = lg.tensor(each, (0, "moe.experts.1.up"), experts)
    np.testing.assert_array_equal(found, experts["model.layers.0.mlp.experts.1.up_proj.weight"])


def test_nothing_of_any_stack_is_lost_or_counted_twice():
    types = json.loads(gzip.decompress((DATA / "hf_param_names.json.gz").read_bytes()))
    for kind in sorted(types)[::16]:
        shapes = {name: tuple(shape) for name, shape in types[kind]["params"].items()}
        state = {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes.items()}
        first = lg.weights(state, "parameters").attrs
        for stack in [first["stack"], *filter(None, first["stacks"].split(", "))]:
            grid = lg.weights(state, "parameters", stack=stack)
            layers = re.escape(stack).replace(r"\*", r"\d+") + r"\.\d+(\.|$)"
            there = [math.prod(shape) for name, shape in shapes.items() if re.match(layers, name)]
            assert int(grid.sum()) == sum(there), (kind, stack)


# ── while it is measured ─────────────────────────────────────────────────────────────────────


def test_the_grid_is_there_at_once_and_fills_while_it_is_read(state):
    shown, seen = lg.Heatmap(), []

    def watching(tensor):
        if shown.values.size:
            seen.append((shown.components, int(np.ma.count_masked(shown.values))))
        return rms(tensor)

    grid = lg.weights(state, watching, into=shown)
    assert seen[0] == (tuple(COMPONENTS), N_LAYERS * 7)
    assert shown.data.coords["absent"].sum() == 1
    assert "pending" not in shown.data.coords
    np.testing.assert_array_equal(shown.data, grid)
    assert shown.selection == ()
    shown.selection = [(2, "mlp.up")]
    assert shown.selection[0].name == "model.layers.2.mlp.up_proj.weight"


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_what_is_done_stays_when_a_statistic_fails(state, error):
    shown = lg.Heatmap()

    def failing(tensor):
        if tensor.shape == (10, 6):
            raise error
        return rms(tensor)

    with pytest.raises(error) as raised:
        lg.weights(state, failing, into=shown)
    if error is ZeroDivisionError:
        assert raised.value.__notes__ == ["while measuring model.layers.0.mlp.gate_proj.weight"]
    assert shown.data.coords["pending"].sel(component="mlp.gate").all()
    assert not shown.data.coords["pending"].sel(layer=0, component="attn.o")
    assert float(shown.data.sel(layer=0, component="attn.o")) == rms(
        state["model.layers.0.self_attn.o_proj.weight"]
    )


@pytest.mark.parametrize(
    ("options", "keywords", "message"),
    [
        ({"categories": {1: "red", 2: "blue"}}, {}, "into has the categories 1, 2, but rms gives"),
        ({"categories": {1: "red", 2: "blue"}}, {"statistic": "bytes"}, "but bytes gives numbers"),
        ({"text": "d"}, {}, r"text is 'd', which is no format for 0.5"),
        ({}, {"executor": "shut down"}, r"takes no work \(cannot schedule .*make a new one"),
        ({}, {"executor": "broken"}, r"takes no work \(A child process .*make a new one"),
    ],
)
def test_a_heatmap_that_cannot_be_filled_stays_as_it_was(state, options, keywords, message):
    shown = lg.Heatmap([[1, 2], [2, 1]], mask=[[True, False]] * 2, **options)
    shown.selection = [(0, 1)]
    if keywords.get("executor") == "shut down":
        keywords = {"executor": ThreadPoolExecutor(1)}
        keywords["executor"].shutdown()
    elif keywords.get("executor") == "broken":
        keywords = {"executor": ProcessPoolExecutor(1)}
        with pytest.raises(BrokenExecutor):
            keywords["executor"].submit(os._exit, 1).result()
    with pytest.raises(ValueError, match=message):
        lg.weights(state, **keywords, into=shown)
    assert shown.values.tolist() == [[1, 2], [2, 1]]
    assert shown.mask.tolist() == [[True, False]] * 2
    assert [(cell.layer, cell.component) for cell in shown.selection] == [(0, 1)]


def test_what_cannot_travel_to_other_processes_is_told_before_anything_is_lost(state):
    shown = lg.Heatmap([[1, 2]])
    with ProcessPoolExecutor(1) as processes, pytest.raises(Exception, match="pickle"):
        lg.weights(state, lambda tensor: 1.0, executor=processes, into=shown)
    assert shown.values.tolist() == [[1, 2]]


def test_a_function_of_categories_fills_a_heatmap_of_such(state):
    shown = lg.Heatmap(categories={6: "red", 10: "blue", 2: "green"})
    lg.weights(state, len, into=shown)
    assert shown.data.sel(layer=0, component="mlp.up") == 10


@pytest.mark.parametrize("n_threads", [0, 1])
def test_a_statistic_that_stops_an_iteration_ends_nothing_silently(state, n_threads):
    def exhausted(tensor):
        return next(iter(()))

    with ThreadPoolExecutor(1) as thread, pytest.raises(RuntimeError) as raised:
        lg.weights(state, exhausted, executor=thread if n_threads else None)
    assert re.match(r"statistic exhausted raised StopIteration .*q_proj", str(raised.value))


def test_a_cell_waits_for_all_that_is_pooled_in_it(experts):
    shown = lg.Heatmap()

    def failing(tensor):
        if tensor is experts["model.layers.0.mlp.experts.2.up_proj.weight"]:
            raise ZeroDivisionError
        return rms(tensor)

    with pytest.raises(ZeroDivisionError):
        lg.weights(experts, failing, into=shown)
    assert shown.data.coords["pending"].sel(layer=0, component="moe.up")


def test_after_an_error_nothing_more_is_measured(state):
    begun, may_end = [], Event()

    def failing(tensor):
        begun.append(tensor)
        if len(begun) == 1:
            raise ZeroDivisionError
        may_end.wait(60)
        return 0.0

    with ThreadPoolExecutor(1) as thread:
        with pytest.raises(ZeroDivisionError):
            lg.weights(state, failing, executor=thread)
        may_end.set()
    assert len(begun) < 4


def test_what_is_the_same_memory_is_measured_once():
    shared = np.ones((3, 2))
    measured = []

    def counting(tensor):
        measured.append(tensor)
        return rms(tensor)

    grid = lg.weights({f"layers.{k}.mlp.up_proj.weight": shared for k in range(4)}, counting)
    assert grid.values.tolist() == [[1.0]] * 4
    assert len(measured) == 1


@pytest.mark.parametrize("progress", [True, False])
def test_work_that_takes_long_shows_how_far_it_is(state, capsys, monkeypatch, progress):
    now = itertools.count(step=1.0)
    monkeypatch.setattr("tqdm.std.time", lambda: next(now))
    lg.weights(state, progress=progress)
    said = capsys.readouterr().err
    assert ("rms of mapping: 100%" in said) == progress


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"into": 3}, r"into is a int; expected a Heatmap"),
        ({"into": {}}, r"into is a dict; expected a Heatmap"),
        ({"executor": 4}, r"executor is 4; expected a concurrent.futures.Executor"),
        ({"stack": 3}, r"stack is 3; expected the name of a stack"),
        ({"tail": None}, r"tail is None; expected a string"),
        ({"components": 5}, r"components is 5; expected 'matrices', 'all' or a list"),
        ({"components": []}, r"components is \[\]; expected at least one name"),
        ({"components": [3]}, r"components is \[3\]; expected at least one name"),
    ],
)
def test_keywords_of_another_kind_are_refused_before_anything_is_read(wrong, message):
    with pytest.raises((TypeError, ValueError), match=message):
        lg.weights("nowhere.safetensors", **wrong)


def test_threads_and_processes_find_the_same(state, tmp_path):
    write_sharded(tmp_path, state, shards=3)
    alone = lg.weights(tmp_path, "kurtosis")
    with ThreadPoolExecutor(2) as threads:
        xr.testing.assert_identical(lg.weights(tmp_path, "kurtosis", executor=threads), alone)
    with ProcessPoolExecutor(2) as processes:
        xr.testing.assert_identical(lg.weights(tmp_path, "kurtosis", executor=processes), alone)


# ── on disk ──────────────────────────────────────────────────────────────────────────────────


def test_a_checkpoint_gives_the_grid_of_what_is_in_it(state, tmp_path):
    reduced = {name: a.astype(ml_dtypes.bfloat16) for name, a in state.items()}
    alphabetical = dict(sorted(reduced.items()))
    write_sharded(tmp_path, alphabetical, shards=2)
    grid = lg.weights(tmp_path)
    xr.testing.assert_allclose(grid.drop_attrs(), lg.weights(reduced).drop_attrs(), rtol=1e-12)
    assert grid.component.values.tolist() == COMPONENTS
    assert set(np.unique(grid.coords["dtype"])) == {"", "bfloat16"}
    assert grid.attrs["source"] == tmp_path.name


def test_counts_read_nothing_but_the_header(state, tmp_path):
    path = write_safetensors(tmp_path / "model.safetensors", state)
    with open(path, "r+b") as file:  # values that nobody may look at
        header = 8 + int.from_bytes(file.read(8), "little")
        size = os.path.getsize(path)
        file.truncate(header)
        file.truncate(size)
    grid = lg.weights(path, "parameters")
    assert int(grid.sum()) == sum(a.size for n, a in state.items() if "layers" in n)
    assert grid.coords["dtype"].sel(layer=0, component="mlp.up") == "float32"


def test_home_folders_are_not_named(state, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = write_safetensors(tmp_path / "model.safetensors", state)
    grid = lg.weights(path)
    assert str(tmp_path) not in json.dumps(grid.to_dict(), default=str)
    np.testing.assert_array_equal(
        lg.tensor(grid, (0, "mlp.up")), state["model.layers.0.mlp.up_proj.weight"]
    )


# ── back to the tensor ───────────────────────────────────────────────────────────────────────


def test_a_cell_leads_back_to_its_tensor(state, tmp_path):
    write_sharded(tmp_path, state, shards=2)
    grid = lg.weights(tmp_path)
    name = "model.layers.3.mlp.down_proj.weight"
    found = lg.tensor(grid, (3, "mlp.down"))
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, state[name])
    shown = lg.Heatmap(grid)
    shown.selection = [(3, "mlp.down")]
    np.testing.assert_array_equal(lg.tensor(grid, shown.selection[0]), state[name])
    part = grid.sel(component="mlp.down").isel(layer=slice(2, None))
    np.testing.assert_array_equal(lg.tensor(part, (3, "mlp.down")), state[name])


def test_counts_of_any_size_are_saved_in_netcdf_3(tmp_path):
    state = {
        f"layers.{k}.mlp.{p}.weight": np.broadcast_to(np.float32(0), (2**20, 2**20 + k))
        for k, p in itertools.product(range(2), ("up", "down"))
    }
    grid = lg.weights(state, "parameters")
    assert grid.dtype == np.int64
    grid.to_netcdf(tmp_path / "grid.nc", engine="scipy")
    with xr.open_dataarray(tmp_path / "grid.nc", engine="scipy") as saved:
        np.testing.assert_array_equal(saved, grid)


def test_a_cell_without_a_tensor_says_why(state, tmp_path):
    grid = lg.weights(state)
    with pytest.raises(ValueError, match=r"layer 1, component 'attn.q' is absent"):
        lg.tensor(grid, (1, "attn.q"), state)
    with pytest.raises(KeyError, match="17 is no layer"):
        lg.tensor(grid, (17, "attn.q"), state)
    with pytest.raises(KeyError, match=r"did you mean 'mlp.up'"):
        lg.tensor(grid, (1, "mlp.upp"), state)
    with pytest.raises(LookupError, match=r"mapping, which is no live model.*give it as model="):
        lg.tensor(grid, (0, "mlp.up"))
    with pytest.raises(LookupError, match=r"has no parameter 'model.layers.0.mlp.up_proj.weight'"):
        lg.tensor(grid, (0, "mlp.up"), {"layers.0.weight": np.ones(2)})
    other = {name: a[:, :3] if a.ndim == 2 else a for name, a in state.items()}
    with pytest.raises(ValueError, match=r"shape 10×3 in .*, but 10×6 in the grid"):
        lg.tensor(grid, (0, "mlp.up"), other)
    with pytest.raises(TypeError, match=r"grid is a Heatmap; .*pass its .data"):
        lg.tensor(lg.Heatmap(grid), (0, "mlp.up"), state)
    with pytest.raises(TypeError, match=r"cell is 5; expected a Cell or \(layer, component\)"):
        lg.tensor(grid, 5, state)
    shown = lg.Heatmap(grid)
    for n, cure in enumerate(["nothing is selected", r"1 in all.*selection\[0\]", "2 in all"]):
        shown.selection = [(layer, "mlp.up") for layer in range(n)]
        for several in (shown.selection, list(shown.selection)):
            with pytest.raises(TypeError, match=cure):
                lg.tensor(grid, several, state)
    for label in (True, np.True_, [1], np.array([1, 2]), slice(1), math.nan):
        with pytest.raises(KeyError, match=r"is no layer of the grid.*there are 0, 1, 2, 3"):
            lg.tensor(grid, (label, "mlp.up"), state)
    with pytest.raises(ValueError, match=r"no coordinate 'name'.*lg.weights"):
        lg.tensor(grid.drop_vars("name"), (0, "mlp.up"), state)
    path = write_safetensors(tmp_path / "gone.safetensors", state)
    lost = lg.weights(path)
    Path(path).unlink()
    with pytest.raises(LookupError, match=r"gone.safetensors, which is not at .* any more"):
        lg.tensor(lost, (0, "mlp.up"))


# ── weights that are not stored ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stored", "tail"),
    [
        ({"weight_orig": (3, 2), "weight_u": (3,), "weight_v": (2,)}, "weight_orig"),
        ({"weight_g": (3, 1), "weight_v": (3, 2)}, "weight_v"),
        ({"parametrizations.weight.original": (3, 2)}, "weight.original"),
        (
            {f"parametrizations.weight.original{k}": (3, 1 + k) for k in range(2)},
            "weight.original1",
        ),
    ],
)
def test_a_weight_that_is_computed_is_missed_aloud(state, stored, tail):
    for name, shape in stored.items():
        state[f"model.layers.2.mlp.extra.{name}"] = np.ones(shape)
    with pytest.warns(UserWarning, match=rf"'mlp.extra' anew.*tail='{tail}' measures") as raised:
        assert lg.weights(state).component.values.tolist() == COMPONENTS
    assert raised[0].filename == __file__
    assert lg.weights(state, tail=tail).sizes == {"layer": 4, "component": 1}
    counted = lg.weights(state, "parameters").sel(layer=2, component="mlp.extra")
    assert counted == sum(math.prod(shape) for shape in stored.values())


def test_pruned_weights_stand_where_others_do(state):
    name = "model.layers.2.mlp.up_proj.weight"
    state[f"{name}_mask"] = (state[name] > 0).astype("f4")
    state[f"{name}_orig"] = state.pop(name)
    grid = lg.weights(state, "zero_fraction")
    cell = grid.sel(layer=2, component="mlp.up")
    assert (cell.coords["name"], cell.coords["dtype"]) == (name, "float32 (pruned)")
    assert float(cell) == np.mean(state[f"{name}_mask"] == 0) > 0
    found = lg.tensor(grid, (2, "mlp.up"), state)
    np.testing.assert_array_equal(found, state[f"{name}_orig"] * state[f"{name}_mask"])
    assert lg.weights(state, "parameters").sel(layer=2, component="mlp.up") == 60


# ── honest cells ─────────────────────────────────────────────────────────────────────────────


def test_tensors_that_are_not_finite_or_empty_make_honest_cells():
    state = {f"layers.{k}.mlp.up_proj.weight": np.ones((2, 3)) for k in range(4)}
    state["layers.1.mlp.up_proj.weight"][0, 0] = np.nan
    state["layers.2.mlp.up_proj.weight"][1, 2] = np.inf
    state["layers.3.mlp.up_proj.weight"] = np.ones((0, 3))
    column = lg.weights(state).values[:, 0]
    np.testing.assert_array_equal(column, [1, np.nan, np.inf, np.nan])
    assert lg.weights(state, "nonfinite").values[:, 0].tolist() == [0, 1, 1, 0]
    assert lg.weights(state, "parameters").values[:, 0].tolist() == [6, 6, 6, 0]
    assert np.isnan(lg.weights(state, "effective_rank").values[1:, 0]).all()
