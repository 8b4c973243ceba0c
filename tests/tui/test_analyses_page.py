"""The page of analyses: the list, what is read of one, inputs, selections, and what is run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input as TypedInput

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.jobs.folder import JobFolder, Spec
from atlasod_tui.jobs.status import State
from atlasod_tui.lake.agent.protocol import Files
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.samples import starter
from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.basket import Basket, Pick
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
from atlasod_tui.tui.dialogs.analyse_input import AnalyseInput
from atlasod_tui.tui.dialogs.source_file import SourceFile
from atlasod_tui.tui.widgets import folder
from tests.analyses import INPUTS
from tests.tui.analyses_app import AnalysesApp
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.making_jobs import StillJobs, view
from tests.tui.piloting import FakeVerbs, make_world, text_of, until
from tests.tui.test_analyse_dialog import JOB, PLAN

SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, lake="fake")
GAMGAM = Pick(DID("opendata", "2020.GamGam"), DIDType.DATASET, lake="fake")
_MINE = '''
"""Mine."""
from atlasod_tui.engine.author import Analysis, Histogram
ANALYSIS = Analysis(name={name!r}, title={title!r}, skim="4lep", table="HZZ", groups={{"g": ("llll", {name!r})}},
                    histograms=(Histogram("h", 1, 0, 1, {title!r}, {title!r}),), main="h", look_for={title!r})
'''


@pytest.fixture(autouse=True)
def built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built-in sample of which nothing was generated yet, and a disk with room."""
    monkeypatch.setattr(starter, "folder", lambda: tmp_path / "starter")
    monkeypatch.setattr(folder, "look", lambda path: folder.Disk(path, 50 * 10**9))
    monkeypatch.setattr(folder, "here", lambda: tmp_path)
    return tmp_path


def mine(home: Path, file: str, text: str) -> Path:
    path = home / "config" / "atlasod-tui" / "analyses" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return path


def app_of(lake: FakeLake | None = None, **wishes: Any) -> AnalysesApp:
    kept = wishes.pop("kept", None)
    wishes.setdefault("jobs", StillJobs([view(1, State.DONE, result="/r/atlasod-HZZ")]))
    return AnalysesApp(make_world(lake, **wishes), kept=kept)


def line(app: AnalysesApp, name: str) -> str:
    return next((row for row in text_of(app).split("\n") if name in row), "")


def test_the_list_and_what_is_read_of_one(home: Path) -> None:
    mine(home, "torn.py", "def (:\n")

    async def walk() -> None:
        app = app_of()
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "made when needed" in text_of(app))
            assert app.page._table.count == 13
            assert "space select" in text_of(app).splitlines()[-1]
            assert text_of(app).index("ZZDiBoson") < text_of(app).index("torn")
            assert "own: broken: SyntaxError" in line(app, "torn")
            assert "○ 33" in line(app, "HZZ")
            await pilot.press("down", "down")
            await until(pilot, lambda: "4lep · 33 made when needed · p: result of 2026-10-12 " in text_of(app))
            await pilot.press("right")
            await until(pilot, lambda: "The Higgs boson in four leptons" in text_of(app))
            assert "HZZ" in text_of(app).splitlines()[0]
            await pilot.press("G")
            await until(pilot, lambda: "variant fixed: such events fail" in text_of(app))
            assert [each in app.page._words.text for each in ("mass_ext_four_lep", "m4l [GeV]", "Higgs (4)")] == [
                True
            ] * 3
            await pilot.press("escape", "p")
            await until(pilot, lambda: app.wishes)
            assert (app.wishes[0].path, app.wishes[0].job_id) == (Path("/r/atlasod-HZZ"), app.world.jobs.jobs[0].id)
            await pilot.press("g", "down", "p")
            await until(pilot, lambda: app.notes)
            assert app.notes[-1] == "There is no result of Hyy yet: a runs it."

    asyncio.run(walk())


