"""Take the pictures that somebody should look at: usual sizes, light and dark, in real Lab.

    make look        writes them to look/

Nothing is asserted here; a feature that nobody has looked at is not done.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from .grid import GridPage
from .lab import LabServer, Notebook, launch_chromium

ROOT = Path(__file__).parents[2]

SETUP = """
import numpy as np, pandas as pd, xarray as xr, layergrid as lg
cells = pd.read_csv("data/smollm2-135m.csv")
grids = cells.set_index(["layer", "component"]).to_xarray().sel(component=cells.component.unique())
grids = grids.set_coords(["name", "shape", "dtype"])
rng = np.random.default_rng(0)
names = 'attn.q attn.k attn.v attn.o mlp.gate mlp.up mlp.down'.split()

def of_all_kinds(shape, **options):
    # But pending, which only a grid without values is.
    values = 10 ** rng.uniform(-0.9, 0.9, shape)
    few = iter(np.array_split(rng.permutation(values.size), 40))
    for value in (np.nan, np.inf, -np.inf, -1, 0.01, 100):
        values.flat[next(few)] = value
    gone = np.zeros(shape, bool)
    gone.flat[next(few)] = True
    values = np.ma.masked_array(values, gone)
    return lg.Heatmap(values, norm="log", limits=(0.1, 10), label="ratio", **options)
