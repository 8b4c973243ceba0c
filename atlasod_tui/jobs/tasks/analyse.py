"""The analysis job: files are opened and cut into pieces, threads run the pieces, their sums are added and written."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.loop import Kernels, needed, pieces, run_piece
from atlasod_tui.engine.program import Program, collect
from atlasod_tui.engine.registry import load
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import AtlasodError, BadFileError, JobError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.analyse_output import FileRecord, Result, Times, refuse_others, write
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec, AnalysisInput, InputFile
from atlasod_tui.jobs.tasks.parts import Part, Parts, fingerprint
from atlasod_tui.rootfile.tree import Tree, open_tree

if TYPE_CHECKING:
    import numpy.typing as npt

_OPEN_FILES = 8


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do an analysis job; see `AnalyseSpec` for its arguments.

    Raises:
        AtlasodError: If no file could be used, an analysis is wrong, inputs changed, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, AnalyseSpec)
    refuse_others(spec, context)
    job = _Job(spec, context)
    job.open()
    job.loop()
    return job.finish()


@dataclass
class _Running:
    """An analysis of the job and what is known of its files."""

    input: AnalysisInput
    analysis: Analysis
    program: Program
    kernels: Kernels
    parts: list[Part] = field(default_factory=list)
    records: dict[tuple[str, int], FileRecord] = field(default_factory=dict)

    def kind(self, sample: str) -> SampleKind:
        is_data = sample.startswith("data")
        return SampleKind(sample, is_data, sign_only=not is_data and self.analysis.single_rule and "single" in sample)


class _Job:
    def __init__(self, spec: AnalyseSpec, context: JobContext) -> None:
        self._spec, self._context = spec, context
        self._parts = Parts(context.parts)
        self._trees = _Trees()
        self._lock = threading.Lock()
        self._done = self._resumed = 0
        self._active: dict[int, tuple[Part, Sums]] = {}
        self._live: dict[tuple[str, str], Sums] = {}
        self._started = time.time()
        self._loop_seconds = self._loop_cpu = 0.0
        corrected = spec.variant == "fixed"
        self._running = [self._prepare(item, corrected=corrected) for item in spec.analyses]
        self._by_name = {item.analysis.name: item for item in self._running}
        self._parts.check(
            {
                name: fingerprint(item.program, corrected=corrected, piece_events=spec.piece_events)
                for name, item in self._by_name.items()
            }
        )

    def _prepare(self, item: AnalysisInput, *, corrected: bool) -> _Running:
        analysis = load(Path(item.file))
        program = collect(analysis)
        return _Running(
            item, analysis, program, Kernels(program, corrected=corrected, interpreted=self._spec.interpreted)
        )

    def open(self) -> None:
        """Open every file once, and cut it into pieces."""
        self._context.progress(phase="opening files")
        for item in self._running:
            for sample, files in item.input.samples.items():
                for number, file in enumerate(files):
                    self._context.check()
                    self._context.progress(current=file.path)
                    item.records[sample, number] = FileRecord(file)
                    self._open(item, sample, number, file)
        self._context.progress(total=sum(part.events for item in self._running for part in item.parts))

    def _open(self, item: _Running, sample: str, number: int, file: InputFile) -> None:
        if file.path in self._spec.skip:
            self._skip(item, sample, number, BadFileError("an earlier run of the job died on it"))
            return
        try:
            _check_unchanged(file)
            tree = self._trees.get(file.path, item.analysis.tree)
            cuts = pieces(tree, needed(item.program, item.kind(sample)), self._spec.piece_events)
        except BadFileError as error:
            self._skip(item, sample, number, error)
            return
        item.records[sample, number].entries = tree.entries
        name = item.analysis.name
        item.parts += [Part(name, sample, number, at, start, stop) for at, (start, stop) in enumerate(cuts)]

    def _skip(self, item: _Running, sample: str, number: int, error: AtlasodError) -> None:
        with self._lock:
            record = item.records[sample, number]
            if not record.skipped:
                record.skipped = error.message
                self._context.skip(record.file.path, error.message)

    def loop(self) -> None:
        """Run all pieces that are not done yet, on as many threads as the job has."""
        left = self._take_up()
        self._compile(left)
        self._done = self._resumed
        self._context.progress(phase="reading events", done=self._done)
        clock, cpu = time.perf_counter(), time.process_time()
        todo = iter(left)
        with ThreadPoolExecutor(self._context.workers) as pool:
            futures = [pool.submit(self._work, todo) for _ in range(self._context.workers)]
        for future in futures:
            future.result()
        self._context.check()
        self._loop_seconds, self._loop_cpu = time.perf_counter() - clock, time.process_time() - cpu

    def _take_up(self) -> list[Part]:
        """Count the pieces that earlier runs finished, and return those that are left."""
        left = []
        for item in self._running:
            for part in item.parts:
                self._context.check()
                sums = self._parts.load(part, item.program.layout)
                if sums is None:
                    left.append(part)
                else:
                    self._resumed += part.events
                    self._add_live(part, sums)
        return left

    def _compile(self, left: list[Part]) -> None:
        """Compile each analysis for its first file, so that the rate of events is that of reading alone."""
        for name, part in {part.analysis: part for part in reversed(left)}.items():
            self._context.check()
            item = self._by_name[name]
            path = item.records[part.sample, part.file].file.path
            self._context.progress(phase=f"compiling {name}", current=path)
            with suppress(BadFileError):  # the event loop meets it again, and skips the file
                item.kernels.get(self._trees.get(path, item.analysis.tree))

    def _work(self, todo: Iterator[Part]) -> None:
        while True:
            with self._lock:
                part = next(todo, None)
            if part is None:
                return
            try:
                self._piece(part)
            except BadFileError as error:
                self._skip(self._by_name[part.analysis], part.sample, part.file, error)
            except BaseException:
                with self._lock:  # the other threads end after their piece
                    for _ in todo:
                        pass
                raise

    def _piece(self, part: Part) -> None:
        item = self._by_name[part.analysis]
        record = item.records[part.sample, part.file]
        if record.skipped:
            return
        self._context.progress(current=record.file.path)
        sums = Sums.zero(item.program.layout)
        tree = self._trees.get(record.file.path, item.analysis.tree)
        self._active[threading.get_ident()] = (part, sums)
        try:
            run_piece(
                tree,
                item.kernels.get(tree),
                item.program,
                item.kind(part.sample),
                (part.start, part.stop),
                sums,
                progress=self._advance,
                cancelled=self._context.cancelled,
            )
        finally:
            del self._active[threading.get_ident()]
        _check_unchanged(record.file)  # or the pieces of a file that is replaced meanwhile would be of two files
        self._parts.save(part, sums)
        self._add_live(part, sums)

    def _add_live(self, part: Part, sums: Sums) -> None:
        layout = self._by_name[part.analysis].program.layout
        with self._lock:
            self._live.setdefault((part.analysis, part.sample), Sums.zero(layout)).add(sums)

    def _advance(self, events: int) -> None:
        with self._lock:
            self._done += events
            done = self._done
        self._context.progress(done=done)
        self._context.live(self._snapshot)

    def _snapshot(self) -> dict[str, npt.NDArray[Any]]:
        """The sums so far per analysis and sample, laid out as `engine.histograms.Layout` says."""
        with self._lock:
            totals = {key: Sums(sums.sums.copy(), sums.counts.copy()) for key, sums in self._live.items()}
            active = list(self._active.values())
        for part, sums in active:
            key = (part.analysis, part.sample)
            totals.setdefault(key, Sums(np.zeros_like(sums.sums), np.zeros_like(sums.counts))).add(sums)
        arrays: dict[str, npt.NDArray[Any]] = {}
        for (analysis, sample), sums in totals.items():
            arrays[f"{analysis}.{sample}.sums"] = sums.sums
            arrays[f"{analysis}.{sample}.counts"] = sums.counts
        return arrays

    def finish(self) -> Outcome:
        """Add the pieces in their order and write the results; a file with a bad piece counts for nothing."""
        skipped = [record for item in self._running for record in item.records.values() if record.skipped]
        used = sum(not record.skipped for item in self._running for record in item.records.values())
        if not used:
            raise AtlasodError(f"none of the {len(skipped)} files could be used; the first: {skipped[0].skipped}")
        self._context.progress(phase="writing results", current="")
        results = [self._result(item) for item in self._running]
        events = self._done - self._resumed
        times = Times(self._started, self._loop_seconds, self._loop_cpu, events, self._resumed)
        write(self._spec, results, self._context, times)
        message = f"{len(skipped)} of {len(skipped) + used} files were skipped" if skipped else ""
        return Outcome(exit_code=4 if skipped else 0, message=message, result=self._spec.output)

    def _result(self, item: _Running) -> Result:
        totals: dict[str, Sums] = {}
        for part in item.parts:  # in (sample, file, piece) order
            if not item.records[part.sample, part.file].skipped:
                sums = self._parts.load(part, item.program.layout)
                if sums is None:
                    raise JobError(f"the piece {part.name} of the job is gone", "Resume the job.")
                totals.setdefault(part.sample, Sums.zero(item.program.layout)).add(sums)
        for sample, number in item.records:  # files without events have no pieces
            if not item.records[sample, number].skipped:
                totals.setdefault(sample, Sums.zero(item.program.layout))
        return Result(item.analysis, item.program.layout, totals, item.records, item.input.absent)


class _Trees:
    """The trees of the last few files; a file closes when its last user lets go of it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: str, name: str) -> Tree:
        with self._lock:
            tree = self._kept.pop((path, name), None) or open_tree(Path(path), name)
            self._kept[path, name] = tree
            while len(self._kept) > _OPEN_FILES:
                self._kept.popitem(last=False)
            return tree


def _check_unchanged(file: InputFile) -> None:
    try:
        status = os.stat(file.path)  # noqa: PTH116 - one call
    except OSError as error:
        raise BadFileError(f"{Path(file.path).name} cannot be opened: {error.strerror}") from error
    if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
        raise JobError(f"{file.path} changed since the job was made", "Start it anew with 'analyse'.")
