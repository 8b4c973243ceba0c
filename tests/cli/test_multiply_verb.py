"""The multiply verb: what it prints, what it refuses, and that refusals make no job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli import results
from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from tests.analyses import INPUTS
from tests.cli.terminal import CLI
from tests.jobs.multiplying import DATA_A, DATA_B, assert_copies, files_in

A, B = str(DATA_A), str(DATA_B)
PEAK_MB = 80


@pytest.fixture(autouse=True)
def _work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(INPUTS.parents[2]))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["multiply", *arguments, "--json", "--quiet"]) == code
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the verb, which refuses with exit code 2 and makes neither a job nor a file, and return its sentences."""
    before = files_in(Path.cwd())
    assert run(["multiply", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert folder.list_jobs() == []
    assert files_in(Path.cwd()) == before
    return captured.err


def test_outputs_go_to_the_current_folder_and_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["multiply", A, "--factor", "10"]) == 0
    captured = capsys.readouterr()
    assert_copies(tmp_path / "data_A.4lep.x10.root", [DATA_A], 10)
    lines = captured.out.splitlines()
    assert lines[0].split() == ["size", "entries", "copies", "Adler-32", "file"]
    assert lines[1].split()[-1] == "data_A.4lep.x10.root"
    assert lines[1].split()[-3] == "10"
    assert lines[-1] == f"output: {tmp_path}"
    assert "multiply data_A.4lep.root x10: done: " in captured.err
    assert "B of " in captured.err
    assert "events" not in captured.err


def test_json_has_the_files_of_this_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys, B, "--factor", "2", "--to", "out")
    content = answer(capsys, A, "--factor", "2", "--files", "2", "--to", "out", "--workers", "1")
    assert set(content) == {"output", "files", "skipped", "notes", "job", "exit_code"}
    assert (content["output"], content["exit_code"], content["skipped"]) == (str(tmp_path / "out"), 0, [])
    assert list(content["files"]) == ["data_A.4lep.x2.001.root", "data_A.4lep.x2.002.root"]
    for name, entry in content["files"].items():
        assert entry["size"] == (tmp_path / "out" / name).stat().st_size
        assert (entry["about"]["factor"], entry["job"]) == (2, content["job"])


def test_a_dry_run_prints_plan_and_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = answer(capsys, A, B, "--factor", "3", "--to", "out", "--dry-run")
    assert plan["output"] == str(tmp_path / "out")
    assert [row["output"] for row in plan["plan"]] == ["data_A.4lep.x3.root", "data_B.4lep.x3.root"]
    assert [row["sources"] for row in plan["plan"]] == [[A], [B]]
    assert plan["bytes_in"] == DATA_A.stat().st_size + DATA_B.stat().st_size
    assert run(["multiply", A, B, "--factor", "3", "--to", "out", "--dry-run"]) == 0
    assert f"would be written to {tmp_path / 'out'}" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert folder.list_jobs() == []
    made = answer(capsys, A, B, "--factor", "3", "--to", "out")
    assert plan["bytes"] == sum(entry["size"] for entry in made["files"].values())


