"""A job of a real runner is watched: the plot is there, and fills, long before the job is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.tui import wishes
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from tests.jobs.analysing import job_of, link_many, write_slow
from tests.tui.piloting import in_loop, make_world, text_of, until

if TYPE_CHECKING:
    from atlasod_tui.tui.screens.plots import PlotsPage

TURNS = 10_000_000
"""A tenth of a second at the least for each of 1550 events: minutes, of which the test needs a few seconds."""


@pytest.mark.slow
@in_loop
async def test_the_plot_fills_while_a_runner_works(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "2")
    write_slow(home, turns=TURNS)
    source = tmp_path / "many"
    link_many(source)
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    app = AtlasodApp(make_world(jobs=JobWatch()))
    async with app.run_test(size=(80, 24)) as pilot:

        def yields() -> list[float]:
            made = cast("PlotsPage", app.page)._made if app.page is not None and app.page.place is Place.PLOTS else None
            return [row.value for row in made.plot.yields] if made is not None and made.plot is not None else []

        app.post_message(wishes.ResultWanted(tmp_path / "out", job.id))  # as the dialog does that starts it
        await until(pilot, lambda: any(yields()), 60)
        first = yields()
        for words in ("First lepton", "live: ", " % of the events", "analyse "):
            assert words in text_of(app)
        await until(pilot, lambda: yields() != first, 60)
        assert "live: " in text_of(app)
        assert control.state(job).state.active
        assert not list((tmp_path / "out").glob("*.root"))