def test_a_broken_one_is_told_and_its_file_shown_and_mended(home: Path) -> None:
    path = mine(home, "torn.py", "x = 1  # \x1b[31m\ndef (:\n")

    async def walk() -> None:
        app = app_of(kept={"cursor": "torn"})
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: getattr(app.page._table.cursor, "name", "") == "torn")
            await pilot.press("enter")
            await until(pilot, lambda: app.notes)
            assert "torn is broken and cannot be run" in app.notes[-1]
            await pilot.press("right")
            await until(pilot, lambda: "torn is broken" in app.page._words.text)
            await pilot.press("o")
            await until(pilot, lambda: isinstance(app.screen, SourceFile) and "def (:" in text_of(app))
            assert "\\x1b[31m" in text_of(app)
            path.write_text(_MINE.format(name="HZZ", title="Mended"))
            await pilot.press("escape", "escape", "R")
            await until(pilot, lambda: "own, in place of the program's: Me" in line(app, "HZZ"))

    asyncio.run(walk())


def test_picks_are_an_input_which_follows_the_basket() -> None:
    async def walk() -> None:
        lake, basket = FakeLake(), Basket([SET])
        app = app_of(lake, basket=basket, jobs=StillJobs())
        async with app.run_test(size=(160, 48)) as pilot:
            app.page.use_picks(basket.picks)
            await until(pilot, lambda: "● 1     ○ 15    ! 17" in line(app, "HZZ"))
            assert "input: the pick opendata:2020.4lep of fake" in text_of(app)
            await until(pilot, lambda: "● local        33.8 kB  ~/data/4lep/Data" in text_of(app))
            assert "○ on the lake  68.7 kB  opendata:2020.4lep" in text_of(app)
            assert "! missing of 4lep: llvv" in text_of(app)
            await pilot.press("g")
            await until(pilot, lambda: "all missing: there is 4lep" in text_of(app))
            basket.toggle([GAMGAM])
            app.world.tell("basket")
            await until(pilot, lambda: "2 picked DIDs of fake" in text_of(app) and "! 5" in line(app, "Hyy"))
            basket.clear()
            app.world.tell("basket")
            await until(pilot, lambda: "input: the built-in sample" in text_of(app))

    asyncio.run(walk())


def test_a_dataset_that_is_being_uploaded_is_told_and_looked_into_when_that_has_ended(tmp_path: Path) -> None:
    target = {"lake": "fake", "run_id": "0123abcd", "dataset": "2020.4lep"}
    JobFolder(tmp_path).write_spec(Spec(task="x:y", title="put", arguments={"target": target}))
    jobs = StillJobs([replace(view(1, title="put 4lep"), path=str(tmp_path))])

    async def walk() -> None:
        lake = FakeLake()
        app = app_of(lake, jobs=jobs)
        async with app.run_test(size=(80, 24)) as pilot:
            app.page.use_picks([SET])
            await until(pilot, lambda: "the job put 4lep is still uploading to it" in text_of(app))
            await until(pilot, lambda: "● 1     ○ 15    ! 17" in line(app, "HZZ"))
            app.world.tell("jobs")
            jobs.jobs = (view(1, State.DONE),)
            app.world.tell("jobs")
            await until(pilot, lambda: len(lake.questions(Files)) == 2)
            await until(pilot, lambda: "○ 15" in line(app, "HZZ") and "still uploading" not in text_of(app))

    asyncio.run(walk())


def test_the_cursor_leaves_an_analysis_of_which_a_new_input_has_nothing() -> None:
    async def walk() -> None:
        gate = asyncio.Event()
        lake, basket = FakeLake(gates={"files": gate}), Basket([SET])
        app = app_of(lake, basket=basket, jobs=StillJobs())

        def at() -> str:
            return getattr(app.page._table.cursor, "name", "")

        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: at() == "HWW")
            app.page.use_picks(basket.picks)
            await pilot.press("down")  # the user goes elsewhere before it is known what is in it
            gate.set()
            await until(pilot, lambda: "● 1     ○ 15    ! 17" in line(app, "HZZ"))
            assert at() == "Hyy"
            gate.clear()
            app.page.use_picks([GAMGAM])
            gate.set()
            await until(pilot, lambda: "! 33" in line(app, "HZZ"))
            assert at() == "Hyy"  # it has some
            app.page.use_picks([SET])
            await until(pilot, lambda: at() == "HZZ")
            await pilot.press("up")
            app.page.use_picks([SET])
            await until(pilot, lambda: at() == "HZZ")
            app.page.use_picks([SET])
            app.page.show_analysis("Hyy")
            await until(pilot, lambda: not app.page.workers and "● 1 " in line(app, "HZZ"))
            assert at() == "Hyy"

    asyncio.run(walk())


