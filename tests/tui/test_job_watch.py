from __future__ import annotations

import asyncio
import shutil
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from atlasod_tui.jobs import control, identity
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.tui.jobs.reader import BATCH, JobReader
from atlasod_tui.tui.jobs.watch import JobEnded, JobWatch
from tests.tui.making_jobs import by_this_process, long_ago, on_disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.tui.jobs.watch import JobView


def looked(reader: JobReader) -> tuple[JobView, ...]:
    """Return what a reader finds when it has looked at everything."""
    found: tuple[JobView, ...] = ()
    reader.hurry()
    while True:
        views = reader.look()
        found = found if views is None else views
        if reader.complete:
            return found


def test_jobs_are_told_newest_first_and_only_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        with monkeypatch.context() as patch:
            patch.setattr("time.time", lambda number=number: 1_791_800_000.0 + number)
            on_disk(f"analyse {number}")
    reader = JobReader()
    assert [view.title for view in looked(reader)] == ["analyse 2", "analyse 1", "analyse 0"]
    for _ in range(3):
        reader.hurry()
        assert reader.look() is None


def test_no_folder_of_jobs_is_no_jobs() -> None:
    assert looked(JobReader()) == ()


def test_hundreds_of_old_jobs_are_read_in_batches_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2 * BATCH + 3):
        on_disk(f"job {number}")
    reader = JobReader()
    first = reader.look()
    assert first is not None
    assert len(first) == BATCH
    assert len(looked(reader)) == 2 * BATCH + 3
    reads: list[object] = []
    began = time.process_time()
    with monkeypatch.context() as patch:
        patch.setattr("atlasod_tui.jobs.folder.JobFolder.status", reads.append)
        for _ in range(10):
            reader.hurry()
            assert reader.look() is None
    assert not reads
    assert time.process_time() - began < 0.1  # of ten seconds


def test_an_old_job_that_was_resumed_elsewhere_is_noticed_in_its_turn() -> None:
    jobs = [on_disk(f"job {number}") for number in range(120)]
    reader = JobReader()
    looked(reader)
    by_this_process(min(jobs, key=lambda job: job.id))
    found = None
    for _ in range(3):
        reader.hurry()
        found = reader.look() or found
    assert found is not None
    assert [view.status.state for view in found if view.active] == [State.RUNNING]


def test_a_job_at_work_is_told_when_its_numbers_change_and_not_at_a_mere_sign_of_life() -> None:
    job = on_disk()
    by_this_process(job, done=1, total=10)
    reader = JobReader()
    assert looked(reader)[0].status.done == 1
    by_this_process(job, done=1, total=10)
    assert reader.look() is None
    by_this_process(job, done=2, total=10)
    again = reader.look()
    assert again is not None
    assert again[0].status.done == 2


def test_since_is_when_the_state_was_first_seen() -> None:
    job = on_disk(state=State.QUEUED)
    by_this_process(job)
    reader = JobReader()
    (one,) = looked(reader)
    assert one.since == one.created > 0
    before = time.time()
    job.write_status(Status(state=State.DONE))
    again = reader.look()
    assert again is not None
    assert again[0].since >= before


def test_damaged_jobs_are_shown_as_such() -> None:
    torn, headless, empty = on_disk("torn"), on_disk("headless"), on_disk("empty")
    torn.status_file.write_bytes(b"{")
    headless.spec_file.write_bytes(b"\xff")
    empty.spec_file.unlink()
    empty.status_file.unlink()
    long_ago(empty)
    found = {view.id: view for view in looked(JobReader())}
    assert {view.status.state for view in found.values()} == {State.DAMAGED}
    assert "status.json" in found[torn.id].status.message
    assert found[torn.id].title == "torn"
    assert "spec.json" in found[headless.id].status.message
    assert found[headless.id].title == headless.id
    assert found[headless.id].created == pytest.approx(time.time(), abs=60)
    assert "No such file" in found[empty.id].status.message


