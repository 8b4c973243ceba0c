"""What the browsing verbs say of a lake that is long, away, numbered, or partly on this machine."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from atlasod_tui import config
from atlasod_tui.cli import output
from atlasod_tui.cli.listing import ago
from atlasod_tui.cli.main import run
from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.model import DID, Dataset, DIDType, FileEntry
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.sandbox import control, layout
from tests.lake.uploading import until

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

LAPP = "IN2P3_LAPP-DCACHE"
RELEASE = "ATLAS_OD_EDU"

Captured = pytest.CaptureFixture[str]
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUCIO_CONFIG", "RUCIO_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(variable, "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Long:
    """A lake of many files; it may go away in the middle."""

    name = "long"
    rows = 3
    breaks_at: int | None = None

    def files(self, did: DID) -> Iterator[FileEntry]:
        for row in range(self.rows):
            if row == self.breaks_at:
                raise LakeAwayError("the lake long went away", "Wait.")
            yield FileEntry(DID(did.scope, f"{row:06}\x1b.root"), 1000 * row, f"{row:08x}")

    def datasets(self, scope: str, _: str, __: object) -> Iterator[Dataset]:
        return (Dataset(DID(scope, "x" * size), DIDType.DATASET, size) for size in range(1, self.rows + 1))

    def account(self) -> str:
        return "ada"


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Long:
    long: Any = Long()
    monkeypatch.setattr(profiles, "open_lake", lambda *_, **__: cast("Lake", long))
    return cast("Long", long)


class Nowhere(io.StringIO):
    """Counts the lines that are written to it."""

    lines = 0
    last = ""

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        self.last = text
        return len(text)


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.slow
def test_a_long_list_takes_no_memory(lake: Long, monkeypatch: pytest.MonkeyPatch, form: list[str]) -> None:
    lake.rows = 100_000
    out = Nowhere()
    run(["ls", "s:n", "--files", "--help"])  # imports what is needed
    monkeypatch.setattr(sys, "stdout", out)
    tracemalloc.start()
    try:
        assert run(["ls", "s:n", "--files", *form]) == 0
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert out.lines > 100_000


def test_json_is_one_document(lake: Long, capsys: Captured) -> None:
    for rows in (0, 1, 3):
        lake.rows = rows
        assert run(["ls", "s:n", "--files", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert list(found) == ["lake", "cached_since", "files"]
        assert [file["bytes"] for file in found["files"]] == [0, 1000, 2000][:rows]
        assert [file["did"] for file in found["files"]] == [f"s:{row:06}\x1b.root" for row in range(rows)]


def test_a_list_that_breaks_off_is_no_document(lake: Long, capsys: Captured) -> None:
    lake.breaks_at = 2
    assert run(["ls", "s:n", "--files", "--json"]) == 3
    captured = capsys.readouterr()
    assert "the lake long went away" in captured.err
    assert "s:000000" in captured.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(captured.out)


def test_a_list_that_is_not_begun_is_an_error(lake: Long, capsys: Captured) -> None:
    lake.breaks_at = 0
    assert run(["ls", "s:n", "--files", "--json"]) == 3
    error = {"message": "the lake long went away", "hint": "Wait.", "exit_code": 3}
    assert json.loads(capsys.readouterr().out) == {"error": error}


def test_a_table_is_as_wide_as_what_was_seen(lake: Long, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_ROWS", 4)
    lake.rows = 7
    assert run(["ls", "s"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.index("dataset") for line in lines[1:]] == [7] * 3 + [11] * 4
    assert lines[0].index("type") == 7


def test_control_characters_are_shown(lake: Long, capsys: Captured) -> None:
    assert run(["ls", "s:n", "--files"]) == 0
    assert lake.rows == 3
    assert "s:000002\\x1b.root  2 kB  00000002" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (3 * 3600 + 59, "3 h ago"), (200_000, "2 d ago")],
)
def test_ages_are_short(seconds: int, text: str) -> None:
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds)) == text


@pytest.mark.usefixtures("lake")
def test_mine_is_where_uploads_go(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def datasets(_: Long, scope: str, pattern: str, __: object) -> Iterator[Dataset]:
        asked.append((scope, pattern))
        return iter(())

    monkeypatch.setattr(Long, "datasets", datasets)
    assert run(["ls", "--mine"]) == 0
    assert run(["ls", "--mine", "a*"]) == 0
    monkeypatch.setenv("ATLASOD_TUI_UPLOAD_SCOPE", "school")
    config.load.cache_clear()
    assert run(["ls", "--mine"]) == 0
    assert run(["ls", "--mine", "a*"]) == 0
    assert asked == [("user.ada", "*"), ("user.ada", "a*"), ("school", "ada.run*"), ("school", "a*")]
    assert "DID" in capsys.readouterr().out


@pytest.fixture
def rucio(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    found = RucioLake(profiles.sandbox_settings())
    yield found
    found.close()


def listed(capsys: Captured, *arguments: str) -> list[str]:
    """Return the names of the datasets that ``ls`` finds."""
    assert run(["ls", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return [one["did"].partition(":")[2] for one in json.loads(captured.out)["datasets"]]


def test_numbers_are_compared_as_numbers(rucio: RucioLake, capsys: Captured) -> None:
    scope, run_ = f"user.{rucio.account()}", f"numbers.{os.getpid()}.{next(_numbers)}"
    for factor in (3, 10, 2.5):
        rucio.client().add_dataset(scope, f"{run_}.{factor}")
        rucio.client().set_metadata_bulk(scope, f"{run_}.{factor}", {"factor": factor, "source": f"data_{factor}"})

    def found(*where: str) -> set[str]:
        conditions = itertools.chain.from_iterable(("--where", one) for one in where)
        return {name.removeprefix(f"{run_}.") for name in listed(capsys, f"{scope}:{run_}*", *conditions)}

    assert found("factor=3") == {"3"}
    assert found("factor.gt=3") == {"10"}
    assert found("factor.gte=3") == {"3", "10"}
    assert found("factor.lt=3") == {"2.5"}
    assert found("factor.gt=-1", "factor.lt=1e1") == {"3", "2.5"}
    assert found("created_at.lt=2020-01-01") == set()
    assert found("factor.ne=3") == {"10", "2.5"}
    assert found("source=data_*") == {"3", "10", "2.5"}
    assert found("source=data_*", "factor.lte=3") == {"3", "2.5"}
    assert found("source=data_4") == set()


@pytest.mark.usefixtures("rucio")
def test_what_is_in_the_catalogue_only_is_marked(capsys: Captured) -> None:
    assert run(["ls", f"{RELEASE}:*GamGam*"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert rows
    assert all("dataset (catalogue only)" in row for row in rows)
    assert run(["show", rows[0].split()[0]]) == 0
    assert "catalogue only: names, sizes and checksums are here, the bytes are not" in capsys.readouterr().out


@pytest.mark.usefixtures("rucio")
def test_an_answer_with_nothing_in_it_is_called_that(capsys: Captured) -> None:
    assert run(["ls", f"{RELEASE}:nothing-*"]) == 0
    told = capsys.readouterr()
    assert (told.out.split(), told.err) == (["DID", "type", "files", "size"], "no datasets\n")


@pytest.mark.usefixtures("rucio")
def test_what_rucio_notes_for_itself_is_shown_on_request(capsys: Captured) -> None:
    did = f"{RELEASE}:13TeV_2020.GamGam.Data"
    assert run(["show", did]) == 0
    facts = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line}
    assert facts["skim"] == ["GamGam"]
    assert facts["open"] == ["no"]
    assert "purge_replicas" not in facts
    assert run(["show", did, "-v"]) == 0
    assert "purge_replicas" in capsys.readouterr().out


@pytest.mark.usefixtures("rucio")
def test_a_condition_on_what_rucio_itself_keeps_can_be_set(capsys: Captured) -> None:
    assert run(["ls", RELEASE, "--where", "length.gt=100"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert rows
    assert all("catalogue only" in row for row in rows)


@pytest.mark.parametrize("kind", ["--datasets", "--files"])
def test_a_condition_that_the_server_fails_at_is_named(rucio: RucioLake, kind: str, capsys: Captured) -> None:
    for _ in range(2):  # no old listing takes its place
        assert run(["ls", RELEASE, kind, "--where", f"account={rucio.account()}"]) == 3
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("error: the lake sandbox fails at these conditions: account\n")


def test_a_copy_on_this_computer_is_shown(
    rucio: RucioLake, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    did = DID(f"user.{rucio.account()}", f"here.{os.getpid()}.{next(_numbers)}.root")
    rucio.client().add_replicas(LAPP, [{"scope": did.scope, "name": did.name, "bytes": 3, "adler32": "024d0127"}])
    monkeypatch.setenv("ATLASOD_TUI_LOCAL_FOLDERS", str(tmp_path))
    config.load.cache_clear()
    assert run(["show", str(did), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["local_copy"] is None
    copy = tmp_path / "deep" / did.name
    copy.parent.mkdir()
    copy.write_bytes(b"abc")
    from atlasod_tui.lake.fetching import copies  # noqa: PLC0415

    copies._index.cache_clear()
    assert run(["show", str(did), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["local_copy"] == str(copy)
    assert run(["show", str(did)]) == 0
    assert f"a copy is on this machine: {copy}" in capsys.readouterr().out


def test_a_lake_that_is_away_shows_what_it_answered(own_sandbox: Sandbox, capsys: Captured) -> None:
    dataset = f"{RELEASE}:13TeV_2020.GamGam.Data"
    verbs = [["scopes"], ["ls", RELEASE], ["ls", f"{RELEASE}:data_*", "--files"], ["rses"], ["show", dataset]]
    fresh = {}
    for verb in verbs:
        assert run([*verb, "--json"]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        fresh[verb[0], len(verb)] = json.loads(captured.out)
    os.kill(own_sandbox.server.pid, signal.SIGKILL)
    until(lambda: not layout.server_runs(), "the end of the server")
    for verb in verbs:
        assert run([*verb, "--json"]) == 0
        captured = capsys.readouterr()
        assert "the lake sandbox is away (the sandbox is not running); " in captured.err
        assert " ago\n" in captured.err
        assert captured.err.count("\n") == 1
        old = json.loads(captured.out)
        assert datetime.now(UTC) - datetime.fromisoformat(old.pop("cached_since")) < timedelta(minutes=5)
        before = fresh[verb[0], len(verb)]
        assert before.pop("cached_since") is None
        if verb == ["rses"]:
            assert before["quotas"]
            before["quotas"] = None
        assert old == before
        assert run(verb) == 0
        assert capsys.readouterr().out
    assert not control.down()  # which leaves the same behind whether or not somebody killed it before
    for verb in verbs:
        assert run([*verb, "--json"]) == 0
        assert " ago\n" in capsys.readouterr().err
    for verb in (["rules", "list"], ["ls", f"{RELEASE}:nobody.asked"], ["show", f"{RELEASE}:nobody.asked"]):
        assert run(verb) == 3
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "the sandbox is not running" in captured.err
