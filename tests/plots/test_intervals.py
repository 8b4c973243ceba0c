from __future__ import annotations

import math

import numpy as np
import pytest

from atlasod_tui.plots.intervals import garwood

# Number of events, lower and upper end of the central 68.27 % interval: tables of Poisson intervals
TABLE = [
    (0, 0.0, 1.841), (1, 0.173, 3.300), (2, 0.708, 4.638), (3, 1.367, 5.918), (4, 2.086, 7.163), (5, 2.840, 8.382),
    (10, 6.891, 14.267),
]  # fmt: skip


@pytest.mark.parametrize(("events", "lower", "upper"), TABLE)
def test_known_intervals(events: int, lower: float, upper: float) -> None:
    below, above = garwood(np.array([float(events)]))
    assert events - below[0] == pytest.approx(lower, abs=6e-4)
    assert events + above[0] == pytest.approx(upper, abs=6e-4)


def test_many_events_have_nearly_the_root_on_both_sides() -> None:
    counts = np.array([1e4, 1e6, 0.99e9, 1.01e9, 1e15, 1e150])
    below, above = garwood(counts)
    assert below == pytest.approx(np.sqrt(counts), rel=0.01)
    assert above == pytest.approx(np.sqrt(counts), rel=0.02)


def test_the_expansion_goes_on_where_solving_ends() -> None:
    few, many = garwood(np.array([39.999999, 40.0])), garwood(np.array([40.0, 40.000001]))
    for side in (0, 1):
        assert few[side][0] == pytest.approx(few[side][1], abs=3e-6)
        assert many[side][0] == pytest.approx(many[side][1], abs=3e-6)


@pytest.mark.parametrize("events", [1, 2, 7, 39, 40, 41, 150])
def test_so_many_or_more_have_that_probability(events: int) -> None:
    below, above = garwood(np.array([float(events)]))

    def probability(mean: float, numbers: range) -> float:
        return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in numbers)

    outside = math.erfc(math.sqrt(0.5)) / 2
    assert 1 - probability(events - below[0], range(events)) == pytest.approx(outside, abs=1e-6)
    assert probability(events + above[0], range(events + 1)) == pytest.approx(outside, abs=1e-6)


def test_what_is_no_number_of_events() -> None:
    below, above = garwood(np.array([np.nan, -4.0, 1e-300, 0.5]))
    assert np.isnan([below[0], above[0]]).all()
    assert (below[1], above[1]) == (2, 2)
    assert below[2] == pytest.approx(0)
    assert above[2] == pytest.approx(1.841, abs=1e-3)
    assert 0 < below[3] < 0.5


def test_no_bins() -> None:
    below, above = garwood(np.empty(0))
    assert below.shape == above.shape == (0,)
