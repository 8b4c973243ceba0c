"""What `analyse` refuses before it reads an event, and what it leaves out but names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder
from tests.jobs.analysing import link_many, manifest, write_slow


@pytest.fixture(autouse=True)
def _work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the verb, which refuses with exit code 2 and makes no job, and return its sentences."""
    assert run(["analyse", *arguments]) == 2
    assert folder.list_jobs() == []
    return capsys.readouterr().err


@pytest.mark.parametrize("output", ["/etc/passwd/x", "/dev/null", "x" * 300, "dead/x"])
def test_an_output_that_cannot_be_made(output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dead").symlink_to("gone")
    error = refusal(capsys, "HZZ", "--output", output)
    assert "Choose another --output." in error
    assert "nobody foresaw" not in error


def test_an_output_without_permission_is_good_for_a_dry_run_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))
    assert "no permission to write" in refusal(capsys, "HZZ")
    assert run(["analyse", "HZZ", "--dry-run"]) == 0


def test_a_file_where_the_bundle_goes_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "out" / "HZZAnalysis.root"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert "HZZAnalysis.root' exists already" in refusal(capsys, "HZZ", "--output", "out")


def test_all_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'all' stands for every analysis" in refusal(capsys, "all", "HZZ")


def test_a_table_that_does_not_exist(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_slow(home)
    path.write_text(path.read_text().replace('table="HZZ"', 'table="HZZZ"'))
    assert "no normalisation table called 'HZZZ'" in refusal(capsys, "Slow")


def test_all_names_what_it_leaves_out(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exits, wrong, odd = (write_slow(home, name) for name in ("Exits", "Wrong", "Odd"))
    odd.write_text(odd.read_text().partition("def select")[0] + "exec('def select(event, hist): pass')")
    exits.write_text("raise SystemExit(3)")
    wrong.write_text(wrong.read_text().replace("hist.h_all", "hist.h_none"))
    assert run(["analyse", "all", "--input", str(link_many(tmp_path / "in")), "--samples", "data*"]) == 0
    error = capsys.readouterr().err
    assert "exits is left out, it is broken: SystemExit: 3" in error
    assert "Wrong is left out, it is broken: wrong.py, line" in error
    assert "Odd is left out, it is broken: " in error
    assert "Hyy is left out: " in error
    content = manifest(tmp_path / "atlasod-all")
    assert list(content["analyses"]) == ["HZZAnalysis", "ZZDiBosonAnalysis"]
    assert len(content["notes"]) == 3 + 10


def test_a_dead_link_of_a_sample_is_skipped_and_other_names_are_for_the_curious(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = link_many(tmp_path / "in")
    dead = source / "data_C.4lep.root"
    dead.symlink_to("gone")
    (source / "notes.root").write_text("")
    assert run(["analyse", "HZZ", "--input", "in", "--samples", "data*", "-v"]) == 4
    captured = capsys.readouterr()
    assert f"skipped {dead}: " in captured.out
    assert f"{source / 'notes.root'} has the name of no sample" in captured.err
    content = manifest(tmp_path / "atlasod-HZZ")
    assert [item["path"] for item in content["skipped"]] == [str(dead)]
    assert "dataC" not in content["analyses"]["HZZAnalysis"]["absent"]


def test_a_pipe_of_a_sample_is_named_and_an_odd_name_harms_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = link_many(tmp_path / "in")
    os.mkfifo(source / "data_D.4lep.root")
    os.mkfifo(source / "pipe.root")
    (source / os.fsdecode(b"\xff.root")).write_text("")
    assert run(["analyse", "HZZ", "--input", "in", "--dry-run", "--json"]) == 0
    captured = capsys.readouterr()
    note = f"{source / 'data_D.4lep.root'} is left out: it is no file"
    assert captured.err == f"{note}\n"
    assert json.loads(captured.out)["notes"] == [note]


def test_an_unreadable_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = link_many(tmp_path / "in") / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert run(["analyse", "HZZ", "--input", "in", "--samples", "data*"]) == 4
    captured = capsys.readouterr()
    assert f"the folder {closed} cannot be read" in captured.err
    assert "1 folder could not be read" in captured.out + captured.err
    assert f"skipped {closed}: the folder cannot be read" in captured.out


def test_a_file_that_several_analyses_skip_is_listed_once(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_slow(home)
    source = link_many(tmp_path / "in")
    bad = source / "data_C.4lep.root"
    bad.write_text("<html>404</html>")
    assert run(["analyse", "HZZ", "Slow", "--input", "in", "--samples", "data*"]) == 4
    assert capsys.readouterr().out.count(f"skipped {bad}: ") == 1
    assert run(["jobs", "show", folder.list_jobs()[0].id]) == 0
    assert capsys.readouterr().out.count(f"skipped {bad}: ") == 1
    assert len(json.loads((tmp_path / "atlasod-HZZ-Slow" / "manifest.json").read_bytes())["skipped"]) == 2


@pytest.mark.parametrize(("name", "value"), [("PIECE_EVENTS", "0"), ("WORKERS", "-1"), ("SLOTS", "0")])
def test_a_setting_out_of_its_range(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"ATLASOD_TUI_{name}", value)
    assert "a setting is wrong" in refusal(capsys, "HZZ")


def test_settings_that_are_no_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "config" / "atlasod-tui" / "config.toml"
    path.parent.mkdir()
    path.write_bytes(b"workers = 1 # \xff")
    assert "is not valid TOML" in refusal(capsys, "HZZ")
    path.unlink()
    path.mkdir()
    assert "cannot be read" in refusal(capsys, "HZZ")
