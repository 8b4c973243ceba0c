"""What an analysis made, in a table: files, events and selected events of each sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.cli import output
from atlasod_tui.errors import JobError

if TYPE_CHECKING:
    from atlasod_tui.jobs.status import Status

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


def document(result: str) -> dict[str, Any]:
    """Return the manifest of a result folder as it is, with the folder's path; only the path if it has none.

    Raises:
        JobError: If the manifest is damaged.
    """
    manifest: dict[str, Any] = _decode(result, dict[str, Any], {})
    return {"output": result} | manifest


def say(status: Status) -> None:
    """Write a table of what was selected, the files that were skipped, and where the result is.

    Raises:
        JobError: If the manifest is damaged.
    """
    manifest = _decode(status.result, _Manifest, _Manifest())
    rows = [
        (analysis, name, f"{len(sample.files)}", f"{sample.events}", f"{sample.selected}")
        for analysis, entry in manifest.analyses.items()
        for name, sample in entry.samples.items()
    ]
    if rows:
        output.say_table(_HEADER, rows, right=("files", "events", "selected"))
    if manifest.input:
        output.say(f"input: {output.escape(manifest.input)}")
    # Several analyses may have skipped one file.
    for path, reason in dict.fromkeys((skipped.path, skipped.reason) for skipped in manifest.skipped):
        output.say(output.escape(f"skipped {path}: {reason}"))
    if status.message:
        output.say(output.escape(status.message))
    if status.result:
        output.say(f"output: {output.escape(status.result)}")


def _decode(result: str, kind: Any, absent: Any) -> Any:
    path = Path(result) / "manifest.json"
    if not result or not path.is_file():
        return absent
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JobError(f"{path} cannot be read: {error}") from error
