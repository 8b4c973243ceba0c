"""Starting a runner: a process of its own session, which outlives the screen and the connection."""

from __future__ import annotations

import atexit
import os
import select
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui import processes
from atlasod_tui.errors import JobError
from atlasod_tui.jobs import claim, identity
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.status import State, Status

_EXIT_LASTS = 2.0

# The runners this process started, by folder: only their parent can learn how they ended.
_children: dict[Path, subprocess.Popen[bytes]] = {}


def submit(spec: Spec) -> JobFolder:
    """Make a job of a spec and start its runner.

    Raises:
        UsageError: If the spec cannot be written as JSON.
        JobError: If the folder or the process cannot be made.
    """
    folder = create(spec)
    start_new(folder)
    return folder


def start_new(folder: JobFolder) -> None:
    """Start the runner of a job that was just made; raises what `start` does, and leaves no folder behind then."""
    try:
        start(folder)
    except JobError:
        if not folder.status_file.exists():  # it never was a job
            shutil.rmtree(folder.path, ignore_errors=True)
        raise


def begin(  # noqa: PLR0913 - one for each thing a job has
    task: str, asked: msgspec.Struct, title: str, *, upload: Any = None, workers: int = 0, queues: bool = True
) -> JobFolder:
    """Make a job of what the plan of a verb says, and start it; `control.wait` then tells how it ended.

    Args:
        task: The module of `jobs.tasks` that does it, such as ``analyse``.
        asked: What its ``plan`` returned.
        title: What the job is called.
        upload: Where its files go as well: a `lake.uploading.target.Target`.
        workers: Threads; 0: one for each core.
        queues: Whether it waits while another job computes.

    Raises:
        JobError: If the folder or the process cannot be made.
    """
    arguments = msgspec.to_builtins(asked)
    if upload is not None:
        arguments["upload"] = msgspec.to_builtins(upload)
    task = f"{__package__}.tasks.{task}:run"
    return submit(Spec(task=task, title=title, arguments=arguments, workers=workers, queues=queues))


def start(folder: JobFolder, spec: Spec | None = None) -> None:
    """Start a runner for a job that has none, forgetting an earlier cancel.

    Args:
        folder: The job.
        spec: What it is to do from now on; None leaves that as it was, and so does a refusal.

    Raises:
        JobError: If the job has a runner, its folder cannot be written, or the process cannot be made.
    """
    try:
        claim.take(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        process = _started(folder, spec)
    except BaseException:
        claim.give_back(folder)
        raise
    _children[folder.path] = process
    with suppress(OSError):  # a full disk: the runner takes its parent's claim
        claim.hand_over(folder, process.pid)


def _started(folder: JobFolder, spec: Spec | None) -> subprocess.Popen[bytes]:
    try:
        _let_exit(folder)
        if spec is not None:
            folder.write_spec(spec)
        folder.sweep()
        folder.write_status(Status(state=State.QUEUED, host=identity.host()), sync=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    # -P: what lies in the current folder is not to be imported in place of a library.
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", "atlasod_tui.jobs.runner", str(folder.path)]
    try:
        with folder.log_file.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=processes.environment(),
            )
    except OSError as error:
        message = f"the runner cannot be started: {error.strerror}"
        with suppress(OSError):
            folder.write_status(Status(state=State.FAILED, exit_code=1, message=message), sync=True)
        raise JobError(message) from error


def _unwritable(folder: JobFolder, error: OSError) -> JobError:
    return JobError(f"the folder {folder.path} of the job cannot be written: {error.strerror}")


def ended(folder: JobFolder) -> tuple[int, int] | None:
    """Return pid and return code of the runner this process started for a job, if it has ended; -N is signal N."""
    process = _children.get(folder.path)
    code = process.poll() if process is not None else None
    return None if process is None or code is None else (process.pid, code)


def pause(folder: JobFolder, seconds: float) -> None:
    """Let time go by, less of it where this process started the runner of the job and that ends meanwhile."""
    process = _children.get(folder.path)
    if process is None or process.returncode is not None:
        time.sleep(seconds)
        return
    if not hasattr(os, "pidfd_open"):  # macOS
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return
    # Popen.wait looks every 50 ms, which is long beside a small job.
    with suppress(OSError):
        descriptor = os.pidfd_open(process.pid)
        try:
            select.select([descriptor], [], [], seconds)
        finally:
            os.close(descriptor)


def _let_exit(folder: JobFolder) -> None:
    """Wait for an earlier runner of this process, which has said its last word, to be gone."""
    process = _children.get(folder.path)
    if process is None:
        return
    try:
        process.wait(_EXIT_LASTS)
    except subprocess.TimeoutExpired:
        raise JobError(f"job {folder.id} has a runner already (pid {process.pid})") from None
    del _children[folder.path]


@atexit.register
def _let_go() -> None:
    """Keep Popen from warning that runners go on by themselves when this process ends."""
    for process in _children.values():
        if process.poll() is None:
            process.returncode = 0
