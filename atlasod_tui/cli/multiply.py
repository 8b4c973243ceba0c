"""``atlasod-tui multiply``: files that hold the events of others several times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output, write_back
from atlasod_tui.cli.submit import absolute, submit
from atlasod_tui.cli.targets import UploadOptions, upload_options

if TYPE_CHECKING:
    from atlasod_tui.cli.options import Wishes
    from atlasod_tui.jobs.tasks.multiply_plan import Planner
    from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output
    from atlasod_tui.lake.uploading.target import Target
    from atlasod_tui.lake.uploading.upload import Uploader

_TASK = "atlasod_tui.jobs.tasks.multiply:run"
_NATURAL = click.IntRange(min=1)


@click.command()
@click.argument("files", metavar="FILE|DID...", nargs=-1, required=True)
@click.option("--factor", metavar="N", type=_NATURAL, help="Copies of each event in each output.")
@click.option("--files", "outputs", metavar="M", type=_NATURAL, default=1, help="Outputs of each file; 1 without it.")
@click.option("--merge", metavar="NAME", help="Put all files into one of this name, one after the other.")
@click.option("--virtual", is_flag=True, help="Copies that need no disk: entries that point at the same bytes.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the outputs; the current one without it.")
@upload_options
@click.option("--workers", metavar="N", type=_NATURAL, help="Threads; one for each core, at most 2, without it.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace outputs that exist.")
@click.option("--dry-run", is_flag=True, help="Print what would be written and uploaded, and end.")
@write_back.lake_options
def multiply(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    files: tuple[str, ...],
    factor: int | None,
    outputs: int,
    merge: str | None,
    virtual: bool,
    to: Path | None,
    upload: UploadOptions,
    source: str | None,
    workers: int | None,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Write ROOT files that hold the events of others N times, at the speed of copying.

    data_A.GamGam.root with --factor 10 becomes data_A.GamGam.x10.root; with --files 3 as well, it becomes
    data_A.GamGam.x10.001.root to data_A.GamGam.x10.003.root. A FILE may be a folder: its files that are named like
    samples are taken, and its sub-folders kept. A DID (SCOPE:NAME) may be a file, dataset or container of a lake: what
    is not on this machine is fetched. With --rse, each output is uploaded as soon as it is there.
    """
    import msgspec  # noqa: PLC0415 - not for --help

    from atlasod_tui.jobs.tasks.multiply_spec import plan  # noqa: PLC0415

    target = write_back.target(upload, wishes.lake, "multiply")
    spec = plan(
        list(files),
        factor=factor,
        files=outputs,
        merge=merge,
        virtual=virtual,
        to=absolute(to or Path()),
        force=force,
        lake=source or wishes.lake,
        dry_run=dry_run,
    )
    title = _title(spec, files)
    uploader = None
    if target is not None:
        target = msgspec.structs.replace(target, title=title, metadata=_metadata(spec, files))
        # How much that will be is known when the files have been opened, which the job does before it makes anything.
        uploader = write_back.upload_to(target, (Path(item.name).name for item in spec.outputs), None,
                                        read_only=wishes.read_only)  # fmt: skip
        spec = msgspec.structs.replace(spec, upload=msgspec.to_builtins(target))
    _say_left_out(spec, wishes)
    if dry_run:
        return _say_plan(spec, target, uploader, wishes)
    return submit(_TASK, spec, title, workers, wishes, detach=detach)


def _metadata(spec: MultiplySpec, files: tuple[str, ...]) -> dict[str, Any]:
    from atlasod_tui.jobs.tasks.write_back import source_of  # noqa: PLC0415 - not for --help
    from atlasod_tui.samples import naming  # noqa: PLC0415

    factors = {naming.parse(item.name).factor for item in spec.outputs}
    factor = factors.pop() if len(factors) == 1 else spec.factor
    return {"source": source_of(list(files)), "factor": factor}


def _title(spec: MultiplySpec, files: tuple[str, ...]) -> str:
    what = shown.some([Path(file).name or file for file in files], 1)
    return f"multiply {what} x{spec.factor}" if spec.factor > 1 else f"merge {what}"


