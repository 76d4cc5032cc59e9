"""What `import layergrid` costs is what it imports, and what it offers is what it says."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import layergrid

HEAVY = ["torch", "pandas", "xarray", "cmap", "matplotlib", "PIL", "bqplot", "ml_dtypes", "tqdm"]
HEAVY += ["dask", "transformers", "safetensors", "jax", "scipy", "peft", "transformer_lens"]


#: What takes longer to import than most of ours together, and is for what few do.
SLOW = ["decimal", "difflib", "html"]


def run(code: str) -> str:
    """Run code in a fresh interpreter, with what this one can import."""
    prelude = f"import sys; sys.path[:] = {sys.path!r}\n"
    command = [sys.executable, "-c", prelude + textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import layergrid",
        """
        import layergrid, numpy as np
        w = layergrid.Heatmap(np.eye(4, 3), mask=np.eye(4, 3) > 0, title="t", text="auto")
        w.selection = [(1, 2)]
        w.values = np.ones((4, 3), "float16")
        w.limits, w.cmap = "robust", "viridis"
        w.on_select(print)
        repr(w), w.selection, w.get_state()
        """,
        "import layergrid; layergrid.Heatmap([[1, None, 3], [4, 5.5, -6]])",
        "import layergrid; layergrid.Heatmap([['a', None, 'b'], ['b', 'a', 'c']], text='auto')",
        "import layergrid.models",
        "import layergrid.exchange",
    ],
)
def test_nothing_heavy_is_imported(code):
    print_heavy = f"\nimport sys; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    assert run(textwrap.dedent(code) + print_heavy).split() == []


def test_nothing_slow_is_imported_at_once():
    before = "import anywidget, numpy; known = set(sys.modules)\nimport layergrid\n"
    print_slow = f"print(*(({{*{SLOW!r}}} & set(sys.modules)) - known))"
    assert run(before + print_slow).split() == []


def test_the_first_heatmap_and_its_picture_wait_for_no_masked_arrays():
    # np.unique without options asks whether it was given any: a third of the first picture.
    code = """
    import layergrid, numpy as np, sys
    layergrid.Heatmap(np.eye(36, 7), cmap="RdBu")._repr_mimebundle_()
    print("numpy.ma" in sys.modules)
    """
    assert run(code).split() == ["False"]


@pytest.mark.parametrize(
    "module",
    [
        *["intake", "norms", "limits", "colors", "reserved", "numerals", "picks", "cells"],
        *["selection", "options", "texts", "state"],
        *["wire", "events", "gestures", "linked", "store", "hearing", "snapshot", "notebook"],
        *[
            "frames",
            "pace",
            "alarm",
            "stream",
            "page",
            "pyramid",
            "seen",
            "reader",
            "picture",
            "models",
            "exchange",
        ],
    ],
)
def test_the_pure_modules_import_no_widget_library(module):
    # Loaded as files of a bare package: the real one imports the widget beside them.
    code = f"""
    import importlib, types
    package = types.ModuleType("layergrid")
    package.__path__ = {list(layergrid.__path__)!r}
    sys.modules["layergrid"] = package
    importlib.import_module("layergrid.{module}")
    print(*sorted({{"anywidget", "ipywidgets", "traitlets", "IPython"}} & set(sys.modules)))
    """
    assert run(code).split() == []


def test_the_public_names_are_those_of_all_and_nothing_else():
    code = """
    import types, layergrid
    names = {name for name in dir(layergrid) if not name.startswith("_")}
    names -= {"Any", "TYPE_CHECKING"}
    print(*sorted(n for n in names if not isinstance(getattr(layergrid, n), types.ModuleType)))
    """
    assert run(code).split() == sorted(layergrid.__all__)
    assert set(dir(layergrid)) >= set(layergrid.__all__)


def test_the_first_names_are_there():
    expected = {"Cell", "ClickEvent", "Heatmap", "HoverEvent", "SelectEvent", "show"}
    assert expected <= set(layergrid.__all__)
    assert layergrid.__version__


def test_bqplot_is_imported_for_an_inspector_only():
    code = """
    import sys, warnings, layergrid
    warnings.simplefilter("ignore")
    before = "bqplot" in sys.modules
    layergrid.Inspector
    print(before, "bqplot" in sys.modules)
    """
    assert run(code).split() == ["False", "True"]


def test_what_reads_models_is_imported_when_it_is_used():
    code = """
    import sys, layergrid
    before = "layergrid.models" in sys.modules
    layergrid.weights
    print(before, "layergrid.models" in sys.modules)
    """
    assert run(code).split() == ["False", "True"]
