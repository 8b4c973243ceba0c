"""Jobs that seem to run: folders whose status is replaced four times a second, by this process."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atlasod_tui.jobs import identity
from atlasod_tui.jobs.folder import JobFolder, Spec
from atlasod_tui.jobs.status import State, Status

PERIOD = 0.25
TASK = "atlasod_tui.jobs.tasks.analyse:run"
NAMES = ("HZZ", "HWW", "Hyy", "ZBoson", "WBoson", "TTbar", "SingleTop", "ZTauTau")
TOTAL = 132_000_000


@contextmanager
def running(folder: Path, count: int) -> Iterator[Callable[[], int]]:
    """Let so many jobs run in a folder meanwhile; gives what tells how often a status was replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [made(folder, number) for number in range(count)]
    ended, replaced = threading.Event(), 0

    def go_on() -> None:
        nonlocal replaced
        start = time.monotonic()
        while not ended.wait(PERIOD):
            for number, job in enumerate(jobs):
                report(job, time.monotonic() - start, number)
                replaced += 1

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield lambda: replaced
    finally:
        ended.set()
        thread.join()
        for job in jobs:
            shutil.rmtree(job.path)


def made(folder: Path, number: int, **arguments: Any) -> JobFolder:
    """Make the folder of an analysis that seems to have been begun by this process."""
    job = JobFolder(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{NAMES[number].lower()}-{number}")
    job.path.mkdir(mode=0o700)
    job.write_spec(Spec(task=TASK, title=f"analyse {NAMES[number]}", arguments=arguments, created=time.time()))
    report(job, 0, number)
    return job


def report(job: JobFolder, seconds: float, number: int) -> None:
    """Write what a runner of 400 000 events/s would."""
    me, rate = identity.own(), 400_000.0 + 1000 * number
    done = min(int(seconds * rate), TOTAL)
    status = Status(
        state=State.RUNNING,
        host=me.host,
        boot_id=me.boot_id,
        pid=me.pid,
        started=me.started,
        phase="reading events",
        done=done,
        total=TOTAL,
        rate=rate + 100 * (seconds % 7),
        eta_s=(TOTAL - done) / rate,
        current=f"mc_{361100 + number}.{NAMES[number]}.4lep.root",
    )
    job.write_status(status)
