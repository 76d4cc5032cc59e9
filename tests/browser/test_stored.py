"""A matrix that is not in memory: a sample that says so, and exact in the end, while cells run."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .grid import GridPage

SETUP = """
import numpy as np, layergrid as lg, pathlib, time
path = pathlib.Path("stored.f32").resolve()
path.write_bytes(b"")
values = np.memmap(path, "float32", "w+", shape=(30_000, 2_500))
values[12_000:12_040] = np.linspace(0, 1, 2500, dtype="float32")
values[15_000, 1_250] = 7
"""


def test_a_sample_says_so_and_becomes_exact(open_notebook):
    notebook = open_notebook(SETUP, "w = lg.Heatmap(values, label='weight')\nw", "1 + 1")
    for k in range(2):
        notebook.run(k)
    grid = GridPage(notebook)
    expect(grid.status).not_to_contain_text("read")
    assert grid.value("w.color_limits") == (0, 7)
    assert grid.value("w._overview[24:32] == np.float64(1).tobytes()")
    # Slower, so that it can be seen: what is known of other values is not known of these.
    notebook.execute(
        "read = lg.intake.stored.Stored.read\\n"
        "def slowly(self, part): time.sleep(0.05); return read(self, part)\\n"
        "lg.intake.stored.Stored.read = slowly\\n"
        "w.values = np.memmap(path, 'float32', 'r', shape=values.shape)".replace("\\n", chr(10))
    )
    expect(grid.status).to_contain_text(re.compile(r"sample of 1 in [\d,]+ cells · \d+ % read"))
    picture = grid.canvas.locator("xpath=ancestor::*[@aria-description]").first
    assert "sample" in (picture.get_attribute("aria-description") or "")
    # The cell is as usable as ever.
    assert grid.value("1 + 1") == 2
    expect(grid.status).not_to_contain_text("read", timeout=60_000)


def test_what_is_zoomed_in_on_is_read_exactly(open_notebook):
    notebook = open_notebook(SETUP, "w = lg.Heatmap(values, limits=(0, 7))\nw")
    for k in range(2):
        notebook.run(k)
    grid = GridPage(notebook)
    expect(grid.status).not_to_contain_text("read", timeout=60_000)
    box = grid.canvas.bounding_box()
    assert box
    x, y = (box["x"] + box["width"] * 0.5002, box["y"] + box["height"] * 0.50002)
    grid.page.mouse.move(x, y)
    expect(grid.tooltip).to_contain_text("15000 · 1250")
    expect(grid.tooltip).to_contain_text("7")
    before = grid.canvas.evaluate("(canvas) => canvas.toDataURL()")
    grid.page.keyboard.down("Control")
    for _ in range(12):
        grid.page.mouse.wheel(0, -120)
    grid.page.keyboard.up("Control")
    grid.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before",
        arg=[grid.canvas.element_handle(), before],
    )
    grid.page.mouse.click(x, y)
    expect(grid.status).to_contain_text("1 selected")
    grid.settle()
    layer, component = grid.value("(w.selection[0].layer, w.selection[0].component)")
    assert abs(layer - 15_000) < 200
    assert abs(component - 1_250) < 30
    assert grid.value("w.selection[0].value == float(values[w.selection[0].index])")
