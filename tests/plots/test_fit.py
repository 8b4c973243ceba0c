from __future__ import annotations

import numpy as np
import pytest

from atlasod_tui.engine.author import PeakFit
from atlasod_tui.plots.fit import FREE, fit_peak, gaussian
from atlasod_tui.plots.model import FloatArray

PEAK = PeakFit("h", height=100.0, mean=125.0, width=2.4, lo=-1, hi=1)
X = np.linspace(105, 160, 31)[:-1] + 55 / 60
CUBIC = (7000.0, -150.0, 1.1, -0.0027)


def cubic(x: FloatArray) -> FloatArray:
    return CUBIC[0] + CUBIC[1] * x + CUBIC[2] * x**2 + CUBIC[3] * x**3


def test_it_finds_the_curve_that_data_lie_on() -> None:
    counts = cubic(X) + gaussian(X, 100.0, 125.0, 2.4)
    found = fit_peak(X, counts, np.abs(counts), PEAK, 100.0)
    assert found is not None
    assert found.fit.parameters == pytest.approx((*CUBIC, 100.0, 125.0, 2.4), rel=1e-8)
    assert found.fit.chi2 == pytest.approx(0, abs=1e-12)
    assert found.fit.ndf == 30 - FREE
    assert found.fit.background == pytest.approx(cubic(X).sum())
    assert found.fit.signal == pytest.approx(gaussian(X, 100.0, 125.0, 2.4).sum())
    assert found.background(X) == pytest.approx(cubic(X))
    assert found.signal(np.array([125.0])) == pytest.approx(100)
    assert found.fit.errors[FREE:] == (0, 0, 0)


def test_the_errors_are_the_spread_of_many_fits() -> None:
    rng = np.random.default_rng(1)
    true = 400 + 0 * X
    fits = [fit_peak(X, rng.poisson(true).astype(float), true, PEAK, 0.0) for _ in range(400)]
    found = [item for item in fits if item is not None]
    assert len(found) == 400
    spread = np.std([item.fit.parameters[:FREE] for item in found], axis=0)
    assert found[0].fit.errors[:FREE] == pytest.approx(spread, rel=0.15)
    assert found[0].background_error == pytest.approx(np.std([item.fit.background for item in found]), rel=0.15)
    assert np.mean([item.fit.chi2 for item in found]) == pytest.approx(30 - FREE, rel=0.05)


def test_another_way_to_the_minimum_ends_there() -> None:
    counts = np.random.default_rng(2).poisson(np.maximum(cubic(X) / 20, 1)).astype(float)
    counts[3] = 0
    found = fit_peak(X, counts, counts, PEAK, 5.0)
    assert found is not None
    used = counts > 0
    assert found.fit.ndf == used.sum() - FREE
    y = (counts - gaussian(X, 5.0, 125.0, 2.4))[used]
    other = np.polynomial.Chebyshev.fit(X[used], y, FREE - 1, w=1 / np.sqrt(counts[used]))
    assert found.background(X) == pytest.approx(other(X), rel=1e-9)
    assert found.fit.chi2 == pytest.approx((((y - other(X[used])) ** 2) / counts[used]).sum())


@pytest.mark.parametrize("filled", [0, 1, 3])
def test_fewer_bins_than_parameters(filled: int) -> None:
    counts = np.zeros(30)
    counts[:filled] = 7
    assert fit_peak(X, counts, counts, PEAK, 1.0) is None


def test_as_many_bins_as_parameters() -> None:
    counts = np.zeros(30)
    counts[[1, 9, 14, 28]] = (4, 9, 3, 1)
    found = fit_peak(X, counts, counts, PEAK, 1.0)
    assert found is not None
    assert found.fit.ndf == 0
    assert found.fit.chi2 == pytest.approx(0, abs=1e-12)


def test_bins_that_are_not_numbers_are_left_out() -> None:
    counts = np.full(30, 9.0)
    counts[4] = np.nan
    found = fit_peak(X, counts, counts, PEAK, 0.0)
    assert found is not None
    assert found.fit.ndf == 29 - FREE


@pytest.mark.parametrize("height", [np.nan, np.inf, 1e300])
def test_wild_numbers_have_no_fit_or_a_finite_one(height: float) -> None:
    with np.errstate(all="ignore"):
        found = fit_peak(X, np.full(30, 9.0), np.full(30, 1e-300), PEAK, height)
    assert found is None or np.isfinite(found.fit.parameters).all()
