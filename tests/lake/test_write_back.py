"""What analyses write back, and what becomes of that when credentials end or the server dies in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.jobs import control, folder, launch
from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import analyse, uploads
from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.uploading.target import ElementResult, UploadResult
from atlasod_tui.sandbox import control as sandbox_control
from tests.analyses import INPUTS
from tests.jobs.analysing import RUN_LASTS, link_many, until_parts, write_slow
from tests.jobs.helpers import until
from tests.jobs.multiplying import DATA_A, LASTS
from tests.jobs.stopping_multiply import TASK as STOPPING
from tests.lake.pipelines import another_password, events, expire_tokens, last_job, own_cache, verb
from tests.lake.uploading import CC, LAPP, checksum, on_disk, opened

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from tests.lake.conftest import Sandbox

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def lake(own_sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    own_cache(home, monkeypatch)
    with opened(own_sandbox, monkeypatch) as found:
        yield found


def run_id(job: JobFolder) -> str:
    return str(job.spec().arguments["upload"]["run_id"])


def stamps(output: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}


def slow_job(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobFolder:
    """Start an analysis of some seconds that is to upload its bundle, and wait until it is in the middle."""
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")
    write_slow(home, turns=100_000)
    source = link_many(tmp_path / "in")
    verb("analyse", "Slow", "--input", str(source), "--output", str(tmp_path / "out"), "--rse", f"{LAPP},{CC}",
         "--detach")  # fmt: skip
    job = last_job()
    until_parts(job, 3)
    assert control.state(job).state is State.RUNNING
    return job


def test_the_bundle_is_uploaded_and_small(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    with opened(sandbox, monkeypatch) as lake:
        given = ["--input", "ATLAS_OD_GENERATED:generated", "--output", str(tmp_path / "out")]
        verb("analyse", "HZZ", *given, "--rse", f"{LAPP},{CC}", "--lifetime", "12h", "--json", "--quiet")
        content = json.loads(capsys.readouterr().out)
        (uploaded,) = content["upload"]["files"]
        bundle = tmp_path / "out" / "HZZAnalysis.root"
        job = folder.find(content["job"])
        did = DID("user.student", f"student.run{run_id(job)}.HZZAnalysis.root")
        assert uploaded["did"] == str(did)
        assert (content["upload"]["lake"], content["upload"]["host"]) == ("sandbox", sandbox.server.url)
        assert (uploaded["bytes"], uploaded["adler32"]) == (bundle.stat().st_size, checksum(bundle))
        assert uploaded["bytes"] <= 1_000_000
        assert [element["storage_element"] for element in content["upload"]["elements"]] == [LAPP, CC]
        told = lake.show(did).metadata
        assert (told["source"], told["factor"]) == ("ATLAS_OD_GENERATED:generated", 1)
        assert (told["run_id"], told["tool"].split()[0]) == (run_id(job), "atlasod-tui")
        assert set(on_disk(sandbox, run_id(job))[LAPP]) == {did.name}


def test_a_storage_element_that_the_files_do_not_get_to_is_told(home: Path) -> None:
    assert home.is_dir()
    context = JobContext(folder.create(folder.Spec(task="", title="put", arguments={})))
    elements = [
        ElementResult(LAPP, "1" * 32, RuleState.OK),
        ElementResult(CC, "2" * 32, RuleState.STUCK, problem="the quota is used up"),
        ElementResult("CERN-EOSPILOT", problem="it is closed"),
        ElementResult(LAPP, "3" * 32, RuleState.REPLICATING, problem="it was closed", closed=True),
    ]
    dataset = DID("user.student", "student.run00000000")
    outcome = uploads.UploadOutcome(UploadResult(dataset, [], elements)).conclude(Outcome(), context)
    assert outcome.exit_code == 4
    assert outcome.message == (
        f"uploaded, but the rule on {CC} is stuck: the quota is used up; not to CERN-EOSPILOT: it is closed; "
        f"not all of it to {LAPP}: it was closed"
    )
    fine = uploads.UploadOutcome(UploadResult(dataset, [], elements[:1])).conclude(Outcome(), context)
    assert (fine.exit_code, fine.message) == (0, "")


def test_a_dry_run_tells_where_and_until_when(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    with opened(sandbox, monkeypatch):
        given = ["--input", str(INPUTS), "--output", str(tmp_path / "out"), "--rse", LAPP, "--dry-run"]
        verb("analyse", "HZZ", *given, "--lifetime", "forever")
        text = capsys.readouterr().out
        assert f"HZZAnalysis.root would be uploaded to {LAPP} for ever: user.student:" in text
        assert text.endswith(f"\nlake: sandbox ({sandbox.server.url})\n")
        verb("analyse", "HZZ", *given, "--json")
        planned = json.loads(capsys.readouterr().out)["upload"]
        assert (planned["rses"], planned["lake"], planned["host"]) == ([LAPP], "sandbox", sandbox.server.url)
        verb("analyse", "HZZ", *given[:4], "--rse", "CERN-EOSPILOT", code=3)
        assert "CERN-EOSPILOT" in capsys.readouterr().err
        assert folder.list_jobs() == []


def test_a_token_that_ends_in_the_middle_is_renewed(
    lake: RucioLake, own_sandbox: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = slow_job(home, tmp_path, monkeypatch)
    assert expire_tokens(own_sandbox) > 0
    status = control.wait(job, RUN_LASTS)
    assert (status.state, status.exit_code) == (State.DONE, 0)
    assert len(events(job, "uploaded")) == 1
    assert [file.did.name for file in lake.find_files("user.student", f"*{run_id(job)}*")] == [
        f"student.run{run_id(job)}.SlowAnalysis.root"
    ]


def test_credentials_that_end_in_the_middle_leave_the_upload_for_later(
    lake: RucioLake, own_sandbox: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    job = slow_job(home, tmp_path, monkeypatch)
    with another_password(own_sandbox):
        assert expire_tokens(own_sandbox) > 0
        status = control.wait(job, RUN_LASTS)
        assert (status.state, status.exit_code) == (State.WAITING, 3)
        assert str(status.state) == "done, upload waiting for login"
        assert f"jobs resume {job.id}" in status.hint
        assert "login" in status.hint
        before, parts = stamps(tmp_path / "out"), stamps(job.parts)
        assert (tmp_path / "out" / "manifest.json") in before
        verb("jobs", "resume", job.id, code=3)
        assert "done, upload waiting for login" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "in")
    verb("jobs", "resume", job.id)
    assert control.state(job).state is State.DONE
    assert stamps(tmp_path / "out") == before
    assert {path: time for path, time in stamps(job.parts).items() if path in parts} == parts
    (uploaded,) = events(job, "uploaded")
    assert uploaded["to"] == LAPP
    assert set(on_disk(own_sandbox, run_id(job))[LAPP]) == {f"student.run{run_id(job)}.SlowAnalysis.root"}
    assert f"dataset: user.student:student.run{run_id(job)}" in capsys.readouterr().out
    assert lake.account() == "student"


def test_copies_wait_for_a_login_too(
    lake: RucioLake, own_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All outputs are made; what was uploaded before the credentials ended stays so."""
    monkeypatch.setenv("MULTIPLY_STOPS", "write:3")
    with monkeypatch.context() as patch:
        patch.setattr(launch, "start", lambda _: None)  # made, not started
        given = [str(DATA_A), "--factor", "2", "--files", "5", "--to", str(tmp_path / "out"), "--workers", "1"]
        verb("multiply", *given, "--rse", LAPP, "--detach")
    job = last_job()
    job.write_spec(msgspec.structs.replace(job.spec(), task=STOPPING))
    launch.start(job)
    until(lambda: (job.path / "stopped").exists() and len(events(job, "uploaded")) == 2, "two uploads")
    with another_password(own_sandbox):
        expire_tokens(own_sandbox)
        (job.path / "go-on").touch()
        status = control.wait(job, LASTS)
    assert (status.state, status.exit_code) == (State.WAITING, 3)
    before = stamps(tmp_path / "out")
    assert len(list((tmp_path / "out").glob("*.root"))) == 5
    assert len(events(job, "uploaded")) == 2
    control.resume(job)
    assert control.wait(job, LASTS).state is State.DONE
    assert stamps(tmp_path / "out").keys() == before.keys()
    assert all(time == before[path] for path, time in stamps(tmp_path / "out").items() if path.suffix == ".root")
    assert len({event["did"] for event in events(job, "uploaded")}) == len(events(job, "uploaded")) == 5
    assert len(list(lake.files(DID("user.student", dataset_of(lake, job))))) == 5


