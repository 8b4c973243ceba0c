"""``get`` as a user and a script see it: from the portal on loopback, and from a folder."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from tests.lake.https_server import Fault, Server
from tests.lake.portal import DATASET, content_of, serving

Captured = pytest.CaptureFixture[str]
NAMES = [f"data_{period}.4lep.root" for period in "ABCD"]
D = "data_D.4lep.root"
DEADLINE = 30.0


@pytest.fixture(scope="module")
def _portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("portal")) as server:
        yield server


@pytest.fixture
def portal(_portal: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", _portal.address)  # which each test begins without
    _portal.faults, _portal.always = [], None
    _portal.asked.clear()
    _portal.silent.clear()
    return _portal


def get(*arguments: str | Path) -> int:
    return run(["get", "--lake", "opendata", *map(str, arguments)])


def answer(capsys: Captured, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    assert get(*arguments, "--json", "--quiet") == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def names(where: Path) -> list[str]:
    return sorted(str(path.relative_to(where)) for path in where.rglob("*") if path.is_file())


def asked(server: Server, name: str) -> list[str | None]:
    return [range_ for path, range_ in server.asked if path.endswith(f"/{name}")]


def test_a_dataset_goes_into_a_folder_of_its_name(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    found = answer(capsys, str(DATASET), "--to", tmp_path)
    assert (found["lake"], found["output"]) == ("opendata", str(tmp_path))
    assert [file["path"] for file in found["files"]] == [f"{DATASET.name}/{name}" for name in NAMES]
    assert {file["storage_element"] for file in found["files"]} == {"CERN-OPENDATA"}
    assert names(tmp_path) == [f"{DATASET.name}/{name}" for name in NAMES]
    for name in NAMES:
        assert (tmp_path / DATASET.name / name).read_bytes() == content_of(portal, name)
    assert len(portal.asked) == 4
    again = answer(capsys, str(DATASET), "--to", tmp_path)
    assert len(portal.asked) == 4
    assert {file["url"] for file in again["files"]} == {""}


def test_a_file_goes_right_into_the_folder(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    assert get(f"opendata:{D}", "opendata:data_A.4lep.root", "--to", tmp_path, "--at-once", "1") == 0
    captured = capsys.readouterr()
    assert "CERN-OPENDATA" in captured.out
    assert captured.out.endswith(f"output: {tmp_path}\n")
    assert "fetching" in captured.err
    assert names(tmp_path) == ["data_A.4lep.root", D]
    assert len(portal.asked) == 2


@pytest.mark.slow
def test_connections_that_are_cut_are_gone_on_from(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    portal.faults = [Fault(after=60_000), Fault(after=30_000, reset=True), Fault(status=503)]
    found = answer(capsys, f"opendata:{D}", "--to", tmp_path)
    assert (tmp_path / D).read_bytes() == content_of(portal, D)
    first, *more = asked(portal, D)
    assert first is None
    assert len(more) == 3
    assert more[0] == "bytes=60000-"
    assert found["files"][0]["resumed_at"] == 0


def test_a_runner_killed_in_mid_download_goes_on(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    portal.faults = [Fault(after=100_000, silent=True)]
    assert get(f"opendata:{D}", "--to", tmp_path, "--detach") == 0
    (job,) = folder.list_jobs()
    part = tmp_path / f"{D}.part"
    deadline = time.monotonic() + DEADLINE
    while not (part.exists() and part.stat().st_size == 100_000):
        assert time.monotonic() < deadline
    os.kill(control.state(job).pid, signal.SIGKILL)
    assert control.wait(job, DEADLINE).state in {State.FAILED, State.LOST}
    capsys.readouterr()
    assert run(["jobs", "resume", job.id, "--json", "--quiet"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["resumed_at"] == 100_000
    assert asked(portal, D) == [None, "bytes=100000-"]
    assert (tmp_path / D).read_bytes() == content_of(portal, D)
    assert names(tmp_path) == [D]


def test_what_cannot_be_had_is_listed_and_the_rest_comes(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    (path,) = [path for path in portal.files if path.endswith(f"/{D}")]
    content = portal.files.pop(path)
    try:
        found = answer(capsys, str(DATASET), "--to", tmp_path, code=4)
        assert len(found["files"]) == 3
        (skipped,) = found["skipped"]
        assert skipped["path"] == f"opendata:{D}"
        assert "it answered 404 (Not Found)" in skipped["reason"]
        assert get(str(DATASET), "--to", tmp_path, "--quiet") == 4
        text = capsys.readouterr().out
        assert f"skipped opendata:{D}:" in text
        assert "1 of 4 files could not be had" in text
        assert get(f"opendata:{D}", "--to", tmp_path / "no" / "where", "--quiet") == 3
        text = capsys.readouterr().err
        assert "it answered 404 (Not Found)" in text
        assert "Check the network, and fetch it again." in text
        assert not (tmp_path / "no").exists()
    finally:
        portal.files[path] = content


@pytest.mark.slow
def test_a_portal_that_is_away_is_the_lakes_trouble(
    portal: Server, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", "https://127.0.0.1:1")
    assert get("opendata:data_A.4lep.root", "--to", tmp_path, "--quiet") == 3
    assert "127.0.0.1:1/" in (text := capsys.readouterr().err)
    assert "it refused the connection" in text
    assert names(tmp_path) == []
    assert portal.asked == []


def test_the_plan_is_told_and_nothing_is_done(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "to" / DATASET.name).mkdir(parents=True)
    (tmp_path / "to" / DATASET.name / NAMES[0]).write_bytes(content_of(portal, NAMES[0]))
    found = answer(capsys, str(DATASET), "--to", tmp_path / "to", "--dry-run")
    assert [row["there"] for row in found["plan"]] == [True, False, False, False]
    assert (found["lake"], found["bytes"]) == ("opendata", 334404 - 33765)
    assert get(str(DATASET), "--to", tmp_path / "to", "--dry-run") == 0
    assert f"301 kB would be fetched into {tmp_path / 'to'}" in capsys.readouterr().out
    assert len(names(tmp_path)) == 1
    assert folder.list_jobs() == []
    assert portal.asked == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["opendata:13TeV_2020.*"], 2, "is a pattern"),
        (["data_A.4lep.root"], 2, "is not a DID"),
        (["opendata:nothing"], 3, "has no dataset or file 'nothing'"),
        (["opendata:../../etc/passwd"], 3, "has no dataset or file"),
        (["opendata:\x1b[2J[red]"], 3, "has no dataset or file"),
        (["elsewhere:x"], 3, "has no scope"),
        ([str(DATASET), "--lake", "pond"], 2, "no lake 'pond'"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    tmp_path: Path, capsys: Captured, arguments: list[str], code: int, sentence: str
) -> None:
    assert get(*arguments, "--to", tmp_path / "to") == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "\x1b" not in captured.err
    assert not (tmp_path / "to").exists()
    assert folder.list_jobs() == []


def test_another_file_is_refused_before_anything_is_fetched(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / D).write_bytes(b"precious")
    both = (f"opendata:{D}", "opendata:data_A.4lep.root", "--to", tmp_path, "--quiet")
    assert get(*both) == 2
    assert "exists already, and is not" in capsys.readouterr().err
    assert names(tmp_path) == [D]
    assert (tmp_path / D).read_bytes() == b"precious"
    assert portal.asked == []
    assert get(*both, "--force") == 0
    assert (tmp_path / D).read_bytes() == content_of(portal, D)


def test_a_file_of_that_size_with_other_bytes_is_left(portal: Server, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / D).write_bytes(bytes(len(content_of(portal, D))))
    found = answer(capsys, f"opendata:{D}", "opendata:data_A.4lep.root", "--to", tmp_path, code=4)
    (skipped,) = found["skipped"]
    assert "is there already with Adler-32" in skipped["reason"]
    assert (tmp_path / D).read_bytes() == bytes(len(content_of(portal, D)))
    assert answer(capsys, f"opendata:{D}", "--to", tmp_path, "--force")["files"][0]["url"]


def test_a_folder_is_a_lake_too(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.root", "sub/a.root", "sub/b.root"):
        path = tmp_path / "lake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    assert run(["get", "local:sub", "local:a.root", "--lake", "lake", "--to", "to", "--quiet"]) == 0
    assert names(tmp_path / "to") == ["a.root", "sub/a.root", "sub/b.root"]
    assert "this machine" not in capsys.readouterr().err
    (tmp_path / "lake" / "sub.root").write_bytes(b"")
    assert run(["get", "local:.", "--lake", "lake", "--to", "all", "--quiet"]) == 0
    assert names(tmp_path / "all") == ["a.root", "sub.root"]
