"""How long an upload lasts, typed as days or as a date; both are shown, the date in UTC as in rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from atlasod_tui.tui.equivalent import lifetime as word
from atlasod_tui.tui.widgets.field import Field

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

FOREVER = "forever"
DEFAULT = "7d"
LONGEST = 36525 * 86400
"""Seconds of a hundred years, the longest that ``--lifetime`` takes."""
_DAY = 86400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY, "": _DAY}
_TIME = re.compile(r"([0-9]{1,8}) ?([smhdw]?)")
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")
_HOW = "Days such as 7d, hours such as 12h, a date such as {day:%Y-%m-%d}, or forever."
_SOON = 2 * _DAY
"""Seconds below which the hour of the end matters."""


class Lifetime(NamedTuple):
    """What was typed: seconds (None: for ever), or why it is no lifetime, as a sentence."""

    seconds: int | None
    problem: str = ""


def parse(text: str, now: datetime) -> Lifetime:
    """Return the lifetime that a text means: ``7d``, ``12h``, ``7``, ``2026-11-30``, ``30 Nov 2026``, ``forever``.

    A date is so many whole days from today on, both in UTC.
    """
    text, now = text.strip(), now.astimezone(UTC)
    if text.lower() == FOREVER:
        return Lifetime(None)
    example = _HOW.format(day=now + timedelta(days=14))
    if match := _TIME.fullmatch(text.lower()):
        seconds = int(match[1]) * _UNITS[match[2]]
        if not seconds:
            return Lifetime(0, f"That is no time at all. {example}")
        return _checked(seconds)
    day = _date(text)
    if day is None:
        return Lifetime(0, example if text else f"For how long? {example}")
    days = (day - now.date()).days
    if days < 1:
        when = "today: give hours, such as 12h." if days == 0 else "over."
        return Lifetime(0, f"{day:%a %d %b %Y} is {when}")
    return _checked(days * _DAY)


def told(seconds: int | None, now: datetime) -> str:
    """Return a lifetime in both ways: ``7d = until Mon 30 Nov 2026 (UTC)``."""
    if seconds is None:
        return "for ever: nothing ends it but you"
    end = now.astimezone(UTC) + timedelta(seconds=seconds)
    zone = f", {end:%H:%M} UTC" if seconds < _SOON else " (UTC)"
    return f"{word(seconds)} = until {end:%a %d %b %Y}{zone}"


def _checked(seconds: int) -> Lifetime:
    if seconds > LONGEST:
        return Lifetime(0, f"That is longer than a hundred years: say {FOREVER}.")
    return Lifetime(seconds)


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


class LifetimeField(Field):
    """A field for a lifetime, with what it means beside it.

    Args:
        world: Has the clock.
        id: Of the widget.
    """

    def __init__(self, world: World, *, id: str = "lifetime") -> None:  # noqa: A002 - Textual's name
        super().__init__("lifetime", DEFAULT, id=id, width=14)
        self._world = world

    @property
    def lifetime(self) -> Lifetime:
        """What is meant now."""
        return parse(self.text, self._world.now())

    def judge(self) -> str:
        """Show what is meant, and return why it cannot be, as a sentence."""
        found = self.lifetime
        self.explain("" if found.problem else told(found.seconds, self._world.now()))
        return found.problem
