"""From a model or a checkpoint to a grid: names, statistics, weights; and back."""

from .ablate import ablate
from .handles import tensor
from .sweep import ablation
from .weights import weights

__all__ = ["ablate", "ablation", "tensor", "weights"]
