"""``atlasod-tui plot``: data and simulation of a result, drawn in the terminal or into files, and their numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.cli.submit import absolute, submit
from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.jobs.tasks.render_spec import RenderSpec
    from atlasod_tui.plots.model import Plot
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D

    Names = list[tuple[AnalysisResult, list[str]]]

_FOLDER = click.Path(path_type=Path)
PALETTES = ("dark", "light", "safe", "mono", "ascii")
"""Those of `plots.palette`, which imports more than --help needs."""
_SOME = 4  # names in a line
_OF_FILES = ("format", "workers", "detach", "force", "dry-run")


class _Built(NamedTuple):
    """A plot, and what it was built of."""

    result: AnalysisResult
    contents: dict[str, Histogram1D]
    plot: Plot


class _Chosen(NamedTuple):
    """Which plots of which result."""

    folder: Path
    analyses: tuple[str, ...]
    globs: tuple[str, ...]
    luminosity_pb: float | None

    def find(self, *, main: bool) -> Names:
        """Return results and names of histograms; of an analysis without globs its main one only, if so told."""
        from atlasod_tui.plots.choose import choose  # noqa: PLC0415 - not for --help
        from atlasod_tui.plots.results import find  # noqa: PLC0415

        return list(choose(find(self.folder, self.analyses), self.globs, main=main).values())

    def build(self, names: Names) -> Iterator[_Built]:
        """Yield the plots, each analysis read when its turn comes."""
        from atlasod_tui.plots.build import build  # noqa: PLC0415 - numpy, not for --help
        from atlasod_tui.plots.results import contents  # noqa: PLC0415

        for result, histograms in names:
            found = contents(result, histograms)
            for name in histograms:
                yield _Built(result, found[name], build(result, name, found[name], self.luminosity_pb))


@click.command()
@click.argument("folder", metavar="RESULT_DIR", type=_FOLDER)
@click.option("--analysis", "analyses", metavar="NAME", multiple=True, help="Only this one; may be repeated.")
@click.option("--histogram", "globs", metavar="GLOB", multiple=True, help="Only these, as '*_pt'; may be repeated.")
@click.option("--lumi", metavar="PB", type=float, help="Scale the simulation to so many 1/pb, not to the data's.")
@click.option("--to", type=_FOLDER, help="Write pictures into this folder: all histograms, or those of --histogram.")
@click.option(
    "--format", "formats", metavar="LIST", multiple=True,
    help="Of the pictures: png (the default), pdf, svg, json; may be repeated.",
)  # fmt: skip
@click.option("--terminal", is_flag=True, help="With --to: draw in the terminal, too.")
@click.option("--palette", type=click.Choice(PALETTES), help="Colours; chosen for the terminal without it.")
@click.option("--code", is_flag=True, help="Print a Python script that draws the plot again.")
@click.option(
    "--workers", metavar="N", type=click.IntRange(min=1), help="With --to: processes; one for each core without it."
)
@click.option("--detach", is_flag=True, help="With --to: print the job's id and return at once.")
@click.option("--force", is_flag=True, help="With --to: replace pictures that exist.")
@click.option("--dry-run", is_flag=True, help="With --to: print what would be written, and end.")
@common
def plot(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    folder: Path,
    analyses: tuple[str, ...],
    globs: tuple[str, ...],
    lumi: float | None,
    to: Path | None,
    formats: tuple[str, ...],
    terminal: bool,
    palette: str | None,
    code: bool,
    workers: int | None,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Draw data and simulation of a result, with a table of yields; for education.

    RESULT_DIR is what `analyse` wrote, or the output of the C++ framework. Without --to the main histogram of each
    analysis is drawn in the terminal; with --json all their numbers are printed instead.
    """
    given = {"format": formats, "workers": workers, "detach": detach, "force": force, "dry-run": dry_run}
    _refuse_nonsense(wishes, to, {name for name, value in given.items() if value}, terminal=terminal, code=code)
    if lumi is not None and not (lumi > 0 and math.isfinite(lumi)):
        raise UsageError(f"--lumi {lumi:g} is no luminosity", "Give a number of 1/pb above 0: 10064 for 10 fb-1.")
    chosen = _Chosen(absolute(folder), analyses, globs, lumi)
    spec = None
    if to is not None:
        spec = _plan(chosen, absolute(to), formats, palette, force=force, dry_run=dry_run)
    if code:
        output.say(_script(chosen, palette or "light").rstrip("\n"))
    elif wishes.json and spec is None:
        _say_json(chosen)
    elif terminal or spec is None:
        _draw(chosen, palette, wishes)
    if spec is None:
        return 0
    if dry_run:
        _say_plan(spec, wishes)
        return 0
    from atlasod_tui.cli.results import RENDER  # noqa: PLC0415 - not for --help

    return submit(RENDER, spec, f"plot {folder.name or folder}", workers, wishes, detach=detach)


