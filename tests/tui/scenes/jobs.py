"""The page of jobs, and its dialogs."""

from __future__ import annotations

from functools import partial

from atlasod_tui.tui.dialogs.leaving import Leaving
from atlasod_tui.tui.dialogs.resuming import Resuming
from atlasod_tui.tui.screens.jobs import JobsPage
from tests.tui.pictures import Scene, Seat, begin, then
from tests.tui.scenes.stable import JOBS, world

every = partial(world, *JOBS)
to_jobs = then(begin, "3")


async def to_resuming(seat: Seat) -> None:
    """Ask how a job is to go on."""
    await then(to_jobs, *["down"] * 4)(seat)
    await seat.app.push_screen(Resuming(seat.app.world, ("/data/1lep/mc_410000.ttbar_lep.1lep.root",)))


SCENES = (
    Scene("jobs.list", JobsPage, to_jobs, ("reading events",), every),
    Scene("jobs.failed", JobsPage, then(to_jobs, *["down"] * 4), ("was killed by",), every),
    Scene("jobs.done", JobsPage, then(to_jobs, "end"), ("is cut off after",), every),
    Scene("jobs.none", JobsPage, to_jobs, ("No jobs yet",), world),
    Scene("jobs.log", JobsPage, then(to_jobs, "enter"), ("piece 59 of 60",), every),
    Scene("jobs.leaving", Leaving, then(to_jobs, "q"), ("4 jobs are not done",), every),
    Scene("jobs.resuming", Resuming, to_resuming, ("died with a file",), every),
)
