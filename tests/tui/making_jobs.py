"""Jobs for tests: views that were never on disk, and folders of jobs that no runner made."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from atlasod_tui.jobs import folder, identity
from atlasod_tui.jobs.folder import JobFolder, Spec
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.tui.jobs.reader import ANALYSE
from atlasod_tui.tui.jobs.watch import JobView

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGAN = 1_791_800_000.0


def view(number: int = 1, state: State = State.RUNNING, title: str = "analyse HZZ", **status: Any) -> JobView:
    """Return a job as the watch would tell of it; three quarters of a minute in, unless told otherwise."""
    fields = {"done": 8_100_000, "total": 13_200_000, "rate": 412_345.0, "eta_s": 43.0, "phase": "reading events"}
    if not state.active:
        fields = {"done": 13_200_000, "total": 13_200_000}
    began = BEGAN + 60 * number
    made = Status(state=state, **{"updated": began + 45, **fields, **status})
    return JobView(f"20261011-0932{number:02d}-hzz-{number:02x}", "/jobs/none", title, ANALYSE, made, began, began)


class StillJobs:
    """A watch that tells what a test wants told.

    Attributes:
        jobs: All jobs, the newest first.
        looked: How often it was asked to look at once.
    """

    complete = True

    def __init__(self, views: Iterable[JobView] = ()) -> None:
        self.jobs = tuple(views)
        self.looked = 0
        self.shown: dict[str, set[str]] = {}

    @property
    def recent(self) -> tuple[JobView, ...]:
        """What the panel shows."""
        return tuple(each for each in self.jobs if each.active)

    active = recent

    def start(self, changed: object, ended: object) -> None:
        """Watch nothing."""

    def look_now(self) -> None:
        """Count."""
        self.looked += 1

    def find(self, id_: str) -> JobView | None:
        """Return a job by its id."""
        return next((each for each in self.jobs if each.id == id_), None)

    def show(self, place: str, ids: Iterable[str]) -> None:
        """Note what is on the screen."""
        self.shown[place] = set(ids)

    def saw(self, ids: Iterable[str]) -> None:
        """Nothing is unseen."""


def on_disk(title: str = "analyse HZZ", state: State = State.DONE, *, task: str = ANALYSE, **fields: Any) -> JobFolder:
    """Make the folder of a job that no runner works on; ``arguments`` are those of its spec, the rest its status."""
    arguments = fields.pop("arguments", {})
    job = folder.create(Spec(task=task, title=title, arguments=arguments))
    job.write_status(Status(state=state, host=fields.pop("host", identity.host()), **fields))
    return job


def by_this_process(job: JobFolder, **fields: Any) -> None:
    """Have a job run by this very process, which lives."""
    me = identity.own()
    status = Status(state=State.RUNNING, host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started, **fields)
    job.write_status(status)


def long_ago(job: JobFolder) -> None:
    """Have a folder be an hour old."""
    hour_ago = time.time() - 3600
    os.utime(job.path, (hour_ago, hour_ago))
