"""Take the pictures that somebody should look at: usual sizes, light and dark, in real Lab.

    make look        writes them to look/

Nothing is asserted here; a feature that nobody has looked at is not done.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .grid import GridPage
from .lab import LabServer, Notebook, launch_chromium

ROOT = Path(__file__).parents[2]

SETUP = """
import numpy as np, pandas as pd, layergrid as lg
cells = pd.read_csv("data/smollm2-135m.csv")
grids = cells.set_index(["layer", "component"]).to_xarray().sel(component=cells.component.unique())
grids = grids.set_coords(["name", "shape", "dtype"])
rng = np.random.default_rng(0)
"""

SCENES = {
    "smollm2": (
        (30, 7),
        "w = lg.Heatmap(grids.rms, title='SmolLM2-135M · weight rms', label='rms',"
        " mask=grids.rms > 0.23)\nw",
    ),
    "36x7": (
        (36, 7),
        "change = rng.normal(0.12, 0.005, (36, 7))\n"
        "change[[6, 7], [3, 4]] = np.nan\nchange[24, 2] = np.inf\n"
        "gone = np.zeros((36, 7), bool)\ngone[12:18, :4] = True\n"
        "change = np.ma.masked_array(change, gone)\n"
        "names = 'attn.q attn.k attn.v attn.o mlp.gate mlp.up mlp.down'.split()\n"
        "w = lg.Heatmap(change, components=names, cmap='RdBu_r', limits=(0.11, 0.13),"
        " title='relative change', label='‖ΔW‖ / ‖W‖', mask=change > 0.126)\nw",
    ),
    "2x40": (
        (2, 40),
        "w = lg.Heatmap(rng.random((2, 40)), layers=['MLP', 'ATT'], components=range(1, 41),"
        " text=np.arange(80).reshape(40, 2).T + 1, title='a strip', label='share')\nw",
    ),
    "32x32": (
        (32, 32),
        "w = lg.Heatmap(rng.random((32, 32)) ** 4, cmap='magma', limits=(0, 1),"
        " title='AttnScore', label='p-value')\nw",
    ),
    "96x128": (
        (96, 128),
        "w = lg.Heatmap(rng.normal(size=(96, 128)).cumsum(0), cmap='coolwarm',"
        " limits='symmetric', title='96 × 128', mask=np.eye(96, 128, 16) > 0)\nw",
    ),
    "80x2": ((80, 2), "w = lg.Heatmap(rng.random((80, 2)), components=['attn', 'mlp'])\nw"),
    "7x36": (
        (7, 36),
        "w = lg.Heatmap(rng.random((7, 36)),"
        " layers=[f'model.encoder.block.{i}.self_attention' for i in range(7)])\nw",
    ),
    "1x1": ((1, 1), "w = lg.Heatmap([[3.5]])\nw"),
    "text": (
        (12, 6),
        "w = lg.Heatmap(rng.normal(size=(12, 6)), text='.2f', components=['self_attn.q_proj',"
        " 'self_attn.kv_a_proj', 'input_layernorm', 'mlp.gate_up_proj', 'mlp.down_proj', 'x'])\nw",
    ),
}


def take(server: LabServer, browser: Browser, name: str, dark: bool, out: Path) -> None:
    """Show one scene with a selection, a focus and a hovered cell, and keep its picture."""
    shape, cell = SCENES[name]
    notebook = Notebook(
        server,
        browser,
        server.write(f"{name}-{dark}.ipynb", [SETUP, cell]),
        viewport={"width": 1000, "height": 1000},
        device_scale_factor=2,
    )
    # Said for both: Lab remembers the last one.
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    notebook.page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{theme}' }})"
    )
    notebook.page.wait_for_selector(f'[data-jp-theme-name="{theme}"]', state="attached")
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook, shape=shape)
    layers, components = shape
    first = (layers * 2 // 5, components * 4 // 7)
    if layers * components > 1:
        grid.drag(first, (min(layers - 1, first[0] + 3), components - 1))
        grid.hover(layers // 2, components - 1)
    # Clear of what the page around it shows on hover.
    grid.root.screenshot(path=out, animations="disabled")
    notebook.close()


def main() -> None:
    """Take every picture."""
    folder = ROOT / "look"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        shutil.copytree(ROOT / "examples" / "data", Path(root) / "data")
        server = LabServer(Path(root))
        browser = launch_chromium(playwright)
        for name in sys.argv[1:] or SCENES:
            for dark in (False, True):
                take(
                    server,
                    browser,
                    name,
                    dark,
                    folder / f"{name}-{'dark' if dark else 'light'}.png",
                )
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
