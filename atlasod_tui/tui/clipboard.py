"""Copying: by an escape sequence (OSC 52) that the terminal puts in the clipboard, over SSH too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from textual.app import App

from atlasod_tui import shown
from atlasod_tui.tui.equivalent import Copied

_LARGEST = 74_000
"""Bytes that many terminals take at the most: 100 000 once encoded."""
_SHOWN = 40


def copy(app: App[Any], copied: Copied, environment: Mapping[str, str] = os.environ) -> str:
    """Have the terminal copy a text, and return a sentence that says what was copied, and what may be in the way.

    Nobody tells whether it came through: terminals do not answer. So the sentence says what they want.
    """
    if len(copied.text.encode(errors="replace")) > _LARGEST:
        return f"The {copied.what} is too long for a terminal's clipboard."
    # What cannot be encoded is no text that could be pasted anywhere.
    app.copy_to_clipboard(copied.text.encode(errors="replace").decode())
    return f"Copied the {copied.what}: {_short(copied.text)}{_way(environment)}"


def _short(text: str) -> str:
    line = shown.escape(text.strip())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."


def _way(environment: Mapping[str, str]) -> str:
    if environment.get("TMUX"):
        return " (tmux passes it on with: set -g set-clipboard on)"
    if environment.get("STY"):
        return " (screen keeps it for itself: hold Shift and select with the mouse)"
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return " (this terminal has no way to: hold Fn and select with the mouse)"
    return " (through the terminal, OSC 52)"
