"""The multiply job: outputs are planned, copied, verified, recorded and uploaded, a few of them at the same time."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.errors import AtlasodError, BadFileError, CancelledError, JobError, UsageError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.arrivals import Arrivals
from atlasod_tui.jobs.tasks.finished import Finished, FinishedFiles
from atlasod_tui.jobs.tasks.multiply_plan import Planner
from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output, Source
from atlasod_tui.jobs.tasks.multiply_tally import Tally
from atlasod_tui.jobs.tasks.multiply_upload import OutputUploads
from atlasod_tui.jobs.tasks.output_folder import refuse_existing, refuse_full_disk, refuse_too_much
from atlasod_tui.jobs.tasks.places import Copy, NotHadError, none_left
from atlasod_tui.jobs.tasks.supply import Supply
from atlasod_tui.jobs.tasks.threads import do_all
from atlasod_tui.jobs.tasks.write_back import WriteBack
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.verify import verify
from atlasod_tui.samples import folder_manifest

THREADS = 2
"""Outputs made at the same time, at most: one keeps a disk busy, and each needs memory for its tables and chunks."""


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do a multiply job; see `MultiplySpec` for its arguments.

    Raises:
        AtlasodError: If nothing could be made, there is too little space, inputs changed, an output was not what it
            should be, a lake refuses, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, MultiplySpec)
    with WriteBack(spec.upload, context) as back:
        job = _Job(spec, context, back)
        job.prepare()
        with Arrivals(job.sources_to_come(), spec.lake, context, report=job.fetched) as arrivals:
            job.make(arrivals)
        return back.conclude(job.finish())


class _Job:
    def __init__(self, spec: MultiplySpec, context: JobContext, back: WriteBack) -> None:
        self._spec, self._context, self._back = spec, context, back
        self._planner = Planner(spec)
        self._finished = FinishedFiles(context, Path(spec.to))
        self._uploads = OutputUploads(spec, back, context.check)
        self._tally = Tally(context)
        self._supply: Supply[Output] = Supply(context.check)
        self._lock = threading.Lock()
        self._planning = threading.Lock()
        self._to_come: dict[str, Output] = {}  # whose sources are not all here
        self._skipped: dict[int, AtlasodError] = {}  # source to the reason

    def prepare(self) -> None:
        """Learn the size of each output, or estimate it, and refuse what cannot end well."""
        folder_manifest.read(Path(self._spec.to))
        self._context.progress(unit="B", phase="reading the files")
        for output in self._spec.outputs:
            self._context.check()
            made = self._finished.get(output.name)
            if made is not None:
                self._tally.expect(output.name, made.size, done=made.size)
            elif self._is_skipped(output):
                continue
            elif self._planner.knows(output):
                self._context.progress(current=self._spec.sources[output.parts[0]].path)
                self._look(output)
            else:
                self._to_come[output.name] = output
                self._tally.expect(output.name, self._spec.estimate_of(output))
        sizes = self._tally.sizes
        if not sizes:
            raise self._nothing()
        refuse_too_much(sizes.values())
        left = self._left()
        for output in left:
            self._refuse_existing(output, 0 if output.name in self._to_come else sizes[output.name])
        refuse_full_disk({self._spec.target(output): sizes[output.name] for output in left})
        self._back.refuse(sum(size for name, size in sizes.items() if not self._back.has(Path(self._spec.to, name))))

    def _look(self, output: Output) -> bool:
        """Learn the size of an output; return False if it is skipped."""
        try:
            with self._planning:
                self._planner.check(output)
                self._tally.expect(output.name, self._planner.size(output))
        except (JobError, CancelledError):
            raise
        except AtlasodError as error:
            self._skip(output, error)
            return False
        return True

    def _nothing(self) -> AtlasodError:
        first, *others = self._skipped.values()
        had = not all(isinstance(error, NotHadError) for error in (first, *others))
        return none_left(f"none of the files could be used; {first.message}", first.hint, had=had)

    def _refuse_existing(self, output: Output, size: int) -> None:
        if not self._finished.was_begun(output.name, size):
            refuse_existing(self._spec.target(output), force=self._spec.force)

    def _left(self) -> list[Output]:
        sizes = self._tally.sizes
        return [item for item in self._spec.outputs if item.name in sizes and not self._finished.has(item.name)]

    def _is_skipped(self, output: Output) -> bool:
        for number in output.parts:
            if self._spec.sources[number].path in self._spec.skip and number not in self._skipped:
                self._skip(Output(output.name, [number]), BadFileError("an earlier run of the job died on it"))
        return any(number in self._skipped for number in output.parts)

    def _skip(self, output: Output, error: AtlasodError) -> None:
        self._uploads.leave_out(output)
        if self._spec.merged or len(self._spec.sources) == 1:
            raise none_left(error.message, error.hint, had=not isinstance(error, NotHadError)) from error
        (number,) = output.parts
        self._tally.drop(output.name)
        with self._lock:
            if number in self._skipped:
                return
            self._skipped[number] = error
        self._context.skip(self._spec.sources[number].path, error.message)

    def sources_to_come(self) -> list[Source]:
        """Return the files of a lake that outputs still wait for, in order."""
        numbers = dict.fromkeys(number for output in self._to_come.values() for number in output.parts)
        return [self._spec.sources[number] for number in numbers if self._spec.sources[number].elsewhere]

    def fetched(self, done: int, total: int) -> None:
        """Report the bytes fetched."""
        self._tally.fetched(done, total)

    def make(self, arrivals: Arrivals) -> None:
        """Make the outputs that are not there yet, first those whose sources are here."""
        self._uploads.add_earlier(self._finished)
        left = self._left()
        here = [output for output in left if output.name not in self._to_come]
        if here or not left:
            self._tally.begin()
        self._supply.put(here)
        receiver = threading.Thread(target=self._receive, args=(arrivals,), daemon=True)
        if self._to_come:
            receiver.start()
        else:
            self._supply.close()
        threads = max(1, min(THREADS, self._context.workers, len(left)))
        try:
            do_all(self._supply, self._one, threads, done=lambda: self._context.progress(current=""))
        finally:
            self._supply.stop()
            arrivals.close()
            if self._to_come:
                receiver.join()
        self._context.check()

    def _receive(self, arrivals: Arrivals) -> None:
        """Hand out the outputs whose sources have arrived."""
        error: BaseException | None = None
        numbers = {source.path: number for number, source in enumerate(self._spec.sources)}
        try:
            for path, place in arrivals:
                self._context.check()
                number = numbers[path]
                waiting = [output for output in self._to_come.values() if number in output.parts]
                if isinstance(place, BadFileError):
                    for output in waiting:
                        self._skip(output, place)
                elif isinstance(place, Copy):
                    self._context.progress(current=path)
                    with self._planning:
                        self._planner.places[number] = place
                    self._supply.put([item for item in waiting if self._planner.knows(item) and self._look(item)])
                    refuse_too_much(self._tally.sizes.values())
        except BaseException as reason:  # noqa: BLE001 - raised again by a thread that has nothing left to do
            error = reason
        self._context.progress(current="")
        self._supply.close(error)

    def _one(self, output: Output) -> None:
        try:
            self._uploads.keep_pace(output)
            self._try(output)
        except BaseException:
            self._supply.stop()
            raise

    def _try(self, output: Output) -> None:
        try:
            self._make(output)
        except BadFileError as error:
            self._planner.check(output)
            self._skip(output, error)
            self._tally.report()

    def _make(self, output: Output) -> None:
        self._context.progress(current=self._spec.sources[output.parts[0]].path)
        self._tally.begin()
        with self._planning:
            plan, told = self._planner.plan(output)
        target = self._spec.target(output)
        self._refuse_existing(output, plan.size)  # another job may have made it meanwhile
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{str(target)!r} cannot be written: {error.strerror}", "Choose another --to.") from error
        self._finished.begin(output.name, plan.size)
        with self._context.making(target.with_name(target.name + ".part")):
            copied = merge.copy(
                plan, target, progress=lambda done: self._tally.advance(output.name, done), check=self._context.check
            )
        with self._context.making(target):
            entries = self._verified(output, target)
        for note in plan.notes:
            self._context.event("note", path=str(target), text=note)
        made = Finished.of(target, copied.adler32, entries, told)
        self._finished.add(output.name, made)
        self._context.event("written", path=str(target))
        self._uploads.add(output, made)

    def _verified(self, output: Output, target: Path) -> dict[str, int]:
        if self._tally.is_complete:
            self._context.progress(phase="verifying")
        try:
            return verify(
                target,
                self._planner.paths(output),
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

    def finish(self) -> Outcome:
        """Say what was made."""
        if not self._tally.sizes:
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
