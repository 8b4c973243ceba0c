from __future__ import annotations

import subprocess
import sys

import pytest

from atlasod_tui.errors import UsageError
from atlasod_tui.samples import groups
from atlasod_tui.samples.catalogue import (
    LUMINOSITY_PB,
    SKIMS,
    all_samples,
    luminosity_pb,
    normalisation,
    sample,
    table,
    tables,
)
from atlasod_tui.samples.find import parse_name

GROUPS = {name: value for name, value in vars(groups).items() if name.isupper() and not name.startswith("_")}


def test_the_framework_reads_four_data_periods_and_122_simulated_samples() -> None:
    names = [entry.name for entry in all_samples()]
    assert names[:4] == ["dataA", "dataB", "dataC", "dataD"]
    assert len(names) == 126
    # 122 of the framework, 417 - 122 others of infofile.py, 14 released files that infofile.py leaves out
    assert len(all_samples(every=True)) == 4 + 417 + 14


@pytest.mark.parametrize(
    ("name", "stem", "dsid", "events"),
    [
        ("Wmunu_PTV1000", "mc_364169.Wmunu_PTV1000_E_CMS", 364169, 3_959_000),
        ("slep600DM300", "mc_392985.SlepSlep_direct_600p0_300p0_2L8", 392985, 10_000),
        ("WH125_gamgam", "mc_345318.WpH125J_Wincl_gamgam", 345318, 248_000),
        ("ZH125_gamgam", "mc_345319.ZH125J_Zincl_gamgam", 345319, 471_000),
        ("ZPrime5000_mumu", "mc_301223.ZPrime5000_mumu", 301223, 999_000),
        ("dataC", "data_C", 0, None),
    ],
)
def test_samples_by_option_name(name: str, stem: str, dsid: int, events: int | None) -> None:
    entry = sample(name)
    assert (entry.stem, entry.dsid, entry.events) == (stem, dsid, events)


def test_infofile_and_framework_differ_for_single_top() -> None:
    assert sample("single_top_tchan").sum_of_weights == pytest.approx(0.218165148808)
    assert normalisation("base", "single_top_tchan").sum_of_weights == 4_986_200


def test_an_unknown_sample_names_the_nearest() -> None:
    with pytest.raises(UsageError) as raised:
        sample("ttbar_lepp")
    assert "ttbar_lep" in raised.value.hint


@pytest.mark.parametrize(
    ("key", "name", "xsec", "sum_of_weights"),
    [
        ("base", "ttbar_lep", 452.693559, 49_386_600),
        ("HWW", "ttbar_lep", 452.693559, 49_386_600),
        ("HZZ", "ttbar_lep", 452.693559, 49_386_600),
        ("WBoson", "ttbar_lep", 452.693559, 49_296_600),
        ("SUSY", "ttbar_lep", 452.693559, 49_296_600),
        ("ZTauTau", "ttbar_lep", 452.693559, 49_296_600),
        ("ZPrime", "ttbar_lep", 452.693559, 49_296_600),
        ("HZZ", "ggH125_ZZ4lep", 0.0060239, 27_881_776.7),
        ("HWW", "ggH125_WW2lep", 0.58, 55_832_659.7),
        ("Hyy", "ttH125_gamgam", 2.64339e-06, 485_440),
        ("ZPrime", "ZPrime1000_tt", 1.1261, 199_800),
        ("SUSY", "ZqqZll", 15.563, 3_439_266.11559),
        ("SUSY", "WplvWmqq", 112.74, 1_069_526.41899),
        ("base", "ZqqZll", 2.20355112, 3_439_266.11559),
    ],
)
def test_normalisation_of_the_framework(key: str, name: str, xsec: float, sum_of_weights: float) -> None:
    found = normalisation(key, name)
    assert found.xsec_pb == pytest.approx(xsec, rel=5e-6)
    assert found.sum_of_weights == pytest.approx(sum_of_weights, rel=5e-9)


def test_fixed_corrects_two_cross_sections_of_susy_only() -> None:
    changed = {
        (key, name)
        for key in tables()
        for name in table(key)
        if normalisation(key, name, "fixed") != normalisation(key, name)
    }
    assert changed == {("SUSY", "ZqqZll"), ("SUSY", "WplvWmqq")}
    assert normalisation("SUSY", "ZqqZll", "fixed").xsec_pb == 2.20355112
    assert normalisation("SUSY", "WplvWmqq", "fixed").xsec_pb == 24.724


def test_tables_have_as_many_samples_as_the_analyses_read() -> None:
    sizes = {key: len(table(key)) for key in tables()}
    assert sizes == {
        "base": 25, "WBoson": 61, "HWW": 27, "HZZ": 29, "Hyy": 5, "ZTauTau": 100, "SUSY": 101, "ZPrime": 60,
    }  # fmt: skip


def test_every_option_of_tables_and_groups_is_a_sample_of_the_framework() -> None:
    names = {name for key in tables() for name in table(key)} | {name for group in GROUPS.values() for name in group}
    assert all(sample(name).framework for name in names)
    assert names == {entry.name for entry in all_samples()}


def test_no_group_repeats_a_sample() -> None:
    assert all(len(set(group)) == len(group) for group in GROUPS.values())
    assert set(groups.DIBOSON) == {*groups.ZZ, *groups.WZ, *groups.WW}
    assert set(groups.W_PTV) | set(groups.DIBOSON) | set(groups.SINGLE_TOP) | set(groups.TTBAR) < set(table("WBoson"))


def test_groups_in_the_order_of_the_dsids() -> None:
    for group in (groups.W_PTV, groups.Z_PTV, groups.W_INCLUSIVE, groups.Z_INCLUSIVE, groups.DIBOSON):
        dsids = [sample(name).dsid for name in group]
        assert dsids == sorted(dsids)


def test_every_released_file_name_is_recognised() -> None:
    for entry in all_samples(every=True):
        for skim in entry.skims:
            name = parse_name(f"{entry.stem}.{skim}.root")
            assert name is not None
            assert (name.stem, name.dsid or 0, name.period, name.skim) == (entry.stem, entry.dsid, entry.period, skim)
            assert skim in SKIMS


def test_luminosity_of_the_periods() -> None:
    assert luminosity_pb("ABCD") == LUMINOSITY_PB == 10_064
    assert luminosity_pb([]) == 0
    assert luminosity_pb("AA") == luminosity_pb("A") == pytest.approx(503.2)
    assert sum(luminosity_pb(period) for period in "ABCD") == pytest.approx(10_064, rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: luminosity_pb("E"),
        lambda: table("HZ"),
        lambda: normalisation("nonsense", "Zee"),
        lambda: normalisation("HZZ", "dataA"),
        lambda: normalisation("Hyy", "Zee"),
    ],
)
def test_unknown_names_are_usage_errors(call: object) -> None:
    assert callable(call)
    with pytest.raises(UsageError):
        call()


def test_importing_the_room_is_light() -> None:
    script = (
        "import sys; import atlasod_tui.samples.find, atlasod_tui.samples.starter;"
        "print(*sorted({'numpy', 'numba', 'uproot', 'awkward', 'rich', 'platformdirs', 'click', 'dataclasses'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
