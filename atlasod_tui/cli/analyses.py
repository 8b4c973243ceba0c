"""``atlasod-tui analyses``: what each analysis is about, and the background to read."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output, prose
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atlasod_tui.engine.author import Analysis, Histogram, Quirk
    from atlasod_tui.engine.registry import BrokenAnalysis
    from atlasod_tui.engine.words import Topic

_HISTOGRAM = ("name", "channels", "title", "xtitle", "nbins", "lo", "hi")
_MANY = 4
"""So many slices of one process are named together."""

_SHORT = 4
"""Words of a title that have more letters lead to what it names."""


@click.group(invoke_without_command=True)
@common
@click.pass_context
def analyses(context: click.Context, wishes: Wishes) -> None:
    """List the analyses, the user's own included, and texts to read; or show one."""
    if context.invoked_subcommand is None:
        _list(wishes)


@analyses.command()
@click.argument("name")
@common
def show(wishes: Wishes, name: str) -> None:
    """Show an analysis: what it is about, its samples, histograms and quirks; or a text by its name (higgs)."""
    from atlasod_tui.engine import registry, words  # noqa: PLC0415 - not for --help

    found, topics = registry.find_analyses(), words.topics()
    if not _named(name, found):
        topic = topics.get(name.casefold())
        if topic is None:
            raise _unknown(name, found, topics)
        _show_topic(topic, words.topic(name), wishes)
        return
    analysis = registry.analysis(name)
    try:
        text = words.words(analysis)
    except UsageError as error:  # which harms nothing else that is to be shown
        output.complain(error)
        text = None
    if wishes.json:
        output.say_json(_document(analysis) | {"words": text})
    else:
        _say(analysis, text)


def _named(name: str, found: Mapping[str, Analysis | BrokenAnalysis]) -> bool:
    wanted = name.casefold().removesuffix("analysis")
    return any(item.name.casefold() == wanted for item in found.values())


def _unknown(name: str, found: Mapping[str, Analysis | BrokenAnalysis], topics: Mapping[str, Topic]) -> UsageError:
    """Return an error that names what is near: by its name, else by a word of its title."""
    titles = {item.name: getattr(item, "title", "") for item in (*found.values(), *topics.values())}
    known = {word: shown for shown, title in titles.items() for word in title.casefold().split() if len(word) > _SHORT}
    known |= {shown.casefold(): shown for shown in titles}
    near = difflib.get_close_matches(name.casefold().removesuffix("analysis"), known, 3, 0.75)
    names = dict.fromkeys([known[word] for word in near] or titles)
    return UsageError(
        f"there is no analysis and no text {name!r}", f"Try {', '.join(names)}; 'atlasod-tui analyses' lists them."
    )


def _list(wishes: Wishes) -> None:
    from atlasod_tui.engine import words  # noqa: PLC0415 - not for --help
    from atlasod_tui.engine.registry import find_analyses  # noqa: PLC0415

    entries = [_summary(analysis) for analysis in find_analyses().values()]
    if wishes.json:
        output.say_json(entries)
        return
    rows = [
        (entry["name"], "-", _marked(entry["own"], f"broken: {entry['error']}"))
        if "error" in entry
        else (entry["name"], entry["skim"], _marked(entry["own"], entry["title"]))
        for entry in entries
    ]
    _say_table(("analysis", "skim", ""), rows)
    topics = words.topics().values()
    if topics:
        output.say()
        _say_table(("background", ""), [(topic.name, topic.title) for topic in topics])
        output.note("\n'atlasod-tui analyses show NAME' shows one.")


def _marked(own: str, text: str) -> str:
    """Return words with whose they are before them, as what is long may be cut."""
    return f"{own}: {text}" if own else text


def _show_topic(topic: Topic, text: str, wishes: Wishes) -> None:
    if wishes.json:
        output.say_json({"name": topic.name, "title": topic.title, "path": str(topic.path), "words": text})
    else:
        prose.say_markdown(text)


def _summary(analysis: Analysis | BrokenAnalysis) -> dict[str, Any]:
    from atlasod_tui.engine.registry import own  # noqa: PLC0415 - not for --help

    common_fields = {"name": analysis.name, "path": str(analysis.path), "own": own(analysis)}
    if hasattr(analysis, "error"):
        return common_fields | {"error": analysis.error}
    names = ("framework_name", "title", "skim")
    return common_fields | {name: getattr(analysis, name) for name in names}


