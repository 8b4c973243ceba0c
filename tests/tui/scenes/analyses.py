"""The page of analyses, and its dialogs."""

from __future__ import annotations

from pathlib import Path

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
from atlasod_tui.tui.dialogs.analyse_input import AnalyseInput
from atlasod_tui.tui.dialogs.source_file import SourceFile
from atlasod_tui.tui.screens.analyses import AnalysesPage
from atlasod_tui.tui.world import World
from tests.tui.making_jobs import view
from tests.tui.pictures import Scene, Seat, then
from tests.tui.scenes.stable import SET, world


def working() -> World:
    """Return a world where one analysis runs, and another has run."""
    return world(view(2, title="analyse Hyy"), view(1, State.DONE, result="/data/student/atlasod-HZZ"))


async def to_list(seat: Seat) -> None:
    """Take a dataset as the input, and go to an analysis."""
    page = seat.app.go(Place.ANALYSES)
    await seat.sees("HZZ")
    page.use_picks((SET,))
    page.show_analysis("HZZ")
    await seat.sees("● 1     ○ 15")


async def to_source(seat: Seat) -> None:
    """Show the file of an analysis."""
    await to_list(seat)
    await seat.app.push_screen(SourceFile(seat.app.world, Path("mine.py")))


async def to_input(seat: Seat) -> None:
    """Ask for another input."""
    await to_list(seat)
    former = [Input(("/data/opendata/4lep",)), Input(("opendata:2020.GamGam",), lake="fake")]
    await seat.app.push_screen(AnalyseInput(seat.app.world, seat.app.page.input.source, former))


SCENES = (
    Scene("analyses.list", AnalysesPage, to_list, ("● 1     ○ 15",), working),
    Scene("analyses.selected", AnalysesPage, then(to_list, "up", "space", "space", "up"), ("2 selected",), working),
    Scene("analyses.words", AnalysesPage, then(to_list, "right"), ("The Higgs boson in four leptons",), working),
    Scene("analyses.launch", AnalyseDialog, then(to_list, "a"), ("reads 5 files", "CC_DCACHE"), working),
    Scene("analyses.input", AnalyseInput, to_input, ("as it is now",), working),
    Scene("analyses.source", SourceFile, to_source, ("import",), working),
)
