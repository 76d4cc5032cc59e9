"""What the notebook knows of an object that is shown in it."""

from __future__ import annotations

import sys
from typing import Any


def variable_of(shown: Any) -> str | None:
    """Give the name that the notebook knows an object by, None if it has none or there is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        for name, value in list(shell.user_ns.items()):
            if value is shown and not name.startswith("_"):
                return str(name)
    return None
