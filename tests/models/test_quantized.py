"""Packed parts → one parameter, against packings written here, a number at a time.

The formats are those of AutoGPTQ (pack in qlinear_cuda_old.py), AutoAWQ (packing_utils.py),
compressed-tensors, bitsandbytes and the OCP Microscaling specification; where a library that
unpacks them is at hand, tests/libraries/test_quantized.py asks that.
"""

from __future__ import annotations

import json
import pickle

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layergrid.models.files import open_checkpoint
from layergrid.models.live.mapping import MappingSource
from layergrid.models.packed import unpack
from layergrid.models.packed.packing import power_of_two, unpack_bits
from layergrid.models.slices import Slice

from .checkpoints import write_safetensors


def source_of(tensors, **quantization):
    raw = MappingSource(tensors, "packed")
    raw.config = {"quantization_config": quantization} if quantization else {}
    return unpack(raw)


def read(tensors, **quantization):
    """The one parameter that the tensors are together, read in three ways that agree."""
    source = source_of(tensors, **quantization)
    (entry,) = source.entries
    whole = source.read(entry)
    assert entry.nbytes == sum(tensor.nbytes for tensor in tensors.values())
    assert whole.shape == entry.shape
    assert whole.dtype == np.float32
    for part in (None, Slice(0, 1, 0, entry.shape[0] - 1), Slice(1, 2, 1, entry.shape[1] // 2)):
        expected = whole if part is None else part.of(whole)
        np.testing.assert_array_equal(source.read(entry, part), expected)
        chunks = np.concatenate(list(source.chunks(entry, part)))
        np.testing.assert_array_equal(np.sort(chunks), np.sort(expected.ravel()))
    return whole


def test_a_pruned_parameter_is_one_with_zeros():
    before = np.arange(1, 25, dtype="f4").reshape(6, 4).astype(ml_dtypes.bfloat16)
    mask = (np.arange(24).reshape(6, 4) % 3 > 0).astype("f4")
    whole = read({"a.weight_orig": before, "a.weight_mask": mask})
    np.testing.assert_array_equal(whole, np.where(mask, before, 0))
    source = source_of({"a.weight_orig": before, "a.weight_mask": mask}, quant_method="gptq")
    assert source.entries[0].name == "a.weight"
    np.testing.assert_array_equal(source.read(source.entries[0]), whole)
    assert source.entries[0].dtype == "bfloat16 (pruned)"


def test_a_pruned_value_that_is_not_finite_is_what_the_model_has():
    before = np.array([[np.nan, 1], [np.inf, 2], [3, 4], [5, 6]], "f4")
    mask = np.array([[0, 1], [0, 1], [1, 1], [1, 1]], "f4")
    whole = read({"a.weight_orig": before, "a.weight_mask": mask})
    np.testing.assert_array_equal(whole, [[np.nan, 1], [np.nan, 2], [3, 4], [5, 6]])


def test_a_mask_of_another_shape_prunes_nothing():
    source = source_of({"a.weight_orig": np.ones((6, 4)), "a.weight_mask": np.ones(4)})
    with pytest.raises(ValueError, match=r"a\.weight is quantised in a way that is not known"):
        source.read(source.entries[0])


def pack_words(numbers, bits):
    """A row of numbers as one long integer, the first lowest, cut into words of 32 bits."""
    long = sum(int(n) << (bits * i) for i, n in enumerate(numbers))
    n_words = -(-len(numbers) * bits // 32)
    return np.array([long >> 32 * i & 0xFFFFFFFF for i in range(n_words)], np.uint32).view(np.int32)


def pack(numbers, bits, axis):
    return np.apply_along_axis(pack_words, axis, numbers, bits)


@given(
    st.integers(1, 8).flatmap(
        lambda bits: st.tuples(
            st.just(bits),
            hnp.arrays(
                np.uint8,
                st.tuples(st.integers(1, 3), st.integers(1, 70)),
                elements=st.integers(0, 2**bits - 1),
            ),
            st.sampled_from([0, 1]),
        )
    )
)
def test_dense_packing_is_undone(case):
    bits, numbers, axis = case
    numbers = np.moveaxis(numbers, -1, axis)
    words = pack(numbers, bits, axis)
    np.testing.assert_array_equal(unpack_bits(words, bits, numbers.shape[axis], axis), numbers)


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("form", ["gptq", "gptq_v2"])
@pytest.mark.parametrize("reordered", [False, True])
def test_gptq(bits, form, reordered):
    rng = np.random.default_rng(0)
    n_in, n_out, n_groups = 64, 32, 4
    q = rng.integers(0, 2**bits, (n_in, n_out))
    zeros = rng.integers(1, 2**bits, (n_groups, n_out))
    scales = rng.random((n_groups, n_out)).astype("f2")
    group = np.arange(n_in) // 16
    if reordered:
        group = rng.permutation(group)
    tensors = {
        "a.qweight": pack(q, bits, 0),
        "a.qzeros": pack(zeros - (form == "gptq"), bits, 1),
        "a.scales": scales,
    }
    if reordered:
        tensors["a.g_idx"] = group.astype("i4")
    told = {"quant_method": "gptq", "bits": bits, "checkpoint_format": form}
    expected = (q - zeros[group]) * scales[group].astype("f4")
    np.testing.assert_array_equal(read(tensors, **told), expected.T.astype("f4"))


def awq_tensors():
    rng = np.random.default_rng(1)
    q, zeros = rng.integers(0, 16, (64, 32)), rng.integers(0, 16, (4, 32))
    scales = rng.random((4, 32)).astype("f2")
    order = [0, 2, 4, 6, 1, 3, 5, 7]  # the output that each place of a word has

    def shuffled(numbers):
        return np.concatenate([numbers[:, i : i + 8][:, order] for i in range(0, 32, 8)], 1)

    tensors = {"a.qweight": pack(shuffled(q), 4, 1), "a.qzeros": pack(shuffled(zeros), 4, 1)}
    expected = (q - np.repeat(zeros, 16, 0)) * np.repeat(scales, 16, 0).astype("f4")
    return {**tensors, "a.scales": scales}, expected.T.astype("f4")


@pytest.mark.parametrize("told", [{}, {"quant_method": "awq", "version": "gemm", "bits": 4}])
def test_awq(told):
    tensors, expected = awq_tensors()
    np.testing.assert_array_equal(read(tensors, **told), expected)


@pytest.mark.parametrize("bits", [3, 4, 8])
@pytest.mark.parametrize("has_zeros", [False, True])
@pytest.mark.parametrize("reordered", [False, True])
def test_compressed_tensors_packed(bits, has_zeros, reordered):
    rng = np.random.default_rng(2)
    half = 1 << (bits - 1)
    q, zeros = rng.integers(-half, half, (40, 48)), rng.integers(-half, half, (40, 3))
    scale = rng.random((40, 3)).astype(ml_dtypes.bfloat16)
    group = np.arange(48) // 16
    tensors = {
        "a.weight_packed": pack(q + half, bits, 1),
        "a.weight_scale": scale,
        "a.weight_shape": np.array([40, 48]),
    }
    if has_zeros:
        tensors["a.weight_zero_point"] = pack(zeros + half, bits, 0)
    if reordered:
        group = rng.permutation(group)
        tensors["a.weight_g_idx"] = group.astype("i4")
    told = {"config_groups": {"group_0": {"weights": {"num_bits": bits}}}}
    expected = (q - (zeros[:, group] if has_zeros else 0)) * scale.astype("f4")[:, group]
    found = read(tensors, quant_method="compressed-tensors", **told)
    np.testing.assert_array_equal(found, expected.astype("f4"))


E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]


def fp4(codes):
    return np.array([(-1 if c & 8 else 1) * E2M1[c & 7] for c in codes.ravel()]).reshape(
        codes.shape
    )


def test_nvfp4():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 16, (8, 64))
    scale = (rng.random((8, 4)) + 0.1).astype(ml_dtypes.float8_e4m3fn)
    tensors = {
        "a.weight_packed": (codes[:, ::2] | codes[:, 1::2] << 4).astype("u1"),
        "a.weight_scale": scale,
        "a.weight_global_scale": np.array([40], "f4"),
    }
    expected = fp4(codes) * np.repeat(scale.astype("f4") / np.float32(40), 16, 1)
    found = read(tensors, quant_method="compressed-tensors")
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_mxfp4_experts_one_by_one():
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 16, (3, 10, 2, 32))  # expert, out, block, value
    scales = rng.integers(118, 134, (3, 10, 2)).astype("u1")
    tensors = {
        "experts.down_proj_blocks": (codes[..., ::2] | codes[..., 1::2] << 4).astype("u1"),
        "experts.down_proj_scales": scales,
    }
    expected = (fp4(codes) * 2.0 ** (scales.astype(int)[..., None] - 127)).reshape(3, 10, 64)
    expected = expected.transpose(0, 2, 1).astype("f4")
    np.testing.assert_array_equal(read(tensors, quant_method="mxfp4"), expected)
    source = source_of(tensors)
    (entry,) = source.entries
    assert (entry.name, entry.dtype, entry.n_experts) == ("experts.down_proj", "mxfp4", 3)
    part = Slice(1, 1, 2, 7, expert=1)
    np.testing.assert_array_equal(source.read(entry, part), expected[1][:, 2:7])
    np.testing.assert_array_equal(
        np.sort(np.concatenate(list(source.chunks(entry, part)))),
        np.sort(expected[1][:, 2:7].ravel()),
    )
    with pytest.raises(ValueError, match="has no part"):
        source.read(entry, Slice(1, 1, 2, 7, expert=3))


