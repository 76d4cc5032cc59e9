"""Things of libraries that may not even be installed, known by what is already imported."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import numpy as np


def is_a(value: Any, module: str, name: str) -> bool:
    """Whether `value` is an instance of a class whose library may not even be installed."""
    library = sys.modules.get(module)
    cls = getattr(library, name, None)
    return isinstance(cls, type) and isinstance(value, cls)


def is_nan(value: Any) -> bool:
    """Whether a scalar is a NaN, or what times have in its place."""
    return isinstance(value, float | np.generic | datetime) and bool(value != value)


def is_absent(value: Any) -> bool:
    """Whether a scalar says that there is nothing here: None, ``np.ma.masked`` or ``pd.NA``."""
    return (
        value is None
        or is_a(value, "numpy.ma.core", "MaskedConstant")
        or is_a(value, "pandas.api.typing", "NAType")
    )
