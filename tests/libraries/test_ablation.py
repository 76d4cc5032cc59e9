"""The sweep: one cell off at a time, beside the loop that everyone writes by hand."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr

import layergrid as lg

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.libraries
nn = torch.nn

IDS = torch.arange(3, 19).reshape(2, 8)


def tiny(kind: str, **fields):
    """A small language model of a transformers type, with random weights."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(
        kind, vocab_size=40, hidden_size=32, intermediate_size=48, num_attention_heads=4,
        num_key_value_heads=2, initializer_range=0.2, **fields,
    )  # fmt: skip
    return AutoModelForCausalLM.from_config(config).eval()


@pytest.fixture(scope="module")
def model():
    """A small Llama: 3 layers, 4 heads of 8, 2 key and value heads."""
    return tiny("llama", num_hidden_layers=3)


@pytest.fixture
def score(model):
    @torch.no_grad()
    def loss():
        return model(IDS, labels=IDS).loss

    return loss


def losses(model, copies: int) -> torch.Tensor:
    """The loss of each of several copies of the batch."""
    with torch.no_grad():
        ids = IDS.repeat(copies, 1)
        logits = model(ids).logits[:, :-1].transpose(1, 2)
        each = nn.functional.cross_entropy(logits, ids[:, 1:], reduction="none")
    return each.reshape(copies, -1).mean(1)


def by_hand(model, score) -> np.ndarray:
    """The change of each head, (layer, head)."""
    found = np.zeros((3, 4))
    before = float(score())
    for layer in range(3):
        for head in range(4):

            def silence(_module, args, head=head):
                z = args[0].clone()
                z[..., head * 8 : head * 8 + 8] = 0
                return (z,)

            handle = model.model.layers[layer].self_attn.o_proj.register_forward_pre_hook(silence)
            found[layer, head] = float(score()) - before
            handle.remove()
    return found


def test_a_sweep_of_heads_is_the_loop_by_hand(model, score) -> None:
    grid = lg.ablation(model, score, "heads", progress=False)
    np.testing.assert_allclose(grid, by_hand(model, score), atol=1e-6)
    assert np.abs(grid).min() > 1e-5
    assert grid.dims == ("layer", "component")
    assert grid.attrs["baseline"] == pytest.approx(float(score()))
    assert lg.show(grid).data.coords["component"].attrs["long_name"] == "head"
    assert lg.tensor(grid, (2, 3)).shape == (32, 8)
    assert torch.equal(
        lg.tensor(grid, (2, 3)), model.model.layers[2].self_attn.o_proj.weight[:, 24:32]
    )


def test_a_sub_layer_a_projection_and_a_layer(model, score) -> None:
    grid = lg.ablation(model, score, ["attn", "mlp", "attn.q", "layer"], progress=False)
    before = float(score())
    for layer, component in [(0, "attn"), (1, "attn.q"), (2, "mlp"), (1, "layer")]:
        with lg.ablate(model, [(layer, component)]):
            assert float(grid.sel(layer=layer, component=component)) == pytest.approx(
                float(score()) - before, abs=1e-6
            )
    assert list(grid.sel(layer=range(2)).component) == ["attn", "mlp", "attn.q", "layer"]


def test_several_at_once_give_the_same(model) -> None:
    one_by_one = lg.ablation(model, losses, ["attn", "mlp.up"], progress=False)
    for batch in (2, 4, 6):
        grid = lg.ablation(model, losses, ["attn", "mlp.up"], batch=batch, progress=False)
        np.testing.assert_allclose(grid, one_by_one, atol=1e-5)
    mean = lg.ablation(model, losses, "heads", mode="mean", batch=5, progress=False)
    alone = lg.ablation(model, losses, "heads", mode="mean", progress=False)
    np.testing.assert_allclose(mean, alone, atol=1e-5)


def test_chosen_layers_in_their_order(model, score) -> None:
    grid = lg.ablation(model, score, "attn", layers=[2, 0], progress=False)
    assert list(grid.layer) == [2, 0]
    whole = lg.ablation(model, score, "attn", progress=False)
    np.testing.assert_array_equal(grid, whole.sel(layer=[2, 0]))


