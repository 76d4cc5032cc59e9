"""What is in memory as a source: modules, and mappings of names to tensors."""

from .mapping import mapping_source
from .module import module_source

__all__ = ["mapping_source", "module_source"]
