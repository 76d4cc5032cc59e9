"""Parts of live models switched off, beside the same done by hand with plain torch hooks."""

from __future__ import annotations

import contextlib
import copy
import threading
import warnings
from collections import namedtuple

import pytest

import layergrid as lg

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.libraries

PROJECTIONS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]
NAMES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@pytest.fixture(autouse=True)
def _one_thread():
    """Let a pass of a few tokens run in one thread: waiting for another costs more than it does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tiny(kind: str, auto: str = "AutoModel", **fields):
    """A small model of a transformers type, with random weights of some size."""
    import transformers

    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **fields)
    model = getattr(transformers, auto).from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    return model


BASE = {
    "vocab_size": 40, "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 4, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
LLAMA = {**BASE, "num_key_value_heads": 2}
IDS = torch.tensor([[3, 17, 29, 5, 8], [11, 4, 4, 38, 20]])


def n_hooks(model) -> int:
    """Count all hooks of all modules, of every kind that torch knows."""
    return sum(
        len(value)
        for module in model.modules()
        for name, value in vars(module).items()
        if "hooks" in name and hasattr(value, "__len__")
    )


def logits(model, **more):
    with torch.no_grad():
        out = model(input_ids=IDS, **more)
    return out.logits if hasattr(out, "logits") else out.last_hidden_state


@contextlib.contextmanager
def by_hand(module, before=None, after=None):
    """Plain hooks of torch, for the time of a block."""
    handles = []
    if before is not None:
        handles.append(module.register_forward_pre_hook(lambda m, args: (before(args[0]),)))
    if after is not None:
        handles.append(module.register_forward_hook(lambda m, args, out: after(args, out)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def zero(columns=...):
    def edit(tensor):
        tensor = tensor.clone()
        tensor[..., columns] = 0
        return tensor

    return edit


def mean(columns=...):
    def edit(tensor):
        tensor = tensor.clone()
        flat = tensor.reshape(-1, tensor.shape[-1])
        tensor[..., columns] = flat.mean(0)[columns]
        return tensor

    return edit


EDITS = {"zero": zero, "mean": mean}


def output_off(module, columns=..., edit=zero):
    return by_hand(module, after=lambda args, out: edit(columns)(out))


def input_off(module, columns, edit=zero):
    return by_hand(module, before=edit(columns))


def layer_off(layer, edit=zero):
    def after(args, out):
        y = out[0] if isinstance(out, tuple) else out
        x = args[0] + 0
        if edit is mean:
            x = x + (y - x).reshape(-1, x.shape[-1]).mean(0)
        return (x, *out[1:]) if isinstance(out, tuple) else x

    return by_hand(layer, after=after)


def check(model, cells, hand, run=logits, mode="zero"):
    """Compare with the same done by hand, and see that it does something and leaves nothing."""
    untouched = run(model)
    before = n_hooks(model)
    with lg.ablate(model, cells, mode):
        found = run(model)
    assert n_hooks(model) == before
    with hand:
        wanted = run(model)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    assert not torch.equal(found, untouched)
    assert torch.equal(run(model), untouched)


# ── real models ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("index", [0, 13, 29])
def test_each_head_and_projection_of_a_decoder(smollm2, index):
    layer = smollm2.model.layers[index]
    for head in range(9):
        columns = slice(64 * head, 64 * head + 64)
        check(smollm2, [(index, head)], input_off(layer.self_attn.o_proj, columns))
    for component, name in zip(PROJECTIONS, NAMES, strict=True):
        module = getattr(layer.self_attn, name, None) or getattr(layer.mlp, name)
        check(smollm2, [(index, component)], output_off(module))


def test_sublayers_and_layers_of_a_decoder(smollm2):
    layer = smollm2.model.layers[7]
    # What a person would hook: what the module of the sub-layer gives.
    attention = by_hand(
        layer.self_attn, after=lambda args, out: (torch.zeros_like(out[0]), *out[1:])
    )
    check(smollm2, [(7, "attn")], attention)
    check(smollm2, [(7, "mlp")], output_off(layer.mlp))
    check(smollm2, [(7, "layer")], layer_off(layer))
    check(smollm2, [(7, "layer")], layer_off(layer, mean), mode="mean")
    check(smollm2, [(7, "mlp.norm")], output_off(layer.post_attention_layernorm))


@pytest.fixture(scope="module")
def minilm(minilm_folder):
    from transformers import AutoModel

    return AutoModel.from_pretrained(minilm_folder).eval()


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_each_head_and_projection_of_an_encoder(minilm, mode):
    edit = EDITS[mode]
    layers = list(enumerate(minilm.encoder.layer))
    for index, layer in layers if mode == "zero" else layers[:2]:
        own, output = layer.attention.self, layer.attention.output
        for head in range(12):
            hand = input_off(output.dense, slice(32 * head, 32 * head + 32), edit)
            check(minilm, [(index, head)], hand, mode=mode)
        for component, module in {
            "attn.q": own.query, "attn.k": own.key, "attn.v": own.value, "attn.o": output.dense,
            "mlp.up": layer.intermediate.dense, "mlp.down": layer.output.dense,
            "attn.norm": output.LayerNorm,
            # Not the modules' own output, which has the residual and the norm in it.
            "attn": output.dense, "mlp": layer.output.dense,
        }.items():  # fmt: skip
            check(minilm, [(index, component)], output_off(module, edit=edit), mode=mode)
        check(minilm, [(index, "layer")], layer_off(layer, edit), mode=mode)


# ── every kind of layout ─────────────────────────────────────────────────────────────────────


def thirds(width, i):
    return slice(i * width, (i + 1) * width)


def each_head(n, width, i):
    """The i-th third of each head's."""
    return [head * 3 * width + i * width + k for head in range(n) for k in range(width)]


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_transposed_and_fused_projections(mode):
    fields = {"vocab_size": 40, "n_embd": 24, "n_layer": 2, "n_head": 4}
    model = tiny("gpt2", "AutoModelForCausalLM", **fields, bos_token_id=1, eos_token_id=2)
    edit = EDITS[mode]
    for index, block in enumerate(model.transformer.h):
        for i, letter in enumerate("qkv"):
            hand = output_off(block.attn.c_attn, thirds(24, i), edit)
            check(model, [(index, f"attn.{letter}")], hand, mode=mode)
        for head in range(4):
            check(
                model, [(index, head)], input_off(block.attn.c_proj, thirds(6, head), edit),
                mode=mode,
            )  # fmt: skip
        check(model, [(index, "attn")], output_off(block.attn.c_proj, edit=edit), mode=mode)
        check(model, [(index, "mlp.up")], output_off(block.mlp.c_fc, edit=edit), mode=mode)
        check(model, [(index, "mlp")], output_off(block.mlp, edit=edit), mode=mode)
        check(model, [(index, "layer")], layer_off(block, edit), mode=mode)


