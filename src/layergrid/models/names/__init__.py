"""From the names of parameters to their places in a grid. Pure."""

from .reading import Naming, Place, Stack, expert_label, read_names
from .tails import is_buffer
from .wrappers import called_path, unwrap, wrapped_child

__all__ = [
    "Naming",
    "Place",
    "Stack",
    "called_path",
    "expert_label",
    "is_buffer",
    "read_names",
    "unwrap",
    "wrapped_child",
]
