"""From a model or a checkpoint to a grid: names, statistics, weights."""

from .ablate import ablate
from .handles import tensor
from .weights import weights

__all__ = ["ablate", "tensor", "weights"]
