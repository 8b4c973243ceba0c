"""What became of the uploads of a job: where the files are, what keeps them there, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.cli import output

if TYPE_CHECKING:
    from datetime import datetime

    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.lake.target import ElementResult, UploadResult

_ELEMENTS = ("storage element", "state", "ends (UTC)", "rule")
_FILES = ("size", "adler32", "written to", "DID")


def document(job: JobFolder) -> dict[str, Any]:
    """Return what became of the uploads of a job, with the key ``upload``; nothing if there were none."""
    result = _result(job)
    return {} if result is None else {"upload": msgspec.to_builtins(result)}


def say(job: JobFolder) -> None:
    """Write what became of the uploads of a job, if there were any."""
    result = _result(job)
    if result is None:
        return
    rows = [(output.size(file.bytes, "B"), file.adler32, file.storage_element, str(file.did)) for file in result.files]
    output.say_table(_FILES, rows, right=("size",))
    output.say()
    output.say_table(_ELEMENTS, [_row(element) for element in result.elements])
    output.say()
    ends = "lasts for ever" if result.expires is None else f"ends {_time(result.expires)} UTC"
    output.say(output.escape(f"dataset: {result.dataset}, {ends}"))


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
    from atlasod_tui.lake.target import UploadResult  # noqa: PLC0415 - most jobs upload nothing

    try:
        return msgspec.json.decode(path.read_bytes(), type=UploadResult)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"
