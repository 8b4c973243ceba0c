"""How far the files of an analysis job are: the events for its progress, the sums for who watches."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atlasod_tui.engine.sums import Sums
from atlasod_tui.jobs.tasks.supply import also_fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from atlasod_tui.engine.histograms import Layout
    from atlasod_tui.jobs.context import JobContext
    from atlasod_tui.jobs.tasks.parts import Part

READING = "reading events"
"""The phase of it."""

Source = tuple[str, str, int]
"""A file of a sample of an analysis: names of both, and its number."""

Progress = dict[Source, tuple[int, int]]
"""Of each file that was opened and is not skipped: events read, and events in it."""


@dataclass
class _SoFar:
    """How far a file is: the sums of its finished pieces, its events, and how many of them have been read."""

    sums: Sums
    total: int
    done: int = 0


@dataclass
class _Active:
    """A piece that a thread works on: the sums it adds to, and what they were after the last chunk that was counted."""

    part: Part
    sums: Sums
    counted: Sums


class Tally:
    """Counts the events of the files that are not skipped; those of files not opened yet are estimated by their bytes.

    Args:
        context: The job, which is told.
        layouts: Of the sums, by the name of the analysis.
        describe: Returns what goes with the sums for who watches, given how far each file is.
    """

    def __init__(
        self,
        context: JobContext,
        layouts: Mapping[str, Layout],
        describe: Callable[[Progress], Mapping[str, npt.NDArray[Any]]],
    ) -> None:
        self._context, self._layouts, self._describe = context, layouts, describe
        self._lock = threading.Lock()
        self._expected: dict[Source, int] = {}  # bytes of files to come
        self._opened = 0  # bytes of those that came, for the estimate
        self._so_far: dict[Source, _SoFar] = {}
        self._done = self._total = 0  # of these
        self._reading = False
        self._still = ""  # how much of the files has been fetched, as long as that is not all
        self._active: dict[int, _Active] = {}
        self.read = 0
        """Events that this run has read."""
        self.resumed = 0
        """Events that earlier runs had read."""

    def expect(self, source: Source, size: int) -> None:
        """Count on a file of so many bytes."""
        self._expected[source] = size

    def opened(self, source: Source, size: int, entries: int) -> None:
        """Count a file in."""
        with self._lock:
            self._expected.pop(source, None)
            self._opened += size
            self._so_far[source] = _SoFar(Sums.zero(self._layouts[source[0]]), entries)
            self._total += entries

    @property
    def is_empty(self) -> bool:
        """Whether no file has been counted in."""
        return not self._so_far

    def fetched(self, done: int, total: int) -> None:
        """Say how many bytes of the files have been fetched: all that there is to tell until one is counted in."""
        with self._lock:
            before, self._still = self._still, also_fetched(done, total)
            if self.is_empty:
                self._context.progress(done=done, total=total, unit="B")
            elif self._reading and self._still != before:
                self._context.progress(phase=f"{READING}{self._still}")

    def drop(self, source: Source) -> None:
        """Forget a file, which is skipped."""
        with self._lock:
            self._expected.pop(source, None)
            so_far = self._so_far.pop(source, None)
            if so_far is not None:
                self._done -= so_far.done
                self._total -= so_far.total

    def resume(self, part: Part, sums: Sums) -> None:
        """Count a piece that an earlier run finished."""
        with self._lock:
            so_far = self._so_far[part.source]
            so_far.sums.add(sums)
            so_far.done += part.events
            self._done += part.events
            self.resumed += part.events

    def begin(self, part: Part, sums: Sums) -> None:
        """Show the sums of a piece that this thread works on, until it counts as finished or its file is skipped."""
        with self._lock:
            self._active[threading.get_ident()] = _Active(part, sums, Sums.zero(self._layouts[part.analysis]))

    def end(self, part: Part, sums: Sums) -> None:
        """Count the sums of the piece that this thread has finished."""
        with self._lock:
            self._active.pop(threading.get_ident(), None)
            if part.source in self._so_far:
                self._so_far[part.source].sums.add(sums)

    def take_back(self, part: Part, events: int) -> None:
        """Forget what this thread has read of a piece: it cannot be finished, or is to be read at another place."""
        with self._lock:
            self._active.pop(threading.get_ident(), None)
            self._add(part, -events)

    def advance(self, part: Part, events: int) -> None:
        """Count events that have been read: only then who watches sees them, or sums and events would not agree."""
        with self._lock:
            active = self._active.get(threading.get_ident())
            if active is not None:
                np.copyto(active.counted.sums, active.sums.sums)
                np.copyto(active.counted.counts, active.sums.counts)
            self._add(part, events)
        self.report()
        self._context.live(self.snapshot)

    def _add(self, part: Part, events: int) -> None:
        self.read += events
        if part.source in self._so_far:
            self._so_far[part.source].done += events
            self._done += events

    def report(self, phase: str | None = None) -> None:
        """Tell the job how far it is, and what is being done from now on."""
        with self._lock:
            done, total = self._done, self._total
            if phase is not None:
                self._reading = phase == READING
                phase += self._still if self._reading else ""
            if self._expected and self._opened:
                total += round(total * sum(self._expected.values()) / self._opened)
            if self._so_far or not self._expected:
                self._context.progress(done=done, total=total, unit="events", phase=phase)
            else:
                self._context.progress(phase=phase)

    def snapshot(self) -> dict[str, npt.NDArray[Any]]:
        """Return the sums so far per analysis and sample, laid out as `engine.histograms.Layout` says, and of what."""
        totals: dict[tuple[str, str], Sums] = {}
        with self._lock:
            progress = {source: (so_far.done, so_far.total) for source, so_far in self._so_far.items()}
            known = [(source, so_far.sums) for source, so_far in self._so_far.items() if so_far.done]
            known += [(one.part.source, one.counted) for one in self._active.values() if one.part.source in progress]
            for (analysis, sample, _), sums in known:
                totals.setdefault((analysis, sample), Sums.zero(self._layouts[analysis])).add(sums)
        arrays: dict[str, npt.NDArray[Any]] = {}
        for (analysis, sample), sums in totals.items():
            arrays[f"{analysis}.{sample}.sums"] = sums.sums
            arrays[f"{analysis}.{sample}.counts"] = sums.counts
        return arrays | dict(self._describe(progress))
