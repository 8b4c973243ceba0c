"""Answers that are kept: complete ones only, streamed, their owner's, bounded, and shown for want of better only."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake import listings, profiles
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.listings import Listings, Remembered, RememberingLake, remembering
from atlasod_tui.lake.model import DID, Dataset, Details, DIDType, FileEntry, Rule, RuleState, Scope, StorageElement
from tests.lake.rucio_stub import Answer, document, lake_at, logging_in, rows, serving, settings

AWAY = LakeAwayError("the lake pond is away")
SOME = DID("s", "n\x1b[31m")


class Pond:
    """A lake that answers, or raises what it is told to, after so many records."""

    name = "pond"
    read_only = False
    trouble: Exception | None = None
    after = 0
    files_there = 3

    def _each(self, found: Iterable[Any]) -> Iterator[Any]:
        for number, record in enumerate(found):
            if self.trouble is not None and number >= self.after:
                raise self.trouble
            yield record
        if self.trouble is not None:
            raise self.trouble

    def scopes(self) -> Iterator[Scope]:
        return self._each([Scope("s", "ada")])

    def datasets(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[Dataset]:
        return self._each([Dataset(DID(scope, f"{pattern}{where or ''}"), DIDType.CONTAINER, 2, 3)])

    def find_files(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[FileEntry]:
        return self._each([FileEntry(DID(scope, f"{pattern}{where or ''}"), 7)])

    def files(self, did: DID) -> Iterator[FileEntry]:
        return self._each(FileEntry(did, number) for number in range(self.files_there))

    def show(self, did: DID) -> Details:
        (details,) = self._each([Details(did, DIDType.DATASET, metadata={"factor": 3, "made": datetime.now(UTC)})])
        return cast("Details", details)

    def storage_elements(self) -> Iterator[StorageElement]:
        return self._each([StorageElement("A", ("root",), free=5)])

    def rules(self, did: DID | None = None) -> Iterator[Rule]:
        return self._each([Rule("1", did or SOME, RuleState.OK, "A", 1)])


class Setting:
    def __init__(self, folder: Path) -> None:
        self.pond = Pond()
        self.told: list[Remembered] = []
        self.folder = folder / "listings" / "pond"
        self.listings = Listings(self.folder)
        self.lake = cast("Lake", RememberingLake(cast("Lake", self.pond), self.listings, self.told.append))

    @property
    def kept(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []


@pytest.fixture
def at(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def every_listing(lake: Lake) -> list[Any]:
    return [
        list(lake.scopes()),
        list(lake.datasets("s")),
        list(lake.datasets("s", "a*")),
        list(lake.datasets("s", where={"factor": "3"})),
        list(lake.find_files("s")),
        list(lake.files(SOME)),
        list(lake.storage_elements()),
        lake.show(SOME).metadata["factor"],
    ]


def test_what_was_answered_is_shown_with_its_age(at: Setting) -> None:
    before = datetime.now(UTC)
    asked = every_listing(at.lake)
    assert at.told == []
    at.pond.trouble = AWAY
    assert every_listing(at.lake) == asked
    assert len(at.told) == len(asked)
    for remembered in at.told:
        assert before <= remembered.since <= datetime.now(UTC)
        assert remembered.why is AWAY


def test_each_question_has_its_own_answer(at: Setting) -> None:
    list(at.lake.datasets("s", "a*"))
    at.pond.trouble = AWAY
    for other in (at.lake.datasets("s"), at.lake.datasets("t", "a*"), at.lake.datasets("s", "a*", {"k": "v"})):
        with pytest.raises(LakeAwayError):
            list(other)
    with pytest.raises(LakeAwayError):
        list(at.lake.find_files("s", "a*"))
    assert at.told == []


def test_an_answer_of_nothing_is_an_answer(at: Setting) -> None:
    at.pond.files_there = 0
    assert list(at.lake.files(SOME)) == []
    at.pond.trouble = AWAY
    assert list(at.lake.files(SOME)) == []
    assert len(at.told) == 1


@pytest.mark.parametrize("error", [LoginError("expired"), LakeError("may not"), ValueError("?")])
def test_a_refusal_is_no_reason_to_show_old_answers(at: Setting, error: Exception) -> None:
    list(at.lake.files(SOME))
    at.pond.trouble = error
    with pytest.raises(type(error)):
        list(at.lake.files(SOME))
    assert at.told == []


def test_rules_are_never_remembered(at: Setting) -> None:
    list(at.lake.rules(SOME))
    assert at.kept == []
    at.pond.trouble = AWAY
    with pytest.raises(LakeAwayError):
        list(at.lake.rules(SOME))


def test_the_first_answer_and_the_one_after_it_stay_what_they_were(at: Setting) -> None:
    list(at.lake.files(SOME))
    at.pond.files_there = 5
    assert len(list(at.lake.files(SOME))) == 5
    at.pond.trouble = AWAY
    assert len(list(at.lake.files(SOME))) == 5
    assert len(at.kept) == 1


@pytest.mark.parametrize("trouble", [AWAY, LakeError("broke"), KeyboardInterrupt()])
def test_an_answer_that_broke_off_is_not_kept(at: Setting, trouble: BaseException) -> None:
    at.pond.trouble, at.pond.after = cast("Exception", trouble), 2
    seen: list[FileEntry] = []
    with pytest.raises(type(trouble)):
        seen.extend(at.lake.files(SOME))
    assert len(seen) == 2
    assert at.kept == []


def test_a_lake_that_goes_away_in_mid_answer_is_not_completed_from_memory(at: Setting) -> None:
    list(at.lake.files(SOME))
    at.pond.trouble, at.pond.after = AWAY, 1
    files = at.lake.files(SOME)
    next(files)
    with pytest.raises(LakeAwayError):
        next(files)
    assert at.told == []


def test_an_answer_that_nobody_waited_for_is_not_kept(at: Setting) -> None:
    files = at.lake.files(SOME)
    next(files)
    files.close()  # type: ignore[attr-defined]
    assert at.kept == []


def test_what_is_kept_is_for_its_owner_only(at: Setting) -> None:
    list(at.lake.files(SOME))
    (path,) = at.kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert at.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["cut", "emptied", "overwritten", "other records"])
def test_a_damaged_listing_is_none(at: Setting, damage: str) -> None:
    at.pond.files_there = 3000
    list(at.lake.files(SOME))
    (path,) = at.kept
    content = path.read_bytes()
    if damage == "other records":
        list(at.lake.scopes())
        (other,) = set(at.kept) - {path}
        content = other.read_bytes()
    elif damage == "cut":
        content = content[:-100]
    else:
        content = b"" if damage == "emptied" else b"x" * len(content)
    path.write_bytes(content)
    at.pond.trouble = AWAY
    with pytest.raises(LakeAwayError, match="the lake pond is away"):
        list(at.lake.files(SOME))


def test_a_folder_that_cannot_be_written_harms_no_listing(at: Setting) -> None:
    at.folder.parent.parent.joinpath("listings").write_text("in the way", encoding="utf-8")
    assert len(list(at.lake.files(SOME))) == 3


def test_a_full_disk_harms_no_listing(at: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    at.pond.files_there = 20_000
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda *_: open("/dev/full", "wb", buffering=0))  # noqa: SIM115, PTH123
        assert len(list(at.lake.files(SOME))) == 20_000
    assert at.kept == []


def test_a_name_that_is_no_text_is_listed_and_not_kept(at: Setting) -> None:
    odd = DID("s", "\udcff")
    assert len(list(at.lake.files(odd))) == 3
    assert at.kept == []


def test_the_oldest_go_first(at: Setting) -> None:
    for number in range(4):
        list(at.lake.files(DID("s", str(number))))
        for path in at.kept:
            seen = path.stat().st_mtime - 100
            os.utime(path, (seen, seen))
    oldest, *_, newest = sorted(at.kept, key=lambda path: path.stat().st_mtime)
    listings.prune(at.folder.parent, max_files=3)
    assert oldest not in at.kept
    assert len(at.kept) == 3
    listings.prune(at.folder.parent, max_bytes=newest.stat().st_size)
    assert at.kept == [newest]
    listings.prune(at.folder.parent, max_bytes=0)
    assert not at.folder.exists()


def test_what_was_left_unfinished_is_removed_after_a_day(at: Setting) -> None:
    list(at.lake.scopes())
    left, busy = (at.folder / f".files-{name}.gz.1.2" for name in ("old", "new"))
    for path in (left, busy):
        path.write_bytes(b"")
    yesterday = time.time() - timedelta(days=1, minutes=1).total_seconds()
    os.utime(left, (yesterday, yesterday))
    list(at.lake.scopes())
    assert not left.exists()
    assert busy.exists()


def test_a_long_answer_takes_no_memory(at: Setting) -> None:
    at.pond.files_there = 100_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in at.lake.files(SOME)) == 100_000
        at.pond.trouble = AWAY
        assert sum(1 for _ in at.lake.files(SOME)) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert at.kept[0].stat().st_size < 2_000_000


def test_what_is_remembered_can_be_had_without_asking(at: Setting) -> None:
    list(at.lake.scopes())
    lake = cast("Lake", RememberingLake(cast("Lake", at.pond), at.listings, at.told.append, ask=False))
    assert [scope.name for scope in lake.scopes()] == ["s"]
    assert "was not asked" in at.told[0].why.message
    with pytest.raises(LakeAwayError, match="nothing is remembered"):
        lake.show(SOME)


def test_lakes_that_cannot_be_away_are_left_as_they_are(tmp_path: Path) -> None:
    for name in ("opendata", str(tmp_path)):
        lake = profiles.open_lake(name)
        assert remembering(lake, lambda _: None) is lake


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_own_cache")
def test_a_rucio_that_is_away_is_remembered_for_the_account_that_saw_it() -> None:
    away = False

    def answer(_: str, path: str) -> Answer:
        if away:
            return Answer(503)
        return document([{"scope": "s", "account": "ada"}]) if path.startswith("/scopes") else rows()

    told: list[Remembered] = []
    with serving(logging_in(answer)) as url, lake_at(url) as lake, lake_at(url, account="bob") as other:
        assert list(remembering(lake, told.append).scopes()) == [Scope("s", "ada")]
        away = True
        assert list(remembering(lake, told.append).scopes()) == [Scope("s", "ada")]
        assert "503" in told[0].why.message
        with pytest.raises(LakeAwayError):
            list(remembering(other, told.append).scopes())


@pytest.mark.usefixtures("_own_cache")
def test_a_refused_login_is_not_away() -> None:
    refused = False

    def answer(_: str, path: str) -> Answer:
        if path.startswith("/auth/"):
            return Answer(401 if refused else 200, headers={} if refused else {"X-Rucio-Auth-Token": "t"})
        return Answer(401) if refused else document([])

    with serving(answer) as url:
        with lake_at(url) as lake:
            assert list(remembering(lake, lambda _: None).scopes()) == []
            refused = True
            settings(url).token_file.unlink()
        with lake_at(url) as lake, pytest.raises(LoginError):
            list(remembering(lake, lambda _: None).scopes())
