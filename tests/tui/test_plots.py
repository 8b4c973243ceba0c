"""The page of plots, walked through with its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
import pytest
from rich.cells import cell_len
from textual.screen import Screen

from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.status import State
from atlasod_tui.plots import live
from atlasod_tui.tui.dialogs.choose_result import ChooseResult
from atlasod_tui.tui.dialogs.export_plots import ExportPlots
from atlasod_tui.tui.wishes import UploadWanted
from tests.plots.folders import write_result
from tests.tui.hostile import FORBIDDEN, LONG, NAMES
from tests.tui.making_jobs import StillJobs
from tests.tui.piloting import FakeVerbs, make_world, text_of, until
from tests.tui.plots_app import PlotsApp
from tests.tui.test_plot_parts import job

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from atlasod_tui.tui.jobs.watch import JobView, JobWatch
    from atlasod_tui.tui.world import World

NARROW, MID, WIDE = (80, 24), (110, 30), (160, 48)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_result(tmp_path_factory.mktemp("plots") / "result", ["HZZ"])


def walked(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test that awaits."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


def world_of(*views: JobView, **wishes: Any) -> World:
    return make_world(jobs=cast("JobWatch", StillJobs(views)), **wishes)


async def shown(app: PlotsApp, pilot: Pilot[None], *words: str) -> None:
    """Wait until all is made, and the words are on the screen."""
    await until(pilot, lambda: not app.page.busy and all(word in text_of(app) for word in words))


@walked
async def test_an_empty_page_says_what_to_do() -> None:
    app = PlotsApp()
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "No results: run an analysis with 2", "try HZZ, half a minute")
        await pilot.press("l", "n", "left", "i")
        assert app.page.why_not("plots.log") == "There is no result yet: run an analysis with 2."
        assert app.page.equivalent() is None
        assert app.page.copied() is None
        assert app.page.crumbs() == ["Plots"]


@walked
async def test_one_panel_at_a_time_on_a_narrow_screen(result: Path) -> None:
    app = PlotsApp(folder=result)
    async with app.run_test(size=NARROW) as pilot:
        page = app.page
        await shown(app, pilot, "ATLAS Open Data", "m4l [GeV]", "Data / Pred")
        await until(pilot, lambda: "m4l [GeV]" in text_of(app).split("\n")[-3])  # the plot fills what there is
        assert page.crumbs() == ["Plots", "HZZ", "mass_four_lep"]
        await pilot.press("right", "right")
        await shown(app, pilot, "m4l [GeV]: 125 to 128.8  data ")
        await pilot.press("left_square_bracket")
        await shown(app, pilot, "bins 7 to 18 of 24; yields of all")
        await pilot.press("0", "l")
        await shown(app, pilot, "10²")
        await pilot.press("r")
        await until(pilot, lambda: "Data / Pred" not in text_of(app))
        await pilot.press("i")
        await shown(app, pilot, "Events in all bins", "What to look for")
        same, copied = page.equivalent(), page.copied()
        assert same is not None
        assert same.arguments == ("plot", "--analysis", "HZZ", "--histogram", "mass_four_lep", "--", str(result))
        assert "mplhep" in same.python
        assert copied is not None
        assert copied.text.splitlines()[-1].startswith("Data / (S+B)\t")
        await pilot.press("G")
        await shown(app, pilot, "luminosity 2415.36 /pb: data periods A, B")
        await pilot.press("escape", "escape")  # to the plot, then without a cursor
        await until(pilot, lambda: "m4l [GeV]: 125" not in text_of(app))
        await pilot.press("escape")
        await shown(app, pilot, "hist_mLL1", "hist_n_jets")
        await pilot.press("down", "enter")
        await shown(app, pilot, "m(ll,1) [GeV]", "Data / Pred" if page._view.panel else "Events / bin")
        await pilot.press("N", "N")
        await until(pilot, lambda: page._histogram == "hist_fourleptID")
        await pilot.press("escape", "u")
        assert [wish.result for wish in app.wishes] == [result]
        assert isinstance(app.wishes[0], UploadWanted)
        assert not page.back()


@walked
async def test_side_by_side_on_a_wide_screen(result: Path) -> None:
    app = PlotsApp(folder=result)
    async with app.run_test(size=WIDE) as pilot:
        await shown(app, pilot, "hist_mLL1", "m4l [GeV]", "What to look for")
        await pilot.press("down", "down")
        await shown(app, pilot, "m(ll,2) [GeV]")
        await pilot.press("plus")
        await until(pilot, lambda: "hist_mLL1" not in text_of(app))
        await shown(app, pilot, "m(ll,2) [GeV]")
        await pilot.press("i")
        await shown(app, pilot, "hist_mLL1", "What to look for")
        await pilot.press("i")
        await until(pilot, lambda: "hist_mLL1" in text_of(app) and "What to look for" not in text_of(app))
        await pilot.resize_terminal(*MID)
        await pilot.press("plus", "i")
        await shown(app, pilot, "hist_mLL1", "What to look for")
        assert "m(ll,2) [GeV]" not in text_of(app)
        kept = app.page.remembered()
    again = PlotsApp()
    again.page.recall(kept)
    again.page.recall({"folder": 3})
    async with again.run_test(size=WIDE) as pilot:
        await shown(again, pilot, "m(ll,2) [GeV]")


def publish(view: JobView, done: int, number: float) -> None:
    """Write what a running job of HZZ tells: so many of 1 000 events of its data and of one sample."""
    item = analysis("HZZ")
    layout = Layout.of(item.histograms)
    booked = layout.named[item.main]
    arrays: dict[str, Any] = {}
    samples = {}
    for name, weighted in (("data", 0), ("llll", 1)):
        sums, counts = np.zeros(layout.sums_size), np.zeros(layout.counts_size, np.int64)
        sums[2 * booked.start : 2 * (booked.start + booked.booking.nbins)] = number
        counts[2 * booked.index : 2 * booked.index + 2] = 1, weighted
        arrays |= {f"HZZ.{name}.sums": sums, f"HZZ.{name}.counts": counts}
        file = live.File("dataA" if name == "data" else name, done=done, total=1000)
        samples[name] = live.Sample([file], *((1.0, 2e6) if weighted else (None, None)))
    state = live.State([live.Analysis("HZZ", "framework", samples, [])])
    arrays[live.STATE] = np.frombuffer(msgspec.json.encode(state), np.uint8)
    with view.folder.live_file.open("wb") as file_:
        np.savez(file_, **arrays)


@walked
async def test_a_plot_fills_while_its_job_runs(result: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("atlasod_tui.tui.screens.plots_making._EVERY", 0.02)
    running = job(result, "HZZ", state=State.RUNNING)
    older = job(tmp_path / "older", "HZZ", state=State.FAILED)
    world = world_of(older)
    app = PlotsApp(world)
    app.page.open(result, running.id)
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "The job is about to begin.")
        cast("Any", world.jobs).jobs = (running, older)
        world.tell("jobs")
        await shown(app, pilot, "No events have been read yet.", "The plot comes with the first ones.")
        assert running.folder.watch_file.exists()
        assert app.page.why_not("plots.export").startswith("The result is not complete")
        assert app.page.why_not("plots.log") == "There is no plot yet."
        assert " l log " not in text_of(app)
        assert "read out a bin" not in text_of(app)
        publish(running, 250, 4)
        await shown(app, pilot, "live: 25 % of the events", "data so far; simulation scaled up from what was read")
        assert app.page.crumbs() == ["Plots", "HZZ", "mass_four_lep"]
        assert " l log " in text_of(app)
        assert "read out a bin" in text_of(app)
        publish(running, 750, 12)
        await shown(app, pilot, "live: 75 % of the events")
        same = app.page.equivalent()
        assert same is not None
        assert same.arguments == ("jobs", "attach", running.id)
        compile(same.python, "script", "exec")
        done = msgspec.structs.replace(running, status=msgspec.structs.replace(running.status, state=State.DONE))
        cast("Any", world.jobs).jobs = (done, older)
        world.tell("jobs")
        await until(pilot, lambda: "live:" not in text_of(app) and not app.page.busy)
        assert app.page._made is not None
        assert app.page._made.plot is not None
        assert app.page._made.plot.luminosity_of == "data periods A, B"
        assert app.page._timer is None


@walked
async def test_the_plots_of_a_new_job_take_the_place_of_those_of_another(result: Path, tmp_path: Path) -> None:
    older, running = job(result, "HZZ"), job(tmp_path / "new", "HZZ", state=State.RUNNING, number=2)
    world = world_of(older)
    app = PlotsApp(world)
    async with app.run_test(size=WIDE) as pilot:
        await shown(app, pilot, "m4l [GeV]", "What to look for")
        await pilot.press("down")
        await until(pilot, lambda: app.page.crumbs()[-1] == "hist_mLL1" and not app.page.busy)
        app.page.open(tmp_path / "new", running.id)
        await shown(app, pilot, "The job is about to begin.")
        cast("Any", world.jobs).jobs = (running, older)
        world.tell("jobs")
        await shown(app, pilot, "No events have been read yet.")
        assert app.page.crumbs() == ["Plots", "HZZ"]


@walked
async def test_a_job_that_made_nothing_is_said_to_have_failed_and_where_the_reason_is(
    result: Path, tmp_path: Path
) -> None:
    older, failed = job(result, "HZZ"), job(tmp_path / "none", "HZZ", state=State.FAILED, number=2)
    failed = msgspec.structs.replace(failed, status=msgspec.structs.replace(failed.status, message="no room left"))
    app = PlotsApp(world_of(failed, older))
    async with app.run_test(size=WIDE) as pilot:
        await shown(app, pilot, "m4l [GeV]")
        app.page.open(tmp_path / "none", failed.id)
        await shown(app, pilot, "failed: no room left. Its log says more: 3, then right.")
        assert "no room left" in app.page.why_not("app.error")
        assert "m4l [GeV]" not in text_of(app)
        await pilot.press("G", "enter")
        await shown(app, pilot, "m4l [GeV]")
        assert not app.page.why_not("app.error")


@walked
async def test_nobody_says_that_there_are_no_results_before_all_jobs_are_known() -> None:
    world = world_of()
    cast("Any", world.jobs).complete = False
    app = PlotsApp(world)
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "Looking for results...")
        cast("Any", world.jobs).complete = True
        world.tell("jobs")
        await shown(app, pilot, "No results: run an analysis with 2")


@walked
async def test_a_job_that_is_looked_at_need_not_be_told_of(result: Path) -> None:
    running = job(result, "HZZ", state=State.RUNNING)
    world = world_of(running)
    shown_jobs = cast("StillJobs", world.jobs).shown
    app = PlotsApp(world)
    app.page.open(result, running.id)
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "No events have been read yet.")
        assert shown_jobs == {"plots": {running.id}}
        app.push_screen(Screen())
        await until(pilot, lambda: shown_jobs == {"plots": set()})
        app.pop_screen()
        await until(pilot, lambda: shown_jobs == {"plots": {running.id}})


@walked
async def test_two_results_are_compared(result: Path, tmp_path: Path) -> None:
    other = write_result(tmp_path / "other", ["HZZ"])
    content = (other / "manifest.json").read_text()
    (other / "manifest.json").write_text(content.replace("2415.36", "26100").replace("framework", "fixed"))
    world = world_of(job(result, "HZZ", number=2), job(other, "HZZ"))
    app = PlotsApp(world)
    async with app.run_test(size=WIDE) as pilot:
        await shown(app, pilot, "m4l [GeV]", "What to look for")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ChooseResult) and "26.1 /fb" in text_of(app))
        assert "Compare HZZ (framework, 2.42 /fb, data and MC) with" in text_of(app)
        assert "fixed 26.1 /fb data and MC" in " ".join(text_of(app).split())
        await pilot.press("enter")
        await shown(app, pilot, "A: prediction", "B: prediction", "A / B")
        await shown(
            app, pilot, "luminosities and variants differ: A is result (2.42 /fb, framewo", "variants differ: A is"
        )
        await pilot.press("c")
        await shown(app, pilot, "A: data", "B: data")
        same = app.page.equivalent()
        assert same is not None
        assert "compare(" in same.python
        assert same.in_shell().count("atlasod-tui plot --analysis HZZ --histogram mass_four_lep -- ") == 2
        assert same.in_shell().endswith(str(other))
        await pilot.press("c")
        await until(pilot, lambda: "A / B" not in text_of(app) and not app.page.busy)


@walked
async def test_pictures_are_a_job(result: Path) -> None:
    plan = {"plan": ["HZZAnalysis/mass_four_lep.png", "HZZAnalysis/mass_four_lep.pdf"], "bytes": 140000, "output": "/x"}
    verbs = FakeVerbs({"plot --dry-run": plan, "plot --detach": {"job": "20260314-120300-plot-1a"}})
    world = world_of(verbs=verbs)
    app = PlotsApp(world, result)
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "m4l [GeV]")
        await pilot.press("P")
        await until(pilot, lambda: "writes 2 files, about 140 kB" in text_of(app))
        form = app.screen
        assert isinstance(form, ExportPlots)
        same = form.equivalent()
        assert same is not None
        compile(same.python, "script", "exec")
        await pilot.press("y", "enter")
        await until(pilot, lambda: app.screen is not form)
        await pilot.press("y", "enter")
        await until(pilot, lambda: app.screen is app.page)
        words = [
            "--analysis",
            "HZZ",
            "--histogram",
            "mass_four_lep",
            "--to",
            str(result / "plots"),
            "--format",
            "png,pdf",
        ]
        assert verbs.ran[-1] == ["plot", "--detach", "--json", *words, "--", str(result)]
        assert cast("StillJobs", world.jobs).looked == 1


@walked
async def test_a_refusal_of_the_verb_leaves_the_dialog(result: Path) -> None:
    verbs = FakeVerbs({"plot --dry-run": UsageError("the file is there", "Replace it with --force.")})
    app = PlotsApp(world_of(verbs=verbs), result)
    async with app.run_test(size=NARROW) as pilot:
        await shown(app, pilot, "m4l [GeV]")
        await pilot.press("P")
        await until(pilot, lambda: "the file is there. Replace it with --force." in text_of(app))
        assert isinstance(app.screen, ExportPlots)


@walked
async def test_hostile_names_of_folders() -> None:
    app = PlotsApp()
    for name in NAMES:
        app.page._finder.open(Path("/nowhere") / name)
    app.page.open(Path("/nowhere") / NAMES[0])
    async with app.run_test(size=NARROW) as pilot:
        for number, name in enumerate(NAMES):
            if number:
                app.page.open(Path("/nowhere") / name)
            await until(pilot, lambda: not app.page.busy and app.page._panel == "plot")
            await shown(app, pilot, "/nowhere/long.xxx" if name is LONG else "There is no folder")
            seen = text_of(app)
            await pilot.press("escape")
            await until(pilot, lambda: app.page._panel == "list")
            seen += f"\n{text_of(app)}"
            assert not FORBIDDEN & set(seen.replace("\n", ""))
            assert max(map(cell_len, seen.split("\n"))) <= 80
