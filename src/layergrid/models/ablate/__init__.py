"""Switch parts of a live model off: what can be, where in it that is done, and the hooks."""

from .ablation import ablate
from .anatomy import Anatomy
from .hooks import Hooks
from .target import Target

__all__ = ["Anatomy", "Hooks", "Target", "ablate"]
