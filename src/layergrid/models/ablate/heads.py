"""How many heads an attention has."""

from __future__ import annotations

from typing import Any

from .target import is_attention

#: What modules and configurations call the number; those of one side of a model first.
_NAMES = ("num_attention_heads", "num_heads", "n_heads", "n_head", "attention_heads")


def count_heads(model: Any, output: str) -> int | None:
    """Count the heads of an attention whose output projection is the parameter `output`.

    What stands next to it is believed first: the attention itself, then what holds it, up to the
    model, each by an attribute or its configuration.
    """
    path = output.rpartition(".")[0].rpartition(".")[0]
    while True:
        module = model.get_submodule(path)
        if is_attention(module):
            return int(module.num_heads)
        for holder in (module, getattr(module, "config", None)):
            for name in _NAMES:
                number = getattr(holder, name, None)
                if isinstance(number, int) and not isinstance(number, bool) and number > 0:
                    return number
        if not path:
            return None
        path = path.rpartition(".")[0]
