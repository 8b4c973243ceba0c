"""What a resumed analysis does not do again, and what it refuses to go on with."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State

from .analysing import (
    RUN_LASTS,
    bits,
    half_written,
    job_of,
    kill_runner,
    link_many,
    manifest,
    run_job,
    until_parts,
    write_slow,
)
from .helpers import until
from .test_runner import start_elsewhere


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")


@pytest.fixture
def source(home: Path, tmp_path: Path) -> Path:
    """A folder of real copies of files, which tests may change."""
    write_slow(home, turns=60_000)
    folder = tmp_path / "in"
    folder.mkdir()
    for path in link_many(tmp_path / "links").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture
def half_done(source: Path, tmp_path: Path) -> JobFolder:
    """A job whose runner was killed after a few pieces."""
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    until_parts(job, 5)
    assert kill_runner(job) == -signal.SIGKILL
    assert control.state(job).state is State.FAILED
    return job


def resumed(job: JobFolder, *, skip_failing: bool = False) -> tuple[State, int | None, str]:
    control.resume(job, skip_failing=skip_failing)
    status = control.wait(job, RUN_LASTS)
    return status.state, status.exit_code, status.message


@pytest.mark.parametrize("change", ["size", "mtime"])
def test_an_input_that_changed_is_refused(half_done: JobFolder, source: Path, change: str) -> None:
    path = source / "data_B.4lep.root"
    if change == "size":
        times = path.stat()
        path.write_bytes(path.read_bytes() + b"\0")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    else:
        os.utime(path, (1, 1))
    state, code, message = resumed(half_done)
    assert (state, code) == (State.FAILED, 1)
    assert message == f"{path} changed since the job was made"


def test_an_input_that_changes_while_it_is_read_ends_the_job(source: Path, tmp_path: Path) -> None:
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    until_parts(job, 2)
    for path in source.iterdir():  # replaced: the runner goes on reading the files it has open
        copy = path.with_suffix(".new")
        copy.write_bytes(path.read_bytes())
        copy.replace(path)
    status = control.wait(job, RUN_LASTS)
    assert status.state is State.FAILED
    assert "changed since the job was made" in status.message
    assert not (tmp_path / "out").exists()


def test_an_analysis_that_changed_is_refused(half_done: JobFolder, home: Path) -> None:
    write_slow(home, turns=60_001)
    state, code, message = resumed(half_done)
    assert (state, code, message) == (State.FAILED, 1, "the analysis Slow changed since the job began")
    write_slow(home, turns=60_000)
    assert resumed(half_done)[0] is State.DONE


def test_another_piece_size_in_the_settings_is_no_obstacle(
    half_done: JobFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in half_done.parts.glob("*.f8")}
    assert len(stamps) >= 5
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "1000")
    assert resumed(half_done)[0] is State.DONE
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items()), "finished pieces were done again"
    times = manifest(tmp_path / "out")["times"]
    assert times["events_resumed"] > 0
    assert times["events"] + times["events_resumed"] == 1551
    assert times["events_per_second"] == pytest.approx(times["events"] / times["loop_seconds"])


def test_a_lost_runner_names_the_file_and_its_job_goes_on(source: Path, tmp_path: Path) -> None:
    job = job_of(["Slow"], tmp_path / "out", input=source)
    start_elsewhere(job)
    until_parts(job, 3)
    os.kill(control.state(job).pid, signal.SIGKILL)
    until(lambda: control.state(job).state is State.LOST, "the loss")
    assert f"with {source}" in control.state(job).message
    assert resumed(job) == (State.DONE, 0, "")
    assert run_job(["Slow"], tmp_path / "undisturbed", input=source).state is State.DONE
    assert bits(tmp_path / "out") == bits(tmp_path / "undisturbed")


def test_skip_failing_leaves_out_the_file_in_hand(half_done: JobFolder, tmp_path: Path) -> None:
    in_hand = control.state(half_done).current
    assert Path(in_hand).is_file()
    state, code, message = resumed(half_done, skip_failing=True)
    assert (state, code) == (State.DONE, 4)
    assert message == "1 of 12 files were skipped"
    result = manifest(tmp_path / "out")
    reason = "an earlier run of the job died on it"
    assert result["skipped"] == [{"path": in_hand, "reason": reason, "analysis": "SlowAnalysis"}]
    used = [
        file["path"] for sample in result["analyses"]["SlowAnalysis"]["samples"].values() for file in sample["files"]
    ]
    assert len(used) == 11
    assert in_hand not in used


def test_a_death_while_writing_blames_no_file(source: Path, tmp_path: Path) -> None:
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    until(lambda: job.status().phase == "writing results", "the writing", RUN_LASTS, every=0.0005)
    assert kill_runner(job) == -signal.SIGKILL
    status = control.state(job)
    assert status.message == "the runner was killed by SIGKILL"
    with pytest.raises(JobError, match="did not die with a file in hand"):
        control.resume(job, skip_failing=True)
    assert resumed(job)[0] is State.DONE


def test_a_piece_cut_short_is_done_again(half_done: JobFolder, source: Path, tmp_path: Path) -> None:
    part = next(iter(half_done.parts.glob("*.f8")))
    part.write_bytes(part.read_bytes()[:-8])
    assert resumed(half_done)[0] is State.DONE
    assert run_job(["Slow"], tmp_path / "undisturbed", input=source).state is State.DONE
    assert bits(tmp_path / "out") == bits(tmp_path / "undisturbed")


def test_what_a_kill_left_in_the_output_is_removed_and_nothing_else(half_done: JobFolder, tmp_path: Path) -> None:
    output = tmp_path / "out"
    folder = output / "Output_SlowAnalysis"
    folder.mkdir(parents=True)
    stale = [folder / "llll.root.part", folder / "ttbar_lep.root", output / "SlowAnalysis.root.part"]
    stale.append(output / ".manifest.json.12.ab")
    kept = [folder / "thesis.root", output / "notes.txt", output / "Output_OtherAnalysis"]
    for path in stale + kept:
        path.write_text("half")
    assert resumed(half_done)[0] is State.DONE
    assert [path for path in stale if path.exists()] == []
    assert all(path.read_text() == "half" for path in kept)
    for path in kept:
        path.unlink()
    assert half_written(output) == []


def test_results_of_another_job_are_not_written_over(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    late = job_of(["Slow"], output, input=source)
    forced = job_of(["Slow"], output, input=source, force=True)
    assert run_job(["Slow"], output, input=source, only="data").state is State.DONE
    before = (output / "manifest.json").read_bytes()
    launch.start(late)
    status = control.wait(late, RUN_LASTS)
    assert (status.state, status.exit_code) == (State.FAILED, 2)
    assert "has the results of another job" in status.message
    assert (output / "manifest.json").read_bytes() == before
    launch.start(forced)
    assert control.wait(forced, RUN_LASTS).state is State.DONE
    assert manifest(output)["job"] == forced.id


def test_a_job_killed_between_its_manifest_and_its_last_word_resumes(source: Path, tmp_path: Path) -> None:
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    done = control.wait(job, RUN_LASTS)
    assert done.state is State.DONE
    before = bits(tmp_path / "out")
    job.write_status(msgspec.structs.replace(done, state=State.FAILED))
    assert resumed(job)[0] is State.DONE
    assert bits(tmp_path / "out") == before