def _document(analysis: Analysis) -> dict[str, Any]:
    return _summary(analysis) | {
        "description": analysis.description,
        "look_for": analysis.look_for,
        "groups": {group: list(names) for group, names in analysis.groups.items()},
        "overlays": {group: list(names) for group, names in analysis.overlays.items()},
        "factors": dict(analysis.group_factors),
        "labels": {group: look.label for group, look in analysis.looks.items()},
        "histograms": [{name: getattr(booked, name) for name in _HISTOGRAM} for booked in analysis.histograms],
        "quirks": [
            {"name": quirk.name, "what": quirk.what, "touches": list(quirk.touches), "fixed": quirk.fixed}
            for quirk in analysis.quirks
        ],
    }


def _say(analysis: Analysis, text: str | None) -> None:
    from atlasod_tui.engine.registry import own  # noqa: PLC0415 - not for --help

    mark = f" ({whose})" if (whose := own(analysis)) else ""
    output.say(prose.fill(f"{analysis.name} ({analysis.framework_name}): {analysis.title}{mark}"))
    if text is not None:
        output.say()
        prose.say_markdown(text)
    else:
        look_for = [f"Look for: {analysis.look_for}"] if analysis.look_for else []
        if lines := [*analysis.description.splitlines(), *look_for]:
            _say_lines("", lines)
    output.say(f"\nskim: {shown.escape(analysis.skim)}")
    stacked = "samples:" if analysis.fits else "samples, from the bottom of the stack:"
    _say_lines(stacked, _groups(analysis, analysis.groups))
    if analysis.overlays:
        _say_lines("drawn over the stack:", _groups(analysis, analysis.overlays))
    output.say()
    _say_histograms(analysis.histograms)
    families = dict.fromkeys(histogram.channels for histogram in analysis.histograms if histogram.channels)
    _say_lines_of([f"*: {', '.join(channels)}" for channels in families])
    if analysis.quirks:
        _say_lines("quirks of the framework:", [line for quirk in analysis.quirks for line in _quirk_lines(quirk)])


def _groups(analysis: Analysis, groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    lines = []
    for group, samples in groups.items():
        look, factor = analysis.looks.get(group), analysis.group_factors.get(group)
        excepted = ", ".join(analysis.factor_exceptions.get(group, ()))
        label = f" [{_plain(look.label)}]" if look and look.label != group else ""
        scaled = ", scaled to the stack" if look and look.normalised else ""
        if factor:
            scaled = f" x {factor:g} by hand" + (f" (not in {excepted})" if excepted else "")
        lines.append(f"  {group}{label}{scaled}: {', '.join(_together(samples))}")
    return lines


def _together(samples: tuple[str, ...]) -> list[str]:
    """Return names of samples, those of many slices of one process as ``Zee_PTV* (14)``."""
    slices: dict[str, list[str]] = {}
    for name in samples:
        stem, mark, _ = name.partition("_PTV")
        slices.setdefault(stem + mark if mark else name, []).append(name)
    shown = []
    for stem, names in slices.items():
        shown += [f"{stem}* ({len(names)})"] if len(names) >= _MANY else names
    return shown


def _say_histograms(histograms: tuple[Histogram, ...]) -> None:
    header = ("histogram", "bins", "from", "to", "axis")
    rows = [(_name(h), str(h.nbins), f"{h.lo:g}", f"{h.hi:g}", _plain(h.xtitle or h.title)) for h in histograms]
    _say_table(header, rows, right=("bins", "from", "to"))


def _say_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[str] = ()) -> None:
    """Write a table; on a terminal its last column is cut to what is left of the width."""
    before = list(zip(header, *rows, strict=True))[:-1]
    taken = sum(max(len(shown.escape(cell)) for cell in column) + 2 for column in before)
    output.say_table(header, [(*row[:-1], prose.cut(row[-1], taken)) for row in rows], right=right)


def _name(histogram: Histogram) -> str:
    return f"{histogram.name}_*" if histogram.channels else histogram.name


def _plain(tlatex: str) -> str:
    from atlasod_tui.plots.labels import plain  # noqa: PLC0415 - not for --help

    return plain(tlatex).strip()


def _quirk_lines(quirk: Quirk) -> list[str]:
    touched = f"    touches {', '.join(quirk.touches)}" if quirk.touches else ""
    fixed = f"    --variant fixed: {quirk.fixed}" if quirk.fixed else "    kept in --variant fixed"
    return [f"  {quirk.name}: {quirk.what}", *([touched] if touched else []), fixed]


def _say_lines(heading: str, lines: list[str]) -> None:
    output.say(f"\n{heading}" if heading else "")
    _say_lines_of(lines)


def _say_lines_of(lines: list[str]) -> None:
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        output.say(prose.fill(line[len(indent) :], indent))
