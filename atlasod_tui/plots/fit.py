"""A peak of known shape and size on a free cubic, fitted to data by weighted least squares."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atlasod_tui.plots.model import Fit, FloatArray

if TYPE_CHECKING:
    from atlasod_tui.engine.author import PeakFit


FREE = 4
"""Free parameters: those of the cubic."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """The result of a fit.

    Attributes:
        fit: Its numbers.
        background_error: Statistical error of ``fit.background``.
    """

    fit: Fit
    background_error: float

    def background(self, x: FloatArray) -> FloatArray:
        """Return the cubic at ``x`` (GeV), in events per bin."""
        p0, p1, p2, p3 = self.fit.parameters[:FREE]
        return p0 + x * (p1 + x * (p2 + x * p3))

    def signal(self, x: FloatArray) -> FloatArray:
        """Return the Gaussian at ``x`` (GeV), in events per bin."""
        return gaussian(x, *self.fit.parameters[FREE:])


def gaussian(x: FloatArray, height: float, mean: float, width: float) -> FloatArray:
    """Return a Gaussian at ``x``, as high as it says."""
    found: FloatArray = height * np.exp(-0.5 * ((x - mean) / width) ** 2)
    return found


def fit_peak(x: FloatArray, counts: FloatArray, variances: FloatArray, peak: PeakFit, height: float) -> Fitted | None:
    """Fit data as ROOT's ``TH1::Fit`` does by default: least squares at the bin centres, without the empty bins.

    The free parameters enter linearly, so that the minimum is found by solving, not by searching: in powers of x that
    runs from -1 to 1, where they hardly depend on each other.

    Args:
        x: [n] bin centres, equally far apart (GeV).
        counts: [n] data; bins that are not numbers are left out.
        variances: [n] squared errors; bins with none are left out.
        peak: Mean and width of the Gaussian (GeV).
        height: Its height in events per bin.

    Returns:
        None where fewer bins have data than there are free parameters, or the numbers are too wild for a fit.
    """
    used = usable(counts, variances)
    if used.sum() < FREE:
        return None
    middle, reach = x.mean(), (x[-1] - x[0]) / 2
    peaked = gaussian(x, height, peak.mean, peak.width)
    powers = ((x - middle) / reach)[:, None] ** np.arange(FREE)
    error = np.sqrt(variances[used])
    design, wanted = powers[used] / error[:, None], (counts - peaked)[used] / error
    if not (np.isfinite(design).all() and np.isfinite(wanted).all()):
        return None
    scaled = np.linalg.lstsq(design, wanted)[0]
    inverse = np.linalg.pinv(design)
    covariance = inverse @ inverse.T
    to_gev = _powers_of(middle, reach)
    sums = powers.sum(axis=0)
    fit = Fit(
        parameters=(*(to_gev @ scaled).tolist(), height, float(peak.mean), float(peak.width)),
        errors=(*np.sqrt(np.diag(to_gev @ covariance @ to_gev.T)).tolist(), 0.0, 0.0, 0.0),
        chi2=float(((wanted - design @ scaled) ** 2).sum()),
        ndf=int(used.sum()) - FREE,
        signal=float(peaked.sum()),
        background=float(sums @ scaled),
    )
    numbers = (*fit.parameters, *fit.errors, fit.chi2, fit.signal, fit.background)
    return Fitted(fit, float(np.sqrt(sums @ covariance @ sums))) if np.isfinite(numbers).all() else None


def usable(counts: FloatArray, variances: FloatArray) -> NDArray[np.bool_]:
    """Return [n] which bins enter a fit: those that are numbers, with an error."""
    found: NDArray[np.bool_] = np.isfinite(counts) & np.isfinite(variances) & (variances > 0)
    return found


def _powers_of(middle: np.float64, reach: np.float64) -> FloatArray:
    """Return the matrix [4, 4] from coefficients of powers of (x - middle) / reach to those of powers of x."""
    matrix = np.zeros((FREE, FREE))
    for k in range(FREE):
        for j in range(k + 1):
            matrix[j, k] = comb(k, j) * (-middle) ** (k - j) / reach**k
    return matrix
