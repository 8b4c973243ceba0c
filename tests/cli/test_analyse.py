from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from tests.cli import fakes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fake_task(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("atlasod_tui.jobs.tasks.analyse")
    module.plan = fakes.plan  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("atlasod_tui.cli.analyse._TASK", "tests.cli.fakes:run")
    monkeypatch.chdir(home)


def test_results_go_to_stdout_and_progress_to_stderr(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--output", "out"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "analysis     sample  files  events  selected",
        "HZZAnalysis  dataA       1    1000       321",
        f"output: {home / 'out'}",
    ]
    assert "1 k of 1 k events" in captured.err


def test_quiet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--output", "out", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert str(home) in captured.out


def test_json_is_the_manifest_with_job_and_exit_code(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "analyse HZZ Hyy --input in --only mc --samples *ZZ* --variant fixed --force --fill-missing"
    assert run([*command.split(), "--output", "out", "--json", "--interpreted", "--workers", "2"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == 0
    assert answer["output"] == str(home / "out")
    assert answer["analyses"]["HZZAnalysis"]["samples"]["dataA"]["selected"] == 321
    assert answer["options"] == {
        "input": str(home / "in"),
        "only": "mc",
        "samples": "*ZZ*",
        "variant": "fixed",
        "force": True,
        "fill_missing": True,
        "interpreted": True,
    }
    job = folder.find(answer["job"])
    assert job.spec().workers == 2
    assert job.spec().title == "analyse HZZ Hyy"


@pytest.mark.usefixtures("home")
def test_skipped_files_are_listed_and_end_with_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--input", "bad", "--output", "out"]) == 4
    assert "skipped /d/x\\x1b[31m.root: it ends early\n" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_failure_names_the_log_and_shows_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--input", "broken", "--output", "out"]) == 1
    error = capsys.readouterr().err
    assert "ValueError: boom" in error
    assert "log.txt" in error
    assert "Traceback" not in error


@pytest.mark.usefixtures("home")
def test_detach_prints_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "--output", "out", "--detach"]) == 0
    job = folder.find(capsys.readouterr().out.strip())
    assert control.wait(job, timeout=15).state is State.DONE


@pytest.mark.usefixtures("home")
def test_dry_run_makes_no_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "HZZ", "Hyy", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("2.47 MB would be read\n")
    assert run(["analyse", "HZZ", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == 1_234_567
    assert folder.list_jobs() == []


@pytest.mark.usefixtures("home")
def test_an_unknown_analysis_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyse", "Nope"]) == 2
    assert capsys.readouterr().err == "error: there is no analysis 'Nope'\nDid you mean HZZ?\n"
    assert folder.list_jobs() == []
