"""How many bytes every widget carries into the page and into a saved notebook."""

from __future__ import annotations

import gzip
from importlib.resources import files

from .figures import Outcome
from .markdown import nbytes, table

BUNDLE = files("layergrid") / "static" / "widget.js"


def weigh_bundle() -> Outcome:
    """Weigh the bundle, as it is and as a web server would send it."""
    content = BUNDLE.read_bytes()
    row = ["widget.js", nbytes(len(content)), nbytes(len(gzip.compress(content)))]
    return Outcome(
        table(["bundle", "as it is loaded", "gzip"], [row]), {"bundle": float(len(content))}
    )
