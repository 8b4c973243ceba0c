"""What a job made, in a table: samples of an analysis, files that were generated or multiplied, or plots."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui import shown
from atlasod_tui.cli import output, uploads
from atlasod_tui.errors import JobError

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.jobs.status import Status
    from atlasod_tui.jobs.tasks.render_spec import RenderSpec
    from atlasod_tui.samples.folder_manifest import Entry

RENDER = "atlasod_tui.jobs.tasks.render:run"
GET = "atlasod_tui.jobs.tasks.get:run"
_FILES = ("size", "entries", "copies", "Adler-32", "file")  # the longest last, where a narrow terminal breaks it
_FETCHED = ("size", "Adler-32", "from", "file")
_HEADER = ("analysis", "sample", "files", "events", "selected")


class _Sample(msgspec.Struct):
    files: list[Any] = []
    events: int = 0
    selected: int = 0


class _Analysis(msgspec.Struct):
    samples: dict[str, _Sample] = {}


class _Skipped(msgspec.Struct):
    path: str
    reason: str


class _Manifest(msgspec.Struct):
    input: str = ""
    analyses: dict[str, _Analysis] = {}
    skipped: list[_Skipped] = []
    notes: list[str] = []


class _Kind(msgspec.Struct):
    kind: str = ""


def document(job: JobFolder, status: Status) -> dict[str, Any]:
    """Return what a job made: the manifest of its result folder, or the job's own files, of samples or plots.

    Raises:
        JobError: If the manifest is damaged.
    """
    where = {"output": status.result, **uploads.document(job)}
    if _is_of_plots(job):
        return where | {"files": _drawn(job).files}
    if _is_of_get(job):
        lake = job.spec().arguments.get("lake")
        return {"lake": lake, **where, "files": _fetched(job), "skipped": _skipped(job)}
    if _is_of_samples(status.result):
        files = msgspec.to_builtins(_files(job, status))
        return where | {"files": files, "skipped": _skipped(job), "notes": _notes(job)}
    manifest: dict[str, Any] = _decode(status.result, dict[str, Any], {})
    return where | manifest


def say(job: JobFolder, status: Status) -> None:
    """Write a table of what a job made, the files that were skipped, and where the result is.

    Raises:
        JobError: If the manifest is damaged.
    """
    skipped: list[dict[str, str]] = []
    told_files = _is_of_samples(status.result)
    if _is_of_plots(job):
        _say_plots(_drawn(job))
    elif _is_of_get(job):
        _say_fetched(_fetched(job))
        skipped = _skipped(job)
    elif told_files:
        _say_files(_files(job, status))
        for note in _notes(job):
            output.say(shown.escape(f"note: {note}"))
        skipped = _skipped(job)
    else:
        manifest = _decode(status.result, _Manifest, _Manifest())
        _say_samples(manifest)
        # Several analyses may have skipped one file.
        skipped = [{"path": each.path, "reason": each.reason} for each in manifest.skipped]
        told = job.spec().arguments.get("notes", [])  # when the job was made
        for note in manifest.notes:
            if note not in told:
                output.say(shown.escape(f"note: {note}"))
    for path, reason in dict.fromkeys((each["path"], each["reason"]) for each in skipped):
        output.say(shown.escape(f"skipped {path}: {reason}"))
    uploads.say(job, each=not told_files)
    if status.message:
        output.say(shown.escape(status.message))
    if status.result:
        output.say(f"output: {shown.escape(status.result)}")


def _say_samples(manifest: _Manifest) -> None:
    rows = [
        (analysis, name, f"{len(sample.files)}", f"{sample.events}", f"{sample.selected}")
        for analysis, entry in manifest.analyses.items()
        for name, sample in entry.samples.items()
    ]
    if rows:
        output.say_table(_HEADER, rows, right=("files", "events", "selected"))
    if manifest.input:
        output.say(f"input: {shown.escape(manifest.input)}")


def _say_files(files: dict[str, Entry]) -> None:
    rows = [
        (
            shown.size(entry.size, "B"),
            " + ".join(f"{count}" for count in entry.entries.values()),
            f"{entry.about.factor}" + (" virtual" if entry.about.virtual else ""),
            entry.adler32,
            name,
        )
        for name, entry in files.items()
    ]
    if rows:
        output.say_table(_FILES, rows, right=("size", "entries", "copies"))


def _say_plots(spec: RenderSpec) -> None:
    rows = [(name, f"{len(histograms)}", ", ".join(spec.formats)) for name, histograms in spec.plots.items()]
    output.say_table(("analysis", "plots", "formats"), rows, right=("plots",))


def say_warnings(job: JobFolder) -> None:
    """Write to the standard error what went wrong in a job without keeping it from its end."""
    events = (event for event in job.events() if event.get("kind") == "warning")
    texts = (": ".join(str(event[key]) for key in ("path", "text") if event.get(key)) for event in events)
    for text in dict.fromkeys(texts):
        output.note(shown.escape(f"warning: {text}"))


def _say_fetched(files: list[dict[str, Any]]) -> None:
    rows = [
        (
            shown.size(file["bytes"], "B"),
            file["adler32"] or "-",
            file["storage_element"] or file["url"] or "was there",
            file["path"],
        )
        for file in files
    ]
    if rows:
        output.say_table(_FETCHED, rows, right=("size",))


def _is_of_get(job: JobFolder) -> bool:
    return job.spec().task == GET


def _fetched(job: JobFolder) -> list[dict[str, Any]]:
    """Return what a get job fetched, each file once; of a resumed job where the bytes came from in the first place."""
    found: dict[str, dict[str, Any]] = {}
    for event in job.events():
        if event.get("kind") == "fetched" and (event["url"] or event["path"] not in found):
            found[event["path"]] = {key: value for key, value in event.items() if key not in {"time", "kind"}}
    return [found[path] for path in sorted(found)]


def _is_of_plots(job: JobFolder) -> bool:
    return job.spec().task == RENDER


def _drawn(job: JobFolder) -> RenderSpec:
    from atlasod_tui.jobs.tasks.render_spec import RenderSpec  # noqa: PLC0415 - other jobs do without it

    return msgspec.convert(job.spec().arguments, RenderSpec)


def _is_of_samples(result: str) -> bool:
    kind: _Kind = _decode(result, _Kind, _Kind())
    return kind.kind == "samples"


def _files(job: JobFolder, status: Status) -> dict[str, Entry]:
    """Return the files of a folder of samples that a job made, by their paths in it."""
    from atlasod_tui.samples import folder_manifest  # noqa: PLC0415 - analyses do without it

    found = folder_manifest.read(Path(status.result)) or folder_manifest.FolderManifest()
    return {name: entry for name, entry in found.files.items() if entry.job == job.id}


def _notes(job: JobFolder) -> list[str]:
    """Return what is not as in the sources, once each, with the first file that it was said of."""
    notes: dict[str, str] = {}
    for event in job.events():
        if event.get("kind") == "note":
            name, text = Path(str(event.get("path"))).name, str(event.get("text"))
            notes[text] = min(name, notes.get(text, name))  # threads finish in any order
    return [f"{name}: {text}" for text, name in notes.items()]


def _skipped(job: JobFolder) -> list[dict[str, str]]:
    events = (event for event in job.events() if event.get("kind") == "skipped")
    reasons = {str(event.get("path")): str(event.get("reason")) for event in events}  # a resumed job says it again
    return [{"path": path, "reason": reason} for path, reason in reasons.items()]


def _decode(result: str, kind: Any, absent: Any) -> Any:
    path = Path(result) / "manifest.json"
    if not result or not os.path.isfile(path):  # noqa: PTH113 - one out of reach is none, and no error
        return absent
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JobError(f"{path} cannot be read: {error}") from error
