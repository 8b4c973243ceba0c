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

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.loop import Kernels, needed, pieces, run_piece
from atlasod_tui.engine.program import Program, collect
from atlasod_tui.engine.registry import load
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import AtlasodError, BadFileError, JobError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
from atlasod_tui.jobs.tasks.analyse_output import Result, Times, refuse_others, write
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec, AnalysisInput, InputFile
from atlasod_tui.jobs.tasks.output_folder import refuse_unwritable
from atlasod_tui.jobs.tasks.parts import Part, Parts, fingerprint
from atlasod_tui.rootfile.tree import Tree, open_tree
from atlasod_tui.samples import about
from atlasod_tui.samples.about import About

if TYPE_CHECKING:
    import numpy.typing as npt

_OPEN_FILES = 8


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do an analysis job; see `AnalyseSpec` for its arguments.

    Raises:
        AtlasodError: If no file could be used, an analysis is wrong, inputs changed, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, AnalyseSpec)
    if spec.starter:
        from atlasod_tui.jobs.tasks.starter_sample import complete  # noqa: PLC0415 - once in the life of a cache

        spec = complete(spec, context)
    refuse_unwritable(Path(spec.output))
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


@dataclass
class _SoFar:
    """How far a file is: the sums of its finished pieces, its events, and how many of them have been read."""

    sums: Sums
    total: int
    done: int = 0


