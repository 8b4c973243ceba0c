"""``atlasod-tui multiply``: files that hold the events of others several times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.cli.submit import absolute, submit

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec

_TASK = "atlasod_tui.jobs.tasks.multiply:run"
_NATURAL = click.IntRange(min=1)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--factor", metavar="N", type=_NATURAL, help="Copies of each event in each output.")
@click.option("--files", "outputs", metavar="M", type=_NATURAL, default=1, help="Outputs of each file; 1 without it.")
@click.option("--merge", metavar="NAME", help="Put all files into one of this name, one after the other.")
@click.option("--virtual", is_flag=True, help="Copies that need no disk: entries that point at the same bytes.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the outputs; the current one without it.")
@click.option("--workers", type=_NATURAL, help="Threads; as many as there are cores without it, but at most 2.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace outputs that exist.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and end.")
@common
def multiply(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    files: tuple[str, ...],
    factor: int | None,
    outputs: int,
    merge: str | None,
    virtual: bool,
    to: Path | None,
    workers: int | None,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Write ROOT files that hold the events of others N times, at the speed of copying.

    data_A.GamGam.root with --factor 10 becomes data_A.GamGam.x10.root; with --files 3 as well, it becomes
    data_A.GamGam.x10.001.root to data_A.GamGam.x10.003.root. A FILE may be a folder: its files that are named like
    samples are taken, and its sub-folders kept.
    """
    from atlasod_tui.jobs.tasks.multiply_spec import plan  # noqa: PLC0415 - not for --help

    spec = plan(
        list(files),
        factor=factor,
        files=outputs,
        merge=merge,
        virtual=virtual,
        to=absolute(to or Path()),
        force=force,
        dry_run=dry_run,
    )
    _say_left_out(spec, wishes)
    if dry_run:
        return _say_plan(spec, wishes)
    return submit(_TASK, spec, _title(spec, files), workers, wishes, detach=detach)


def _title(spec: MultiplySpec, files: tuple[str, ...]) -> str:
    what = Path(files[0]).name or files[0]
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"multiply {what}{more} x{spec.factor}" if spec.factor > 1 else f"merge {what}{more}"


def _say_left_out(spec: MultiplySpec, wishes: Wishes) -> None:
    if not wishes.quiet:
        if spec.ignored:
            number = len(spec.ignored)
            some = f"{spec.ignored[0]} has" if number == 1 else f"{spec.ignored[0]} and {number - 1} more have"
            output.note(output.escape(f"left out: {some} the name of no sample"))
        for folder in spec.unreadable:
            output.note(output.escape(f"the folder {folder} cannot be read"))
    for path in spec.ignored:
        wishes.detail(output.escape(f"{path} has the name of no sample"))


def _say_plan(spec: MultiplySpec, wishes: Wishes) -> int:
    """Open the files and print what would become of them; exit code 4 if some would be skipped."""
    from atlasod_tui.errors import AtlasodError, JobError  # noqa: PLC0415
    from atlasod_tui.jobs.tasks.multiply_plan import Planner  # noqa: PLC0415
    from atlasod_tui.jobs.tasks.output_folder import refuse_full_disk, refuse_too_much  # noqa: PLC0415

    planner = Planner(spec)
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    for item in spec.outputs:
        sources = [str(path) for path in spec.paths(item)]
        try:
            rows.append({"output": item.name, "sources": sources, "bytes": planner.size(item)})
        except JobError:
            raise
        except AtlasodError as error:
            if spec.merged or len(spec.sources) == 1:
                raise AtlasodError(error.message, error.hint) from error
            skipped[sources[0]] = error.message
    if not rows:
        raise AtlasodError(f"none of the files could be used; {next(iter(skipped.values()))}")
    total = sum(row["bytes"] for row in rows)
    refuse_too_much([total])
    refuse_full_disk({Path(spec.to, row["output"]): row["bytes"] for row in rows})
    if wishes.json:
        left_out = [{"path": path, "reason": reason} for path, reason in skipped.items()]
        left_out += [{"path": path, "reason": "the folder cannot be read"} for path in spec.unreadable]
        output.say_json({"plan": rows, "bytes": total, "output": spec.to, "skipped": left_out})
    else:
        cells = [(f"{len(row['sources'])}", output.size(row["bytes"], "B"), row["output"]) for row in rows]
        output.say_table(("files", "size", "output"), cells, right=("files", "size"))
        for path, reason in skipped.items():
            output.say(output.escape(f"would be skipped: {path}: {reason}"))
        output.say(f"{output.size(total, 'B')} would be written to {output.escape(spec.to)}")
    return 4 if skipped or spec.unreadable else 0
