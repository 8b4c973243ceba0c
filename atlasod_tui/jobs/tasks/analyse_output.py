"""What an analysis job leaves behind: ROOT files per sample, a bundle per analysis, one manifest."""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui import __version__, config
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.results import write_bundle, write_samples
from atlasod_tui.engine.sums import Sums
from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.folder import write_atomic
from atlasod_tui.jobs.tasks import analyse_normalisation as normalisation
from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
from atlasod_tui.jobs.tasks.analyse_spec import ANALYSIS_NAME, AnalyseSpec
from atlasod_tui.jobs.tasks.places import public
from atlasod_tui.plots.manifest import NAME as MANIFEST
from atlasod_tui.plots.manifest import UNFINISHED
from atlasod_tui.samples import groups, starter
from atlasod_tui.samples.catalogue import all_samples

_BLOCK = 1 << 22
_OUTCOME = "outcome.json"


@dataclass(frozen=True)
class Result:
    """What came out for one analysis; a sample all of whose files were skipped is not among the totals."""

    analysis: Analysis
    layout: Layout
    totals: dict[str, Sums]
    records: Mapping[tuple[str, int], FileRecord]
    absent: list[str]


@dataclass(frozen=True)
class Times:
    """How long the last run of a job took.

    Attributes:
        started: When it began, seconds since the epoch.
        loop_seconds: Wall time of the event loop.
        loop_cpu_seconds: CPU time of it, all threads.
        events: Events that it read.
        events_resumed: Events that earlier runs had read.
    """

    started: float
    loop_seconds: float
    loop_cpu_seconds: float
    events: int
    events_resumed: int


def refuse_others(spec: AnalyseSpec, context: JobContext) -> None:
    """Do nothing, unless another job wrote its results to the output folder since this one was made.

    Raises:
        UsageError: If it did.
    """
    if not spec.force and (Path(spec.output) / MANIFEST).exists() and _written(spec).job != context.folder.id:
        message = f"{spec.output!r} has the results of another job by now"
        raise UsageError(message, "Choose another --output, or replace it with --force.")


def finished_before(spec: AnalyseSpec, context: JobContext) -> Outcome | None:
    """Return how an earlier run of the job ended if its results are there, whole: only their upload may be missing."""
    try:
        outcome = msgspec.json.decode((context.parts / _OUTCOME).read_bytes(), type=Outcome)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    output = Path(spec.output)
    is_whole = not (output / UNFINISHED).exists() and all(path.is_file() for path in bundles(spec))
    return outcome if is_whole and _written(spec).job == context.folder.id else None


def remember(outcome: Outcome, context: JobContext) -> None:
    """Keep how the job ended, for a later run that has only to upload."""
    write_atomic(context.parts / _OUTCOME, msgspec.json.encode(outcome))


def bundles(spec: AnalyseSpec) -> list[Path]:
    """Return the files that are uploaded in the end."""
    return [Path(spec.output) / f"{item.framework_name}.root" for item in spec.analyses]


def write(spec: AnalyseSpec, results: list[Result], context: JobContext, times: Times) -> None:
    """Write the results; the manifest comes last, so that a folder with one is complete.

    Raises:
        AtlasodError: If they cannot be written, another job wrote there meanwhile, or the job was cancelled.
    """
    output = Path(spec.output)
    checksums = _checksums(results, context)
    refuse_others(spec, context)
    try:
        output.mkdir(parents=True, exist_ok=True)
        _clear(spec)
    except OSError as error:
        raise UsageError(f"{spec.output!r} cannot be written: {error.strerror}", "Choose another --output.") from error
    records = [record for result in results for record in result.records.values()]
    common = {
        "program": f"atlasod-tui {__version__}",
        "input": ", ".join(map(public, spec.inputs)) or starter.LABEL,
        "synthetic": any(record.synthetic for record in records if not record.skipped),
        "variant": spec.variant,
        "options": {
            "only": spec.only,
            "samples": spec.choose,
            "interpreted": spec.interpreted,
            "fill_missing": spec.fill_missing,
            "piece_events": spec.piece_events,
        },
        "versions": _versions(),
        "workers": context.workers,
        "times": asdict(times)
        | {
            "finished": time.time(),
            "events_per_second": times.events / times.loop_seconds if times.loop_seconds else 0.0,
            "peak_memory_bytes": _peak_memory(),
        },
    }
    entries: dict[str, Any] = {}
    for result in results:
        entry = _entry(spec, result, checksums)
        name = result.analysis.framework_name
        entries[name] = entry
        totals = _with_sum_of_data(result)
        expected = _expected(result) if spec.fill_missing else []
        missing = {absent: Sums.zero(result.layout) for absent in expected if absent not in totals}
        for sample_name, sums in (totals | missing).items():
            context.check()
            write_samples(output / f"Output_{name}", result.layout, {sample_name: sums})
        context.check()
        text = msgspec.json.encode(common | {"analyses": {name: entry}}).decode()
        scales, synthetic = normalisation.scales(entry), normalisation.synthetic(entry)
        write_bundle(output / f"{name}.root", result.analysis, result.layout, totals, scales, synthetic, text)
    skipped = [
        {"path": record.file.shown, "reason": record.skipped, "analysis": result.analysis.framework_name}
        for result in results
        for record in result.records.values()
        if record.skipped
    ]
    skipped += [{"path": path, "reason": "the folder cannot be read"} for path in spec.unreadable]
    notes = [*spec.notes, *normalisation.notes(records)]
    whole = {"job": context.folder.id} | common | {"analyses": entries, "skipped": skipped, "notes": notes}
    write_atomic(output / MANIFEST, msgspec.json.format(msgspec.json.encode(whole)), sync=True)
    (output / UNFINISHED).unlink(missing_ok=True)


