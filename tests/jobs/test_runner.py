from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import claim, control, identity, launch
from atlasod_tui.jobs.folder import JobFolder, create
from atlasod_tui.jobs.identity import Identity
from atlasod_tui.jobs.slots import slot
from atlasod_tui.jobs.status import State, Status

from .helpers import spec, until, until_in_hand, until_state

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import Spec

SUM_OF_FIVE = "30"


def submit_elsewhere(spec: Spec) -> JobFolder:
    """Make a job and start its runner as `start_elsewhere` does."""
    job = create(spec)
    start_elsewhere(job)
    return job


def start_elsewhere(job: JobFolder) -> None:
    """Start a runner from a process that ends at once, as the one behind a closed connection does."""
    code = "import sys; from pathlib import Path; from atlasod_tui.jobs import launch, folder; "
    code += "launch.start(folder.JobFolder(Path(sys.argv[1])))"
    subprocess.run([sys.executable, "-c", code, str(job.path)], check=True, timeout=20)


def kill(status: Status) -> None:
    os.kill(status.pid, signal.SIGKILL)


def test_a_job_runs_to_its_end(home: Path) -> None:
    job = launch.submit(spec(home, workers=3))
    status = control.wait(job, timeout=15)
    assert (status.state, status.exit_code, status.message) == (State.DONE, 0, "added")
    assert (status.done, status.total) == (5, 5)
    assert Path(status.result).read_text() == SUM_OF_FIVE
    assert control._identity(status).here
    assert [event["state"] for event in job.events() if event["kind"] == "state"] == ["queued", "running", "done"]


