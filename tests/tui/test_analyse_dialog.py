"""The dialog that starts analyses: fields, the plan of the verb, what is refused and why, the confirmation, the job."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import UsageError
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog, plan_lines
from atlasod_tui.tui.dialogs.confirm import Confirm
from atlasod_tui.tui.widgets import folder
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.one_of import OneOf
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.fake_content import CC
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.making_jobs import StillJobs
from tests.tui.piloting import FakeVerbs, make_world, text_of, until

SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, lake="fake")
ROWS = [
    {"analysis": "HZZAnalysis", "sample": "data", "files": 4, "bytes": 334_404},
    {"analysis": "HZZAnalysis", "sample": "llll", "files": 1, "bytes": 179_082_866},
]
PLAN: dict[str, Any] = {
    "plan": ROWS,
    "bytes": 179_417_270,
    "bytes_elsewhere": 179_383_505,
    "absent": {"HZZAnalysis": ["Wplusenu", "Wplusmunu", "lvvv"]},
    "output": "/data/student/atlasod-HZZ",
    "notes": [],
}
JOB = {"job": "20260314-120300-analyse-hzz-ab"}


@pytest.fixture(autouse=True)
def _roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "look", lambda path: folder.Disk(path, 50 * 10**9))


class Walk:
    """The dialog, and what it ran."""

    def __init__(self, source: Input | None = None, *names: str, plan: Any = None, **known: bool) -> None:
        self.verbs = FakeVerbs({"analyse --dry-run": plan or PLAN, "analyse --detach": JOB})
        self.world = make_world(verbs=self.verbs, jobs=StillJobs())
        chosen = [analysis(name) for name in names or ("HZZ",)]
        given = Input.of_picks([SET]) if source is None else source
        output = Path("/data/student/atlasod-HZZ")
        self.app = DialogApp(self.world, lambda world: AnalyseDialog(world, chosen, given, output, **known))

    @property
    def text(self) -> str:
        return text_of(self.app)


def test_from_the_keyboard_to_the_job() -> None:
    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "reads 5 files of 2 samples, 179 MB" in it.text)
            assert "the pick opendata:2020.4lep of fake" in it.text
            assert "179 MB of these are fetched" in it.text
            assert "without 3 samples: Wplusenu, Wplusmunu, lvvv" in it.text
            assert isinstance(it.app.focused, OneOf)
            await pilot.press("right", "down", "right", "right")
            await until(pilot, lambda: "corrects last pairing, same sign pairs" in it.text)
            await pilot.press("left", "space")  # they stay on their line
            await until(pilot, lambda: "reads 5 files" in it.text)
            await pilot.press("down", "y", "backspace", "ctrl+y", "enter")  # where a text is typed
            await until(pilot, lambda: isinstance(it.app.screen, Confirm))
            assert "atlasod-tui analyse --detach HZZ --input opendata:2020.4lep" in it.text
            assert it.app.focused is not None
            assert it.app.focused.id == "cancel"
            await pilot.press("y", "enter")
            await until(pilot, lambda: it.app.answer == JOB["job"])
            words = ["HZZ", "--input", "opendata:2020.4lep", "--only", "data", "--variant", "fixed"]
            assert it.verbs.ran[-1] == [
                *("analyse", "--detach", "--json", *words),
                *("--output", "/data/student/atlasod-HZZ", "--lake", "fake"),
            ]

    asyncio.run(walk())


def test_what_the_verb_refuses_is_said_and_nothing_is_started() -> None:
    async def walk() -> None:
        refusal = UsageError("'/data/student/atlasod-HZZ/manifest.json' exists already", "Choose another --output.")
        it = Walk(plan=refusal, lacking=True)
        async with it.app.run_test(size=(80, 20), notifications=True) as pilot:
            await until(pilot, lambda: "exists already" in it.text)
            said = " ".join(it.text.replace("│", "").split())
            assert "Choose another --output. esc, then i, chooses another input." in said
            await pilot.press("y", "enter")
            await until(pilot, lambda: it.text.count("exists already") == 2)  # above the buttons, and in passing
            assert "[ Run ... ]" in it.text
            await pilot.press("escape")
            await until(pilot, lambda: it.app.answer is None)
            assert not any("--detach" in words for words in it.verbs.ran)

    asyncio.run(walk())


def test_threads_storage_elements_and_a_lifetime() -> None:
    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(100, 40)) as pilot:
            await until(pilot, lambda: CC in it.text)
            screen = it.app.screen
            assert isinstance(screen, AnalyseDialog)
            screen.query_one("#workers", Field).input.value = "many"
            await until(pilot, lambda: "A whole number from 1 to 1024" in it.text)
            screen.query_one("#workers", Field).input.value = "2"
            screen.query_one("#samples", Field).input.value = "*llll*"
            assert "lifetime" not in it.text
            screen.query_one("#rses").focus()
            await pilot.press("space")
            await until(pilot, lambda: "7d = until Sat 21 Mar 2026 (UTC)" in it.text)
            await until(pilot, lambda: it.verbs.ran and "--rse" in it.verbs.ran[-1])
            assert it.verbs.ran[-1][-12:] == [
                *("--samples", "*llll*", "--output", "/data/student/atlasod-HZZ", "--workers", "2"),
                *("--rse", CC, "--lifetime", "7d", "--lake", "fake"),
            ]
            same = screen.equivalent()
            assert same is not None
            assert "workers=2" in same.python
            assert "target = Target(" in same.python
            screen._ask()
            screen._ask()  # before the first has begun: no coroutine is left that nobody awaits
        assert it.app.answer == UNANSWERED

    asyncio.run(walk())


def test_all_of_them_and_what_there_is_to_correct() -> None:
    async def walk() -> None:
        it = Walk(Input(), "HZZ", "Hyy", everything=True, plan={"plan": None, "output": "/o"})
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "the built-in sample is generated first" in it.text)
            assert "Run all 2 analyses" in it.text
            assert it.verbs.ran[-1][:4] == ["analyse", "--dry-run", "--json", "all"]

    asyncio.run(walk())


def test_hostile_inputs_and_plans_are_shown_harmless() -> None:
    async def walk() -> None:
        plan = {**PLAN, "absent": {"HZZAnalysis": list(NAMES)}, "notes": list(NAMES[:3])}
        it = Walk(Input(NAMES, lake=NAMES[0]), plan=plan)
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "without 12 samples" in it.text)
            assert not FORBIDDEN & set(it.text.replace("\n", ""))
            assert "[bold red]markup" in it.text

    asyncio.run(walk())


def test_plans_in_words() -> None:
    two = {
        **PLAN,
        "absent": {"HZZAnalysis": [], "HyyAnalysis": [f"Zee_PTV{n}" for n in range(14)]},
        "notes": ["a note"],
    }
    assert plan_lines(two)[2:] == ["Hyy is run without 14 samples: Zee_PTV* (14)", "a note"]
    assert len(plan_lines({"plan": None})) == 1
    assert plan_lines({**PLAN, "bytes_elsewhere": 0, "absent": {}}) == ["reads 5 files of 2 samples, 179 MB"]
