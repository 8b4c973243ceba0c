"""How the page of jobs, its log and its dialogs look, on stable data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.dialogs.leaving import Leaving
from atlasod_tui.tui.dialogs.resuming import Resuming
from atlasod_tui.tui.jobs import details as job_details
from atlasod_tui.tui.jobs.log_tail import LogTail
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from tests.tui.making_jobs import StillJobs, view
from tests.tui.piloting import text_of, until
from tests.tui.test_jobs_screen import App, at_jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

LOOKS = [("dark", (80, 24)), ("light", (160, 48)), ("mono", (80, 24))]
FACTS = job_details.Facts(
    command=("analyse", "HZZ", "--input", "opendata:2020.4lep", "--output", "/data/student/atlasod-HZZ"),
    skipped=("/data/4lep/mc_363490.llll.4lep.root: is cut off after 12 of 512 MB",),
    output="/data/student/atlasod-HZZ",
    can_replace=True,
)
VIEWS = (
    view(7, title="analyse Hyy"),
    view(6, State.QUEUED, title="analyse WBoson", phase="waiting for another job to end", done=0, total=0, rate=0.0,
         eta_s=None),
    view(5, title="multiply data_A.4lep.root x3", unit="B", done=1_200_000_000, total=2_100_000_000, rate=9.6e7),
    view(4, State.CANCELLING, title="get 2020.GamGam", unit="B", done=10**8, total=10**9),
    view(3, State.FAILED, title="analyse TTbar", done=10**6, message="the runner was killed by SIGKILL with "
         "mc_410000.ttbar_lep.1lep.root in hand", hint="`atlasod-tui jobs resume` goes on from the finished pieces."),
    view(2, State.WAITING, title="put atlasod-HZZ", message="the lake wants a login", unit="B"),
    view(1, State.DONE, title="analyse HZZ", skipped=1, result="/data/student/atlasod-HZZ"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def stable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same folders everywhere."""
    monkeypatch.setattr(job_details, "load", lambda _: FACTS)

    def read(tail: LogTail) -> bool:
        begun, tail.lines = not tail.lines, [f"2026-10-11 09:32:{at:02} piece {at} of 60" for at in range(60)]
        return begun

    monkeypatch.setattr(LogTail, "read", read)


def app_of(theme: str) -> App:
    return App(jobs=StillJobs(VIEWS), look=Look(theme_files.named(theme)))


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_page(snap_compare: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        app = await at_jobs(pilot)
        await pilot.press("end")
        await until(pilot, lambda: "is cut off after" in text_of(app))

    assert snap_compare(app_of(theme), terminal_size=size, run_before=before)


def test_page_without_jobs(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await at_jobs(pilot)

    assert snap_compare(App(jobs=StillJobs()), terminal_size=(80, 24), run_before=before)


def test_log(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        app = await at_jobs(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "piece 59 of 60" in text_of(app))

    assert snap_compare(app_of("dark"), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_leaving(snap_compare: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        app = await at_jobs(pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Leaving) and "4 jobs are not done" in text_of(app))

    assert snap_compare(app_of(theme), terminal_size=size, run_before=before)


def test_resuming(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        app = await at_jobs(pilot)
        app.push_screen(Resuming(app.world, ("/data/1lep/mc_410000.ttbar_lep.1lep.root",)))
        await until(pilot, lambda: "died with a file" in text_of(app))

    assert snap_compare(app_of("dark"), terminal_size=(80, 24), run_before=before)
