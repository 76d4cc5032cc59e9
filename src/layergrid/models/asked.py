"""What of a model is to be measured, as a person asks for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a model is to be measured; the fields are keywords of `weights`."""

    components: str | Sequence[str] = "matrices"
    tail: str = "weight"
    stack: str | None = None
    experts: str = "mean"

    def __post_init__(self) -> None:
        """Refuse what is none of the choices.

        Raises
        ------
        TypeError, ValueError
        """
        named = isinstance(self.components, Sequence) and not isinstance(self.components, str)
        if named and not (self.components and all(isinstance(c, str) for c in self.components)):
            raise ValueError(f"components is {self.components!r}; expected at least one name in it")
        if not named and self.components not in ("matrices", "all"):
            raise ValueError(
                f"components is {self.components!r}; expected 'matrices', 'all' or a list of "
                "components, such as ['attn', 'mlp.up']"
            )
        if not isinstance(self.tail, str):
            raise TypeError(f"tail is {self.tail!r}; expected a string, such as 'weight'")
        if not isinstance(self.stack, str | None):
            raise TypeError(f"stack is {self.stack!r}; expected the name of a stack, or None")
        if self.experts not in ("mean", "each"):
            raise ValueError(f"experts is {self.experts!r}; expected 'mean' or 'each'")
