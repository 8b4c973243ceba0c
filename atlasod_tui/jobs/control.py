"""What can be asked of a job from outside: its state, to end, to go on, to go away."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import claim, identity, lakes, launch
from atlasod_tui.jobs.identity import Identity
from atlasod_tui.jobs.status import State, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.jobs.folder import JobFolder, Spec

POLL = 0.1


def state(folder: JobFolder) -> Status:
    """Return where a job stands, taking into account whether its runner lives; never raises, writes only a death.

    A runner of this process that was killed leaves ``failed``; one of another process leaves ``lost``; a folder
    that cannot be read is ``damaged``. Of a runner on another host only its last words are known.
    """
    ended = launch.ended(folder)
    try:
        status = folder.status()
        if not status.state.active:
            return status
        if (death := _death(folder, status, ended)) is not None:
            return death
        if status.host != identity.host():
            return _elsewhere(status)
        return _with_cancel(folder, status) if _runner_lives(folder, status) else _gone(folder)
    except JobError as error:
        return Status(state=State.DAMAGED, message=error.message)


def cancel(folder: JobFolder, *, dry_run: bool = False) -> None:
    """Ask a job to end, by a file, and by a signal where its runner is on this host; one of them is enough.

    With ``dry_run`` it is not asked, only refused.

    Raises:
        JobError: If it is not running, or its folder cannot be written and its runner not be signalled.
    """
    status = state(folder)
    if not status.state.active:
        raise JobError(f"job {folder.id} is not running: it is {status.state}")
    if dry_run:
        return
    problem: OSError | None = None
    try:
        folder.ask_cancel()
    except OSError as error:
        problem = error
    runner = _identity(status)
    if runner.alive:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(runner.pid, signal.SIGTERM)
            return
    if problem is not None:
        raise JobError(
            f"job {folder.id} cannot be asked to end: the folder {folder.path} cannot be written: {problem.strerror}"
        ) from problem


def resume(folder: JobFolder, workers: int | None = None, *, skip_failing: bool = False, dry_run: bool = False) -> None:
    """Start a job again, which goes on from its finished pieces.

    Args:
        folder: The job.
        workers: Threads to use from now on; None leaves the number as it was.
        skip_failing: Add the file that was in hand when the runner died to ``arguments["skip"]``. If there were
            several, none is left out, but one worker goes on, so that its death would name the one.
        dry_run: Whether it is not to be started, only refused.

    Raises:
        JobError: If the job runs, is done or damaged, or no file was in hand to be skipped.
        LakeError: If what opened its lake opens another one by now.
    """
    status = state(folder)
    if status.state is State.DAMAGED:
        raise JobError(status.message, "It cannot be resumed; start it anew.")
    if status.state is State.DONE:
        raise JobError(f"job {folder.id} is done; nothing is left to resume")
    _refuse_running(folder, status)
    spec = folder.spec()
    lakes.refuse_others(spec.lakes)
    if workers is not None:
        spec = msgspec.structs.replace(spec, workers=workers)
    if skip_failing:
        spec = _without_failing(folder, spec)
    if not dry_run:
        launch.start(folder, spec)


def _without_failing(folder: JobFolder, spec: Spec) -> Spec:
    hand = folder.in_hand()
    if not hand:
        raise JobError(f"job {folder.id} did not die with a file in hand", "Resume it without --skip-failing.")
    if len(hand) > 1:
        return msgspec.structs.replace(spec, workers=1)
    skip = [*spec.arguments.get("skip", []), *hand]
    return msgspec.structs.replace(spec, arguments={**spec.arguments, "skip": skip})


def uploads(spec: Spec) -> bool:
    """Return whether a job changes a lake."""
    return spec.task == "atlasod_tui.jobs.tasks.put:run" or bool(spec.arguments.get("upload"))


def remove(folder: JobFolder, *, dry_run: bool = False) -> None:
    """Delete a job's folder; what it wrote elsewhere stays.

    With ``dry_run`` it is not deleted, only refused.

    Raises:
        JobError: If it runs, or the folder cannot be deleted.
    """
    _refuse_running(folder, state(folder))
    if dry_run:
        return
    try:
        shutil.rmtree(folder.path)
    except OSError as error:
        raise JobError(f"{folder.path} cannot be deleted: {error.strerror}") from error


def follow(folder: JobFolder, every: float = POLL) -> Iterator[Status]:
    """Yield the state of a job again and again, the last one when it has ended."""
    while True:
        status = state(folder)
        yield status
        if not status.state.active:
            return
        launch.pause(folder, every)


def wait(folder: JobFolder, timeout: float | None = None) -> Status:
    """Return the state of a job when it has ended, or after ``timeout`` seconds as it is then."""
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    for status in follow(folder):
        if not status.state.active or time.monotonic() >= deadline:
            break
    return status


def _refuse_running(folder: JobFolder, status: Status) -> None:
    if status.state.active and (claim.held(folder) or status.host == identity.host()):
        hint = "`atlasod-tui jobs cancel` ends it."
        if status.host != identity.host():
            minutes = claim.SILENCE / 60
            hint = f"If {status.host} is gone for good, try again after {minutes:.0f} minutes of silence."
        raise JobError(f"job {folder.id} is {status.message or status.state}", hint)


def _identity(status: Status) -> Identity:
    return Identity(status.host, status.boot_id, status.pid, status.started)


def _runner_lives(folder: JobFolder, status: Status) -> bool:
    return _identity(status).alive if status.pid else claim.held(folder)


def _with_cancel(folder: JobFolder, status: Status) -> Status:
    if folder.cancel_file.exists():
        return msgspec.structs.replace(status, state=State.CANCELLING)
    return status


def _with_hand(folder: JobFolder, status: Status) -> Status:
    return msgspec.structs.replace(status, current=", ".join(folder.in_hand()))


def _elsewhere(status: Status) -> Status:
    silent = max(0.0, time.time() - status.updated)
    message = f"running on {status.host}, last sign of life {_ago(silent)} ago"
    return msgspec.structs.replace(status, message=message)


def _ago(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def _lost(folder: JobFolder, status: Status) -> Status:
    message = f"the runner died without a word (killed, out of memory, a full disk, or a reboot){_in_hand(status)}"
    return msgspec.structs.replace(status, state=State.LOST, message=message, hint=_resume_hint(folder))


def _gone(folder: JobFolder) -> Status:
    """Return the status of a job whose runner is gone: perhaps only since it was asked for."""
    ended = launch.ended(folder)
    status = folder.status()
    if not status.state.active:
        return status
    return _death(folder, status, ended) or _lost(folder, _with_hand(folder, status))


def _death(folder: JobFolder, status: Status, ended: tuple[int, int] | None) -> Status | None:
    """Return the last word for a runner of this process whose end was seen before its status was read."""
    if ended is None or not claim.is_of(folder, ended[0]):
        return None
    return _write_death(folder, _with_hand(folder, status), ended[1])


def _write_death(folder: JobFolder, status: Status, code: int) -> Status:
    """Write the last word for a runner that this process started and that can no longer do so itself."""
    if code < 0:
        message = f"the runner was killed by {_signal_name(-code)}{_in_hand(status)}"
    else:
        message = f"the runner ended without a word (exit code {code}){_in_hand(status)}; {folder.log_file} may say why"
    status = msgspec.structs.replace(
        status, state=State.FAILED, exit_code=1, eta_s=None, message=message, hint=_resume_hint(folder)
    )
    with suppress(OSError):  # a full disk, or somebody else's job: the next reader comes to the same conclusion
        folder.write_status(status, sync=True)
        folder.add_event("state", state=State.FAILED, exit_code=1, message=message)
    return status


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _in_hand(status: Status) -> str:
    return f" with {status.current} in hand" if status.current else ""


def _resume_hint(folder: JobFolder) -> str:
    hand = folder.in_hand()
    skip = ", with --skip-failing it leaves that file out" if hand else ""
    if len(hand) > 1:
        skip = ", with --skip-failing on one worker, to find which of the files it is"
    return f"`atlasod-tui jobs resume {folder.id}` goes on from the finished pieces{skip}."