def _clear(spec: AnalyseSpec) -> None:
    """Remove what earlier runs wrote to the output, whole or half, and nothing else; say that it is not complete.

    Samples that an earlier run had and this one has not would be taken for results of this one.
    """
    output = Path(spec.output)
    earlier = (name for name in _written(spec).analyses if ANALYSIS_NAME.fullmatch(name))
    (output / MANIFEST).unlink(missing_ok=True)
    for path in output.glob(f".{MANIFEST}.*"):
        path.unlink(missing_ok=True)
    (output / UNFINISHED).touch()
    known = {"data", *(entry.name for entry in all_samples(every=True))}
    for name in {*earlier, *(item.framework_name for item in spec.analyses)}:
        folder = output / f"Output_{name}"
        ours = [path for path in folder.glob("*.root*") if _sample_of(path) in known]
        for path in (*ours, output / f"{name}.root", output / f"{name}.root.part"):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # something of the user's is there
            folder.rmdir()


def _sample_of(path: Path) -> str:
    return path.name.removesuffix(".part").removesuffix(".root")


class _Written(msgspec.Struct):
    """What a manifest says of who wrote what."""

    job: str = ""
    analyses: dict[str, msgspec.Raw] = {}


def _written(spec: AnalyseSpec) -> _Written:
    try:
        return msgspec.json.decode((Path(spec.output) / MANIFEST).read_bytes(), type=_Written)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return _Written()


def _entry(spec: AnalyseSpec, result: Result, checksums: Mapping[str, str | None]) -> dict[str, Any]:
    main = result.layout.named[result.analysis.main]
    samples: dict[str, Any] = {}
    for name, sums in result.totals.items():
        records = [record for (key, _), record in result.records.items() if key == name and not record.skipped]
        samples[name] = {
            "files": [_file(record, checksums[record.file.path]) for record in records],
            "events": sum(record.entries for record in records),
            "selected": sums.entries(main),
            "factor": normalisation.factor(records),
            "zero_weights": sums.zero_weights(),
            **({"synthetic": True} if any(record.synthetic for record in records) else {}),
            **normalisation.of_sample(result.analysis, name, records, spec.variant),
        }
    periods, luminosity = normalisation.luminosity(result.records.values())
    quirks = [quirk.name for quirk in result.analysis.quirks if not (spec.variant == "fixed" and quirk.fixed)]
    return {
        "variant": spec.variant,
        "quirks": quirks,
        "data_periods": periods,
        "luminosity_pb": luminosity,
        "stack_luminosity_pb": normalisation.stack_luminosity(periods, luminosity, samples),
        "samples": samples,
        "absent": [*result.absent, *dict.fromkeys(name for name, _ in result.records if name not in result.totals)],
    }


def _file(record: FileRecord, adler32: str | None) -> dict[str, Any]:
    file = record.file
    return {
        "name": record.name,
        "path": public(record.where),
        **({"did": file.did} if file.did else {}),
        "size": file.size,
        "adler32": adler32,
        "entries": record.entries,
        "factor": record.factor,
        **({"virtual": True} if record.about is not None and record.about.virtual else {}),
    }


def _with_sum_of_data(result: Result) -> dict[str, Sums]:
    """Six analyses run the data periods one by one: their sum is what the plots read, the framework's users hadd it."""
    totals = dict(result.totals)
    periods = [totals[name] for name in groups.DATA if name in totals]
    if result.analysis.data == "periods" and periods:
        totals["data"] = Sums.zero(result.layout)
        for sums in periods:
            totals["data"].add(sums)
    return totals


def _expected(result: Result) -> list[str]:
    periods = groups.DATA if result.analysis.data == "periods" else ()
    return [*periods, "data", *result.analysis.samples()]


def _checksums(results: list[Result], context: JobContext) -> dict[str, str | None]:
    """Adler-32 of each file that was used, by what it goes by; None where it is not known and would take long.

    A lake tells that of its files. Others on this machine are read once more, up to the configured size. Progress is
    part of the phase, in steps because each phase is a line of output; the counts stay those of events.
    """
    import deflate  # noqa: PLC0415 - its Adler-32 is many times faster than the standard library's

    limit = config.load().checksum_max_bytes
    used = {record.file.path: record.file for result in results for record in result.records.values()
            if not record.skipped}  # fmt: skip
    made: dict[str, str | None] = {path: file.adler32 or None for path, file in used.items()}
    todo = {path: file.size for path, file in used.items() if not file.elsewhere and file.size <= limit}
    total, done = max(1, sum(todo.values())), 0
    for path in todo:
        value = 1
        with suppress(OSError), Path(path).open("rb") as opened:
            while block := opened.read(_BLOCK):
                context.check()
                context.progress(phase=f"checksums, {10 * (10 * done // total)} %")
                value = deflate.adler32(block, value)
                done += len(block)
            made[path] = f"{value:08x}"
    context.progress(phase="writing results")
    return made


def _peak_memory() -> int:
    """Return the largest resident memory of this process so far, which macOS counts in bytes and Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), "numpy": _version("numpy"), "numba": _version("numba")}


def _version(name: str) -> str:
    if name in sys.modules:
        return str(sys.modules[name].__version__)
    # A job that is resumed with nothing left to read does without numba.
    from importlib import metadata  # noqa: PLC0415 - 20 ms

    return metadata.version(name)
