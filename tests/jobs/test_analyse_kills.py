"""Fifty kills of the runner at moments of all kinds: what comes out is what an undisturbed run gives, bit by bit."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State

from .analysing import (
    RUN_LASTS,
    bits,
    half_written,
    job_of,
    kill_runner,
    link_many,
    manifest,
    run_job,
    until_parts,
    wait_for,
    write_slow,
)
from .helpers import until

KILLS = {"starting": 12, "reading": 30, "writing": 8}
SEED = 20261122


def moments(seed: int) -> Iterator[tuple[str, int, float, int]]:
    """Yield kind, count, seconds and workers of every kill: those while results are written come last."""
    numbers = random.Random(seed)  # noqa: S311 - no secret
    early = ["starting"] * KILLS["starting"] + ["reading"] * KILLS["reading"]
    numbers.shuffle(early)
    for kind in early + ["writing"] * KILLS["writing"]:
        seconds = numbers.uniform(0, 0.3) if kind == "starting" else numbers.uniform(0, 0.04)
        yield kind, numbers.randint(1, 8 if kind == "writing" else 3), seconds, numbers.randint(1, 3)


def wait_until_writing(job: JobFolder, output: Path, files: int) -> None:
    """Wait until a job that is writing its results has written so many."""

    def reached() -> bool:
        status = job.status()
        written = len(list(output.glob("Output_SlowAnalysis/*.root")))
        return (status.phase == "writing results" and written >= files) or not status.state.active

    until(reached, "the writing of results", RUN_LASTS, every=0.0005)


def kill_once(job: JobFolder, output: Path, moment: tuple[str, int, float, int]) -> str:
    """Start the job, kill its runner at a moment, and return what it was doing; ``missed`` if it had ended."""
    kind, count, seconds, workers = moment
    before = len(list(job.parts.glob("*.f8")))
    control.resume(job, workers)
    if kind == "writing":
        wait_until_writing(job, output, count)
    else:
        if kind == "reading":
            until_parts(job, before + count)
        wait_for(seconds)
    code = kill_runner(job)
    if code != -signal.SIGKILL or not job.status().state.active:
        return "missed"
    phase = job.status().phase
    assert control.state(job).state is State.FAILED
    return {"reading events": "reading", "writing results": "writing"}.get(phase, "starting")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_kills_change_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "6")
    write_slow(home, turns=350_000, channels=200)
    folder = link_many(tmp_path / "in")
    undisturbed, output = tmp_path / "undisturbed", tmp_path / "killed"
    assert run_job(["Slow"], undisturbed, workers=2, input=folder).state is State.DONE

    job = job_of(["Slow"], output, input=folder)
    launch.start(job)
    hits = Counter([f"first: {kill_runner(job)}"])
    for moment in moments(SEED):
        hits[kill_once(job, output, moment)] += 1
        assert not (output / "manifest.json").exists(), "a result that is not complete looks so"
    pieces = len(list(job.parts.glob("*.f8")))
    assert pieces >= 100
    assert hits["missed"] == 0
    assert hits["starting"] >= 8
    assert hits["reading"] >= 20
    assert hits["writing"] >= 6

    control.resume(job, workers=2)
    assert control.wait(job, RUN_LASTS).state is State.DONE
    assert bits(output) == bits(undisturbed)
    times = manifest(output)["times"]
    assert (times["events"], times["events_resumed"]) == (0, manifest(undisturbed)["times"]["events"])
    assert half_written(output) == []
    assert half_written(job.path) == []
