"""The page of jobs: what it lists and tells, and what its keys do to jobs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest

from atlasod_tui import tui
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.dialogs.confirm import Confirm
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.leaving import Leaving
from atlasod_tui.tui.dialogs.resuming import Resuming
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.memory import Kept, Memory
from atlasod_tui.tui.screens import jobs as jobs_page
from atlasod_tui.tui.screens.jobs import JobsPage
from tests.jobs import helpers
from tests.tui import hostile
from tests.tui.making_jobs import StillJobs, by_this_process, on_disk, view
from tests.tui.piloting import in_loop, make_world, text_of, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from atlasod_tui.jobs.folder import JobFolder


class App(AtlasodApp):
    """The program, which notes what it was wished."""

    CSS_PATH: ClassVar[Any] = [Path(tui.__file__).parent / name for name in AtlasodApp.CSS_PATH]

    def __init__(self, **wishes: Any) -> None:
        super().__init__(make_world(**wishes))
        self.wished: list[Any] = []

    def on_result_wanted(self, wish: Any) -> None:
        wish.prevent_default()
        self.wished.append(wish)

    def on_upload_wanted(self, wish: Any) -> None:
        wish.prevent_default()
        self.wished.append(wish)

    @property
    def jobs(self) -> JobsPage:
        assert isinstance(self.page, JobsPage)
        return self.page

    @property
    def notes(self) -> str:
        return "\n".join(str(note.message) for note in self._notifications)


async def at_jobs(pilot: Pilot[None]) -> App:
    """Go to the page of jobs and wait until it has looked at all."""
    app = cast("App", pilot.app)
    await until(pilot, lambda: app.world.jobs.complete)
    await pilot.press("3")
    await until(pilot, lambda: isinstance(app.screen, JobsPage) and app.jobs._list.count == len(app.world.jobs.jobs))
    return app


@in_loop
async def test_what_is_seen_at_80x24() -> None:
    long = "multiply ATLAS_OD_GENERATED:MC by 40"
    views = [view(3), view(2, State.FAILED, title="multiply Zee x4", message="no room left"), view(1, State.DONE, long)]
    async with App(jobs=(jobs := StillJobs(views))).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        text = text_of(app)
        for word in (
            "▶ running",
            "61%",
            "412 k ev/s",
            "0:43",
            "✖ failed",
            "multiply Zee x4",
            "✔ done",
            "reading events",
        ):
            assert word in text
        assert "10-12 10:16" in text  # when it was made
        assert "made (UTC)" in text
        await pilot.press("e")
        await until(pilot, lambda: "There has been no error" in app.notes)
        await pilot.press("down")
        await until(pilot, lambda: "no room left" in text_of(app))
        await pilot.press("e")
        sentence = "multiply Zee x4 failed: no room left. Its log says more: 3, then right."
        await until(pilot, lambda: sentence in app.notes)
        assert app.jobs.equivalent() is not None
        assert " speed " in text_of(app)
        assert long not in text_of(app)
        jobs.jobs = tuple(views[1:])
        app.world.tell("jobs")  # with none at work, titles have the room
        await until(pilot, lambda: long in text_of(app) and " speed " not in text_of(app))


@in_loop
async def test_what_was_just_started_is_under_the_cursor_wherever_that_was_before() -> None:
    old, new, newest = view(1, State.DONE), view(2), view(3)
    jobs = StillJobs([old])
    memory = Memory(Kept(place="jobs", pages={"jobs": {"job": old.id}}))
    async with App(jobs=jobs, memory=memory).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        page = app.jobs
        assert page._list.cursor == old.id
        await pilot.press("2")
        app.world.started = new.id
        await pilot.press("3")
        jobs.jobs = (new, old)  # which is seen a moment later
        app.world.tell("jobs")
        await until(pilot, lambda: page._list.cursor == new.id)
        await pilot.press("down", "right")
        assert page.crumbs() == ["Jobs", old.title, "log"]
        await pilot.press("1")
        app.world.started, jobs.jobs = newest.id, (newest, new, old)
        await pilot.press("3")
        await until(pilot, lambda: page._list.cursor == newest.id and page.crumbs() == ["Jobs"])
        await pilot.press("down", "1", "3")
        assert page._list.cursor == new.id


@in_loop
async def test_a_notice_hides_no_line_of_a_job() -> None:
    jobs = StillJobs()
    async with App(jobs=jobs).run_test(size=(80, 24), notifications=True) as pilot:
        app = cast("App", pilot.app)
        for views in ([view(1)], [view(1), view(2)], []):
            jobs.jobs = tuple(views)
            app.world.tell("jobs")
            app.notify("It is started: 3 shows it.")
            await until(pilot, lambda: "It is started" in text_of(app))
            lines = text_of(app).splitlines()
            assert [("running" in line, "It is" in line) for line in lines[-2 - len(views) : -1]] == [
                (False, True),
                *[(True, False)] * len(views),
            ]
            app.clear_notifications()
            await until(pilot, lambda: "It is started" not in text_of(app))


@in_loop
async def test_without_jobs_it_says_how_to_get_some() -> None:
    async with App(jobs=StillJobs()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        assert "No jobs yet" in text_of(app)
        await pilot.press("x", "r", "p", "X", "f")
        assert "There is no job here." in app.notes
        assert "No job is queued or running." in app.notes
        assert "No log is shown" in app.notes


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@in_loop
async def test_hostile_names_are_shown_harmless(size: tuple[int, int]) -> None:
    views = [
        view(number, State.FAILED, title=name, message=name, hint=name, result=name)
        for number, name in enumerate(hostile.NAMES)
    ]
    async with App(jobs=StillJobs(views)).run_test(size=size) as pilot:
        app = await at_jobs(pilot)
        for _ in views:
            assert not hostile.FORBIDDEN.intersection(text_of(app).replace("\n", ""))
            await pilot.press("down")


@in_loop
async def test_an_analysis_offers_its_plots_and_its_upload(home: Path) -> None:
    arguments = {"analyses": [{"name": "HZZ"}], "output": str(home / "out"), "force": False}
    on_disk(result=str(home / "out"), arguments=arguments)
    async with App(jobs=JobWatch()).run_test(size=(160, 48)) as pilot:
        app = await at_jobs(pilot)
        await until(pilot, lambda: "atlasod-tui analyse HZZ" in text_of(app))
        await pilot.press("p", "u")
        await until(pilot, lambda: len(app.wished) == 2)
        assert app.wished[0].path == app.wished[1].result == home / "out"
        same = app.jobs.equivalent()
        assert same is not None
        assert same.arguments == ("analyse", "HZZ", "--output", str(home / "out"), "--force")
        compile(same.python, "d", "exec")
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        asked = cast("Confirm", app.screen).asked
        assert asked.equivalent is not None
        assert asked.equivalent.arguments[-1] == "--force"


def pieces(home: Path, monkeypatch: pytest.MonkeyPatch, **arguments: Any) -> JobFolder:
    """Start a job of the tests' own task."""
    from atlasod_tui.jobs import launch  # noqa: PLC0415

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    return launch.submit(helpers.spec(home, title="add", **arguments))


