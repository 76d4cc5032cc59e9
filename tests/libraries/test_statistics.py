"""Statistics of torch's tensors, of real models and however they are held, beside torch's own."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest

from layergrid.models import statistics
from layergrid.models.statistics import STATISTICS, moments, read_statistic, spectra
from layergrid.models.statistics.devices import device_blocks, device_matrix, has_float64

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.libraries

IN_ANY_ORDER = [name for name, s in STATISTICS.items() if s.kind == "values"]
MATRIX = [name for name, s in STATISTICS.items() if s.kind == "matrix"]


def references(tensor) -> dict[str, float]:
    """All that are of values, in torch's words and float64; see also `matrix_references`."""
    from scipy.stats import kurtosis

    w = tensor.detach().double().flatten()
    rms = torch.linalg.vector_norm(w) / math.sqrt(w.numel())
    found = {
        "rms": rms,
        "mean_abs": w.abs().mean(),
        "max_abs": w.abs().max(),
        "std": w.std(correction=0),
        "outlier_ratio": w.abs().max() / rms,
        "kurtosis": kurtosis(w.resolve_neg().numpy()),
        "zero_fraction": (w == 0).double().mean(),
        "nonfinite": (~w.isfinite()).sum(),
        "frobenius": torch.linalg.vector_norm(w),
    }
    return {name: float(value) for name, value in found.items()}


def matrix_references(tensor) -> dict[str, float]:
    from scipy.stats import entropy

    sigma = torch.linalg.svdvals(tensor.detach().double().flatten(1)).numpy()
    return {
        "spectral_norm": float(sigma[0]),
        "stable_rank": float((sigma**2).sum() / sigma[0] ** 2),
        "effective_rank": float(np.exp(entropy(sigma))),
    }


def differences(tensor, expected: dict[str, float], what: str) -> list[str]:
    """The statistics that are further from the reference than the project allows."""
    return [
        f"{name} of {what}: {found!r}, not {value!r}"
        for name, value in expected.items()
        if not abs((found := STATISTICS[name].of(tensor)) - value) <= 1e-6 * max(abs(value), 1e-3)
    ]


