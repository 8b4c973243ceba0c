"""``atlasod-tui samples``: what the release contains, and synthetic files in its likeness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.cli.submit import absolute, submit
from atlasod_tui.samples.catalogue import SKIMS, Sample, all_samples

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.generate_spec import GenerateSpec

_GENERATE = "atlasod_tui.jobs.tasks.generate:run"
_GENERATED = tuple(skim for skim in SKIMS if skim != "exactly2lep")  # it is a part of 2lep
_HEADER = ("sample", "DSID", "xsec [pb]", "sum of weights", "events")


@click.group()
@common
def samples(wishes: Wishes) -> None:
    """Samples of the 2020 release: names, DSIDs, cross-sections; and synthetic ones."""


@samples.command("list")
@click.option("--all", "every", is_flag=True, help="Also the samples that none of the twelve analyses reads.")
@click.option("--skim", type=click.Choice(SKIMS), help="Only samples released in this skim.")
@common
def list_(wishes: Wishes, *, every: bool, skim: str | None) -> None:
    """List samples: DSID, cross-section in pb, sum of weights, generated events before the skim."""
    found = [sample for sample in all_samples(every=every) if skim is None or skim in sample.skims]
    if wishes.json:
        output.say_json(found)
        return
    output.say_table(_HEADER, map(_row, found), right=_HEADER[1:])


@samples.command()
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Folder of the files.")
@click.option("--events", metavar="N", type=click.IntRange(min=1), help="About so many data events in each skim.")
@click.option("--seed", metavar="S", type=click.IntRange(min=0), help="Other numbers give other events.")
@click.option("--skim", "skims", multiple=True, type=click.Choice(_GENERATED), help="Only this skim; may be repeated.")
@click.option("--release", type=click.Choice(["2020", "2016"]), default="2020", show_default=True)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Threads; one for each core without it.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option("--dry-run", is_flag=True, help="Print what would be generated, and end.")
@common
def generate(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    to: Path,
    events: int | None,
    seed: int | None,
    skims: tuple[str, ...],
    release: Literal["2020", "2016"],
    workers: int | None,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Generate synthetic data and simulation: the files, branches and conventions of a release, no collisions.

    Data are drawn from the sum of the simulated processes at a luminosity that the files tell, so that each analysis
    finds what it looks for. The same seed gives the same files.
    """
    from atlasod_tui.jobs.tasks.generate_spec import plan  # noqa: PLC0415 - not for --help

    spec = plan(absolute(to), events=events, seed=seed, skims=skims, release=release, force=force, dry_run=dry_run)
    if dry_run:
        _say_plan(spec, wishes)
        return 0
    return submit(_GENERATE, spec, "samples generate", workers, wishes, detach=detach)


def _say_plan(spec: GenerateSpec, wishes: Wishes) -> None:
    if wishes.json:
        output.say_json({"plan": spec.files, "events": spec.events, "bytes": spec.bytes, "output": spec.to})
        return
    rows: dict[str, dict[str, Any]] = {}
    for file in spec.files:
        row = rows.setdefault(file.skim, {"data": 0, "simulation": 0, "files": 0, "luminosity": 0.0})
        row["files"] += 1
        row["data" if file.is_data else "simulation"] += file.events
        own = file.luminosity_pb or 0.0
        # Periods of a skim add up; the two streams of 2016 are of the same collisions.
        row["luminosity"] = row["luminosity"] + own if file.skim else max(row["luminosity"], own)
    cells = [
        (skim or "-", f"{row['files']}", f"{row['data']}", f"{row['simulation']}", f"{row['luminosity']:.4g}")
        for skim, row in rows.items()
    ]
    header = ("skim", "files", "data events", "simulated events", "luminosity [1/pb]")
    output.say_table(header, cells, right=header[1:])
    output.say(f"about {shown.size(spec.bytes, 'B')} would be written to {shown.escape(spec.to)}")


def _row(sample: Sample) -> tuple[str, str, str, str, str]:
    """Return the cells of a sample; what is not known is a dash."""
    return (
        sample.name,
        str(sample.dsid or "-"),
        "-" if sample.xsec_pb is None else f"{sample.xsec_pb:.10g}",
        "-" if sample.sum_of_weights is None else f"{sample.sum_of_weights:.12g}",
        "-" if sample.events is None else str(sample.events),
    )