class _Job:
    def __init__(self, spec: AnalyseSpec, context: JobContext) -> None:
        self._spec, self._context = spec, context
        self._parts = Parts(context.parts)
        self._trees = _Trees()
        self._lock = threading.Lock()
        self._read = self._resumed = 0
        self._done = self._total = 0  # of the files that are not skipped
        self._so_far: dict[tuple[str, str, int], _SoFar] = {}  # these files
        self._active: dict[int, tuple[Part, Sums]] = {}
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
        self._report()

    def _open(self, item: _Running, sample: str, number: int, file: InputFile) -> None:
        if file.path in self._spec.skip:
            self._skip(item, sample, number, BadFileError("an earlier run of the job died on it"))
            return
        try:
            _check_unchanged(file)
            tree = self._trees.get(file.path, item.analysis.tree)
            told = self._trees.about(tree)
            cuts = pieces(tree, needed(item.program, item.kind(sample)), self._spec.piece_events)
        except BadFileError as error:
            self._skip(item, sample, number, error)
            return
        item.records[sample, number].entries = tree.entries
        item.records[sample, number].about = told
        name = item.analysis.name
        item.parts += [Part(name, sample, number, at, start, stop) for at, (start, stop) in enumerate(cuts)]
        self._so_far[name, sample, number] = _SoFar(Sums.zero(item.program.layout), tree.entries)
        self._total += tree.entries

    def _skip(self, item: _Running, sample: str, number: int, error: AtlasodError) -> None:
        with self._lock:
            record = item.records[sample, number]
            if record.skipped:
                return
            record.skipped = error.message
            so_far = self._so_far.pop((item.analysis.name, sample, number), None)
            if so_far is not None:
                self._done -= so_far.done
                self._total -= so_far.total
            known = any(other.skipped and other is not record for other in self._records(record.file.path))
        if not known:  # in hand of several analyses, it is named once
            self._context.skip(record.file.path, error.message)

    def _records(self, path: str) -> list[FileRecord]:
        return [record for item in self._running for record in item.records.values() if record.file.path == path]

    def loop(self) -> None:
        """Run all pieces that are not done yet, on as many threads as the job has."""
        left = self._take_up()
        self._compile(left)
        self._context.progress(phase="reading events", current="")
        self._report()
        clock, cpu = time.perf_counter(), time.process_time()
        todo = iter(left)
        with ThreadPoolExecutor(self._context.workers) as pool:
            futures = [pool.submit(self._work, todo) for _ in range(self._context.workers)]
        for future in futures:
            future.result()
        self._context.check()
        self._report()
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
                    self._done += part.events
                    self._so_far[part.source].done += part.events
                    self._so_far[part.source].sums.add(sums)
        return left

    def _compile(self, left: list[Part]) -> None:
        """Compile each analysis for its first file, so that the rate of events is that of reading alone."""
        for name, part in {part.analysis: part for part in reversed(left)}.items():
            self._context.check()
            item = self._by_name[name]
            path = item.records[part.sample, part.file].file.path
            self._context.progress(phase=f"compiling {name}", current=path)
            with suppress(BadFileError):  # the event loop meets it again, and skips the file
                item.kernels.get(self._trees.get(path, item.analysis.tree), item.kind(part.sample))

    def _work(self, todo: Iterator[Part]) -> None:
        while True:
            with self._lock:
                part = next(todo, None)
            if part is None:
                self._context.progress(current="")
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
        kind, sums = item.kind(part.sample), Sums.zero(item.program.layout)
        tree = self._trees.get(record.file.path, item.analysis.tree)
        with self._lock:
            self._active[threading.get_ident()] = (part, sums)  # until it counts as finished, or its file is skipped
        run_piece(
            tree,
            item.kernels.get(tree, kind),
            item.program,
            kind,
            (part.start, part.stop),
            sums,
            progress=lambda events: self._advance(part, events),
            cancelled=self._context.cancelled,
        )
        _check_unchanged(record.file)  # or the pieces of a file that is replaced meanwhile would be of two files
        self._parts.save(part, sums)
        with self._lock:
            del self._active[threading.get_ident()]
            if part.source in self._so_far:
                self._so_far[part.source].sums.add(sums)

    def _advance(self, part: Part, events: int) -> None:
        with self._lock:
            self._read += events
            if part.source in self._so_far:
                self._so_far[part.source].done += events
                self._done += events
        self._report()
        self._context.live(self._snapshot)

    def _report(self) -> None:
        with self._lock:
            done, total = self._done, self._total
        self._context.progress(done=done, total=total)

    def _snapshot(self) -> dict[str, npt.NDArray[Any]]:
        """The sums so far per analysis and sample, laid out as `engine.histograms.Layout` says."""
        totals: dict[tuple[str, str], Sums] = {}
        with self._lock:
            known = [(file, so_far.sums) for file, so_far in self._so_far.items() if so_far.done]
            known += [(part.source, sums) for part, sums in self._active.values() if part.source in self._so_far]
            for (analysis, sample, _), sums in known:
                layout = self._by_name[analysis].program.layout
                totals.setdefault((analysis, sample), Sums.zero(layout)).add(sums)
        arrays: dict[str, npt.NDArray[Any]] = {}
        for (analysis, sample), sums in totals.items():
            arrays[f"{analysis}.{sample}.sums"] = sums.sums
            arrays[f"{analysis}.{sample}.counts"] = sums.counts
        return arrays

    def finish(self) -> Outcome:
        """Add the pieces in their order and write the results; a file with a bad piece counts for nothing."""
        records = [record for item in self._running for record in item.records.values()]
        files = {record.file.path for record in records}
        skipped = {record.file.path: record.skipped for record in reversed(records) if record.skipped}
        if all(record.skipped for record in records):
            raise AtlasodError(f"none of the {len(files)} files could be used; the first: {records[0].skipped}")
        self._context.progress(phase="adding the pieces")
        results = [self._result(item) for item in self._running]
        times = Times(self._started, self._loop_seconds, self._loop_cpu, self._read, self._resumed)
        write(self._spec, results, self._context, times)
        missed = [f"{len(skipped)} of {len(files)} files were skipped"] if skipped else []
        if self._spec.unreadable:
            count = len(self._spec.unreadable)
            missed.append(f"{count} folder{'' if count == 1 else 's'} could not be read")
        return Outcome(exit_code=4 if missed else 0, message=", ".join(missed), result=self._spec.output)

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
    """The trees of the last few files, which close when their last user lets go of them, and what all files say."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._about: dict[Path, About | None] = {}
        self._lock = threading.Lock()

    def get(self, path: str, name: str) -> Tree:
        with self._lock:
            tree = self._kept.pop((path, name), None) or open_tree(Path(path), name)
            self._kept[path, name] = tree
            while len(self._kept) > _OPEN_FILES:
                self._kept.popitem(last=False)
            return tree

    def about(self, tree: Tree) -> About | None:
        """Return what a tree's file says about itself."""
        if tree.path not in self._about:
            self._about[tree.path] = about.read(tree.file)
        return self._about[tree.path]


def _check_unchanged(file: InputFile) -> None:
    try:
        status = os.stat(file.path)  # noqa: PTH116 - one call
    except OSError as error:
        raise BadFileError(f"{Path(file.path).name} cannot be opened: {error.strerror}") from error
    if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
        raise JobError(f"{file.path} changed since the job was made", "Start it anew with 'analyse'.")
