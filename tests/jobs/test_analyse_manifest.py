"""Every key of the manifest says what is so."""

from __future__ import annotations

import json
import platform
import time
import zlib
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numba
import numpy as np
import pytest
import uproot

from atlasod_tui import __version__
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
from atlasod_tui.jobs.tasks.analyse_output import Result, _checksums
from atlasod_tui.jobs.tasks.analyse_spec import InputFile
from atlasod_tui.samples import groups
from atlasod_tui.samples.catalogue import normalisation
from tests.analyses import INPUTS

from .analysing import RUN_LASTS, job_of, manifest, run_job

LLLL = "mc_363490.llll.4lep"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Data of two periods, a sample multiplied into two files, one that is as it was, and one that is no ROOT file."""
    given, folder = INPUTS / "4lep", tmp_path / "in"
    folder.mkdir()
    copies = {
        "data_A.4lep.root": given / "Data" / "data_A.4lep.root",
        "data_B.4lep.root": given / "Data" / "data_B.4lep.root",
        f"{LLLL}.x10.001.root": given / "MC" / f"{LLLL}.root",
        f"{LLLL}.x10.002.root": given / "MC" / f"{LLLL}.root",
        "mc_361106.Zee.4lep.root": given / "MC" / "mc_361106.Zee.4lep.root",
    }
    for name, path in copies.items():
        (folder / name).write_bytes(path.read_bytes())
    (folder / "mc_410000.ttbar_lep.4lep.root").write_text("<html>404</html>")
    return folder


@pytest.fixture
def done(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[JobFolder, dict[str, Any]]:
    """The job over that folder, and its manifest."""
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "50")
    job = job_of(["HZZ"], tmp_path / "out", workers=2, input=source)
    launch.start(job)
    status = control.wait(job, RUN_LASTS)
    assert (status.state, status.exit_code, status.skipped) == (State.DONE, 4, 1)
    return job, manifest(tmp_path / "out")


def test_the_manifest_of_a_run(done: tuple[JobFolder, dict[str, Any]], source: Path, tmp_path: Path) -> None:
    job, content = done
    assert set(content) == {
        "job", "program", "input", "variant", "options", "versions", "workers", "times", "analyses", "skipped",
        "notes", "synthetic",
    }  # fmt: skip
    assert content["synthetic"] is False
    assert content["job"] == job.id
    assert content["program"] == f"atlasod-tui {__version__}"
    assert content["input"] == str(source)
    assert content["variant"] == "framework"
    assert content["workers"] == 2
    assert content["versions"] == {
        "python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
    }  # fmt: skip
    assert content["options"] == {
        "only": "", "samples": "", "interpreted": False, "fill_missing": False, "piece_events": 50,
    }  # fmt: skip
    (skipped,) = content["skipped"]
    assert skipped["path"] == str(source / "mc_410000.ttbar_lep.4lep.root")
    assert skipped["analysis"] == "HZZAnalysis"
    assert "ROOT" in skipped["reason"]
    assert set(content["analyses"]) == {"HZZAnalysis"}
    with uproot.open(tmp_path / "out" / "HZZAnalysis.root") as bundle:
        inside = json.loads(str(bundle["manifest"]))
    assert inside["analyses"] == content["analyses"]
    assert inside["variant"] == "framework"


def test_the_times(done: tuple[JobFolder, dict[str, Any]]) -> None:
    times = done[1]["times"]
    assert done[0].spec().created <= times["started"] <= times["finished"] <= time.time()
    assert 0 < times["loop_seconds"] <= times["finished"] - times["started"]
    assert times["loop_cpu_seconds"] > 0
    assert times["events"] == 78 + 33 + 2 * 144 + 45
    assert times["events_resumed"] == 0
    assert times["events_per_second"] == pytest.approx(times["events"] / times["loop_seconds"])


def test_the_samples(done: tuple[JobFolder, dict[str, Any]], source: Path, tmp_path: Path) -> None:
    entry = done[1]["analyses"]["HZZAnalysis"]
    assert entry["data_periods"] == ["A", "B"]
    # Periods A and B are 0.5 and 1.9 of 10.0 fb-1 as the release rounds them, 10064 /pb in all.
    assert entry["luminosity_pb"] == pytest.approx(10_064 * 0.24)
    assert entry["quirks"] == ["last_pairing", "same_sign_pairs"]
    samples = entry["samples"]
    assert list(samples) == ["data", "Zee", "llll"]
    assert [samples[name]["factor"] for name in samples] == [1, 1, 20]
    assert [samples[name]["events"] for name in samples] == [78 + 33, 45, 2 * 144]
    table = normalisation("HZZ", "llll")
    assert samples["llll"]["dsid"] == 363490
    assert (samples["llll"]["xsec_pb"], samples["llll"]["sum_of_weights"]) == (table.xsec_pb, table.sum_of_weights)
    assert "xsec_pb" not in samples["data"]
    for name, sample in samples.items():
        for file in sample["files"]:
            data = (source / file["name"]).read_bytes()
            assert file["path"] == str(source / file["name"])
            assert file["size"] == len(data)
            assert file["adler32"] == f"{zlib.adler32(data):08x}"
            assert file["factor"] == (10 if name == "llll" else 1)
            with uproot.open(source / file["name"]) as opened:
                assert file["entries"] == opened["mini"].num_entries
        with uproot.open(tmp_path / "out" / "Output_HZZAnalysis" / f"{name}.root") as result:
            assert sample["selected"] == result["mass_four_lep"].member("fEntries") > 0
    assert sum(len(sample["files"]) for sample in samples.values()) == 5


def test_what_is_absent(done: tuple[JobFolder, dict[str, Any]]) -> None:
    absent = done[1]["analyses"]["HZZAnalysis"]["absent"]
    assert {"dataC", "dataD", "ttbar_lep", "lllv", *groups.HIGGS_ZZ} < set(absent)
    assert {"dataA", "dataB", "data", "Zee", "llll"}.isdisjoint(absent)
    assert len(absent) == len(set(absent))


def test_copies_are_divided_out_of_the_stacks(done: tuple[JobFolder, dict[str, Any]], tmp_path: Path) -> None:
    entry = done[1]["analyses"]["HZZAnalysis"]
    sample = entry["samples"]["llll"]
    with uproot.open(tmp_path / "out" / "HZZAnalysis.root") as bundle:
        stack = bundle["stack_Z_Z/mass_four_lep"].values(flow=True)
        alone = bundle["llll/mass_four_lep"].values(flow=True)
    scale = 1.3 * entry["luminosity_pb"] * sample["xsec_pb"] / sample["sum_of_weights"] / 20  # 1.3: as in the plots
    assert alone.sum() != 0
    np.testing.assert_allclose(stack, alone * scale, rtol=1e-6)


def test_the_variant_and_the_choice(tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert run_job(["HZZ"], output, variant="fixed", samples="*ZZ*").state is State.DONE
    content = manifest(output)
    entry = content["analyses"]["HZZAnalysis"]
    assert content["input"] == str(INPUTS)
    assert (content["variant"], entry["variant"], entry["quirks"]) == ("fixed", "fixed", [])
    assert content["options"]["samples"] == "*ZZ*"
    assert list(entry["samples"]) == ["ggH125_ZZ4lep"]
    assert (entry["data_periods"], entry["luminosity_pb"]) == ([], 0)
    assert {"dataA", "llll"} < set(entry["absent"])


def test_a_period_that_is_skipped_adds_no_luminosity(source: Path, tmp_path: Path) -> None:
    (source / "data_B.4lep.root").write_bytes(b"")
    assert run_job(["HZZ"], tmp_path / "out", input=source, only="data").exit_code == 4
    entry = manifest(tmp_path / "out")["analyses"]["HZZAnalysis"]
    assert entry["data_periods"] == ["A"]
    assert entry["luminosity_pb"] == pytest.approx(503.2)
    assert entry["samples"]["data"]["events"] == 78


def test_a_large_input_has_no_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_CHECKSUM_MAX_BYTES", "40000")
    assert run_job(["HZZ"], tmp_path / "out", only="data").state is State.DONE
    files = manifest(tmp_path / "out")["analyses"]["HZZAnalysis"]["samples"]["data"]["files"]
    assert [file["adler32"] is None for file in files] == [file["size"] > 40_000 for file in files] == [True, False]


def test_an_input_that_vanished_has_no_checksum_and_checksums_are_a_phase(tmp_path: Path) -> None:
    paths = [tmp_path / "a.root", tmp_path / "gone.root"]
    paths[0].write_bytes(b"Wikipedia")
    files = [InputFile(str(path), "dataA", "4lep", 1, 9, 0) for path in paths]
    records = {("data", number): FileRecord(file) for number, file in enumerate(files)}
    result = Result(Mock(), Mock(), {}, records, [])
    context = Mock()
    assert _checksums([result], context) == {files[0].path: "11e60398", files[1].path: None}
    phases = [call.kwargs["phase"] for call in context.progress.call_args_list]
    assert phases == ["checksums, 0 %", "writing results"]
