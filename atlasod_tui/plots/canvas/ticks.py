"""Where the ticks of an axis are, and what is written there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_MOST = 1000
_LEAST = 2
"""Numbers that say how large something is: one alone does not."""
_TWO_AT = 5
"""A fifth of a span, rounded up to 1, 2 or 5 times a power of ten, is at most half of it: two multiples fit in."""
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FEW_DECADES = 1.5


def linear(lo: float, hi: float, most: int) -> list[float]:
    """Return at most about ``most`` multiples of 1, 2 or 5 times a power of ten between two numbers, at least two."""
    span = hi - lo
    if not (math.isfinite(span) and span > 0 and most > 0):
        return []
    found = _multiples(lo, hi, span / most)
    while len(found) < _LEAST and most < _TWO_AT:
        most += 1
        found = _multiples(lo, hi, span / most)
    return found


def _multiples(lo: float, hi: float, least: float) -> list[float]:
    step = _step(least)
    if step == 0 or not math.isfinite(step):
        return []
    first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
    if last - first > _MOST:
        return []
    return [k * step for k in range(first, last + 1)]


def _step(least: float) -> float:
    if not least > 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * (1 - 1e-9)), 10 * power)


def decades(lo: float, hi: float, most: int) -> list[float]:
    """Return powers of ten between two positive numbers, evenly spaced; with others where there are few of them."""
    low, high = math.log10(lo), math.log10(hi)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first + 1 < _LEAST or (high - low < _FEW_DECADES and most > 1):
        powers = range(math.floor(low), math.ceil(high) + 1)
        marks = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
        marks = [mark for mark in marks if lo * (1 - 1e-9) <= mark <= hi * (1 + 1e-9)]
        return marks if len(marks) >= _LEAST else linear(lo, hi, most)
    stride = max(1, math.ceil((last - first + 1) / max(most, 1)))
    while stride > 1 and last // stride - (first - 1) // stride < _LEAST:
        stride -= 1
    return [10.0**power for power in range(first, last + 1) if power % stride == 0]


def labels(values: Sequence[float]) -> list[str]:
    """Return what is written at evenly spaced ticks: equally many decimals, k and M for large numbers."""
    if not values:
        return []
    largest = max(abs(value) for value in values)
    steps = [abs(b - a) for a, b in pairwise(values)]
    step = min(steps, default=largest) or largest
    if largest == 0:
        return ["0" for _ in values]
    if largest >= 1e9 or largest < 1e-3:  # noqa: PLR2004 - where plain numbers get too long
        digits = min(max(math.ceil(math.log10(largest / step)) + 1, 2), 15)  # neighbours differ
        return ["0" if value == 0 else _scientific(value, digits) for value in values]
    unit, letter = (1e6, "M") if largest >= 2e6 else (1e3, "k") if largest >= 1e5 else (1.0, "")  # noqa: PLR2004
    decimals = _decimals(step / unit)
    return ["0" if value == 0 else f"{value / unit:.{decimals}f}{letter}" for value in values]


def _decimals(step: float) -> int:
    for decimals in range(6):
        if abs(round(step, decimals) - step) <= 1e-6 * step:
            return decimals
    return 6


def _scientific(value: float, digits: int = 2) -> str:
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def power(value: float, *, ascii_only: bool) -> str:
    """Return what is written at a tick of a logarithmic axis: 0.1, 1, 10, 10², or 1e2 in ASCII."""
    exponent = math.log10(value)
    if abs(exponent - round(exponent)) > 1e-6:  # noqa: PLR2004 - one of the 2s and 5s
        return labels([value])[0]
    exponent = round(exponent)
    if -1 <= exponent <= 1:
        return f"{value:g}"
    return f"1e{exponent}" if ascii_only else "10" + str(exponent).translate(_SUPERSCRIPT)


_AMOUNTS = (
    (1e8, 1e6, 0, "M"), (1e6, 1e6, 2, "M"), (1e5, 1e3, 0, "k"), (1000, 1, 0, ""), (10, 1, 1, ""), (0.1, 1, 2, "")
)  # fmt: skip
"""From which number on: divided by what, with how many decimals, and which letter."""


def amount(value: float) -> str:
    """Return a number of events as it stands in a legend: two to four digits or so."""
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    if abs(value) >= 1e9:  # noqa: PLR2004
        return _scientific(value)
    for least, unit, decimals, letter in _AMOUNTS:
        if abs(value) >= least:
            return f"{value / unit:.{decimals}f}{letter}"
    return f"{value:.2g}"
