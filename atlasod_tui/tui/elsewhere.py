"""A command that has the terminal to itself for a while, as a login that asks for a password."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atlasod_tui import processes, shown
from atlasod_tui.errors import AtlasodError

if TYPE_CHECKING:
    from textual.app import App


def run(app: App[Any], arguments: Sequence[str], said: str) -> None:
    """Leave the screen for as long as a verb takes; where it failed, until what it said is read.

    Args:
        app: Whose screen is left.
        arguments: Of ``atlasod-tui``.
        said: What is said beforehand, as a sentence; may hold text from outside.

    Raises:
        AtlasodError: If it cannot be started.
    """
    command = [sys.executable, "-P", "-m", "atlasod_tui", *arguments]
    failed: OSError | None = None
    with app.suspend():
        # Ctrl+c is for the command, which hears of it too, once it is there; its handler is the default one again.
        early: list[int] = []
        before = signal.signal(signal.SIGINT, lambda number, _: early.append(number))
        try:
            _say(f"{shown.escape(said)}\n")
            process = subprocess.Popen(command, env=processes.environment())  # noqa: S603 - our own
            if early:
                process.send_signal(signal.SIGINT)
            if process.wait():
                _say("\nEnter goes back to the screen. ")
                sys.stdin.readline()
        except OSError as error:  # not let through: Textual would not come back
            failed = error
        finally:
            signal.signal(signal.SIGINT, before)
    if failed is not None:
        raise AtlasodError(f"the command cannot be started: {failed}") from failed


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
