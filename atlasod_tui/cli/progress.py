"""How a job's progress is shown: a bar on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import os
import sys
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from atlasod_tui import shown
from atlasod_tui.cli import output

if TYPE_CHECKING:
    from rich.console import OverflowMethod, RenderableType

    from atlasod_tui.jobs.status import Status

LINE_EVERY = 5.0
_BAR_WIDTH = 16
_TITLE_WIDTH = 20
_BYTES = "B"  # every other unit is counted


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
    """A line whenever the phase changes, and every few seconds if it is another one."""

    def __init__(self, title: str) -> None:
        self._title = shown.escape(title)
        self._heading = self._last = ""
        self._next = 0.0

    def update(self, status: Status) -> None:
        heading = _heading(status)
        if heading != self._heading or (status.state.active and time.monotonic() >= self._next):
            self._heading = heading
            self._next = time.monotonic() + LINE_EVERY
            numbers = ", ".join(part for part in (_numbers(status), _file(status)) if part)
            line = ": ".join(part for part in (self._title, heading, numbers) if part)
            if line != self._last:
                output.note(line)
            self._last = line

    def close(self) -> None:
        pass


class _Bar:
    """A line that says what is done and a bar with the numbers below it, which together fit 80 columns."""

    def __init__(self, title: str) -> None:
        from rich.console import Console  # noqa: PLC0415 - a terminal alone pays for it
        from rich.live import Live  # noqa: PLC0415

        self._title = shown.escape(title)
        self._ascii = not shown.knows_unicode(sys.stderr)
        # Drawn when there is something new, not by a thread of its own.
        self._live = Live(console=Console(stderr=True), auto_refresh=False)
        self._live.start()

    def update(self, status: Status) -> None:
        from rich.console import Group  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        cut: OverflowMethod = "crop" if self._ascii else "ellipsis"
        # A title that holds the name of a file may not push out what is being done.
        title = Text(self._title)
        title.truncate(max(_TITLE_WIDTH, self._live.console.width // 2), overflow=cut)
        what = ": ".join(part for part in (title.plain, _heading(status), _file(status)) if part)
        bar = Table.grid(padding=(0, 1))
        bar.add_row(self._drawn(status), Text(_numbers(status), no_wrap=True, overflow=cut))
        self._live.update(Group(Text(what, no_wrap=True, overflow=cut), bar), refresh=True)

    def close(self) -> None:
        self._live.stop()

    def _drawn(self, status: Status) -> RenderableType:
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        total = status.total or 1
        if self._ascii:
            full = max(0, min(_BAR_WIDTH, int(_BAR_WIDTH * status.done / total)))
            return Text("#" * full + "-" * (_BAR_WIDTH - full))
        return ProgressBar(total, status.done, _BAR_WIDTH)


def _heading(status: Status) -> str:
    """Return what is being done: the phase while running, the state otherwise."""
    if status.state.value in {"running", "queued"} and status.phase:
        return shown.escape(status.phase)
    return str(status.state)


def amount(value: float, unit: str) -> str:
    """Return how much that is: ``1.2 M events``, ``7 plots``, ``1.2 GB``."""
    return shown.size(value, unit) if unit == _BYTES else f"{shown.size(value)} {unit}"


def _numbers(status: Status) -> str:
    parts = []
    if status.total:
        done = amount(status.done, status.unit)
        parts.append(
            f"{done if status.unit == _BYTES else shown.size(status.done)} of {amount(status.total, status.unit)}"
        )
    if status.rate:
        parts.append(f"{amount(status.rate, status.unit)}/s")
    if status.eta_s is not None and status.state.active:
        parts.append(f"{shown.duration(status.eta_s)} left")
    if status.skipped:
        parts.append(f"{status.skipped} skipped")
    return ", ".join(parts)


def _file(status: Status) -> str:
    """Return the name of the file in hand."""
    return shown.escape(PurePath(status.current).name) if status.state.active else ""
