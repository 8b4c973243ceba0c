"""The twelve analyses make of the toy files what they made when they agreed with the C++ framework."""

from __future__ import annotations

import fnmatch

import numpy as np
import pytest

from tests.analyses.make_guard import GUARD
from tests.analyses.running import TWELVE, run_analysis


@pytest.mark.parametrize("variant", ["framework", pytest.param("fixed", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", TWELVE)
def test_results_are_those_that_were_verified(name: str, variant: str) -> None:
    program, results = run_analysis(name, corrected=variant == "fixed")
    with np.load(GUARD, allow_pickle=False) as guard:
        assert list(guard[f"{name}.names"]) == [booked.name for booked in program.layout.booked]
        expected = {key.split(".")[2] for key in guard.files if key.startswith(f"{name}.{variant}.")}
        assert set(results) == expected
        for sample, sums in results.items():
            assert np.array_equal(sums.counts, guard[f"{name}.{variant}.{sample}.counts"]), sample
            # Another processor or C library may differ in the last bit of a sine.
            np.testing.assert_allclose(sums.sums, guard[f"{name}.{variant}.{sample}.sums"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", TWELVE)
@pytest.mark.slow
def test_variants_differ_only_where_a_quirk_is_corrected(name: str) -> None:
    program, framework = run_analysis(name)
    _, fixed = run_analysis(name, corrected=True)
    touched = [glob for quirk in program.analysis.quirks if quirk.fixed for glob in quirk.touches]
    for booked in program.layout.booked:
        if not any(fnmatch.fnmatch(booked.name, glob) for glob in touched):
            for sample, sums in framework.items():
                assert np.array_equal(sums.contents(booked), fixed[sample].contents(booked)), (booked.name, sample)


def test_w_transverse_mass_is_filled_once_in_fixed_and_thrice_in_framework() -> None:
    program, framework = run_analysis("WBoson")
    _, fixed = run_analysis("WBoson", corrected=True)
    mtw, met = program.layout.first["hist_mtw"], program.layout.first["hist_etmiss"]
    for sample, sums in framework.items():
        assert sums.entries(mtw) == 3 * sums.entries(met)
        assert fixed[sample].entries(mtw) == fixed[sample].entries(met)
    assert framework["dataA"].entries(met) > 0