@in_loop
async def test_a_job_is_cancelled_resumed_done_again_and_forgotten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = home / "gate"
    job = pieces(home, monkeypatch, pieces=3, gate=gate)
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await until(pilot, lambda: app.jobs.chosen is not None and app.jobs.chosen.status.state is State.RUNNING)
        await pilot.press("x")
        await until(pilot, lambda: app.jobs.chosen.status.state is State.CANCELLED)  # type: ignore[union-attr]
        gate.touch()
        await pilot.press("c")
        await until(pilot, lambda: app.jobs.chosen.status.state is State.DONE)  # type: ignore[union-attr]
        assert (home / "sum.txt").exists()
        await pilot.press("r")
        await until(pilot, lambda: len(app.world.jobs.jobs) == 2)
        await until(pilot, lambda: app.jobs.chosen is not None and app.jobs.chosen.id != job.id)
        await until(pilot, lambda: all(not each.active for each in app.world.jobs.jobs))
        again = app.jobs.chosen
        assert again is not None
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y", "enter")
        await until(pilot, lambda: [each.id for each in app.world.jobs.jobs] == [job.id])
        assert [each.id for each in folder.list_jobs()] == [job.id]


@in_loop
async def test_the_log_grows_and_is_written_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jobs_page, "_LOG_EVERY", 0.05)
    job = on_disk()
    by_this_process(job)
    job.log_file.write_text("".join(f"line {number}\n" for number in range(1000)))
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "line 999" in text_of(app))
        with job.log_file.open("a") as log:
            log.write("\x1b[2Jnot yet whole")
        await until(pilot, lambda: r"\x1b[2Jnot yet whole" in text_of(app))
        with job.log_file.open("a") as log:
            log.write(", now it is\n")
        await until(pilot, lambda: "not yet whole, now it is" in text_of(app))
        await pilot.press("g")
        await until(pilot, lambda: "line 0\n" in text_of(app))
        assert not app.jobs._log.follow
        await pilot.press("w")
        await until(pilot, lambda: "The log is in" in app.notes)
        assert (tmp_path / f"{job.id}.log").read_bytes() == job.log_file.read_bytes()
        await pilot.press("f")
        await until(pilot, lambda: "now it is" in text_of(app))
        await pilot.press("escape")
        assert not app.jobs.log_shown
        assert app.is_running


