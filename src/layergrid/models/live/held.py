"""The parameters that one live module holds, also where its library packs them.

Libraries are recognised by their classes and never imported: what is to be read has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple


class Held(NamedTuple):
    """A parameter of a module.

    Attributes
    ----------
    name : str
        In the module.
    fetch : callable
        Gives it as a tensor, dequantised. Raises a ValueError, whose text goes after the name, if
        that cannot be.
    about : torch.nn.Parameter or (shape, label, nbytes, key)
        What it is; of a packed one what it would be, and a `key` that is the same for shared ones.
    """

    name: str
    fetch: Callable[[], Any]
    about: Any


def held_by(module: Any) -> Iterator[Held]:
    """Give the parameters that a module itself holds, without its children's.

    With them the masks of pruned ones.
    """
    home = type(module).__module__
    if home.startswith("torch.ao.nn.") and ".quantized." in home:
        yield from _of_torch(module)
        return
    if type(module).__name__ == "HQQLinear" and hasattr(module, "W_q"):
        yield from _of_hqq(module)
        return
    if "qweight" in module._buffers:
        yield _repacked(module)
        if module._buffers.get("bias") is not None:
            yield Held("bias", lambda: module._buffers["bias"], module._buffers["bias"])
    for name, parameter in module._parameters.items():
        if parameter is not None:
            yield _parameter(module, name, parameter)
            if (mask := _mask_of(name)) in module._buffers:
                yield Held(mask, partial(module._buffers.get, mask), module._buffers[mask])


def _mask_of(name: str) -> str:
    """Tell what torch's pruning calls the mask of a parameter, which is "weight_orig" then."""
    return f"{name.removesuffix('_orig')}_mask" if name.endswith("_orig") else ""


def _parameter(module: Any, name: str, parameter: Any) -> Held:
    kind = type(parameter).__name__
    if kind == "Params4bit" and getattr(parameter, "quant_state", None) is not None:
        return _bnb_4bit(module, name, parameter)
    if kind == "Int8Params" and str(parameter.dtype) == "torch.int8":
        return _bnb_int8(module, name, parameter)
    if _has_own_dequantize(parameter):
        library = type(parameter).__module__.partition(".")[0]
        label = f"{kind} ({library})"
        about = tuple(parameter.shape), label, _nbytes(parameter), id(parameter)
        return Held(name, lambda: module._parameters[name].detach().dequantize(), about)
    return Held(name, lambda: module._parameters[name].detach(), parameter)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, sys.modules["torch"].Tensor)


def _has_own_dequantize(tensor: Any) -> bool:
    plain = sys.modules["torch"].Tensor.dequantize
    return getattr(type(tensor), "dequantize", plain) is not plain


def _nbytes(tensor: Any) -> int:
    """Count the bytes of a tensor, of one that wraps others all of those."""
    if not hasattr(tensor, "__tensor_flatten__"):
        return int(tensor.numel() * tensor.element_size())
    inner, _ = tensor.__tensor_flatten__()
    return sum(_nbytes(getattr(tensor, name)) for name in inner)


# ── bitsandbytes ─────────────────────────────────────────────────────────────────────────────


def _bnb_4bit(module: Any, name: str, parameter: Any) -> Held:
    state = parameter.quant_state
    tensors = [parameter.data, state.absmax, state.code]
    if state.nested:
        tensors += [state.state2.absmax, state.state2.code]
    about = (
        tuple(state.shape),
        f"{state.quant_type} (bitsandbytes)",
        sum(_nbytes(t) for t in tensors),
        id(parameter),
    )

    # Not by the library's own function: on the host that of 0.50 errs where rows end amid a block.
    def fetch() -> Any:
        now = module._parameters[name]
        state = now.quant_state
        largest = state.absmax
        if state.nested:
            outer = _each(state.state2.absmax, state.state2.blocksize, largest.numel())
            largest = state.state2.code[largest.int()] * outer + state.offset
        halves = now.data.view(sys.modules["torch"].uint8).reshape(-1)
        codes = sys.modules["torch"].stack([halves >> 4, halves & 15], -1).reshape(-1).int()
        n = state.shape.numel()
        values = state.code[codes[:n]] * _each(largest, state.blocksize, n)
        return values.reshape(state.shape)

    return Held(name, fetch, about)


