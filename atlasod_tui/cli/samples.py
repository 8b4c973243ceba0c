"""``atlasod-tui samples``: what the release contains."""

from __future__ import annotations

import click
import msgspec

from atlasod_tui.samples.catalogue import SKIMS, Sample, all_samples


@click.group()
def samples() -> None:
    """Samples of the 2020 release: names, DSIDs, cross-sections."""


@samples.command("list")
@click.option("--all", "every", is_flag=True, help="Also the samples that none of the twelve analyses reads.")
@click.option("--skim", type=click.Choice(SKIMS), help="Only samples released in this skim.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_(*, every: bool, skim: str | None, as_json: bool) -> None:
    """List samples: DSID, cross-section in pb, sum of weights, generated events before the skim."""
    found = [sample for sample in all_samples(every=every) if skim is None or skim in sample.skims]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)))
        return
    rows = [("sample", "DSID", "xsec [pb]", "sum of weights", "events"), *map(_row, found)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        right = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        click.echo("  ".join((name.ljust(widths[0]), *right)))


def _row(sample: Sample) -> tuple[str, str, str, str, str]:
    """Return the cells of a sample; what is not known is a dash."""
    return (
        sample.name,
        str(sample.dsid or "-"),
        "-" if sample.xsec_pb is None else f"{sample.xsec_pb:.10g}",
        "-" if sample.sum_of_weights is None else f"{sample.sum_of_weights:.12g}",
        "-" if sample.events is None else str(sample.events),
    )