@in_loop
async def test_where_there_is_room_the_end_of_the_log_is_below_the_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_page, "_LOG_EVERY", 0.05)
    of_a_folder, done, running = (on_disk(f"analyse {name}") for name in ("Hyy", "HZZ", "HWW"))
    by_this_process(running)
    running.log_file.write_bytes(
        "\n".join(["first", *["x" * 160] * 110, *hostile.NAMES]).encode("utf-8", "surrogatepass")
    )
    done.log_file.write_text("all of it\n")
    of_a_folder.log_file.mkdir()
    async with App(jobs=JobWatch()).run_test(size=(160, 48)) as pilot:
        app = await at_jobs(pilot)
        app.jobs.seek(running.path.name)
        await until(pilot, lambda: hostile.LIKE_PATH in text_of(app))
        assert not hostile.FORBIDDEN.intersection(text_of(app).replace("\n", ""))
        assert "first" not in app.jobs._log.lines
        assert app.jobs._log.vertical_scrollbar.position == app.jobs._log.max_scroll_y > 0
        with running.log_file.open("a") as log:
            log.write("\nand more")
        await until(pilot, lambda: "and more" in text_of(app))
        assert app.jobs.crumbs() == ["Jobs"]
        app.jobs.seek(done.path.name)
        await until(pilot, lambda: "all of it" in text_of(app) and "and more" not in text_of(app))
        app.jobs.seek(of_a_folder.path.name)
        await until(pilot, lambda: "cannot be read" in text_of(app) and "all of it" not in text_of(app))
        assert isinstance(app.screen, JobsPage)
        app.jobs.seek(running.path.name)
        await pilot.press("enter")
        await until(pilot, lambda: app.jobs.log_shown and "first" in app.jobs._log.lines)
        await pilot.press("escape")
        await until(pilot, lambda: app.jobs._log.lines and "first" not in app.jobs._log.lines)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not app.jobs._log_of)


