"""From what a verb was asked to do to a job: in the foreground, or left to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlasod_tui import shown

if TYPE_CHECKING:
    from pathlib import Path

    import msgspec

    from atlasod_tui.cli.options import Wishes


def submit(  # noqa: PLR0913 - one for each thing a job has
    task: str,
    arguments: msgspec.Struct,
    title: str,
    workers: int | None,
    wishes: Wishes,
    *,
    detach: bool,
    queues: bool = True,
) -> int:
    """Make a job and start it; with ``detach`` print its id, else show it until it ends; return the exit code.

    A job that only moves bytes need not queue behind those that compute.
    """
    import msgspec  # noqa: PLC0415 - not for --help

    from atlasod_tui.cli import foreground  # noqa: PLC0415
    from atlasod_tui.cli.jobs import say_id  # noqa: PLC0415
    from atlasod_tui.jobs import launch  # noqa: PLC0415
    from atlasod_tui.jobs.folder import Spec, create  # noqa: PLC0415

    fields = msgspec.to_builtins(arguments)
    job = create(Spec(task=task, title=title, arguments=fields, workers=workers or 0, queues=queues))
    wishes.detail(f"job {job.id}, folder {shown.escape(str(job.path))}")
    if detach:
        launch.start_new(job)
        say_id(job, wishes)
        return 0
    return foreground.attend(job, title, wishes, begin=lambda: launch.start_new(job))


def absolute(path: Path) -> Path:
    """Return a path from the root, of which links stay as they are.

    Raises:
        UsageError: If it is relative to a folder that is gone.
    """
    from atlasod_tui.jobs import here  # noqa: PLC0415 - not for --help

    return here.absolute(path)
