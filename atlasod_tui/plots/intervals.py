"""Error bars of counted events, without the libraries of special functions: they take longer to import than a plot."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from atlasod_tui.plots.model import FloatArray

_OUTSIDE = math.erfc(math.sqrt(0.5)) / 2  # on each side of one standard deviation: 15.87 %
_FEW = 40.0  # from here on the expansion is right to 2e-6 of an event
_NEXT_TO_NOTHING = 1e-3


def garwood(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lengths of the error bars below and above numbers of events: central 68.27 % intervals.

    These are the means of the Poisson distributions that would give so many events or more (or fewer) with a
    probability of 15.87 % (F. Garwood, Biometrika 28 (1936) 437): 0 to 1.841 for none, 0.173 to 3.300 for one.

    Args:
        counts: [n] events, not necessarily whole numbers; the bars of a negative number are its root, those of a NaN
            are NaN.

    Returns:
        Two arrays [n], not negative.
    """
    many = np.where(counts >= _FEW, counts, _FEW)
    below, above = -_beyond(many, -1.0), 1 + _beyond(many + 1, 1.0)
    for k in np.flatnonzero(~(counts >= _FEW)):
        below[k], above[k] = _bars(float(counts[k]))
    return below, above


def _beyond(a: FloatArray, z: float) -> FloatArray:
    """Return how far beyond ``a``, its mean, a gamma distribution of that shape is where a normal one is at ``z``.

    ``z`` is 1 or -1, where the expansion of E. A. Cornish and R. A. Fisher, Technometrics 2 (1960) 209, is shortest.
    """
    root = np.sqrt(a)
    found: FloatArray = z * root - z / (6 * root) + 1 / (135 * a) - z * 7 / (1620 * a * root)
    return found


@lru_cache(maxsize=1024)
def _bars(events: float) -> tuple[float, float]:
    if not events >= 0:
        root = math.sqrt(abs(events))
        return root, root
    lower = _solve(events, _OUTSIDE) if events > _NEXT_TO_NOTHING else 0.0
    return events - lower, _solve(events + 1, 1 - _OUTSIDE) - events


def _solve(a: float, probability: float) -> float:
    """Return where a gamma distribution of shape ``a`` exceeds a probability.

    Newton's method on logarithms: log P rises ever more slowly with log x, so that it comes from the left and never
    goes too far. It begins where the first term of P's series alone would be enough.
    """
    x = math.exp((math.log(probability) + math.lgamma(a + 1)) / a)
    for _ in range(100):
        # P(a, x) = x^a exp(-x) / Gamma(a + 1) (1 + x / (a + 1) + x^2 / (a + 1) (a + 2) + ...)
        term = series = 1.0
        k = a
        while term > 1e-17 * series:
            k += 1
            term *= x / k
            series += term
        log_p = a * math.log(x) - x - math.lgamma(a + 1) + math.log(series)
        step = (math.log(probability) - log_p) * series / a
        x *= math.exp(step)
        if abs(step) < 1e-12:  # noqa: PLR2004 - the last digits
            break
    return x
