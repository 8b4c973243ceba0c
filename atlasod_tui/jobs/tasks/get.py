"""The get job: files of a lake fetched into a folder, a few of them at the same time."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.fetches import Fetches
from atlasod_tui.jobs.tasks.get_spec import GetSpec
from atlasod_tui.lake.fetching.wanted import Fetched, NotFetchedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atlasod_tui.jobs.tasks.get_spec import GetFile
    from atlasod_tui.lake.fetching.copies import RemoteFile

FETCHED = "fetched"
"""Kind of the event that says where a file is and came from."""


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do a get job; see `GetSpec` for its arguments.

    Raises:
        LakeError: If no file could be had, or the lake or its login ended the work.
        AtlasodError: If a file cannot be written, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, GetSpec)
    wanted = [file for file in spec.files if str(file.file.did) not in spec.skip]
    for did, reason in (spec.left_out | dict.fromkeys(spec.skip, "an earlier run of the job died on it")).items():
        context.skip(did, reason)
    context.progress(unit="B", phase="fetching")

    def report(file: RemoteFile | None, done: int, total: int) -> None:
        context.progress(done=done, total=total, current="" if file is None else str(file.did))

    files, targets = [file.file for file in wanted], [spec.target(file) for file in wanted]
    missed: list[AtlasodError] = []
    count = 0
    fatal: AtlasodError | None = None
    with (
        _empty_folders_removed(targets),
        Fetches(
            spec.lake, files, context, at_once=spec.at_once, targets=targets, force=spec.force, report=report
        ) as fetches,
    ):
        for number, result in fetches.arrivals():
            if isinstance(result, Fetched):
                count += 1
                _record(context, wanted[number], result)
            elif isinstance(result, NotFetchedError):
                missed.append(result)
                context.skip(str(wanted[number].file.did), result.message)
            else:
                fatal = fatal or result
    if fatal is not None:
        had = f"{count} of {len(files)} files are there; " if count else ""
        raise type(fatal)(f"{had}{fatal.message}", fatal.hint) from fatal
    return _outcome(spec, len(wanted), missed)


@contextmanager
def _empty_folders_removed(targets: list[Path]) -> Iterator[None]:
    """Remove in the end those folders that were made for files of which nothing came."""
    folders = {above for folder in {target.parent for target in targets} for above in (folder, *folder.parents)}
    made = [folder for folder in folders if not os.path.lexists(folder)]
    try:
        yield
    finally:
        for folder in sorted(made, key=lambda folder: len(folder.parts), reverse=True):
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def _record(context: JobContext, file: GetFile, fetched: Fetched) -> None:
    source = fetched.source
    context.event(
        FETCHED,
        did=str(file.file.did),
        path=file.path,
        bytes=fetched.bytes,
        adler32=fetched.adler32,
        storage_element=source.storage_element if source else "",
        url=source.shown if source else "",
        resumed_at=fetched.resumed_at,
    )


def _outcome(spec: GetSpec, wanted: int, missed: list[AtlasodError]) -> Outcome:
    count = len(spec.files) + len(spec.left_out)
    left_out = count - wanted + len(missed)
    if wanted == len(missed):
        first = missed[0] if missed else LakeError("every file was left out")
        away = all(isinstance(error, NotFetchedError) and error.unanswered for error in missed)
        kind = LakeAwayError if missed and away else LakeError
        message = first.message if count == 1 else f"none of the {count} files could be had; {first.message}"
        raise kind(message, first.hint)
    text = f"{left_out} of {count} files could not be had" if left_out else ""
    return Outcome(exit_code=4 if left_out else 0, message=text, result=spec.to)
