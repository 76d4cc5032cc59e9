"""Tensors of other libraries, on any device → numpy arrays.

None of these libraries is imported here. What numpy has no dtype for (bf16, fp8) keeps its bits
in ml_dtypes' types.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recognise import is_a


def from_torch(tensor: Any) -> NDArray[Any]:
    """Read a torch tensor, however it is held: with a gradient, sparse, quantized, on a GPU.

    Raises
    ------
    ValueError
        If it holds no numbers, but stands for such.
    TypeError
        With torch's own words, if it does not come to numpy.
    """
    kind = "meta tensor" if tensor.is_meta else type(tensor).__name__
    if tensor.is_meta or kind == "FakeTensor":
        raise ValueError(
            f"values is a {kind} of shape {tuple(tensor.shape)}: it has no numbers. "
            "Load the weights first, or pass None with layers= and components= for pending cells"
        )
    if tensor.is_nested:
        raise TypeError(
            "values is a nested tensor, whose rows may differ in length: "
            "pass torch.nested.to_padded_tensor(values, float('nan'))"
        )
    try:
        return _from_dense(tensor.detach())
    except (TypeError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise TypeError(
            f"values is a torch tensor of {tensor.dtype}, which does not turn into a numpy array "
            f"({reason}): cast it to a type that numpy knows, such as float32"
        ) from error


def _from_dense(tensor: Any) -> NDArray[Any]:
    torch = sys.modules["torch"]
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    name = str(tensor.dtype).removeprefix("torch.")
    if name == "bfloat16" or name.startswith("float8"):
        # numpy has no such types; ml_dtypes reads the same bits, so nothing is rounded.
        import ml_dtypes

        bits = torch.int16 if name == "bfloat16" else torch.uint8
        return np.asarray(tensor.view(bits).numpy().view(getattr(ml_dtypes, name)))
    return np.asarray(tensor.numpy())


def from_library(values: Any) -> NDArray[Any]:
    """Read what offers ``__array__`` or ``__dlpack__``, whatever library it is of.

    Raises
    ------
    TypeError
        With the library's own words, if it opens no way at all.
    """
    refusal: Exception | None = None
    for read in _ways(values):
        try:
            return np.asarray(read())
        except Exception as error:  # whatever another library raises
            refusal = refusal or error
    if is_a(refusal, "jax.errors", "TracerArrayConversionError"):
        raise TypeError(
            "values is a JAX tracer: it has no numbers while jit, grad or vmap traces the "
            "function. Return the array from it, and show what comes back"
        ) from refusal
    kind = f"{type(values).__module__}.{type(values).__name__}"
    reason = str(refusal).partition("\n")[0].rstrip(".")
    raise TypeError(
        f"values is a {kind} that does not turn into a numpy array ({reason}): pass it "
        "detached, on the CPU and in a type that numpy knows, such as float32"
    ) from refusal


def _ways(values: Any) -> Iterator[Callable[[], Any]]:
    """Give the ways to the numbers, the plainest first."""
    if is_a(values, "cupy", "ndarray"):
        yield values.get  # CuPy leaves the GPU only when told to
    if hasattr(values, "__array__"):
        yield lambda: np.asarray(values)
    if hasattr(values, "__dlpack__"):
        yield lambda: np.from_dlpack(values)
        yield lambda: np.from_dlpack(values, device="cpu")  # from numpy 2.1 on
        # These know the types that numpy has none for.
        if "torch" in sys.modules:
            yield lambda: from_torch(sys.modules["torch"].from_dlpack(values))
        if "jax" in sys.modules:
            yield lambda: sys.modules["jax"].dlpack.from_dlpack(values)
