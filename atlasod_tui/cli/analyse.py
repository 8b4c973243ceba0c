"""``atlasod-tui analyse``: run analyses over ROOT files, as a job."""

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
    from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec
    from atlasod_tui.lake.uploading.target import Target
    from atlasod_tui.lake.uploading.upload import Uploader

_TASK = "atlasod_tui.jobs.tasks.analyse:run"


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--input", "inputs", metavar="INPUT", multiple=True,
    help="Folder or ROOT file, DID (SCOPE:NAME), https:// or root:// address; may be given several times. "
    "The built-in sample without it.",
)  # fmt: skip
@click.option("--stream", is_flag=True, help="Read the lake's files where they are; else they are fetched first.")
@click.option("--only", type=click.Choice(["data", "mc"]), help="Real data only, or simulation only.")
@click.option("--samples", metavar="GLOB", help="Only samples whose name, DSID or file matches.")
@click.option("--variant", type=click.Choice(["framework", "fixed"]), default="framework", show_default=True)
@click.option(
    "--output", "output_", type=click.Path(path_type=Path), help="Folder of the results; ./atlasod-NAME without it."
)
@upload_options
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Threads; one for each core without it.")
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Replace results that exist.")
@click.option("--fill-missing", is_flag=True, help="Write empty files for absent samples.")
@click.option("--dry-run", is_flag=True, help="Print what would be read and uploaded, and end.")
@click.option("--interpreted", is_flag=True, help="Do not compile the analysis: slow, for looking for its mistakes.")
@write_back.lake_options
def analyse(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    *,
    names: tuple[str, ...],
    inputs: tuple[str, ...],
    stream: bool,
    only: str | None,
    samples: str | None,
    variant: str,
    output_: Path | None,
    upload: UploadOptions,
    source: str | None,
    workers: int | None,
    detach: bool,
    force: bool,
    fill_missing: bool,
    dry_run: bool,
    interpreted: bool,
) -> int:
    """Run analyses (HZZ or HZZAnalysis; `all` for all of them) and write their histograms.

    With --rse, the bundle of each analysis, which holds all its histograms, is uploaded in the end.
    """
    import msgspec  # noqa: PLC0415 - not for --help

    from atlasod_tui.jobs.tasks.analyse_plan import plan  # noqa: PLC0415
    from atlasod_tui.samples import starter  # noqa: PLC0415

    title = "analyse " + " ".join(names)
    target = write_back.target(upload, wishes.lake, title)
    spec = plan(
        list(names),
        inputs=inputs,
        lake=source or wishes.lake,
        stream=stream,
        only=only,
        samples=samples,
        variant=variant,
        output=None if output_ is None else absolute(output_),
        force=force,
        fill_missing=fill_missing,
        interpreted=interpreted,
        dry_run=dry_run,
    )
    uploader = None
    if target is not None:
        target = msgspec.structs.replace(target, metadata=_metadata(spec))
        uploader = write_back.upload_to(target, _bundles(spec), None, read_only=wishes.read_only)
        spec = msgspec.structs.replace(spec, upload=msgspec.to_builtins(target))
    if not inputs and not wishes.quiet:
        output.note(f"no --input: running on the {starter.LABEL}")
    _say_left_out(spec, wishes)
    if dry_run:
        _say_plan(spec, target, uploader, wishes)
        return 0
    return submit(_TASK, spec, title, workers, wishes, detach=detach)


def _bundles(spec: AnalyseSpec) -> list[str]:
    return [f"{item.framework_name}.root" for item in spec.analyses]


def _metadata(spec: AnalyseSpec) -> dict[str, Any]:
    from atlasod_tui.jobs.tasks.write_back import source_of  # noqa: PLC0415 - not for --help
    from atlasod_tui.samples import starter  # noqa: PLC0415

    files = (file for item in spec.analyses for files in item.samples.values() for file in files)
    factors = {file.factor for file in files}
    common = {"factor": factors.pop()} if len(factors) == 1 else {}
    return {"source": source_of(spec.inputs) or starter.LABEL, **common}


def _say_left_out(spec: AnalyseSpec, wishes: Wishes) -> None:
    if not wishes.quiet:
        for note in spec.notes:
            output.note(shown.escape(note))
        for folder in spec.unreadable:
            output.note(shown.escape(f"the folder {folder} cannot be read"))
    for path in spec.ignored:
        wishes.detail(shown.escape(f"{path} has the name of no sample"))


def _say_plan(spec: AnalyseSpec, target: Target | None, uploader: Uploader | None, wishes: Wishes) -> None:
    from atlasod_tui.jobs.folder import refuse_unrecordable  # noqa: PLC0415 - not for --help

    refuse_unrecordable(spec)
    rows = spec.summary()
    total = sum(row["bytes"] for row in rows)
    elsewhere = sum(file.size for file in spec.files_elsewhere())
    if wishes.json:
        absent = {item.framework_name: item.absent for item in spec.analyses}
        known: dict[str, Any] = {"plan": rows, "bytes": total, "absent": absent}
        if spec.starter:  # its files are not known yet
            known = dict.fromkeys(known)
        if elsewhere:
            known["bytes_elsewhere"] = elsewhere
        if target is not None and uploader is not None:
            known |= write_back.document(uploader, target, None)
        output.say_json(known | {"output": spec.output, "notes": spec.notes})
        return
    if not spec.starter:
        cells = [(row["analysis"], row["sample"], str(row["files"]), shown.size(row["bytes"], "B")) for row in rows]
        output.say_table(("analysis", "sample", "files", "size"), cells, right=("files", "size"))
        output.say(f"{shown.size(total, 'B')} would be read; the results would go to {shown.escape(spec.output)}")
    else:
        output.say(f"the results would go to {shown.escape(spec.output)}")
    if elsewhere:
        how = "read where they are" if spec.stream else "fetched, unless they are here already"
        output.say(f"{shown.size(elsewhere, 'B')} of these would be {how}")
    if target is not None and uploader is not None:
        write_back.say(uploader, target, None, " and ".join(_bundles(spec)))
