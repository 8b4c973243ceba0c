"""What there is to read of an analysis: its words, samples, histograms and quirks, as rich draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from atlasod_tui import prose, shown
from atlasod_tui.engine.author import Analysis
from atlasod_tui.plots.labels import plain
from atlasod_tui.tui.analyses.availability import Availability, GroupState, SampleState, Where, summary

if TYPE_CHECKING:
    from rich.console import RenderableType

    from atlasod_tui.engine.registry import BrokenAnalysis
    from atlasod_tui.tui.looks.look import Glyphs

STYLES = {
    Where.LOCAL: "good",
    Where.LAKE: "accent",
    Where.MADE: "accent",
    Where.SMALL: "muted",
    Where.COMING: "warning",
    Where.MISSING: "warning",
    Where.UNKNOWN: "muted",
}
"""How the places of samples look."""
_READ_ON = "`atlasod-tui analyses show higgs` prints such a text; here, f3 looks up words."
_LONGEST = 200
"""Characters of a name from outside."""
_MANY = 4
"""So many slices of one process are named together."""
_WIDEST_NAME, _WHERE, _SIZE = 24, 13, 7
"""Cells of the columns of samples, alike in all groups."""


def sign(where: Where, glyphs: Glyphs) -> str:
    """Return the character that stands beside the word."""
    return {
        Where.LOCAL: glyphs.there,
        Where.LAKE: glyphs.absent,
        Where.MADE: glyphs.absent,
        Where.SMALL: glyphs.dot,
        Where.COMING: glyphs.absent,
        Where.MISSING: glyphs.warning,
        Where.UNKNOWN: glyphs.dot,
    }[where]


def whole(item: Analysis | BrokenAnalysis, text: str | None, there: Sequence[RenderableType]) -> list[RenderableType]:
    """Return all there is to read of an analysis; ``there`` is what is told of its samples."""
    if not isinstance(item, Analysis):
        return broken(item)
    return [*words(item, text), *there, *histograms(item), *quirks(item)]


def words(analysis: Analysis, text: str | None) -> list[RenderableType]:
    """Return what the analysis is about: its text, or what its file says where it has none."""
    if text is not None:
        return [prose.document(prose.harmless(text)), *([_plain(_READ_ON)] if "Read on:" in text else [])]
    parts: list[RenderableType] = [_heading(f"{analysis.name}: {analysis.title}")]
    parts += [_plain(line) for line in analysis.description.splitlines()]
    if analysis.look_for:
        parts += [_heading("What to look for"), _plain(analysis.look_for)]
    return parts


def broken(item: BrokenAnalysis) -> list[RenderableType]:
    """Return what is wrong with an analysis that cannot be loaded, and where to mend it."""
    return [
        Text(f"{_escaped(item.name)} is broken", style="say.bad"),
        Text(),
        _plain(item.error),
        Text(),
        _plain(f"Its file is {item.path}"),
        Text("o shows it; mend it with an editor, then R reads it again. The others are not harmed.", "say.muted"),
    ]


def samples(there: Availability, source: str, trouble: str, glyphs: Glyphs) -> list[RenderableType]:
    """Return which samples are needed, group by group, and where each is.

    Args:
        there: Where they are.
        source: What the input is, in words.
        trouble: Why that is not known, or what is wrong; empty if nothing is.
        glyphs: What to draw with.
    """
    parts: list[RenderableType] = [_heading("Samples")]
    size = "" if there.bytes is None else f" {glyphs.dot} {shown.size(there.bytes, 'B')}"
    parts += [Text(f"input: {_escaped(source)}", style="say.muted"), Text(summary(there) + size)]
    if there.counts[Where.SMALL]:
        parts.append(Text("It leaves out samples of which hardly an event would be selected.", style="say.muted"))
    if trouble:
        parts.append(Text(f"{glyphs.warning} {shown.escape(trouble)}", style="say.warning"))
    if there.twice:
        names = ", ".join(map(_escaped, there.twice))
        text = f"{glyphs.warning} {names} would be counted twice: choose one set of files when you run it"
        parts.append(Text(text, style="say.warning"))
    width = max((len(one.name) for one in there.samples if one.files), default=0)
    for group in there.groups:
        parts += _group(group, glyphs, min(width, _WIDEST_NAME))
    return parts


def histograms(analysis: Analysis) -> list[RenderableType]:
    """Return the histograms it fills."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="say.muted", expand=False)
    table.add_column("histogram", no_wrap=True, overflow="ellipsis")
    for title in ("bins", "from", "to"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("axis", overflow="fold")
    for one in analysis.histograms:
        name = f"{one.name}_*" if one.channels else one.name
        style = "say.heading" if one.name == analysis.main else ""
        cells = (name, str(one.nbins), f"{one.lo:g}", f"{one.hi:g}", plain(one.xtitle or one.title).strip())
        table.add_row(*(Text(_escaped(cell)) for cell in cells), style=style)
    return [_heading("Histograms"), table]


def quirks(analysis: Analysis) -> list[RenderableType]:
    """Return what the framework does that one would not expect."""
    if not analysis.quirks:
        return []
    parts: list[RenderableType] = [_heading("Quirks of the framework")]
    for quirk in analysis.quirks:
        line = Text(_escaped(quirk.name), style="bold")
        line.append(f": {_escaped(quirk.what)}", style="not bold")
        parts.append(line)
        if quirk.touches:
            parts.append(_below(f"touches {', '.join(quirk.touches)}"))
        parts.append(_below(f"variant fixed: {quirk.fixed}" if quirk.fixed else "kept in variant fixed"))
    return parts


def together(names: Iterable[str]) -> list[str]:
    """Return names of samples, those of many slices of one process as ``Zee_PTV* (14)``."""
    slices: dict[str, list[str]] = {}
    for name in names:
        stem, mark, _ = name.partition("_PTV")
        slices.setdefault(stem + mark if mark else name, []).append(name)
    found = []
    for stem, members in slices.items():
        found += [f"{stem}* ({len(members)})"] if len(members) >= _MANY else members
    return found


def _group(group: GroupState, glyphs: Glyphs, width: int) -> list[RenderableType]:
    label = plain(group.label).strip() or group.name
    parts: list[RenderableType] = [Text(), Text(f"{_escaped(label)} ({len(group.samples)})", style="say.heading")]
    here = [one for one in group.samples if one.files]
    if here:
        parts.append(_there(here, glyphs, width))
    absent: dict[tuple[Where, str], list[str]] = {}
    for one in group.samples:
        if not one.files:
            absent.setdefault((one.where, one.skim), []).append(one.name)
    for (where, skim), names in absent.items():
        of = f" of {skim}" if where is Where.MISSING else ""
        text = f"{sign(where, glyphs)} {where}{_escaped(of)}: {', '.join(map(_escaped, together(names)))}"
        parts.append(Padding(Text(text, style=f"say.{STYLES[where]}"), (0, 0, 0, 2)))
    return parts


def _there(found: Sequence[SampleState], glyphs: Glyphs, width: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=False)
    table.add_column(no_wrap=True, overflow="ellipsis", min_width=width)
    table.add_column(no_wrap=True, min_width=_WHERE)
    table.add_column(no_wrap=True, justify="right", min_width=_SIZE)
    table.add_column(style="say.muted")  # the one that is cut where there is no room for all
    for one in found:
        where = Text(f"{sign(one.where, glyphs)} {one.where}", style=f"say.{STYLES[one.where]}")
        size = "" if one.bytes is None else shown.size(one.bytes, "B")
        files = f"{len(one.files)} files in " if len(one.files) > 1 else ""
        places = ", ".join(_escaped(shown.path(place)) for place in one.places)
        folder = Text(files + places, no_wrap=True, overflow="ellipsis")
        table.add_row(Text(_escaped(one.name)), where, Text(size), folder)
    return Padding(table, (0, 0, 0, 2))


def _heading(text: str) -> RenderableType:
    return Padding(Text(_escaped(text), style="bold"), (1, 0, 0, 0))


def _plain(text: str) -> Text:
    return Text(shown.escape(text))


def _below(text: str) -> RenderableType:
    return Padding(Text(_escaped(text), style="say.muted"), (0, 0, 0, 2))


def _escaped(text: str) -> str:
    return shown.escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
