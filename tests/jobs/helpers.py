"""What several tests of jobs need: a spec of the test task, and waiting with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from atlasod_tui.jobs import control
from atlasod_tui.jobs.folder import Spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.jobs.status import State, Status

DEADLINE = 15.0


def spec(home: Path, *, pieces: int = 5, title: str = "add", workers: int = 1, **arguments: Any) -> Spec:
    """Return a spec of `tests.jobs.pieces`; its output goes to ``home/sum.txt`` unless told otherwise."""
    arguments.setdefault("output", str(home / "sum.txt"))
    return Spec(
        task="tests.jobs.pieces:run",
        title=title,
        arguments={"pieces": pieces, **{key: _plain(value) for key, value in arguments.items()}},
        workers=workers,
    )


def until(condition: Callable[[], bool], what: str, seconds: float = DEADLINE, every: float = 0.01) -> None:
    """Wait for a condition, looked at every so many seconds, and fail the test if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {seconds} s")
        time.sleep(every)


def lives(pid: int) -> bool:
    """Return whether a process runs; a zombie does not, and may stay where nobody fetches orphans (a container)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until_state(job: JobFolder, wanted: State) -> Status:
    """Wait for a state of a job and return its status."""
    until(lambda: control.state(job).state is wanted, f"state {wanted}")
    return control.state(job)


def until_in_hand(job: JobFolder, name: str) -> Status:
    """Wait until a job has a file in hand and return its status."""
    until(lambda: control.state(job).current == name, f"{name} in hand")
    return control.state(job)


def _plain(value: object) -> object:
    return value if isinstance(value, int | str | list) else str(value)
