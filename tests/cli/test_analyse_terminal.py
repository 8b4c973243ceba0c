"""The analyse verb on a terminal: what its bar shows, Ctrl-C, and a connection that breaks."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.cli import progress
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.status import State, Status
from tests.cli.terminal import CLI, terminal
from tests.jobs.analysing import RUN_LASTS, half_written, is_alive, link_many, manifest, until_parts, write_slow
from tests.jobs.helpers import until

BUSY = Status(
    state=State.RUNNING,
    phase="reading events",
    done=123_456_789,
    total=234_567_890,
    rate=23_456_789.0,
    eta_s=3723.0,
    current="/a/long/way/to/mc_364169.Wmunu_PTV1000_E_CMS.1largeRjet1lep.x10.003.root",
    skipped=12,
)


@pytest.fixture
def command(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command line that takes a few seconds and writes to ``out``."""
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")
    write_slow(home, turns=150_000)
    link_many(tmp_path / "in")
    return ["analyse", "Slow", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]


def the_job(parts: int = 2) -> JobFolder:
    """Return the only job there is once it has finished a few pieces."""
    until(lambda: len(folder.list_jobs()) == 1, "the job", 30)
    (job,) = folder.list_jobs()
    until(job.status_file.exists, "the status of the job")
    until_parts(job, parts)
    assert control.state(job).state is State.RUNNING
    return job


def rest(master: FileIO) -> bytes:
    """Return all that a program that ended wrote to its terminal; a read gives some of it."""
    text = b""
    with suppress(OSError):
        while part := master.read(100_000):
            text += part
    return text


def screen(text: bytes) -> list[str]:
    """Return the lines that were drawn, without the sequences that draw them."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", text.decode()).replace("\r", "").split("\n")


def test_the_bar_shows_events_rate_time_left_and_the_file(command: list[str], tmp_path: Path) -> None:
    with terminal(*command) as (process, master):
        text = b""
        while b"output: " not in text:
            text += master.read(1000)
        assert process.wait(30) == 0
    lines = screen(text)
    assert any(re.search(r"Slow: reading events: mc_\d+\.\w+\.4lep\.root", line) for line in lines)
    assert any(re.search(r"[\d.]+ k? ?of 1\.55 k events, [\d.]+ k? ?events/s, \d+ s left", line) for line in lines)
    assert b"\x1b[?25h" in text, "the cursor is not back"
    assert manifest(tmp_path / "out")["times"]["events"] == 1551


def test_all_of_it_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", stream)
    display = progress.display("analyse HZZ", quiet=False)
    display.update(BUSY)
    display.close()
    lines = screen(stream.getvalue().encode())
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("analyse HZZ: reading events: mc_364169.Wmunu_PTV1000_E_CMS.1large") for line in lines)
    assert any("123 M of 235 M events, 23.5 M events/s, 1 h 02 min left" in line for line in lines)


def test_a_long_title_leaves_room_for_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("locale.getencoding", lambda: "UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", stream)
    display = progress.display("multiply mc_364163.Wmunu_PTV140_280_CFilterBVeto.1largeRjet1lep.root x7", quiet=False)
    display.update(BUSY)
    display.close()
    lines = screen(stream.getvalue().encode())
    assert any(line.startswith("multiply mc_364163.Wmunu_PTV140_280_CFi\u2026: reading events: mc_") for line in lines)
    assert max(map(len, lines)) <= 80


def test_the_bar_is_ascii_where_the_locale_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("locale.getencoding", lambda: "ANSI_X3.4-1968")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", stream)
    display = progress.display("multiply mc_364163.Wmunu_PTV140_280_CFilterBVeto.1largeRjet1lep.root x7", quiet=False)
    display.update(BUSY)
    display.close()
    assert stream.getvalue().isascii()
    assert any("########-------- 123 M of 235 M events" in line for line in screen(stream.getvalue().encode()))


def test_a_line_is_written_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    display = progress.display("analyse HZZ", quiet=False)
    for done in (10**6, 10**6, 2 * 10**6, 2 * 10**6):
        display.update(msgspec.structs.replace(BUSY, done=done))
    lines = capsys.readouterr().err.splitlines()
    assert ["1 M of" in lines[0], "2 M of" in lines[1], len(lines)] == [True, True, 2]


def test_a_line_shows_events_rate_time_left_and_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    progress.display("analyse HZZ", quiet=False).update(BUSY)
    assert capsys.readouterr().err == (
        "analyse HZZ: reading events: 123 M of 235 M events, 23.5 M events/s, 1 h 02 min left, 12 skipped, "
        "mc_364169.Wmunu_PTV1000_E_CMS.1largeRjet1lep.x10.003.root\n"
    )


def test_ctrl_c_cancels_and_ends_with_130(command: list[str], tmp_path: Path) -> None:
    with terminal(*command) as (process, master):
        job = the_job()
        pid = control.state(job).pid
        before = time.monotonic()
        master.write(b"\x03")
        assert process.wait(10) == 130
        assert time.monotonic() - before < 2
        text = rest(master)
    assert f"jobs resume {job.id}".encode() in text.replace(b"\r\n", b"")
    assert b"Traceback" not in text
    assert control.state(job).state is State.CANCELLED
    until(lambda: not is_alive(pid), "the end of the runner", 2)
    assert half_written(tmp_path) == []
    assert half_written(job.path) == []


def test_ctrl_c_in_json(command: list[str]) -> None:
    with subprocess.Popen([*CLI, *command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        job = the_job()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b'"exit_code": 130' in out
    assert job.id.encode() in out
    assert b"Traceback" not in err


@pytest.mark.parametrize("how", ["hangup of the terminal", "signal to the group"])
def test_a_closed_terminal_leaves_the_job_running_to_its_end(command: list[str], tmp_path: Path, how: str) -> None:
    with terminal(*command) as (process, master):
        job = the_job()
        if how == "signal to the group":
            os.killpg(process.pid, signal.SIGHUP)
        else:
            master.close()
        assert process.wait(10) == -signal.SIGHUP
    assert control.state(job).state is State.RUNNING
    status = control.wait(job, RUN_LASTS)
    assert (status.state, status.exit_code) == (State.DONE, 0)
    assert manifest(tmp_path / "out")["times"]["events"] == 1551
    assert half_written(tmp_path) == []
