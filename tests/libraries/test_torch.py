"""Live tensors. torch is not installed everywhere, and never because of us."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from layergrid import Heatmap
from layergrid.intake import read

from ..arrays import OnlyDLPack

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.libraries


@pytest.fixture
def tensor(values):
    return torch.tensor(values)


REDUCED = {
    "bfloat16": ml_dtypes.bfloat16,
    "float8_e4m3fn": ml_dtypes.float8_e4m3fn,
    "float8_e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "float8_e5m2": ml_dtypes.float8_e5m2,
    "float8_e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "float8_e8m0fnu": ml_dtypes.float8_e8m0fnu,
}


@pytest.mark.parametrize("name", REDUCED)
@pytest.mark.parametrize("arrange", ["plain", "transposed", "strided"])
def test_reduced_precision_keeps_its_bits(name, arrange):
    tensor = torch.tensor([[0.5, 2.0, 1.0, 8.0], [4.0, 1.0, 0.25, 2.0]]).to(getattr(torch, name))
    if name != "float8_e8m0fnu":
        tensor = torch.tensor([[0.1, -2.3, 1.0, torch.nan], [4.0, 1e-3, -7.7, 2.0]]).to(
            getattr(torch, name)
        )
    tensor = {"plain": tensor, "transposed": tensor.t(), "strided": tensor[:, ::2]}[arrange]
    values = read(tensor).values
    assert values.dtype == REDUCED[name]
    np.testing.assert_array_equal(values.astype("f4"), tensor.float().numpy())


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
)
def test_other_dtypes_stay(dtype):
    tensor = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(getattr(torch, dtype))
    values = read(tensor).values
    assert values.dtype == dtype
    assert values.tolist() == tensor.tolist()


def test_exact_integers():
    w = Heatmap(torch.tensor([[2**62 + 1, -3], [0, 1], [2, 3]]))
    w.selection = [(0, 0)]
    assert w.selection[0].value == 2**62 + 1


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
@pytest.mark.parametrize(
    "arrange",
    [
        lambda t: t.clone().requires_grad_(),
        lambda t: t.clone().requires_grad_() * 1,
        lambda t: torch.nn.Parameter(t.clone()),
        lambda t: t.t().contiguous().t(),
        lambda t: t.repeat_interleave(2, dim=1)[:, ::2],
        lambda t: t.to_sparse(),
        lambda t: t.to_sparse_csr(),
        lambda t: torch.complex(t, t).conj().real,
        lambda t: torch.complex(torch.zeros_like(t), -t).conj().imag,  # a lazy negation
    ],
    ids=["leaf", "graph", "parameter", "transposed", "strided", "sparse", "csr", "real", "neg"],
)
def test_however_it_is_held(tensor, values, arrange):
    tensor = arrange(tensor)
    np.testing.assert_array_equal(read(tensor).values, values)
    assert tensor.shape == values.shape


def test_an_expanded_tensor():
    assert read(torch.tensor([[1.0, 2.0]]).expand(4, 2)).values.tolist() == [[1.0, 2.0]] * 4


def test_a_tensor_in_inference_mode(values):
    with torch.inference_mode():
        tensor = torch.tensor(values) * 1
    np.testing.assert_array_equal(read(tensor).values, values)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_a_quantized_tensor():
    tensor = torch.tensor([[0.0, 1.0, -0.5]] * 2)
    quantized = torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8)
    assert read(quantized).values.tolist() == quantized.dequantize().tolist()


def test_the_grid_does_not_share_the_tensors_memory(tensor):
    grid = read(tensor)
    tensor[0, 0] = 99
    assert grid.values[0, 0] == 0.5


def test_three_dimensions(values):
    assert read(torch.tensor(np.stack([values, -values]))).steps == (0, 1)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_nested_lists_of_scalars_that_require_grad(dtype, requires_grad):
    def scalar(value):
        return torch.tensor(value, dtype=getattr(torch, dtype), requires_grad=requires_grad)

    values = read([[scalar(1.5), scalar(-2.0), scalar(0.5)], [scalar(3.0)] * 3]).values
    assert values.astype("f8").tolist() == [[1.5, -2.0, 0.5], [3.0] * 3]
    assert values.dtype == (ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)


def test_scalars_beside_gaps_and_numbers():
    scalar = torch.tensor(1.5, requires_grad=True)
    grid = read([[scalar, None], [scalar.bfloat16(), 2]])
    assert grid.values.tolist() == [[1.5, 0], [1.5, 2]]
    assert grid.holes.tolist() == [[0, 1], [0, 0]]


def test_a_list_of_rows(values):
    rows = [torch.tensor(row, requires_grad=True) for row in values]
    np.testing.assert_array_equal(read(rows).values, values)


def test_a_mask_and_labels_of_tensors(tensor, values):
    w = Heatmap(tensor, mask=tensor > 2, layers=torch.arange(4), components=list("qkv"))
    assert w.layers == (0, 1, 2, 3)
    assert {type(label) for label in w.layers} == {int}
    assert np.array_equal(w.mask, values > 2)


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_dlpack_of_a_type_that_numpy_lacks_is_read_by_torch(name):
    tensor = torch.tensor([[0.5, -2.0, 1.0]]).to(getattr(torch, name))
    values = read(OnlyDLPack(tensor)).values
    assert values.dtype == REDUCED[name]
    assert values.astype("f4").tolist() == [[0.5, -2.0, 1.0]]


def test_dlpack_around_a_tensor_with_a_gradient_is_refused_with_a_cure(tensor):
    with pytest.raises(TypeError, match=r"require gradient.*detached"):
        read(OnlyDLPack(tensor.requires_grad_()))


@pytest.mark.parametrize("name", ["uint4", "int4", "float4_e2m1fn_x2"])
def test_a_type_that_nobody_reads_is_refused_by_name(name):
    dtype = getattr(torch, name, None)
    if dtype is None:
        pytest.skip("not in this torch")
    tensor = torch.empty(2, 3, dtype=dtype)
    with pytest.raises(TypeError, match=rf"values is a torch tensor of torch.{name}.*float32"):
        read(tensor)


# torch says once a process that they are a prototype.
@pytest.mark.filterwarnings("ignore:.*nested tensors is in prototype:UserWarning")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_tensor_is_refused_with_a_cure(layout):
    rows = [torch.ones(2), torch.ones(3)]
    nested = torch.nested.nested_tensor(rows, layout=layout)
    with pytest.raises(TypeError, match=r"nested tensor.*to_padded_tensor"):
        read(nested)


def test_a_fake_tensor_has_no_numbers():
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.ones(4, 3)
    with pytest.raises(ValueError, match=r"FakeTensor of shape \(4, 3\): it has no numbers"):
        read(fake)


def test_text_and_selection_of_tensors():
    w = Heatmap([[1, 2], [3, 4]], text=torch.tensor([[0.5, 1], [2, 3]], requires_grad=True))
    assert w.text.tolist() == [["0.5", "1.0"], ["2.0", "3.0"]]
    w.selection = [(layer, 1) for layer in torch.arange(2)]
    assert [cell.value for cell in w.selection] == [2, 4]


def test_a_meta_tensor_has_no_numbers():
    with pytest.raises(ValueError, match=r"meta tensor of shape \(4, 3\).*pending"):
        read(torch.ones(4, 3, device="meta"))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: torch.ones(3), ValueError, ["1 dimensions", "(3,)"]),
        (lambda: torch.ones(0, 3), ValueError, ["empty", "(0, 3)"]),
        (lambda: torch.ones(2, 3, dtype=torch.complex64), TypeError, ["complex64", "abs"]),
        (lambda: torch.nn.Linear(2, 3), TypeError, ["Linear"]),
    ],
)
def test_what_is_no_grid(make, error, words):
    with pytest.raises(error) as caught:
        read(make())
    assert all(word in str(caught.value) for word in words), str(caught.value)
