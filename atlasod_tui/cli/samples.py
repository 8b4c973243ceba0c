"""``atlasod-tui samples``: what the release contains."""

from __future__ import annotations

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.samples.catalogue import SKIMS, Sample, all_samples

_HEADER = ("sample", "DSID", "xsec [pb]", "sum of weights", "events")


@click.group()
@common
def samples(wishes: Wishes) -> None:
    """Samples of the 2020 release: names, DSIDs, cross-sections."""


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


def _row(sample: Sample) -> tuple[str, str, str, str, str]:
    """Return the cells of a sample; what is not known is a dash."""
    return (
        sample.name,
        str(sample.dsid or "-"),
        "-" if sample.xsec_pb is None else f"{sample.xsec_pb:.10g}",
        "-" if sample.sum_of_weights is None else f"{sample.sum_of_weights:.12g}",
        "-" if sample.events is None else str(sample.events),
    )
