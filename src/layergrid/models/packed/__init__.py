"""Parameters that are stored otherwise than they are used: fused, or quantised."""

from .fused import Stacked, fusions
from .unpacked import unpack

__all__ = ["Stacked", "fusions", "unpack"]
