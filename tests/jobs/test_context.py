from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from atlasod_tui.errors import CancelledError
from atlasod_tui.jobs import context as context_module
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.folder import JobFolder, create
from atlasod_tui.jobs.status import State, Status

from .helpers import spec

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """Stands for the monotonic clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    fake = SimpleNamespace(monotonic=clock, time=time.time, strftime=time.strftime, gmtime=time.gmtime)
    monkeypatch.setattr("atlasod_tui.jobs.context.time", fake)
    return clock


@pytest.fixture
def job(home: Path) -> JobFolder:
    return create(spec(home))


def test_the_status_is_written_at_most_four_times_a_second(
    job: JobFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Status] = []
    monkeypatch.setattr(JobFolder, "write_status", lambda _, status, **__: written.append(status))
    context = JobContext(job)
    for number in range(1000):
        clock.now += 0.01
        context.progress(done=number)
    assert 38 <= len(written) <= 41


def test_what_was_held_back_is_written_by_the_beat(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    context.progress(phase="reading", total=100, done=1)
    context.progress(done=2, current="a.root")
    assert job.status().done == 1
    clock.now += 0.3
    context.beat()
    assert (job.status().done, job.status().current) == (2, "a.root")


def test_a_sign_of_life_comes_though_nothing_changes(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    context.progress(phase="compiling")
    before = job.status().updated
    clock.now += context_module.SIGN_OF_LIFE_EVERY + 1
    context.beat()
    assert job.status().updated > before


def test_rate_and_eta_come_from_the_last_ten_seconds(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    context.progress(phase="looping", total=100_000, done=5_000)  # 5000 of an earlier run count for nothing
    for second in range(1, 31):
        clock.now += 1.0
        context.progress(done=5_000 + (second if second <= 15 else 15 + (second - 15) * 100))
    status = job.status()
    assert status.rate == pytest.approx(100)
    assert status.eta_s == pytest.approx((100_000 - 6_515) / 100)
    context.progress(phase="writing")
    context.progress(phase="checking")
    context.finish(State.DONE, Outcome())
    assert job.status().rate == pytest.approx(1515 / 30), "that of the last phase with events"
    assert job.status().rates == {"looping": pytest.approx(1515 / 30)}
    assert job.status().eta_s is None


def test_a_new_phase_starts_the_rate_afresh(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    context.progress(phase="one", done=0)
    clock.now += 1
    context.progress(done=1000)
    context.progress(phase="two", done=0)
    assert job.status().rate == 0
    assert job.status().rates == {"one": pytest.approx(1000)}
    assert job.status().phase == "two"


def test_what_stands_behind_the_comma_of_a_phase_is_no_new_phase(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    context.progress(phase="reading, 10 % fetched", done=0)
    clock.now += 1
    context.progress(done=1000)
    context.progress(phase="reading, 20 % fetched")
    assert job.status().rate == pytest.approx(1000)
    assert job.status().phase == "reading, 20 % fetched"


def test_the_cancel_file_is_seen_and_announced(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    assert not context.cancelled()
    job.ask_cancel()
    clock.now += 0.2
    assert context.cancelled()
    with pytest.raises(CancelledError):
        context.check()
    context.beat()
    assert job.status().state is State.CANCELLING


def test_the_cancel_file_is_looked_for_ten_times_a_second(
    job: JobFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def exists(path: str) -> bool:
        looks.append(path)
        return False

    monkeypatch.setattr("os.path.exists", exists)
    context = JobContext(job)
    for _ in range(1000):
        clock.now += 0.01
        context.cancelled()
    assert 90 <= len(looks) <= 101


def test_threads_may_all_report(job: JobFolder) -> None:
    context = JobContext(job, workers=4)

    def work(worker: int) -> None:
        for number in range(50):
            context.progress(done=number, current=f"{worker}.root")
            context.event("note", worker=worker)
            context.cancelled()
        context.skip(f"{worker}.root", "empty")

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    context.finish(State.DONE, Outcome())
    assert job.status().skipped == 8
    kinds = [event["kind"] for event in job.events()]
    assert (kinds.count("note"), kinds.count("skipped")) == (400, 8)


def test_names_that_are_no_text_are_written_escaped(job: JobFolder) -> None:
    context = JobContext(job)
    context.progress(phase="x", current="/data/\udcff.root")
    context.skip("/data/\udcff.root", "bad \udcff")
    context.finish(State.FAILED, Outcome(exit_code=1, message="\udcff"))
    assert job.status().current == "/data/\\udcff.root"
    assert job.events()[0]["reason"] == "bad \\udcff"


def test_only_the_first_last_word_counts(job: JobFolder) -> None:
    context = JobContext(job)
    assert context.finish(State.CANCELLED, Outcome(exit_code=130))
    assert not context.finish(State.DONE, Outcome())
    context.enter(State.CANCELLING)
    context.beat()
    assert job.status().state is State.CANCELLED


def test_histograms_are_published_only_while_someone_watches(job: JobFolder, clock: Clock) -> None:
    context = JobContext(job)
    calls: list[int] = []

    def arrays() -> dict[str, np.ndarray[Any, Any]]:
        calls.append(1)
        return {"h": np.arange(3.0)}

    context.live(arrays)
    assert not calls
    job.touch_watch()
    for _ in range(30):
        clock.now += 0.1
        context.live(arrays)
    assert len(calls) == 3
    with np.load(job.live_file) as live:
        assert live["h"].tolist() == [0.0, 1.0, 2.0]
    os.utime(job.watch_file, (1, 1))
    clock.now += 2
    context.live(arrays)
    assert len(calls) == 3


def test_a_full_disk_does_not_fail_the_report(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    context = JobContext(job)
    monkeypatch.setattr(context_module, "LAST_WORD_LASTS", 0.0)
    monkeypatch.setattr(JobFolder, "write_status", full)
    monkeypatch.setattr(JobFolder, "add_event", full)
    monkeypatch.setattr("sys.stderr.write", full)
    context.progress(phase="reading", done=1)
    context.cancel()
    context.beat()
    assert context.status.state is State.CANCELLING
    assert context.finish(State.CANCELLED, Outcome(exit_code=130))
    context_module.log("cancelled")


def test_the_log_tells_the_time_in_utc_wherever_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as far:
        far.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        context_module.log("cancelled")
    time.tzset()
    written, _, rest = capsys.readouterr().err.rpartition(" ")
    assert rest == "cancelled\n"
    assert abs(datetime.fromisoformat(f"{written}Z") - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_files_of_all_threads_are_in_hand_until_they_let_go(job: JobFolder) -> None:
    context = JobContext(job, workers=2)

    def elsewhere(name: str) -> None:
        thread = threading.Thread(target=lambda: context.progress(current=name))
        thread.start()
        thread.join()

    context.progress(current="/data/long\nname.root")
    elsewhere("/data/b.root")
    assert job.in_hand() == ["/data/long\nname.root", "/data/b.root"]
    context.progress(current="")
    assert job.in_hand() == ["/data/b.root"]
    assert context.status.current == "/data/b.root"
    context.finish(State.CANCELLED, Outcome(exit_code=130))
    elsewhere("/data/c.root")
    assert job.in_hand() == []


def test_the_room_imports_nothing_heavy() -> None:
    code = """
import sys
import atlasod_tui.jobs.control, atlasod_tui.jobs.runner, atlasod_tui.jobs.context
print(*{"numpy", "psutil", "rich", "textual", "click", "numba", "uproot", "platformdirs"} & sys.modules.keys())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
