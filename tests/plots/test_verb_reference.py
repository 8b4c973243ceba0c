"""What ``plot --json`` prints, against what the framework's own plotting step printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.engine.registry import analysis
from tests.plots.test_yields_reference import GROUPS, WITHOUT_HIGGS, drawn_at_random, same_as_printed

pytestmark = [pytest.mark.shared, pytest.mark.slow]

Numbers = dict[str, dict[str, Any]]


@pytest.fixture
def printed(shared: Path) -> dict[str, Numbers]:
    found: dict[str, Numbers] = json.loads((shared / "data" / "synthetic-13tev" / "plot_yields.json").read_text())
    return found


def answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["plot", str(folder), "--lumi", "10064", "--json"]) == 0
    analyses: dict[str, Any] = json.loads(capsys.readouterr().out)["analyses"]
    return analyses


def compare(found: dict[str, Any], printed: dict[str, Numbers], at_random: float) -> None:
    assert found.keys() == printed.keys()
    for name, histograms in printed.items():
        short = name.removesuffix("Analysis")
        assert found[name]["lumi_pb"] == 10064
        assert found[name]["histograms"].keys() == histograms.keys()
        for histogram, expected in histograms.items():
            mine = found[name]["histograms"][histogram]
            assert {*mine["groups"]} == {*analysis(short).groups} == {*GROUPS[short].values()}
            relative = at_random if drawn_at_random(histogram) else 2e-5
            for label, group in GROUPS[short].items():
                assert mine["groups"][group] == pytest.approx(expected[label], rel=relative), (
                    f"{name} {histogram} {group}"
                )
            if short == "Hyy":
                for key, value in mine["fit"].items():
                    wanted = expected.get(f"fit_{ {'chi2': 'Chi2', 'ndf': 'NDf'}.get(key, key) }")
                    assert wanted is None or same_as_printed(value, wanted), f"{histogram} {key}"
                continue
            assert mine["data"] == pytest.approx(expected["Data"], rel=relative)
            total = "background" if short in WITHOUT_HIGGS else "prediction"
            assert mine[total] == pytest.approx(expected["Total pred."], rel=relative), f"{name} {histogram}"


def test_of_the_framework_s_own_files(
    shared: Path, printed: dict[str, Numbers], capsys: pytest.CaptureFixture[str]
) -> None:
    compare(answer(shared / "data" / "synthetic-13tev" / "reference", capsys), printed, 2e-5)


def test_of_our_own_results(own_results: Path, printed: dict[str, Numbers], capsys: pytest.CaptureFixture[str]) -> None:
    compare(answer(own_results, capsys), printed, 0.05)


def test_data_of_one_period_scale_the_simulation(
    own_results: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = shared / "data" / "synthetic-13tev" / "inputs"
    (tmp_path / "in").mkdir()
    for path in [*inputs.glob("4lep/Data/data_A*"), *inputs.glob("4lep/MC/*"), *inputs.glob("2lep/MC/*")]:
        (tmp_path / "in" / path.name).symlink_to(path)
    assert run(["analyse", "HZZ", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "A"), "--quiet"]) == 0
    capsys.readouterr()
    whole = answer(own_results, capsys)["HZZAnalysis"]["histograms"]["mass_four_lep"]
    assert run(["plot", str(tmp_path / "A"), "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)["analyses"]["HZZAnalysis"]
    assert entry["lumi_pb"] == pytest.approx(503.2)
    assert entry["lumi_of"] == "data period A"
    part = entry["histograms"]["mass_four_lep"]
    assert part["data"] < whole["data"]
    for group, value in part["groups"].items():
        assert value == pytest.approx(whole["groups"][group] * 503.2 / 10064), group
