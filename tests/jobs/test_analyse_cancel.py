"""A cancelled analysis ends within two seconds, whatever it is at, and leaves nothing half-written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State
from atlasod_tui.plots.manifest import UNFINISHED

from .analysing import RUN_LASTS, bits, half_written, is_alive, job_of, link_many, run_job, until_parts, write_slow
from .helpers import until, until_state

LIMIT = 2.0


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return link_many(tmp_path / "in")


def cancel(job: JobFolder) -> float:
    """Cancel a job and return how many seconds passed until its runner was gone."""
    pid = control.state(job).pid
    before = time.monotonic()
    control.cancel(job)
    status = control.wait(job, 10)
    assert (status.state, status.exit_code) == (State.CANCELLED, 130)
    launch._children[job.path].wait(10)
    assert not is_alive(pid)
    return time.monotonic() - before


@pytest.mark.parametrize("workers", [1, 8])
def test_between_events(home: Path, source: Path, tmp_path: Path, workers: int) -> None:
    write_slow(home, turns=500_000)
    job = job_of(["Slow"], tmp_path / "out", workers, input=source)
    launch.start(job)
    until_parts(job, 2)
    assert cancel(job) < LIMIT
    assert half_written(job.path) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_in_machine_code_that_does_not_return(home: Path, source: Path, tmp_path: Path) -> None:
    write_slow(home, turns=2_000_000_000)  # 20 s for each event
    job = job_of(["Slow"], tmp_path / "out", workers=4, input=source)
    launch.start(job)
    # It is in the kernel once the processor has worked for longer than it takes to start and to compile.
    until(lambda: control.state(job).phase == "reading events" and _cpu_seconds(job) > 5, "the busy kernel", 60)
    assert cancel(job) < LIMIT
    assert half_written(job.path) == []


def _cpu_seconds(job: JobFolder) -> float:
    fields = Path(f"/proc/{control.state(job).pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # proc(5): utime and stime, in clock ticks


@pytest.mark.slow
def test_while_the_analysis_is_compiled(
    home: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_slow(home)
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    until(lambda: any((tmp_path / "cache").glob("*/kernels/*.py")), "the source of the kernel", 60)
    assert cancel(job) < LIMIT
    assert not list(job.parts.glob("*.f8"))
    control.resume(job)
    assert control.wait(job, RUN_LASTS).state is State.DONE


def test_in_the_queue(home: Path, source: Path, tmp_path: Path) -> None:
    write_slow(home, turns=500_000)
    first, second = (job_of(["Slow"], tmp_path / name, input=source) for name in ("first", "second"))
    launch.start(first)
    until_parts(first, 1)
    launch.start(second)
    until(lambda: "waiting" in control.state(second).phase, "the queue")
    assert control.state(second).state is State.QUEUED
    assert cancel(second) < LIMIT
    assert control.state(first).state is State.RUNNING
    assert cancel(first) < LIMIT
    assert not list(tmp_path.glob("*/Output_*"))


@pytest.mark.slow
def test_while_results_are_written(home: Path, source: Path, tmp_path: Path) -> None:
    write_slow(home, channels=300)
    output = tmp_path / "out"
    job = job_of(["Slow"], output, input=source)
    launch.start(job)
    until(lambda: len(list(output.glob("Output_*/*.root"))) >= 3, "some results", RUN_LASTS, every=0.0005)
    assert cancel(job) < LIMIT
    assert 3 <= len(list(output.rglob("*.root"))) <= 9, "it went on until all eleven samples were written"
    assert half_written(output) == [output / UNFINISHED]
    assert not (output / "manifest.json").exists(), "a result that is not complete looks so"
    control.resume(job)
    assert control.wait(job, RUN_LASTS).state is State.DONE
    assert run_job(["Slow"], tmp_path / "undisturbed", input=source).state is State.DONE
    assert bits(output) == bits(tmp_path / "undisturbed")


def test_a_cancelled_job_goes_on_from_its_pieces(home: Path, source: Path, tmp_path: Path) -> None:
    write_slow(home, turns=60_000)
    job = job_of(["Slow"], tmp_path / "out", input=source)
    launch.start(job)
    until_parts(job, 5)
    cancel(job)
    control.resume(job, workers=3)
    until_state(job, State.DONE)
    assert run_job(["Slow"], tmp_path / "undisturbed", input=source).state is State.DONE
    assert bits(tmp_path / "out") == bits(tmp_path / "undisturbed")
