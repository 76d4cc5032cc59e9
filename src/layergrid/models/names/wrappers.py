"""Names without what torch and its friends wrap round a model. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

#: What a wrapper calls the module in it; no model calls a part of its own so.
_WRAPPED = frozenset(
    {
        "_orig_mod",  # torch.compile
        "_fsdp_wrapped_module",  # FullyShardedDataParallel
        "_fpw_module",  # the same, in its early versions
        "_checkpoint_wrapped_module",  # activation checkpointing
        "_forward_module",  # Lightning's strategies
    }
)
#: Data parallel wrappers, one in the other (DDP, Megatron, DeepSpeed), hold the model so.
_MODULE = "module"
#: Segments that are nothing but a wrapper's wherever they stand in a name.
_ANYWHERE = _WRAPPED | {"base_layer"}  # PEFT: the layer that an adapter sits on


def wrapped_child(children: Collection[str]) -> str | None:
    """Tell which child of a module is the model that it is wrapped round; None if it is none."""
    if len(children) == 1 and _MODULE in children:
        return _MODULE
    return next((name for name in children if name in _WRAPPED), None)


def unwrap(names: Iterable[str]) -> dict[str, str]:
    """Give each name without wrappers; names that would then be the same keep theirs."""
    clean = {name: _unwrap(name) for name in names}
    met = Counter(clean.values())
    return {name: short if met[short] == 1 else name for name, short in clean.items()}


def _unwrap(name: str) -> str:
    segments = [segment for segment in name.split(".") if segment not in _ANYWHERE]
    start = 0
    while segments[start : start + 1] == [_MODULE] and len(segments) > start + 1:
        start += 1
    if segments[start : start + 2] == ["base_model", "model"] and len(segments) > start + 2:
        start += 2  # PEFT, live and on file
    return ".".join(segments[start:]) or name


def called_path(path: str) -> str:
    """Give the path of the module that a model calls where one in a wrapper computes."""
    segments = path.split(".")
    while len(segments) > 1:
        if segments[-1] in _ANYWHERE:
            segments.pop()
        elif segments[-2] == "parametrizations":  # torch's: what computes a weight anew
            del segments[-2:]
        else:
            break
    return ".".join(segments)
