from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder, launch
from atlasod_tui.jobs.folder import JobFolder, create
from atlasod_tui.jobs.status import State, Status
from tests.cli.terminal import CLI, terminal
from tests.jobs.helpers import spec, until, until_in_hand, until_state


def stopped_job(home: Path, **arguments: object) -> JobFolder:
    """Return a job that was cancelled before it did anything."""
    job = create(spec(home, **arguments))  # type: ignore[arg-type]
    job.write_status(Status(state=State.CANCELLED, exit_code=130))
    return job


@pytest.mark.usefixtures("home")
def test_no_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["jobs"]) == 0
    assert run(["jobs", "--json", "--lake", "nowhere", "--read-only"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("[]\n", "no jobs\n")


def test_list_and_show(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = launch.submit(spec(home, title="add \x1b[1mbold"))
    control.wait(job, timeout=15)
    damaged = create(spec(home))
    damaged.spec_file.write_text("{")
    assert run(["jobs"]) == 0
    text = capsys.readouterr().out
    assert f"{job.id}  done     100%  add \\x1b[1mbold" in text
    assert f"{damaged.id}" in text
    assert "damaged" in text
    assert run(["jobs", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed[job.id]["status"]["state"] == "done"
    assert listed[damaged.id]["status"]["state"] == "damaged"
    assert listed[damaged.id]["spec"] is None
    assert run(["jobs", "show", job.id[:-1]]) == 0
    shown = capsys.readouterr().out
    assert ["exit", "code", "0"] in [line.split() for line in shown.splitlines()]
    assert time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(job.status().updated)) in shown
    assert run(["jobs", "show", job.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["arguments"]["pieces"] == 5
    assert run(["jobs", "show", damaged.id]) == 0


@pytest.mark.parametrize("verb", ["show", "log", "attach", "cancel", "resume", "remove"])
@pytest.mark.usefixtures("home")
def test_an_unknown_id_ends_with_2(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["jobs", verb, "../../etc"]) == 2
    assert capsys.readouterr().err.startswith("error: there is no job '../../etc'\n")


def test_log_is_escaped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home)
    assert run(["jobs", "log", job.id]) == 0
    job.log_file.write_bytes(b"one\n\x1b[2Jtwo\xff\n")
    assert run(["jobs", "log", job.id]) == 0
    assert capsys.readouterr().out == "one\n\\x1b[2Jtwo\ufffd\n"
    assert run(["jobs", "log", job.id, "--json"]) == 0
    told = {"job": job.id, "log": str(job.log_file), "lines": ["one", "\x1b[2Jtwo\ufffd"]}
    assert json.loads(capsys.readouterr().out) == told


def test_resume_in_the_foreground_shows_progress_and_the_result(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home)
    assert run(["jobs", "resume", job.id, "--workers", "2", "--read-only"]) == 0
    captured = capsys.readouterr()
    assert f"output: {home / 'sum.txt'}" in captured.out
    assert "5 of 5 events" in captured.err
    assert job.spec().workers == 2
    assert run(["jobs", "attach", job.id, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert run(["jobs", "resume", job.id]) == 1
    assert "nothing is left to resume" in capsys.readouterr().err


def test_read_only_resumes_nothing_that_uploads(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home, upload="to a lake")
    for more in ([], ["--dry-run"]):
        assert run(["jobs", "resume", job.id, "--read-only", *more]) == 3
        assert capsys.readouterr().err == f"error: job {job.id} writes to a lake\nLeave --read-only out.\n"
    assert control.state(job).state is State.CANCELLED


def test_a_killed_job_names_the_file_and_goes_on_without_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home, fault="kill", fault_at=1)
    assert run(["jobs", "resume", job.id]) == 1
    assert "killed by SIGKILL with /data/piece-1.root in hand" in capsys.readouterr().err
    assert run(["jobs", "resume", job.id, "--skip-failing", "--json"]) == 4
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exit_code"] == 4
    assert "/data/piece-1.root in hand" in captured.err
    assert run(["jobs", "show", job.id]) == 0
    assert "skipped /data/piece-1.root: asked for" in capsys.readouterr().out


def test_failure_is_json_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home, fault="atlasod", fault_at=1)
    assert run(["jobs", "resume", job.id, "--json"]) == 4
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert (answer["job"], answer["state"], answer["exit_code"]) == (job.id, "failed", 4)
    assert answer["error"] == {"message": "the file ends early", "hint": "Fetch it again.", "exit_code": 4}
    assert "error: the file ends early\nFetch it again.\n" in captured.err


def test_cancel_and_remove(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = stopped_job(home, gate=home / "gate")
    assert run(["jobs", "resume", job.id, "--detach"]) == 0
    assert capsys.readouterr().out == f"{job.id}\n"
    until_in_hand(job, "/data/piece-0.root")
    assert run(["jobs", "remove", job.id]) == 1
    assert run(["jobs", "remove", job.id, "--dry-run"]) == run(["jobs", "resume", job.id, "--dry-run"]) == 1
    assert planned(capsys, "cancel", job) == 0
    assert control.state(job).state is State.RUNNING
    assert run(["jobs", "cancel", job.id, "--json"]) == 0
    (ended,) = json.loads(capsys.readouterr().out)["cancelled"]
    assert (ended["id"], ended["state"]) == (job.id, "cancelled")
    assert control.state(job).state is State.CANCELLED
    assert run(["jobs", "cancel", job.id]) == run(["jobs", "cancel", job.id, "--dry-run"]) == 1
    assert planned(capsys, "resume", job) == 0
    assert planned(capsys, "remove", job) > job.spec_file.stat().st_size
    assert control.state(job).state is State.CANCELLED
    assert run(["jobs", "--json", "show", job.id]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["id"] == job.id
    assert run(["jobs", "remove", job.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [job.id]}
    assert folder.list_jobs() == []


def planned(capsys: pytest.CaptureFixture[str], verb: str, job: JobFolder) -> int:
    """Ask what a verb would do to a job, which must be named, and return how many bytes that would remove."""
    capsys.readouterr()
    assert run(["jobs", verb, job.id, "--dry-run"]) == 0
    assert "\n1 job would be " in capsys.readouterr().out
    assert run(["jobs", verb, job.id, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in plan["plan"]] == [job.id]
    return int(plan["bytes"])


def test_cancel_goes_on_after_a_job_that_has_ended(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended, job = stopped_job(home), stopped_job(home, gate=home / "gate")
    assert run(["jobs", "resume", job.id, "--detach"]) == 0
    until_in_hand(job, "/data/piece-0.root")
    capsys.readouterr()
    assert run(["jobs", "cancel", ended.id, job.id, "--json"]) == 1
    captured = capsys.readouterr()
    assert f"job {ended.id} is not running" in captured.err
    told = json.loads(captured.out)
    assert ([one["id"] for one in told["cancelled"]], told["error"]["exit_code"]) == ([job.id], 1)
    assert control.state(job).state is State.CANCELLED


def test_a_closed_terminal_leaves_the_job_running(home: Path) -> None:
    job = stopped_job(home, gate=home / "gate")
    with terminal("jobs", "resume", job.id) as (process, master):
        until_in_hand(job, "/data/piece-0.root")
        master.close()
        assert process.wait(10) == -signal.SIGHUP
    assert control.state(job).state is State.RUNNING
    (home / "gate").touch()
    assert control.wait(job, timeout=15).state is State.DONE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_a_signal_to_the_foreground_leaves_the_job_running(home: Path, number: signal.Signals) -> None:
    job = stopped_job(home, gate=home / "gate")
    command = [*CLI, "jobs", "resume", job.id, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until_in_hand(job, "/data/piece-0.root")
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (out, err) == (b"", b"")
    assert process.returncode != 0
    (home / "gate").touch()
    assert control.wait(job, timeout=15).state is State.DONE


def test_ctrl_c_cancels_the_job(home: Path) -> None:
    job = stopped_job(home, gate=home / "gate")
    with terminal("jobs", "resume", job.id) as (process, master):
        until_in_hand(job, "/data/piece-0.root")
        before = time.monotonic()
        master.write(b"\x03")
        assert process.wait(10) == 130
        assert time.monotonic() - before < 2
        text = master.read(100_000)
    assert b"was cancelled" in text
    assert b"Traceback" not in text
    assert control.state(job).state is State.CANCELLED


def test_ctrl_c_while_attached_only_ends_the_watching(home: Path) -> None:
    job = launch.submit(spec(home, gate=home / "gate"))
    until_state(job, State.RUNNING)
    with terminal("jobs", "attach", job.id) as (process, master):
        text = b""
        while b"adding" not in text:
            text += master.read(1000)
        master.write(b"\x03")
        assert process.wait(10) == 130
    assert control.state(job).state is State.RUNNING


def test_a_bar_on_a_terminal(home: Path) -> None:
    job = stopped_job(home, title="add [bold]\x1b")
    with terminal("jobs", "resume", job.id) as (process, master):
        assert process.wait(15) == 0
        text = master.read(100_000)
    assert b"add [bold]\\x1b" in text
    assert b"\x1b[?25h" in text  # the cursor is back
    until(lambda: Path(control.state(job).result).exists(), "the result")
