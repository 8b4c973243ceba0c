"""The whole way, from ntuples to ROOT files, against what the real C++ framework made of the same ntuples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import Spec, create
from atlasod_tui.jobs.tasks import analyse
from atlasod_tui.jobs.tasks.analyse_plan import plan
from tests.analyses.running import TWELVE

DETERMINISTIC = 1989
RANDOM = 27


def run_task(folder: Path, output: Path, names: list[str], **options: Any) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    wishes: dict[str, Any] = {
        "only": None, "samples": None, "variant": "framework", "force": False, "fill_missing": False,
        "interpreted": False,
    }  # fmt: skip
    spec = plan(names, inputs=[str(folder)], output=output, **(wishes | options))
    arguments = msgspec.to_builtins(spec)
    job = create(Spec(task="atlasod_tui.jobs.tasks.analyse:run", title="test", arguments=arguments))
    outcome = analyse.run(arguments, JobContext(job, workers=2))
    assert outcome.exit_code == 0
    manifest: dict[str, Any] = json.loads((output / "manifest.json").read_text())
    return manifest


@pytest.mark.shared
def test_all_deterministic_histograms_equal_those_of_the_framework(shared: Path, tmp_path: Path) -> None:
    synthetic = shared / "data" / "synthetic-13tev"
    reference = json.loads((synthetic / "reference.json").read_text())
    run_task(synthetic / "inputs", tmp_path / "out", list(TWELVE))
    compared = skipped = 0
    for name in (f"{name}Analysis" for name in TWELVE):
        for sample, expected in reference[name].items():
            with uproot.open(tmp_path / "out" / f"Output_{name}" / f"{sample}.root") as file:
                assert {key.split(";")[0] for key in file} == set(expected["hists"])
                for histogram, values in expected["hists"].items():
                    _same_booking(file[histogram], values)
                    if values["stochastic"]:
                        skipped += 1
                    else:
                        _same_contents(file[histogram], values, f"{name} {sample} {histogram}")
                        compared += 1
    assert (compared, skipped) == (DETERMINISTIC, RANDOM)


def _same_booking(found: Any, expected: dict[str, Any]) -> None:
    axis, y_axis = found.member("fXaxis"), found.member("fYaxis")
    assert found.classname == expected["cls"] == "TH1F"
    assert found.member("fTitle") == expected["title"]
    assert axis.member("fTitle") == expected["xtitle"]
    assert y_axis.member("fTitle") == expected["ytitle"]
    bins = (axis.member("fNbins"), axis.member("fXmin"), axis.member("fXmax"))
    assert bins == (expected["nbins"], expected["lo"], expected["hi"])


def _same_contents(found: Any, expected: dict[str, Any], where: str) -> None:
    _close(found.values(flow=True), expected["counts"], 1e-5, where)
    squares = found.member("fSumw2")
    if expected["sumw2"] is None:
        assert len(squares) == 0, where
    else:
        _close(np.asarray(squares), expected["sumw2"], 2e-5, where)
    assert found.member("fEntries") == expected["entries"], where


def _close(found: Any, expected: Any, relative: float, where: str) -> None:
    wanted = np.asarray(expected)
    limit = np.maximum(relative * np.abs(wanted), 2e-6 * np.abs(wanted).max())
    assert (np.abs(found - wanted) <= limit).all(), where


@pytest.mark.shared
def test_hzz_selects_321_real_events(shared: Path, tmp_path: Path) -> None:
    manifest = run_task(shared / "data" / "atlas-4lep", tmp_path / "out", ["HZZ", "ZZDiBoson"])
    data = manifest["analyses"]["HZZAnalysis"]["samples"]["data"]
    assert (data["events"], data["selected"]) == (832, 321)
    assert manifest["analyses"]["HZZAnalysis"]["luminosity_pb"] == 10064
    # Per bin from 80 to 170 GeV: the framework's own result on these files.
    with uproot.open(tmp_path / "out" / "Output_HZZAnalysis" / "data.root") as file:
        mass = file["mass_four_lep"].values(flow=True).astype(int)
    assert list(mass[1:]) == [1, 6, 20, 7, 4, 3, 1, 0, 2, 1, 7, 9, 7, 3, 3, 1, 4, 1, 2, 4, 2, 1, 4, 2, 226]


@pytest.mark.shared
def test_bundle_holds_all_samples_stacks_and_the_manifest(shared: Path, tmp_path: Path) -> None:
    synthetic = shared / "data" / "synthetic-13tev"
    manifest = run_task(synthetic / "inputs", tmp_path / "out", ["HZZ"])
    samples = manifest["analyses"]["HZZAnalysis"]["samples"]
    with uproot.open(tmp_path / "out" / "HZZAnalysis.root") as bundle:
        assert set(bundle.keys(recursive=False, cycle=False)) == {
            "manifest",
            *samples,
            "stack_V",
            "stack_Z_Z",
            "stack_Higgs",
        }
        luminosity = manifest["analyses"]["HZZAnalysis"]["luminosity_pb"]
        for group, name, by_hand in (("Higgs", "ggH125_ZZ4lep", 1.0), ("Z_Z", "llll", 1.3)):
            scale = by_hand * luminosity * samples[name]["xsec_pb"] / samples[name]["sum_of_weights"]
            one = bundle[f"{name}/mass_four_lep"].values(flow=True)
            assert one.any()
            np.testing.assert_allclose(bundle[f"stack_{group}/mass_four_lep"].values(flow=True), scale * one, rtol=1e-6)
        assert "HZZAnalysis" in json.loads(str(bundle["manifest"]))["analyses"]
