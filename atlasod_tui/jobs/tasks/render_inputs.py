"""The result a render job draws: a resumed job does not go on with another."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from atlasod_tui.errors import JobError
from atlasod_tui.jobs.folder import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from atlasod_tui.plots.results import AnalysisResult


def refuse_changed(parts: Path, result: AnalysisResult) -> None:
    """Remember in ``parts/`` of a job what the files of an analysis are, and do nothing if they are what they were.

    Raises:
        JobError: If they changed: half of the pictures would be of one result, half of another.
    """
    name = result.analysis.framework_name
    about = [result.luminosity_pb, result.variant, *result.samples.values()]
    for path in sorted(result.folder.glob("*.root")):
        status = path.stat()
        about += [path.name, status.st_size, status.st_mtime_ns]
    now = hashlib.sha256(repr(about).encode("utf-8", "surrogateescape")).hexdigest()
    record = parts / f"{name}.result"
    try:
        before = record.read_text()
    except FileNotFoundError:
        write_atomic(record, now.encode())
        return
    if before != now:
        raise JobError(f"the result of {name} changed since the job began", "Start it anew with 'plot --force'.")