def test_an_interrupted_sweep_keeps_what_is_done_and_goes_on(model, score, tmp_path) -> None:
    runs = []

    def stopped():
        runs.append(1)
        if len(runs) == 7:  # the score before, and five cells
            raise KeyboardInterrupt
        return score()

    heatmap = lg.Heatmap()
    with pytest.warns(UserWarning, match="7 of 12 cells to go"):
        grid = lg.ablation(model, stopped, "heads", into=heatmap, progress=False)
    assert int(grid.pending.sum()) == 7
    assert heatmap.data.identical(grid)
    grid.to_netcdf(tmp_path / "sweep.nc")
    runs.clear()

    def counted():
        runs.append(1)
        return score()

    whole = lg.ablation(model, score, "heads", progress=False)
    for kept in (grid, heatmap, xr.load_dataarray(tmp_path / "sweep.nc")):
        runs.clear()
        resumed = lg.ablation(model, counted, resume=kept, progress=False)
        assert len(runs) == 1 + 7
        np.testing.assert_array_equal(resumed, whole)
        assert "pending" not in resumed.coords


def test_a_sweep_goes_on_over_its_own_layers_and_can_be_made_larger(model, score) -> None:
    part = lg.ablation(model, score, "attn", layers=[1], progress=False)
    again = lg.ablation(model, score, resume=part, progress=False)
    assert again.identical(part)
    runs = []

    def counted():
        runs.append(1)
        return score()

    more = lg.ablation(model, counted, "attn,mlp", layers=[0, 1], resume=part, progress=False)
    assert len(runs) == 1 + 3
    assert more.equals(lg.ablation(model, score, "attn,mlp", layers=[0, 1], progress=False))


def test_an_error_of_the_score_keeps_what_is_done_too(model, score) -> None:
    runs = []

    def broken():
        runs.append(1)
        if len(runs) == 4:
            raise ZeroDivisionError("no tokens")
        return score()

    with pytest.raises(ZeroDivisionError, match="no tokens") as caught:
        lg.ablation(model, broken, "attn,mlp", progress=False)
    assert int(caught.value.grid.pending.sum()) == 4
    assert any("(1, 'attn')" in note for note in caught.value.__notes__)


def test_the_heatmap_fills_while_it_runs(model, score) -> None:
    heatmap = lg.Heatmap()
    seen = []

    def looking():
        # Shown at most every 0.1 s: wait until what is done is there.
        seen.append(int(heatmap.data.pending.sum()) if heatmap.layers else None)
        return score()

    lg.ablation(model, looking, "attn,mlp", into=heatmap, progress=False)
    assert seen[0] is None
    assert seen[1] == 6
    assert "pending" not in heatmap.data.coords
    assert heatmap.data.equals(lg.ablation(model, score, "attn,mlp", progress=False))


def test_what_a_model_has_not_is_absent() -> None:
    mixture = tiny("mixtral", num_hidden_layers=2, num_local_experts=3, num_experts_per_tok=2)
    with torch.no_grad():
        grid = lg.ablation(
            mixture, lambda model: model(IDS, labels=IDS).loss, ["experts", "mlp"], progress=False
        )
    assert grid.sizes == {"layer": 2, "component": 4}
    assert np.isfinite(grid).all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"score": 3}, TypeError, "score is 3, which cannot be called"),
        ({"score": lambda model, a, b: 0}, TypeError, "parameters model, a, b"),
        ({"score": lambda: None}, TypeError, "gave a NoneType"),
        ({"score": lambda: 1 + 2j}, TypeError, "gave a complex"),
        ({"components": ["attn", 0]}, ValueError, "heads beside 'attn'"),
        ({"score": lambda: torch.zeros(3)}, ValueError, "3 numbers for 1 copy"),
        ({"components": "attn,mpl"}, ValueError, "did you mean 'mlp'"),
        ({"components": []}, ValueError, "components is empty"),
        ({"layers": [7]}, ValueError, "layers has 7"),
        ({"layers": "02"}, TypeError, "layers is '02'"),
        ({"layers": []}, ValueError, "layers is empty"),
        ({"mode": "off"}, ValueError, "mode is 'off'"),
        ({"batch": 0}, ValueError, "batch is 0"),
        ({"batch": 2}, TypeError, "parameter called copies"),
        ({"into": 3}, TypeError, "into is a int"),
        ({"resume": 3}, TypeError, "resume is a int"),
        ({"model": 3}, TypeError, "model is a int"),
    ],
)
def test_what_cannot_be_is_told_before_anything_runs(model, score, options, error, message) -> None:
    heatmap = lg.Heatmap(np.eye(2))
    before = heatmap.data
    asked = {"model": model, "score": score, "into": heatmap, "progress": False, **options}
    with pytest.raises(error, match=message):
        lg.ablation(**asked)
    assert heatmap.data.identical(before)


