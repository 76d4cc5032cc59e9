"""Numbers as people read them: in tooltips, on the colour bar, in cells. Pure.

``js/src/values/numerals.ts`` does the same; ``tests/data/numerals.json`` holds cases for both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def format_value(value: float | int | bool) -> str:
    """Give a value to four significant digits: 0.1123, 3.2e-7, 1,204. Integers are exact."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    return _typeset(_round(abs(value), 4), value < 0)


def _round(magnitude: float, digits: int) -> Decimal:
    from decimal import ROUND_HALF_UP, Context, Decimal

    # Half away from zero on the exact binary value, which is what JavaScript's toPrecision does.
    return Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(magnitude))


def _typeset(number: Decimal, negative: bool) -> str:
    sign = "−" if negative else ""
    number = number.normalize()
    exponent = number.adjusted()
    if -5 < exponent < 6:
        return f"{sign}{number:,f}"
    digits = "".join(map(str, number.as_tuple().digits))
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{exponent}"


def ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Give round numbers between `low` and `high`, and their labels to equal decimals.

    The step is 1, 2 or 5 times a power of ten, the smallest that leaves at most `most` ticks.
    Where there is no range, the one value there is.
    """
    if not low < high:
        return [(low, format_value(float(low)))]
    step = _step(high - low, most)
    # Next to each other, as far as floats go: there are no round numbers between them.
    if not math.isfinite(step) or max(abs(low), abs(high)) / step > 1e15:
        return [(low, format_value(low)), (high, format_value(high))]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    exponent = math.floor(math.log10(step) + 1e-9)
    return [(k * step, _tick_label(k, step, exponent)) for k in range(first, last + 1)]


def _step(span: float, most: int) -> float:
    raw = span / most
    if raw <= 0 or not math.isfinite(raw):
        return math.inf
    power = 10.0 ** math.floor(math.log10(raw))
    if power == 0:  # below the smallest float there is no round step
        return math.inf
    for factor in (1, 2, 5, 10):
        step = factor * power
        if math.floor(span / step + 1e-9) < most:
            return step
    return 20 * power


def _tick_label(k: int, step: float, exponent: int) -> str:
    value = k * step
    sign = "−" if k < 0 else ""
    largest = math.floor(math.log10(abs(value)) + 1e-9) if k else exponent
    if exponent < -5 or largest >= 6:
        if k == 0:
            return "0"
        decimals = max(0, largest - exponent)
        mantissa = f"{abs(value) / 10.0**largest:.{decimals}f}"
        return f"{sign}{mantissa}e{largest}"
    return f"{sign}{abs(value):,.{max(0, -exponent)}f}"
