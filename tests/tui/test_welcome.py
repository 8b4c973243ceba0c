"""The welcome: each lake is one key away, the sandbox is installed by a job, a folder is looked at first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.signal import Signal
from textual.widgets import Input

from atlasod_tui import config, paths, tui
from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.lake import profiles
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.jobs.reader import JobView
from atlasod_tui.tui.lake import offers as lake_offers
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.screens.welcome import Guide, Welcome
from atlasod_tui.tui.wishes import LakeChosen
from atlasod_tui.tui.world import World
from tests.tui.hostile import CONTROL, FORBIDDEN
from tests.tui.piloting import FakeJobs, FakeVerbs, make_world, text_of, until

APP = Path(tui.__file__).with_name("app.tcss")
JOB = "20260101-120000-sandbox-up-ab"
TASK = "atlasod_tui.jobs.tasks.sandbox:run"
SIZES = [(80, 24), (160, 48), (60, 16)]


class WelcomeApp(Dressed):
    """Nothing but the welcome."""

    CSS_PATH = APP

    def __init__(self, world: World) -> None:
        super().__init__()
        self.dress(world, theme_files.read_all())
        world.belongs_to(Signal(self, "changed"))
        self.chosen: list[str] = []

    def on_mount(self) -> None:
        """Show it."""
        self.push_screen(Welcome(self.world))

    def on_lake_chosen(self, wish: LakeChosen) -> None:
        """Note what was chosen."""
        self.chosen.append(wish.name)


def world_of(answers: dict[str, Any] | None = None, **wishes: Any) -> World:
    world = make_world(jobs=FakeJobs(), verbs=FakeVerbs(answers), **wishes)
    world.lake = None
    return world


def walk(
    steps: Callable[[WelcomeApp, Pilot[Any]], Awaitable[None]],
    world: World | None = None,
    size: tuple[int, int] = (80, 24),
) -> None:
    async def run() -> None:
        app = WelcomeApp(world or world_of())
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "s  A practice lake on this machine" in text_of(app))
            await steps(app, pilot)

    asyncio.run(run())


def view(state: State, **status: Any) -> JobView:
    return JobView(JOB, f"/jobs/{JOB}", "sandbox up", TASK, Status(state=state, **status))


def see(world: World, *views: JobView) -> None:
    cast("Any", world.jobs).jobs = views
    world.tell("jobs")


def ran(world: World) -> list[list[str]]:
    return cast("FakeVerbs", world.verbs).ran


def test_the_sandbox_is_one_key_and_a_job() -> None:
    world = world_of({"sandbox up": {"job": JOB}})

    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await pilot.press("s")
        await until(pilot, lambda: "The installation begins" in text_of(app))
        await pilot.press("s")
        await until(pilot, lambda: ["being installed already" in each.message for each in app._notifications] == [True])
        assert "The installation begins" in text_of(app)
        assert ran(world) == [["sandbox", "up", "--detach", "--json"]]
        see(world, view(State.RUNNING, phase="fetching, numpy", done=24, total=96, unit="packages"))
        await until(pilot, lambda: "24/96 packages" in text_of(app))
        line = next(line for line in text_of(app).splitlines() if "24/96" in line)
        assert "▶ sandbox running" in line
        assert "█████···············" in line
        assert "fetching, numpy" in line
        assert app.chosen == []
        see(world, view(State.DONE))
        await until(pilot, lambda: app.chosen == ["sandbox"])

    walk(steps, world)


def test_an_installation_that_is_at_work_is_taken_up_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a terminal was closed; a failure keeps its sentence, and the key works again."""
    cancelled: list[str] = []
    monkeypatch.setattr("atlasod_tui.jobs.folder.find", lambda name: name)
    monkeypatch.setattr("atlasod_tui.jobs.control.cancel", cancelled.append)
    world = world_of({"sandbox up": LakeError("no room", "Remove something.")})
    cast("Any", world.jobs).jobs = (view(State.RUNNING, phase=CONTROL),)

    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "sandbox running" in text_of(app))
        assert not FORBIDDEN - {"\n"} & set(text_of(app))
        await pilot.press("x")
        await until(pilot, lambda: cancelled == [JOB])
        see(world, view(State.CANCELLED))
        await until(pilot, lambda: "was cancelled; s takes it up again" in text_of(app))
        see(world, view(State.RUNNING))
        await until(pilot, lambda: "sandbox running" in text_of(app))
        see(world, view(State.FAILED, message="no network", hint="Look at the log."))
        await until(pilot, lambda: "No network. Look at the log." in text_of(app))
        await pilot.press("s")
        await until(pilot, lambda: "No room. Remove something." in text_of(app))
        assert app.chosen == []

    walk(steps, world)


