"""A job on one line: sign and word and name, which stay, then bar and numbers, which change in their places."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.cells import Line, Part, fit
from atlasod_tui.tui.jobs import words as job_words

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView
    from atlasod_tui.tui.looks.look import Look

_HEAD = job_words.WORD + 4
"""Cells of sign and word."""
_PERCENT, _LEFT = 5, 9
_AMOUNT, _RATE = 13, 12
_LEAST_FOR_AMOUNT, _LEAST_FOR_RATE = 64, 44
"""Cells beside sign and word; a terminal of 80 columns has 66."""
_NAME, _BAR = (8, 40), (3, 32)
"""Least and most cells."""
_LEAST_TEXT = 8


class _Columns(NamedTuple):
    name: int
    bar: int
    amount: int
    rate: int
    text: int


def names_width(width: int) -> int:
    """Return how many cells of a line what stays has: sign, word and name."""
    return _HEAD + _columns(width - _HEAD).name + 1


def name(view: JobView, width: int, look: Look) -> Line:
    """Return what stays while a job works, in `names_width` of so many cells."""
    status = view.status
    head = f" {look.glyphs.state(status.state)} {job_words.word(status.state).ljust(job_words.WORD)} "
    title = fit(view.title, _columns(width - _HEAD).name, more=look.glyphs.more)
    return [Part(head, job_words.role(status.state)), Part(title + " ", "name")]


def numbers(view: JobView, width: int, look: Look) -> Line:
    """Return what changes, in the cells that are left; the places of its parts depend on the width alone."""
    status, more = view.status, look.glyphs.more
    plan = _columns(width - _HEAD)
    if status.state not in {State.RUNNING, State.CANCELLING} or not status.total:
        return [Part(fit(job_words.doing(view), width - names_width(width), more=more), "text")]
    counted = (
        (job_words.percent(status), _PERCENT),
        (job_words.amount(status), plan.amount),
        (job_words.rate(status), plan.rate),
        (job_words.left(view), _LEFT),
    )
    parts = [Part(look.glyphs.filled(job_words.share(status) or 0.0, plan.bar), "bar")]
    parts += [Part(text.rjust(cells)[:cells], "number") for text, cells in counted if cells]
    if plan.text:
        parts.append(Part("  " + fit(job_words.doing(view), plan.text - 2, more=more), "text"))
    return [*parts, Part(" ", "number")]  # they do not touch the edge


def more(hidden: int, key: str) -> str:
    """Return what stands for the jobs that there is no line for: press ``key``."""
    return f" ({hidden} more: {key})"


@lru_cache(maxsize=64)
def _columns(room: int) -> _Columns:
    """Share out what sign and word leave; a blank follows the name, and another one the last number."""
    amount = _AMOUNT if room >= _LEAST_FOR_AMOUNT else 0
    rate = _RATE if room >= _LEAST_FOR_RATE else 0
    rest = max(0, room - 2 - _PERCENT - amount - rate - _LEFT)
    name = min(_NAME[1], max(_NAME[0], rest * 7 // 10))
    bar = min(_BAR[1], max(_BAR[0], rest - name))
    text = rest - name - bar
    if text < _LEAST_TEXT:
        bar, text = bar + max(0, text), 0
    return _Columns(name, bar, amount, rate, text)
