"""The analyse verb with the real task: what goes where, options, refusals and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import uproot

from atlasod_tui.cli.main import run
from atlasod_tui.engine.registry import find_analyses
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from tests.analyses import INPUTS
from tests.jobs.analysing import half_written, link_many, write_slow

LLLL = "mc_363490.llll.4lep"
TOYS = ("--input", str(INPUTS))


@pytest.fixture(autouse=True)
def _work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run the verb with ``--json``, over the toy files unless told otherwise, and return the one object it prints."""
    given = () if "--input" in arguments else TOYS
    assert run(["analyse", *arguments, *given, "--json", "--quiet"]) == code
    captured = capsys.readouterr()
    content: dict[str, Any] = json.loads(captured.out)
    assert content["exit_code"] == code
    return content


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the verb, which refuses with exit code 2 and makes no job, and return its sentences."""
    assert run(["analyse", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert folder.list_jobs() == []
    return captured.err


def entries(path: Path) -> dict[str, float]:
    with uproot.open(path) as file:
        return {name: file[name].member("fEntries") for name in file.keys(cycle=False)}


@pytest.mark.slow
def test_results_go_to_a_folder_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "hzz", *TOYS]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split() == ["analysis", "sample", "files", "events", "selected"]
    assert lines[1].split()[:4] == ["HZZAnalysis", "data", "2", "111"]
    assert lines[-2:] == [f"input: {INPUTS}", f"output: {tmp_path / 'atlasod-HZZ'}"]
    assert "549 of 549 events" in captured.err
    assert sorted(path.name for path in (tmp_path / "atlasod-HZZ").iterdir()) == [
        "HZZAnalysis.root", "Output_HZZAnalysis", "manifest.json",
    ]  # fmt: skip
    with uproot.open(tmp_path / "atlasod-HZZ" / "Output_HZZAnalysis" / "data.root") as file:
        found = file["mass_four_lep"]
        assert (found.classname, found.axis().edges()[0], found.member("fNcells")) == ("TH1F", 80, 26)
    assert half_written(tmp_path) == []


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--quiet", *TOYS]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert str(INPUTS) in captured.out


def test_json_is_the_manifest_with_job_and_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = answer(capsys, "HZZ", "HyyAnalysis", "--variant", "fixed", "--workers", "2")
    assert content["output"] == str(tmp_path / "atlasod-HZZ-Hyy")
    written = json.loads((tmp_path / "atlasod-HZZ-Hyy" / "manifest.json").read_bytes())
    assert content == {"output": content["output"], **written, "exit_code": 0}
    assert list(content["analyses"]) == ["HZZAnalysis", "HyyAnalysis"]
    assert content["variant"] == "fixed"
    job = folder.find(content["job"])
    assert (job.spec().workers, job.spec().title) == (2, "analyse HZZ HyyAnalysis")


def test_a_bad_file_is_listed_and_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = link_many(tmp_path / "in")
    (source / "data_B.4lep.root").unlink()
    bad = source / "sub\x1b[31m" / "data_B.4lep.root"
    bad.parent.mkdir()
    bad.write_text("<html>404</html>")
    assert run(["analyse", "HZZ", "--input", "in", "--samples", "data*"]) == 4
    captured = capsys.readouterr()
    shown = str(bad).replace("\x1b", "\\x1b")
    assert f"skipped {shown}: " in captured.out
    assert "1 of 2 files were skipped" in captured.out
    assert "\x1b" not in captured.out + captured.err
    content = answer(capsys, "HZZ", "--input", "in", "--samples", "data*", "--force", code=4)
    assert [item["path"] for item in content["skipped"]] == [str(bad)]


def test_no_good_file_ends_with_a_failure_in_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "data_A.4lep.root").write_bytes(b"")
    assert run(["analyse", "HZZ", "--input", "in", "--json"]) == 1
    captured = capsys.readouterr()
    content = json.loads(captured.out)
    assert (content["state"], content["exit_code"]) == ("failed", 1)
    assert "error: none of the 1 files could be used" in captured.err
    assert not (tmp_path / "atlasod-HZZ").exists()


def test_an_analysis_that_fails_ends_with_1(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_slow(home)
    path.write_text(path.read_text().replace("event.lep_pt[0]", "event.lep_ptt[0]"))
    assert run(["analyse", "Slow", *TOYS]) == 1
    error = capsys.readouterr().err
    assert "error: " in error
    assert "lep_ptt" in error
    assert "lep_pt" in error.replace("lep_ptt", "")
    assert "Traceback" not in error


def test_an_output_that_exists_is_refused_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = answer(capsys, "HZZ")
    output = tmp_path / "atlasod-HZZ"
    (output / "notes.txt").write_text("mine")
    assert run(["analyse", "HZZ", *TOYS]) == 2
    assert "exists already" in capsys.readouterr().err
    assert json.loads((output / "manifest.json").read_bytes())["job"] == first["job"]
    second = answer(capsys, "HZZ", "--only", "data", "--force")
    assert second["job"] != first["job"]
    # What the replaced result had and the new one has not is gone, or it would be taken for a part of the new one.
    assert [path.name for path in (output / "Output_HZZAnalysis").iterdir()] == ["data.root"]
    answer(capsys, "Hyy", "--output", str(output), "--force")
    assert sorted(path.name for path in output.iterdir()) == [
        "HyyAnalysis.root", "Output_HyyAnalysis", "manifest.json", "notes.txt",
    ]  # fmt: skip


def test_an_output_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert "is not a folder" in refusal(capsys, "HZZ", "--output", "file", "--force")
    assert (tmp_path / "file").read_text() == "mine"


def test_fill_missing_writes_an_empty_file_for_every_absent_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = answer(capsys, "HZZ", "--fill-missing")
    names = {path.stem for path in (tmp_path / "atlasod-HZZ" / "Output_HZZAnalysis").iterdir()}
    analysis = find_analyses()["HZZ"]
    assert names == {"data", *analysis.samples()}  # type: ignore[union-attr]
    present = set(content["analyses"]["HZZAnalysis"]["samples"])
    filled = entries(tmp_path / "atlasod-HZZ" / "Output_HZZAnalysis" / "llll.root")
    for name in names - present:
        empty = entries(tmp_path / "atlasod-HZZ" / "Output_HZZAnalysis" / f"{name}.root")
        assert list(empty) == list(filled)
        assert set(empty.values()) == {0}
    assert len(names - present) > 20


def test_only_and_samples_choose(capsys: pytest.CaptureFixture[str]) -> None:
    def chosen(*options: str) -> list[str]:
        return list(answer(capsys, "HZZ", "--force", *options)["analyses"]["HZZAnalysis"]["samples"])

    assert chosen("--only", "data") == ["data"]
    assert "data" not in chosen("--only", "mc")
    assert chosen("--samples", "36349*") == ["lllv", "llll"]
    assert chosen("--samples", "ll*", "--only", "mc") == ["lllv", "llll"]
    assert run(["analyse", "HZZ", "--force", "--samples", "nothing*", *TOYS]) == 2
    assert "no file matches" in capsys.readouterr().err


@pytest.mark.slow
def test_all_runs_every_analysis_there_are_files_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for skim in ("4lep", "GamGam"):
        (source / skim).symlink_to(INPUTS / skim)
    content = answer(capsys, "all", "--input", "in")
    assert content["output"] == str(tmp_path / "atlasod-all")
    assert {"HZZAnalysis", "HyyAnalysis"} <= set(content["analyses"])
    assert "WBosonAnalysis" not in content["analyses"]


@pytest.mark.parametrize("name", ["HZZ", "all"])
def test_an_original_and_its_copy_are_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = link_many(tmp_path / "in")
    (source / f"{LLLL}.x10.root").write_bytes((source / f"{LLLL}.root").read_bytes())
    error = refusal(capsys, name, "--input", "in")
    assert f"llll would be counted twice: '{LLLL}.root' and '{LLLL}.x10.root' hold the same events" in error
    assert "--samples" in error
    assert run(["analyse", "HZZ", "--input", "in", "--samples", "*llll*.x10.*"]) == 0


@pytest.mark.parametrize(("name", "near"), [("HZZZ", "HZZ"), ("hy", "Hyy"), ("../HZZ", "HZZ"), ("all all", "")])
def test_an_unknown_analysis_is_refused_with_the_nearest(
    name: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refusal(capsys, name)
    assert f"there is no analysis {name!r}" in error
    assert near in error.splitlines()[-1]


def test_a_missing_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere" in refusal(capsys, "HZZ", "--input", "nowhere")


@pytest.mark.parametrize("options", [["--input", ""], ["--workers", "0"], ["--variant", "mine"], ["--only", "x"]])
def test_wrong_options_are_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    refusal(capsys, "HZZ", *options)


def test_detach_prints_the_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--detach", *TOYS]) == 0
    job = folder.find(capsys.readouterr().out.strip())
    status = control.wait(job, timeout=60)
    assert (status.state, status.result) == (State.DONE, str(tmp_path / "atlasod-HZZ"))


def test_dry_run_reads_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--dry-run", *TOYS]) == 0
    text = capsys.readouterr().out
    assert "would be read" in text
    assert str(tmp_path / "atlasod-HZZ") in text
    assert run(["analyse", "HZZ", "--dry-run", "--json", *TOYS]) == 0
    plan = json.loads(capsys.readouterr().out)
    sizes = [path.stat().st_size for path in (INPUTS / "4lep").rglob("*.root")]
    in_2lep = INPUTS / "2lep" / "MC" / "mc_363358.WqqZll.2lep.root"
    assert plan["bytes"] == sum(sizes) + in_2lep.stat().st_size
    assert "Wplusenu" in plan["absent"]["HZZAnalysis"]
    assert not {row["sample"] for row in plan["plan"]} & set(plan["absent"]["HZZAnalysis"])
    assert folder.list_jobs() == []
    assert list(tmp_path.iterdir()) == []


def test_a_thirteenth_analysis_runs_beside_a_broken_one(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_slow(home, "Mine")
    path.with_name("torn.py").write_text("def (:\n")
    path.with_name("raises.py").write_text("raise SystemError('no')\n")
    path.with_name("empty.py").write_text("")
    assert run(["analyses", "--json"]) == 0
    listed = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert "SyntaxError" in listed["torn"]["error"]
    assert "SystemError" in listed["raises"]["error"]
    assert "error" in listed["empty"]
    assert [name for name, item in listed.items() if "error" in item] == ["empty", "raises", "torn"]
    assert len(listed) == 12 + 4
    content = answer(capsys, "Mine", "--input", str(link_many(tmp_path / "in")))
    assert content["analyses"]["MineAnalysis"]["samples"]["llll"]["selected"] > 100
    assert "is broken" in refusal_of_broken(capsys)


def refusal_of_broken(capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["analyse", "torn"]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../evil", "a/b", "", "a b"])
def test_the_name_of_an_analysis_cannot_lead_elsewhere(
    home: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_slow(home)
    path.write_text(path.read_text().replace('name="Slow"', f"name={name!r}"))
    path.rename(path.with_name(f"{name.casefold().replace('/', '_') or 'x'}.py"))
    assert run(["analyse", name, "--input", str(link_many(tmp_path / "in"))]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