def test_powers_of_two():
    found = power_of_two(np.array([0, 1, 127, 254, 255], "u1"))
    np.testing.assert_array_equal(found, np.array([2**-127, 2**-126, 1, 2.0**127, np.nan], "f4"))


@pytest.mark.parametrize(
    ("dtype", "scale_name", "scale_shape", "block"),
    [
        ("int8", "weight_scale", (), None),
        ("int8", "weight_scale", (300, 1), None),
        ("float8_e4m3fn", "weight_scale", (1,), None),
        ("float8_e4m3fn", "weight_scale", (300,), None),
        ("float8_e4m3fn", "weight_scale_inv", (3, 2), (128, 128)),
        ("float8_e5m2", "weight_scale_inv", (5, 4), (64, 48)),
    ],
)
def test_eight_bits_with_scales(dtype, scale_name, scale_shape, block):
    rng = np.random.default_rng(5)
    weight = rng.integers(-100, 100, (300, 192)).astype(getattr(ml_dtypes, dtype, dtype))
    scale = rng.random(scale_shape).astype("f4")
    expected = weight.astype("f8")
    for i, j in np.ndindex(300, 192):
        if block:
            expected[i, j] *= scale[i // block[0], j // block[1]]
        else:
            expected[i, j] *= scale.ravel()[i if scale.size > 1 else 0]
    told = {"weight_block_size": list(block)} if block and block != (128, 128) else {}
    tensors = {"a.weight": weight, f"a.{scale_name}": scale, "a.input_scale": np.ones(1, "f4")}
    found = read(tensors, quant_method="fp8", **told)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_blocks_of_experts_and_of_long_matrices():
    rng = np.random.default_rng(6)
    weight = rng.integers(-100, 100, (2, 130, 256)).astype(ml_dtypes.float8_e4m3fn)
    scale = rng.random((2, 2, 2)).astype("f4")
    tensors = {"experts.gate_up_proj": weight, "experts.gate_up_proj_scale_inv": scale}
    rows = np.repeat(np.repeat(scale, 128, 1)[:, :130], 128, 2)
    source = source_of(tensors, quant_method="fp8")
    (entry,) = source.entries
    np.testing.assert_allclose(source.read(entry), weight.astype("f4") * rows, rtol=1e-6)
    # So long that it is not dequantised at once, in runs that no block ends with.
    weight = rng.integers(-9, 9, (4500, 300)).astype(ml_dtypes.float8_e4m3fn)
    scale = rng.random((36, 3)).astype("f4")
    rows = np.repeat(np.repeat(scale, 128, 0)[:4500], 128, 1)[:, :300]
    found = read({"a.weight": weight, "a.weight_scale_inv": scale}, quant_method="fp8")
    np.testing.assert_allclose(found, weight.astype("f4") * rows, rtol=1e-6)


def bnb_tensors(nested):
    rng = np.random.default_rng(7)
    codes = rng.integers(0, 16, 48 * 80)
    table = np.linspace(-1, 1, 16).astype("f4")
    facts = {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [48, 80]}
    absmax = rng.random(60).astype("f4")
    tensors = {
        "a.weight": (codes[::2] << 4 | codes[1::2]).astype("u1")[:, None],
        "a.weight.absmax": absmax,
        "a.weight.quant_map": table,
    }
    if nested:
        facts |= {"nested_blocksize": 16, "nested_offset": 0.25, "nested_dtype": "float32"}
        inner = rng.integers(0, 256, 60).astype("u1")
        outer, nested_table = rng.random(4).astype("f4"), rng.random(256).astype("f4")
        absmax = nested_table[inner] * np.repeat(outer, 16)[:60] + np.float32(0.25)
        tensors |= {"a.weight.absmax": inner, "a.weight.nested_absmax": outer}
        tensors["a.weight.nested_quant_map"] = nested_table
    state = np.frombuffer(json.dumps(facts).encode(), "u1")
    tensors["a.weight.quant_state.bitsandbytes__nf4"] = state
    return tensors, (table[codes] * np.repeat(absmax, 64)).reshape(48, 80)


@pytest.mark.parametrize("nested", [False, True])
def test_bitsandbytes_four_bits(nested):
    tensors, expected = bnb_tensors(nested)
    np.testing.assert_array_equal(read(tensors, quant_method="bitsandbytes"), expected)


def test_bitsandbytes_eight_bits():
    rng = np.random.default_rng(8)
    weight, largest = rng.integers(-127, 128, (6, 8)).astype("i1"), rng.random(6).astype("f4")
    tensors = {"a.weight": weight, "a.SCB": largest, "a.weight_format": np.array(0, "u1")}
    found = read(tensors, quant_method="bitsandbytes")
    np.testing.assert_allclose(found, weight * largest[:, None] / 127, rtol=1e-6)


INT32, INT8 = np.zeros((8, 32), "i4"), np.ones((8, 8), "i1")
SCALES = np.ones((2, 32), "f2")


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        # Which of GPTQ's two formats it is, only a configuration tells.
        ({"qweight": INT32, "qzeros": np.zeros((2, 4), "i4"), "scales": SCALES}, {}),
        (
            {"qweight": INT32, "qzeros": np.zeros((2, 4), "i4"), "scales": SCALES},
            {"quant_method": "gptq", "checkpoint_format": "marlin"},
        ),
        ({"qweight": INT32, "scales": SCALES}, {"quant_method": "awq"}),
        (awq_tensors()[0], {"quant_method": "awq", "version": "gemv"}),
        ({"weight": np.ones((2, 8), "u1"), "weight_scale": np.ones(1)}, {"quant_method": "bitnet"}),
        ({"weight": INT8, "weight_scales": np.ones(8)}, {"quant_method": "eetq"}),
        ({"weight": INT8, "weight_scale": np.ones((8, 2))}, {}),
        ({"codes": INT8, "codebooks": INT8, "scales": SCALES}, {"quant_method": "aqlm"}),
        ({"W_q": INT8, "scale": np.ones(8), "zero": np.ones(8)}, {}),
        ({"weight._data._data": INT8, "weight._scale": np.ones(8)}, {}),
        ({"weight": INT8, "SCB": np.ones(8), "weight_format": np.array(2, "u1")}, {}),
        ({"weight_packed": INT32, "weight_scale": np.ones((8, 2), "f4")}, {}),
        # Shapes that do not fit each other.
        (
            {"qweight": INT32, "qzeros": np.zeros(4, "i4"), "scales": SCALES},
            {"quant_method": "gptq"},
        ),
        ({"qweight": INT32, "qzeros": INT32[:0], "scales": SCALES[:0]}, {"quant_method": "awq"}),
        ({**bnb_tensors(False)[0], "weight.absmax": np.ones(3, "f4")}, {}),
        ({**bnb_tensors(False)[0], "weight.quant_state.bitsandbytes__nf4": INT8[0]}, {}),
    ],
)
def test_what_is_not_understood_is_never_a_number(tensors, told):
    tensors = {f"a.{name.removeprefix('a.')}": tensor for name, tensor in tensors.items()}
    source = source_of(tensors, **told)
    (entry,) = source.entries
    assert entry.name == "a.weight"
    assert entry.nbytes == sum(tensor.nbytes for tensor in tensors.values())
    for attempt in (lambda: source.read(entry), lambda: list(source.chunks(entry))):
        with pytest.raises(ValueError, match=r"a\.weight is quantised .* give a dequantised one"):
            attempt()


