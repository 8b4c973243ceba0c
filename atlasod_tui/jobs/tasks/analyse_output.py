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
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import write_atomic
from atlasod_tui.jobs.tasks.analyse_spec import ANALYSIS_NAME, AnalyseSpec, InputFile
from atlasod_tui.samples import builtin, groups
from atlasod_tui.samples.catalogue import LUMINOSITY_PB, all_samples, luminosity_pb, normalisation, sample, table

MANIFEST = "manifest.json"
_BLOCK = 1 << 22


@dataclass
class FileRecord:
    """A file of a job: how many entries it has, or why it was skipped."""

    file: InputFile
    entries: int = 0
    skipped: str = ""


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
    common = {
        "program": f"atlasod-tui {__version__}",
        "input": spec.input or builtin.LABEL,
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
        write_bundle(output / f"{name}.root", result.analysis, result.layout, totals, _scales(entry), text)
    skipped = [
        {"path": record.file.path, "reason": record.skipped, "analysis": result.analysis.framework_name}
        for result in results
        for record in result.records.values()
        if record.skipped
    ]
    skipped += [{"path": path, "reason": "the folder cannot be read"} for path in spec.unreadable]
    whole = {"job": context.folder.id} | common | {"analyses": entries, "skipped": skipped, "notes": spec.notes}
    write_atomic(output / MANIFEST, msgspec.json.format(msgspec.json.encode(whole)), sync=True)


def _clear(spec: AnalyseSpec) -> None:
    """Remove what earlier runs wrote to the output, whole or half, and nothing else that lies there.

    Samples that an earlier run had and this one has not would be taken for results of this one.
    """
    output = Path(spec.output)
    earlier = (name for name in _written(spec).analyses if ANALYSIS_NAME.fullmatch(name))
    (output / MANIFEST).unlink(missing_ok=True)
    for path in output.glob(f".{MANIFEST}.*"):
        path.unlink(missing_ok=True)
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
            "files": [
                {
                    "name": Path(record.file.path).name,
                    "path": record.file.path,
                    "size": record.file.size,
                    "adler32": checksums[record.file.path],
                    "entries": record.entries,
                    "factor": record.file.factor,
                }
                for record in records
            ],
            "events": sum(record.entries for record in records),
            "selected": sums.entries(main),
            "factor": _factor(records),
            "zero_weights": sums.zero_weights(),
            **_normalisation(spec, result.analysis, name),
        }
    periods = sorted(
        {
            record.file.sample.removeprefix("data")
            for record in result.records.values()
            if not record.skipped and record.file.sample in groups.DATA
        }
    )
    quirks = [quirk.name for quirk in result.analysis.quirks if not (spec.variant == "fixed" and quirk.fixed)]
    return {
        "variant": spec.variant,
        "quirks": quirks,
        "data_periods": periods,
        "luminosity_pb": luminosity_pb(periods),
        "stack_luminosity_pb": _stack_luminosity(periods, samples),
        "samples": samples,
        "absent": [*result.absent, *dict.fromkeys(name for name, _ in result.records if name not in result.totals)],
    }


def _normalisation(spec: AnalyseSpec, analysis: Analysis, name: str) -> dict[str, Any]:
    if name.startswith("data"):
        return {}
    dsid = sample(name).dsid
    if name not in table(analysis.table):
        return {"dsid": dsid, "xsec_pb": None, "sum_of_weights": None}
    found = normalisation(analysis.table, name, spec.variant)
    return {"dsid": dsid, "xsec_pb": found.xsec_pb, "sum_of_weights": found.sum_of_weights}


def _factor(records: list[FileRecord]) -> int | None:
    """How often each event is there: the sum over a sample's files; None where periods of data differ in it."""
    factors: dict[str, int] = {}
    for record in records:
        factors[record.file.sample] = factors.get(record.file.sample, 0) + record.file.factor
    distinct = set(factors.values())
    return distinct.pop() if len(distinct) == 1 else None


def _stack_luminosity(periods: list[str], samples: Mapping[str, Any]) -> float:
    """Return what the stacks are scaled to, in 1/pb: the luminosity of the data as often as the data are copied.

    Without data, or with data whose periods are copied unequally often, that of all periods once.
    """
    factors = {item["factor"] for name, item in samples.items() if name.startswith("data")}
    (factor,) = factors if len(factors) == 1 else (None,)
    return luminosity_pb(periods) * factor if periods and factor else LUMINOSITY_PB


def _scales(entry: Mapping[str, Any]) -> dict[str, float]:
    """Factor to the luminosity of the stacks, a sample's own copies divided out."""
    luminosity = entry["stack_luminosity_pb"]
    return {
        name: luminosity * item["xsec_pb"] / item["sum_of_weights"] / (item["factor"] or 1)
        for name, item in entry["samples"].items()
        if item.get("sum_of_weights")
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
    """Adler-32 of each file that was used, which is read once more; None beyond the configured size, or if it is gone.

    Progress is part of the phase, in steps because each phase is a line of output; the counts stay those of events.
    """
    import deflate  # noqa: PLC0415 - its Adler-32 is many times faster than the standard library's

    limit = config.load().checksum_max_bytes
    used = (record for result in results for record in result.records.values() if not record.skipped)
    sizes = {record.file.path: record.file.size for record in used}
    made: dict[str, str | None] = dict.fromkeys(sizes)
    todo = {path: size for path, size in sizes.items() if size <= limit}
    total, done = max(1, sum(todo.values())), 0
    for path in todo:
        value = 1
        with suppress(OSError), Path(path).open("rb") as file:
            while block := file.read(_BLOCK):
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
