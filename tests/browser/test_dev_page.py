"""The view runs in a page with no Jupyter in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, expect

JS = Path(__file__).parents[2] / "js"


def test_the_view_runs_without_jupyter(browser: Browser, tmp_path: Path) -> None:
    esbuild = JS / "node_modules" / ".bin" / "esbuild"
    subprocess.run(
        [esbuild, "main=dev/main.ts", "widget=src/widget.css", "--bundle", "--format=iife",
         f"--outdir={tmp_path}"],
        cwd=JS,
        check=True,
        capture_output=True,
    )  # fmt: skip
    # A module would not load from a file.
    page_source = (JS / "dev" / "index.html").read_text().replace('type="module"', "defer")
    (tmp_path / "index.html").write_text(page_source)
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    grids = page.locator(".layergrid")
    expect(grids).to_have_count(3)
    box = grids.first.locator("canvas.layergrid-cells").bounding_box()
    assert box
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    expect(grids.first.locator(".layergrid-status")).to_contain_text("1 selected")
    page.get_by_role("button", name="light / dark").click()
    expect(grids.first).to_have_attribute("data-theme", "dark")
    assert errors == []
    page.close()
    shutil.rmtree(tmp_path)
