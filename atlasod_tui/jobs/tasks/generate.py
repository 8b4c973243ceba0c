"""The generate job: synthetic files, as many at the same time as the job has threads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.finished import Finished, FinishedFiles
from atlasod_tui.jobs.tasks.generate_spec import GenerateSpec
from atlasod_tui.jobs.tasks.output_folder import refuse_existing
from atlasod_tui.jobs.tasks.threads import do_all
from atlasod_tui.samples import folder_manifest, generate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlasod_tui.samples.generate import FilePlan, Generated


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do a generate job; see `GenerateSpec` for its arguments.

    Raises:
        AtlasodError: If a file cannot be written or is somebody else's, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, GenerateSpec)
    folder = Path(spec.to)
    folder_manifest.read(folder)
    finished = FinishedFiles(context, folder)
    left = [file for file in spec.files if not finished.has(file.path)]

    def refuse(file: FilePlan) -> None:
        if not finished.was_begun(file.path):
            refuse_existing(folder / file.path, force=spec.force)

    def begin(file: FilePlan) -> None:
        refuse(file)  # another job may have made it meanwhile
        finished.begin(file.path)

    for file in left:
        refuse(file)
    context.progress(phase="generating", total=spec.events)

    def done(file: FilePlan, made: Generated) -> None:
        adler32, entries = made.written.adler32, {generate.TREE: made.written.entries}
        finished.add(file.path, Finished.of(folder / file.path, adler32, entries, made.about))

    before = spec.events - sum(file.events for file in left)
    write_all(left, folder, context, before=before, begin=begin, done=done)
    finished.write_manifest()
    return Outcome(result=spec.to)


def write_all(  # noqa: PLR0913
    files: Sequence[FilePlan],
    folder: Path,
    context: JobContext,
    *,
    before: int = 0,
    begin: Callable[[FilePlan], None],
    done: Callable[[FilePlan, Generated], None],
) -> None:
    """Generate files on the threads of a job, and report the events.

    Args:
        files: What is to be generated.
        folder: Where to.
        context: The job.
        before: Events that count as done already.
        begin: Called before each file.
        done: Called when it is there.

    Raises:
        AtlasodError: If a file cannot be written, or the job was cancelled.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{str(folder)!r} cannot be made: {error.strerror}", "Choose another folder.") from error
    pool = _Pool(folder, context, before, begin, done)
    # The largest first, or one thread would be at it alone in the end.
    pool.work(sorted(files, key=lambda file: file.events, reverse=True))
    context.check()


class _Pool:
    def __init__(
        self,
        folder: Path,
        context: JobContext,
        before: int,
        begin: Callable[[FilePlan], None],
        done: Callable[[FilePlan, Generated], None],
    ) -> None:
        self._folder, self._context, self._begin, self._finish = folder, context, begin, done
        self._lock = threading.Lock()
        self._before = before
        self._events: dict[str, int] = {}

    def work(self, files: list[FilePlan]) -> None:
        self._report()
        threads = min(self._context.workers, len(files))
        do_all(files, self._one, threads, done=lambda: self._context.progress(current=""))

    def _one(self, file: FilePlan) -> None:
        self._context.check()
        target = self._folder / file.path
        self._context.progress(current=target)
        self._begin(file)
        with self._context.making(target.with_name(target.name + ".part")):
            made = generate.write(
                file, self._folder, progress=lambda events: self._advance(file, events), check=self._context.check
            )
        self._finish(file, made)
        self._advance(file, file.events)

    def _advance(self, file: FilePlan, events: int) -> None:
        with self._lock:
            self._events[file.path] = events
        self._report()

    def _report(self) -> None:
        with self._lock:
            done = self._before + sum(self._events.values())
        self._context.progress(done=done)
