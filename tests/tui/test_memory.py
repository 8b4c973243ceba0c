"""The last session: what is kept of it, what a damaged file can do (nothing), and how often it is written."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlasod_tui.jobs import folder
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui import memory as memory_module
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.memory import Kept, Memory
from tests.tui.hostile import NAMES

PICK = Pick(DID("opendata", "mc_345060.ggH125_ZZ4lep.4lep.root"), DIDType.FILE, 41_000_000, 985_000, None, "sandbox")


@pytest.fixture
def file(home: Path) -> Path:
    state = home / "state" / "atlasod-tui"
    state.mkdir(parents=True)
    return state / "session.json"


def full() -> Kept:
    pages: dict[str, dict[str, Any]] = {"lake": {"path": ["opendata"], "cursor": 3}, "plots": {"log": True}}
    return Kept(place="plots", lake="sandbox", folders=["/data"], theme="light", picks=[PICK], pages=pages)


def as_written(kept: Kept) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(kept))
    return found


def test_what_was_kept_is_recalled(file: Path) -> None:
    Memory(full()).save()
    assert Memory.recalled().kept == full()
    assert file.stat().st_mode & 0o777 == 0o600


def test_folders_that_were_lakes_are_kept_for_a_while() -> None:
    memory = Memory()
    for lake in ("/a", "/b", "sandbox", "/c", "/a", "/d"):
        memory.went_to(lake)
    assert (memory.kept.lake, memory.kept.folders) == ("/d", ["/d", "/a", "/c"])


def test_the_first_session_remembers_nothing() -> None:
    assert Memory.recalled().kept == Kept()


def test_picks_of_any_name_are_kept(file: Path) -> None:
    picks = [Pick(DID("s", name), lake="l") for name in NAMES if name.isprintable() or name.isascii()]
    Memory(Kept(picks=picks)).save()
    assert file.is_file()
    assert Memory.recalled().kept.picks == picks


@pytest.mark.parametrize("part", ["lake", "picks", "pages"])
def test_what_json_cannot_hold_is_left_out_and_nothing_else(part: str, file: Path) -> None:
    memory = Memory(full())
    memory.kept.picks.insert(0, Pick(DID("s", "not UTF-8: \udcff")) if part == "picks" else PICK)
    memory.kept.pages["jobs"] = {"x": object(), "\udcff": 1} if part == "pages" else {}
    memory.kept.lake = "/data/\udcff" if part == "lake" else "sandbox"
    memory.save()
    kept = Memory.recalled().kept
    assert kept.picks == [PICK] * (1 if part == "picks" else 2)
    assert ("jobs" in kept.pages) is (part != "pages")
    assert kept.lake == ("" if part == "lake" else "sandbox")
    assert (kept.place, kept.theme, kept.pages["lake"]) == ("plots", "light", full().pages["lake"])
    assert [each.name for each in file.parent.iterdir()] == ["session.json"]


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"{", b"null", b"[]", b"\xff\xfe", b"\x00" * 100, b'{"place": ', b'"x"', b"1e999"],
        *[b"[" * 100_000, b'{"pages": ' + b'{"a": ' * 100_000, b'{"picks": [' + b"[" * 100_000],
    ],
)
def test_a_damaged_file_is_a_first_session(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert Memory.recalled().kept == Kept()


def test_a_file_that_is_far_too_large_is_not_read(file: Path) -> None:
    with file.open("wb") as large:
        large.truncate(10**10)
    assert Memory.recalled().kept == Kept()


def test_a_folder_in_its_place_is_a_first_session(file: Path) -> None:
    file.mkdir()
    assert Memory.recalled().kept == Kept()
    Memory(full()).save()


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        *[
            ("place", 3),
            ("place", None),
            ("place", ["x"]),
            ("lake", {"a": 1}),
            ("lake", "a\x1b[2Jb"),
            ("lake", "a\x00b"),
        ],
        *[("lake", "x" * 10_000), ("theme", "\u202edark"), ("theme", False), ("picks", "none"), ("picks", 7)],
        *[("folders", "/data"), ("folders", ["data", 3, "/a\x1b[2Jb"]), ("folders", {})],
        *[("pages", []), ("pages", "x"), ("pages", None), ("unknown", {"deep": []})],
    ],
)
def test_one_part_that_is_wrong_spoils_no_other(part: str, wrong: object, file: Path) -> None:
    file.write_text(json.dumps(as_written(full()) | {part: wrong}))
    kept = Memory.recalled().kept
    expected = full() if part == "unknown" else msgspec.structs.replace(full(), **{part: getattr(Kept(), part)})
    assert kept == expected


@pytest.mark.parametrize(
    "wrong",
    [
        *[None, 3, "opendata:x", {}, {"did": "a:b"}, {"did": {"scope": "a"}}, {"did": {"scope": "", "name": "b"}}],
        *[as_written(Kept(picks=[PICK]))["picks"][0] | changed for changed in ({"bytes": -1}, {"type": "folder"})],
        as_written(Kept(picks=[PICK]))["picks"][0] | {"lake": 7},
    ],
)
def test_one_pick_that_is_wrong_spoils_no_other(wrong: object, file: Path) -> None:
    written = as_written(full())
    file.write_text(json.dumps(written | {"picks": [wrong, *written["picks"], wrong]}))
    assert Memory.recalled().kept == full()


def test_one_page_that_is_wrong_spoils_no_other(file: Path) -> None:
    written = as_written(full())
    file.write_text(json.dumps(written | {"pages": {**written["pages"], "jobs": [], "analyses": 3}}))
    assert Memory.recalled().kept == full()


def test_nothing_is_written_twice(file: Path) -> None:
    memory = Memory(full())
    memory.save()
    file.unlink()
    memory.save()
    memory.finish()
    assert not file.exists()
    memory.kept.place = "jobs"
    memory.save()
    assert Memory.recalled().kept.place == "jobs"


class Slow:
    """Writing to a machine that answers when a test wants it to.

    Attributes:
        begun: Set when something is being written.
        may_go_on: What it waits for.
        threads: Those that wrote.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_go_on = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []
        self._write = folder.write_atomic
        monkeypatch.setattr(folder, "write_atomic", self.write)

    def write(self, path: Path, data: bytes) -> None:
        self.threads.append(threading.current_thread())
        self.begun.set()
        assert self.may_go_on.wait(20)
        self._write(path, data)


