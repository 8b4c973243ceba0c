"""The cache of files that were fetched from lakes: how much there is, where, and how to empty it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from atlasod_tui import paths, shown
from atlasod_tui.doctor.finding import Finding, State
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs import control
from atlasod_tui.jobs.folder import list_jobs


def look() -> Iterator[Finding]:
    """Yield what the cache holds; nothing else ever empties it."""
    folder = paths.cache_dir() / "files"
    files, size = _sum(folder)
    if not size:
        return
    readers = list(_readers())
    empty = f"rm -r {shlex.quote(str(folder))}"
    hint = f"To empty it: {empty} (what is needed again is fetched again)."
    if readers:
        plural = "" if len(readers) == 1 else "s"
        hint = f"Job{plural} {', '.join(readers)} may be reading it: wait for the end, then it is emptied by {empty}"
    sentence = f"the cache of fetched files ({folder}) holds {files} file{'' if files == 1 else 's'}"
    facts = {"path": str(folder), "files": files, "bytes": size, "jobs": readers}
    yield Finding("disk", State.OK, f"{sentence}, {shown.size(size, 'B')}", hint, facts)


def _sum(folder: Path) -> tuple[int, int]:
    """Return the number of whole files below a folder, and the bytes of all: some may be fetched in part."""
    files = size = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(top, name)).st_size  # noqa: PTH118 - there may be many
                files += not name.endswith((".part", ".part.json"))
    return files, size


def _readers() -> Iterator[str]:
    """Yield the jobs at work on files of a lake."""
    for job in list_jobs():
        with suppress(AtlasodError):
            if control.state(job).state.active and job.spec().arguments.get("lake"):
                yield job.id
