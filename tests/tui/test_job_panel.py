"""The panel of jobs and its lines: what is shown, and how little is drawn anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.signal import Signal
from textual.widgets import Static

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.widgets.job_panel import JobPanel
from tests.tui import hostile
from tests.tui.making_jobs import StillJobs, view
from tests.tui.piloting import in_loop, make_world, text_of, until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual._compositor import ChopsUpdate

    from atlasod_tui.tui.jobs.watch import JobView


class PanelApp(App[None]):
    """A page with the panel at its bottom, which counts what a terminal would be sent."""

    CSS = "Screen { layout: vertical; } Static { height: 1fr; }"

    def __init__(self, views: Iterable[JobView], lines: int = 0) -> None:
        super().__init__()
        self.jobs = StillJobs(views)
        self.world = make_world(jobs=self.jobs)
        self.world.belongs_to(Signal(self, "changed"))
        self._lines = lines
        self.sent = self.updates = 0

    def compose(self) -> ComposeResult:
        yield Static("the page")
        yield JobPanel(self.world, self._lines)

    @property
    def panel(self) -> JobPanel:
        return self.query_one(JobPanel)

    def tell(self, views: Iterable[JobView]) -> None:
        """Have other jobs."""
        self.jobs.jobs = tuple(views)
        self.world.tell("jobs")

    def _display(self, screen: Any, renderable: Any) -> None:
        self.updates += renderable is not None
        if hasattr(renderable, "render_segments"):
            update: ChopsUpdate = renderable
            self.sent += len(update.render_segments(self.console).encode())
        super()._display(screen, renderable)


def eight(turn: int) -> list[JobView]:
    """Return eight busy jobs, so many quarters of a second after they began."""
    views = []
    for number in range(8):
        rate = 400_000.0 * (1 + 0.3 * number + 0.01 * (turn % 7))
        done = int(rate * turn / 4)
        one = view(number, title=f"analyse HZZ{number}", done=done, total=13_200_000, rate=rate)
        left = (13_200_000 - done) / rate
        views.append(msgspec.structs.replace(one, status=msgspec.structs.replace(one.status, eta_s=left)))
    return views


def last_lines(app: App[Any], number: int) -> list[str]:
    """Return the last lines of the screen."""
    return text_of(app).split("\n")[-number:]


@in_loop
async def test_without_jobs_there_is_no_line() -> None:
    async with PanelApp([]).run_test(size=(80, 24)) as pilot:
        assert pilot.app.query_one(JobPanel).size.height == 0


@in_loop
async def test_lines_come_and_go_with_the_jobs_and_the_rest_is_counted() -> None:
    app = PanelApp([])
    async with app.run_test(size=(80, 24)) as pilot:
        app.tell([view(1)])
        await until(pilot, lambda: "61%" in last_lines(app, 1)[0])
        app.tell([view(number, title=f"job {number}") for number in range(5)])
        await until(pilot, lambda: "(3 more: 3)" in last_lines(app, 1)[0])
        assert [line.split()[3] for line in last_lines(app, 2)] == ["0", "1"]
        app.tell([])
        await until(pilot, lambda: app.panel.size.height == 0)


@in_loop
async def test_a_tall_terminal_has_four_lines() -> None:
    app = PanelApp([view(number) for number in range(5)])
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: app.panel.size.height == 4)
        assert "(1 more: 3)" in last_lines(app, 1)[0]
        assert "8.1/13.2 M" in last_lines(app, 4)[0]


@in_loop
async def test_names_from_outside_are_harmless() -> None:
    for state in (State.RUNNING, State.QUEUED):
        views = [view(number, state, title=name, phase=name) for number, name in enumerate(hostile.NAMES)]
        app = PanelApp(views, lines=len(views))
        async with app.run_test(size=(80, 24)):
            assert not hostile.FORBIDDEN.intersection(text_of(app).replace("\n", ""))


@in_loop
async def test_what_did_not_change_is_not_drawn_anew() -> None:
    app = PanelApp(eight(10), lines=8)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "HZZ7" in text_of(app))
        await pilot.pause()
        before, updates = app.panel.repainted, app.updates
        app.tell(eight(10))
        await pilot.pause()
        assert (app.panel.repainted, app.updates) == (before, updates)
        views = eight(10)
        views[3] = eight(11)[3]
        app.tell(views)
        await pilot.pause()
        assert app.panel.repainted == before + 1


async def _bytes_a_second(size: tuple[int, int]) -> float:
    app = PanelApp(eight(10), lines=8)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "HZZ7" in text_of(app))
        await pilot.pause()
        app.sent = 0
        repainted = app.panel.repainted
        for turn in range(11, 51):
            app.tell(eight(turn))
            await pilot.pause()
        assert app.panel.repainted - repainted <= 40 * 8  # each line once in each turn: names stay
        return app.sent / 10


@pytest.mark.slow
@in_loop
async def test_eight_busy_jobs_cost_few_bytes() -> None:
    assert 0 < await _bytes_a_second((80, 24)) < 6_000
    assert 0 < await _bytes_a_second((160, 48)) < 9_000