def test_it_is_written_in_a_thread_as_it_was_when_asked_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, slow = Memory(full()), Slow(monkeypatch)
    memory.keep()
    assert slow.begun.wait(20)
    memory.kept.picks.clear()
    memory.kept.pages.clear()
    slow.may_go_on.set()
    slow.threads[0].join(20)
    assert slow.threads[0] is not threading.main_thread()
    assert Memory.recalled().kept == full()
    assert file.is_file()


def test_a_machine_that_does_not_answer_holds_up_one_thread_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, slow = Memory(full()), Slow(monkeypatch)
    for number in range(5):
        memory.kept.theme = f"theme {number}"
        memory.keep()
    memory.finish(patience=0.01)
    assert slow.begun.wait(20)
    assert len(slow.threads) == 1
    slow.may_go_on.set()
    memory.finish()
    assert Memory.recalled().kept.theme == "theme 4"


def test_the_end_waits_for_what_changed_last() -> None:
    memory = Memory(full())
    memory.keep()
    memory.kept.place = "jobs"
    memory.finish()
    assert Memory.recalled().kept.place == "jobs"


def test_of_two_programs_no_pick_is_lost_and_what_is_put_back_does_not_come_again() -> None:
    Memory(Kept(picks=[PICK])).save()
    one, two = Memory.recalled(), Memory.recalled()
    mine, yours = Pick(DID("s", "mine")), Pick(DID("s", "yours"))
    one.kept.picks = [PICK, mine]
    one.save()
    two.kept.picks, two.kept.place = [yours], "jobs"  # it put back what both began with
    two.save()
    assert Memory.recalled().kept == Kept(place="jobs", picks=[yours, mine])
    one.kept.picks = []
    one.save()
    assert Memory.recalled().kept.picks == [yours]
    two.kept.picks = []
    two.finish()
    assert Memory.recalled().kept.picks == []


def test_programs_that_write_at_once_lose_no_pick(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "_TURN", 60.0)
    picks = [Pick(DID("s", f"pick {number}")) for number in range(8)]

    def work(pick: Pick) -> None:
        memory = Memory()
        memory.kept.picks = [pick]
        memory.save()

    threads = [threading.Thread(target=work, args=(pick,)) for pick in picks]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if file.exists():
            assert json.loads(file.read_bytes())["picks"]
    assert set(Memory.recalled().kept.picks) == set(picks)
    assert [each.name for each in file.parent.iterdir()] == ["session.json"]


def test_a_folder_that_cannot_be_made_is_no_reason_to_complain(file: Path) -> None:
    file.parent.rmdir()
    file.parent.write_bytes(b"in the way")
    Memory(full()).save()
    assert Memory.recalled().kept == Kept()
