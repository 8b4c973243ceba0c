"""What is done to a job from the screen: each in a thread, for what it touches may lie on a slow file server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import __version__
from atlasod_tui.errors import JobError, UsageError
from atlasod_tui.tui.jobs.details import uploads
from atlasod_tui.tui.jobs.log_tail import export

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView

_READ_ONLY = "the job writes to a lake, and this program was started with --read-only"


def cancel(view: JobView) -> None:
    """Ask a job to end; one of another host by its file only.

    Raises:
        JobError: If it is not running.
    """
    from atlasod_tui.jobs import control  # noqa: PLC0415 - not at start-up

    control.cancel(view.folder)


def cancel_all(views: tuple[JobView, ...]) -> list[JobError]:
    """Ask jobs to end, and return what was said of those that could not be asked."""
    refused = []
    for view in views:
        try:
            cancel(view)
        except JobError as error:
            refused.append(error)
        except OSError as error:
            refused.append(JobError(f"the job {view.id} cannot be cancelled: {error.strerror}"))
    return refused


def retry(view: JobView, *, replace: bool, read_only: bool) -> str:
    """Start the same anew, and return the id of the new job.

    Args:
        view: The job.
        replace: Whether outputs that exist may be replaced.
        read_only: Whether nothing may be written to a lake.

    Raises:
        JobError: If the spec is damaged, or a job cannot be made.
        UsageError: If it would write to a lake and may not.
    """
    from atlasod_tui.jobs import launch  # noqa: PLC0415 - not at start-up

    spec = view.spec()
    if read_only and uploads(spec):
        raise UsageError(_READ_ONLY)
    arguments = spec.arguments | ({"force": True} if replace and "force" in spec.arguments else {})
    return launch.submit(msgspec.structs.replace(spec, arguments=arguments, version=__version__)).id


def resume(view: JobView, *, skip_failing: bool, read_only: bool) -> None:
    """Go on with a job from its finished pieces.

    Raises:
        JobError: If it cannot go on.
        UsageError: If it would write to a lake and may not.
    """
    from atlasod_tui.jobs import control  # noqa: PLC0415 - not at start-up

    if read_only and uploads(view.spec()):
        raise UsageError(_READ_ONLY)
    control.resume(view.folder, skip_failing=skip_failing)


def remove(view: JobView) -> None:
    """Delete a job's folder.

    Raises:
        JobError: If it runs, or cannot be deleted.
    """
    from atlasod_tui.jobs import control  # noqa: PLC0415 - not at start-up

    control.remove(view.folder)


def write_log(view: JobView) -> Path:
    """Copy the log of a job into the current folder, and return where it is.

    Raises:
        JobError: If that cannot be done.
    """
    try:
        here = Path.cwd()
    except OSError as error:
        raise JobError(f"the current folder cannot be used: {os.strerror(error.errno or 0)}") from error
    return export(view.folder.log_file, here, view.id)