def test_another_input_is_chosen_or_typed() -> None:
    async def walk() -> None:
        app = app_of(basket=Basket([SET]))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.page._table.count)
            await pilot.press("i")
            await until(pilot, lambda: isinstance(app.screen, AnalyseInput) and "what is picked" in text_of(app))
            await pilot.press(*"group/jk", "enter")  # letters are typed, also those that are keys of lists
            await until(pilot, lambda: "there is no file or folder" in text_of(app))
            typed = app.screen.query_one("#typed", TypedInput)
            assert typed.value == "group/jk"
            typed.value = str(INPUTS)
            await pilot.press("enter")
            await until(pilot, lambda: "● " in line(app, "HZZ"))
            assert app.page.input.source == Input((str(INPUTS),))
            await pilot.press("i")
            await until(pilot, lambda: isinstance(app.screen, AnalyseInput) and "as it is now" in text_of(app))
            await pilot.press("pageup", "down", "enter")
            await until(pilot, lambda: app.page.input.source.follows)
            again = app_of(kept=app.page.remembered(), basket=app.world.basket)
            assert again.page.input.source == app.page.input.source
            assert [one.given for one in again.page.input.former] == [(str(INPUTS),)]

    asyncio.run(walk())


def test_a_folder_in_front_is_the_input_until_another_is_chosen(tmp_path: Path) -> None:
    async def walk() -> None:
        app = app_of(FakeLake(str(INPUTS)))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "● " in line(app, "HZZ") and "input: the folder " in text_of(app))
            assert app.page.input.source == Input((str(INPUTS),))
            app.world.lake = FakeLake(str(tmp_path))
            app.world.tell("lake")
            await until(pilot, lambda: "! 33" in line(app, "HZZ"))
            assert app.page.input.source == Input((str(tmp_path),))
            assert app_of(kept=app.page.remembered()).page.input.chosen is False
            app.world.lake = FakeLake(str(INPUTS))
            app.world.tell("lake")
            await pilot.press("i")
            await until(pilot, lambda: "in the lake: 1largeRjet1lep" in text_of(app))
            assert "the lake in front" in text_of(app)
            await pilot.press("pageup", "enter")
            await until(pilot, lambda: "input: the built-in sample" in text_of(app) and "○ 33" in line(app, "HZZ"))
            app.world.lake = FakeLake(str(tmp_path))
            app.world.tell("lake")
            await pilot.pause()
            assert app.page.input.source == Input()
            assert app_of(kept=app.page.remembered()).page.input.chosen

    asyncio.run(walk())


def test_several_are_selected_and_run(built_in: Path) -> None:
    async def walk() -> None:
        verbs = FakeVerbs({"analyse --dry-run": PLAN, "analyse --detach": JOB})
        app = app_of(verbs=verbs, jobs=StillJobs())
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.page._table.count)
            await pilot.press("space", "space")
            await until(pilot, lambda: "2 selected" in text_of(app))
            (built_in / "atlasod-HWW-Hyy").mkdir()
            same = app.page.equivalent()
            assert same is not None
            free = str(built_in / "atlasod-HWW-Hyy-2")  # as the form has it
            assert same.arguments == ("analyse", "--detach", "HWW", "Hyy", "--output", free)
            await pilot.press("asterisk", "asterisk", "c")
            await until(pilot, lambda: "selected" not in text_of(app))
            await pilot.press("asterisk", "a")
            await until(pilot, lambda: isinstance(app.screen, AnalyseDialog) and "reads 5 files" in text_of(app))
            assert "Run all 12 analyses" in text_of(app)
            await pilot.press("y", "enter")
            await until(pilot, lambda: not isinstance(app.screen, AnalyseDialog))
            await pilot.press("y", "enter")
            await until(pilot, lambda: app.wishes)
            assert verbs.ran[-1] == [
                *("analyse", "--detach", "--json", "all", "--output", str(built_in / "atlasod-all"))
            ]
            assert (app.wishes[0].path, app.wishes[0].job_id) == (built_in / "atlasod-all", JOB["job"])
            assert not app.page._selected

    asyncio.run(walk())


