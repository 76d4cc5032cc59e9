"""Quantised modules and files against what torch and transformers themselves make of them.

bitsandbytes, torchao, compressed-tensors and the like need an installation of their own; their
packings are written out in tests/models/test_quantized.py.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from layergrid.models.live import module_source
from layergrid.models.live.mapping import MappingSource
from layergrid.models.packed import unpack

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = [
    pytest.mark.libraries,
    pytest.mark.filterwarnings("ignore"),  # other people's deprecations
]


def test_a_live_model_refuses_to_leave_its_process():
    source = unpack(module_source(nn.Linear(3, 2)))
    with pytest.raises(TypeError, match=r"Linear is a live model, .* ThreadPoolExecutor"):
        pickle.dumps(source)


def read_first(tensors):
    source = unpack(MappingSource(tensors, "packed"))
    return source.entries[0], source.read(source.entries[0])


@pytest.mark.parametrize("block", [(128, 128), (1, 32)])
def test_fp8_as_transformers_dequantizes_it(block):
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize

    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(256, 384, generator=generator).to(torch.float8_e4m3fn)
    shape = (256 // block[0], 384 // block[1])
    scales = torch.rand(shape, generator=generator)
    if block == (1, 32):
        scales = torch.randint(118, 134, shape, generator=generator).to(torch.uint8)
    expected = Fp8Dequantize(None)._dequantize_one(weight, scales, torch.float32)
    raw = MappingSource({"a.weight": weight, "a.weight_scale_inv": scales}, "fp8")
    raw.config = {"quantization_config": {"quant_method": "fp8", "weight_block_size": list(block)}}
    source = unpack(raw)
    np.testing.assert_array_equal(source.read(source.entries[0]), expected.numpy())


def test_a_live_fp8_linear():
    from transformers.integrations import finegrained_fp8 as fp8

    linear = fp8.FP8Linear(256, 200, block_size=(128, 128), has_bias=True)
    linear.weight.data = torch.randn(200, 256).to(torch.float8_e4m3fn)
    linear.weight_scale_inv.data = torch.rand(2, 2)
    expected = fp8._dequantize_fp8_weight(
        linear.weight.data, linear.weight_scale_inv.data, (128, 128), torch.float32
    )
    source = unpack(module_source(nn.Sequential(linear)))
    assert [entry.name for entry in source.entries] == ["0.weight", "0.bias"]
    np.testing.assert_array_equal(source.read(source.entries[0]), expected.numpy())


def test_mxfp4_as_transformers_unpacks_it():
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors

    generator = torch.Generator().manual_seed(0)
    blocks = torch.randint(0, 256, (3, 20, 2, 16), generator=generator).to(torch.uint8)
    scales = torch.randint(118, 134, (3, 20, 2), generator=generator).to(torch.uint8)
    expected = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    entry, found = read_first(
        {"experts.gate_up_proj_blocks": blocks, "experts.gate_up_proj_scales": scales}
    )
    assert (entry.name, entry.shape) == ("experts.gate_up_proj", tuple(expected.shape))
    np.testing.assert_array_equal(found, expected.numpy())


def test_torchs_dynamic_layers():
    model = nn.ModuleDict({"fc": nn.Linear(8, 6), "lstm": nn.LSTM(8, 4), "norm": nn.LayerNorm(3)})
    quantized = torch.ao.quantization.quantize_dynamic(
        model, {nn.Linear, nn.LSTM}, dtype=torch.qint8
    )
    source = unpack(module_source(quantized))
    entries = {entry.name: entry for entry in source.entries}
    parameters = dict(model.named_parameters())
    assert entries.keys() == parameters.keys()
    for name, parameter in parameters.items():
        read = source.read(entries[name])
        torch.testing.assert_close(read, parameter.detach(), atol=5e-3, rtol=5e-3)
    assert (entries["fc.weight"].dtype, entries["fc.weight"].nbytes) == ("qint8 (torch)", 48)
    assert (entries["fc.bias"].dtype, entries["fc.bias"].nbytes) == ("float32", 24)


class Packed(torch.Tensor):
    """A tensor that keeps half its values, as subclasses of libraries do."""

    @staticmethod
    def __new__(cls, half):
        shape = (2 * half.shape[0], *half.shape[1:])
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    def __init__(self, half):
        self.half_of_it = half

    def __tensor_flatten__(self):
        return ["half_of_it"], None

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        if func in (torch.ops.aten.detach.default, torch.ops.aten.alias.default):
            return cls(args[0].half_of_it)
        raise NotImplementedError(func)

    def dequantize(self):
        return torch.cat([self.half_of_it, -self.half_of_it]).float()


def test_tensors_that_dequantize_themselves():
    model = nn.Linear(3, 4)
    half = torch.ones(2, 3, dtype=torch.int8)
    model.weight = nn.Parameter(Packed(half), requires_grad=False)
    source = unpack(module_source(model))
    entry = source.entries[0]
    assert (entry.name, entry.shape, entry.nbytes) == ("weight", (4, 3), 6)
    assert entry.dtype.startswith("Packed (")
    assert source.read(entry).tolist() == [[1, 1, 1]] * 2 + [[-1, -1, -1]] * 2


class QuantLinear(nn.Module):
    """As GPTQ's and AWQ's: all in buffers, and packed anew for a kernel."""

    def __init__(self):
        super().__init__()
        self.in_features, self.out_features = 64, 32
        self.register_buffer("qweight", torch.zeros(8, 32, dtype=torch.int32))
        self.register_buffer("qzeros", torch.zeros(2, 4, dtype=torch.int32))
        self.register_buffer("scales", torch.ones(2, 32, dtype=torch.float16))
        self.register_buffer("bias", torch.ones(32))


def test_modules_that_pack_for_a_kernel_are_there_but_not_read():
    source = unpack(module_source(nn.Sequential(QuantLinear())))
    weight, bias = source.entries
    assert (weight.name, weight.shape, bias.name) == ("0.weight", (32, 64), "0.bias")
    assert weight.nbytes == 8 * 32 * 4 + 2 * 4 * 4 + 2 * 32 * 2
    assert source.read(bias).tolist() == [1] * 32
    with pytest.raises(ValueError, match=r"0\.weight is packed for the kernel .* by its path"):
        source.read(weight)
