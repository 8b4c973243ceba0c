"""``atlasod-tui put``: files into a lake, on one or more of its storage elements, for a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlasod_tui import shown
from atlasod_tui.cli import output, write_back
from atlasod_tui.cli.lake import on_lake
from atlasod_tui.cli.submit import absolute, submit
from atlasod_tui.cli.targets import UploadOptions, target_from, upload_options

if TYPE_CHECKING:
    from atlasod_tui.cli.options import Wishes
    from atlasod_tui.jobs.tasks.put_spec import PutSpec
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.uploading.upload import Uploader

_TASK = "atlasod_tui.jobs.tasks.put:run"


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@upload_options
@click.option("--detach", is_flag=True, help="Print the job's id and return at once.")
@click.option("--force", is_flag=True, help="Upload images as well.")
@click.option("--dry-run", is_flag=True, help="Print what would be uploaded, and end.")
@on_lake
def put(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    lake: Lake,
    *,
    files: tuple[str, ...],
    upload: UploadOptions,
    detach: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Upload files to one or more storage elements, in a dataset that ends by itself.

    The bytes go to the first storage element that takes them, and the lake copies them to the others. A FILE may be the
    result folder of an analysis: its bundles are taken, which hold all histograms.
    """
    from atlasod_tui.errors import UsageError  # noqa: PLC0415 - not for --help
    from atlasod_tui.jobs.tasks.put_spec import PutSpec, plan, title  # noqa: PLC0415
    from atlasod_tui.lake.uploading.upload import Uploader  # noqa: PLC0415

    planned = plan(list(files), force=force)
    name = title(files[0], planned)
    target = target_from(upload, lake.name, name)
    if target is None:
        raise UsageError("it is not said where the files are to go", "Give --rse; `atlasod-tui rses` lists them.")
    spec = PutSpec(planned, target, given=[str(absolute(Path(name))) for name in files])
    uploader = Uploader(lake, target)
    uploader.refuse(spec.bytes)
    if dry_run:
        _say_plan(spec, uploader, wishes)
        return 0
    more = f" and {len(spec.files) - 1} more" if len(spec.files) > 1 else ""
    return submit(_TASK, spec, f"put {name}{more}", None, wishes, detach=detach, queues=False)


def _say_plan(spec: PutSpec, uploader: Uploader, wishes: Wishes) -> None:
    dids = {file.path: str(uploader.did(Path(file.path).name)) for file in spec.files}
    if wishes.json:
        plan = [
            {"path": file.path, "did": dids[file.path], "bytes": file.size, "metadata": file.metadata}
            for file in spec.files
        ]
        known = {"plan": plan, "bytes": spec.bytes}
        output.say_json(known | write_back.document(uploader, spec.target, spec.bytes))
        return
    rows = [(shown.size(file.size, "B"), dids[file.path], file.path) for file in spec.files]
    output.say_table(("size", "DID", "file"), rows, right=("size",))
    write_back.say(uploader, spec.target, spec.bytes, f"{len(rows)} file{'' if len(rows) == 1 else 's'}")
