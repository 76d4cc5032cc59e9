"""From the names of parameters to their places in a grid. Pure."""

from .reading import Naming, Place, Stack, expert_label, read_names
from .tails import is_buffer
from .wrappers import wrapped_child

__all__ = [
    "Naming",
    "Place",
    "Stack",
    "expert_label",
    "is_buffer",
    "read_names",
    "wrapped_child",
]