def test_a_lake_that_is_away_or_hangs_takes_nothing_from_the_list() -> None:
    async def walk() -> None:
        lake = FakeLake(failure=LakeAwayError("the lake fake does not answer", "R asks again."))
        app = app_of(lake)
        async with app.run_test(size=(80, 24)) as pilot:
            app.page.use_picks([SET])
            await until(pilot, lambda: "the lake fake does not answer. R asks again." in text_of(app))
            assert "…" in line(app, "HZZ")
            gate = asyncio.Event()
            lake.agent.failure, lake.agent.gates["files"] = None, gate
            await pilot.press("R", "down", "down", "right")
            await until(pilot, lambda: "The Higgs boson in four leptons" in text_of(app))
            gate.set()
            await pilot.press("left")
            await until(pilot, lambda: "● 1     ○ 15    ! 17" in line(app, "HZZ"))

    asyncio.run(walk())


def test_picks_of_two_lakes_are_refused_with_a_sentence() -> None:
    async def walk() -> None:
        app = app_of()
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.page._table.count)
            app.page.use_picks([SET, Pick(SET.did, lake="other")])
            await until(pilot, lambda: "The picks are of 2 lakes" in text_of(app))
            assert app.page.input.source.built_in

    asyncio.run(walk())


def test_jobs_at_work_are_seen_in_the_list() -> None:
    async def walk() -> None:
        jobs = StillJobs([view(2, title="analyse all"), view(1, State.DONE, "analyse hzzanalysis", result="/r")])
        app = app_of(jobs=jobs)
        async with app.run_test(size=(120, 30)) as pilot:
            await until(pilot, lambda: "▶ running 61%" in line(app, "HZZ"))
            assert "running 61%" in line(app, "Hyy")
            jobs.jobs = jobs.jobs[1:]
            app.world.tell("jobs")
            await until(pilot, lambda: "2026-10-12 10:15" in line(app, "HZZ"))
            assert "2026" not in line(app, "Hyy")

    asyncio.run(walk())


def test_hostile_names_are_shown_harmless(home: Path) -> None:
    for number, name in enumerate(NAMES):
        mine(home, f"h{number:02d}.py", _MINE.format(name=name, title=name))
    mine(home, "worse.py", "raise ValueError('\x1b[2J\u202e[bold]x' * 999)")

    async def walk() -> None:
        picks = [Pick(DID("opendata", name), DIDType.FILE, 3, lake="fake") for name in NAMES]
        app = app_of(FakeLake(hostile=NAMES))
        async with app.run_test(size=(160, 48)) as pilot:
            app.page.use_picks(picks)
            await until(pilot, lambda: app.page._table.count == 12 + len(NAMES) + 1)
            for _ in range(app.page._table.count):
                await pilot.press("down")
                await until(pilot, lambda: app.page._told_of and app.page._told_of[0] == app.page._table.cursor)
                assert not FORBIDDEN & set(text_of(app).replace("\n", ""))
            app.page.use_picks(picks[:1])
            await until(pilot, lambda: "[bold red]markup[/bold red]" in text_of(app))
            await pilot.press("i")
            await until(pilot, lambda: isinstance(app.screen, AnalyseInput))
            assert not FORBIDDEN & set(text_of(app).replace("\n", ""))

    asyncio.run(walk())


def test_the_last_session_comes_back() -> None:
    async def walk() -> None:
        kept = {"cursor": "ZBoson", "selected": ["Hyy", "gone", 3], "input": {"given": [str(INPUTS)], "lake": ""}}
        app = app_of(kept=kept)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: getattr(app.page._table.cursor, "name", "") == "ZBoson")
            source = {"given": [str(INPUTS)], "lake": "", "basket": False}
            expected = {"cursor": "ZBoson", "selected": ["Hyy"], "former": [], "input": source, "chosen": True}
            assert app.page.remembered() == expected

    asyncio.run(walk())
    for damaged in ({"cursor": 3, "selected": 4, "input": 5, "former": 6}, {"former": [7, {}]}):
        assert app_of(kept=damaged).page.input.source == Input()
