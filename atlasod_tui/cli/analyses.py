"""``atlasod-tui analyses``: what each analysis is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common

if TYPE_CHECKING:
    from atlasod_tui.engine.author import Analysis, Histogram, Quirk
    from atlasod_tui.engine.registry import BrokenAnalysis

_HISTOGRAM = ("name", "channels", "title", "xtitle", "nbins", "lo", "hi")


@click.group(invoke_without_command=True)
@common
@click.pass_context
def analyses(context: click.Context, wishes: Wishes) -> None:
    """List the analyses, the user's own included, or show one."""
    if context.invoked_subcommand is None:
        _list(wishes)


@analyses.command()
@click.argument("name")
@common
def show(wishes: Wishes, name: str) -> None:
    """Show what an analysis looks for, its samples, histograms and quirks."""
    from atlasod_tui.engine import registry  # noqa: PLC0415 - not for --help

    analysis = registry.analysis(name)
    if wishes.json:
        output.say_json(_document(analysis))
    else:
        _say(analysis)


def _list(wishes: Wishes) -> None:
    from atlasod_tui.engine.registry import find_analyses  # noqa: PLC0415 - not for --help

    entries = [_summary(analysis) for analysis in find_analyses().values()]
    if wishes.json:
        output.say_json(entries)
        return
    rows = [
        (entry["name"], "-", f"broken: {entry['error']}")
        if "error" in entry
        else (entry["name"], entry["skim"], entry["title"])
        for entry in entries
    ]
    output.say_table(("analysis", "skim", ""), rows)


def _summary(analysis: Analysis | BrokenAnalysis) -> dict[str, Any]:
    common_fields = {"name": analysis.name, "path": str(analysis.path)}
    if hasattr(analysis, "error"):
        return common_fields | {"error": analysis.error}
    names = ("framework_name", "title", "skim")
    return common_fields | {name: getattr(analysis, name) for name in names}


def _document(analysis: Analysis) -> dict[str, Any]:
    return _summary(analysis) | {
        "description": analysis.description,
        "look_for": analysis.look_for,
        "groups": {group: list(names) for group, names in analysis.groups.items()},
        "histograms": [{name: getattr(booked, name) for name in _HISTOGRAM} for booked in analysis.histograms],
        "quirks": [
            {"name": quirk.name, "what": quirk.what, "touches": list(quirk.touches), "fixed": quirk.fixed}
            for quirk in analysis.quirks
        ],
    }


def _say(analysis: Analysis) -> None:
    output.say(f"{analysis.name} ({analysis.framework_name}): {output.escape(analysis.title)}")
    _say_lines("", [*analysis.description.splitlines(), f"Look for: {analysis.look_for}" if analysis.look_for else ""])
    output.say(f"\nskim: {analysis.skim}")
    _say_lines("samples:", [f"  {group}: {', '.join(names)}" for group, names in analysis.groups.items()])
    output.say()
    output.say_table(
        ("histogram", "bins", "from", "to", "axis"),
        [(_name(h), str(h.nbins), f"{h.lo:g}", f"{h.hi:g}", h.xtitle or h.title) for h in analysis.histograms],
        right=("bins", "from", "to"),
    )
    if analysis.quirks:
        _say_lines("quirks of the framework:", [line for quirk in analysis.quirks for line in _quirk_lines(quirk)])


def _name(histogram: Histogram) -> str:
    return f"{histogram.name}_({'|'.join(histogram.channels)})" if histogram.channels else histogram.name


def _quirk_lines(quirk: Quirk) -> list[str]:
    touched = f"    touches {', '.join(quirk.touches)}" if quirk.touches else ""
    fixed = f"    --variant fixed: {quirk.fixed}" if quirk.fixed else "    kept in --variant fixed"
    return [f"  {quirk.name}: {quirk.what}", *([touched] if touched else []), fixed]


def _say_lines(heading: str, lines: list[str]) -> None:
    output.say(f"\n{heading}" if heading else "")
    for line in lines:
        output.say(output.escape(line))