"""


class Scene(NamedTuple):
    """What to show, and what to do with it beside selecting and hovering."""

    #: Rows and columns of the screen.
    shape: tuple[int, int]
    #: Ends in a heatmap ``w``, or in something that shows it first.
    cell: str
    #: Pressed after all else.
    keys: tuple[str, ...] = ()


SCENES = {
    "smollm2": Scene(
        (30, 7),
        "w = lg.Heatmap(grids.rms, title='SmolLM2-135M · weight rms', label='rms',"
        " mask=grids.rms > 0.23)\nw",
    ),
    "36x7": Scene(
        (36, 7),
        "change = rng.normal(0.12, 0.005, (36, 7))\n"
        "change[[6, 7], [3, 4]] = np.nan\nchange[24, 2] = np.inf\n"
        "gone = np.zeros((36, 7), bool)\ngone[12:18, :4] = True\n"
        "change = np.ma.masked_array(change, gone)\n"
        "w = lg.Heatmap(change, components=names, cmap='RdBu_r', limits=(0.11, 0.13),"
        " title='relative change', label='‖ΔW‖ / ‖W‖', mask=change > 0.126)\nw",
    ),
    "2x40": Scene(
        (2, 40),
        "w = lg.Heatmap(rng.random((2, 40)), layers=['MLP', 'ATT'], components=range(1, 41),"
        " text=np.arange(80).reshape(40, 2).T + 1, title='a strip', label='share')\nw",
    ),
    "32x32": Scene(
        (32, 32),
        "w = lg.Heatmap(rng.random((32, 32)) ** 4, cmap='magma', limits=(0, 1),"
        " title='AttnScore', label='p-value')\nw",
    ),
    "96x128": Scene(
        (96, 128),
        "w = lg.Heatmap(rng.normal(size=(96, 128)).cumsum(0), cmap='coolwarm',"
        " limits='symmetric', title='96 × 128', mask=np.eye(96, 128, 16) > 0)\nw",
    ),
    "80x2": Scene((80, 2), "w = lg.Heatmap(rng.random((80, 2)), components=['attn', 'mlp'])\nw"),
    "7x36": Scene(
        (7, 36),
        "w = lg.Heatmap(rng.random((7, 36)),"
        " layers=[f'model.encoder.block.{i}.self_attention' for i in range(7)])\nw",
    ),
    "1x1": Scene((1, 1), "w = lg.Heatmap([[3.5]])\nw"),
    "text": Scene(
        (12, 6),
        "w = lg.Heatmap(rng.normal(size=(12, 6)), text='.2f', components=['self_attn.q_proj',"
        " 'self_attn.kv_a_proj', 'input_layernorm', 'mlp.gate_up_proj', 'mlp.down_proj', 'x'])\nw",
    ),
    "kinds": Scene(
        (14, 12), "w = of_all_kinds((14, 12), height=620, width=760, title='large cells')\nw"
    ),
    "kinds-text": Scene(
        (14, 7), "w = of_all_kinds((14, 7), components=names, text='auto', cmap='magma')\nw"
    ),
    "kinds-10px": Scene((24, 40), "w = of_all_kinds((24, 40), height=300, cmap='plasma')\nw"),
    "kinds-small": Scene((80, 96), "w = of_all_kinds((80, 96), height=400, title='small')\nw"),
    "log": Scene(
        (30, 7),
        "w = lg.Heatmap(10 ** rng.uniform(-6, 2, (30, 7)), components=names, norm='log',"
        " title='gradient norms', label='‖g‖')\nw",
    ),
    "symlog": Scene(
        (30, 7),
        "w = lg.Heatmap(rng.standard_cauchy((30, 7)), components=names, norm=('symlog', 0.1),"
        " cmap='RdBu_r', center=0, label='signed change')\nw",
    ),
    "categories": Scene(
        (2, 40),
        "kinds = np.where(rng.random((40, 2)) < 0.4, ['MLP skipped', 'ATT skipped'], 'kept')\n"
        "w = lg.Heatmap(kinds, components=['MLP', 'ATT'], transpose=True,"
        " text=np.arange(80).reshape(40, 2) + 1, title='llama-2-13b',"
        " categories={'MLP skipped': '#2b6cd4', 'ATT skipped': '#d2413a', 'kept': None})\nw",
    ),
    "many-categories": Scene(
        (24, 7),
        "w = lg.Heatmap(rng.choice([f'a kind of layer {k}' for k in range(14)], (24, 7)),"
        " components=names, title='clusters')\nw",
    ),
    "steps": Scene(
        (30, 7),
        "moved = rng.normal(size=(9, 30, 7)).cumsum(0)\nmoved[6:, 20:22, 3] = np.nan\n"
        "w = lg.Heatmap(xr.DataArray(moved, dims=['step', 'layer', 'component'],"
        " coords={'step': range(0, 900, 100), 'component': names}), cmap='RdBu_r', center=0,"
        " title='training', label='drift')\nw.step = 600\nw",
    ),
    "steps-strip": Scene(
        (2, 40),
        "w = lg.Heatmap(rng.random((5, 40, 2)), components=['MLP', 'ATT'], transpose=True,"
        " text='.1f', title='a strip over time')\nw",
    ),
    "row": Scene(
        (36, 7),
        "a, b = (rng.normal(0.12, 0.005, (n, 7)) for n in (36, 28))\na[3, 3] = np.nan\n"
        "w, v = (lg.Heatmap(x, components=names, limits=(0.11, 0.13), cmap='RdBu_r',"
        " title=f'{len(x)} layers', label='‖ΔW‖ / ‖W‖') for x in (a, b))\n"
        "lg.link(w, v)\nlg.row(w, v)",
    ),
    "mask": Scene(
        (30, 7),
        "w = lg.Heatmap(grids.rms, click='mask', mask=grids.rms > 0.24, title='edited',"
        " label='rms')\nw",
    ),
    "heads": Scene(
        (30, 9),
        "p = rng.random((30, 9)) ** 2\n"
        "p = xr.DataArray(p, dims=['Layer index', 'Head index'])\n"
        "w = lg.Heatmap(p, cmap='inferno', limits=(0, 1), label='p-value', mask=p < 0.003,"
        " title='AttnScore')\nw",
    ),
    "constant": Scene(
        (12, 7),
        "w = lg.Heatmap(np.full((12, 7), 0.25), components=names, title='constant',"
        " label='rate')\nw",
    ),
    "all-nan": Scene(
        (12, 7), "w = lg.Heatmap(np.full((12, 7), np.nan), components=names, label='loss')\nw"
    ),
    "pending": Scene(
        (12, 7), "w = lg.Heatmap(layers=range(12), components=names, title='to come')\nw"
    ),
    "search": Scene((30, 7), "w = lg.Heatmap(grids.rms, title='find')\nw", ("/", "2", " ", "q")),
    "sort": Scene((30, 7), "w = lg.Heatmap(grids.rms, title='sort')\nw", ("s",)),
    "sorted": Scene(
        (30, 7),
        "w = lg.Heatmap(grids.rms, title='sorted', mask=grids.rms > 0.23)\nw",
        ("s", "ArrowDown", "Enter"),
    ),
    "help": Scene((30, 7), "w = lg.Heatmap(grids.rms)\nw", ("?",)),
}
#: The whole of examples/02_figures.ipynb, a picture of each figure.
FIGURES = "figures"


def take(server: LabServer, browser: Browser, name: str, dark: bool, out: Path) -> None:
    """Show one scene with a selection, a focus and a hovered cell, and keep its picture."""
    shape, cell, keys = SCENES[name]
    notebook = show(
        server, browser, server.write(f"{name}-{dark}.ipynb", [SETUP, cell]), dark, 1200
    )
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook, shape=shape)
    layers, components = shape
    first = (layers * 2 // 5, components * 4 // 7)
    if layers * components > 1:
        grid.drag(first, (min(layers - 1, first[0] + 3), components - 1))
        grid.hover(layers // 2, components - 1)
    grid.press(*keys)
    in_row = notebook.page.locator(".widget-box", has=notebook.page.locator(".layergrid"))
    box = (in_row if in_row.count() else grid.root).bounding_box()
    assert box
    # Clear of what the page around it shows on hover; and not of the element, which would scroll
    # to it first: panels close then.
    notebook.page.screenshot(path=out, clip=box, animations="disabled")
    notebook.close()


def take_figures(server: LabServer, browser: Browser, dark: bool, folder: Path) -> None:
    """Run the gallery, and keep a picture of what each of its cells shows."""
    name = "02_figures.ipynb"
    notebook = show(server, browser, name, dark, 4000)
    cells = json.loads((server.root / name).read_text("utf-8"))["cells"]
    for k, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            notebook.run(k)
    outputs = notebook.page.locator(".jp-Cell-outputArea").filter(
        has=notebook.page.locator(".layergrid-chrome text")
    )
    for k, output in enumerate(outputs.all()):
        path = folder / f"{FIGURES}-{k}-{'dark' if dark else 'light'}.png"
        output.screenshot(path=path, animations="disabled")
    notebook.close()


def show(server: LabServer, browser: Browser, name: str, dark: bool, height: int) -> Notebook:
    """Open a notebook in a theme."""
    viewport = {"width": 1000, "height": height}
    notebook = Notebook(server, browser, name, viewport=viewport, device_scale_factor=2)
    # Said for both: Lab remembers the last one.
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    notebook.page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{theme}' }})"
    )
    notebook.page.wait_for_selector(f'[data-jp-theme-name="{theme}"]', state="attached")
    return notebook


def main() -> None:
    """Take every picture, or those whose names are given."""
    folder = ROOT / "look"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        shutil.copytree(ROOT / "examples", root, dirs_exist_ok=True)
        server = LabServer(Path(root))
        browser = launch_chromium(playwright)
        for name in sys.argv[1:] or [*SCENES, FIGURES]:
            for dark in (False, True):
                if name == FIGURES:
                    take_figures(server, browser, dark, folder)
                else:
                    out = folder / f"{name}-{'dark' if dark else 'light'}.png"
                    take(server, browser, name, dark, out)
        browser.close()
        server.close()


if __name__ == "__main__":
    main()
