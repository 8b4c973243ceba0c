"""The last session is gone back to; a damaged one harms nothing; one that was killed loses next to nothing."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.lake import profiles
from atlasod_tui.tui import app as app_module
from atlasod_tui.tui import wishes
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.lake import offers as lake_offers
from atlasod_tui.tui.memory import Kept, Memory
from atlasod_tui.tui.screens.welcome import Welcome
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import NAMES
from tests.tui.in_pty import PROGRAM, Pty
from tests.tui.piloting import FakeVerbs, make_world, text_of, until

WRONG: tuple[Any, ...] = (
    *(None, 3, -1, 10**30, 1e308, True, "", [], {}, [[]], ["a", 3], {"a": {"b": []}}, "opendata:", "../..", *NAMES),
)
PAGES = [place for place in Place if place in {Place.LAKE, *app_module.PAGES}]


def _is_at(app: AtlasodApp, place: Place) -> bool:
    return app.page is not None and app.page.place is place


async def names_of(place: Place) -> list[str]:
    """Return what a page keeps."""
    app = AtlasodApp(make_world(jobs=JobWatch(), memory=Memory(Kept(place=place.name.lower()))))
    async with app.run_test() as pilot:
        await until(pilot, partial(_is_at, app, place))
        assert app.page is not None
        return [*app.page.remembered(), "path", "cursor", "folder", "job", "analysis", "histogram"]


@pytest.mark.parametrize("place", PAGES)
def test_what_is_wrong_in_a_page_s_memory_harms_nothing(place: Place) -> None:
    async def walk() -> None:
        names = await names_of(place)
        for first in range(0, len(WRONG), len(WRONG) // 3):
            wrong = {name: WRONG[(first + number) % len(WRONG)] for number, name in enumerate(names)}
            app = AtlasodApp(
                make_world(
                    jobs=JobWatch(), memory=Memory(Kept(place=place.name.lower(), pages={place.name.lower(): wrong}))
                )
            )
            async with app.run_test() as pilot:
                await until(pilot, partial(_is_at, app, place))
                for each in WRONG:
                    type(app._pages[place])(make_world(jobs=JobWatch())).recall(dict.fromkeys(names, each))

    asyncio.run(walk())


def test_the_page_that_was_left_is_gone_back_to() -> None:
    app = AtlasodApp(make_world(jobs=JobWatch(), memory=Memory(Kept(place="jobs"))))

    async def walk() -> None:
        async with app.run_test() as pilot:
            await until(pilot, partial(_is_at, app, Place.JOBS))
            await pilot.press("2")
            await until(pilot, lambda: app.world.memory.kept.place == "analyses")

    asyncio.run(walk())
    assert Memory.recalled().kept.place == "analyses"


@pytest.mark.parametrize("place", ["", "lake", "app", "everywhere", "\x1b", "table"])
def test_a_place_that_is_none_is_the_lake(place: str) -> None:
    app = AtlasodApp(make_world(jobs=JobWatch(), memory=Memory(Kept(place=place))))

    async def walk() -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            assert _is_at(app, Place.LAKE)

    asyncio.run(walk())


@pytest.mark.parametrize("other", ["", "opendata"])
def test_a_lake_that_can_no_longer_be_reached_is_told(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if other:
        monkeypatch.setattr(profiles, "default", lambda: other)
    monkeypatch.setattr(app_module, "LakeLink", lambda name, **_: FakeLake(name))
    world = make_world(jobs=JobWatch(), memory=Memory(Kept(lake=f"/{'x' * 300}")))
    world.lake = None
    app = AtlasodApp(world)

    async def walk() -> None:
        async with app.run_test() as pilot:
            if other:
                await until(pilot, lambda: app.world.lake)
                told = [each.message for each in app._notifications]
            else:
                await until(pilot, lambda: isinstance(app.screen, Welcome))
                told = text_of(app).splitlines()
            assert any("The lake of the last session, " in f"{line} " for line in told)

    asyncio.run(walk())


def test_the_sandbox_can_be_gone_to_from_everywhere_and_is_installed_only_when_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiles, "rucio_config", lambda: None)
    monkeypatch.setattr(app_module, "LakeLink", lambda name, **_: FakeLake(name))
    world = make_world(jobs=JobWatch(), verbs=(verbs := FakeVerbs({"sandbox up": {"job": "20260101-120000-s-ab"}})))
    world.lake = None
    app = AtlasodApp(world)

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:

            async def welcomed(*sentences: str) -> None:
                await until(
                    pilot, lambda: isinstance(app.screen, Welcome) and all(s in text_of(app) for s in sentences)
                )

            await welcomed("No Rucio is configured here yet.", "esc no lake")
            await pilot.press("escape")
            await until(pilot, lambda: text_of(app).splitlines()[-1] == " L lakes  ? help  : command")
            await pilot.press("colon", *"sandbox", "enter")
            await welcomed("The sandbox is not installed yet.")
            await pilot.press("o")
            await until(pilot, lambda: world.lake is not None and app.screen is app.page)
            await until(pilot, lambda: " L lakes " in text_of(app).splitlines()[-1])
            await pilot.press("L")
            await until(pilot, lambda: "not installed yet: installs it" in text_of(app))
            await pilot.press("g", "enter")
            await welcomed("The sandbox is not installed yet.", "esc stay")
            assert not verbs.ran
            assert world.memory.kept.lake == "opendata"
            await pilot.press("enter")
            await until(pilot, lambda: verbs.ran == [["sandbox", "up", "--detach", "--json"]])
            monkeypatch.setattr(lake_offers, "sandbox", lambda: lake_offers.Sandbox(installed=True, away=None))
            app.post_message(wishes.LakeChosen("sandbox"))  # as the welcome does when it is there
            await until(pilot, lambda: world.memory.kept.lake == "sandbox" and app.screen is app.page)

    asyncio.run(walk())


def test_a_folder_is_remembered_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app_module, "LakeLink", lambda name, **_: FakeLake(name))
    world = make_world(jobs=JobWatch())
    world.lake = None
    app = AtlasodApp(world, "data")

    def front() -> str:
        return app.world.lake.name if app.world.lake is not None else ""

    async def walk() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: front() == world.memory.kept.lake == str(tmp_path / "data"))
            app.post_message(wishes.LakeChosen("local"))
            await until(pilot, lambda: front() == world.memory.kept.lake == str(tmp_path))
            assert world.memory.kept.folders == [str(tmp_path), str(tmp_path / "data")]

    asyncio.run(walk())


@pytest.mark.slow
def test_a_killed_program_goes_on_where_it_was(home: Path, tmp_path: Path) -> None:
    (tmp_path / "4lep").mkdir()
    for number in range(3):
        (tmp_path / "4lep" / f"data_{number}.4lep.root").write_bytes(b"root")
    session = home / "state" / "atlasod-tui" / "session.json"

    def kept() -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(session.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    with Pty([*PROGRAM, "--lake", str(tmp_path)], {}) as terminal:
        terminal.until("local")
        terminal.press(b"\r")
        terminal.until("4lep")
        terminal.press(b" ")
        terminal.until("1 picked")
        terminal.press(b"2")
        terminal.until("HZZ")
        terminal.until(lambda _: kept().get("place") == "analyses" and kept()["picks"])
    assert terminal.process.returncode == -9

    with Pty(PROGRAM, {}) as terminal:
        terminal.until(lambda written: b"1 picked" in written and b"HZZ" in written)
        terminal.press(b"q")
        assert terminal.ended() == 0
    assert kept()["lake"] == str(tmp_path)


def test_a_damaged_session_is_no_reason_not_to_start(home: Path, tmp_path: Path) -> None:
    session = home / "state" / "atlasod-tui" / "session.json"
    session.parent.mkdir(parents=True)
    session.write_bytes(b'{"place": "plots", "lake": "no such lake", "theme": 7, "picks": [1], "pages": {"lake": []}}')
    with Pty([*PROGRAM, "--lake", str(tmp_path)], {}) as terminal:
        terminal.until("local")
        terminal.press(b"q")
        assert terminal.ended() == 0