def test_projections_in_turn_for_each_head():
    model = tiny("gpt_neox", "AutoModelForCausalLM", **BASE)
    for index, layer in enumerate(model.gpt_neox.layers):
        fused, dense = layer.attention.query_key_value, layer.attention.dense
        for i, letter in enumerate("qkv"):
            check(model, [(index, f"attn.{letter}")], output_off(fused, each_head(4, 6, i)))
        for head in range(4):
            check(model, [(index, head)], input_off(dense, thirds(6, head)))
        check(model, [(index, "layer")], layer_off(layer))


def test_experts_that_are_computed_as_one():
    model = tiny("mixtral", "AutoModelForCausalLM", **LLAMA, num_local_experts=3)
    untouched = logits(model)
    for index, layer in enumerate(model.model.layers):
        for expert in range(3):
            other = copy.deepcopy(model)
            with torch.no_grad():
                other.model.layers[index].mlp.experts.down_proj[expert] = 0
            with lg.ablate(model, [(index, f"moe.experts.{expert}")]):
                found = logits(model)
            torch.testing.assert_close(found, logits(other), rtol=0, atol=1e-5)
            assert not torch.equal(found, untouched)
        check(model, [(index, "moe")], output_off(layer.mlp))
        check(model, [(index, "mlp")], output_off(layer.mlp))  # of a layer that has only experts
        check(model, [(index, "moe")], output_off(layer.mlp, edit=mean), mode="mean")
        check(model, [(index, "attn.q")], output_off(layer.self_attn.q_proj))
    with lg.ablate(model, [(0, "moe.experts.0"), (0, "moe.experts.2")]):
        found = logits(model)
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.model.layers[0].mlp.experts.down_proj[[0, 2]] = 0
    torch.testing.assert_close(found, logits(other), rtol=0, atol=1e-5)
    assert n_hooks(model) == 0


