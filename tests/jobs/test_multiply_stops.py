"""Multiply jobs that are killed, cancelled and resumed: nothing half-made stays, nothing finished is made again."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.samples import folder_manifest
from tests.jobs.analysing import kill_runner
from tests.jobs.helpers import until
from tests.jobs.multiplying import DATA_A, DATA_B, LASTS, LLLL, TASK, assert_copies, files_in, job_of, spec_of
from tests.jobs.stopping_multiply import TASK as STOPPING

A, B, L = "data_A.4lep.x3.root", "data_B.4lep.x3.root", "mc_363490.llll.4lep.x3.root"


def stopped(to: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> JobFolder:
    """Start a job with three outputs, one after the other, and wait until it stopped at a place."""
    monkeypatch.setenv("MULTIPLY_STOPS", place)
    job = job_of(spec_of([DATA_A, DATA_B, LLLL], to, factor=3), workers=1)
    job.write_spec(msgspec.structs.replace(job.spec(), task=STOPPING))
    launch.start(job)
    until((job.path / "stopped").exists, place)
    return job


def resumed(job: JobFolder) -> Status:
    """Let the job go on as the plain task that it would be."""
    job.write_spec(msgspec.structs.replace(job.spec(), task=TASK))
    control.resume(job)
    return control.wait(job, LASTS)


def assert_complete(to: Path, job: JobFolder) -> None:
    assert files_in(to) == [A, B, "manifest.json", L]
    for name, source in ((A, DATA_A), (B, DATA_B), (L, LLLL)):
        assert_copies(to / name, [source], 3)
    content = folder_manifest.read(to)
    assert content is not None
    assert {name: entry.job for name, entry in content.files.items()} == dict.fromkeys((A, B, L), job.id)


@pytest.mark.parametrize(("place", "left"), [("write:2", [A, f"{B}.part", "manifest.json"]),
                                             ("named:2", [A, B, "manifest.json"])])  # fmt: skip
def test_a_killed_job_goes_on(tmp_path: Path, place: str, left: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped(tmp_path, place, monkeypatch)
    assert kill_runner(job) == -9
    assert control.state(job).state is State.FAILED
    assert files_in(tmp_path) == left
    first = (tmp_path / A).stat().st_mtime_ns
    assert resumed(job).state is State.DONE
    assert (tmp_path / A).stat().st_mtime_ns == first
    assert_complete(tmp_path, job)


def test_what_was_finished_and_changed_since_is_not_taken_for_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stopped(tmp_path, "write:2", monkeypatch)
    kill_runner(job)
    (tmp_path / A).write_text("another's")
    status = resumed(job)
    assert (status.state, status.exit_code) == (State.FAILED, 2)
    assert "exists already" in status.message
    assert (tmp_path / A).read_text() == "another's"
    (tmp_path / A).unlink()
    assert resumed(job).state is State.DONE
    assert_complete(tmp_path, job)


def test_a_killed_jobs_source_that_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped(tmp_path, "write:2", monkeypatch)
    kill_runner(job)
    spec = job.spec()
    spec.arguments["sources"][1]["mtime_ns"] -= 1  # as if it were older when the job was made
    job.write_spec(spec)
    status = resumed(job)
    assert status.state is State.FAILED
    assert "changed since the job was made" in status.message


@pytest.mark.parametrize("place", ["write:2", "named:2", "deaf:2"])
def test_a_cancelled_job_keeps_what_is_finished(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped(tmp_path, place, monkeypatch)
    before = time.monotonic()
    control.cancel(job)
    assert control.wait(job, 10).state is State.CANCELLED
    assert time.monotonic() - before < 2
    until(lambda: launch.ended(job) is not None, "the end of the runner")
    assert files_in(tmp_path) in ([A, "manifest.json"], [A, B, "manifest.json"] if place == "named:2" else [])
    assert resumed(job).state is State.DONE
    assert_complete(tmp_path, job)
