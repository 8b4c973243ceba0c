from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from tests.jobs.multiplying import files_in


@pytest.fixture(autouse=True)
def _work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["samples", "generate", *arguments, "--json", "--quiet"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


@pytest.mark.slow
def test_generated_multiplied_and_analysed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "--to", "in", "--events", "300", "--skim", "4lep", "--skim", "GamGam", "--seed", "5")
    assert made["output"] == str(tmp_path / "in")
    assert {name.partition("/")[0] for name in made["files"]} == {"4lep", "GamGam"}
    assert {entry["about"]["seed"] for entry in made["files"].values()} == {5}
    assert run(["multiply", "in", "--factor", "3", "--to", "out", "--quiet"]) == 0
    luminosity = sum(
        entry["about"]["luminosity_pb"] for name, entry in made["files"].items() if name.startswith("4lep/Data")
    )
    for source, factor in (("in", 1), ("out", 3)):
        assert run(["analyse", "HZZ", "--input", source, "--output", f"r{factor}", "--quiet", "--json"]) == 0
    capsys.readouterr()
    once, thrice = (json.loads((tmp_path / f"r{factor}" / "manifest.json").read_bytes()) for factor in (1, 3))
    for content, factor in ((once, 1), (thrice, 3)):
        entry = content["analyses"]["HZZAnalysis"]
        assert content["synthetic"] is True
        assert content["notes"] == []
        assert entry["luminosity_pb"] == pytest.approx(luminosity)
        assert entry["stack_luminosity_pb"] == pytest.approx(factor * luminosity)
        for name, item in entry["samples"].items():
            assert (item["synthetic"], item["factor"]) == (True, factor), name
        told = made["files"]["4lep/MC/mc_363490.llll.4lep.root"]["about"]
        llll = entry["samples"]["llll"]
        assert (llll["xsec_pb"], llll["sum_of_weights"]) == (told["xsec_pb"], told["sum_of_weights"])


def test_real_and_synthetic_files_together_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.jobs.multiplying import DATA_A  # noqa: PLC0415

    answer(capsys, "--to", "in", "--events", "100", "--skim", "4lep")
    path = tmp_path / "in" / "4lep" / "Data" / "data_A.4lep.root"
    path.write_bytes(DATA_A.read_bytes())
    assert run(["analyse", "HZZ", "--input", "in", "--output", "out", "--quiet"]) == 0
    assert "note: synthetic files are mixed with others" in capsys.readouterr().out
    entry = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["analyses"]["HZZAnalysis"]
    assert "synthetic" in entry["samples"]["llll"]


def test_a_dry_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = answer(capsys, "--to", "out", "--events", "300", "--dry-run")
    assert len({file["skim"] for file in plan["plan"]}) == 7
    assert plan["events"] == sum(file["events"] for file in plan["plan"])
    assert run(["samples", "generate", "--to", "out", "--dry-run"]) == 0
    assert "would be written to" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert folder.list_jobs() == []


@pytest.mark.parametrize("arguments", [[], ["--to", "a", "--events", "0"], ["--to", "a", "--skim", "5lep"],
                                       ["--to", "a", "--skim", "exactly2lep"], ["--to", "file"]])  # fmt: skip
def test_what_is_refused(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert run(["samples", "generate", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert folder.list_jobs() == []
    assert files_in(tmp_path) == ["file"]


def test_of_2016_there_are_no_skims(capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--to", "out", "--release", "2016", "--events", "300", "--dry-run"]
    assert run(["samples", "generate", *common, "--skim", "GamGam"]) == 2
    assert "of no skim" in capsys.readouterr().err
    plan = answer(capsys, *common)["plan"]
    (luminosity,) = {file["luminosity_pb"] for file in plan if file.get("luminosity_pb")}
    assert run(["samples", "generate", *common]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert (row[0], row[-1]) == ("-", f"{luminosity:.4g}")


def test_too_many_events_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--dry-run"]):
        assert run(["samples", "generate", "--to", "out", "--events", "99999999999", *more]) == 1
        error = capsys.readouterr().err
        assert "more than the 1000000000000 that one job may write" in error
        assert "a smaller --events" in error
    assert folder.list_jobs() == []
    assert files_in(tmp_path) == []


def test_detach(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["samples", "generate", "--to", "out", "--events", "50", "--skim", "GamGam", "--detach"]) == 0
    job = folder.find(capsys.readouterr().out.strip())
    assert control.wait(job, 60).state is State.DONE
    assert len(files_in(tmp_path / "out")) == 10