def test_the_rest_of_a_model_stays_and_keeps_its_order():
    packed, _ = awq_tensors()
    tensors = {
        "norm.weight": np.ones(4),
        **{name.replace("a.", "mlp.up_proj."): tensor for name, tensor in packed.items()},
        "mlp.up_proj.bias": np.ones(32),
        "norm.scale": np.ones(4),
        "attn.k_scale": np.ones(1),
        "attn.qkv.weight": np.ones((9, 3)),
    }
    source = source_of(tensors)
    rest = "mlp.up_proj.bias", "norm.scale", "attn.k_scale", "attn.qkv.weight"
    expected = ["norm.weight", "mlp.up_proj.weight", *rest]
    assert [entry.name for entry in source.entries] == expected
    assert [piece for piece, _ in source.entries[-1].pieces] == ["q", "k", "v"]
    assert source.read(source.entries[-1], source.entries[-1].pieces[1][1]).shape == (3, 3)
    assert source.title == "packed"


def test_what_is_in_memory_does_not_come_in_chunks_but_what_is_quantised_there_does(tmp_path):
    tensors = {**awq_tensors()[0], "norm.weight": np.arange(4.0)}
    weight, norm = source_of(tensors).entries
    assert source_of(tensors).chunks(norm) is None
    assert len(np.concatenate(list(source_of(tensors).chunks(weight)))) == weight.size
    stored = unpack(open_checkpoint(write_safetensors(tmp_path / "a.safetensors", tensors)))
    assert np.concatenate(list(stored.chunks(norm))).tolist() == [0, 1, 2, 3]


