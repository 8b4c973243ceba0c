"""How the page of analyses and its dialogs look, on stable data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.jobs.status import State
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
from atlasod_tui.tui.dialogs.analyse_input import AnalyseInput
from atlasod_tui.tui.widgets import folder
from tests.tui.analyses_app import AnalysesApp
from tests.tui.making_jobs import StillJobs, view
from tests.tui.piloting import FakeVerbs, make_world, text_of, until
from tests.tui.test_analyse_dialog import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

SIZES = {"small": (80, 24), "large": (160, 48)}
SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, lake="fake")


@pytest.fixture(autouse=True)
def _roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "look", lambda path: folder.Disk(path, 50 * 10**9))


def app_of(theme: str) -> AnalysesApp:
    jobs = StillJobs([view(2, title="analyse Hyy"), view(1, State.DONE, result="/data/student/atlasod-HZZ")])
    world = make_world(jobs=jobs, verbs=FakeVerbs({"analyse --dry-run": PLAN}))
    app = AnalysesApp(world, theme=theme, kept={"cursor": "HZZ", "selected": ["Hyy", "HZZ"]})
    app.page.input.source = Input.of_picks([SET])
    return app


async def found(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: "● 1     ○ 15" in text_of(pilot.app))


@pytest.mark.parametrize(
    ("size", "theme"), [("small", "dark"), ("large", "dark"), ("large", "light"), ("small", "mono")]
)
def test_list(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await found(pilot)
        if size == "large":
            await until(pilot, lambda: "The Higgs boson in four leptons" in text_of(pilot.app))
            await until(pilot, lambda: "33.8 kB" in text_of(pilot.app))

    assert snap_compare(app_of(theme), terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize(("size", "theme"), [("small", "dark"), ("small", "light")])
def test_reading(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await found(pilot)
        await pilot.press("right")
        await until(pilot, lambda: "The Higgs boson in four leptons" in text_of(pilot.app))

    assert snap_compare(app_of(theme), terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize(("size", "theme"), [("small", "dark"), ("large", "light"), ("small", "mono")])
def test_launch(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await found(pilot)
        app = pilot.app
        assert isinstance(app, AnalysesApp)
        output = Path("/data/student/atlasod-HZZ")
        await app.push_screen(AnalyseDialog(app.world, [analysis("HZZ")], app.page.input.source, output))
        await until(pilot, lambda: "reads 5 files" in text_of(app) and "CC_DCACHE" in text_of(app))

    assert snap_compare(app_of(theme), terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize(("size", "theme"), [("small", "dark"), ("large", "light")])
def test_input(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await found(pilot)
        app = pilot.app
        assert isinstance(app, AnalysesApp)
        former = [Input(("/data/opendata/4lep",)), Input(("opendata:2020.GamGam",), lake="fake")]
        await app.push_screen(AnalyseInput(app.world, app.page.input.source, former))
        await until(pilot, lambda: "as it is now" in text_of(app))

    assert snap_compare(app_of(theme), terminal_size=SIZES[size], run_before=before)