def test_one_folder_that_nobody_can_read_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    deep, odd, well = on_disk("deep"), on_disk("odd"), on_disk("well")
    deep.spec_file.write_bytes(b'{"title": ' + b"[" * 100_000)
    state = control.state

    def surprise(folder: JobFolder) -> Status:
        if folder.id == odd.id:
            raise ZeroDivisionError
        return state(folder)

    with monkeypatch.context() as patch:
        patch.setattr(control, "state", surprise)
        found = {view.id: view.status for view in looked(JobReader())}
    assert [found[job.id].state for job in (deep, odd, well)] == [State.DAMAGED, State.DAMAGED, State.DONE]
    assert "ZeroDivisionError" in found[odd.id].message


def test_what_nobody_foresaw_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk() -> None:
        look, surprises, watch = JobReader.look, [ZeroDivisionError, ZeroDivisionError], JobWatch()

        def surprised(reader: JobReader) -> tuple[JobView, ...] | None:
            if surprises:
                raise surprises.pop()
            return look(reader)

        monkeypatch.setattr(JobReader, "look", surprised)
        watch.start(lambda: None, lambda _: None)
        await _until(lambda: watch.complete)
        watch.stop()

    asyncio.run(walk())


def test_a_folder_that_is_being_made_is_not_damaged_yet() -> None:
    job = on_disk()
    status = job.status()
    job.status_file.unlink()
    reader = JobReader()
    assert reader.look() is None
    assert reader.pause < 1
    job.write_status(status)
    found = reader.look()
    assert found is not None
    assert found[0].status.state is State.DONE


def test_a_job_of_another_host_is_running_there(monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk(state=State.RUNNING, host="lxplus801", pid=4711)
    (view,) = looked(JobReader())
    assert view.active
    assert view.status.message.startswith("running on lxplus801, last sign of life ")
    monkeypatch.setattr(identity, "host", lambda: "lxplus801")
    assert looked(JobReader())[0].status.state is State.LOST


def test_a_removed_job_is_gone() -> None:
    job = on_disk()
    reader = JobReader()
    assert len(looked(reader)) == 1
    shutil.rmtree(job.path)
    reader.hurry()
    assert reader.look() == ()


class Told:
    """What a watch told."""

    def __init__(self) -> None:
        self.changes = 0
        self.ended: list[JobEnded] = []

    def changed(self) -> None:
        self.changes += 1


async def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_the_watch_tells_of_ends_of_this_session_once_until_they_were_seen() -> None:
    async def walk() -> None:
        old = on_disk("old", updated=1.0)
        job = on_disk("analyse HZZ")
        by_this_process(job)
        told, watch = Told(), JobWatch()
        watch.start(told.changed, told.ended.append)
        await _until(lambda: watch.complete)
        assert [view.id for view in watch.active] == [job.id] == [view.id for view in watch.recent]
        assert {view.id for view in watch.jobs} == {old.id, job.id}
        assert not told.ended
        job.write_status(Status(state=State.DONE))
        await _until(lambda: told.ended)
        assert (told.ended[0].view.id, told.ended[0].on_screen) == (job.id, False)
        assert not watch.active
        assert [view.id for view in watch.recent] == [job.id]
        changes = told.changes
        watch.show("jobs", [job.id])
        assert not watch.recent
        assert told.changes == changes + 1
        quick = on_disk("quick")
        watch.look_now()
        await _until(lambda: len(told.ended) == 2)
        assert told.ended[1].view.id == quick.id
        by_this_process(job)
        watch.look_now()
        await _until(lambda: watch.active)
        job.write_status(Status(state=State.FAILED, message="no"))
        await _until(lambda: len(told.ended) == 3)
        assert told.ended[2].on_screen
        watch.stop()

    asyncio.run(walk())


def test_the_thread_ends_with_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlasod_tui.tui.jobs.reader.SCAN_EVERY", 0.01)
    watch = JobWatch()

    async def begin() -> None:
        watch.start(lambda: None, lambda _: None)
        await _until(lambda: watch.complete)

    asyncio.run(begin())
    assert watch.thread is not None
    watch.thread.join(10)
    assert not watch.thread.is_alive()


def test_a_status_is_frozen() -> None:
    on_disk()
    (view,) = looked(JobReader())
    with pytest.raises(AttributeError):
        view.title = "x"  # type: ignore[misc]
    assert msgspec.structs.asdict(view)["title"] == "analyse HZZ"
