"""``get`` from a real Rucio: damaged replicas, a client that is killed, names that lead elsewhere."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from atlasod_tui.lake import profiles
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.sandbox import control as sandbox_control
from tests.lake.conftest import Sandbox
from tests.lake.rest import Rest

LAPP, NAPOLI = "IN2P3_LAPP-DCACHE", "INFN_NAPOLI-DCACHE"
CONTENT = random.Random(8).randbytes(3_000_000)  # noqa: S311 - any bytes will do
DEADLINE = 60.0

Captured = pytest.CaptureFixture[str]
_numbers = itertools.count()


@pytest.fixture
def rest(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Rest:
    """The sandbox, which is the lake ``sandbox`` for this process and its children."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    return Rest(sandbox)


@pytest.fixture
def lake(rest: Rest) -> Iterator[RucioLake]:
    assert rest.code == 200
    found = RucioLake(profiles.sandbox_settings())
    yield found
    found.close()


def new_name() -> str:
    return f"get.{os.getpid()}.{next(_numbers)}.root"


def get(*arguments: str | Path) -> int:
    return run(["get", "--lake", "sandbox", *map(str, arguments)])


def names(where: Path) -> list[str]:
    return sorted(str(path.relative_to(where)) for path in where.rglob("*") if path.is_file())


def on_two_elements(sandbox: Sandbox, rest: Rest, name: str) -> dict[str, Path]:
    """Lay a file down on two storage elements and return where it is."""
    rest.put(name, CONTENT, LAPP)
    rest.await_rule(rest.add_rule(name, NAPOLI), "OK")
    return {rse: sandbox.elements / rse / rest.place(name) for rse in (LAPP, NAPOLI)}


@pytest.mark.parametrize("damage", ["a byte", "the end", "all of it"])
def test_a_damaged_replica_is_named_and_the_other_taken(
    sandbox: Sandbox, rest: Rest, tmp_path: Path, capsys: Captured, damage: str
) -> None:
    name = new_name()
    places = on_two_elements(sandbox, rest, name)
    seen = set[str]()
    for bad, good in ((LAPP, NAPOLI), (NAPOLI, LAPP)):  # whichever the server puts first
        wrong = {"a byte": CONTENT[:-1] + b"?", "the end": CONTENT[:-1], "all of it": None}[damage]
        places[good].write_bytes(CONTENT)
        places[bad].unlink() if wrong is None else places[bad].write_bytes(wrong)
        for turn in range(4):
            to = tmp_path / bad / str(turn)
            assert get(f"{rest.scope}:{name}", "--to", to, "--json", "--quiet") == 0
            captured = capsys.readouterr()
            (file,) = json.loads(captured.out)["files"]
            assert (to / name).read_bytes() == CONTENT
            assert file["storage_element"] == good
            if captured.err:
                assert captured.err.startswith(f"warning: {rest.scope}:{name}: {bad}, file://")
                assert str(places[bad]) in captured.err
                warnings = [event for event in folder.list_jobs()[-1].events() if event["kind"] == "warning"]
                assert [bad in event["text"] for event in warnings] == [True]
                seen.add(bad)
                break
    assert seen, "no damaged replica was ever tried"


def test_a_file_with_damaged_replicas_only_leaves_nothing(
    sandbox: Sandbox, rest: Rest, tmp_path: Path, capsys: Captured
) -> None:
    name = new_name()
    for place in on_two_elements(sandbox, rest, name).values():
        place.write_bytes(bytes(len(CONTENT)))
    assert get(f"{rest.scope}:{name}", "--to", tmp_path, "--quiet") == 3
    text = capsys.readouterr().err
    assert LAPP in text
    assert NAPOLI in text
    assert "tell them" in text
    assert names(tmp_path) == []


def test_a_runner_killed_in_mid_copy_goes_on(rest: Rest, tmp_path: Path, capsys: Captured) -> None:
    name = new_name()
    content = random.Random(9).randbytes(1 << 20) * 200  # noqa: S311
    rest.put(name, content, LAPP)
    assert get(f"{rest.scope}:{name}", "--to", tmp_path, "--detach") == 0
    job = folder.list_jobs()[-1]
    part = tmp_path / f"{name}.part"
    deadline = time.monotonic() + DEADLINE
    while not (pid := control.state(job).pid):
        assert time.monotonic() < deadline
    while not (part.exists() and part.stat().st_size > 20_000_000):
        assert time.monotonic() < deadline
    os.kill(pid, signal.SIGKILL)
    assert control.wait(job, DEADLINE).state in {State.FAILED, State.LOST}
    before = part.stat()
    assert 20_000_000 < before.st_size < len(content)
    capsys.readouterr()
    # The same command again, by another client, does the rest as well as the job itself.
    assert get(f"{rest.scope}:{name}", "--to", tmp_path, "--json", "--quiet") == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["resumed_at"] == before.st_size
    after = (tmp_path / name).stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, len(content))
    assert zlib.adler32((tmp_path / name).read_bytes()) == zlib.adler32(content)
    assert names(tmp_path) == [name]


