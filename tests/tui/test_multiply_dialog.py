"""The multiply dialog: fields, the live estimate, what is refused and why, the confirmation, the job."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.form import Form
from atlasod_tui.tui.dialogs.multiply import MultiplyDialog
from atlasod_tui.tui.orders.verbs import Told
from atlasod_tui.tui.widgets import folder
from atlasod_tui.tui.widgets.field import Field
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.fake_content import CC, LAPP
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.piloting import FakeVerbs, make_world, text_of, until

DATA, LLLL = DID("opendata", "data_A.4lep.root"), DID("opendata", "mc_363490.llll.4lep.root")
PICKS = (Pick(DATA, DIDType.FILE, 33765, 39, 1, "fake"), Pick(LLLL, DIDType.FILE, 179_082_866, 1_063_250, 1, "fake"))
OUTPUTS = [
    {"output": "data_A.4lep.x10.root", "sources": ["a"], "bytes": 337_000, "estimated": True},
    {"output": "mc_363490.llll.4lep.x10.root", "sources": ["b"], "bytes": 1_790_000_000, "estimated": True},
]
PLAN = {"plan": OUTPUTS, "bytes": 1_790_337_000, "bytes_in": 179_116_631, "output": "/", "skipped": []}
SIZES = [(80, 24), (60, 16), (160, 48)]


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk of 50 GB at every folder but /full and /shut."""

    def look(path: str) -> folder.Disk:
        if path == "/shut":
            return folder.Disk(path, problem="'/shut' cannot be written: no permission.")
        return folder.Disk(path, 10**6 if path == "/full" else 50 * 10**9)

    monkeypatch.setattr(folder, "look", look)
    monkeypatch.setattr(folder, "here", lambda: Path("/data/student"))
    monkeypatch.setattr("atlasod_tui.tui.dialogs.multiply.here", lambda: Path("/data/student"))


class Walk:
    """A dialog that a test walks through."""

    def __init__(self, picks: Sequence[Pick] = PICKS, lake: FakeLake | None = None, plan: Any = PLAN) -> None:
        self.verbs = FakeVerbs({"multiply --dry-run": plan, "multiply --detach": {"job": "20260314-m-ab"}})
        self.world = make_world(lake, verbs=self.verbs)
        self.app = DialogApp(self.world, lambda world: MultiplyDialog(world, picks))

    @property
    def text(self) -> str:
        return text_of(self.app)

    @property
    def focus(self) -> str:
        """The id of the field that has the focus, or of the widget."""
        focused = self.app.focused
        if focused is None:
            return ""
        return str(focused.id or next(node.id for node in focused.ancestors if node.id))

    def value(self, field: str) -> str:
        form = self.app.screen
        assert isinstance(form, Form)
        return form.typed(f"#{field}")


def test_a_folder_that_does_not_answer_is_looked_at_once_while_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, looked = threading.Event(), []

    def look(path: str) -> folder.Disk:
        looked.append(path)
        assert not path.startswith("/away") or answers.wait(20)
        return folder.Disk(path, 50 * 10**9)

    monkeypatch.setattr(folder, "look", look)

    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text)
            form = it.app.screen
            assert isinstance(form, Form)
            for path in ("/away", "/away/", "/away/d", "/data"):
                form.query_one("#to", Field).input.value = path
                await pilot.pause()
                if path != "/data":
                    await until(pilot, lambda: "disk of the folder: not known yet" in it.text)
            await until(pilot, lambda: "disk of the folder: 50 GB free" in it.text)
            assert looked[1:] == ["/away", "/data"]
            answers.set()

    asyncio.run(walk())