def _say_left_out(spec: MultiplySpec, wishes: Wishes) -> None:
    if not wishes.quiet:
        if spec.ignored:
            number = len(spec.ignored)
            some = f"{spec.ignored[0]} has" if number == 1 else f"{spec.ignored[0]} and {number - 1} more have"
            output.note(shown.escape(f"left out: {some} the name of no sample"))
        for folder in spec.unreadable:
            output.note(shown.escape(f"the folder {folder} cannot be read"))
    for path in spec.ignored:
        wishes.detail(shown.escape(f"{path} has the name of no sample"))


def _say_plan(spec: MultiplySpec, target: Target | None, uploader: Uploader | None, wishes: Wishes) -> int:
    """Print what would become of the files; exit code 4 if some would be skipped."""
    from atlasod_tui.jobs.folder import refuse_unrecordable  # noqa: PLC0415 - not for --help
    from atlasod_tui.jobs.tasks.output_folder import refuse_full_disk, refuse_too_much  # noqa: PLC0415

    refuse_unrecordable(spec)
    rows, left_out = _outlook(spec)
    total = sum(row["bytes"] for row in rows)
    refuse_too_much([total])
    refuse_full_disk({Path(spec.to, row["output"]): row["bytes"] for row in rows})
    fetched = sum(source.size for source in spec.sources if source.elsewhere)
    read = sum(source.size for source in spec.sources)
    plan: dict[str, Any] = {"plan": rows, "bytes_in": read, "bytes": total, "output": spec.to, "skipped": left_out}
    if fetched:
        plan["bytes_elsewhere"] = fetched
    if uploader is not None and target is not None:
        uploader.refuse(total)
        plan |= write_back.document(uploader, target, total)
    if wishes.json:
        output.say_json(plan)
        return 4 if left_out else 0
    cells = [(f"{len(row['sources'])}", ("~" if "estimated" in row else "") + shown.size(row["bytes"], "B"),
              row["output"]) for row in rows]  # fmt: skip
    output.say_table(("files", "size", "output"), cells, right=("files", "size"))
    for item in left_out:
        output.say(shown.escape(f"would be skipped: {item['path']}: {item['reason']}"))
    if fetched:
        output.say(f"{shown.size(fetched, 'B')} would be fetched, unless they are here already")
    output.say(f"{shown.size(total, 'B')} would be written to {shown.escape(spec.to)}")
    if uploader is not None and target is not None:
        write_back.say(uploader, target, total, f"{len(rows)} file{'' if len(rows) == 1 else 's'}")
    return 4 if left_out else 0


def _outlook(spec: MultiplySpec) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Open the files that are here; return a row for each output, and what would be skipped and why."""
    from atlasod_tui.errors import AtlasodError, JobError  # noqa: PLC0415
    from atlasod_tui.jobs.tasks.multiply_plan import Planner  # noqa: PLC0415

    planner = Planner(spec)
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    for item in spec.outputs:
        sources = [spec.sources[number].path for number in item.parts]
        try:
            rows.append({"output": item.name, "sources": sources, **_size(planner, spec, item)})
        except JobError:
            raise
        except AtlasodError as error:
            if spec.merged or len(spec.sources) == 1:
                raise AtlasodError(error.message, error.hint) from error
            skipped[sources[0]] = error.message
    if not rows:
        raise AtlasodError(f"none of the files could be used; {next(iter(skipped.values()))}")
    left_out = [{"path": path, "reason": reason} for path, reason in skipped.items()]
    return rows, left_out + [{"path": path, "reason": "the folder cannot be read"} for path in spec.unreadable]


def _size(planner: Planner, spec: MultiplySpec, item: Output) -> dict[str, Any]:
    """Return the bytes of an output; of files that are not here an estimate."""
    if planner.knows(item):
        return {"bytes": planner.size(item)}
    return {"bytes": spec.estimate_of(item), "estimated": True}