def test_a_dry_run_names_what_would_be_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data_D.4lep.root").write_text("<html>")
    plan = answer(capsys, A, "data_D.4lep.root", "--factor", "3", "--to", "out", "--dry-run", code=4)
    assert [item["path"] for item in plan["skipped"]] == [str(tmp_path / "data_D.4lep.root")]
    (tmp_path / "data_C.4lep.root").write_text("<html>")
    for only in (["data_D.4lep.root"], ["data_C.4lep.root", "data_D.4lep.root"]):  # as the job would end
        assert run(["multiply", *only, "--factor", "3", "--dry-run"]) == 1
        assert "is not a ROOT file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([A], "--factor N"),
        ([A, "--factor", "0"], "0 is not in the range"),
        ([A, "--factor", "2", "--files", "0"], "0 is not in the range"),
        ([A, "--factor", "1000000000"], "too much"),
        (["nowhere.root", "--factor", "2"], "there is no file or folder"),
        ([A, A, "--factor", "2"], "is given twice"),
        ([A, "--merge", "a/b"], "cannot be the name of a file"),
        ([A, "--merge", "all.x3.root"], "would tell a factor"),
        ([A, "--merge", ""], "cannot be the name of a file"),
        ([A, "--factor", "2", "--to", "file"], "is not a folder"),
        ([A, "--factor", "2", "--dataset", "X"], "but nothing is uploaded"),
        (["https://localhost/data_A.4lep.root", "--factor", "2"], "cannot be multiplied where it is"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert sentence in refusal(capsys, *arguments)


def test_existing_outputs_are_refused_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "data_A.4lep.x2.root"
    output.write_text("mine")
    assert "exists already" in refusal(capsys, A, "--factor", "2")
    answer(capsys, A, "--factor", "2", "--force")
    assert_copies(output, [DATA_A], 2)


def test_an_output_is_never_an_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(A, tmp_path / "a.root")
    (tmp_path / "a.x2.root").symlink_to("a.root")
    assert "it cannot be written as well" in refusal(capsys, "a.root", "--factor", "2", "--force")
    assert "it cannot be written as well" in refusal(capsys, "a.root", "--merge", "a", "--force")


def test_two_outputs_of_one_name_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shutil.copy(A, tmp_path / name)
    error = refusal(capsys, f"one/{DATA_A.name}", f"two/{DATA_A.name}", "--factor", "2")
    assert "would both become 'data_A.4lep.x2.root'" in error
    answer(capsys, f"one/{DATA_A.name}", f"two/{DATA_A.name}", "--merge", "both")
    assert_copies(tmp_path / "both.root", [DATA_A, DATA_A])


def test_a_link_to_a_file_given_is_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link.root").symlink_to(A)
    assert "is given twice" in refusal(capsys, A, "link.root", "--factor", "2")


def test_a_folder_of_results_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"analyses": {}}')
    assert "not one of samples" in refusal(capsys, A, "--factor", "2", "--to", "out")


def test_a_folder_without_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    assert "there is no ROOT file in 'in'" in refusal(capsys, "in", "--factor", "2")
    shutil.copy(A, tmp_path / "in" / "foo.root")
    assert "has the name of a sample" in refusal(capsys, "in", "--factor", "2")
    shutil.copy(A, tmp_path / "in")
    assert run(["multiply", "in", "--factor", "2", "--to", "out"]) == 0
    assert "left out: " in capsys.readouterr().err
    assert files_in(tmp_path / "out") == ["data_A.4lep.x2.root", "manifest.json"]


def test_a_file_that_a_resumed_job_skips_again_is_listed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.root").write_text("<html>")
    content = answer(capsys, A, "bad.root", "--factor", "2", code=4)
    job = folder.find(content["job"])
    (skipped,) = content["skipped"]
    job.add_event("skipped", **skipped)
    assert results.document(job, control.state(job))["skipped"] == [skipped]


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "in" / "closed"
    closed.mkdir(parents=True)
    shutil.copy(A, tmp_path / "in")
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if str(path) == str(closed):
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    skipped = [{"path": str(closed), "reason": "the folder cannot be read"}]
    assert answer(capsys, "in", "--factor", "2", "--to", "out", "--dry-run", code=4)["skipped"] == skipped
    assert answer(capsys, "in", "--factor", "2", "--to", "out", code=4)["skipped"] == skipped


