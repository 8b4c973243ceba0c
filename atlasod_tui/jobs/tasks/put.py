"""The upload job: files of this machine into a lake, several at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.errors import JobError, LakeAwayError, LoginError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.put_spec import PutFile, PutSpec
from atlasod_tui.jobs.tasks.uploads import UploadOutcome, Uploads

AT_ONCE = 3
"""Files that are written at the same time; the lake is told of them one after the other."""


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do an upload job; see `PutSpec` for its arguments.

    Raises:
        AtlasodError: If a file changed, or the lake or its storage elements refuse one, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, PutSpec)
    skipped = [file for file in spec.files if file.path in spec.skip]
    for file in skipped:
        context.skip(file.path, "an earlier run of the job died on it")
    files = [file for file in spec.files if file not in skipped]
    uploads = Uploads(spec.told, context, at_once=AT_ONCE)
    context.progress(phase="asking the lake", unit="B", total=sum(file.size for file in files))
    left = [file for file in files if not uploads.has(Path(file.path))]
    for file in left:
        _refuse_changed(file)
    missed = Outcome(exit_code=4, message=f"{len(skipped)} of {len(spec.files)} files were skipped")
    ending = missed if skipped else Outcome()
    try:
        uploads.refuse(sum(file.size for file in left))
    except (LoginError, LakeAwayError) as error:
        return UploadOutcome(None, error).conclude(ending, context)
    for file in files:
        uploads.add(Path(file.path), metadata=file.metadata)
    return uploads.finish().conclude(ending, context)


def _refuse_changed(file: PutFile) -> None:
    try:
        status = Path(file.path).stat()
    except OSError as error:
        raise JobError(f"{file.path!r} cannot be read: {error.strerror}") from error
    if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
        raise JobError(f"{file.path!r} changed since the job was made", "Start a new job.")