def _each(scale: Any, block: int, n: int) -> Any:
    """Repeat each scale for the values of its block."""
    return scale.float().repeat_interleave(block)[:n]


def _bnb_int8(module: Any, name: str, parameter: Any) -> Held:
    def scale() -> Any:
        # It moves from the parameter to the module's state with the first forward pass.
        now = getattr(module._parameters[name], "SCB", None)
        return getattr(getattr(module, "state", None), "SCB", None) if now is None else now

    def fetch() -> Any:
        if scale() is None:
            raise ValueError(
                "is quantised by bitsandbytes and has lost its scales: load the model again"
            )
        return module._parameters[name].data.float() * (scale().float() / 127)[:, None]

    nbytes = _nbytes(parameter.data) + (0 if scale() is None else _nbytes(scale()))
    about = tuple(parameter.shape), "int8 (bitsandbytes)", nbytes, id(parameter)
    return Held(name, fetch, about)


# ── modules that keep no parameter ───────────────────────────────────────────────────────────


def _of_torch(module: Any) -> Iterator[Held]:
    """Give what torch.ao's quantised layers keep packed."""
    for name, tensor in _packed_by_torch(module).items():
        dtype = str(tensor.dtype).removeprefix("torch.")
        label = f"{dtype} (torch)" if tensor.is_quantized else dtype
        about = tuple(tensor.shape), label, _nbytes(tensor), (id(module), name)
        yield Held(name, partial(_unpacked_by_torch, module, name), about)


def _unpacked_by_torch(module: Any, name: str) -> Any:
    tensor = _packed_by_torch(module)[name].detach()
    return tensor.dequantize() if tensor.is_quantized else tensor


def _packed_by_torch(module: Any) -> dict[str, Any]:
    if type(module).__name__.endswith(("PackedParams", "PackedParameter")):
        return {}  # its owner gives them
    if hasattr(module, "_all_weight_values"):  # recurrent ones
        return {**module.get_weight(), **module.get_bias()}
    if hasattr(module, "_packed_params"):
        both = hasattr(module, "_weight_bias")
        weight, bias = module._weight_bias() if both else (module.weight(), None)
        return {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    return {name: p for name, p in module._parameters.items() if p is not None}


def _of_hqq(module: Any) -> Iterator[Held]:
    meta = module.meta
    tensors = [module.W_q, *(value for value in meta.values() if _is_tensor(value))]
    label = f"int{meta['nbits']} (hqq)"
    about = tuple(meta["shape"]), label, sum(_nbytes(t) for t in tensors), id(module)
    yield Held("weight", lambda: module.dequantize().detach(), about)
    if module.bias is not None:
        yield Held("bias", lambda: module.bias.detach(), module.bias)


def _repacked(module: Any) -> Held:
    """Describe a module of GPTQ or AWQ: what its buffers mean depends on the kernel it found."""
    buffers = [b for name, b in module._buffers.items() if b is not None and name != "bias"]
    shape = tuple(module.qweight.shape)
    if hasattr(module, "in_features") and hasattr(module, "out_features"):
        shape = (module.out_features, module.in_features)
    label = f"{str(module.qweight.dtype).removeprefix('torch.')} ({type(module).__name__})"

    def fetch() -> Any:
        raise ValueError(
            f"is packed for the kernel of {type(module).__name__}, in an order that only it "
            "knows: take the weights from the checkpoint, by its path"
        )

    return Held("weight", fetch, (shape, label, sum(_nbytes(b) for b in buffers), id(module)))
