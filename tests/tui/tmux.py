"""A real terminal for tests: tmux, with a server of its own; keys are sent, the screen is read."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.conftest import unavailable

POLL = 0.05


class Tmux:
    """A program in a terminal of so many cells; a context manager, which ends the terminal.

    Args:
        folder: For the server's socket; its path must be short.
        command: What runs in the terminal.
        environment: Variables beyond those of this process.
        size: Columns and rows.
    """

    def __init__(
        self, folder: Path, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        if shutil.which("tmux") is None:
            unavailable("tmux", "there is no tmux on this machine")
        self._socket = folder / "tmux"
        columns, rows = size
        # What runs in the pane outlives the program: its last words and exit code can be read.
        variables = [word for pair in environment.items() for word in ("-e", "=".join(pair))]
        script = f'{shlex.join(command)}; echo "[ended with $?]"; sleep 1000'
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), *variables, script)
        self._run("set", "-sg", "escape-time", "10")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the terminal, whatever runs in it."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, check=False)

    def keys(self, *names: str) -> None:
        """Press keys, by tmux's names: ``Enter``, ``Escape``, ``Down``, or a character."""
        for name in names:
            self._run("send-keys", name)

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("send-keys", "-l", "--", text)

    def screen(self) -> str:
        """Return what is on the screen."""
        return self._run("capture-pane", "-p")

    def until(self, wanted: str | Callable[[str], object], deadline: float = 30) -> str:
        """Return the screen as soon as it shows a text, or what a function wants.

        Raises:
            AssertionError: If it does not in time, with the screen.
        """
        end = time.monotonic() + deadline
        while True:
            screen = self.screen()
            if wanted in screen if isinstance(wanted, str) else wanted(screen):
                return screen
            assert time.monotonic() < end, f"not within {deadline:g} s: {wanted}\n{screen}"
            time.sleep(POLL)

    def _run(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
