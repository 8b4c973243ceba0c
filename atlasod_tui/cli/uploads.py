"""What became of the uploads of a job: where the files are, what keeps them there, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui import shown
from atlasod_tui.cli import output, write_back

if TYPE_CHECKING:
    from datetime import datetime

    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.lake.uploading.target import ElementResult, Uploaded, UploadResult

_ELEMENTS = ("storage element", "state", "ends (UTC)", "rule")
_FILES = ("size", "Adler-32", "written to", "DID")


def document(job: JobFolder) -> dict[str, Any]:
    """Return what became of the uploads of a job, with the key ``upload``; nothing if there were none."""
    result = _result(job)
    return {} if result is None else {"upload": result}


def say(job: JobFolder, *, each: bool) -> None:
    """Write what became of the uploads of a job, if there were any; ``each`` file, or how many went where."""
    result = _result(job)
    if result is None:
        return
    if each:
        _say_files(result.files)
    else:
        _say_sums(result.files)
    output.say()
    output.say_table(_ELEMENTS, [_row(element) for element in result.elements])
    output.say()
    ends = "lasts for ever" if result.expires is None else f"ends {_time(result.expires)} UTC"
    output.say(shown.escape(f"dataset: {result.dataset}, {ends}"))
    if result.lake:  # older jobs do not tell
        write_back.say_lake(result.lake, result.host)


def _say_files(files: list[Uploaded]) -> None:
    rows = [(shown.size(file.bytes, "B"), file.adler32, file.storage_element, str(file.did)) for file in files]
    output.say_table(_FILES, rows, right=("size",))


def _say_sums(files: list[Uploaded]) -> None:
    for name in dict.fromkeys(file.storage_element for file in files):
        there = [file for file in files if file.storage_element == name]
        amount = shown.size(sum(file.bytes for file in there), "B")
        count = "1 file" if len(there) == 1 else f"{len(there)} files"
        output.say(shown.escape(f"uploaded: {count}, {amount}, to {name}"))


def _row(element: ElementResult) -> tuple[str, str, str, str]:
    if not element.rule_id:
        return (element.storage_element, "failed", "-", element.problem or "there is no rule")
    state = "-" if element.state is None else element.state.value
    ends = "never" if element.expires is None else _time(element.expires)
    return (element.storage_element, state, ends, element.rule_id)


def _result(job: JobFolder) -> UploadResult | None:
    path = job.parts / "upload.json"
    if not path.is_file():
        return None
    from atlasod_tui.lake.uploading.target import UploadResult  # noqa: PLC0415 - most jobs upload nothing

    try:
        return msgspec.json.decode(path.read_bytes(), type=UploadResult)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
