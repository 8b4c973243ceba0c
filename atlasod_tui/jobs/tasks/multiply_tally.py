"""How far a multiply job is, in bytes: those fetched until the first output is begun, then those of the outputs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from atlasod_tui.jobs.tasks.supply import also_fetched

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext


class Tally:
    """Counts the bytes of the outputs that are not skipped; for several threads.

    Args:
        context: The job, which is told.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._copying = False
        self._still = ""  # how much of the sources has been fetched, as long as that is not all

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each output, estimated where its sources have not arrived."""
        with self._lock:
            return dict(self._sizes)

    @property
    def is_complete(self) -> bool:
        """Whether every byte has been written."""
        with self._lock:
            return sum(self._done.values()) == sum(self._sizes.values())

    def expect(self, name: str, size: int, *, done: int = 0) -> None:
        """Count on an output of a size, of which some bytes are there."""
        with self._lock:
            self._sizes[name] = size
            if done:
                self._done[name] = done

    def drop(self, name: str) -> None:
        """Forget an output, which is skipped."""
        with self._lock:
            self._sizes.pop(name, None)
            self._done.pop(name, None)

    def begin(self) -> None:
        """Say that an output is begun."""
        with self._lock:
            self._copying = True
            self._report(f"copying{self._still}")

    def advance(self, name: str, done: int) -> None:
        """Say how many bytes of an output have been written."""
        with self._lock:
            self._done[name] = done
        self.report()

    def fetched(self, done: int, total: int) -> None:
        """Say how many bytes of the sources have been fetched."""
        with self._lock:
            before, self._still = self._still, also_fetched(done, total)
            if not self._copying:
                self._context.progress(done=done, total=total, phase="fetching files")
            elif self._still != before:
                self._context.progress(phase=f"copying{self._still}")

    def report(self) -> None:
        """Tell the job how far it is."""
        with self._lock:
            if self._copying:
                self._report()

    def _report(self, phase: str | None = None) -> None:
        self._context.progress(done=sum(self._done.values()), total=sum(self._sizes.values()), phase=phase)