class Routed(nn.Module):
    """Experts in a list, of which each token sees one; layers pass their input by keyword."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(6, 3)
        self.experts = nn.ModuleList([Expert() for _ in range(3)])

    def forward(self, x):
        scores = self.gate(x)
        best = (scores - scores.mean((0, 1))).argmax(-1)
        out = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            out[best == i] = expert(x[best == i])
        return out


class Expert(nn.Module):
    def __init__(self):
        super().__init__()
        self.up_proj, self.down_proj = nn.Linear(6, 8), nn.Linear(8, 6)

    def forward(self, x):
        return self.down_proj(self.up_proj(x).relu())


class RoutedLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = Routed()

    def forward(self, *, hidden_states):
        return {"hidden": hidden_states + self.mlp(hidden_states), "more": 1}


class RoutedModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([RoutedLayer() for _ in range(2)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(hidden_states=x)["hidden"]
        return x


def test_experts_in_a_list_and_input_by_keyword():
    torch.manual_seed(1)
    model, x = RoutedModel(), torch.randn(4, 20, 6)

    def run(model):
        with torch.no_grad():
            return model(x)

    for index, layer in enumerate(model.layers):
        for expert, module in enumerate(layer.mlp.experts):
            cells = [(index, f"moe.experts.{expert}")]
            check(model, cells, output_off(module), run)
            check(model, cells, output_off(module, edit=mean), run, mode="mean")
            up = [(index, f"moe.experts.{expert}.up")]
            check(model, up, output_off(module.up_proj), run)
        # An expert that no token is routed to is off, and nothing is to be told.
        with lg.ablate(model, [(index, "moe.experts.1")]) as off:
            torch.no_grad()(model)(x[:1, :1])
        assert off.ran > 0
        check(model, [(index, "moe")], output_off(layer.mlp), run)
        check(model, [(index, "moe.router")], output_off(layer.mlp.gate), run)
        whole = by_hand(layer.mlp, after=lambda args, out: out * 0)
        check(model, [(index, "layer")], whole, run)


# ── torch's own attention, which calls no module for its projections ─────────────────────────


def encoder(batch_first=True, **more):
    torch.manual_seed(2)
    layer = nn.TransformerEncoderLayer(24, 4, 32, batch_first=batch_first, **more)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()


def without(model, index, rows=None, columns=None, name="self_attn"):
    """A copy in which rows of the projections, or columns of what takes in the heads, are 0."""
    other = copy.deepcopy(model)
    attention = getattr(other.layers[index], name)
    with torch.no_grad():
        if rows is not None:
            attention.in_proj_weight[rows] = 0
            if attention.in_proj_bias is not None:
                attention.in_proj_bias[rows] = 0
        if columns is not None:
            attention.out_proj.weight[:, columns] = 0
    return other


@pytest.mark.parametrize("more", [{}, {"bias": False}, {"norm_first": True}])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("grad", [True, False])
def test_heads_and_projections_of_torchs_encoder(batch_first, grad, more):
    model, x = encoder(batch_first, **more), torch.randn(3, 5, 24)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter)
    padding = torch.zeros(x.shape[:2] if batch_first else (5, 3), dtype=torch.bool)
    padding[0, -2:] = True

    def run(model):
        with torch.set_grad_enabled(grad):
            return model(x, src_key_padding_mask=padding)

    untouched = run(model)
    for index in range(2):
        cells = {(index, head): {"columns": thirds(6, head)} for head in range(4)}
        cells |= {(index, f"attn.{a}"): {"rows": thirds(24, i)} for i, a in enumerate("qkv")}
        for cell, off in cells.items():
            with lg.ablate(model, [cell]):
                found = run(model)
            torch.testing.assert_close(found, run(without(model, index, **off)), rtol=0, atol=1e-5)
            assert not torch.equal(found, untouched)
        layer = model.layers[index]
        attention = by_hand(layer.self_attn, after=lambda args, out: (out[0] * 0, out[1]))
        check(model, [(index, "attn")], attention, run)
        check(model, [(index, "mlp")], output_off(layer.linear2), run)
        check(model, [(index, "mlp.up")], output_off(layer.linear1), run)
        check(model, [(index, "layer")], layer_off(layer), run)
    assert n_hooks(model) == 0
    assert torch.equal(run(model), untouched)


def test_means_in_torchs_attention():
    model, x = encoder(), torch.randn(3, 5, 24)
    attention = model.layers[1].self_attn
    given = {}
    with by_hand(attention, after=lambda args, out: given.update(x=args[0])), torch.no_grad():
        model(x)
    # Each head's values by hand.
    q, k, v = nn.functional.linear(
        given["x"], attention.in_proj_weight, attention.in_proj_bias
    ).unflatten(-1, (3, 4, 6)).permute(2, 0, 3, 1, 4)  # fmt: skip
    off = {}
    for what in ("v", 2):
        value = v.mean((0, 2), keepdim=True).expand_as(v) if what == "v" else v
        heads = nn.functional.scaled_dot_product_attention(q, k, value)
        if what == 2:
            heads = heads.clone()
            heads[:, 2] = heads[:, 2].mean((0, 1))
        off[what] = attention.out_proj(heads.transpose(1, 2).flatten(-2))
    for what, wanted in off.items():
        cell = (1, "attn.v") if what == "v" else (1, 2)
        hand = by_hand(attention, after=lambda args, out, wanted=wanted: (wanted, None))
        check(model, [cell], hand, lambda model: model(x), mode="mean")


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_padded_batches_that_torch_packs():
    torch.manual_seed(2)
    layer = nn.TransformerEncoderLayer(24, 4, 32, batch_first=True)
    model, x = nn.TransformerEncoder(layer, 2).eval(), torch.randn(3, 5, 24)
    padding = torch.zeros(3, 5, dtype=torch.bool)
    padding[0, -2:] = True

    def run():
        with torch.no_grad():
            return model(x, src_key_padding_mask=padding)[~padding]

    for component in [2, "attn.q", "attn.v", "attn", "mlp", "mlp.up", "attn.norm", "layer"]:
        with lg.ablate(model, [(1, component)]):
            packed = run()
            torch.backends.mha.set_fastpath_enabled(False)
            padded = run()
            torch.backends.mha.set_fastpath_enabled(True)
        torch.testing.assert_close(packed, padded, rtol=0, atol=1e-5)
        # The mean is over what there is, and not over what pads it.
        with lg.ablate(model, [(1, component)], "mean"):
            assert (run() - packed).abs().max() > 1e-3


def test_attention_across():
    torch.manual_seed(3)
    layer = nn.TransformerDecoderLayer(24, 4, 32, batch_first=True)
    model = nn.TransformerDecoder(layer, 2).eval()
    x, memory = torch.randn(2, 5, 24), torch.randn(2, 7, 24)
    for i, letter in enumerate("qkv"):
        with lg.ablate(model, [(1, f"xattn.{letter}")]), torch.no_grad():
            found = model(x, memory)
        other = without(model, 1, rows=thirds(24, i), name="multihead_attn")
        torch.testing.assert_close(found, other(x, memory), rtol=0, atol=1e-5)


def test_attention_to_what_has_another_width():
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.attn = nn.MultiheadAttention(24, 4, kdim=12, vdim=10, batch_first=True)

        def forward(self, x, key, value):
            return x + self.attn(x, key, value)[0]

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([Layer(), Layer()])

        def forward(self, x, *others):
            for layer in self.layers:
                x = layer(x, *others)
            return x

    torch.manual_seed(8)
    model, given = Model(), (torch.randn(2, 5, 24), torch.randn(2, 7, 12), torch.randn(2, 7, 10))
    nn.init.normal_(model.layers[1].attn.in_proj_bias)
    untouched = model(*given)
    for i, letter in enumerate("qkv"):
        other = copy.deepcopy(model)
        with torch.no_grad():
            getattr(other.layers[1].attn, f"{letter}_proj_weight").zero_()
            other.layers[1].attn.in_proj_bias[thirds(24, i)] = 0
        with lg.ablate(model, [(1, f"attn.{letter}")]):
            found = model(*given)
        torch.testing.assert_close(found, other(*given), rtol=0, atol=1e-5)
        assert not torch.equal(found, untouched)


# ── entering and leaving ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def llama():
    return tiny("llama", "AutoModelForCausalLM", **LLAMA)


EVERYTHING = [
    (layer, component)
    for layer in range(2)
    for component in [*range(4), "attn", "mlp", "layer", "attn.norm", *PROJECTIONS]
]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_nothing_is_left_after_an_exception(llama, error):
    untouched = logits(llama)

    def interrupt(module, args):
        raise error

    with pytest.raises(error), lg.ablate(llama, EVERYTHING):
        raise error
    assert n_hooks(llama) == 0
    with by_hand(llama.model.layers[1].mlp.up_proj):
        handle = llama.model.layers[1].mlp.up_proj.register_forward_pre_hook(interrupt)
        with pytest.raises(error), lg.ablate(llama, EVERYTHING):
            logits(llama)
        handle.remove()
    assert n_hooks(llama) == 0
    assert torch.equal(logits(llama), untouched)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_if_a_hook_cannot_be_set(llama, error, monkeypatch):
    module = llama.model.layers[1].mlp.down_proj
    register = module.register_forward_hook

    def fail(hook, **more):
        register(hook, **more)  # an interrupt may come just after
        raise error

    monkeypatch.setattr(module, "register_forward_hook", fail)
    off = lg.ablate(llama, EVERYTHING)
    with pytest.raises(error):
        off.__enter__()
    assert n_hooks(llama) == 0


def test_nothing_is_set_before_it_is_entered(llama):
    off = lg.ablate(llama, EVERYTHING)
    assert n_hooks(llama) == 0
    with off as entered:
        assert entered is off
        assert n_hooks(llama) > 0
        assert off.ran == 0
        logits(llama)
        # Of each layer: what goes into o; seven projections, a norm; the layer.
        assert off.ran == 2 * 10


def test_overlaps_and_repeats_are_one(llama):
    layer = llama.model.layers[0]
    untouched = logits(llama)
    cells = [(0, 3), (0, "attn"), (0, "attn.q"), (0, 3), (0, 1), (0, "attn.o")]
    check(llama, cells, output_off(layer.self_attn.o_proj))
    two = [*range(6), *range(18, 24)]
    check(llama, [(0, 3), (0, 0), (0, 3)], input_off(layer.self_attn.o_proj, two))
    assert torch.equal(logits(llama), untouched)


def test_within_itself_and_again_and_left_in_another_order(llama):
    untouched = logits(llama)
    heads, mlp = lg.ablate(llama, [(0, 1)]), lg.ablate(llama, [(1, "mlp")])
    with heads:
        one = logits(llama)
        with heads, mlp:
            both = logits(llama)
        assert torch.equal(logits(llama), one)
    with heads:
        assert torch.equal(logits(llama), one)
    heads.__enter__()
    mlp.__enter__()
    assert torch.equal(logits(llama), both)
    heads.__exit__(None, None, None)
    other = logits(llama)
    mlp.__exit__(None, None, None)
    assert not torch.equal(other, both)
    assert n_hooks(llama) == 0
    assert torch.equal(logits(llama), untouched)


def test_it_holds_in_the_thread_that_entered_it(llama):
    untouched = logits(llama)
    found = {}

    def run(key, cells):
        ready.wait()
        with lg.ablate(llama, cells):
            inside.wait()  # both are in their blocks
            found[key] = logits(llama)
            inside.wait()

    ready, inside = threading.Barrier(3), threading.Barrier(3)
    cells = {"a": [(0, "mlp")], "b": [(1, 2)]}
    threads = [threading.Thread(target=run, args=item) for item in cells.items()]
    for thread in threads:
        thread.start()
    ready.wait(10)
    inside.wait(10)
    assert torch.equal(logits(llama), untouched)
    inside.wait(10)
    for thread in threads:
        thread.join(10)
    for key, cell in cells.items():
        with lg.ablate(llama, cell):
            assert torch.equal(found[key], logits(llama))
    assert n_hooks(llama) == 0


def test_a_model_runs_on_while_another_thread_comes_and_goes(llama):
    untouched = logits(llama)
    done, errors = threading.Event(), []

    def come_and_go():
        try:
            for _ in range(40):
                with lg.ablate(llama, EVERYTHING):
                    assert not torch.equal(logits(llama), untouched)
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    n = 0
    while not done.is_set():
        assert torch.equal(logits(llama), untouched)
        n += 1
    thread.join(60)
    assert not errors
    assert n > 3
    assert n_hooks(llama) == 0


def test_nothing_switched_off_is_told(llama):
    def block(run):
        with lg.ablate(llama, [(0, 1)]):
            run()

    def elsewhere():
        thread = threading.Thread(target=logits, args=[llama])
        thread.start()
        thread.join(60)

    with pytest.warns(RuntimeWarning, match="did not run in this block") as told:
        block(lambda: None)
    assert told[0].filename == __file__
    with pytest.warns(RuntimeWarning, match=r"ran in another thread: enter lg\.ablate"):
        block(elsewhere)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with lg.ablate(llama, []):
            pass
        with pytest.raises(ZeroDivisionError), lg.ablate(llama, [(0, 1)]):
            raise ZeroDivisionError


def test_hooks_of_others_stay_in_their_order(llama):
    seen = []
    module = llama.model.layers[0].mlp
    first = module.register_forward_hook(lambda *given: seen.append("first"))
    with lg.ablate(llama, [(0, "mlp.down"), (0, "layer")]):
        second = module.register_forward_hook(lambda *given: seen.append("second"))
        logits(llama)
    logits(llama)
    assert seen == ["first", "second"] * 2
    first.remove()
    second.remove()
    assert n_hooks(llama) == 0


# ── precision, gradients, generation ─────────────────────────────────────────────────────────


def test_gradients_flow_past_what_is_off(llama):
    with lg.ablate(llama, [(0, 1), (1, "attn.v"), (0, "mlp")]):
        llama(input_ids=IDS, labels=IDS).loss.backward()
    layers = llama.model.layers
    output = layers[0].self_attn.o_proj.weight.grad
    assert (output[:, 6:12] == 0).all()
    assert (output[:, :6] != 0).all()
    assert (layers[1].self_attn.v_proj.weight.grad == 0).all()
    assert (layers[0].mlp.down_proj.weight.grad == 0).all()
    assert (layers[1].mlp.down_proj.weight.grad != 0).all()
    llama.zero_grad()


def test_gradients_of_torchs_attention():
    model, x = encoder(), torch.randn(2, 5, 24, requires_grad=True)
    with lg.ablate(model, [(0, 1), (1, "attn.v")]):
        model(x).square().sum().backward()
    first, second = (layer.self_attn for layer in model.layers)
    assert (first.out_proj.weight.grad[:, 6:12] == 0).all()
    assert (first.out_proj.weight.grad[:, 12:] != 0).any()
    assert (second.in_proj_weight.grad[48:] == 0).all()
    assert x.grad.abs().sum() > 0


def test_inference_mode_and_then_gradients(llama):
    with lg.ablate(llama, [(0, 1), (1, "mlp.up")], "mean"):
        with torch.inference_mode():
            llama(input_ids=IDS)
        llama(input_ids=IDS, labels=IDS).loss.backward()
    llama.zero_grad()


def test_passes_computed_again_for_their_gradients():
    from torch.utils.checkpoint import checkpoint

    torch.manual_seed(7)
    model = nn.Sequential(*(nn.Sequential(nn.Linear(6, 6), nn.Tanh()) for _ in range(3)))
    x = torch.randn(4, 6)

    def gradient(again):
        model.zero_grad()
        with lg.ablate(model, [(1, "0")], "mean"):
            y = x
            for block in model:
                y = checkpoint(block, y, use_reentrant=False) if again else block(y)
            y.square().sum().backward()
        return [p.grad.clone() for p in model.parameters()]

    for one, other in zip(gradient(False), gradient(True), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_half_precision(llama, mode):
    edit = EDITS[mode]
    half = copy.deepcopy(llama).bfloat16()
    layer = half.model.layers[0]
    check(half, [(0, 1)], input_off(layer.self_attn.o_proj, slice(6, 12), edit), mode=mode)

    def run(model):
        with torch.autocast("cpu", torch.bfloat16):
            return logits(model)

    layer = llama.model.layers[0]
    check(llama, [(0, 1)], input_off(layer.self_attn.o_proj, slice(6, 12), edit), run, mode)
    check(llama, [(0, "mlp")], output_off(layer.mlp.down_proj, edit=edit), run, mode)
    model, x = encoder(), torch.randn(2, 5, 24)
    with torch.autocast("cpu", torch.bfloat16), lg.ablate(model, [(0, 1), (1, "attn.q")], mode):
        assert model(x).isfinite().all()


def test_what_is_not_finite_is_switched_off_as_well(llama):
    other = copy.deepcopy(llama)
    with torch.no_grad():
        other.model.layers[0].mlp.up_proj.weight[0, 0] = torch.nan
    assert logits(other).isnan().any()
    with lg.ablate(other, [(0, "mlp")]):
        assert logits(other).isfinite().all()


def test_generation_with_a_cache(smollm2):
    ids = torch.tensor([[504, 3575, 282, 4649, 314]])
    off = slice(64 * 4, 64 * 5)

    def run(model):
        return model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False,
            use_cache=True, pad_token_id=0, return_dict_in_generate=True, output_scores=True,
        )  # fmt: skip

    untouched = run(smollm2)
    cells = [(0, 4), (11, "mlp"), (20, "layer")]
    with lg.ablate(smollm2, cells):
        found = run(smollm2)
    layers = smollm2.model.layers
    with (
        input_off(layers[0].self_attn.o_proj, off),
        output_off(layers[11].mlp),
        layer_off(layers[20]),
    ):
        wanted = run(smollm2)
    assert torch.equal(found.sequences, wanted.sequences)
    torch.testing.assert_close(found.scores, wanted.scores, rtol=0, atol=1e-5)
    again = run(smollm2)
    assert all(torch.equal(a, b) for a, b in zip(again.scores, untouched.scores, strict=True))


# ── what stands for what ─────────────────────────────────────────────────────────────────────


def t5():
    fields = {"vocab_size": 40, "d_model": 24, "d_kv": 6, "d_ff": 32, "num_layers": 2}
    return tiny(
        "t5", **fields, num_heads=4, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1
    )


def test_names_tell_the_stacks_of_one_model_apart():
    model = t5()
    run = lambda model: logits(model, decoder_input_ids=IDS)  # noqa: E731
    for side, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        heatmap = lg.Heatmap(lg.weights(model, stack=side))
        attention = stack.block[1].layer[0].SelfAttention
        heatmap.selection = [(1, "attn.q"), (0, "mlp.up")]
        with output_off(attention.q):
            hand = output_off(stack.block[0].layer[2 if side == "decoder" else 1].DenseReluDense.wi)
            with hand:
                wanted = run(model)
        with lg.ablate(model, heatmap.selection):
            torch.testing.assert_close(run(model), wanted, rtol=0, atol=1e-5)
    # Without a name it is the stack with the most parameters.
    check(model, [(1, "attn.q")], output_off(model.decoder.block[1].layer[0].SelfAttention.q), run)
    cross = model.decoder.block[1].layer[1].EncDecAttention
    check(model, [(1, "xattn")], output_off(cross.o), run)
    check(model, [(1, 2)], input_off(model.decoder.block[1].layer[0].SelfAttention.o,
                                     slice(12, 18)), run)  # fmt: skip


def test_cells_in_every_form(llama):
    layer = llama.model.layers[1]
    grid = lg.weights(llama)
    heatmap = lg.Heatmap(grid)
    heatmap.selection = [(1, "attn.v"), (1, "mlp.up")]
    with output_off(layer.self_attn.v_proj), output_off(layer.mlp.up_proj):
        wanted = logits(llama)
    forms = [
        heatmap.selection, list(heatmap.selection), iter(heatmap.selection),
        [(1, "attn.v"), [1, "mlp.up"]], {(1, "attn.v"), (1, "mlp.up")},
    ]  # fmt: skip
    for cells in forms:
        with lg.ablate(llama, cells):
            torch.testing.assert_close(logits(llama), wanted, rtol=0, atol=1e-5)
    check(llama, heatmap.selection[0], output_off(layer.self_attn.v_proj))


def test_a_name_counts_more_than_labels(llama):
    # As of a grid that somebody labelled anew: layers from 1, components by number.
    grid = lg.weights(llama).assign_coords(layer=[1, 2], component=range(7))
    heatmap = lg.Heatmap(grid)
    heatmap.selection = [(2, 2)]
    check(llama, heatmap.selection, output_off(llama.model.layers[1].self_attn.v_proj))


@pytest.mark.parametrize("kind", ["t5", "mixtral"])
def test_cells_of_a_sweep_stand_for_what_was_switched_off(kind):
    from layergrid.models.ablate import Anatomy, Hooks

    model = t5() if kind == "t5" else tiny("mixtral", **LLAMA, num_local_experts=3)
    more = {"decoder_input_ids": IDS} if kind == "t5" else {}
    anatomy = Anatomy(model, "encoder" if kind == "t5" else None)
    components = ["layer", "attn", "mlp", 2, "attn.norm"] + ["moe.experts.1"] * (kind != "t5")
    for component in components:
        target = anatomy.target(1, component)
        coords = {key: getattr(target, key) for key in ("name", "part", "shape", "dtype")}
        with Hooks(model, [[target]]):
            wanted = logits(model, **more)
        assert not torch.equal(wanted, logits(model, **more))
        with lg.ablate(model, lg.Cell(1, component, 0.5, target.name, coords)):
            assert torch.equal(logits(model, **more), wanted)


def test_a_grid_from_disk(tmp_path):
    model = tiny("bert", "AutoModelForMaskedLM", **BASE)
    model.save_pretrained(tmp_path)
    heatmap = lg.Heatmap(lg.weights(tmp_path))
    heatmap.selection = [(1, "attn.v"), (0, "mlp.down")]
    assert all(cell.name.startswith("bert.") for cell in heatmap.selection)
    layers = model.bert.encoder.layer
    for live in (model, model.bert):
        with output_off(layers[1].attention.self.value), output_off(layers[0].output.dense):
            wanted = logits(live)
        with lg.ablate(live, heatmap.selection):
            torch.testing.assert_close(logits(live), wanted, rtol=0, atol=1e-5)


def test_wrapped_models(llama):
    from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper

    wrapped = nn.Sequential()
    wrapped.add_module("module", copy.deepcopy(llama))  # as data parallelism names it
    wrapped.module.model.layers[0] = checkpoint_wrapper(wrapped.module.model.layers[0])
    cells = [(0, 2), (1, "mlp"), (0, "layer")]
    with lg.ablate(wrapped, cells[:2]), lg.ablate(llama, cells[:2]):
        assert torch.equal(logits(wrapped.module), logits(llama))
    with lg.ablate(wrapped, cells), lg.ablate(llama, cells):
        assert torch.equal(logits(wrapped.module), logits(llama))


@pytest.mark.filterwarnings("ignore")
def test_adapters_are_switched_off_with_what_they_adapt(llama):
    peft = pytest.importorskip("peft")
    config = peft.LoraConfig(target_modules=["q_proj", "o_proj"], r=2, init_lora_weights=False)
    model = peft.get_peft_model(copy.deepcopy(llama), config).eval()
    attention = model.base_model.model.model.layers[0].self_attn
    check(model, [(0, "attn.q")], output_off(attention.q_proj))
    check(model, [(0, 2)], input_off(attention.o_proj, slice(12, 18)))
    check(model, [(0, "attn")], output_off(attention.o_proj))


def test_weights_that_are_computed(llama):
    model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(2)))
    for block in model:
        nn.utils.parametrizations.weight_norm(block[0])
    x = torch.randn(3, 4)
    check(model, [(1, "0")], output_off(model[1][0]), lambda model: model(x))


def test_plain_modules():
    torch.manual_seed(4)
    x = torch.randn(7, 6)
    run = lambda model: model(x)  # noqa: E731
    # Layers that are one projection each are switched off as that.
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 6), nn.Linear(6, 4))
    heatmap = lg.Heatmap(lg.weights(model))
    heatmap.selection = [(2, "layer")]
    check(model, heatmap.selection, output_off(model[2]), run)
    check(model, [(2, "layer")], output_off(model[2]), run)
    model = nn.Sequential(*(nn.Sequential(nn.Linear(6, 6), nn.ReLU()) for _ in range(3)))
    check(model, [(1, "layer")], layer_off(model[1]), run)
    check(model, [(1, "layer")], layer_off(model[1], mean), run, mode="mean")
    check(model, [(1, "0")], output_off(model[1][0]), run)
    heatmap = lg.Heatmap(lg.weights(model, tail="bias", components="all"))
    heatmap.selection = [(1, "0")]
    check(model, heatmap.selection, output_off(model[1][0]), run)
    uneven = nn.ModuleList([nn.Sequential(nn.Linear(n, 6), nn.ReLU()) for n in (4, 6)])
    model = nn.Sequential(*uneven)
    off = lg.ablate(model, [(0, "layer")])
    with (
        pytest.raises(ValueError, match="cannot give its input: it takes 7×4 and gives 7×6"),
        off,
    ):
        model(torch.randn(7, 4))
    assert n_hooks(model) == 0


def test_a_computed_weight_by_its_name_on_disk():
    torch.manual_seed(4)
    model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 4)) for _ in range(2)))
    heatmap = lg.Heatmap(lg.weights(model.state_dict()))
    heatmap.selection = [(1, "1")]
    for block in model:
        nn.utils.parametrizations.weight_norm(block[1])
    x = torch.randn(3, 4)
    check(model, heatmap.selection, output_off(model[1][1]), lambda model: model(x))


Pair = namedtuple("Pair", "hidden more")


@pytest.mark.parametrize("form", [tuple, list, dict, Pair])
def test_layers_that_give_more_than_one_thing(form):
    from transformers.modeling_outputs import BaseModelOutput

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.mlp = nn.ModuleDict({"up_proj": nn.Linear(4, 8), "down_proj": nn.Linear(8, 4)})

        def forward(self, x):
            y = x + self.mlp["down_proj"](self.mlp["up_proj"](x))
            if form is dict:
                return BaseModelOutput(last_hidden_state=y, hidden_states=(x,))
            return form(y, "more") if form is Pair else form([y, "more"])

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([Layer(), Layer()])

        def forward(self, x):
            for layer in self.layers:
                out = layer(x)
                assert isinstance(out, BaseModelOutput if form is dict else form)
                assert len(out) == 2
                x = out[0]
            return x

    torch.manual_seed(5)
    model, x = Model(), torch.randn(2, 3, 4)
    with torch.no_grad():
        wanted = model.layers[1](x)[0]
        with lg.ablate(model, [(0, "layer")]):
            assert torch.equal(model(x), wanted)


# ── what cannot be ───────────────────────────────────────────────────────────────────────────


def test_labels_that_are_not_there_are_told_before_anything_is_set(llama):
    for cell, said in {
        (0, "attn.x"): "has no 'attn.x' in 'model.layers'; did you mean 'attn.",
        (7, "attn"): "has no layer 7 in 'model.layers'; there are 0, 1",
        ("1", "attn"): r"has no layer '1' in 'model.layers'; did you mean 1 \(int\)",
        (0, 4): "has no 4 in 'model.layers'; there are",
        (0, "mlp.dwon"): "did you mean 'mlp.down'",
        (0, "heads"): "has no 'heads' in 'model.layers'",
    }.items():
        with pytest.raises(KeyError, match=said):
            lg.ablate(llama, [(0, "attn"), cell])
    with pytest.raises(ValueError, match="mode is 'none'; expected 'zero' or 'mean'"):
        lg.ablate(llama, [(0, 1)], "none")
    with pytest.raises(TypeError, match=r"pass its \.selection"):
        lg.ablate(llama, lg.Heatmap([[1, 2]]))
    for cells in ("attn", 3, (0, "attn")):
        with pytest.raises(TypeError, match="expected"):
            lg.ablate(llama, cells)
    with pytest.raises(TypeError, match=r"expected a torch\.nn\.Module"):
        lg.ablate(llama.state_dict(), [(0, 1)])
    assert n_hooks(llama) == 0


def test_experts_in_one_have_no_projections_and_no_mean():
    model = tiny("mixtral", **LLAMA, num_local_experts=3)
    with pytest.raises(ValueError, match="one projection of experts that are computed as one"):
        lg.ablate(model, [(0, "moe.experts.1.up")])
    with pytest.raises(ValueError, match="has no mean to take: mode='zero'"):
        lg.ablate(model, [(0, "moe.experts.1")], "mean")
    heatmap = lg.Heatmap(lg.weights(model))
    heatmap.selection = [(0, "moe.up")]
    with pytest.raises(LookupError, match="pools several experts"):
        lg.ablate(model, heatmap.selection)
    router = lg.ablate(model, [(0, "moe.router")])
    with pytest.raises(TypeError, match=r"gives a tuple and no tensor"), router:
        logits(model)
    assert n_hooks(model) == 0


def test_what_is_absent_is_told():
    model = t5()
    cell = (1, "attn.relative_attention_bias")  # the first layer's serves all
    with pytest.raises(LookupError, match="is absent: this layer has nothing of the kind"):
        lg.ablate(model, [cell])
    # In a grid with names, too; whatever has these labels in the stack with the most parameters.
    heatmap = lg.Heatmap(lg.weights(model, stack="encoder", components="all"))
    heatmap.selection = [cell]
    with pytest.raises(LookupError, match="is absent: the model has no such parameter"):
        lg.ablate(model, heatmap.selection)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_models():
    torch._dynamo.reset()
    torch.manual_seed(6)
    model = nn.Sequential(*(nn.Sequential(nn.Linear(6, 6), nn.ReLU()) for _ in range(3)))
    x = torch.randn(4, 6)
    compiled = torch.compile(model, backend="eager")

    def ablated(run):
        with lg.ablate(compiled, [(1, "0")]):
            return run(x)

    with torch.no_grad():
        untouched, wanted = model(x), ablated(model)
        # Compiled in the block: nothing of it may stay in what was compiled.
        assert torch.equal(ablated(compiled), wanted)
        assert torch.equal(compiled(x), untouched)
        torch._dynamo.reset()
        # Compiled before it, with no place for a hook: that is told.
        assert torch.equal(compiled(x), untouched)
        with pytest.warns(RuntimeWarning, match="compiled before"):
            ablated(compiled)
        assert torch.equal(compiled(x), untouched)
    torch._dynamo.reset()


# ── several copies of a batch in one run ─────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", ["zero", "mean"])
@pytest.mark.parametrize("kind", ["llama", "mixtral", "encoder"])
def test_copies_of_a_batch_with_something_else_off_in_each(kind, mode):
    from layergrid.models.ablate import Anatomy, Hooks

    if kind == "encoder":
        model, x = encoder(), torch.randn(2, 5, 24)
        run = lambda n: model(x.repeat(n, 1, 1))  # noqa: E731
    else:
        more = {"num_local_experts": 3} if kind == "mixtral" else {}
        model = tiny(kind, **LLAMA, **more)
        run = lambda n: model(input_ids=IDS.repeat(n, 1)).last_hidden_state  # noqa: E731
    anatomy = Anatomy(model)
    assert anatomy.layers == (0, 1)
    columns = anatomy.columns("heads,attn, mlp,layer")
    assert columns == (0, 1, 2, 3, "attn", "mlp", "layer")
    cells = [(0, column) for column in [*columns, "attn.q", "attn.v"]]
    targets = [anatomy.target(*cell) for cell in cells]
    assert all(target.splits for target in targets)
    with torch.no_grad():
        with Hooks(model, [[], *([target] for target in targets)], mode) as hooks:
            found = run(1 + len(targets)).chunk(1 + len(targets))
        assert hooks.ran > 0
        torch.testing.assert_close(found[0], run(1), rtol=0, atol=1e-5)
        for cell, copy_ in zip(cells, found[1:], strict=True):
            with lg.ablate(model, [cell], mode):
                torch.testing.assert_close(copy_, run(1), rtol=0, atol=1e-5)


def test_copies_that_cannot_be():
    from layergrid.models.ablate import Anatomy, Hooks

    model = encoder(batch_first=False)
    target = Anatomy(model).target(0, "attn")
    with pytest.raises(ValueError, match="does not see the batch as its first axis"):
        Hooks(model, [[target], []])
    model = encoder()
    target = Anatomy(model).target(0, "mlp.up")
    hooks = Hooks(model, [[target], []])
    with pytest.raises(ValueError, match="3 long, which is not 2 copies of a batch"), hooks:
        model(torch.randn(3, 5, 24))


def test_an_anatomy_says_what_a_grid_needs(llama):
    from layergrid.models.ablate import Anatomy

    anatomy = Anatomy(llama)
    head = anatomy.target(1, 2)
    assert (head.name, head.part, head.shape, head.dtype) == (
        "model.layers.1.self_attn.o_proj.weight", "[:, 12:18]", "24×6", "float32",
    )  # fmt: skip
    layer = anatomy.target(1, "layer")
    assert (layer.name, layer.part, layer.shape) == ("model.layers.1", "", "")
    assert anatomy.columns(["attn.q", 3, "mlp"]) == ("attn.q", 3, "mlp")
    with pytest.raises(ValueError, match="components has 'moe', which LlamaForCausalLM has not"):
        anatomy.columns("attn,moe")
    moe = Anatomy(tiny("mixtral", **LLAMA, num_local_experts=3))
    assert moe.columns("experts") == ("moe.experts.0", "moe.experts.1", "moe.experts.2")
    assert Anatomy(t5()).target(1, "attn.relative_attention_bias") is None


def test_what_is_no_cells_is_told_with_the_cure(llama) -> None:
    grid = lg.weights(llama, progress=False)
    for given, message in [
        (grid, "cells is a grid; expected some cells of it"),
        (lg.Heatmap(grid), "pass its .selection"),
        ({"attention": [1]}, "cells is a dict.*import_cells"),
        ("attn", "cells is 'attn'"),
        ([3], "cells has 3"),
    ]:
        with pytest.raises(TypeError, match=message):
            lg.ablate(llama, given)