def test_a_runner_has_a_session_of_its_own_and_is_nice(home: Path) -> None:
    job = launch.submit(spec(home, gate=home / "gate"))
    status = until_in_hand(job, "/data/piece-0.root")
    assert os.getsid(status.pid) == status.pid
    assert os.getpriority(os.PRIO_PROCESS, status.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert Path(f"/proc/{status.pid}/fd/0").readlink() == Path("/dev/null")


@pytest.mark.parametrize(
    ("fault", "sentence", "code"),
    [
        ("atlasod", "the file ends early", 4),
        ("login", "the token has expired", 3),
        ("python", "the job ended on an error nobody foresaw: ValueError: surprise", 1),
        ("disk", "the system refused: No space left on device: /somewhere/full", 1),
        ("exit", "the runner ended without a word (exit code 3) with /data/piece-2.root in hand", 1),
        ("kill", "the runner was killed by SIGKILL with /data/piece-2.root in hand", 1),
    ],
)
def test_every_failure_is_a_sentence(home: Path, fault: str, sentence: str, code: int) -> None:
    job = launch.submit(spec(home, fault=fault, fault_at=2))
    status = control.wait(job, timeout=15)
    assert (status.state, status.exit_code, status.message[: len(sentence)]) == (State.FAILED, code, sentence)
    assert "Traceback" not in status.message + status.hint
    assert ("Traceback" in job.log_file.read_text()) == (fault in {"python", "disk"})
    assert (f"`atlasod-tui jobs resume {job.id}`" in status.hint) == (fault in {"login", "exit", "kill"})


def test_a_task_that_does_not_exist_is_a_sentence(home: Path) -> None:
    broken = msgspec.structs.replace(spec(home), task="atlasod_tui.no_such:run")
    status = control.wait(launch.submit(broken), timeout=15)
    assert status.state is State.FAILED
    assert "cannot be imported" in status.message


def test_a_killed_runner_is_lost_and_resumes_from_its_pieces(home: Path) -> None:
    gate = home / "gate"
    job = submit_elsewhere(spec(home, gate=gate, gate_from=3))
    running = until_in_hand(job, "/data/piece-3.root")
    kill(running)
    lost = until_state(job, State.LOST)
    assert "with /data/piece-3.root in hand" in lost.message
    assert f"jobs resume {job.id}" in lost.hint
    assert not list(job.path.glob(".*"))
    stamps = {path.name: path.stat().st_mtime_ns for path in job.parts.iterdir()}
    assert sorted(stamps) == ["0.txt", "1.txt", "2.txt"]
    gate.touch()
    control.resume(job, workers=2)
    status = control.wait(job, timeout=15)
    assert status.state is State.DONE
    assert job.spec().workers == 2
    assert Path(status.result).read_text() == SUM_OF_FIVE
    assert all((job.parts / name).stat().st_mtime_ns == stamp for name, stamp in stamps.items())


def test_resume_can_leave_out_the_file_that_kills(home: Path) -> None:
    job = launch.submit(spec(home, fault="kill", fault_at=2))
    assert control.wait(job, timeout=15).state is State.FAILED
    control.resume(job, skip_failing=True)
    status = control.wait(job, timeout=15)
    assert (status.state, status.exit_code, status.skipped) == (State.DONE, 4, 1)
    assert job.spec().arguments["skip"] == ["/data/piece-2.root"]
    assert [event["path"] for event in job.events() if event["kind"] == "skipped"] == ["/data/piece-2.root"]


def test_of_several_files_in_hand_none_is_left_out_until_one_worker_finds_it(home: Path) -> None:
    job = create(spec(home, fault="kill", fault_at=2, workers=3))
    hand = ["/data/piece-1.root", "/data/piece-2.root"]
    job.write_status(Status(state=State.RUNNING, host=identity.host(), pid=2**22 + 1))
    job.take_in_hand(hand)
    lost = control.state(job)
    assert "with /data/piece-1.root, /data/piece-2.root in hand" in lost.message
    assert "--skip-failing on one worker" in lost.hint
    control.resume(job, skip_failing=True)
    assert "skip" not in job.spec().arguments
    assert job.spec().workers == 1
    assert "with /data/piece-2.root in hand" in control.wait(job, timeout=15).message
    control.resume(job, skip_failing=True)
    assert control.wait(job, timeout=15).exit_code == 4
    assert job.spec().arguments["skip"] == ["/data/piece-2.root"]


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_file_on_which_no_runner_died_is_not_left_out(home: Path, end: str) -> None:
    fault: dict[str, Any] = {"gate": home / "gate"} if end == "cancelled" else {"fault": "python", "fault_at": 0}
    job = launch.submit(spec(home, **fault))
    if end == "cancelled":
        until_in_hand(job, "/data/piece-0.root")
        control.cancel(job)
    assert control.wait(job, timeout=15).state.value == end
    with pytest.raises(JobError, match="did not die with a file in hand"):
        control.resume(job, skip_failing=True)


def test_a_resume_that_is_refused_changes_no_spec(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = create(spec(home))
    job.write_status(Status(state=State.CANCELLED))

    def refuse(_: JobFolder) -> None:
        raise JobError("was just taken up by another process")

    monkeypatch.setattr(claim, "take", refuse)
    with pytest.raises(JobError, match="taken up"):
        control.resume(job, workers=7)
    assert job.spec().workers == 1


def test_a_death_is_told_though_the_disk_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = launch.submit(spec(home, fault="kill", fault_at=2))
    launch._children[job.path].wait(15)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JobFolder, "write_status", full)
    assert "SIGKILL" in control.state(job).message


def test_what_runs_or_is_done_is_not_resumed_nor_removed_while_it_runs(home: Path) -> None:
    gate = home / "gate"
    job = launch.submit(spec(home, gate=gate))
    until_state(job, State.RUNNING)
    with pytest.raises(JobError, match="is running"):
        control.resume(job)
    with pytest.raises(JobError, match="is running"):
        control.remove(job)
    gate.touch()
    control.wait(job, timeout=15)
    with pytest.raises(JobError, match="nothing is left"):
        control.resume(job)
    with pytest.raises(JobError, match="is not running"):
        control.cancel(job)
    control.remove(job)
    assert not job.path.exists()


def test_a_running_job_is_cancelled_within_two_seconds_and_resumes_at_once(home: Path) -> None:
    gate = home / "gate"
    job = launch.submit(spec(home, gate=gate, gate_from=2))
    until_in_hand(job, "/data/piece-2.root")
    before = time.monotonic()
    control.cancel(job)
    status = control.wait(job, timeout=5)
    assert time.monotonic() - before < 2
    assert (status.state, status.exit_code) == (State.CANCELLED, 130)
    gate.touch()
    control.resume(job)
    assert control.wait(job, timeout=15).state is State.DONE


@pytest.mark.parametrize("means", ["file", "signal"])
def test_the_file_or_the_signal_alone_cancels(home: Path, means: str) -> None:
    job = launch.submit(spec(home, gate=home / "gate"))
    status = until_in_hand(job, "/data/piece-0.root")
    if means == "file":
        job.ask_cancel()
    else:
        os.kill(status.pid, signal.SIGTERM)
    assert control.wait(job, timeout=3).state is State.CANCELLED


def test_a_task_that_does_not_listen_is_ended_all_the_same(home: Path) -> None:
    job = launch.submit(spec(home, gate=home / "gate", deaf=1))
    until_in_hand(job, "/data/piece-0.root")
    before = time.monotonic()
    control.cancel(job)
    status = control.wait(job, timeout=5)
    assert time.monotonic() - before < 2
    assert status.state is State.CANCELLED
    until(lambda: not control._identity(status).alive, "the end of the runner")


def test_two_jobs_queue_and_the_queued_one_can_be_cancelled(home: Path) -> None:
    gate = home / "gate"
    first = launch.submit(spec(home, gate=gate))
    until_state(first, State.RUNNING)
    second = launch.submit(spec(home, output=home / "second.txt"))
    third = launch.submit(spec(home, output=home / "third.txt"))
    for job in (second, third):
        until(lambda job=job: "waiting" in control.state(job).phase, "waiting")  # type: ignore[misc]
        assert control.state(job).state is State.QUEUED
    before = time.monotonic()
    control.cancel(third)
    assert control.wait(third, timeout=5).state is State.CANCELLED
    assert time.monotonic() - before < 2
    gate.touch()
    assert control.wait(first, timeout=15).state is State.DONE
    assert control.wait(second, timeout=15).state is State.DONE
    assert not (home / "third.txt").exists()


def test_as_many_run_at_once_as_there_are_slots(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_SLOTS", "2")
    jobs = [launch.submit(spec(home, gate=home / "gate", output=home / f"{number}.txt")) for number in range(2)]
    for job in jobs:
        until_state(job, State.RUNNING)
    (home / "gate").touch()
    for job in jobs:
        assert control.wait(job, timeout=15).state is State.DONE


def test_a_job_that_only_moves_bytes_does_not_queue(home: Path) -> None:
    gate = home / "gate"
    first = launch.submit(spec(home, gate=gate))
    until_state(first, State.RUNNING)
    quick = msgspec.structs.replace(spec(home, output=home / "second.txt"), queues=False)
    assert control.wait(launch.submit(quick), timeout=15).state is State.DONE
    assert control.state(first).state is State.RUNNING
    gate.touch()


def test_the_queue_outlives_the_login(home: Path) -> None:
    def log_out() -> None:
        shutil.rmtree(home / "run")
        (home / "run").write_text("a folder that cannot be made again")
        first.close()

    with ExitStack() as first:
        first.enter_context(slot(1, cancelled=lambda: False, waiting=lambda: None))
        with slot(1, cancelled=lambda: False, waiting=log_out):
            assert (home / "run").is_file()


def test_a_second_runner_of_one_job_is_refused(home: Path) -> None:
    job = launch.submit(spec(home, gate=home / "gate"))
    before = until_in_hand(job, "/data/piece-0.root")
    command = [sys.executable, "-m", "atlasod_tui.jobs.runner", str(job.path)]
    second = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    assert second.returncode == 1
    assert "has a runner already" in second.stderr
    with pytest.raises(JobError, match="has a runner already"):
        launch.start(job)
    assert control.state(job).pid == before.pid
    assert control.state(job).state is State.RUNNING


def test_of_many_that_take_up_a_lost_job_one_wins(home: Path) -> None:
    job = submit_elsewhere(spec(home, gate=home / "gate"))
    kill(until_in_hand(job, "/data/piece-0.root"))
    until_state(job, State.LOST)
    command = [sys.executable, "-m", "atlasod_tui.jobs.runner", str(job.path)]
    rivals = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(4)
    ]
    until(lambda: sum(rival.poll() == 1 for rival in rivals) == 3, "three refusals")
    until(lambda: control.state(job).state is State.RUNNING, "one running")
    (home / "gate").touch()
    assert sorted(rival.wait(15) for rival in rivals) == [0, 1, 1, 1]


def test_a_runner_on_another_host_is_believed_and_never_signalled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = create(spec(home))
    me = identity.own()
    far = Identity("far.away.example", me.boot_id, me.pid, me.started)
    (job.path / "runner.1").write_bytes(msgspec.json.encode(far))
    job.write_status(Status(state=State.RUNNING, host=far.host, boot_id=far.boot_id, pid=far.pid, started=far.started))
    signals: list[object] = []
    monkeypatch.setattr("os.kill", lambda *arguments: signals.append(arguments))
    status = control.state(job)
    assert status.state is State.RUNNING
    assert status.message.startswith("running on far.away.example, last sign of life 0 s ago")
    control.cancel(job)
    assert job.cancel_file.exists()
    assert signals == []
    for refused in (control.resume, control.remove, launch.start):
        with pytest.raises(JobError, match=r"far\.away\.example"):
            refused(job)
    monkeypatch.setattr(claim, "SILENCE", -1.0)
    control.remove(job)


@pytest.mark.parametrize("field", ["boot_id", "started", "pid"])
def test_a_pid_used_again_is_not_taken_for_the_runner(home: Path, field: str) -> None:
    me = identity.own()
    values = {"host": me.host, "boot_id": me.boot_id, "pid": me.pid, "started": me.started}
    job = create(spec(home))
    job.write_status(Status(state=State.RUNNING, **values))  # type: ignore[arg-type]
    assert control.state(job).state is State.RUNNING
    values[field] = {"boot_id": "another", "started": me.started + 1, "pid": 2**22 + 1}[field]
    job.write_status(Status(state=State.RUNNING, **values))  # type: ignore[arg-type]
    assert control.state(job).state is State.LOST


def test_a_job_whose_launcher_died_before_its_runner_began_is_lost(home: Path) -> None:
    job = create(spec(home))
    job.write_status(Status(state=State.QUEUED, host=identity.host()))
    assert control.state(job).state is State.LOST
    launch.start(job)
    assert control.wait(job, timeout=15).state is State.DONE


def test_a_runner_slow_to_begin_is_not_taken_for_lost(home: Path) -> None:
    job = submit_elsewhere(spec(home))
    seen = {status.state for status in control.follow(job, every=0.001)}
    assert seen <= {State.QUEUED, State.RUNNING, State.DONE}


def test_a_dead_runner_of_ours_is_not_blamed_for_one_that_another_process_started(home: Path) -> None:
    job = launch.submit(spec(home, fault="kill", fault_at=2))
    launch._children[job.path].wait(15)
    job.write_spec(spec(home))
    start_elsewhere(job)
    seen = {status.state for status in control.follow(job, every=0.001)}
    assert State.FAILED not in seen
    assert control.state(job).state is State.DONE


def test_what_a_killed_runner_left_half_written_is_swept_up(home: Path) -> None:
    job = create(spec(home))
    for path in (job.path / ".status.json.12.ab", job.parts / ".0.txt.12.ab"):
        path.write_text("half")
    launch.start(job)
    assert control.wait(job, timeout=15).state is State.DONE
    assert not [path for path in job.path.rglob(".*") if path.is_file()]


def test_a_damaged_job_is_refused_in_a_sentence(home: Path) -> None:
    job = create(spec(home))
    job.status_file.write_text("{")
    with pytest.raises(JobError, match="damaged"):
        control.resume(job)
    control.remove(job)


def test_live_histograms_come_from_the_runner(home: Path) -> None:
    job = launch.submit(spec(home, gate=home / "gate"))
    until_in_hand(job, "/data/piece-0.root")
    assert not job.live_file.exists()
    job.touch_watch()
    until(job.live_file.exists, "live.npz")
    with np.load(job.live_file) as live:
        assert live["mass"][1] == 2.0


def test_a_library_of_the_same_name_in_the_current_folder_is_not_imported(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "msgspec.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(home)
    assert control.wait(launch.submit(spec(home)), timeout=15).state is State.DONE
