"""The page of plots, and its dialogs."""

from __future__ import annotations

from pathlib import Path

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialogs.choose_result import ChooseResult
from atlasod_tui.tui.dialogs.export_plots import ExportPlots
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.screens.plots import PlotsPage
from atlasod_tui.tui.world import World
from tests.tui.pictures import LARGE, SMALL, Scene, Seat, begin, then
from tests.tui.scenes.stable import world
from tests.tui.test_plot_parts import job
from tests.tui.test_plots import publish

ONE, OTHER = Path("results/HZZ"), Path("results/HZZ-again")


def two() -> World:
    """Return a world where the same analysis has run twice."""
    return world(job(ONE, "HZZ", number=2), job(OTHER, "HZZ"))


def one_in_ascii() -> World:
    """Return a world that is shown in ASCII."""
    return world(look=Look(theme_files.named("mono"), ascii=True))


async def to_plot(seat: Seat) -> None:
    """Show the main plot of a result."""
    seat.app.go(Place.PLOTS).open(ONE)
    await seat.sees("m4l [GeV]")


async def to_live(seat: Seat) -> None:
    """Show a plot that fills."""
    running = job(ONE, "HZZ", state=State.RUNNING, number=3)
    publish(running, 250, 4)
    seat.app.world.jobs.jobs = (running,)
    seat.app.world.tell("jobs")
    seat.app.go(Place.PLOTS).open(ONE, running.id)
    await seat.sees("live: 25 %")
    seat.app.world.tell("jobs")  # as a watch does again and again


SCENES = (
    Scene("plots.none", PlotsPage, then(begin, "4"), ("No results",)),
    Scene("plots.list", PlotsPage, then(to_plot, "escape", "down"), ("hist_mLL1",), two),
    Scene("plots.plot", PlotsPage, then(to_plot, "right", "right"), ("m4l [GeV]: 125",), two),
    Scene("plots.log", PlotsPage, then(to_plot, "l"), ("10²",), two),
    Scene("plots.live", PlotsPage, to_live, ("live: 25 % of the events", "▶ running"), world),
    Scene("plots.compare", PlotsPage, then(to_plot, "c", "enter"), ("A: prediction",), two),
    Scene("plots.yields", PlotsPage, then(to_plot, "i"), ("Events in all bins",), two),
    Scene("plots.choose-result", ChooseResult, then(to_plot, "c"), ("  data and MC  ",), two),
    Scene("plots.ascii", PlotsPage, to_plot, ("m4l [GeV]",), one_in_ascii, ((SMALL, "mono"), (LARGE, "mono"))),
    Scene("plots.export", ExportPlots, then(to_plot, "P"), ("writes 2 files",), two),
)
