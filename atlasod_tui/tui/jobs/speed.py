"""How fast the jobs of a task were, for guessing how long another one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlasod_tui.jobs.status import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlasod_tui.tui.jobs.watch import JobView

_ENOUGH_BYTES = 1_000_000
"""Jobs that moved less together tell nothing of the speed."""
_RECENT = 5
_UPLOADING = "uploading"
_WORK = {"multiply": "copying", "get": "fetching", "put": _UPLOADING}
"""The phase that does the work of a task."""


def speed(jobs: Iterable[JobView], task: str, *, uploads: bool = False) -> float | None:
    """Return the bytes per second of the last jobs of a task that are done; None if there were none to speak of.

    Args:
        jobs: Newest first.
        task: Name of its module, such as ``multiply``.
        uploads: Whether what is made is uploaded too, which takes much longer than the work itself.
    """
    phases = {_WORK[task], _UPLOADING} if uploads else {_WORK[task]}
    moved = seconds = 0.0
    done = [
        job.status
        for job in jobs
        if job.task.endswith(f".{task}:run")
        and job.status.state is State.DONE
        and job.status.unit == "B"
        and all(job.status.rates.get(phase, 0) > 0 for phase in phases)
    ]
    for status in done[:_RECENT]:
        moved += status.total
        seconds += sum(status.total / status.rates[phase] for phase in phases)
    return moved / seconds if moved >= _ENOUGH_BYTES else None
