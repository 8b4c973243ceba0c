"""The list of analyses: what a line says of one, and the last results there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from atlasod_tui import shown
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.registry import BrokenAnalysis
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.analyses.availability import Availability, Where, summary
from atlasod_tui.tui.analyses.details import STYLES, sign
from atlasod_tui.tui.cells import Cell, Column
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.jobs.reader import ANALYSE

if TYPE_CHECKING:
    from atlasod_tui.tui.analyses.inputs import Input
    from atlasod_tui.tui.jobs.watch import JobView
    from atlasod_tui.tui.looks.look import Glyphs
    from atlasod_tui.tui.world import World

_LONGEST = 400
"""Characters of an input that are shown."""
_LACKING = (Where.COMING, Where.MISSING)
_ENDED = frozenset({State.DONE, State.WAITING})


class AnalysisRow(NamedTuple):
    """A line of the list."""

    item: Analysis | BrokenAnalysis
    text: str | None
    """What it is about, in Markdown; None where it has no text."""
    own: str = ""
    """Whose it is, in words; empty for one of the program's."""

    @property
    def name(self) -> str:
        """The name of the analysis."""
        return self.item.name

    @property
    def analysis(self) -> Analysis | None:
        """The analysis, unless it is broken."""
        return self.item if isinstance(self.item, Analysis) else None


class Runs(NamedTuple):
    """The jobs of an analysis: the newest at work, and the newest with a result."""

    running: JobView | None = None
    done: JobView | None = None

    @property
    def latest(self) -> JobView | None:
        """The one whose plots are to be seen."""
        return self.running or self.done


@dataclass
class SamplesAndRuns:
    """What the list tells beside names; lines are drawn anew when it changed.

    Attributes:
        world: Has glyphs and the clock.
        there: Where the samples are, by the name of the analysis.
        runs: Jobs, by the name of the analysis.
    """

    world: World
    there: dict[str, Availability] = field(default_factory=dict)
    runs: dict[str, Runs] = field(default_factory=dict)


def read() -> list[AnalysisRow]:
    """Return the analyses with their texts, broken ones last: each file is run, so this is for a thread."""
    from atlasod_tui.engine import registry, words  # noqa: PLC0415 - not at start-up

    rows = []
    for item in registry.find_analyses().values():
        text: str | None = None
        if isinstance(item, Analysis):
            try:
                text = words.words(item)
            except AtlasodError as error:  # which harms nothing else that is to be shown
                text = error.whole
        rows.append(AnalysisRow(item, text, registry.own(item)))
    return sorted(rows, key=lambda row: row.analysis is None)


def runs(jobs: Iterable[JobView], names: Iterable[str]) -> dict[str, Runs]:
    """Return the jobs of each analysis, by the titles that the verb gives its jobs.

    Args:
        jobs: The newest first.
        names: Of analyses.
    """
    found = {_key(name): Runs() for name in names}
    for view in jobs:
        if view.task != ANALYSE:
            continue
        words = [_key(word) for word in view.title.split()[1:]]
        for key in found if words == ["all"] else words:
            if key in found:
                found[key] = _with(found[key], view)
    return {name: found[_key(name)] for name in names}


def _with(known: Runs, view: JobView) -> Runs:
    if view.active:
        return known._replace(running=known.running or view)
    if view.status.state in _ENDED and view.status.result:
        return known._replace(done=known.done or view)
    return known


def _key(name: str) -> str:
    return name.casefold().removesuffix("analysis")


def columns(facts: SamplesAndRuns) -> list[Column[AnalysisRow]]:
    """Return the columns of the list; all fit into 80 cells but for the last two."""
    return [
        Column("analysis", lambda row: row.name, 13, sort=lambda row: row.name.casefold()),
        Column("what it looks for", _title),
        Column("local", lambda row: _count(facts, row, (Where.LOCAL, Where.MADE)), 6, sort=_sorter(facts, Where.LOCAL)),
        Column("lake", lambda row: _count(facts, row, (Where.LAKE,)), 6, sort=_sorter(facts, Where.LAKE)),
        Column("missing", lambda row: _count(facts, row, _LACKING), 7, sort=_sorter(facts, Where.MISSING)),
        Column("skim", _skim, 14, sort=_skim, from_width=88),
        Column("last result", lambda row: _last(facts, row), 16, from_width=104),
    ]


