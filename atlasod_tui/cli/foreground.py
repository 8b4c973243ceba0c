"""A job seen from the foreground: its progress, its end, its exit code."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from atlasod_tui import shown
from atlasod_tui.cli import output, progress, results
from atlasod_tui.errors import AtlasodError, CancelledError, JobError
from atlasod_tui.jobs import control
from atlasod_tui.jobs.status import State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlasod_tui.cli.options import Wishes
    from atlasod_tui.jobs.folder import JobFolder

CANCEL_LASTS = 2.5
_LEFT = 128


def attend(job: JobFolder, title: str, wishes: Wishes, *, begin: Callable[[], None] | None = None) -> int:
    """Show a job until it ends, print what it made, and return its exit code.

    Args:
        job: The job.
        title: What to call it.
        wishes: How to show it.
        begin: Starts the job; Ctrl-C then cancels it, and without it only ends the watching.

    Raises:
        AtlasodError: If the job did not get done; with the job's exit code.
    """
    try:
        with _quiet_termination():
            if begin is not None:
                begin()
            status = _watch(job, title, wishes)
    except KeyboardInterrupt:
        if begin is None:
            output.note(f"job {job.id} goes on; `atlasod-tui jobs cancel {job.id}` ends it")
            return CancelledError.exit_code
        if not job.status_file.exists():  # it was only being made
            with suppress(OSError):
                job.write_status(Status(state=State.CANCELLED, exit_code=CancelledError.exit_code))
        with suppress(JobError):
            control.cancel(job)
        status = control.wait(job, CANCEL_LASTS)
    return conclude(job, status, wishes)


def conclude(job: JobFolder, status: Status, wishes: Wishes) -> int:
    """Print what a job that ended made, and return its exit code.

    Raises:
        AtlasodError: If the job did not get done; with the job's exit code.
    """
    results.say_warnings(job)
    if status.state not in {State.DONE, State.WAITING}:
        error = _error(job, status)
        if wishes.json:
            told = output.document_of(error)
            output.say_json({"job": job.id, "state": status.state} | told | {"error": told})
        raise error
    code = status.exit_code or 0
    if wishes.json:
        document = results.document(job, status) | {"job": job.id, "exit_code": code}
        if status.state is State.WAITING:
            document |= {"state": status.state, "message": status.message, "hint": status.hint}
        output.say_json(document)
    else:
        results.say(job, status)
    if status.state is State.WAITING:
        output.note(shown.escape(f"job {job.id}: {status.state}"))
        output.note(shown.escape(status.hint))
    return code


def _watch(job: JobFolder, title: str, wishes: Wishes) -> Status:
    display = progress.display(title, quiet=wishes.quiet)
    try:
        for status in control.follow(job):
            display.update(status)
    finally:
        display.close()
    return status


def _error(job: JobFolder, status: Status) -> AtlasodError:
    if status.state in {State.CANCELLED, State.CANCELLING}:
        message = f"job {job.id} was cancelled"
        if status.state is State.CANCELLING:
            message = f"job {job.id} is being cancelled and has not ended yet"
        return CancelledError(message, f"`atlasod-tui jobs resume {job.id}` goes on from the finished pieces.")
    error = AtlasodError(status.message or f"job {job.id} is {status.state}", status.hint)
    error.exit_code = status.exit_code or 1
    return error


@contextmanager
def _quiet_termination() -> Iterator[None]:
    """End on SIGTERM without a word, but with the cursor back on the terminal; the job goes on."""

    def leave(number: int, _: object) -> NoReturn:
        raise SystemExit(_LEFT + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