def some(state: dict, step: int) -> dict:
    """Every so many of a model's parameters, leaving out the largest, which only take long."""
    small = {name: tensor for name, tensor in state.items() if tensor.numel() < 3e6}
    return dict(list(small.items())[::step])


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """Several of torch's threads only wait for each other where others are at work too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def real(smollm2, minilm_folder):
    from safetensors.torch import load_file

    minilm = load_file(minilm_folder / "model.safetensors")
    return {**some(smollm2.state_dict(), 23), **some(minilm, 11)}


DTYPES = [torch.float32, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_real_parameters_agree_with_torch_and_scipy(real, dtype):
    wrong = []
    for name, parameter in real.items():
        tensor = parameter.to(dtype)
        wrong += differences(tensor, references(tensor), name)
    assert not wrong
    assert len(real) > 15


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_singular_values_of_real_parameters_agree_with_torch(real, dtype):
    wrong, seen = [], set()
    for name, parameter in real.items():
        if parameter.ndim == 2 and parameter.shape not in seen:
            seen.add(parameter.shape)
            tensor = parameter.to(dtype)
            wrong += differences(tensor, matrix_references(tensor), name)
    assert not wrong
    assert len(seen) >= 4


def test_a_real_embedding_agrees_too(smollm2):
    tensor = smollm2.get_input_embeddings().weight  # 28 million values
    assert not differences(tensor, references(tensor), "the embedding")
    narrow = tensor.bfloat16()
    assert not differences(narrow, references(narrow), "the embedding as bfloat16")


def test_a_real_update_of_low_rank_agrees(smollm2):
    torch.manual_seed(0)
    base = smollm2.model.layers[3].self_attn.k_proj.weight.detach()
    left, _, right = torch.linalg.svd(base.double(), full_matrices=False)
    update = left[:, :16] @ right[:16]
    for tensor in (update, update.float(), 1e-3 * update.float(), update.bfloat16()):
        assert not differences(tensor, matrix_references(tensor), str(tensor.dtype))


# ── however a tensor is held ─────────────────────────────────────────────────────────────────


@pytest.fixture
def tensor():
    torch.manual_seed(1)
    return torch.randn(24, 40, dtype=torch.float64)


ARRANGED = {
    "a parameter": lambda t: torch.nn.Parameter(t),
    "requires grad": lambda t: t.requires_grad_() * 2,
    "transposed": lambda t: t.t(),
    "strided": lambda t: t[::2, 1::3],
    "expanded": lambda t: t[:, :1].expand(24, 7),
    "convolution": lambda t: t.reshape(24, 10, 2, 2).to(memory_format=torch.channels_last),
    "negated lazily": lambda t: torch.complex(t, t).conj().imag,
    "sparse": lambda t: (t * (t > 1)).to_sparse(),
    "compressed": lambda t: (t * (t > 1)).to_sparse_csr(),
}


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("kind", ARRANGED)
def test_it_does_not_matter_how_a_tensor_is_held(tensor, kind, dtype):
    if dtype == torch.bfloat16 and kind == "negated lazily":
        pytest.skip("there is no complex bfloat16")
    held = ARRANGED[kind](tensor.to(dtype))
    dense = held.detach().to_dense() if held.layout != torch.strided else held
    assert not differences(held, references(dense), kind)
    assert not differences(held, matrix_references(dense), kind)


@pytest.mark.parametrize("kind", ["transposed", "convolution"])
def test_values_in_another_order_are_not_copied_for_it(tensor, kind):
    from torch.utils._python_dispatch import TorchDispatchMode

    copies = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            if "clone" in str(func) or "copy" in str(func):
                copies.append(func)
            return func(*args, **(kwargs or {}))

    held = ARRANGED[kind](tensor.bfloat16())
    with Watch():
        statistics.rms(held)
    assert not copies


@pytest.mark.parametrize(
    "name", ["float8_e4m3fn", "float8_e5m2", "int8", "uint8", "int64", "bool", "float16"]
)
def test_every_type_is_read(tensor, name):
    cast = (40 * tensor).trunc().clamp(min=0 if name in ("uint8", "bool") else -100)
    cast = cast.to(getattr(torch, name))
    assert not differences(cast, references(cast), name)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_a_quantized_tensor_is_measured_as_it_is_used(tensor):
    quantized = torch.quantize_per_tensor(tensor.float(), 0.1, 10, torch.quint8)
    assert not differences(quantized, references(quantized.dequantize()), "quantized")


def test_a_distributed_tensor_is_measured_as_a_whole(tensor):
    from torch import distributed
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Shard, distribute_tensor

    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        spread = distribute_tensor(tensor, init_device_mesh("cpu", (1,)), [Shard(0)])
        assert not differences(spread, references(tensor), "DTensor")
        assert not differences(spread, matrix_references(tensor), "DTensor")
        assert statistics.parameters(spread) == 960
        assert statistics.bytes(spread) == 8 * 960
    finally:
        distributed.destroy_process_group()


def test_values_stay_where_they_are():
    tensor = torch.randn(300, 500)
    before = tensor.clone()
    for statistic in STATISTICS.values():
        statistic.of(tensor)
    assert torch.equal(tensor, before)


def test_without_values_only_the_header_is_known():
    from torch._subclasses.fake_tensor import FakeTensorMode

    meta = torch.empty(4, 3, dtype=torch.bfloat16, device="meta")
    with FakeTensorMode():
        fake = torch.empty(4, 3, dtype=torch.bfloat16)
    for empty in (meta, fake):
        assert statistics.parameters(empty) == 12
        assert statistics.bytes(empty) == 24
        for name in IN_ANY_ORDER + MATRIX:
            with pytest.raises(ValueError, match=r"shape \(4, 3\): it has no values.*parameters"):
                STATISTICS[name].of(empty)


def test_what_is_not_real_or_no_matrix_is_refused():
    with pytest.raises(TypeError, match=r"complex64.*abs\(\)"):
        statistics.rms(torch.ones(2, 2, dtype=torch.complex64))
    with pytest.raises(ValueError, match=r"\(3,\), which is no matrix"):
        statistics.effective_rank(torch.ones(3))


def test_a_function_gets_the_tensor_itself(tensor):
    parameter = torch.nn.Parameter(tensor)
    seen = []

    def largest(given):
        seen.append(given)
        return given.max()

    assert read_statistic(largest).of(parameter) == float(tensor.max())
    assert seen[0] is parameter
    with pytest.raises(TypeError, match=r"gave a Tensor of shape \(24, 40\)"):
        read_statistic(torch.abs).of(tensor)


# ── the way of other devices, gone on this one ───────────────────────────────────────────────


@pytest.mark.parametrize("dtype", [*DTYPES, torch.float64, torch.int8, torch.bool], ids=str)
def test_other_devices_measure_alike(tensor, dtype):
    cast = (5 * tensor).clamp(min=0).to(dtype)
    for name in IN_ANY_ORDER:
        found = getattr(moments, name)(device_blocks(cast, 100))
        assert found == pytest.approx(STATISTICS[name].of(cast), rel=1e-6, abs=1e-9)
    for name in MATRIX:
        found = getattr(spectra, name)(device_matrix(cast))
        assert found == pytest.approx(STATISTICS[name].of(cast), rel=1e-9)


@pytest.mark.parametrize("scale", [2.0**-1050, 1e-200, 1e200, 2.0**1018])
def test_other_devices_keep_the_range_too(tensor, scale):
    tensor = tensor * scale
    for name in IN_ANY_ORDER:
        found = getattr(moments, name)(device_blocks(tensor, 100))
        assert found == pytest.approx(STATISTICS[name].of(tensor), rel=1e-6, abs=0)
    for name in MATRIX:
        found = getattr(spectra, name)(device_matrix(tensor))
        assert found == pytest.approx(STATISTICS[name].of(tensor), rel=1e-6, abs=0)


@pytest.mark.parametrize("broken", [[], [math.nan], [math.inf], [math.nan, math.inf]])
def test_other_devices_are_as_honest(broken):
    values = torch.zeros(6 if broken else 0)
    values[: len(broken)] = torch.tensor(broken)
    for name in IN_ANY_ORDER:
        found = getattr(moments, name)(device_blocks(values, 4))
        assert found == pytest.approx(STATISTICS[name].of(values), nan_ok=True)
    for name in MATRIX:
        found = getattr(spectra, name)(device_matrix(values.reshape(-1, 3)))
        assert found == pytest.approx(STATISTICS[name].of(values.reshape(-1, 3)), nan_ok=True)


def test_other_devices_see_ranks_that_eigenvalues_do_not():
    torch.manual_seed(0)
    product = torch.randn(80, 3, dtype=torch.float64) @ torch.randn(3, 60, dtype=torch.float64)
    expected = matrix_references(product)["effective_rank"]
    assert spectra.effective_rank(device_matrix(product)) == pytest.approx(expected, rel=1e-6)


def test_a_device_without_float64_is_known_by_trying():
    assert has_float64("cpu")
    assert not has_float64("mps") or torch.backends.mps.is_available()


# ── other libraries ──────────────────────────────────────────────────────────────────────────


def test_arrays_of_other_libraries_are_measured():
    jnp = pytest.importorskip("jax.numpy")
    zarr = pytest.importorskip("zarr")
    values = np.random.default_rng(0).standard_normal((7, 9)).astype(np.float32)
    stored = zarr.create_array({}, shape=values.shape, chunks=(3, 4), dtype="float32")
    stored[:] = values
    narrow = jnp.asarray(values, dtype="bfloat16")
    for name in [*IN_ANY_ORDER, *MATRIX, "parameters", "bytes"]:
        expected = STATISTICS[name].of(values)
        assert STATISTICS[name].of(jnp.asarray(values)) == pytest.approx(expected, rel=1e-9)
        assert STATISTICS[name].of(stored) == pytest.approx(expected, rel=1e-9)
        expected = STATISTICS[name].of(values.astype(ml_dtypes.bfloat16))
        assert STATISTICS[name].of(narrow) == pytest.approx(expected, rel=1e-9)
