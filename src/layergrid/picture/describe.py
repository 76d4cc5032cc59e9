"""What a picture shows, in words."""

from __future__ import annotations

from ..colors import Kind
from ..intake import label_text
from ..numerals import format_value
from ..state import State, category_colors, label_of, step_label
from .frame import Frame


def describe(state: State, frame: Frame) -> str:
    """Say what the picture shows: size, range of values, and what is remarkable."""
    n_layers, n_components = state.grid.shape
    size = f"{_count(n_layers, 'layer')} × {_count(n_components, 'component')}"
    sentences = [f"Heatmap of {size}"]
    if state.title:
        sentences[0] = f"{state.title}: {sentences[0][0].lower()}{sentences[0][1:]}"
    step = step_label(state)
    if step is not None:
        sentences[0] += f", step {label_text(step)}"
    name = label_of(state) or "Values"
    categories = category_colors(state)
    if categories is not None:
        counted = zip(frame.counts[: len(categories)].tolist(), categories, strict=True)
        sentences.append(", ".join(f"{n:,} {label_text(label)}" for n, label in counted if n))
    elif frame.span:
        low, high = map(format_value, frame.span)
        sentences.append(f"{name} {low}" if low == high else f"{name} from {low} to {high}")
    if state.survey is not None and not state.survey.complete:
        sentences.append("A sample: not all cells were read yet")
    counts = frame.kinds
    remarkable = [f"{counts[kind]:,} {word}" for kind, word in _WORDS.items() if counts[kind]]
    if remarkable:
        sentences.append(", ".join(remarkable))
    highlighted = 0 if frame.mask is None else int(frame.mask.sum())
    if highlighted:
        sentences.append(f"{highlighted:,} highlighted")
    return ". ".join(filter(None, sentences)) + "."


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


_WORDS = {
    Kind.NAN: "NaN",
    Kind.POSITIVE_INFINITY: "+∞",
    Kind.NEGATIVE_INFINITY: "−∞",
    Kind.UNDER: "below the limits",
    Kind.OVER: "above the limits",
    Kind.NONPOSITIVE: "without a logarithm",
    Kind.ABSENT: "absent",
    Kind.PENDING: "pending",
}
