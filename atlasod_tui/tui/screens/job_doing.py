"""What the keys do to the job under the cursor: end it, do it again, go on with it, forget it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from atlasod_tui.errors import AtlasodError, JobError
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.jobs import acts as job_acts
from atlasod_tui.tui.jobs import rules as job_rules
from atlasod_tui.tui.jobs.details import FolderFacts
from atlasod_tui.tui.jobs.watch import JobView
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.wishes import ResultWanted, UploadWanted

_Made = TypeVar("_Made")


class JobDoing(Page):
    """The part of the page of jobs that changes jobs; each change is made in a thread."""

    @property
    @abstractmethod
    def chosen(self) -> JobView | None:
        """The job under the cursor, as it is now."""

    @abstractmethod
    def known(self, view: JobView) -> FolderFacts | None:
        """Return what the folder of a job says, if it was read."""

    @abstractmethod
    def seek(self, id_: str) -> None:
        """Put the cursor on a job, now or when it is there."""

    async def action_cancel(self) -> None:
        """End the job under the cursor."""
        if (view := self.chosen) is not None:
            await self.done(job_acts.cancel, view)

    def action_cancel_all(self) -> None:
        """End all jobs, if that is meant."""
        jobs = self.world.jobs.active

        async def cancel() -> None:
            for error in await self.done(job_acts.cancel_all, jobs) or ():
                self.say(error.message)

        which = "the job that is" if len(jobs) == 1 else f"all {len(jobs)} jobs that are"
        self._ask(f"End {which} not done?", "End", "What is finished is kept.", job_rules.cancelling(jobs), cancel)

    async def action_retry(self) -> None:
        """Start the same anew; of a job that is done, if it may replace what that made."""
        if (view := self.chosen) is None:
            return
        facts = self.known(view)
        replace = job_rules.replaces(view, facts)

        async def again() -> None:
            made = await self.done(job_acts.retry, view, replace=replace, read_only=self.world.read_only)
            if made is not None:
                self.seek(made)

        if replace and facts is not None:
            same = job_rules.same(view, facts)
            self._ask(f"Do it again: {view.title}?", "Do it again", "What it made is replaced.", same, again)
        else:
            await again()

    async def action_resume(self) -> None:
        """Go on with the job under the cursor; if it may have died on a file, ask what to do about that."""
        if (view := self.chosen) is None:
            return
        facts = self.known(view)
        if facts is None or not job_rules.asks_about_hand(view, facts):
            await self._resume(view, skip_failing=False)
            return
        from atlasod_tui.tui.dialogs.resuming import Resuming  # noqa: PLC0415 - seldom

        def answered(answer: str | None) -> None:
            if answer:
                beside(self, partial(self._resume, view, skip_failing=answer == "skip"))

        self.app.push_screen(Resuming(self.world, facts.in_hand), answered)

    async def _resume(self, view: JobView, *, skip_failing: bool) -> None:
        await self.done(job_acts.resume, view, skip_failing=skip_failing, read_only=self.world.read_only)

    def action_remove(self) -> None:
        """Forget the job under the cursor, if that is meant."""
        if (view := self.chosen) is None:
            return

        async def remove() -> None:
            await self.done(job_acts.remove, view)

        kept = "Its log and its finished pieces go; what it wrote elsewhere stays."
        self._ask(f"Forget the job {view.title}?", "Forget it", kept, job_rules.removing(view), remove)

    def action_result(self) -> None:
        """Show the plots of the job under the cursor."""
        if (view := self.chosen) is not None and (facts := self.known(view)) is not None and facts.output:
            self.post_message(ResultWanted(Path(view.status.result or facts.output), view.id))

    def action_upload(self) -> None:
        """Ask where to upload the result to."""
        if (view := self.chosen) is not None:
            self.post_message(UploadWanted(Path(view.status.result)))

    def action_detach(self) -> None:
        """Say that there is nothing to do for it."""
        id_ = self.chosen.id if self.chosen is not None else "ID"
        self.say(
            "Every job goes on by itself when this screen, the terminal or the connection closes. "
            f"'atlasod-tui jobs attach {id_}' watches it from elsewhere.",
            seconds=8,
        )

    async def done(self, act: Callable[..., _Made], *given: Any, **options: Any) -> _Made | None:
        """Do something in a thread, and look at once what came of it; None if it could not be done."""
        try:
            return await asyncio.to_thread(act, *given, **options)
        except AtlasodError as error:
            self.fail(error)
            return None
        except OSError as error:
            self.fail(JobError(f"the folder of the job cannot be used: {error.strerror or error}"))
            return None
        finally:
            self.world.jobs.look_now()

    def _ask(self, heading: str, yes: str, sentence: str, same: Equivalent, act: Callable[[], Any]) -> None:
        from atlasod_tui.tui.dialogs.confirm import Asked, Confirm  # noqa: PLC0415 - seldom

        def answered(answer: bool | None) -> None:
            if answer:
                beside(self, act)

        self.app.push_screen(Confirm(self.world, Asked(heading, yes, (sentence,), equivalent=same)), answered)
