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


def speed(jobs: Iterable[JobView], task: str) -> float | None:
    """Return the bytes per second of the last jobs of a task that are done; None if there were none to speak of.

    Args:
        jobs: Newest first.
        task: Name of its module, such as ``multiply``.
    """
    moved = seconds = 0.0
    done = [
        job.status
        for job in jobs
        if job.task.endswith(f".{task}:run") and job.status.state is State.DONE and job.status.unit == "B"
    ]
    for status in done[:_RECENT]:
        if status.rate > 0 and status.total > 0:
            moved += status.total
            seconds += status.total / status.rate
    return moved / seconds if moved >= _ENOUGH_BYTES else None
