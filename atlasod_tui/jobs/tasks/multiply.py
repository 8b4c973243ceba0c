"""The multiply job: every output is planned, copied, verified and recorded, a few of them at the same time."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.errors import AtlasodError, BadFileError, CancelledError, JobError, UsageError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.finished import Finished, FinishedFiles
from atlasod_tui.jobs.tasks.multiply_plan import Planner, refuse_changed
from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output
from atlasod_tui.jobs.tasks.output_folder import refuse_existing, refuse_full_disk, refuse_too_much
from atlasod_tui.jobs.tasks.threads import do_all
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.verify import verify
from atlasod_tui.samples import folder_manifest

THREADS = 2
"""Outputs made at the same time, at most: one keeps a disk busy, and each needs memory for its tables and chunks."""


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do a multiply job; see `MultiplySpec` for its arguments.

    Raises:
        AtlasodError: If nothing could be made, there is too little space, inputs changed, an output was not what it
            should be, or the job was cancelled.
    """
    job = _Job(msgspec.convert(arguments, MultiplySpec), context)
    job.prepare()
    job.make()
    return job.finish()


class _Job:
    def __init__(self, spec: MultiplySpec, context: JobContext) -> None:
        self._spec, self._context = spec, context
        self._planner = Planner(spec)
        self._finished = FinishedFiles(context, Path(spec.to))
        self._lock = threading.Lock()
        self._planning = threading.Lock()
        self._sizes: dict[str, int] = {}  # of the outputs that are not skipped
        self._skipped: dict[int, str] = {}  # source to the reason
        self._done: dict[str, int] = {}  # bytes of each output so far

    def prepare(self) -> None:
        """Learn the size of each output, and refuse what cannot end well."""
        folder_manifest.read(Path(self._spec.to))
        self._context.progress(unit="B", phase="reading the files")
        for output in self._spec.outputs:
            self._context.check()
            self._context.progress(current=self._spec.sources[output.parts[0]].path)
            if self._is_skipped(output):
                continue
            try:
                for number in output.parts:
                    refuse_changed(self._spec.sources[number])
                self._sizes[output.name] = self._planner.size(output)
            except (JobError, CancelledError):
                raise
            except AtlasodError as error:
                self._skip(output, error)
        if not self._sizes:
            raise self._nothing()
        refuse_too_much(self._sizes.values())
        left = [output for output in self._wanted() if not self._finished.has(output.name)]
        for output in left:
            self._refuse_existing(output)
        refuse_full_disk({self._spec.target(output): self._sizes[output.name] for output in left})
        self._done = {name: size for name, size in self._sizes.items() if self._finished.has(name)}

    def _nothing(self) -> AtlasodError:
        return AtlasodError(f"none of the files could be used; {next(iter(self._skipped.values()))}")

    def _refuse_existing(self, output: Output) -> None:
        if not self._finished.was_begun(output.name, self._sizes[output.name]):
            refuse_existing(self._spec.target(output), force=self._spec.force)

    def _wanted(self) -> list[Output]:
        return [output for output in self._spec.outputs if output.name in self._sizes]

    def _is_skipped(self, output: Output) -> bool:
        for number in output.parts:
            if self._spec.sources[number].path in self._spec.skip and number not in self._skipped:
                self._skip(Output(output.name, [number]), BadFileError("an earlier run of the job died on it"))
        return any(number in self._skipped for number in output.parts)

    def _skip(self, output: Output, error: AtlasodError) -> None:
        if self._spec.merged or len(self._spec.sources) == 1:
            raise AtlasodError(error.message, error.hint) from error
        (number,) = output.parts
        with self._lock:
            self._sizes.pop(output.name, None)
            self._done.pop(output.name, None)
            if number in self._skipped:
                return
            self._skipped[number] = error.message
        self._context.skip(self._spec.sources[number].path, error.message)

    def make(self) -> None:
        """Make the outputs that are not there yet."""
        self._context.progress(phase="copying")
        self._report()
        todo = [output for output in self._wanted() if not self._finished.has(output.name)]
        threads = min(THREADS, self._context.workers, len(todo))
        do_all(todo, self._try, threads, done=lambda: self._context.progress(current=""))
        self._context.check()

    def _try(self, output: Output) -> None:
        try:
            self._make(output)
        except BadFileError as error:
            for number in output.parts:
                refuse_changed(self._spec.sources[number])
            self._skip(output, error)
            self._report()

    def _make(self, output: Output) -> None:
        self._context.progress(current=self._spec.sources[output.parts[0]].path)
        with self._planning:
            plan, told = self._planner.plan(output)
        target = self._spec.target(output)
        self._refuse_existing(output)  # another job may have made it meanwhile
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{str(target)!r} cannot be written: {error.strerror}", "Choose another --to.") from error
        self._finished.begin(output.name, plan.size)
        with self._context.making(target.with_name(target.name + ".part")):
            copied = merge.copy(
                plan, target, progress=lambda done: self._advance(output, done), check=self._context.check
            )
        with self._context.making(target):
            entries = self._verified(output, target)
        for note in plan.notes:
            self._context.event("note", path=str(target), text=note)
        made = Finished.of(target, copied.adler32, entries, told)
        self._finished.add(output.name, made)

    def _verified(self, output: Output, target: Path) -> dict[str, int]:
        self._say_verifying()
        try:
            return verify(
                target,
                self._spec.paths(output),
                self._spec.factor,
                virtual=self._spec.virtual,
                check=self._context.check,
            )
        except BaseException as error:
            with suppress(OSError):
                target.unlink()
            if isinstance(error, BadFileError):
                raise AtlasodError(
                    f"{str(target)!r} was removed, because a look at it failed: {error.message}",
                    "Disk or memory of this host may be damaged; try again.",
                ) from error
            raise

    def _say_verifying(self) -> None:
        with self._lock:
            last = sum(self._done.values()) == sum(self._sizes.values())
        if last:
            self._context.progress(phase="verifying")

    def _advance(self, output: Output, done: int) -> None:
        with self._lock:
            self._done[output.name] = done
        self._report()

    def _report(self) -> None:
        with self._lock:
            done, total = sum(self._done.values()), sum(self._sizes.values())
        self._context.progress(done=done, total=total)

    def finish(self) -> Outcome:
        """Say what was made."""
        if not self._sizes:
            raise self._nothing()
        self._finished.write_manifest()
        count = len(self._spec.sources)
        missed = [f"{len(self._skipped)} of {count} files were skipped"] if self._skipped else []
        if self._spec.unreadable:
            for folder in self._spec.unreadable:
                self._context.event("skipped", path=folder, reason="the folder cannot be read")
            folders = len(self._spec.unreadable)
            missed.append(f"{folders} folder{'' if folders == 1 else 's'} could not be read")
        return Outcome(exit_code=4 if missed else 0, message=", ".join(missed), result=self._spec.to)