def test_from_the_keyboard_to_the_job() -> None:
    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text)
            assert it.focus == "factor"
            assert "reads 2 files, 179 MB; writes 2 files, about 1.79 GB" in it.text  # before any verb was asked
            assert "time: unknown" in it.text
            assert "disk of the folder: 50 GB free, 48.2 GB would be left" in it.text
            await pilot.press("4", "tab", "3")
            assert (it.value("factor"), it.value("files")) == ("4", "3")
            await until(pilot, lambda: "writes 6 files, about 2.15 GB" in it.text)
            await pilot.press("down", "enter")  # to the folder, to the list
            assert it.focus == "rses"
            await pilot.press("space")
            await until(pilot, lambda: "7d = until Sat 21 Mar 2026 (UTC)" in it.text)
            assert "quota: 18 GB left, 15.9 GB after" in it.text
            await until(pilot, lambda: it.verbs.ran and CC in it.verbs.ran[-1])
            assert all(words[:3] == ["multiply", "--dry-run", "--json"] for words in it.verbs.ran)
            asked = len(it.verbs.ran)
            await pilot.press("y", "enter")
            await until(pilot, lambda: "Multiply 2 picks, 179 MB?" in it.text)
            assert it.focus == "cancel"
            for words in ("2 files, about 1.79 GB, written to /data/student.", f"Uploaded to {CC},",
                          "for 7d = until Sat 21 Mar 2026 (UTC).",
                          "$ atlasod-tui multiply --detach --factor 4 --files 3",
                          "1.79 GB  mc_363490.llll.4lep.x10.root"):  # fmt: skip
                assert words in it.text
            await pilot.press("enter")  # Cancel has the focus
            await until(pilot, lambda: "7d = until" in it.text)
            assert (it.value("factor"), it.value("files"), len(it.verbs.ran)) == ("4", "3", asked)
            await pilot.press("enter", "right", "enter")
            await until(pilot, lambda: it.app.answer != UNANSWERED)
            assert it.app.answer == "20260314-m-ab"
            assert it.app.notes == ["The job 20260314-m-ab is started: 3 shows it."]
            assert it.app.world.started == "20260314-m-ab"
            assert it.verbs.ran[asked:] == [
                [
                    *("multiply", "--detach", "--json", "--factor", "4", "--files", "3", "--to", "/data/student"),
                    *("--rse", CC, "--lifetime", "7d", "--lake", "fake", "--", str(DATA), str(LLLL)),
                ]
            ]

    asyncio.run(walk())


def test_enter_leads_from_field_to_field_and_to_the_button() -> None:
    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text)
            assert "enter next" in it.text
            await pilot.press("shift+tab")
            assert it.focus == "yes"
            await pilot.press("tab")
            seen = []
            for _ in range(4):
                seen.append(it.focus)
                await pilot.press("enter")
            assert seen == ["factor", "files", "to", "rses"]
            assert it.focus == "yes"
            await pilot.press("up", "up", "space", "tab", "enter")
            assert it.focus == "dataset"
            await pilot.press("enter")
            assert it.focus == "yes"

    asyncio.run(walk())


def test_each_field_says_below_what_is_wrong_and_loses_nothing() -> None:
    async def walk() -> None:
        it = Walk()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text)
            await pilot.press("0")
            await until(pilot, lambda: "! A number from 1 to 999 999 999." in it.text)
            await pilot.press("tab", "x", "tab", "ctrl+u", *"/shut")
            await until(pilot, lambda: "'/shut' cannot be written: no permission." in it.text)
            await pilot.press("ctrl+u")
            await until(pilot, lambda: "! A folder is needed." in it.text)
            await pilot.press(*"/full", "down", "space", "down", "space")
            await until(pilot, lambda: "7d =" in it.text)
            await pilot.press("down", "down", "ctrl+u", *"soon", "tab", *"no name")
            for words in ("! Days such as 7d", "! 'no name' cannot be the name of a dataset"):
                await until(pilot, lambda words=words: words in it.text)  # type: ignore[misc]
            await pilot.press("tab", "f4")
            assert it.app.notes[-1].startswith("There is no command yet")
            await pilot.press("right", "enter")
            assert it.app.notes[-1] == "A field cannot be as it is."
            assert it.focus == "factor"
            assert [it.value(name) for name in ("factor", "files", "to", "lifetime", "dataset")] == [
                *("0", "x", "/full", "soon", "no name"),
            ]
            assert not any("--detach" in command for command in it.verbs.ran)
            await pilot.press("2", "tab", "2", "down", "down", "down", "ctrl+u", *"2026-03-20", "tab", "ctrl+u")
            await until(pilot, lambda: "6d = until Fri 20 Mar 2026 (UTC)" in it.text)
            await until(pilot, lambda: "! disk of the folder: 1 MB free, 716 MB are needed" in it.text)
            await pilot.press("shift+tab", "shift+tab", "y", "enter")
            assert it.app.notes[-1].startswith("disk of the folder: 1 MB free, ")
            await pilot.press("escape")
            assert it.app.answer is None

    asyncio.run(walk())


