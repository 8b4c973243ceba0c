"""``atlasod-tui analyse``: run analyses over ROOT files, as a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.cli.submit import absolute, submit

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec

_TASK = "atlasod_tui.jobs.tasks.analyse:run"
_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--input", "input_", type=_FOLDER, help="Folder of ROOT files; the built-in sample without it.")
@click.option("--only", type=click.Choice(["data", "mc"]), help="Real data only, or simulation only.")
@click.option("--samples", metavar="GLOB", help="Only samples whose name, DSID or file matches.")
@click.option("--variant", type=click.Choice(["framework", "fixed"]), default="framework", show_default=True)
@click.option("--output", "output_", type=_FOLDER, help="Folder of the results; ./atlasod-NAME without it.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; as many as there are cores without it.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace results that exist.")
@click.option("--fill-missing", is_flag=True, help="Write empty files for absent samples.")
@click.option("--dry-run", is_flag=True, help="Print what would be read, and end.")
@click.option("--interpreted", is_flag=True, help="Do not compile the analysis: slow, for looking for its mistakes.")
@common
def analyse(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    names: tuple[str, ...],
    input_: Path | None,
    only: str | None,
    samples: str | None,
    variant: str,
    output_: Path | None,
    workers: int | None,
    detach: bool,
    force: bool,
    fill_missing: bool,
    dry_run: bool,
    interpreted: bool,
) -> int:
    """Run analyses (HZZ or HZZAnalysis; `all` for all of them) and write their histograms."""
    from atlasod_tui.jobs.tasks.analyse_spec import plan  # noqa: PLC0415 - not for --help
    from atlasod_tui.samples import starter  # noqa: PLC0415

    spec = plan(
        list(names),
        input=None if input_ is None else absolute(input_),
        only=only,
        samples=samples,
        variant=variant,
        output=None if output_ is None else absolute(output_),
        force=force,
        fill_missing=fill_missing,
        interpreted=interpreted,
        dry_run=dry_run,
    )
    if input_ is None and not wishes.quiet:
        output.note(f"no --input: running on the {starter.LABEL}")
    _say_left_out(spec, wishes)
    if dry_run:
        _say_plan(spec, wishes)
        return 0
    return submit(_TASK, spec, "analyse " + " ".join(names), workers, wishes, detach=detach)


def _say_left_out(spec: AnalyseSpec, wishes: Wishes) -> None:
    if not wishes.quiet:
        for note in spec.notes:
            output.note(output.escape(note))
        for folder in spec.unreadable:
            output.note(output.escape(f"the folder {folder} cannot be read"))
    for path in spec.ignored:
        wishes.detail(output.escape(f"{path} has the name of no sample"))


def _say_plan(spec: AnalyseSpec, wishes: Wishes) -> None:
    rows = spec.summary()
    total = sum(row["bytes"] for row in rows)
    if wishes.json:
        known = {"plan": None, "bytes": None} if spec.starter else {"plan": rows, "bytes": total}
        output.say_json(known | {"output": spec.output, "notes": spec.notes})
        return
    if spec.starter:
        output.say(f"the results would go to {output.escape(spec.output)}")
        return
    cells = [(row["analysis"], row["sample"], str(row["files"]), output.size(row["bytes"], "B")) for row in rows]
    output.say_table(("analysis", "sample", "files", "size"), cells, right=("files", "size"))
    output.say(f"{output.size(total, 'B')} would be read; the results would go to {output.escape(spec.output)}")
