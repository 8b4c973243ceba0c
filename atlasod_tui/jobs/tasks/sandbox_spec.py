"""The job that brings the sandbox up, as others name it."""

from __future__ import annotations

import msgspec

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import control
from atlasod_tui.jobs.folder import JobFolder, list_jobs

TASK = "atlasod_tui.jobs.tasks.sandbox:run"
TITLE = "sandbox up"
_SLUG = "sandbox-up"


class SandboxSpec(msgspec.Struct, frozen=True):
    """What a sandbox job is asked to do: there is nothing to choose."""


def at_work() -> JobFolder | None:
    """Return the job that is bringing the sandbox up now, if there is one."""
    for job in reversed(list_jobs()):
        if _SLUG in job.id and control.state(job).state.active and _task(job) == TASK:
            return job
    return None


def _task(job: JobFolder) -> str:
    try:
        return job.spec().task
    except JobError:
        return ""
