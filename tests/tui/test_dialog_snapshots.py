"""How the dialogs of multiplying, uploading and fetching look, on stable data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.dialogs.get import GetDialog
from atlasod_tui.tui.dialogs.multiply import MultiplyDialog
from atlasod_tui.tui.dialogs.upload import UploadDialog
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.orders import uploadable
from atlasod_tui.tui.orders.uploadable import Candidate, Found
from atlasod_tui.tui.widgets import folder
from atlasod_tui.tui.world import World
from tests.tui.dialog_app import DialogApp
from tests.tui.fake_content import CC
from tests.tui.piloting import FakeVerbs, make_world, text_of, until
from tests.tui.test_get_dialog import PLAN as TO_GET
from tests.tui.test_get_dialog import SET
from tests.tui.test_multiply_dialog import PICKS, PLAN

Make = Callable[[World], Dialog[Any]]
LOOKS = [("dark", (80, 24)), ("light", (160, 48)), ("mono", (80, 24))]
RESULT = Path("/data/student/HZZ")
FILES = (
    Candidate(f"{RESULT}/HZZAnalysis.root", "HZZAnalysis.root", 183_211, bundle=True),
    Candidate(f"{RESULT}/Output_HZZAnalysis/data.root", "Output_HZZAnalysis/data.root", 12_345),
    Candidate(f"{RESULT}/manifest.json", "manifest.json", 9_876),
    Candidate(f"{RESULT}/m4l.png", "m4l.png", 40_000, why_not="is an image, which anybody can draw again"),
)
RULE = Asked(
    "End what is kept of 2026.HZZ?",
    "End it",
    ("The rule on CC_DCACHE ends now.", "The lake deletes what nothing else protects."),
    (("183 kB", "student.run0123abcd.HZZAnalysis.root"), ("12.3 kB", "student.run0123abcd.data.root")),
    Equivalent("End a rule", ("rules", "remove", "0123456789abcdef0123456789abcdef"), ""),
    typed="2026.HZZ",
)


@pytest.fixture(autouse=True)
def stable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same disk and files everywhere."""
    monkeypatch.setattr(folder, "look", lambda path: folder.Disk(path, 50 * 10**9))
    for module in ("widgets.folder", "dialogs.multiply", "dialogs.get"):
        monkeypatch.setattr(f"atlasod_tui.tui.{module}.here", lambda: Path("/data/student"))
    monkeypatch.setattr(uploadable, "look", lambda given: Found(given, FILES))


def app_of(theme: str, make: Make, **answers: Any) -> DialogApp:
    done = Status(state=State.DONE, unit="B", total=10**10, done=10**10, rate=4.2e8)
    jobs = SimpleNamespace(jobs=(SimpleNamespace(task="atlasod_tui.jobs.tasks.multiply:run", status=done),))
    verbs = FakeVerbs({"multiply --dry-run": PLAN, "get --dry-run": TO_GET} | answers)
    return DialogApp(make_world(look=Look(theme_files.named(theme)), verbs=verbs, jobs=jobs), make)


async def quiet(pilot: Pilot[Any]) -> None:
    """Wait until the lake, the disk and the verb have answered."""
    words = ("Looking", "not known yet", "asking the lake", "looking for")
    app = pilot.app
    await until(pilot, lambda: CC in text_of(app) and not any(word in text_of(app) for word in words))


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_multiply(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await quiet(pilot)
        await pilot.press("tab", "tab", "tab", "space")
        await quiet(pilot)

    assert snap_compare(app_of(theme, lambda world: MultiplyDialog(world, PICKS)), terminal_size=size, run_before=walk)


def test_multiply_with_what_is_wrong(snap_compare: Any) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await quiet(pilot)
        await pilot.press("tab", "tab", "tab", "down", "space", "tab", *"x", "shift+tab", "shift+tab", "shift+tab", "0")
        await until(pilot, lambda: "A number from" in text_of(pilot.app))

    refused = UsageError("the disk is full", "Choose another --to.")
    app = app_of("dark", lambda world: MultiplyDialog(world, PICKS), **{"multiply --dry-run": refused})
    assert snap_compare(app, terminal_size=(80, 24), run_before=walk)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_upload(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    assert snap_compare(
        app_of(theme, lambda world: UploadDialog(world, RESULT)), terminal_size=size, run_before=upload_walk
    )


async def upload_walk(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: "m4l.png" in text_of(pilot.app))
    await quiet(pilot)
    await pilot.press("down", "space", "tab", "space")
    await quiet(pilot)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_confirm(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    app = app_of(theme, lambda world: Confirm(world, RULE))
    assert snap_compare(app, terminal_size=size)


@pytest.mark.parametrize(("theme", "size"), LOOKS[:2])
def test_get(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "there already" in text_of(pilot.app) and "would be left" in text_of(pilot.app))

    assert snap_compare(app_of(theme, lambda world: GetDialog(world, [SET])), terminal_size=size, run_before=walk)
