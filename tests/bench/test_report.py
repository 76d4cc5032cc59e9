"""What a run prints: figures as text, and targets that were met, missed or not measured."""

import math

import pytest

from . import markdown, targets
from .figures import medians


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.54, "2.5 s"), (0.15, "150 ms"), (0.0042, "4.2 ms"), (math.inf, "–")],
)
def test_times_take_the_unit_that_suits_them(value: float, text: str) -> None:
    assert markdown.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0123, "0.0123"), (1.234, "1.23"), (123.4, "123"), (math.nan, "–")]
)
def test_ratios_have_three_digits(value: float, text: str) -> None:
    assert markdown.ratio(value) == text


def test_a_slow_round_does_not_move_the_median() -> None:
    assert medians([{"click": 1.0}, {"click": 9.0}, {"click": 2.0}]) == {"click": 2.0}


def _row(text: str, title: str) -> list[str]:
    line = next(line for line in text.splitlines() if title in line)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_targets_are_met_missed_or_not_measured() -> None:
    text = targets.describe({"36x7 update": 1.05, "36x7 click": 1.5, "live frames": 40})
    assert _row(text, "36 × 7, update")[1:] == ["≤ 1.1", "1.05", "yes"]
    assert _row(text, "36 × 7, click")[1:] == ["≤ 1.2", "1.5", "**no**"]
    assert _row(text, "frames a second")[1:] == ["≥ 50", "40", "**no**"]
    assert _row(text, "bundle")[2:] == ["–", "–"]


def test_a_reload_that_restores_nothing_misses_its_target() -> None:
    text = targets.describe({"many reload": math.inf})
    assert _row(text, "restored by a reload")[2:] == ["–", "**no**"]
