"""The same bits for any number of workers; runners that start at once; memory that does not grow with the input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State
from tests.analyses import INPUTS

from .analysing import RUN_LASTS, bits, job_of, manifest, run_job, write_slow

PEAK_MB = 600

_MEASURE = """
import os, subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "atlasod_tui.jobs.runner", sys.argv[1]])
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, usage.ru_maxrss)
"""


def test_the_number_of_workers_changes_no_bit(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "5")
    write_slow(home, turns=20_000)
    results = []
    for workers in (1, 2, 8):
        output = tmp_path / str(workers)
        status = run_job(["HZZ", "Hyy", "Slow"], output, workers)
        assert (status.state, status.exit_code) == (State.DONE, 0)
        assert manifest(output)["workers"] == workers
        results.append(bits(output))
    assert results[0] == results[1]
    assert results[0] == results[2]
    for entry in manifest(tmp_path / "8")["analyses"].values():
        assert sum(sample["selected"] for sample in entry["samples"].values()) > 20


@pytest.mark.slow
def test_two_runners_compile_the_same_kernel_at_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_slow(home)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ATLASOD_TUI_SLOTS", "2")
    monkeypatch.setenv("NUMBA_DEBUG_CACHE", "1")
    jobs = [job_of(["Slow"], tmp_path / name) for name in ("one", "two")]
    for job in jobs:
        launch.start(job)
    for job in jobs:
        assert control.wait(job, RUN_LASTS).state is State.DONE
        assert "data saved" in job.log_file.read_text()
    assert bits(tmp_path / "one") == bits(tmp_path / "two")
    assert run_job(["Slow"], tmp_path / "three").state is State.DONE
    assert bits(tmp_path / "one") == bits(tmp_path / "three")


def peak_memory(job: JobFolder) -> int:
    """Do a job and return the largest resident size of its runner, in bytes.

    The runner is the child of a small process: Linux counts the memory of the parent until the child's first call
    of exec.
    """
    command = [sys.executable, "-c", _MEASURE, str(job.path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=RUN_LASTS)
    code, kilobytes = done.stdout.split()
    assert code == "0", done.stderr
    return int(kilobytes) * 1024


@pytest.mark.slow
def test_memory_does_not_grow_with_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "40")
    source = INPUTS / "4lep" / "MC" / "mc_363490.llll.4lep.root"
    assert run_job(["HZZ"], tmp_path / "compiled").state is State.DONE
    peaks = []
    for files in (30, 300):
        folder = tmp_path / str(files)
        folder.mkdir()
        for number in range(files):
            # Copies, as links to one file are taken for one: their bytes are the same and their inodes are not.
            (folder / f"mc_363490.llll.4lep.x2.{number:03d}.root").write_bytes(source.read_bytes())
        job = job_of(["HZZ"], tmp_path / f"out{files}", workers=2, input=folder)
        peaks.append(peak_memory(job))
        assert manifest(tmp_path / f"out{files}")["times"]["events"] == 144 * files
    assert peaks[1] <= PEAK_MB * 10**6
    assert peaks[1] <= 1.1 * peaks[0]
