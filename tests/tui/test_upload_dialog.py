"""The upload dialog: the bundles of a result, or files of it that are chosen; read-only lakes; what is refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.dialogs.confirm import Confirm
from atlasod_tui.tui.dialogs.upload import UploadDialog
from atlasod_tui.tui.orders import uploadable
from atlasod_tui.tui.widgets.choice_list import ChoiceList
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.fake_content import CC, LAPP
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.piloting import FakeVerbs, make_world, text_of, until

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """What two analyses left, as far as an upload looks at it."""
    folder = tmp_path / "HZZ"
    for name, content in (
        ("HZZAnalysis.root", b"x" * 183_000),
        ("WBosonAnalysis.root", b"y" * 90_000),
        ("Output_HZZAnalysis/data.root", b"z" * 12_000),
        ("plots/m4l.png", PNG),
        ("plots/m4l.pdf", b"%PDF"),
        (".hidden", b""),
        ("Output_HZZAnalysis/ZZ.root.part", b""),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    analyses = {name: {"samples": {"data": {"factor": 1}}} for name in ("HZZAnalysis", "WBosonAnalysis")}
    (folder / "manifest.json").write_text(json.dumps({"input": "/data/4lep", "analyses": analyses}))
    return folder


def test_what_there_is_to_upload(result: Path, tmp_path: Path) -> None:
    found = uploadable.look(str(result))
    assert [(file.name, file.bundle) for file in found.files] == [
        ("HZZAnalysis.root", True),
        ("WBosonAnalysis.root", True),
        ("Output_HZZAnalysis/data.root", False),
        ("manifest.json", False),
        ("plots/m4l.pdf", False),
        ("plots/m4l.png", False),
    ]
    assert found.files[-1].why_not == "is an image, which anybody can draw again from the result"
    assert [file.bytes for file in found.bundles] == [183_000, 90_000]
    one = uploadable.look(str(result / "manifest.json"))
    assert ([file.name for file in one.files], one.problem) == (["manifest.json"], "")
    picture = uploadable.look(str(result / "plots" / "m4l.png"))
    assert picture.problem.startswith("The file is an image")
    assert "No such file" in uploadable.look(str(tmp_path / "nowhere")).problem
    assert "null" in uploadable.look("/a\0b").problem
    (tmp_path / "empty").mkdir()
    assert uploadable.look(str(tmp_path / "empty")).problem == "There are no files in this folder."


def test_a_folder_of_many_files_is_listed_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploadable, "MOST", 3)
    for number in range(5):
        (tmp_path / f"{number}.root").write_bytes(b"")
    found = uploadable.look(str(tmp_path))
    assert (len(found.files), found.more, found.bundles) == (3, True, ())


class Walk:
    """A dialog that a test walks through."""

    def __init__(self, result: Path | None, lake: FakeLake | None = None, **wishes: Any) -> None:
        rows = [{"path": f"{result}/HZZAnalysis.root", "did": "user.student:a", "bytes": 183_000, "metadata": {}}]
        upload = {"dataset": "user.student:student.run0123abcd.HZZ", "host": "https://lake.example"}
        self.verbs = FakeVerbs({
            "put --dry-run": {"plan": rows, "bytes": 183_000, "upload": upload},
            "put --detach": {"job": "20260314-put-ab"},
        })  # fmt: skip
        self.world = make_world(lake, verbs=self.verbs, **wishes)
        self.app = DialogApp(self.world, lambda world: UploadDialog(world, result))

    @property
    def text(self) -> str:
        return text_of(self.app)


def test_bundles_are_uploaded_by_the_name_of_the_folder(result: Path) -> None:
    async def walk() -> None:
        it = Walk(result)
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text and "m4l" in it.text)
            assert "[x] HZZAnalysis.root" in it.text
            assert "[ ] Output_HZZAnalysis/data.root" in it.text
            assert "uploads 2 files, 273 kB" in it.text
            assert "! No storage element is chosen: space chooses." in it.text
            await pilot.press("y", "enter")
            assert it.app.notes == ["No storage element is chosen: space chooses."]
            await pilot.press("shift+tab", "shift+tab", "shift+tab", "shift+tab", "down", "space", "up", "space")
            await until(pilot, lambda: f"[1] {LAPP}" in it.text and f"[2] {CC}" in it.text)
            await pilot.press("y", "enter")
            await until(pilot, lambda: isinstance(it.app.screen, Confirm))
            assert it.app.focused is not None
            assert it.app.focused.id == "cancel"
            for words in ("Upload HZZ?", "1 file, 183 kB.", f"Uploaded to {LAPP}, copied to {CC},",
                          "into a new dataset of user.student in the lake fake (https://lake.example),",
                          "for 7d = until Sat 21 Mar 2026 (UTC).", "$ atlasod-tui put --detach --rse",
                          "183 kB  HZZAnalysis.root"):  # fmt: skip
                assert words in it.text
            await pilot.press("y", "enter")
            await until(pilot, lambda: it.app.answer != UNANSWERED)
            assert it.app.answer == "20260314-put-ab"
            rest = ["--rse", f"{LAPP},{CC}", "--lifetime", "7d", "--lake", "fake", "--", str(result)]
            assert it.verbs.ran[-1] == ["put", "--detach", "--json", *rest]

    asyncio.run(walk())


def test_files_are_chosen_and_images_refused(result: Path) -> None:
    async def walk() -> None:
        it = Walk(result)
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: CC in it.text and "plots/m4l.pdf" in it.text)
            await pilot.press("down", "space", "down", "space")
            await until(pilot, lambda: "uploads 2 files, 195 kB" in it.text)
            await pilot.press("down", "down", "down", "space")
            assert it.app.notes == ["plots/m4l.png: is an image, which anybody can draw again from the result"]
            await pilot.press("down", "space", "tab", "ctrl+u", *"12h", "tab", *"mine")
            await until(pilot, lambda: "12h = until Sun 15 Mar 2026, 00:03 UTC" in it.text)
            await until(pilot, lambda: it.verbs.ran and "mine" in it.verbs.ran[-1])
            paths = [str(result / name) for name in ("HZZAnalysis.root", "Output_HZZAnalysis/data.root")]
            assert it.verbs.ran[-1] == [
                *("put", "--dry-run", "--json", "--rse", CC, "--lifetime", "12h", "--dataset", "mine"),
                *("--lake", "fake", "--", *paths),
            ]

    asyncio.run(walk())


def test_a_lake_that_is_read_only_refuses_with_the_reason(result: Path) -> None:
    async def walk() -> None:
        it = Walk(result, read_only=True)
        async with it.app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: f"{CC} " in it.text and "m4l" in it.text)
            assert f"! {READ_ONLY}" in it.text
            await pilot.press("tab", "space", "y", "enter")
            assert set(it.app.notes) == {f"{CC}: {READ_ONLY}", READ_ONLY}
            assert it.verbs.ran == []

    asyncio.run(walk())


def test_what_to_upload_may_be_typed_and_hostile_names_are_harmless(tmp_path: Path) -> None:
    async def walk() -> None:
        folder = tmp_path / "many"
        folder.mkdir()
        for name in NAMES:
            if len(name) < 100 and "/" not in name and "\0" not in name and "\ud800" not in name:
                (folder / name).write_bytes(b"1")
        (folder / "good.root").write_bytes(b"2")
        it = Walk(None)
        async with it.app.run_test(size=(60, 16)) as pilot:
            await until(pilot, lambda: CC in it.text)
            await pilot.press("tab", "y", "enter")
            assert it.app.notes == ["It is not said what to upload."]
            files = it.app.screen.query_one("#files", ChoiceList)
            files.focus()
            it.app.screen.query_one("#of Input", Input).value = str(folder)
            await until(pilot, lambda: "good.root" in it.text)
            assert not FORBIDDEN & set(it.text.replace("\n", ""))
            await pilot.press("pagedown", "pagedown", "pageup", *["down"] * 8)
            assert it.app.focused is not files  # below the last line
            await pilot.press("escape")

    asyncio.run(walk())
