"""Generating the built-in sample, as the first phase of the analysis that wants it."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.engine.registry import load
from atlasod_tui.errors import JobError, UsageError
from atlasod_tui.jobs.locks import Lock
from atlasod_tui.jobs.tasks.analyse_plan import wanted_of, with_inputs
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec
from atlasod_tui.samples import starter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from atlasod_tui.jobs.context import JobContext
    from atlasod_tui.samples.generate import FilePlan, Generated

_TRY_EVERY = 0.1


def complete(spec: AnalyseSpec, context: JobContext) -> AnalyseSpec:
    """Return a spec with the files of its analyses, generated first where they are those of the built-in sample.

    Raises:
        JobError: If the built-in sample is another one than when the job was made.
        AtlasodError: If it cannot be generated, or the job was cancelled.
    """
    if not spec.starter:
        return spec
    folder = Path(spec.starter)
    if folder != starter.folder():
        raise JobError("the built-in sample changed since the job was made", "Start it anew with 'analyse'.")
    analyses = [load(Path(item.file)) for item in spec.analyses]
    _generate(folder, wanted_of(analyses, spec.only or None), context)
    return with_inputs(spec, analyses)


def _generate(folder: Path, wanted: Collection[tuple[str, str]], context: JobContext) -> None:
    """Generate what is missing of some samples; of several jobs that want to, one does, and the others wait for it."""
    from atlasod_tui.samples.generate import plan  # noqa: PLC0415 - once in the life of a cache

    context.progress(phase="generating the built-in sample")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, context):
            whole = plan(events=starter.EVENTS, seed=starter.SEED)
            files = {file.path: file for file in starter.chosen(whole)}
            names = [name for name in starter.select(list(files), wanted) if not (folder / name).is_file()]
            _write(folder, [files[name] for name in names], context)
            starter.write_index(folder, list(files))
    except OSError as error:
        raise UsageError(
            f"the built-in sample cannot be put into {str(folder)!r}: {error.strerror}",
            "XDG_CACHE_HOME chooses another place, --input another sample.",
        ) from error


def _write(folder: Path, files: list[FilePlan], context: JobContext) -> None:
    """Generate files beside the others and move each over when it is there: two jobs without locks do no harm."""
    from atlasod_tui.jobs.tasks.generate import write_all  # noqa: PLC0415 - once in the life of a cache

    aside = folder / f".{os.getpid()}.{os.urandom(4).hex()}"

    def done(file: FilePlan, _: Generated) -> None:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (aside / file.path).replace(target)

    context.progress(done=0, total=sum(file.events for file in files))
    try:
        write_all(files, aside, context, begin=lambda _: None, done=done)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _locked(folder: Path, context: JobContext) -> Iterator[None]:
    lock = Lock(folder.with_name(f"{folder.name}.lock"))
    try:
        with suppress(OSError):  # a file system without locks: the work is done twice, the result is the same
            while not lock.take():
                context.check()
                time.sleep(_TRY_EVERY)
            for left in folder.glob(".*"):  # of a job that was killed
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()
