"""From the names of parameters to their places in a grid. Pure."""

from .modules import InLayer, in_layer, module_of, says_block
from .reading import Naming, Place, Stack, expert_label, read_names
from .tails import is_buffer
from .wrappers import wrapped_child

__all__ = [
    "InLayer",
    "Naming",
    "Place",
    "Stack",
    "expert_label",
    "in_layer",
    "is_buffer",
    "module_of",
    "read_names",
    "says_block",
    "wrapped_child",
]
