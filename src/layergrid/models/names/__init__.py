"""From the names of parameters to their places in a grid. Pure."""

from .modules import InLayer, in_layer, module_of, says_block
from .reading import Naming, Place, Stack, expert_label, read_names
from .tails import is_buffer
from .wrappers import called_path, unwrap, wrapped_child

__all__ = [
    "InLayer",
    "Naming",
    "Place",
    "Stack",
    "called_path",
    "expert_label",
    "in_layer",
    "is_buffer",
    "module_of",
    "read_names",
    "says_block",
    "unwrap",
    "wrapped_child",
]
