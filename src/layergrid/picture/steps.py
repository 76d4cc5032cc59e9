"""How steps are called. Pure; ``js/src/view/scrubber.ts`` does the same."""

from __future__ import annotations

from ..intake import Labels, label_text


def step_text(steps: Labels, index: int) -> str:
    """Say which step one is: up to which number, or of how many."""
    label, last = label_text(steps[index]), label_text(steps[-1])
    if all(isinstance(step, int | float) and not isinstance(step, bool) for step in steps):
        return f"step {label} of {last}"
    return f"step {index + 1} of {len(steps)} · {label}"


def longest_step(steps: Labels | None) -> str:
    """Give the longest of these texts, "" where there is no other step to go to."""
    if steps is None or len(steps) < 2:
        return ""
    return max((step_text(steps, index) for index in range(len(steps))), key=len)
