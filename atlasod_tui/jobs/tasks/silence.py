"""Servers that do not answer: after a while, the files that only they have are given up without asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable

LASTS = 30.0
"""Seconds without an answer after which a server is asked no more; one that is started anew needs less."""
FILES = 3
"""Files in a row that it must have failed to give: it may be slow with one alone."""


class Silence:
    """What is known of the servers that the files of a job are on; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, list[float]] = {}

    def failed(self, hosts: Iterable[str], begun: float) -> None:
        """Say that servers did not answer for a file, which was asked for from a time (monotonic) on."""
        with self._lock:
            for host in hosts:
                self._begun.setdefault(host, []).append(begun)

    def answered(self, host: str) -> None:
        """Say that a server gave a file."""
        with self._lock:
            self._begun.pop(host, None)

    def is_silent(self, host: str) -> bool:
        """Return whether a server did not answer when it was asked last."""
        with self._lock:
            return host in self._begun

    def reason(self, name: str, hosts: Collection[str]) -> str:
        """Return why a file need not be asked for: it is only on servers that have been silent for too long; or ''."""
        if not hosts or not all(map(self._lasts, hosts)):
            return ""
        return f"{name!r} was not asked for: {', '.join(sorted(hosts))} did not answer for the files before it"

    def _lasts(self, host: str) -> bool:
        with self._lock:
            begun = self._begun.get(host, [])
            return len(begun) >= FILES and time.monotonic() - begun[0] >= LASTS
