"""A job in words, signs and numbers: what the panel, the list of jobs and the toasts say of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from atlasod_tui import shown
from atlasod_tui.jobs.status import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.jobs.status import Status
    from atlasod_tui.tui.jobs.watch import JobView
    from atlasod_tui.tui.looks.look import Look

_ROLES = {
    State.QUEUED: "quiet",
    State.RUNNING: "busy",
    State.CANCELLING: "busy",
    State.CANCELLED: "quiet",
    State.FAILED: "bad",
    State.DONE: "good",
    State.WAITING: "warn",
    State.LOST: "bad",
    State.DAMAGED: "bad",
}
_ENDINGS = {
    State.FAILED: "failed",
    State.LOST: "is lost",
    State.DAMAGED: "is damaged",
    State.CANCELLED: "was cancelled",
}
ROLES = ("quiet", "busy", "bad", "good", "warn")
"""What colours a state, besides its word."""

WORD = 10
"""Cells of the longest word of a state."""
BRIEF = 11
"""Cells of a brief time."""
_TITLE = 60
_ETA_FROM, _ETA_AFTER = 0.05, 3.0
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


def role(state: State) -> str:
    """Return what colours a state: one of `ROLES`."""
    return _ROLES[state]


def word(state: State) -> str:
    """Return a state in at most `WORD` cells."""
    return "upload due" if state is State.WAITING else state.value


def short(view: JobView) -> str:
    """Return what people call a job: the analysis, or its title; may hold text from outside."""
    return view.title.removeprefix("analyse ") or view.title


def window_title(view: JobView, look: Look) -> str:
    """Return what the terminal's title says of a job that ended: ``✔ HZZ``; harmless."""
    return f"{look.glyphs.state(view.status.state)} {shown.escape(short(view)[:_TITLE])}"


def ended(view: JobView) -> str:
    """Return what became of a job, as a sentence; may hold text from outside."""
    status = view.status
    if status.state is State.DONE:
        left_out = f"; {status.skipped} left out" if status.skipped else ""
        return f"{view.title} is done{left_out}: 3 shows it"
    return f"{view.title}: {status.message or status.state.value}"


def why_nothing(view: JobView) -> str:
    """Return why a job that ended made nothing, as a sentence; empty if it is at work or done; of text from outside."""
    status = view.status
    if (ending := _ENDINGS.get(status.state)) is None:
        return ""
    why = f": {status.message.rstrip('.')}" if status.message else ""
    return f"{view.title} {ending}{why}. Its log says more: 3, then right."


def share(status: Status) -> float | None:
    """Return how much is done, from 0 to 1; None if that is not known."""
    if not status.total:
        return 1.0 if status.state in {State.DONE, State.WAITING} else None
    return min(1.0, max(0.0, status.done / status.total))


def percent(status: Status) -> str:
    """Return the share in whole percent, 100 only of what is all done; empty if it is not known."""
    part = share(status)
    return "" if part is None else f"{int(100 * part)}%"


def amount(status: Status) -> str:
    """Return how much of how much is done: ``8.1/13.2 M``, ``1.2/2.1 GB``, ``3/7 plots``."""
    if not status.total:
        return ""
    unit = "B" if status.unit == "B" else ""
    whole = shown.size(status.total, unit)
    number, _, prefix = whole.partition(" ")
    factor = status.total / float(number)
    part = f"{status.done / factor:.3g}" if factor else "0"
    counted = f" {status.unit}" if status.unit not in {"B", "events"} else ""
    return f"{part}/{number} {prefix}".rstrip() + counted


def rate(status: Status) -> str:
    """Return the speed: ``412 k ev/s``, ``96 MB/s``; empty if nothing moves."""
    if not status.rate:
        return ""
    unit = "ev" if status.unit == "events" else status.unit
    text = shown.size(status.rate, unit if unit == "B" else "")
    return f"{text}/s" if unit == "B" else f"{text} {unit}/s"


def left(view: JobView) -> str:
    """Return the time left: ``0:43``; empty while nobody can tell: before 5 % or three seconds."""
    status = view.status
    if status.eta_s is None or not status.state.active:
        return ""
    if (share(status) or 0) < _ETA_FROM and status.updated - view.since < _ETA_AFTER:
        return ""
    return countdown(status.eta_s)


def countdown(seconds: float) -> str:
    """Return a time span in few cells: ``0:43``, ``12:05``, ``2 h 10``, ``3 d 4 h``."""
    whole = max(0, round(seconds))
    if whole >= _DAY:
        return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
    if whole >= _HOUR:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d}"
    return f"{whole // _MINUTE}:{whole % _MINUTE:02d}"


def took(view: JobView) -> str:
    """Return how long an ended job existed, from its making to its end; empty if that is not known."""
    seconds = view.status.updated - view.created
    return shown.duration(seconds) if view.created and view.status.updated and seconds >= 0 else ""


def when(seconds: float, now: datetime, *, brief: bool = False) -> str:
    """Return a time of day, with the date where that is not today's, in the zone of ``now``; empty if there is none.

    What a damaged file says may be no time of any calendar. ``brief`` leaves out the seconds, and this year: it takes
    `BRIEF` cells.
    """
    if not seconds:
        return ""
    try:
        moment = datetime.fromtimestamp(seconds, now.tzinfo)
    except (OverflowError, ValueError, OSError):
        return ""
    if moment.date() == now.date():
        return f"{moment:%H:%M}" if brief else f"{moment:%H:%M:%S}"
    if brief:
        return f"{moment:%m-%d %H:%M}" if moment.year == now.year else f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M}"


def doing(view: JobView) -> str:
    """Return what an active job does now, or what became of another; may hold text from outside."""
    status = view.status
    if status.state.active:
        return status.message or status.phase
    if status.state is State.DONE:
        return " ".join(filter(None, (f"took {took(view)}" if took(view) else "", _left_out(status))))
    return status.message or status.state.value


def counts(views: Sequence[JobView], look: Look) -> str:
    """Return how many jobs there are in each state: ``1 running · 4 done``; empty without jobs."""
    found: dict[State, int] = {}
    for view in views:
        found[view.status.state] = found.get(view.status.state, 0) + 1
    return f" {look.glyphs.dot} ".join(f"{found[state]} {word(state)}" for state in State if state in found)


def _left_out(status: Status) -> str:
    return f"({status.skipped} left out)" if status.skipped else ""
