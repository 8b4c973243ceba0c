"""``atlasod-tui get``: files of a lake, fetched into a folder and verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.lake import on_lake
from atlasod_tui.cli.submit import absolute, submit

if TYPE_CHECKING:
    from atlasod_tui.cli.options import Wishes
    from atlasod_tui.jobs.tasks.get_spec import GetSpec
    from atlasod_tui.lake.face import Lake

_TASK = "atlasod_tui.jobs.tasks.get:run"


@click.command()
@click.argument("dids", metavar="DID...", nargs=-1, required=True)
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Folder of the files.")
@click.option("--at-once", metavar="N", type=click.IntRange(1, 16), default=3, help="Files at a time; 3 without it.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace other files that are there already.")
@click.option("--dry-run", is_flag=True, help="Print what would be fetched, and end.")
@on_lake
def get(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    lake: Lake,
    *,
    dids: tuple[str, ...],
    to: Path,
    at_once: int,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Fetch files of a lake from their best replicas, verified by size and Adler-32.

    A file goes to DIR/NAME; those of a dataset or container go to DIR/DATASET/NAME. What is there already and right is
    left as it is, and what was cut off is gone on from: the same command again does the rest.
    """
    from atlasod_tui.jobs.tasks.get_spec import plan  # noqa: PLC0415 - not for --help
    from atlasod_tui.lake.model import DID  # noqa: PLC0415

    wanted = [DID.parse(text) for text in dict.fromkeys(dids)]
    spec = plan(lake, wanted, absolute(to), at_once=at_once, force=force, dry_run=dry_run)
    if dry_run:
        return _say_plan(spec, wishes)
    return submit(
        _TASK, spec, f"get {shown.some([did.name for did in wanted], 1)}", None, wishes, detach=detach, queues=False
    )


def _say_plan(spec: GetSpec, wishes: Wishes) -> int:
    """Print what would be fetched; exit code 4 if some files would be left out."""
    rows = [(file, spec.is_there(file)) for file in spec.files]
    total = sum(file.file.bytes or 0 for file, there in rows if not there)
    if wishes.json:
        plan = [
            {"did": str(file.file.did), "bytes": file.file.bytes, "path": file.path, "there": there}
            for file, there in rows
        ]
        left_out = [{"path": did, "reason": reason} for did, reason in spec.left_out.items()]
        output.say_json({"lake": spec.lake, "plan": plan, "bytes": total, "output": spec.to, "skipped": left_out})
    else:
        cells = [
            (
                "-" if file.file.bytes is None else shown.size(file.file.bytes, "B"),
                "there already" if there else "to be fetched",
                file.path,
            )
            for file, there in rows
        ]
        output.say_table(("size", "what", "file"), cells, right=("size",))
        for did, reason in spec.left_out.items():
            output.say(shown.escape(f"would be skipped: {did}: {reason}"))
        output.say(f"{shown.size(total, 'B')} would be fetched into {shown.escape(spec.to)}")
    return 4 if spec.left_out else 0
