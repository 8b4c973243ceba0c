"""What is listed where: filled from memory and by the lake, kept for the way back, and the same by a command."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.agent.protocol import Files
from atlasod_tui.lake.model import DID, Dataset, Scope
from atlasod_tui.tui.lake import levels as lake_levels
from atlasod_tui.tui.lake.levels import Kind, Level, Levels, Row, Spot, below, identity, load, way_to
from atlasod_tui.tui.widgets.table_rows import matcher
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake

FILES = Spot(Kind.FILES, "opendata", "2020.4lep")
BEFORE = NOW - timedelta(hours=2)


def filled(lake: FakeLake, level: Level) -> list[list[Row] | None]:
    """Fill a level, and return what was told on the way, but for changes without rows."""
    told: list[list[Row] | None] = []

    def changed(_: Level, rows: list[Row] | None) -> None:
        if rows != []:
            told.append(None if rows is None else list(rows))

    asyncio.run(load(level, lake, lambda: NOW, changed))
    return told


def test_rows_are_told_as_they_come() -> None:
    level = Level(Spot(Kind.FILES, "opendata", "many"))
    told = filled(FakeLake(many=450), level)
    assert [len(rows or ()) for rows in told] == [200, 200, 50]
    assert (level.complete, level.loading, level.at, level.since, level.error) == (True, False, NOW, None, None)


def test_what_is_remembered_is_there_at_once_and_replaced_as_a_whole() -> None:
    level = Level(FILES)
    told = filled(FakeLake(remembers=BEFORE), level)
    assert [rows if rows is None else len(rows) for rows in told] == [18, None]
    assert (len(level.rows), level.since, level.complete) == (18, None, True)


def test_a_lake_that_is_away_leaves_what_is_remembered_and_its_age() -> None:
    level = Level(FILES)
    filled(FakeLake(remembers=BEFORE, failure=LakeAwayError("it does not answer")), level)
    assert (len(level.rows), level.since, level.complete) == (18, BEFORE, False)
    assert isinstance(level.error, LakeAwayError)


def test_an_old_answer_of_an_agent_is_marked() -> None:
    level = Level(FILES)
    filled(FakeLake(old=BEFORE), level)
    assert (len(level.rows), level.since, level.complete, level.why) == (18, BEFORE, True, "it is away")


def test_what_is_there_stays_until_the_new_answer_is_whole() -> None:
    lake, level = FakeLake(), Level(FILES)
    filled(lake, level)
    lake.agent.failure = LakeError("no")
    filled(lake, level)
    assert len(level.rows) == 18
    assert level.error is lake.agent.failure
    lake.agent.failure = None
    assert filled(lake, level) == [None]
    assert len(level.rows) == 18
    assert level.error is None  # type: ignore[comparison-overlap,unused-ignore]  # it was another one before


@pytest.mark.parametrize("error", [LakeError("no such thing"), LoginError("the token has ended")])
def test_errors_are_kept(error: Exception) -> None:
    level = Level(FILES)
    filled(FakeLake(failure=error), level)
    assert level.error is error
    assert not level.complete


def test_memory_is_asked_once_and_never_where_rows_are() -> None:
    lake, level = FakeLake(remembers=BEFORE), Level(FILES)
    filled(lake, level)
    filled(lake, level)
    assert [old for _, old in lake.agent.asked] == [True, False, False]


def test_levels_are_kept_for_the_way_back() -> None:
    levels = Levels()
    datasets = levels.down(Spot(Kind.DATASETS, "opendata"))
    files = levels.down(FILES)
    assert levels.parent is datasets
    files.complete = True
    assert levels.up() is files
    assert levels.here is datasets
    assert levels.down(FILES) is files
    files.complete = False
    levels.up()
    assert levels.down(FILES) is not files
    assert [level.spot.kind for level in levels.way] == [Kind.SCOPES, Kind.DATASETS, Kind.FILES]


def test_the_top_has_no_way_up() -> None:
    assert Levels().up() is None


def test_only_so_many_rows_are_kept_beside_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_levels, "KEPT_ROWS", 3)
    levels = Levels()
    visited = []
    for name in "abc":
        level = levels.down(Spot(Kind.FILES, "s", name))
        level.rows, level.complete = [Scope(name), Scope(name)], True
        visited.append(level)
        levels.up()
    assert levels.down(visited[2].spot) is visited[2]
    levels.up()
    assert levels.down(visited[0].spot) is not visited[0]


def test_rows_open_into_what_they_hold() -> None:
    assert below(Scope("s")) == Spot(Kind.DATASETS, "s")
    assert below(Dataset(DID("s", "d"))) == Spot(Kind.FILES, "s", "d")
    assert FILES.question() == Files(DID("opendata", "2020.4lep"))
    assert identity(Scope("s")) != identity(Dataset(DID("s", "s")))


def test_a_session_s_way_is_found_again() -> None:
    way = [Spot(Kind.DATASETS, "s"), Spot(Kind.DATASETS, "s", "", "*", (("factor", "3"),)), Spot(Kind.FILES, "s", "d")]
    assert way_to({"way": [spot.kept() for spot in way]}) == [Spot(), *way]


@pytest.mark.parametrize("kept", [{}, {"way": 3}, {"way": [3]}, {"way": [{"kind": "x"}]}, {"way": [{"kind": "files"}]}])
def test_nonsense_of_a_session_leads_to_the_top(kept: dict[str, Any]) -> None:
    assert way_to(kept) == [Spot()]


def test_how_a_level_was_looked_at_is_found_again() -> None:
    level, again = Level(FILES, filter="zee", sort=("size", True), cursor=("a", "b")), Level(FILES)
    again.look_as(level.look())
    assert (again.filter, again.sort, again.cursor) == ("zee", ("size", True), ("a", "b"))
    for nonsense in (None, 3, {"filter": 3}, {"sort": ["a"]}):
        again.look_as(nonsense)
    assert again.filter == "zee"


@pytest.mark.parametrize(
    ("spot", "arguments", "words"),
    [
        (Spot(), ("scopes", "--lake", "LAKE"), "local"),
        (Spot(Kind.DATASETS, "local"), ("ls", "--lake", "LAKE", "local"), "local:."),
        (Spot(Kind.FILES, "local", "."), ("ls", "--files", "--lake", "LAKE", "local:."), "local:a.root 5"),
        (
            Spot(Kind.FILES, "local", "", "*.root", (("bytes.gt", "3"),)),
            ("ls", "--files", "--lake", "LAKE", "--where", "bytes.gt=3", "local:*.root"),
            "local:a.root 5",
        ),
        (
            Spot(Kind.DATASETS, "local", "", "*", (("length.gte", "1"),)),
            ("ls", "--lake", "LAKE", "--where", "length.gte=1", "local:*"),
            "local:.",
        ),
    ],
)
def test_the_same_by_command_and_python(
    spot: Spot, arguments: tuple[str, ...], words: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.root").write_bytes(b"root\0")
    name = str(tmp_path)
    assert profiles.open_lake(name).name
    same = spot.equivalent(name)
    assert same.arguments == tuple(name if word == "LAKE" else word for word in arguments)
    exec(compile(same.python, "shown", "exec"), {})  # noqa: S102 - that it runs is the point
    assert words in capsys.readouterr().out


def test_a_name_is_no_option() -> None:
    assert Spot(Kind.FILES, "--force", "x").equivalent("fake").arguments[-2:] == ("--", "--force:x")


@pytest.mark.parametrize("text", ["MC", "!mc", "~d4", "!~d4", "!!mc", "a.", "^[", "!", "~", "ocal"])
def test_what_a_filter_hides_is_hidden_by_command_and_python(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("mc_1.4lep.root", "data_A.4lep.root", "dat-^[4].root", "Mc.root")
    for name in names:
        (tmp_path / name).write_bytes(b"root\0")
    accept = matcher(text) or (lambda _: True)
    wanted = sorted(f"local:{name}" for name in names if accept(name.casefold()))
    same = Spot(Kind.FILES, "local", ".").equivalent(str(tmp_path), text)
    exec(compile(same.python, "shown", "exec"), {})  # noqa: S102 - that it runs is the point
    assert sorted(line.split()[0] for line in capsys.readouterr().out.splitlines()) == wanted
    assert run(list(same.arguments)) == 0
    listed = capsys.readouterr().out
    shell = f"atlasod-tui() {{ cat; }}\n{same.in_shell()}"
    found = subprocess.run(["bash", "-c", shell], input=listed, capture_output=True, text=True, check=False).stdout
    assert sorted(line.split()[0] for line in found.splitlines() if line.startswith("local:")) == wanted