def test_a_sweep_of_something_else_is_not_resumed(model, score) -> None:
    grid = lg.ablation(model, score, "attn", progress=False)
    with pytest.raises(ValueError, match="from a score of"):
        lg.ablation(model, lambda: score() * 2, resume=grid, progress=False)
    with pytest.raises(ValueError, match="mode='zero', and mode is 'mean'"):
        lg.ablation(model, score, resume=grid, mode="mean", progress=False)
    with pytest.raises(ValueError, match="resume is a grid of 'rms'"):
        lg.ablation(model, score, resume=lg.weights(model, progress=False), progress=False)


def test_a_sweep_goes_on_in_its_own_stack() -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    torch.manual_seed(0)
    t5 = T5ForConditionalGeneration(
        T5Config(
            vocab_size=40,
            d_model=16,
            d_kv=4,
            d_ff=24,
            num_layers=2,
            num_heads=4,
            decoder_start_token_id=0,
        )
    ).eval()

    @torch.no_grad()
    def loss():
        return t5(input_ids=IDS, labels=IDS).loss

    encoder = lg.ablation(t5, loss, "heads", stack="encoder.block", progress=False)
    again = lg.ablation(t5, loss, resume=encoder, progress=False)
    assert again.identical(encoder)
    with pytest.raises(ValueError, match=r"in the stack 'encoder.block', and stack is 'decoder"):
        lg.ablation(t5, loss, resume=encoder, stack="decoder.block", progress=False)


def test_a_score_about_zero_is_resumed(model, score) -> None:
    before = float(score())
    grid = lg.ablation(model, lambda: float(score()) - before, "attn", progress=False)
    again = lg.ablation(
        model, lambda: float(score()) - before + 1e-7, "attn", resume=grid, progress=False
    )
    assert again.equals(grid)


def test_an_error_that_takes_no_notes_is_raised_as_it_is(model, score) -> None:
    @dataclass(frozen=True)
    class Stern(Exception):
        code: int

    runs = []

    def stern():
        runs.append(1)
        if len(runs) == 3:
            raise Stern(7)
        return score()

    with pytest.raises(Stern):
        lg.ablation(model, stern, "attn", progress=False)


def test_what_is_done_counts_as_run_and_what_never_ran_is_not_done(model, score) -> None:
    grid = lg.ablation(model, score, "attn", layers=[0, 1], progress=False)
    part = grid.copy()
    part[1] = np.nan
    part = part.assign_coords(pending=(("layer", "component"), [[False], [True]]))
    baseline = grid.attrs["baseline"]
    with pytest.warns(UserWarning, match=r"\(1, 'attn'\) did not run"):
        resumed = lg.ablation(model, lambda: baseline, resume=part, progress=False)
    assert float(resumed[1, 0]) == 0
    with pytest.raises(RuntimeError, match="ran nothing of") as caught:
        lg.ablation(model, lambda: 1.0, ["attn", "mlp"], progress=False)
    assert bool(caught.value.grid.pending.all())


def test_models_without_one_of_the_defaults_and_scores_by_name() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(3)))
    x = torch.randn(5, 4)

    @torch.no_grad()
    def total(*, model):
        return model(x).sum()

    with pytest.raises(ValueError, match="components has 'attn'"):
        lg.ablation(layers, total, progress=False)
    grid = lg.ablation(layers, total, "layer", progress=False)
    assert grid.shape == (3, 1)
    assert np.isfinite(grid).all()


def test_a_score_that_runs_nothing_of_the_model_is_told(model, score) -> None:
    with pytest.raises(RuntimeError, match="ran nothing of"):
        lg.ablation(model, lambda: 1.0, "attn,mlp", progress=False)

    def elsewhere():
        found = []
        thread = threading.Thread(target=lambda: found.append(float(score())))
        thread.start()
        thread.join()
        return found[0]

    with pytest.raises(RuntimeError, match="a thread of its own"):
        lg.ablation(model, elsewhere, "attn,mlp", progress=False)


def test_dropout_is_told(model, score) -> None:
    layers = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False
    )
    x = torch.randn(2, 5, 8)
    with pytest.warns(UserWarning, match=r"dropout or the like is on in 'layers.0.*model.eval"):
        lg.ablation(layers, lambda: layers(x).sum(), "mlp", progress=False)
