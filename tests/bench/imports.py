"""How long ``import layergrid`` takes beside the two packages that it needs at once."""

from __future__ import annotations

import subprocess
import sys

from .figures import Outcome, medians
from .markdown import ratio, seconds, table

IMPORTS = {"anywidget, numpy": "import anywidget, numpy", "layergrid": "import layergrid"}

_MEASURE = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def time_imports(times: int = 11) -> Outcome:
    """Import each in fresh processes, in turn; the first pair only fills the caches."""
    rounds = [
        {name: _time_import(statement) for name, statement in IMPORTS.items()}
        for _ in range(times + 1)
    ][1:]
    found = medians(rounds)
    base = found["anywidget, numpy"]
    rows = [[f"import {name}", seconds(found[name]), ratio(found[name] / base)] for name in IMPORTS]
    text = table([f"import, median of {times}", "time", "ratio"], rows)
    return Outcome(text, {"import": found["layergrid"] / base})


def _time_import(statement: str) -> float:
    command = [sys.executable, "-c", _MEASURE.format(statement)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