def test_a_fused_one_is_split_after_it_is_dequantised():
    packed, expected = awq_tensors()
    tensors = {name.replace("a.", "mlp.gate_up_proj."): t for name, t in packed.items()}
    source = source_of(tensors)
    (entry,) = source.entries
    (_, gate), (_, up) = entry.pieces
    np.testing.assert_array_equal(source.read(entry, up), expected[16:])
    chunks = np.concatenate(list(source.chunks(entry, gate)))
    np.testing.assert_array_equal(np.sort(chunks), np.sort(expected[:16].ravel()))


def test_shared_ones_are_twins_and_copies_read_the_same():
    packed, expected = awq_tensors()
    tensors = {**packed, **{name.replace("a.", "b."): tensor for name, tensor in packed.items()}}
    source = pickle.loads(pickle.dumps(source_of(tensors)))
    first, second = source.entries
    assert (first.name, second.name, second.twin) == ("a.weight", "b.weight", "a.weight")
    np.testing.assert_array_equal(source.read(second), expected)


def fp8_tensors(owner, seed, **shared):
    rng = np.random.default_rng(seed)
    parts = {
        "input_scale": np.array([1.0], "f4"),
        "weight": rng.integers(-100, 100, (4, 3)).astype(ml_dtypes.float8_e4m3fn),
        "weight_scale": np.array([1.0 + seed], "f4"),
    }
    return {f"{owner}.{tail}": tensor for tail, tensor in {**parts, **shared}.items()}