def dataset_of(lake: RucioLake, job: JobFolder) -> str:
    (dataset,) = lake.datasets("user.student", f"*run{run_id(job)}*")
    return dataset.did.name


def in_this_process(job: JobFolder) -> Any:
    return analyse.run(job.spec().arguments, JobContext(job, 2))


@pytest.mark.usefixtures("lake")
def test_a_server_that_is_gone_in_the_end_leaves_the_upload_for_later(
    own_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", 0.1)
    monkeypatch.setattr(launch, "start", lambda _: None)  # made, not started
    output = tmp_path / "out"
    verb("analyse", "HZZ", "--input", str(INPUTS), "--output", str(output), "--rse", LAPP, "--detach")
    job = last_job()
    os.kill(own_sandbox.server.pid, signal.SIGKILL)
    outcome = in_this_process(job)
    assert (outcome.waiting, outcome.exit_code) == (True, 3)
    before = stamps(output)
    assert len(before) > 3
    again = in_this_process(job)
    assert again.waiting
    sandbox_control.up()
    done = in_this_process(job)
    assert (done.waiting, done.exit_code) == (False, 0)
    assert stamps(output) == before
    lake = RucioLake(profiles.sandbox_settings())  # it may listen elsewhere now
    assert dataset_of(lake, job)
    lake.close()
