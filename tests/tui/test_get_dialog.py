"""The dialog that fetches picks: the folder, what is there already, the job."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlasod_tui.errors import UsageError
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs.confirm import Confirm
from atlasod_tui.tui.dialogs.get import GetDialog
from atlasod_tui.tui.orders.verbs import Told
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.piloting import FakeVerbs, make_world, text_of, until

SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, 308_000_000, None, 18, "fake")
ROWS = [
    {"did": "opendata:a.root", "bytes": 300_000_000, "path": "2020.4lep/a.root", "there": False},
    {"did": "opendata:b.root", "bytes": 8_000_000, "path": "2020.4lep/b.root", "there": True},
]
PLAN = {"lake": "fake", "plan": ROWS, "bytes": 300_000_000, "output": "/", "skipped": []}


class SlowVerbs(FakeVerbs):
    """Verbs that take their time until they are let go on."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(answers)
        self.go_on = asyncio.Event()

    async def run(self, arguments: Sequence[str]) -> Told:
        await self.go_on.wait()
        return await super().run(arguments)


def test_from_the_keyboard_to_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def walk() -> None:
        verbs = SlowVerbs({"get --dry-run": PLAN, "get --detach": {"job": "20260314-get-ab"}})
        app = DialogApp(make_world(verbs=verbs), lambda world: GetDialog(world, [SET]))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "fetches 18 files, 308 MB" in text_of(app))
            assert "Fetch opendata:2020.4lep" in text_of(app)
            verbs.go_on.set()
            await pilot.press("end", *"/new")
            await until(pilot, lambda: "fetches 1 file, 300 MB; 1 file there already" in text_of(app))
            await until(pilot, lambda: "disk of the folder: " in text_of(app) and "would be left" in text_of(app))
            await pilot.press("enter", "enter")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            assert "300 MB  2020.4lep/a.root" in text_of(app)
            assert "b.root" not in text_of(app)
            await pilot.press("y", "enter")
            await until(pilot, lambda: app.answer != UNANSWERED)
            assert app.answer == "20260314-get-ab"
            words = ["--to", str(tmp_path / "new"), "--lake", "fake", "--", "opendata:2020.4lep"]
            assert verbs.ran[-1] == ["get", "--detach", "--json", *words]
        assert not (tmp_path / "new").exists()

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("size", "heading"),
    [
        ((80, 24), "Fetch user.student:ATLAS_OD_GENERATED…c_363490.llll.4lep.x40.run0123abcd.end"),
        ((60, 16), "Fetch user.student:ATLAS_OD…lll.4lep.x40.run0123abcd.end"),
    ],
)
def test_a_long_name_keeps_its_end_and_the_question_its_mark(size: tuple[int, int], heading: str) -> None:
    long = DID("user.student", "ATLAS_OD_GENERATED_2026.mc_363490.llll.4lep.x40.run0123abcd.end")

    async def walk() -> None:
        app = DialogApp(
            make_world(verbs=FakeVerbs({"get --dry-run": PLAN})),
            lambda world: GetDialog(world, [msgspec.structs.replace(SET, did=long)]),
        )
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: heading in text_of(app))
            await until(pilot, lambda: "there already" in text_of(app))
            await pilot.press("enter", "enter")
            await until(pilot, lambda: isinstance(app.screen, Confirm) and ".run0123abcd.end?" in text_of(app))
            assert "Fetch user.student:ATLAS_OD" in text_of(app)

    asyncio.run(walk())


def test_a_refusal_of_the_verb_is_told_and_the_folder_can_be_changed() -> None:
    async def walk() -> None:
        answers: dict[str, Any] = {"get --dry-run": UsageError("'a.root' exists already", "Choose another --to.")}
        verbs = FakeVerbs(answers)
        app = DialogApp(make_world(verbs=verbs), lambda world: GetDialog(world, [SET]))
        async with app.run_test(size=(60, 16)) as pilot:
            await until(pilot, lambda: "! 'a.root' exists already. Choose another --to." in text_of(app))
            answers["get --dry-run"] = PLAN
            await pilot.press("end", *"/2")
            await until(pilot, lambda: "1 file there already" in text_of(app))
            assert "exists already" not in text_of(app)

    asyncio.run(walk())
