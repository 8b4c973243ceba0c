"""What a terminal can, told by environment and streams, and whether the screen can be shown on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from atlasod_tui.errors import AtlasodError, UsageError

SMALLEST = (60, 16)
"""Columns and lines that the screen needs."""
ALL_COLOURS, MANY_COLOURS, FEW_COLOURS = 1 << 24, 256, 16
_HEADLESS = "Without the screen: `atlasod-tui ls` and the other verbs of `atlasod-tui --help`."
_CAN_NOTHING = {"", "dumb", "unknown"}
_TRUE = {"truecolor", "24bit"}
_LIGHT_PAPER = {"7", "15"}
_NO_LOCALE = {"C", "POSIX"}
_COERCED = {"C.UTF-8", "C.utf8", "UTF-8"}
"""What Python sets LC_CTYPE to where the locale is C."""


def refusal(
    environment: Mapping[str, str], streams: tuple[TextIO | None, TextIO | None, TextIO | None], size: tuple[int, int]
) -> AtlasodError | None:
    """Return why the screen cannot be shown, with what to use in its place; None if it can.

    Args:
        environment: Of the process.
        streams: Standard input, output and error; Textual reads the first and draws on the last.
        size: Columns and lines of the terminal.
    """
    for stream, what in zip(streams, ("input comes from", "output goes to", "error output goes to"), strict=True):
        if not _is_terminal(stream):
            return UsageError(f"the screen needs a terminal, but the {what} none", _HEADLESS)
    name = environment.get("TERM", "")
    if name in _CAN_NOTHING:
        said = f"TERM is {name}" if name else "TERM is not set"
        return UsageError(
            f"the screen cannot be shown on this terminal: {said}",
            f"If it can do more, say so: TERM=xterm-256color. {_HEADLESS}",
        )
    if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        return UsageError(f"the terminal is too small: {_sizes(size)}", _HEADLESS)
    return None


def too_small(size: tuple[int, int]) -> str:
    """Return what is said while a terminal is too small; empty if it is not."""
    if size[0] >= SMALLEST[0] and size[1] >= SMALLEST[1]:
        return ""
    return f"terminal too small: {_sizes(size)} (headless: `atlasod-tui ls`)"


def no_way_back() -> str:
    """Return why this process is not to be stopped, as a sentence: no shell would have it go on; empty if one would.

    A shell that has jobs gives each a process group of its own; what stands between us and it would not be stopped.
    """
    parent = os.getppid()
    if os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp():
        return ""
    return "There is no shell to go back to."


def _sizes(size: tuple[int, int]) -> str:
    needed = "x".join(map(str, SMALLEST))
    return f"{needed} needed, here are {size[0]}x{size[1]}"


def colours(environment: Mapping[str, str]) -> int:
    """Return how many colours a terminal says that it has; 0 with NO_COLOR.

    They are those that Rich, and so Textual, will use.
    """
    if environment.get("NO_COLOR"):
        return 0
    forced = {"truecolor": ALL_COLOURS, "256": MANY_COLOURS, "standard": FEW_COLOURS}
    if wanted := forced.get(environment.get("TEXTUAL_COLOR_SYSTEM", "")):
        return wanted
    if environment.get("COLORTERM", "").strip().lower() in _TRUE:
        return ALL_COLOURS
    kind = environment.get("TERM", "").strip().lower().rpartition("-")[2]
    return MANY_COLOURS if kind in {"256color", "kitty"} else FEW_COLOURS


def is_light(environment: Mapping[str, str]) -> bool:
    """Return whether a terminal says that its paper is light, which few do."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_PAPER


def is_console(environment: Mapping[str, str]) -> bool:
    """Return whether this is the console of Linux, whose fonts have no more than 512 characters."""
    return environment.get("TERM", "") == "linux"


def speaks_utf8(environment: Mapping[str, str], stdout: TextIO | None, *, coerced: bool | None = None) -> bool:
    """Return whether more than ASCII may be shown: where the locale is set, it has to be one of UTF-8.

    Args:
        environment: Of the process.
        stdout: The standard output.
        coerced: Whether Python found the locale C and set another one in its place; asked of Python without it.
    """
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    if "utf" not in encoding.lower():
        return False
    values = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if (bool(sys.flags.utf8_mode) if coerced is None else coerced) and not values[0] and values[1] in _COERCED:
        values[1] = ""
    chosen = next(filter(None, values), "")
    if not chosen:  # nobody said anything, as in a container: terminals of today know UTF-8
        return True
    return chosen not in _NO_LOCALE and "utf8" in chosen.lower().replace("-", "")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
