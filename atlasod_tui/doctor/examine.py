"""All looks at once: none of them waits for another, and one that hangs, as a dead file system does, is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from atlasod_tui.doctor import cache, disk, lakes, machine, python, session, terminal
from atlasod_tui.doctor.finding import Finding, Look, State
from atlasod_tui.errors import AtlasodError

PATIENCE_S = 12.0
"""A server has 5 s to take a connection, then 5 s to answer, and there may be a second question."""

LAKE_PROBLEM, OTHER_PROBLEM = 3, 1


def examine(lake: str | None = None, *, offline: bool = False) -> list[Finding]:
    """Return what is found of this machine and of the lakes, in the order of the topics.

    Args:
        lake: The lake that is used; ``None`` for the one that is taken without a name.
        offline: Whether no server is to be asked.
    """
    looks = [
        Look("terminal", "terminal", terminal.look),
        Look("machine", "machine", machine.look),
        Look("disk", "disk", disk.look),
        Look("disk", "the cache", cache.look),
        Look("python", "python", python.look),
        Look("session", "session", session.look),
        *lakes.looks(lake, offline=offline),
    ]
    runs = [_Run(look) for look in looks]
    end = time.monotonic() + PATIENCE_S
    return [finding for run in runs for finding in run.result(end - time.monotonic())]


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 3 for a problem of the lake in use, 1 for any other, 0 without."""
    problems = [finding for finding in findings if finding.state is State.PROBLEM]
    if any(finding.in_use for finding in problems):
        return LAKE_PROBLEM
    return OTHER_PROBLEM if problems else 0


class _Run:
    """A look on a thread that nobody waits for in the end."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._found: list[Finding] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found.extend(self._look.find())
        except Exception as error:  # noqa: BLE001 - one look that fails is a finding, and the others go on
            self._error = error

    def result(self, seconds: float) -> list[Finding]:
        """Return what was found, waiting no longer than so many seconds."""
        self._thread.join(max(0.0, seconds))
        found = list(self._found)
        if self._thread.is_alive():
            return [*found, self._problem(f"looking at {self._look.what} did not end within {PATIENCE_S:.0f} s")]
        if isinstance(self._error, AtlasodError):
            return [*found, self._problem(self._error.message, self._error.hint)]
        if self._error is not None:
            what = f"{type(self._error).__name__}: {self._error}"
            return [*found, self._problem(f"looking at {self._look.what} failed: {what}")]
        return found

    def _problem(self, sentence: str, hint: str = "") -> Finding:
        return Finding(self._look.topic, State.PROBLEM, sentence, hint, in_use=self._look.in_use)