@pytest.mark.parametrize(
    "shared",
    [{"input_scale"}, {"input_scale", "weight_scale"}, {"weight"}, {"weight", "input_scale"}],
    ids=str,
)
def test_those_that_share_only_some_of_their_parts_are_no_twins(shared):
    tensors = fp8_tensors("a", 0)
    tensors |= fp8_tensors("b", 1, **{tail: tensors[f"a.{tail}"] for tail in shared})
    source = source_of(tensors)
    first, second = source.entries
    assert (first.twin, second.twin) == (None, None)
    assert not np.array_equal(source.read(first), source.read(second))


def test_twins_are_those_that_share_all_with_each_other():
    first = fp8_tensors("a", 0)
    second = fp8_tensors("b", 1, input_scale=first["a.input_scale"])
    third = {name.replace("b.", "c."): tensor for name, tensor in second.items()}
    source = source_of({**first, **second, **third})
    assert [entry.twin for entry in source.entries] == [None, None, "b.weight"]


def test_what_shares_the_memory_of_a_part_is_no_twin_of_the_whole():
    tensors = fp8_tensors("a", 0)
    bare = {"b.weight": tensors["a.weight"], "c.weight": tensors["a.weight"]}
    source = source_of({**tensors, **bare})
    assert [entry.twin for entry in source.entries] == [None, None, "b.weight"]


def test_only_the_way_to_the_files_goes_to_another_process(tmp_path):
    packed, expected = awq_tensors()
    tensors = {f"layers.{k}.{name}": tensor for k in range(50) for name, tensor in packed.items()}
    source = unpack(open_checkpoint(write_safetensors(tmp_path / "a.safetensors", tensors)))
    sent = pickle.dumps(source)
    assert len(sent) < 1000
    copy = pickle.loads(sent)
    assert copy.entries == source.entries
    np.testing.assert_array_equal(copy.read(copy.entries[7]), expected)
    assert pickle.loads(sent) is copy  # unpacked once in a process
