"""The verb ``put`` as a user and a script see it, with a real Rucio."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.errors import UsageError
from atlasod_tui.jobs import control, folder, launch
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks.put_spec import plan
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.uploading import CC, EOSPILOT, LAPP, NAPOLI, checksum, names_of, on_disk, opened, some_file, until

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


def answer(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    assert run([*arguments, "--json", "--quiet"]) == code
    return json.loads(capsys.readouterr().out)


def result_folder(where: Path, *analyses: str) -> Path:
    """Return what ``analyse`` leaves behind, as far as an upload looks at it."""
    where.mkdir()
    for name in analyses:
        some_file(where, f"{name}.root", 1000)
    samples = {"data": {"factor": 3, "events": 7}, "ZqqZll": {"factor": 3}}
    manifest = {"input": "/data/4lep, user.ada:x3", "analyses": {name: {"samples": samples} for name in analyses}}
    (where / "manifest.json").write_text(json.dumps(manifest))
    return where


def test_a_result_is_uploaded_as_its_bundles(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, capsys: Captured
) -> None:
    results = result_folder(tmp_path / "HZZ", "HZZAnalysis", "WBosonAnalysis")
    said = answer(capsys, "put", str(results), "--rse", f"{LAPP},{NAPOLI}", "--lifetime", "12h")
    upload = said["upload"]
    assert (upload["lake"], upload["host"]) == ("sandbox", sandbox.server.url)
    names = [file["did"].split(":")[1].split(".", 2)[2] for file in upload["files"]]
    assert names == ["HZZAnalysis.root", "WBosonAnalysis.root"]
    run_id = upload["dataset"].split(":")[1].split(".")[1].removeprefix("run")
    assert upload["dataset"] == f"user.student:student.run{run_id}.HZZ"
    assert [element["storage_element"] for element in upload["elements"]] == [LAPP, NAPOLI]
    assert all(element["expires"] and element["rule_id"] for element in upload["elements"])
    until(lambda: len(on_disk(sandbox, run_id)) == 2, "copies on both")
    assert [found["did"] for found in answer(capsys, "ls", "--mine", f"*{run_id}*")["datasets"]] == [upload["dataset"]]
    multiplied = answer(capsys, "ls", "user.student", "--where", f"run_id={run_id}", "--where", "factor=3")
    assert [found["did"] for found in multiplied["datasets"]] == [upload["dataset"]]
    told = lake.show(DID.parse(upload["files"][0]["did"])).metadata
    assert (told["source"], told["factor"], told["run_id"]) == ("4lep, user.ada:x3", 3, run_id)


def test_a_table_tells_where_it_is_and_until_when(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, capsys: Captured
) -> None:
    file = some_file(tmp_path)
    assert run(["put", str(file), "--rse", CC, "--lake", "sandbox"]) == 0
    captured = capsys.readouterr()
    assert f"3 MB  {checksum(file)}  {CC} " in captured.out
    assert f"{CC}  " in captured.out
    assert " UTC" in captured.out
    assert "dataset: user.student:student.run" in captured.out
    assert f"\nlake: sandbox ({sandbox.server.url})\n" in captured.out
    assert "uploading" in captured.err or "done" in captured.err
    assert lake.account() == sandbox.server.account


def test_a_plan_writes_nothing(sandbox: Sandbox, lake: RucioLake, tmp_path: Path, capsys: Captured) -> None:
    file = some_file(tmp_path)
    said = answer(capsys, "put", str(file), "--rse", LAPP, "--dry-run")
    planned = said["upload"]
    assert (said["bytes"], planned["rses"], planned["lifetime"]) == (3_000_000, [LAPP], 604800)
    assert (planned["lake"], planned["host"]) == ("sandbox", sandbox.server.url)
    run_id = said["plan"][0]["did"].split(".")[2].removeprefix("run")
    assert run(["put", str(file), "--rse", LAPP, "--dry-run"]) == 0
    text = capsys.readouterr().out
    assert "1 file (3 MB) would be uploaded to IN2P3_LAPP-DCACHE until 20" in text
    assert text.endswith(f"\nlake: sandbox ({sandbox.server.url})\n")
    assert folder.list_jobs() == []
    assert not names_of(lake, run_id)
    assert not on_disk(sandbox, run_id)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--rse", EOSPILOT], 3, f"the storage element {EOSPILOT} is closed for writing"),
        (["--rse", "NOWHERE"], 3, "has no storage element 'NOWHERE'\n`atlasod-tui rses` lists them."),
        (["--rse", "cc-dcache"], 3, f"has no storage element 'cc-dcache'\nDid you mean {CC}?"),
        (["--rse", LAPP, "--scope", "user.nobody"], 3, "has no scope user.nobody"),
        (["--rse", ","], 2, "names no storage element"),
        ([], 2, "it is not said where the files are to go"),
        (["--dataset", "x"], 2, "nothing is uploaded"),
        (["--rse", LAPP, "--scope", "ATLAS_OD_EDU"], 2, "the scope of a release"),
        (["--rse", LAPP, "--scope", "../x"], 2, "cannot be the name of a scope"),
        (["--rse", LAPP, "--dataset", "[b]x[/b]"], 2, "'[b]x[/b]' cannot be the name of a dataset"),
        (["--rse", LAPP, "--dataset", "x\x1b[31m"], 2, r"'x\x1b[31m' cannot be"),
        (["--rse", LAPP, "--lifetime", "soon"], 2, "is no lifetime"),
        (["--rse", LAPP, "--lifetime", "36526d"], 2, "longer than a hundred years"),
        (["--rse", LAPP, "--read-only"], 3, "opened for reading only"),
        (["--rse", LAPP, "--lake", "opendata"], 3, "nothing can be uploaded to the lake opendata"),
    ],
)
@pytest.mark.usefixtures("lake")
def test_what_cannot_be_is_a_sentence(
    tmp_path: Path, capsys: Captured, arguments: list[str], code: int, sentence: str
) -> None:
    file = str(some_file(tmp_path))
    for more in ([], ["--dry-run"]):
        assert run(["put", file, *arguments, *more]) == code
        captured = capsys.readouterr()
        assert sentence in captured.err
        assert captured.err.count("\n") <= 2
        assert captured.out == ""
        assert "\x1b" not in captured.err
    assert folder.list_jobs() == []


@pytest.mark.usefixtures("lake")
def test_an_upload_goes_on_by_itself(sandbox: Sandbox, tmp_path: Path, capsys: Captured) -> None:
    id_ = answer(capsys, "put", str(some_file(tmp_path)), "--rse", LAPP, "--detach")["job"]
    job = folder.find(id_)
    assert control.wait(job, 60).state is State.DONE
    assert len(on_disk(sandbox, job.spec().arguments["target"]["run_id"])) == 1
    assert job.spec().arguments["target"]["lake"] == "sandbox"


def test_a_job_that_waits_is_resumed(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    token = lake.settings.token_file
    data = tmp_path / "data"
    (data / "atlasod-tui").mkdir(parents=True)
    theirs, mine = sandbox.data / "atlasod-tui" / "sandbox", data / "atlasod-tui" / "sandbox"
    mine.mkdir()
    for name in ("server.json", "settings.json"):
        (mine / name).write_bytes((theirs / name).read_bytes())
    (mine / "server.lock").symlink_to(theirs / "server.lock")
    right = (mine / "settings.json").read_text()
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    job_id = answer(capsys, "put", str(some_file(tmp_path)), "--rse", LAPP, "--detach")["job"]
    control.wait(folder.find(job_id), 60)
    # As it would be if the login had ended when the job began.
    job = folder.create(folder.find(job_id).spec())
    token.unlink()
    (mine / "settings.json").write_text(right.replace(sandbox.password, "wrong"))
    launch.start(job)
    said = answer(capsys, "jobs", "attach", job.id, code=3)
    assert (said["state"], said["exit_code"]) == ("done, upload waiting for login", 3)
    assert "did not accept the login" in said["message"]
    assert f"jobs resume {job.id}" in said["hint"]
    assert run(["jobs"]) == 0
    assert "done, upload waiting for login" in capsys.readouterr().out
    assert run(["jobs", "resume", job.id, "-q"]) == 3
    assert f"jobs resume {job.id}" in capsys.readouterr().err
    (mine / "settings.json").write_text(right)
    assert answer(capsys, "jobs", "resume", job.id)["upload"]["files"]
    assert run(["jobs", "resume", job.id]) == 1


@pytest.mark.usefixtures("lake")
def test_a_job_that_is_cancelled_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(launch, "start", interrupted)
        said = answer(capsys, "put", str(some_file(tmp_path)), "--rse", LAPP, code=130)
    assert said["state"] == "cancelled"
    assert answer(capsys, "jobs", "resume", said["job"])["upload"]["files"]


@pytest.mark.usefixtures("lake")
def test_a_dataset_is_called_as_none_of_its_files(tmp_path: Path, capsys: Captured) -> None:
    for names in (["notes.txt"], ["data.root", "data", "files.data"]):
        files = [str(some_file(tmp_path, name, 1000)) for name in names]
        upload = answer(capsys, "put", *files, "--rse", LAPP)["upload"]
        assert len(upload["files"]) == len(names)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "pipe.root")
    with pytest.raises(UsageError, match="is no file"):
        plan([str(tmp_path / "pipe.root")])


def test_images_folders_and_names_twice_are_refused(tmp_path: Path) -> None:
    image = tmp_path / "plot.root"
    image.write_bytes(b"\x89PNG\r\n\x1a\n...")
    (tmp_path / "plot.png").write_bytes(b"...")
    for file in (image, tmp_path / "plot.png"):
        with pytest.raises(UsageError, match="is an image"):
            plan([str(file)])
        assert len(plan([str(file)], force=True)) == 1
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="not the complete result"):
        plan([str(tmp_path / "empty")])
    for missing in ("missing.root", f"{'x' * 300}/missing.root"):
        with pytest.raises(UsageError, match="cannot be read"):
            plan([str(tmp_path / missing)])
    (tmp_path / "other").mkdir()
    files = [some_file(tmp_path), some_file(tmp_path / "other")]
    with pytest.raises(UsageError, match="has the name of"):
        plan([str(file) for file in files])
    with pytest.raises(UsageError, match="is given twice"):
        plan([str(files[0])] * 2)
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        plan([str(some_file(tmp_path, "a b\x1b.root"))])


def test_a_multiplied_sample_says_so(tmp_path: Path) -> None:
    (file,) = plan([str(some_file(tmp_path, "data_A.4lep.x10.root"))])
    assert file.metadata == {"source": "data_A.4lep.x10.root", "factor": 10}


def test_the_bundle_of_a_result_says_what_it_was_made_of(tmp_path: Path) -> None:
    folder_ = result_folder(tmp_path / "HZZ", "HZZAnalysis")
    for given in (folder_, folder_ / "HZZAnalysis.root"):
        (bundle,) = plan([str(given)])
        assert bundle.metadata == {"source": "4lep, user.ada:x3", "factor": 3}
    (other,) = plan([str(some_file(folder_, "notes.root"))])
    assert other.metadata == {"source": "notes.root", "factor": 1}
    manifest = (folder_ / "manifest.json").read_text()
    (folder_ / "manifest.json").write_text(manifest.replace('"factor": 3, "events"', '"factor": null, "events"'))
    (bundle,) = plan([str(folder_ / "HZZAnalysis.root")])
    assert bundle.metadata == {"source": "4lep, user.ada:x3"}  # data copied unequally
