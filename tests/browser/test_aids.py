"""The legend and the slider of steps, in a page with no kernel: what they show and ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from layergrid import Heatmap
from layergrid.page import pack

from .host import HostPage

Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """Show a heatmap in a page of its own."""
    opened: list[HostPage] = []

    def show_(values: Any, **options: Any) -> Page:
        host = HostPage(browser, viewport={"width": 900, "height": 800})
        opened.append(host)
        host.mount(Heatmap(values, **options))
        return host.page

    yield show_
    errors = [error for host in opened for error in host.errors]
    for host in opened:
        host.close()
    assert errors == []


def holey() -> np.ndarray:
    values = np.arange(84.0).reshape(12, 7)
    values[2:4, 1:3] = np.nan
    values[9, 6] = np.nan
    values[0, 0] = np.inf
    return values


def sent(page: Page, kind: str) -> list[dict[str, Any]]:
    return [m for m in page.evaluate("window.hosts[0].sent") if m["kind"] == kind]


def set_traits(page: Page, heatmap: Heatmap, *names: str) -> None:
    """Give the page some traits of a heatmap, as a kernel would."""
    traits = {name: value for name, value in heatmap._saved().items() if name in names}
    page.evaluate("(saved) => window.update(saved)", pack(traits))


def entry(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Legend").get_by_role("button", name=name)


# ── the legend ───────────────────────────────────────────────────────────────────────────────


def test_a_click_on_an_entry_selects_exactly_its_cells(show):
    page = show(holey())
    page.locator("canvas.layergrid-cells").click(position={"x": 60, "y": 60})
    entry(page, "NaN: 5").click()
    assert sent(page, "gesture")[-1]["command"] == {
        "op": "set",
        "rects": [[2, 1, 3, 2], [9, 6, 9, 6]],
    }
    expect(page.locator(".layergrid-status")).to_contain_text("5 selected")


def test_ctrl_adds_the_cells_and_takes_them_away(show):
    page = show(holey())
    entry(page, "NaN: 5").click()
    entry(page, "+∞: 1").click(modifiers=["Control"])
    expect(page.locator(".layergrid-status")).to_contain_text("6 selected")
    entry(page, "NaN: 5").click(modifiers=["Control"])
    expect(page.locator(".layergrid-status")).to_contain_text("1 selected")
    assert [m["command"]["op"] for m in sent(page, "gesture")] == ["set", "add", "remove"]


def test_entries_are_reached_and_pressed_by_keys_that_the_host_does_not_hear(show):
    page = show(holey())
    page.evaluate(
        "window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))"
    )
    entry(page, "NaN: 5").focus()
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(entry(page, "+∞: 1")).to_be_focused()
    assert page.evaluate("window.heard") == ["Tab"]
    assert len(sent(page, "gesture")) == 1


def test_the_mask_is_edited_where_clicks_edit_it(show):
    page = show(holey(), click="mask")
    entry(page, "NaN: 5").click()
    assert sent(page, "gesture")[-1]["target"] == "mask"
    expect(page.locator(".layergrid-status")).to_contain_text("5 highlighted")


def test_entries_are_no_buttons_to_press_where_clicks_do_nothing(show):
    page = show(holey(), click="none")
    expect(entry(page, "NaN: 5")).to_be_disabled()


def test_values_that_come_and_go_move_no_cell_and_take_no_focus(show):
    page = show(np.arange(84.0).reshape(12, 7), limits=(0, 90))
    box = page.locator("canvas.layergrid-cells").bounding_box()
    heatmap = Heatmap(holey(), limits=(0, 90))
    set_traits(page, heatmap, "_values")
    entry(page, "NaN: 5").focus()
    assert page.locator("canvas.layergrid-cells").bounding_box() == box
    fewer = holey()
    fewer[0, 0] = 0
    fewer[9, 6] = 0
    heatmap.values = fewer
    set_traits(page, heatmap, "_values")
    expect(entry(page, "NaN: 4")).to_be_focused()
    expect(entry(page, "+∞")).to_have_count(0)
    assert page.locator("canvas.layergrid-cells").bounding_box() == box


def test_categories_are_named_those_without_cells_too(show):
    colors = {"kept": None, "skipped": "#ff0000", "never": "#00ff00"}
    page = show([["kept", "skipped", "kept"]], categories=colors)
    names = page.get_by_role("group", name="Legend").get_by_role("button").all_inner_texts()
    assert [name.split() for name in names] == [["kept", "2"], ["skipped", "1"], ["never", "0"]]
    expect(page.locator("canvas.layergrid-bar")).to_be_hidden()


# ── notes of the colour bar ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (np.full((12, 7), 0.3), "all cells 0.3"),
        (np.full((12, 7), np.nan), "no finite values"),
    ],
)
def test_the_bar_says_what_ticks_cannot_and_points_at_nothing(show, values, note):
    page = show(values)
    assert page.locator(".layergrid-scale text").all_text_contents()[0] == note
    page.locator("canvas.layergrid-cells").hover()
    expect(page.locator(".layergrid-tooltip")).to_be_visible()
    expect(page.locator(".layergrid-pointer")).to_have_count(0)


def test_values_beyond_the_limits_show_at_the_ends_of_the_bar(show):
    values = np.arange(84.0).reshape(12, 7)
    assert show(values).locator(".layergrid-end").count() == 0
    assert show(values, limits=(-1, 80)).locator(".layergrid-end").count() == 1
    assert show(values, limits=(1, 80)).locator(".layergrid-end").count() == 2


# ── the slider ───────────────────────────────────────────────────────────────────────────────


def steps_of(n: int) -> np.ndarray:
    return np.arange(n)[:, None, None] + np.arange(84.0).reshape(12, 7)


def test_the_slider_is_as_wide_as_the_cells_and_goes_to_steps_at_once(show):
    page = show(steps_of(5))
    slider = page.get_by_role("slider")
    scrubber = page.locator(".layergrid-scrubber").bounding_box()
    cells = page.locator("canvas.layergrid-cells").bounding_box()
    assert (scrubber["x"], scrubber["width"]) == (cells["x"], cells["width"])
    expect(slider).to_have_value("4")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert [m["step"] for m in sent(page, "step")][:1] == [0]
    expect(slider).to_have_attribute("aria-valuetext", "step 1 of 4")
    expect(page.locator(".layergrid-step")).to_have_text("step 1 of 4")
    page.locator("canvas.layergrid-cells").hover(position={"x": 2, "y": 2})
    expect(page.locator(".layergrid-tooltip")).to_contain_text("0 · 01")


def test_a_step_from_python_moves_the_slider(show):
    page = show(steps_of(5))
    heatmap = Heatmap(steps_of(5))
    heatmap.step = 2
    set_traits(page, heatmap, "_step")
    expect(page.get_by_role("slider")).to_have_value("2")


def test_two_keys_of_the_grid_step_back_and_on(show):
    page = show(steps_of(5))
    page.locator("canvas.layergrid-cells").click(position={"x": 2, "y": 2})
    page.keyboard.press(",")
    page.keyboard.press(",")
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(page.get_by_role("slider")).to_have_value("4")


def test_it_plays_from_the_start_to_the_end_and_stops(show):
    page = show(steps_of(4))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_value("0")
    expect(page.get_by_role("slider")).to_have_value("3")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_it_stops_when_the_slider_is_taken(show):
    page = show(steps_of(40))
    page.get_by_role("button", name="Play").click()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_there_is_no_slider_for_a_single_step(show):
    page = show(steps_of(1))
    expect(page.get_by_role("slider")).to_have_count(0)
