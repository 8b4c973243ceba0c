"""The compiled kernels give what the same selections give as plain Python, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analyses.running import TWELVE, run_analysis


@pytest.mark.parametrize("variant", ["framework", pytest.param("fixed", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", TWELVE)
def test_interpreted_and_compiled_agree_in_every_bit(name: str, variant: str) -> None:
    _, compiled = run_analysis(name, corrected=variant == "fixed")
    _, interpreted = run_analysis(name, corrected=variant == "fixed", interpreted=True)
    assert set(compiled) == set(interpreted)
    assert any(sums.counts.any() for sums in compiled.values())
    for sample, sums in compiled.items():
        assert np.array_equal(sums.sums, interpreted[sample].sums), sample
        assert np.array_equal(sums.counts, interpreted[sample].counts), sample
