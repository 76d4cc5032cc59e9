"""What was measured: the command, the machine and the versions of everything that matters."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

_ALWAYS = ("anywidget", "ipywidgets", "jupyterlab", "ipykernel", "numpy")


def describe(packages: Iterable[str], chromium: str) -> str:
    """Give the command of this run and the versions of these packages, as Markdown."""
    names = sorted({*packages, *_ALWAYS})
    told = ", ".join(f"{name} {_version(name)}" for name in names)
    command = shlex.join(["python", "-m", "tests.bench.run", *sys.argv[1:]])
    chromium = f", Chromium {chromium}" if chromium else ""
    return (
        f"`{command}`\n\n{platform.system()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}{chromium}; {told}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