def test_the_portal_by_key_and_from_the_list() -> None:
    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await pilot.press("o")
        await until(pilot, lambda: app.chosen == ["opendata"])
        await pilot.press("j", "k", "down", "enter")
        await until(pilot, lambda: app.chosen == ["opendata"] * 2)
        same = cast("Welcome", app.screen).equivalent()
        assert same is not None
        assert same.arguments == ("ls", "opendata", "--lake", "opendata")

    walk(steps)


def test_a_folder_is_looked_at_first(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "4lep").mkdir(parents=True)
    (tmp_path / "full" / "4lep" / "data_A.4lep.root").touch()

    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await pilot.press("f")
        field = app.screen.query_one("#folder", Input)
        await until(pilot, lambda: field.has_focus)
        field.value = str(tmp_path / "empty")
        await pilot.press("enter")
        await until(pilot, lambda: "has no ROOT files" in " ".join(text_of(app).split()))
        await pilot.press("escape")
        await until(pilot, lambda: not field.has_focus)
        assert isinstance(app.screen, Welcome)
        await pilot.press("f")
        field.value = str(tmp_path / "full" / ".." / "full")
        await pilot.press("enter")
        await until(pilot, lambda: app.chosen == [str(tmp_path / "full")])

    walk(steps)


def test_folders_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "hidden" / ".git").mkdir(parents=True)
    (tmp_path / "hidden" / ".git" / "a.root").touch()
    wrong = {"": "no folder was named", "file": "is a file", "gone": "is not there", "hidden": "has no ROOT files"}
    monkeypatch.chdir(tmp_path)
    odd = {"x\0y": "folder", "x" * 9000: "folder", "~nobody/x": "there", "\x1b[2J": "is not there"}
    for name, said in {**wrong, **odd}.items():
        with pytest.raises(UsageError, match=said) as caught:
            lake_offers.checked_folder(name)
        assert caught.value.message.isprintable()
        assert caught.value.hint


def test_how_to_configure_a_rucio_and_then_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Guide))
        shown = text_of(app)
        for words in ("RUCIO_CONFIG", "[lakes.vre]", "atlasod-tui login --lake vre", "atlasod-tui doctor --lake vre"):
            assert words in shown
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        await pilot.press("R")
        await until(pilot, lambda: "No lake is configured." in text_of(app))
        paths.config_dir().mkdir(parents=True)
        (paths.config_dir() / "config.toml").write_text('[lakes.vre]\nhost = "https://vre.example"\n')
        config.load.cache_clear()
        await pilot.press("R")
        await until(pilot, lambda: app.chosen == ["vre"])

    monkeypatch.setattr("atlasod_tui.lake.profiles.rucio_config", lambda: None)
    walk(steps)


def test_a_sandbox_that_was_stopped_is_started_by_the_same_key() -> None:
    away = profiles.why_stopped("sandbox")
    assert away is not None
    assert profiles.why_stopped("opendata") is None

    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        app.push_screen(Welcome(app.world, away))
        await until(pilot, lambda: "The sandbox is not running. Where shall" in text_of(app))

    walk(steps)


def test_escape_leaves_it_and_q_the_program() -> None:
    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: len(app._notifications) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Welcome))
        app.push_screen(Welcome(app.world))
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        await pilot.press("q")
        await until(pilot, lambda: app._exit)

    walk(steps)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", ["dark", "mono", "ascii"])
def test_all_of_it_is_seen(size: tuple[int, int], look: str) -> None:
    def seen(app: App[Any]) -> str:
        return text_of(app)

    async def steps(app: WelcomeApp, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "q quit" in seen(app))
        for offer in lake_offers.OFFERS:
            assert offer.title in seen(app)
        assert ("as they were published" in seen(app)) == (size[1] >= 24)
        assert len(seen(app).splitlines()) == size[1]
        if look == "ascii":
            assert seen(app).isascii()

    made = Look(theme_files.named("mono" if look == "mono" else "dark"), ascii=look == "ascii")
    walk(steps, world_of(look=made), size)