def last_result(facts: SamplesAndRuns, name: str) -> str:
    """Return when an analysis was run last, or how far it is, in a few words; empty if it never was."""
    known = facts.runs.get(name, Runs())
    if known.running is not None:
        status = known.running.status
        glyph = facts.world.look.glyphs.state(status.state)
        return f"{glyph} {job_words.word(status.state)} {job_words.percent(status)}".rstrip()
    if known.done is None:
        return ""
    return job_words.when(known.done.status.updated, facts.world.now())


def about(facts: SamplesAndRuns, row: AnalysisRow, skims: Sequence[str]) -> str:
    """Return what there is no column for, in a line; harmless.

    Args:
        facts: What is known.
        row: The analysis.
        skims: Those that the input has files of.
    """
    if row.analysis is None:
        return "o shows its file, R reads it again"
    there, run, skim = facts.there.get(row.name), facts.runs.get(row.name, Runs()), row.analysis.skim
    parts = [skim]
    if there is not None and there.hopeless:
        instead = f": there is {' and '.join(skims)}" if skims else ": there is no file of the release"
        parts.append(f"all missing{'' if skim in skims else instead}")
    elif there is not None:
        parts.append(summary(there))
    last = last_result(facts, row.name)
    parts.append("no result yet: a runs it" if not last else f"p: {last}" if run.running else f"p: result of {last}")
    return shown.escape(f" {facts.world.look.glyphs.dot} ".join(parts))


def input_line(source: Input, selected: int, glyphs: Glyphs) -> Text:
    """Return where the samples come from, and how many analyses are selected, in a line; harmless."""
    dot = f" {glyphs.dot} "
    text = Text("input: ", style="dim")
    text.append(shown.escape(source.sentence()[:_LONGEST]), style="bold not dim")
    if selected:
        text.append(f"{dot}{selected} selected", style="bold not dim")
    else:
        text.append(f"{dot}i changes it{dot}space selects")
    return text


def _title(row: AnalysisRow) -> str | Cell:
    mark = f"{row.own}: " if row.own else ""
    if row.analysis is None:
        return Cell(f"{mark}broken: {getattr(row.item, 'error', '')}", "bad")
    return f"{mark}{row.analysis.title}"


def _skim(row: AnalysisRow) -> str:
    return row.analysis.skim if row.analysis is not None else ""


def _count(facts: SamplesAndRuns, row: AnalysisRow, wheres: tuple[Where, ...]) -> str | Cell:
    there = facts.there.get(row.name)
    if there is None:
        return ""
    glyphs, counts = facts.world.look.glyphs, there.counts
    if counts[Where.UNKNOWN]:
        return Cell(glyphs.more, "muted")
    number = sum(counts[where] for where in wheres)
    if not number:
        return Cell("0", "muted")
    where = next(where for where in reversed(wheres) if counts[where])
    return Cell(f"{sign(where, glyphs)} {number}", STYLES[where])


def _sorter(facts: SamplesAndRuns, where: Where) -> Callable[[AnalysisRow], int]:
    def key(row: AnalysisRow) -> int:
        there = facts.there.get(row.name)
        return there.counts[where] if there is not None else -1

    return key


def _last(facts: SamplesAndRuns, row: AnalysisRow) -> str | Cell:
    text = last_result(facts, row.name)
    return Cell(text, "accent") if facts.runs.get(row.name, Runs()).running is not None else text


def refused(
    action_id: str, cursor: AnalysisRow | None, chosen: Sequence[AnalysisRow], facts: SamplesAndRuns, *, selected: bool
) -> str:
    """Return why an action cannot be done with what is chosen, as a sentence; empty if it can.

    Args:
        action_id: Of the registry.
        cursor: The line under the cursor.
        chosen: What is selected, or else that line.
        facts: What is known of jobs.
        selected: Whether anything is selected.
    """
    broken = [row.name for row in chosen if row.analysis is None]
    if action_id == "analyses.launch" and broken:
        return f"{shown.escape(broken[0])} is broken and cannot be run: its line says why."
    if action_id == "analyses.result" and cursor is not None and facts.runs.get(cursor.name, Runs()).latest is None:
        return f"There is no result of {shown.escape(cursor.name)} yet: a runs it."
    if action_id == "analyses.clear" and not selected:
        return "Nothing is selected: space selects an analysis, * all of them."
    return ""