def test_a_dataset_and_a_container_are_fetched(rest: Rest, tmp_path: Path, capsys: Captured) -> None:
    name, other = new_name(), new_name()
    rest.put(name, CONTENT, LAPP)
    rest.put(other, CONTENT[:1000], NAPOLI)
    box = f"{name}.box"
    rest("POST", f"/dids/{rest.scope}/{box}", {"type": "CONTAINER"})
    held = [{"scope": rest.scope, "name": f"{one}.set"} for one in (name, other)]
    rest("POST", f"/dids/{rest.scope}/{box}/dids", {"dids": held})
    assert get(f"{rest.scope}:{box}", f"{rest.scope}:{name}.set", "--to", tmp_path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert names(tmp_path) == sorted([f"{box}/{name}", f"{box}/{other}", f"{name}.set/{name}"])
    assert {file["storage_element"] for file in found["files"]} == {LAPP, NAPOLI}


def test_a_file_that_is_in_the_catalogue_only(rest: Rest, tmp_path: Path, capsys: Captured) -> None:
    name = new_name()
    facts = {"scope": rest.scope, "name": name, "bytes": 5, "adler32": "00000001"}
    rest("POST", "/replicas", {"rse": LAPP, "files": [facts]})
    assert get(f"{rest.scope}:{name}", "--to", tmp_path, "--quiet") == 3
    assert f"{LAPP}, file://" in (text := capsys.readouterr().err)
    assert "there is no such file" in text


def test_a_lake_that_is_down_is_said_to_be(own_sandbox: Sandbox, tmp_path: Path, capsys: Captured) -> None:
    rest = Rest(own_sandbox)
    rest.put("away.root", CONTENT, LAPP)
    assert get(f"{rest.scope}:away.root", "--to", tmp_path / "once", "--quiet") == 0
    sandbox_control.down()
    assert get(f"{rest.scope}:away.root", "--to", tmp_path / "to", "--quiet") == 3
    assert "sandbox up" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


# What the schema of this server's names lets through; a test with a stub has the others.
@pytest.mark.parametrize(
    "name", ["a/../../../evil.root", "/elsewhere/evil.root", "a/./evil.root", "a//evil.root", "a.PART"]
)
def test_names_that_lead_elsewhere_leave_nothing(
    rest: Rest, lake: RucioLake, tmp_path: Path, capsys: Captured, name: str
) -> None:
    good, dataset = new_name(), f"{new_name()}.set"
    rest.put(good, CONTENT, LAPP)
    evil = {"scope": rest.scope, "name": name, "bytes": 3, "adler32": "02580127"}
    client = lake.client()
    client.add_replicas(LAPP, [evil])
    client.add_dataset(rest.scope, dataset)
    client.attach_dids(rest.scope, dataset, [evil, {"scope": rest.scope, "name": good}])
    here = tmp_path / "a" / "b"
    assert get(f"{rest.scope}:{name}", "--to", here / "alone", "--quiet") == 3
    assert f"no file can be called {name!r} here" in capsys.readouterr().err
    assert get(f"{rest.scope}:{dataset}", "--to", here / "to", "--json", "--quiet") == 4
    found = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in found["skipped"]] == [f"{rest.scope}:{name}"]
    assert names(tmp_path) == [f"a/b/to/{dataset}/{good}"]
    assert not Path("/elsewhere").exists()


def test_a_dataset_whose_name_leads_elsewhere_is_refused(
    rest: Rest, lake: RucioLake, tmp_path: Path, capsys: Captured
) -> None:
    good, dataset = new_name(), f"d/../../{new_name()}"
    rest.put(good, CONTENT, LAPP)
    lake.client().add_dataset(rest.scope, dataset)
    lake.client().attach_dids(rest.scope, dataset, [{"scope": rest.scope, "name": good}])
    assert get(f"{rest.scope}:{dataset}", "--to", tmp_path / "to", "--quiet") == 3
    assert "no file can be called" in capsys.readouterr().err
    assert names(tmp_path) == []
