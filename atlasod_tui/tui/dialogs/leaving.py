"""Quitting while jobs run: stay, leave them to themselves, or end them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, ClassVar

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialogs.choice import Choice
from atlasod_tui.tui.jobs import acts as job_acts
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.jobs.watch import JobView
from atlasod_tui.tui.world import World

_MOST_NAMED = 5
_PATIENCE = 3.0
"""Seconds that a file server has to take the word that a job is to end."""


class Leaving(Choice):
    """Asks what is to become of the jobs, and does it.

    Args:
        world: What pages share.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.LEAVING)
    buttons = (("stay", "Stay"), ("detach", "Quit, jobs go on"), ("cancel", "End the jobs and quit"))
    keys_line = "s stay   d quit, jobs go on   c end the jobs and quit"

    def __init__(self, world: World) -> None:
        jobs = world.jobs.active
        number = "1 job is" if len(jobs) == 1 else f"{len(jobs)} jobs are"
        named = [f"{world.look.glyphs.state(job.status.state)} {_told(job)}" for job in jobs[:_MOST_NAMED]]
        left = len(jobs) - len(named)
        super().__init__(
            world,
            f"{number} not done yet",
            (
                *named,
                *([f"and {left} more"] if left else []),
                "",
                "They go on without this screen, and the next start shows them.",
            ),
        )

    def action_stay(self) -> None:
        """Close."""
        self.answer("stay")

    def action_detach(self) -> None:
        """Quit."""
        self.answer("detach")

    def action_cancel(self) -> None:
        """End the jobs and quit."""
        self.answer("cancel")

    def answer(self, name: str) -> None:
        """Do it."""
        if name == "detach":
            self.app.exit()
        elif name == "cancel":
            beside(self, self._cancel, self.world.jobs.active)
        else:
            self.dismiss(name)

    async def _cancel(self, jobs: tuple[JobView, ...]) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(job_acts.cancel_all, jobs), _PATIENCE)
        self.app.exit()


def _told(job: JobView) -> str:
    return f"{job_words.word(job.status.state)} {job.title} {job_words.percent(job.status)}".rstrip()