@in_loop
async def test_a_job_that_died_on_a_file_may_go_on_without_it() -> None:
    job = on_disk(state=State.FAILED, message="the runner was killed by SIGSEGV")
    job.take_in_hand(["bad.root"])
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await until(pilot, lambda: app.jobs.known(app.jobs.chosen) is not None)  # type: ignore[arg-type]
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, Resuming))
        assert "bad.root" in text_of(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, Resuming)


@in_loop
async def test_what_goes_wrong_is_a_card() -> None:
    job = on_disk(state=State.FAILED)
    job.spec_file.write_bytes(b"{}")
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ErrorCard) and "pec.json of job" in text_of(app))


@in_loop
async def test_a_job_that_cannot_be_told_to_end_is_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    on_disk(state=State.RUNNING, host="lxplus801", pid=4711)
    monkeypatch.setattr(control, "cancel", full)
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ErrorCard) and "No space left" in text_of(app))
        assert "nobody foresaw" not in text_of(app)
        await pilot.press("escape", "X")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y", "enter")
        await until(pilot, lambda: "No space left" in app.notes)


@in_loop
async def test_a_job_of_another_host_is_cancelled_by_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    job = on_disk(state=State.RUNNING, host="lxplus801", pid=os.getpid())
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal"))
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        assert "running on lxplus801, last sign of life" in text_of(app)
        await pilot.press("x")
        await until(pilot, job.cancel_file.exists)


@in_loop
async def test_all_jobs_are_cancelled_if_that_is_meant() -> None:
    jobs = [on_disk(state=State.RUNNING, host="lxplus801", pid=number) for number in (1, 2)]
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "all 2 jobs" in text_of(app)
        await pilot.press("y", "enter")
        await until(pilot, lambda: all(job.cancel_file.exists() for job in jobs))


@in_loop
async def test_read_only_starts_nothing_that_writes_to_a_lake() -> None:
    on_disk(state=State.CANCELLED, task="atlasod_tui.jobs.tasks.put:run", arguments={"files": []})
    async with App(jobs=JobWatch(), read_only=True).run_test(size=(80, 24)) as pilot:
        app = await at_jobs(pilot)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ErrorCard) and "--read-only" in text_of(app))
        assert len(folder.list_jobs()) == 1


@pytest.mark.parametrize("key", ["s", "d", "c"])
@in_loop
async def test_quitting_while_a_job_runs_asks(key: str) -> None:
    job = on_disk(state=State.RUNNING, host="lxplus801", pid=4711)
    app = App(jobs=JobWatch())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_jobs(pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Leaving))
        assert "1 job is not done yet" in text_of(app)
        await pilot.press(key)
        if key == "s":
            await until(pilot, lambda: isinstance(app.screen, JobsPage))
            return
        deadline = asyncio.get_running_loop().time() + 10
        while not app._exit:
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)
    assert job.cancel_file.exists() == (key == "c")


@in_loop
async def test_an_end_is_told_where_the_jobs_are_not_on_the_screen() -> None:
    first, second = on_disk("analyse HZZ"), on_disk("analyse Hyy")
    by_this_process(first)
    by_this_process(second)
    async with App(jobs=JobWatch()).run_test(size=(80, 24)) as pilot:
        app = cast("App", pilot.app)
        await until(pilot, lambda: len(app.world.jobs.active) == 2)
        app.notify(f"The job {first.id} is started: 3 shows it.", timeout=60)
        app.notify(f"The job {second.id} is started: 3 shows it.", timeout=60)
        first.write_status(control.state(first).__class__(state=State.DONE))
        await until(pilot, lambda: "analyse HZZ is done: 3 shows it" in app.notes)
        assert first.id not in app.notes
        assert second.id in app.notes
        assert "✔ done" in text_of(app)
        await at_jobs(pilot)
        second.write_status(control.state(second).__class__(state=State.DONE))
        await until(pilot, lambda: not app.world.jobs.active)
        assert "Hyy is done" not in app.notes
        await pilot.press("1")
        await until(pilot, lambda: "✔ done" not in text_of(app))