def test_a_name_that_is_no_utf_8_is_refused_unless_it_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    odd = tmp_path / "in" / os.fsdecode(b"\xff.root")
    for name in (odd, tmp_path / "in" / "data_A.4lep.root"):
        name.symlink_to(A)
    for dry_run in ([], ["--dry-run"]):
        assert "\\udcff.root' is not valid UTF-8" in refusal(capsys, str(odd), "--factor", "2", *dry_run)
    assert run(["multiply", "in", "--factor", "2"]) == 0
    (job,) = folder.list_jobs()
    assert job.spec().arguments["ignored"] == [str(tmp_path / "in" / "\\udcff.root")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["multiply", "a.root", "--factor", "2", "--to", "/out"],
        ["multiply", A, "--factor", "2"],
        ["analyse", "HZZ"],
        ["analyse", "HZZ", "--input", "in", "--output", "/out"],
    ],
)
def test_the_current_folder_may_be_gone(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert run(arguments) == 2
    told = "error: the folder that this program was started in is gone\nGo to another one.\n"
    assert capsys.readouterr().err == told


def test_a_pipe_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.root")
    assert "is neither a file nor a folder" in refusal(capsys, "pipe.root", "--factor", "2")


@pytest.mark.parametrize("options", [[], ["--virtual"]])
def test_far_too_many_copies_are_refused_at_once(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["multiply", A, "--factor", "999999999", "--dry-run", *options]) == 1  # a list of them fills the memory
    assert "would exceed 1 GB" in capsys.readouterr().err


def test_detach_prints_the_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["multiply", A, "--factor", "2", "--detach"]) == 0
    job = folder.find(capsys.readouterr().out.strip())
    status = control.wait(job, timeout=60)
    assert (status.state, status.result) == (State.DONE, str(tmp_path))
    assert run(["jobs", "show", job.id]) == 0
    assert "bytes" in capsys.readouterr().out


def test_control_characters_in_names_are_shown_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(A, tmp_path / "a\x1b[31m.root")
    assert run(["multiply", "a\x1b[31m.root", "--factor", "2"]) == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert "a\\x1b[31m.x2.root" in captured.out


_RUNNER = """
import sys
from atlasod_tui.cli import results
from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder, launch, runner
launch.start = lambda job: None  # made, not started: the runner is this process
assert run(["multiply", *sys.argv[1:], "--detach", "--quiet"]) == 0
(job,) = folder.list_jobs()
assert runner.main([str(job.path)]) == 0
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def test_the_runner_imports_nothing_heavy_but_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER, A, "--factor", "2"], capture_output=True, text=True, check=True
    )
    names = set(done.stderr.splitlines()[-1].split())
    assert "numpy" in names
    heavy = {"numba", "llvmlite", "uproot", "awkward", "rich", "textual", "rucio", "matplotlib", "scipy", "psutil"}
    assert not heavy & names


def test_the_foreground_does_not_even_import_numpy() -> None:
    code = "import sys; from atlasod_tui.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code, "multiply", A, "--factor", "2", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not {"numpy", "numba", "rich"} & set(done.stderr.splitlines()[-1].split())


def test_memory_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        shutil.copy(INPUTS / "2lep" / "Data" / "data_A.2lep.root", tmp_path / "in" / f"{number}.root")
    files = [str(path) for path in (tmp_path / "in").iterdir()]
    code = "import os, subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(os.wait4(p.pid, 0)[2].ru_maxrss)"
    done = subprocess.run([*CLI, "multiply", *files, "--factor", "2000", "--to", "out", "--detach"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    job = folder.find(done.stdout.strip())
    assert control.wait(job, 60).state is State.DONE
    shutil.rmtree(tmp_path / "out")
    for part in job.parts.iterdir():
        part.unlink()
    runner = [sys.executable, "-m", "atlasod_tui.jobs.runner", str(job.path)]
    measured = subprocess.run([sys.executable, "-c", code, *runner], capture_output=True, text=True, check=True)
    assert int(measured.stdout) * 1024 < PEAK_MB * 10**6
    assert len(files_in(tmp_path / "out")) == 5


def test_what_is_not_as_in_the_sources_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    objects = INPUTS.parents[1] / "data" / "objects.root"
    content = answer(capsys, str(objects), "--factor", "2", "--files", "2")
    (note,) = content["notes"]
    assert note.startswith("objects.x2.001.root: Kept once")
    assert run(["multiply", str(objects), "--factor", "2", "--files", "2", "--force"]) == 0
    assert f"note: {note}" in capsys.readouterr().out
