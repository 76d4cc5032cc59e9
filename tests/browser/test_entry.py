"""What a host loads with every heatmap: a page unpacks and runs it once."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import layergrid as lg

from .host import HostPage

COUNT_UNPACKED = """
window.unpacked = 0;
window.DecompressionStream = class extends DecompressionStream {
  constructor(format) { super(format); window.unpacked++; }
};
"""

# As anywidget does it: each widget has a module of its own.
LOAD_AGAIN = """async (k) => {
  const { default: create } = await import(`./widget.js?${k}`);
  return "render" in (await create());
}"""


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "script-src 'self' blob:",  # no inline scripts
        "require-trusted-types-for 'script'; trusted-types default; script-src * blob:",
    ],
)
def test_a_page_unpacks_the_script_once_whatever_it_lets_run(browser: Browser, policy: str) -> None:
    host = HostPage(browser, policy=policy, init=COUNT_UNPACKED)
    for value in range(3):
        host.mount(lg.Heatmap(np.full((4, 3), value)))
    expect(host.page.locator("canvas.layergrid-cells")).to_have_count(3)
    loaded = host.page.evaluate(f"Promise.all([1, 2, 3].map({LOAD_AGAIN}))")
    assert loaded == [True, True, True]
    assert host.page.evaluate("window.unpacked") == 1
    assert host.page.locator("style[data-layergrid]").count() == 1
    assert host.errors == []
    host.close()


def test_a_browser_without_the_younger_way_to_read_base64_runs_it_too(browser: Browser) -> None:
    host = HostPage(browser, init="delete Uint8Array.fromBase64;")
    host.mount(lg.Heatmap(np.eye(3)))
    expect(host.page.locator("canvas.layergrid-cells")).to_be_visible()
    host.close()
