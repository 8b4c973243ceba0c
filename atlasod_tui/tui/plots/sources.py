"""Where plots come from: results of jobs, finished or not, and folders that were opened; and their list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.jobs.reader import ANALYSE

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView

_FINISHED = frozenset({State.DONE, State.WAITING})


@dataclass(frozen=True)
class Source:
    """One analysis of a result.

    Attributes:
        folder: The folder of the result, which may be yet to come.
        analysis: The framework's name of the analysis.
        job: The folder of the job that makes it, or made it; empty for a folder that was opened.
        state: Of the job; None for a folder that was opened.
        when: When the job was made, seconds since the epoch; 0 if that is not known.
    """

    folder: str
    analysis: str
    job: str = ""
    state: State | None = None
    when: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """What it stays the same by: the job or the folder, and the analysis."""
        return self.job or self.folder, self.analysis

    @property
    def name(self) -> str:
        """The name of the analysis."""
        return self.analysis.removesuffix("Analysis")

    @property
    def job_id(self) -> str:
        """The id of the job; empty without one."""
        return Path(self.job).name if self.job else ""

    @property
    def finished(self) -> bool:
        """Whether the result is there, whole."""
        return self.state is None or self.state in _FINISHED

    @property
    def running(self) -> bool:
        """Whether the plot goes on to change."""
        return self.state is not None and self.state.active


@dataclass(frozen=True)
class ResultRow:
    """A line of the list: a result, or one of its histograms."""

    source: Source
    histogram: str = ""

    @property
    def key(self) -> tuple[tuple[str, str], str]:
        """What it stays the same by."""
        return self.source.key, self.histogram


class _Analysis(msgspec.Struct):
    framework_name: str


class _Arguments(msgspec.Struct):
    output: str
    analyses: list[_Analysis]


class SourceFinder:
    """Finds results; all of it is for a thread, as homes may be on a file server that hangs."""

    def __init__(self) -> None:
        self._arguments: dict[str, _Arguments | None] = {}
        self._opened: list[Path] = []

    def open(self, folder: Path) -> None:
        """Have a folder among the results from now on."""
        if folder not in self._opened:
            self._opened = [folder, *self._opened]  # another list: a thread may be at the one before

    def find(self, views: Iterable[JobView]) -> list[Source]:
        """Return the results: folders that were opened, then those of jobs in their order, the newest first.

        Of jobs that wrote to the same folder the newest counts; one that ended without a result is there if it left a
        plot of what it had read.
        """
        found: dict[tuple[str, str], Source] = {}
        for view in views:
            for source in self._of_job(view):
                if source.finished:
                    found.setdefault((source.folder, source.analysis), source)
                else:
                    found[source.key] = source
        known = {Path(source.folder) for source in found.values()}
        opened = [source for folder in self._opened if folder not in known for source in _of_folder(folder)]
        return [*opened, *found.values()]

    def _of_job(self, view: JobView) -> list[Source]:
        if view.task != ANALYSE:
            return []
        if view.id not in self._arguments:
            self._arguments[view.id] = _arguments(view)
        arguments, state = self._arguments[view.id], view.status.state
        if arguments is None:
            return []
        folder = Path(arguments.output)
        there = folder / "manifest.json" if state in _FINISHED else view.folder.live_file
        if not state.active and not os.path.isfile(there):  # noqa: PTH113 - one out of reach is none, and no error
            return []
        names = [item.framework_name for item in arguments.analyses]
        return [Source(str(folder), name, view.path, state, view.created) for name in names]


def _arguments(view: JobView) -> _Arguments | None:
    """Return the arguments of a job; None if they cannot be understood."""
    try:
        return msgspec.convert(view.spec().arguments, _Arguments)
    except (AtlasodError, msgspec.MsgspecError, OSError):
        return None


def _of_folder(folder: Path) -> list[Source]:
    """Return the analyses of a folder; one without any by its name, so that to open it says why."""
    from atlasod_tui.plots.results import find  # noqa: PLC0415 - loads the analyses

    try:
        return [Source(str(folder), result.analysis.framework_name) for result in find(folder)]
    except (AtlasodError, OSError, ValueError):
        return [Source(str(folder), "")]


def rows(sources: Sequence[Source], opened: tuple[str, str] | None, histograms: Sequence[str]) -> list[ResultRow]:
    """Return the list: each result, the one that is open with its histograms below it."""
    found = []
    for source in sources:
        found.append(ResultRow(source))
        if source.key == opened:
            found += [ResultRow(source, name) for name in histograms]
    return found


def same_analysis(sources: Iterable[Source], one: Source) -> list[Source]:
    """Return the results that one can be compared with."""
    return [other for other in sources if other.analysis == one.analysis and other.key != one.key]


def renewed(sources: Iterable[Source], old: Source) -> Source | None:
    """Return a result as it is now; None if it is gone."""
    return next((source for source in sources if source.key == old.key), None)


def stamp(views: Iterable[JobView]) -> tuple[Any, ...]:
    """Return what changes when results come, go or become complete; not with every event that is read."""
    return tuple((view.id, view.status.state) for view in views if view.task == ANALYSE)
