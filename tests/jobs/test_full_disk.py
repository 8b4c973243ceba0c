"""A state folder that takes nothing: what is said, what is tried again, and that nobody else is kept away."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import claim, context, control, folder, identity, launch, runner
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.folder import JobFolder, create
from atlasod_tui.jobs.status import State, Status

from .helpers import spec


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file grow: as on a full disk, files can be made but stay empty."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def running(job: JobFolder, pid: int) -> None:
    me = identity.of(pid)
    job.write_status(Status(state=State.RUNNING, host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started))


def test_a_cancel_that_cannot_be_written_is_signalled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = create(spec(home))
    monkeypatch.setattr(JobFolder, "ask_cancel", full)
    with subprocess.Popen(["sleep", "60"]) as process:
        running(job, process.pid)
        try:
            control.cancel(job)
            assert process.wait(5) == -signal.SIGTERM
        finally:
            process.kill()
    job.write_status(Status(state=State.RUNNING, host="far.away.example", pid=1))
    with pytest.raises(JobError, match=f"{job.path} cannot be written: No space left"):
        control.cancel(job)


def test_a_claim_that_cannot_be_handed_over_is_taken_by_the_runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "hand_over", full)
    job = launch.submit(spec(home))
    assert control.wait(job, timeout=15).state is State.DONE
    assert claim._read(job, 1) == control._identity(job.status())


@pytest.mark.parametrize("at", ["claim", "status", "process"])
def test_a_job_that_could_not_be_resumed_is_free_for_others(
    home: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    job = create(spec(home))
    gone = msgspec.structs.replace(identity.own(), pid=2**22 + 1)
    (job.path / "runner.1").write_bytes(msgspec.json.encode(gone))
    job.write_status(Status(state=State.FAILED, pid=gone.pid))
    if at == "process":
        monkeypatch.setattr(subprocess, "Popen", full)
    if at == "status":
        monkeypatch.setattr(JobFolder, "write_status", full)
    if at == "claim":
        with no_room(), pytest.raises(JobError, match="cannot be written: File too large"):
            control.resume(job)
    else:
        with pytest.raises(JobError, match="No space left"):
            control.resume(job)
    assert [path.name for path in job.path.glob("runner.*")] == ["runner.1"]
    assert not claim.held(job)


def refusing(times: int, write: Callable[..., None]) -> Callable[..., None]:
    """Return what refuses to write so many times."""
    left = iter(range(times))

    def written(*arguments: object, **options: object) -> None:
        if next(left, None) is not None:
            full()
        write(*arguments, **options)

    return written


def test_the_last_word_is_tried_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_LAST_WORD_EVERY", 0.001)
    job = create(spec(home))
    monkeypatch.setattr(JobFolder, "write_status", refusing(3, JobFolder.write_status))
    assert JobContext(job).finish(State.DONE, Outcome(message="added"))
    assert (job.status().state, job.status().message) == (State.DONE, "added")


def test_a_full_disk_may_be_why_a_job_is_lost(home: Path) -> None:
    job = create(spec(home))
    running(job, 2**22 + 1)
    assert "a full disk" in control.state(job).message


def test_a_full_disk_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_room(), pytest.raises(OSError, match="File too large") as refused:
        folder.write_atomic(home / "status.json", b"new")
    assert runner._sentence(refused.value) == f"the system refused: File too large: {home}"
    assert not list(home.glob(".*"))
    # What others write does not say where.
    nameless = OSError(28, "No space left on device")
    (home / "state" / "atlasod-tui").mkdir()
    assert runner._sentence(nameless) == "the system refused: No space left on device"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert f": {home}/state/atlasod-tui, " in runner._sentence(nameless)


def test_a_folder_whose_maker_was_killed_is_no_job_and_goes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(JobFolder, "write_spec", killed)
        with pytest.raises(KeyboardInterrupt):
            create(spec(home))
    (left,) = folder.jobs_dir().iterdir()
    assert folder.list_jobs() == []
    mine = folder.jobs_dir() / ".mine"
    mine.mkdir()
    create(spec(home))
    assert left.exists()  # it may be another's, who is making it
    for path in (left, mine):
        os.utime(path, (0, 0))
    create(spec(home))
    assert (left.exists(), mine.exists()) == (False, True)
