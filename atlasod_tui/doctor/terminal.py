"""The terminal: size, colours, and whether it can show more than ASCII."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Iterator

from atlasod_tui.doctor.finding import Finding, note, ok

_NARROWEST, _LOWEST = 80, 24
_TRUE_COLOUR = {"truecolor", "24bit"}
_FEW = 16


def look() -> Iterator[Finding]:
    """Yield what is found of the terminal that this process writes to."""
    yield _size()
    if sys.stdout.isatty():
        yield _colours()
    yield _characters()


def _size() -> Finding:
    name = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        return note("terminal", "the output goes to no terminal", "The screen needs one; verbs do not.", term=name)
    columns, lines = shutil.get_terminal_size((0, 0))
    sentence = f"the terminal ({name or 'TERM is not set'}) has {columns} columns and {lines} lines"
    facts = {"term": name, "columns": columns, "lines": lines}
    if name in {"", "dumb", "unknown"}:
        return note("terminal", sentence, "It says that it can do nothing: set TERM, for instance to xterm.", **facts)
    if columns < _NARROWEST or lines < _LOWEST:
        return note("terminal", sentence, f"Make it {_NARROWEST} x {_LOWEST} or larger.", **facts)
    return ok("terminal", sentence, **facts)


def _colours() -> Finding:
    if os.environ.get("NO_COLOR"):
        return note("terminal", "NO_COLOR is set: hatches take the place of colours", colours=0)
    if os.environ.get("COLORTERM", "").lower() in _TRUE_COLOUR:
        return ok("terminal", "the terminal has all colours", colours=1 << 24)
    number = _number_of_colours()
    if number > _FEW:
        return ok("terminal", f"the terminal has {number} colours", colours=number)
    hint = "If it has more, say so: TERM=xterm-256color, or COLORTERM=truecolor."
    return note(
        "terminal", f"the terminal has {number} colours, too few to tell groups in a plot apart", hint, colours=number
    )


def _number_of_colours() -> int:
    """Return what the terminal's description says; 0 if there is none."""
    try:
        import curses  # noqa: PLC0415 - not in every Python

        curses.setupterm(os.environ.get("TERM", "dumb"), sys.__stdout__.fileno() if sys.__stdout__ else 1)
        return max(0, curses.tigetnum("colors"))
    except (ImportError, OSError, ValueError, curses.error):
        return 256 if "256color" in os.environ.get("TERM", "") else 0


def _characters() -> Finding:
    encoding = (sys.stdout.encoding or "ascii").lower()
    wanted = next((value for key in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(key))), "not set")
    facts = {"encoding": encoding, "locale": wanted}
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return note(
            "terminal",
            f"the locale {wanted} is not installed here",
            "Choose one of: locale -a, or LANG=C.UTF-8.",
            **facts,
        )
    if encoding.replace("-", "") == "utf8":
        return ok("terminal", f"text is written in UTF-8 (locale {wanted})", **facts)
    return note(
        "terminal",
        f"text is written in {encoding} (locale {wanted}): plots are drawn in ASCII",
        "Set LANG=C.UTF-8, here and in the terminal program.",
        **facts,
    )
