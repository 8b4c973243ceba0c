"""How a job's progress is shown: a bar on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import os
import sys
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from atlasod_tui.cli import output

if TYPE_CHECKING:
    from atlasod_tui.jobs.status import Status

LINE_EVERY = 5.0


class Display(Protocol):
    """Something that shows the moments of a job."""

    def update(self, status: Status) -> None:
        """Show a moment of the job."""

    def close(self) -> None:
        """Leave the terminal as it should be."""


def display(title: str, *, quiet: bool) -> Display:
    """Return the display that suits the standard error."""
    if quiet:
        return _Silence()
    if sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return _Bar(title)
    return _Lines(title)


class _Silence:
    def update(self, status: Status) -> None:
        pass

    def close(self) -> None:
        pass


class _Lines:
    """A line whenever the phase changes, and every few seconds."""

    def __init__(self, title: str) -> None:
        self._title = output.escape(title)
        self._heading = ""
        self._next = 0.0

    def update(self, status: Status) -> None:
        heading = _heading(status)
        if heading != self._heading or (status.state.active and time.monotonic() >= self._next):
            self._heading = heading
            self._next = time.monotonic() + LINE_EVERY
            output.note(": ".join(part for part in (self._title, heading, _numbers(status)) if part))

    def close(self) -> None:
        pass


class _Bar:
    """One bar; drawn when there is something new, not by a thread of its own."""

    def __init__(self, title: str) -> None:
        from rich.console import Console  # noqa: PLC0415 - a terminal alone pays for it
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}", markup=False),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._task = self._progress.add_task(output.escape(title), total=None, text="")
        self._progress.start()

    def update(self, status: Status) -> None:
        text = ", ".join(part for part in (_heading(status), _numbers(status)) if part)
        self._progress.update(self._task, total=status.total or None, completed=status.done, text=text, refresh=True)

    def close(self) -> None:
        self._progress.stop()


def _heading(status: Status) -> str:
    """Return what is being done: the phase while running, the state otherwise."""
    if status.state.value in {"running", "queued"} and status.phase:
        return output.escape(status.phase)
    return str(status.state)


def _numbers(status: Status) -> str:
    parts = []
    if status.total:
        parts.append(f"{output.size(status.done)} of {output.size(status.total)} events")
    if status.rate:
        parts.append(f"{output.size(status.rate)} events/s")
    if status.eta_s is not None and status.state.active:
        parts.append(f"{output.duration(status.eta_s)} left")
    if status.current and status.state.active:
        parts.append(output.escape(PurePath(status.current).name))
    if status.skipped:
        parts.append(f"{status.skipped} skipped")
    return ", ".join(parts)