def _refuse_nonsense(wishes: Wishes, to: Path | None, given: set[str], *, terminal: bool, code: bool) -> None:
    asked = {"--code": code, "--json": wishes.json, "--terminal": terminal, "--to": code and to is not None}
    ways = [name for name, wanted in asked.items() if wanted]
    if len(ways) > 1:
        raise UsageError(f"{' and '.join(ways)} do not go together", "Run the command once for each.")
    if to is None and given:
        options = " and ".join(f"--{name}" for name in _OF_FILES if name in given)
        raise UsageError(f"{options} only goes with --to", "Say with --to which folder the pictures go to.")


def _plan(  # noqa: PLR0913
    chosen: _Chosen, to: Path, formats: tuple[str, ...], palette: str | None, *, force: bool, dry_run: bool
) -> RenderSpec:
    from atlasod_tui.jobs.tasks.render_spec import plan  # noqa: PLC0415 - not for --help

    wanted = [name.strip().lower() for name in ",".join(formats or ("png",)).split(",")]
    return plan(
        chosen.folder,
        to,
        {result.analysis.framework_name: names for result, names in chosen.find(main=False)},
        luminosity_pb=chosen.luminosity_pb,
        formats=wanted,
        palette=palette or "light",
        force=force,
        dry_run=dry_run,
    )


def _script(chosen: _Chosen, palette: str) -> str:
    from atlasod_tui.plots.script import script  # noqa: PLC0415 - not for --help

    found = chosen.find(main=True)
    names = [f"{name} of {result.analysis.name}" for result, histograms in found for name in histograms]
    if len(names) > 1:
        raise UsageError(
            f"--code prints the script of one plot, and these are {len(names)}: {shown.some(names, _SOME)}",
            "Choose with --analysis NAME, and with --histogram NAME another than its main one.",
        )
    (built,) = chosen.build(found)
    return script(built.result, built.plot, built.contents, palette)


def _say_json(chosen: _Chosen) -> None:
    from atlasod_tui.plots.document import document  # noqa: PLC0415 - not for --help

    output.say_json(document(built.plot for built in chosen.build(chosen.find(main=False))))


def _draw(chosen: _Chosen, palette: str | None, wishes: Wishes) -> None:
    from atlasod_tui.cli import drawing  # noqa: PLC0415 - rich, not for --help

    look = drawing.look(palette)
    for number, built in enumerate(chosen.build(chosen.find(main=True))):
        if number:
            output.say()
        drawing.show(built.plot, look)
        if built.plot.missing:
            wishes.detail(shown.escape(f"{built.plot.analysis} misses {', '.join(built.plot.missing)}"))


def _say_plan(spec: RenderSpec, wishes: Wishes) -> None:
    if wishes.json:
        output.say_json({"plan": spec.files, "bytes": spec.bytes, "output": spec.to})
        return
    rows = [(name, f"{len(histograms)}", shown.some(histograms, _SOME)) for name, histograms in spec.plots.items()]
    output.say_table(("analysis", "plots", "histograms"), rows, right=("plots",))
    about = f"about {shown.size(spec.bytes, 'B')} in {len(spec.files)} files would be written to"
    output.say(f"{about} {shown.escape(spec.to)}")
