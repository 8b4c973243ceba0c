"""An upload job whose first run is killed when the bytes of the second file are there and the lake knows nothing."""

from __future__ import annotations

import os
import signal
from typing import Any

from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks import put
from atlasod_tui.lake.rucio.lake import RucioLake


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do the upload, or die in it."""
    mark = context.parts / "killed"
    if not mark.exists():
        mark.touch()
        RucioLake.add_files = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment]
    return put.run(arguments, context)
