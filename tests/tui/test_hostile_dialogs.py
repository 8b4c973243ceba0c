"""Every dialog there is shows names from outside harmless, and gives them back as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from textual.events import Paste
from textual.widgets import Input

from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import DID, DIDType, Rule, RuleState, StorageElement
from atlasod_tui.tui import dialogs
from atlasod_tui.tui.analyses import inputs
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
from atlasod_tui.tui.dialogs.analyse_input import AnalyseInput
from atlasod_tui.tui.dialogs.choose_result import ChooseResult
from atlasod_tui.tui.dialogs.commands import Commands
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.dialogs.elements import Elements
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.export_plots import ExportPlots
from atlasod_tui.tui.dialogs.get import GetDialog
from atlasod_tui.tui.dialogs.glossary import Glossary
from atlasod_tui.tui.dialogs.help import Help
from atlasod_tui.tui.dialogs.lakes import Lakes
from atlasod_tui.tui.dialogs.leaving import Leaving
from atlasod_tui.tui.dialogs.multiply import MultiplyDialog
from atlasod_tui.tui.dialogs.resuming import Resuming
from atlasod_tui.tui.dialogs.rules import ExtendRule
from atlasod_tui.tui.dialogs.search import Search
from atlasod_tui.tui.dialogs.source_file import SourceFile
from atlasod_tui.tui.dialogs.themes import Themes
from atlasod_tui.tui.dialogs.upload import UploadDialog
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.lake.levels import Kind, Spot
from atlasod_tui.tui.memory import Kept, Memory
from atlasod_tui.tui.plots.sources import Source
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import PathField
from atlasod_tui.tui.world import World
from tests.tui import fake_content
from tests.tui.dialog_app import DialogApp
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import FORBIDDEN
from tests.tui.lake_app import walking
from tests.tui.making_jobs import StillJobs, view
from tests.tui.pictures import seen_of
from tests.tui.piloting import FakeVerbs, in_loop, make_world, text_of, until

NAME = "\x1b[2J\t\r\n\x07\x9b\u202e\u2066\u200b\u200d\u200f\ud800\udcff[b]x[/b][/]"
SEEN = "\\x1b[2J"
"""How the name begins where it is shown."""
FOLDER = Path("/nowhere") / NAME
PICKS = (Pick(DID("opendata", NAME), DIDType.FILE, 1000, None, 1, NAME),)
RULE = Rule("a" * 32, DID("opendata", NAME), RuleState.OK, NAME, 1)
SAME = Equivalent(NAME, (NAME,), NAME)
SOURCES = [Source(str(FOLDER), NAME), Source(f"/nowhere/b/{NAME}", NAME)]

MAKE: dict[type[Any], Callable[[World], Dialog[Any]]] = {
    AnalyseDialog: lambda world: AnalyseDialog(
        world, [analysis("HZZ")], inputs.Input((NAME,), lake=NAME), FOLDER, lacking=True
    ),
    AnalyseInput: lambda world: AnalyseInput(world, inputs.Input((NAME,)), [inputs.Input((f"/{NAME}",))]),
    ChooseResult: lambda world: ChooseResult(world, SOURCES[0], SOURCES[1:]),
    Commands: lambda world: Commands(world, Help(world, Dialog(world, NAME))),
    Confirm: lambda world: Confirm(world, Asked(NAME, NAME, (NAME,), ((NAME, NAME),), SAME, NAME)),
    Elements: Elements,
    EquivalentDialog: lambda world: EquivalentDialog(world, SAME),
    ErrorCard: lambda world: ErrorCard(world, LakeError(NAME, NAME), whole=True),
    ExportPlots: lambda world: ExportPlots(world, SOURCES[0], NAME),
    GetDialog: lambda world: GetDialog(world, PICKS),
    Glossary: Glossary,
    Help: lambda world: Help(world, Dialog(world, NAME)),
    Lakes: Lakes,
    Leaving: Leaving,
    MultiplyDialog: lambda world: MultiplyDialog(world, PICKS),
    Resuming: lambda world: Resuming(world, (NAME,)),
    ExtendRule: lambda world: ExtendRule(world, RULE, NAME),
    Search: lambda world: Search(world, NAME),
    SourceFile: lambda world: SourceFile(world, FOLDER),
    Themes: Themes,
    UploadDialog: lambda world: UploadDialog(world, FOLDER),
}
SILENT = {Help, Themes}
"""What shows nothing but our own words."""
PARTS = 4
"""So that no test takes long."""


def hostile(monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world where everything has a name that it should not have."""
    monkeypatch.setattr(fake_content, "ELEMENTS", (StorageElement(NAME, (NAME,), True, False, NAME, NAME),))
    jobs: Any = StillJobs([view(title=NAME, message=NAME)])
    memory = Memory(Kept(folders=[str(FOLDER)]))
    verbs = FakeVerbs(dict.fromkeys(("multiply", "get", "analyse", "put", "plot"), LakeError(NAME, NAME)))
    return make_world(FakeLake(NAME), jobs=jobs, memory=memory, verbs=verbs)


def harmless(app: DialogApp) -> str:
    """Return what is seen, without the border."""
    seen = text_of(app)
    assert not FORBIDDEN & set(seen.replace("\n", "")), type(app.screen)
    return seen


def test_every_dialog_is_among_them() -> None:
    assert set(MAKE) == set(seen_of(dialogs))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("home")
@in_loop
async def test_every_dialog_shows_hostile_names_harmless(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = list(MAKE)[part::PARTS]
    app = DialogApp(hostile(monkeypatch), MAKE[first])
    async with app.run_test(size=(80, 24)) as pilot:
        for kind in (first, *others):
            if kind is not first:
                app.push_screen(MAKE[kind](app.world))
            await until(pilot, lambda kind=kind: type(app.screen) is kind and app.screen.query("#keys"))  # type: ignore[misc]
            dialog = cast("Dialog[Any]", app.screen)
            harmless(app)
            if not (type(dialog) in SILENT or dialog.query(Input)):
                await until(pilot, lambda: SEEN in harmless(app))
            for line in dialog.query(Input):
                line.value = NAME
            if dialog.query(Input):
                await until(pilot, lambda: SEEN in harmless(app))
            app.pop_screen()


@in_loop
async def test_what_is_pasted_into_a_filter_is_harmless() -> None:
    async with walking() as walk:
        await walk.sees("3 scopes")
        await walk.press("slash")
        cast("Any", walk.app.focused).post_message(Paste(NAME))
        await walk.sees("0 of 3 scopes", SEEN)
        assert not FORBIDDEN & set(walk.text.replace("\n", ""))


@pytest.mark.usefixtures("home")
@in_loop
async def test_names_are_given_back_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DialogApp(hostile(monkeypatch), MAKE[Search])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: SEEN in text_of(app))
        dialog = app.screen
        for field, text in (("#pattern", NAME), ("#where", "a=1")):
            line = dialog.query_one(field, Field).input
            line.value = ""
            line.insert_text_at_cursor(text)
        await pilot.press("end", *"x")
        assert dialog.query_one("#where", Field).text == "a=1x"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.answer, Spot))
        assert app.answer == Spot(Kind.DATASETS, NAME, "", NAME.strip(), (("a", "1x"),))
        for kind, field in ((AnalyseDialog, "#output"), (UploadDialog, "#of")):
            app.push_screen(MAKE[kind](app.world))
            await until(pilot, lambda kind=kind: isinstance(app.screen, kind) and SEEN in text_of(app))  # type: ignore[misc]
            assert app.screen.query_one(field, PathField).path == str(FOLDER)
            app.pop_screen()
