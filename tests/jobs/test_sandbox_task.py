"""The sandbox as a job: what it reports, how it is cancelled, that the server outlives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run as program
from atlasod_tui.errors import CancelledError, LakeError
from atlasod_tui.jobs import control as jobs
from atlasod_tui.jobs import folder
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.jobs.tasks import sandbox
from atlasod_tui.jobs.tasks.sandbox_spec import TASK, TITLE, at_work
from atlasod_tui.sandbox import children, control, layout
from atlasod_tui.sandbox.children import Progress
from atlasod_tui.sandbox.control import Server
from tests.jobs.helpers import lives, until

SERVER = Server(url="http://127.0.0.1:1", port=1, account="student", pid=2, host="here")
LASTS = 60.0


@pytest.fixture
def job() -> JobFolder:
    return create(Spec(task=TASK, title=TITLE, arguments={}, queues=False))


def up_is(monkeypatch: pytest.MonkeyPatch, up: Callable[[Progress], Server]) -> None:
    monkeypatch.setattr(control, "up", up)


def test_each_phase_is_reported(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Status] = []
    context = JobContext(job)

    def up(progress: Progress) -> Server:
        for step in (
            ("making a private Python environment", 0, 0),
            ("fetching numpy", 3, 9),
            ("generating events", 5, 8),
        ):
            progress(*step)
            seen.append(context.status)
        return SERVER

    up_is(monkeypatch, up)
    outcome = sandbox.run({}, context)
    assert outcome.exit_code == 0
    assert "http://127.0.0.1:1" in outcome.message
    assert [(status.phase, status.done, status.total, status.unit) for status in seen] == [
        ("making a private Python environment", 0, 0, "events"),
        ("fetching, numpy", 3, 9, "packages"),
        ("generating events", 5, 8, "events"),
    ]
    assert not job.in_hand()


def test_a_failure_keeps_its_sentence(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def up(_: Progress) -> Server:
        raise LakeError("no network", "Look at the log.")

    up_is(monkeypatch, up)
    with pytest.raises(LakeError, match="no network"):
        sandbox.run({}, JobContext(job))


def test_cancelled_while_a_program_says_nothing(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pip can be silent for minutes: it is ended, and so is what it started; nothing else is."""
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    context = JobContext(job)
    silent = "import os, signal; print(os.getppid(), os.getpid(), flush=True); signal.pause()"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {silent!r}])"
    began = threading.Event()
    pids: list[int] = []

    def up(_: Progress) -> Server:
        with (tmp_path / "log").open("wb") as log:

            def line(words: str) -> None:
                pids.extend(map(int, words.split()))
                began.set()

            code = children.run([sys.executable, "-c", script], log.fileno(), line=line)
        raise LakeError(f"ended with {code}")

    up_is(monkeypatch, up)

    def cancel() -> None:
        began.wait(LASTS)
        context.cancel()

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    with pytest.raises(CancelledError):
        sandbox.run({}, context)
    cancelling.join()
    assert len(pids) == 2
    until(lambda: not any(map(lives, pids)), "the end of the programs")
    stranger.communicate(b"\n")
    assert stranger.returncode == 0


def test_cancelled_between_two_steps(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    context = JobContext(job)

    def up(progress: Progress) -> Server:
        context.cancel()
        progress("making the lake", 0, 0)
        return SERVER

    up_is(monkeypatch, up)
    with pytest.raises(CancelledError):
        sandbox.run({}, context)


def test_detached_it_prints_the_id_of_a_job_and_later_of_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("atlasod_tui.jobs.launch.start", lambda folder, *_: folder.write_status(_status(State.RUNNING)))
    assert program(["sandbox", "up", "--detach", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert set(first) == {"job"}
    found = folder.find(first["job"])
    spec = found.spec()
    assert (spec.task, spec.title, spec.arguments, spec.queues) == (TASK, TITLE, {}, False)
    assert at_work() is not None
    assert program(["sandbox", "up", "--detach"]) == 0
    assert capsys.readouterr().out.strip() == first["job"]
    found.write_status(_status(State.DONE))
    assert at_work() is None
    assert program(["sandbox", "up", "--detach"]) == 0
    assert capsys.readouterr().out.strip() != first["job"]


def _status(state: State) -> Status:
    from atlasod_tui.jobs import identity  # noqa: PLC0415

    me = identity.own()
    return Status(state=state, host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started)


def test_a_job_that_cannot_install_it_says_why(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """In a runner of its own, by the command; the folder of the sandbox is one that Rucio takes apart."""
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "a;b"))
    command = [sys.executable, "-m", "atlasod_tui", "sandbox", "up", "--detach"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    job = folder.find(told.stdout.strip())
    status = jobs.wait(job, LASTS)
    assert (status.state, status.exit_code) == (State.FAILED, 3)
    assert "Rucio cannot keep files" in status.message
    assert not layout.home().exists()