def test_what_does_not_suffice_is_refused_with_the_reason() -> None:
    async def walk() -> None:
        sentence = "the quota of student on the storage element X leaves 5 bytes, of 9 that are needed"
        it = Walk(plan=LakeError(sentence, "Choose another."))
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: LAPP in it.text)
            await pilot.press("down", "down", "down", "down", "down", "space")
            assert it.app.notes == ["INFN_NAPOLI-DCACHE: it takes no writes: maintenance"]
            await pilot.press("up", "space")
            short = f"! {LAPP}: your quota leaves 1 GB, 1.79 GB are needed."
            await until(pilot, lambda: short in it.text)
            await pilot.press("space", "up", "space")
            await until(pilot, lambda: f"! {sentence}. Choose another." in " ".join(it.text.replace("│", "").split()))
            ran = len(it.verbs.ran)
            it.verbs.answers["multiply --dry-run"] = PLAN
            await pilot.press("y", "enter")  # it is asked once more
            await until(pilot, lambda: "Multiply 2 picks, 179 MB?" in it.text)
            assert len(it.verbs.ran) == ran + 1
            it.verbs.answers["multiply --detach"] = LakeError("the lake is gone")
            await pilot.press("y", "enter")
            await until(pilot, lambda: isinstance(it.app.screen, ErrorCard))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(it.app.screen, MultiplyDialog))
            assert "[1] CC_DCACHE" in it.text
            await pilot.press("f4")
            await until(pilot, lambda: isinstance(it.app.screen, EquivalentDialog))
            assert "atlasod-tui multiply --detach --factor 10" in it.text

    asyncio.run(walk())


class SlowVerbs(FakeVerbs):
    """Verbs that never end."""

    cancelled = 0

    async def run(self, arguments: Sequence[str]) -> Told:
        self.ran.append(list(arguments))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError


def test_the_verb_is_ended_when_something_changes_and_the_confirmation_waits_for_it() -> None:
    async def walk() -> None:
        it = Walk()
        it.world.verbs = verbs = SlowVerbs()
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: len(verbs.ran) == 1)
            await pilot.press("7")
            await until(pilot, lambda: verbs.cancelled == 1)
            await until(pilot, lambda: len(verbs.ran) == 2)
            assert verbs.ran[1][3:5] == ["--factor", "7"]
            assert "Looking what that comes to." in it.text
            await pilot.press("tab", "tab", "tab", "y", "enter")
            assert isinstance(it.app.screen, MultiplyDialog)
            await pilot.press("escape")
            await until(pilot, lambda: verbs.cancelled == 2)

    asyncio.run(walk())


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_or_scrolls_and_hostile_names_are_harmless(size: tuple[int, int]) -> None:
    async def walk() -> None:
        picks = [Pick(DID("opendata", name), DIDType.FILE, 1000, None, 1, "fake") for name in NAMES]
        it = Walk([*picks, *PICKS], plan=_hostile_plan())
        async with it.app.run_test(size=size) as pilot:
            await until(pilot, lambda: CC in it.text)
            assert "[ Multiply ... ]" in it.text
            assert "of each" in it.text
            await until(pilot, lambda: it.verbs.ran)
            assert not FORBIDDEN & set(it.text.replace("\n", ""))
            await pilot.press("tab", "tab", "tab", "y")
            await until(pilot, lambda: "nothing is uploaded: no storage element is chosen" in it.text)
            await pilot.press("enter")
            await until(pilot, lambda: "$ atlasod-tui multiply" in it.text)
            assert it.focus == "cancel"
            assert not FORBIDDEN & set(it.text.replace("\n", ""))
            assert all(len(line) <= size[0] for line in it.text.splitlines() if line.isascii())

    asyncio.run(walk())


def _hostile_plan() -> dict[str, Any]:
    rows = [{"output": name, "sources": [name], "bytes": 1} for name in NAMES]
    skipped = [{"path": NAMES[0], "reason": NAMES[2]}]
    return {"plan": rows, "bytes": len(NAMES), "bytes_in": 1, "output": "/", "skipped": skipped}


def test_lakes_without_storage_and_picks_of_two_lakes() -> None:
    async def walk() -> None:
        away = FakeLake(failures={"storage_elements": LakeError("the lake local has no storage elements: a folder")})
        it = Walk(lake=away)
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "has no storage elements: a folder" in it.text)
            await until(pilot, lambda: it.verbs.ran)
            assert "--rse" not in it.verbs.ran[0]
            await pilot.press("escape")
        two = Walk([PICKS[0], Pick(LLLL, lake="elsewhere")])
        async with two.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "The picks are of 2 lakes (fake, elsewhere)" in two.text)
            await pilot.press("down", "down", "down", "y", "enter")
            assert two.app.notes[-1].startswith("The picks are of 2 lakes")
            assert two.verbs.ran == []
        other = Walk([Pick(LLLL, DIDType.CONTAINER, lake="elsewhere")], plan=LakeError("it is away"))
        async with other.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in other.text)
            assert "how much is read and written is told when the lake has listed the files" in other.text
            await pilot.press("down", "down", "down", "space")
            await until(pilot, lambda: other.verbs.ran and "--rse" in other.verbs.ran[-1])
            assert other.verbs.ran[-1][-5:] == ["fake", "--from", "elsewhere", "--", str(LLLL)]

    asyncio.run(walk())
