"""The analysis job: files are opened and cut into pieces, threads run the pieces, their sums are added and written."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.engine.loop import needed, pieces, run_piece
from atlasod_tui.engine.sums import Sums
from atlasod_tui.errors import AtlasodError, BadFileError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.analyse_live import live_state
from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
from atlasod_tui.jobs.tasks.analyse_output import Times, bundles, finished_before, refuse_others, remember, write
from atlasod_tui.jobs.tasks.analyse_running import Key, Running
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec
from atlasod_tui.jobs.tasks.analyse_tally import READING, Tally
from atlasod_tui.jobs.tasks.analyse_trees import Trees
from atlasod_tui.jobs.tasks.arrivals import Arrivals
from atlasod_tui.jobs.tasks.output_folder import refuse_unwritable
from atlasod_tui.jobs.tasks.parts import Part, Parts, fingerprint
from atlasod_tui.jobs.tasks.places import NotHadError, OnDisk, none_left, public
from atlasod_tui.jobs.tasks.supply import Supply
from atlasod_tui.jobs.tasks.write_back import WriteBack


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do an analysis job; see `AnalyseSpec` for its arguments.

    Raises:
        LakeError: If no file could be had from its lake or server, or a lake refuses.
        AtlasodError: If no file could be used, an analysis is wrong, inputs changed, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, AnalyseSpec)
    if spec.starter:
        from atlasod_tui.jobs.tasks.starter_sample import complete  # noqa: PLC0415 - once in the life of a cache

        spec = complete(spec, context)
    refuse_unwritable(Path(spec.output))
    refuse_others(spec, context)
    with WriteBack(spec.upload, context) as back:
        outcome = finished_before(spec, context)
        if outcome is None:
            back.refuse()
            job = _Job(spec, context)
            files = spec.files_elsewhere()
            with Arrivals(files, spec.lake, context, stream=spec.stream, report=job.fetched) as arrivals:
                job.open()
                job.loop(arrivals)
            outcome = job.finish()
        for path in bundles(spec):
            back.add(path)
        return back.conclude(outcome)


_Use = tuple[Running, Key]
"""A file of an analysis; several analyses may use one."""


class _Job:
    def __init__(self, spec: AnalyseSpec, context: JobContext) -> None:
        self._spec, self._context = spec, context
        self._parts = Parts(context.parts)
        self._trees = Trees()
        self._supply: Supply[Part] = Supply(context.check)
        self._lock = threading.Lock()
        self._started = time.time()
        self._loop_seconds = self._loop_cpu = 0.0
        corrected = spec.variant == "fixed"
        self._running = [
            Running.prepare(item, corrected=corrected, interpreted=spec.interpreted) for item in spec.analyses
        ]
        self._by_name = {item.name: item for item in self._running}
        self._tally = Tally(
            context,
            {item.name: item.layout for item in self._running},
            lambda progress: live_state(self._running, progress, spec.variant),
        )
        self._arrivals: Arrivals | None = None
        self._to_come: dict[str, list[_Use]] = {}
        fetched = any(file.did for file in spec.files_elsewhere()) and not spec.stream
        self._coming = "fetching files" if fetched else "opening files"
        self._compiled: set[str] = set()
        self._parts.check(
            {
                item.name: fingerprint(item.program, corrected=corrected, piece_events=spec.piece_events)
                for item in self._running
            }
        )

    def open(self) -> None:
        """Open every file of this machine once, and cut it into pieces."""
        self._context.progress(phase="opening files")
        for item in self._running:
            for sample, files in item.input.samples.items():
                for number, file in enumerate(files):
                    key = sample, number
                    item.records[key] = FileRecord(file)
                    if file.elsewhere and file.shown not in self._spec.skip:
                        self._tally.expect((item.name, *key), file.size)
                        self._to_come.setdefault(file.path, []).append((item, key))
                        continue
                    self._context.check()
                    self._context.progress(current=file.shown)
                    self._trees.places.setdefault(file.path, OnDisk.given(file, "analyse"))
                    self._open(item, key)
        self._tally.report()

    def _open(self, item: Running, key: Key) -> None:
        record = item.records[key]
        path, tree_name = record.file.path, item.analysis.tree
        if record.file.shown in self._spec.skip:
            self._skip(item, key, BadFileError("an earlier run of the job died on it"))
            return

        def look() -> list[tuple[int, int]]:
            self._trees.places[path].check()
            tree = self._trees.get(path, tree_name)
            record.entries, record.about = tree.entries, self._trees.about(path, tree_name)
            return pieces(tree, needed(item.program, item.kind(key[0])), self._spec.piece_events)

        try:
            item.cut(key, self._trees.wherever(path, look))
        except BadFileError as error:
            self._skip(item, key, error)
            return
        self._tally.opened((item.name, *key), record.file.size, record.entries)

    def _skip(self, item: Running, key: Key, error: AtlasodError) -> None:
        with self._lock:
            record = item.records[key]
            if record.skipped:
                return
            record.skipped, record.hint = error.message, error.hint
            record.had = not isinstance(error, NotHadError)
            self._tally.drop((item.name, *key))
            known = any(other.skipped and other is not record for other in self._records(record.file.path))
        if not known:  # in hand of several analyses, it is named once
            self._context.skip(record.file.shown, error.message)

    def _records(self, path: str) -> list[FileRecord]:
        return [record for item in self._running for record in item.records.values() if record.file.path == path]

    def fetched(self, done: int, total: int) -> None:
        """Report the bytes fetched."""
        self._tally.fetched(done, total)

    def loop(self, arrivals: Arrivals | None = None) -> None:
        """Run all pieces that are not done yet, on as many threads as the job has, while further files arrive."""
        self._arrivals = arrivals
        self._hand_out([(item, key) for item in self._running for key in item.parts])
        clock, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(self._context.workers + 1) as pool:
            futures = [pool.submit(self._receive)] if self._to_come else []
            if not self._to_come:
                self._supply.close()
            futures += [pool.submit(self._work) for _ in range(self._context.workers)]
        for future in futures:
            future.result()
        self._context.check()
        self._tally.report()
        self._loop_seconds, self._loop_cpu = time.perf_counter() - clock, time.process_time() - cpu

    def _receive(self) -> None:
        """Open the files that arrive while others are read, and hand out their pieces."""
        error: BaseException | None = None
        try:
            for path, place in self._arrivals or ():
                uses = self._to_come[path]
                if isinstance(place, BadFileError):
                    for use in uses:
                        self._skip(*use, place)
                    continue
                self._context.progress(current=public(path))
                self._trees.places[path] = place
                for use in uses:
                    self._open(*use)
                self._hand_out([(item, key) for item, key in uses if key in item.parts])
        except BaseException as reason:  # noqa: BLE001 - raised again by a thread that has nothing left to do
            error = reason
        finally:
            self._context.progress(current="")
            self._supply.close(error)

    def _hand_out(self, files: list[_Use]) -> None:
        """Give the threads the pieces of files that are not done yet."""
        left = self._take_up(files)
        self._tally.report()
        self._compile(left)
        self._context.progress(current="")
        self._tally.report(self._coming if self._to_come and self._tally.is_empty else READING)
        self._supply.put(left)

    def _take_up(self, files: list[_Use]) -> list[Part]:
        """Count the pieces that earlier runs finished, and return those that are left."""
        left = []
        for item, key in files:
            for part in item.parts[key]:
                self._context.check()
                sums = self._parts.load(part, item.layout)
                if sums is None:
                    left.append(part)
                else:
                    self._tally.resume(part, sums)
        return left

    def _compile(self, left: list[Part]) -> None:
        """Compile each analysis for its first file, so that the rate of events is that of reading alone."""
        for name, part in {part.analysis: part for part in reversed(left)}.items():
            if name in self._compiled:
                continue
            self._compiled.add(name)
            self._context.check()
            item = self._by_name[name]
            file = item.records[part.sample, part.file].file
            self._context.progress(current=file.shown)
            self._tally.report(f"compiling {name}")
            with suppress(BadFileError):  # the event loop meets it again, and skips the file
                item.kernels.get(self._trees.get(file.path, item.analysis.tree), item.kind(part.sample))

    def _work(self) -> None:
        try:
            for part in self._supply:
                self._piece(part)
        except BaseException:
            self._supply.stop()  # the other threads end after their piece
            if self._arrivals is not None:
                self._arrivals.close()
            raise
        self._context.progress(current="")

    def _piece(self, part: Part) -> None:
        item = self._by_name[part.analysis]
        record = item.records[part.sample, part.file]
        if record.skipped:
            return
        self._context.progress(current=record.file.shown)
        try:
            self._trees.wherever(record.file.path, lambda: self._read(part, item, record.file.path))
        except BadFileError as error:
            self._skip(item, (part.sample, part.file), error)

    def _read(self, part: Part, item: Running, path: str) -> None:
        kind, sums = item.kind(part.sample), Sums.zero(item.layout)
        tree = self._trees.get(path, item.analysis.tree)
        kernel = item.kernels.get(tree, kind)
        read = 0

        def advance(events: int) -> None:
            nonlocal read
            read += events
            self._tally.advance(part, events)

        self._tally.begin(part, sums)
        try:
            run_piece(
                tree,
                kernel,
                item.program,
                kind,
                (part.start, part.stop),
                sums,
                progress=advance,
                cancelled=self._context.cancelled,
            )
            # Or the pieces of a file that is replaced meanwhile would be of two files.
            self._trees.places[path].check()
        except BadFileError:
            self._tally.take_back(part, read)
            raise
        self._parts.save(part, sums)
        self._tally.end(part, sums)

    def finish(self) -> Outcome:
        """Add the pieces in their order and write the results; a file with a bad piece counts for nothing."""
        records = [record for item in self._running for record in item.records.values()]
        files = {record.file.path for record in records}
        skipped = {record.file.path: record.skipped for record in reversed(records) if record.skipped}
        if all(record.skipped for record in records):
            first, had = records[0], any(record.had for record in records)
            message = f"none of the {len(files)} files could be used; the first: {first.skipped}"
            raise none_left(message, first.hint, had=had)
        self._context.progress(phase="adding the pieces")
        for record in records:
            record.where = self._trees.places[record.file.path].where if not record.skipped else record.file.path
        results = [item.result(self._parts) for item in self._running]
        tally = self._tally
        times = Times(self._started, self._loop_seconds, self._loop_cpu, tally.read, tally.resumed)
        missed = [f"{len(skipped)} of {len(files)} files were skipped"] if skipped else []
        if self._spec.unreadable:
            count = len(self._spec.unreadable)
            missed.append(f"{count} folder{'' if count == 1 else 's'} could not be read")
        outcome = Outcome(exit_code=4 if missed else 0, message=", ".join(missed), result=self._spec.output)
        write(self._spec, results, self._context, times)
        remember(outcome, self._context)
        return outcome
