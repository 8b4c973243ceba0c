"""Uploads that are ended at each of their steps: no bytes the lake does not know, nothing known without its bytes."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.errors import CancelledError, LakeAwayError, LakeError, LoginError, UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import ElementError, Storage
from atlasod_tui.lake.uploading.enrolment import Enrolment
from atlasod_tui.lake.uploading.upload import Given, Uploader
from atlasod_tui.sandbox import control
from tests.lake.uploading import (
    CC,
    LAPP,
    check_nothing,
    check_whole,
    failing,
    names_of,
    on_disk,
    opened,
    some_file,
    target,
)

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: Patch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.mark.parametrize("error", [LakeError("no quota any more"), LoginError("the token has expired")])
def test_bytes_are_removed_where_the_lake_refuses_to_know_them(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, error: LakeError
) -> None:
    where, file = target(LAPP, CC), some_file(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, "add_dataset", failing(error))
        with pytest.raises(type(error), match=error.message):
            Uploader(lake, where).upload(file)
    check_nothing(sandbox, lake, where)
    Uploader(lake, where).upload(file)
    check_whole(sandbox, lake, where, file)


def test_the_second_file_is_refused_and_the_first_stays(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where, files = target(LAPP), [some_file(tmp_path, name) for name in ("a.root", "b.root")]
    uploader = Uploader(lake, where)
    uploader.upload(files[0])
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, "add_files", failing(LakeError("no")))
        with pytest.raises(LakeError, match="no"):
            uploader.upload(files[1])
    check_whole(sandbox, lake, where, files[0])
    uploader.upload(files[1])
    check_whole(sandbox, lake, where, *files)


@pytest.mark.parametrize("method", ["add_dataset", "add_files"])
@pytest.mark.parametrize("happened", [False, True])
def test_an_answer_that_is_lost_is_asked_for_again(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, method: str, *, happened: bool
) -> None:
    where, files = target(LAPP, CC), [some_file(tmp_path, name) for name in ("a.root", "b.root")]
    real = getattr(RucioLake, method)
    away = failing(LakeAwayError("the connection broke"), after=real)
    before = failing(LakeAwayError("the connection broke"))
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, method, away if happened else before)
        uploader = Uploader(lake, where, job=tmp_path)
        if method == "add_files":
            uploader.upload(files[0])
        with pytest.raises(LakeAwayError):
            uploader.upload(files[method == "add_files"])
    # The bytes are left: the lake may know of them.
    (kept,) = sandbox.elements.rglob(f"*run{where.run_id}.{files[method == 'add_files'].name}")
    written = kept.stat().st_mtime_ns
    uploader = Uploader(lake, where, job=tmp_path)
    taken = [uploader.upload(file).taken_over for file in files]
    assert kept.stat().st_mtime_ns == written
    assert taken == ([happened, False] if method == "add_dataset" else [True, happened])
    check_whole(sandbox, lake, where, *files)


@pytest.mark.parametrize("method", ["add_dataset", "add_files"])
def test_several_files_that_are_refused_are_removed_together(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, method: str
) -> None:
    where = target(LAPP)
    files = [some_file(tmp_path, f"{name}.root", 1000) for name in "abcde"]
    uploader, first = Uploader(lake, where), files[: method == "add_files"]
    for file in first:
        uploader.upload(file)
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, method, failing(LakeError("no")))
        with pytest.raises(LakeError, match="no"):
            uploader.upload_together([Given(file) for file in files])
    if first:
        check_whole(sandbox, lake, where, *first)
    else:
        check_nothing(sandbox, lake, where)
    uploader.upload_together([Given(file) for file in files])
    check_whole(sandbox, lake, where, *files)


@pytest.mark.parametrize("login_ends", [False, True])
def test_one_of_several_that_was_made_known_meanwhile_keeps_out_none(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, *, login_ends: bool
) -> None:
    where = target(LAPP)
    files = [some_file(tmp_path, f"{name}.root", 1000) for name in "abcd"]
    uploader = Uploader(lake, where)
    for file in files[:2]:
        uploader.upload(file)
    with monkeypatch.context() as patch:
        patch.setattr(Enrolment, "known_of", lambda *_: set())
        if login_ends:
            from rucio.common.exception import CannotAuthenticate  # noqa: PLC0415 - reads the settings

            client, calls = lake.client(), itertools.count()
            add = client.add_files_to_dataset

            def add_some(*arguments: Any, **options: Any) -> Any:
                if next(calls) == 4:  # all together, then one by one, of which the last is left
                    raise CannotAuthenticate("the token has expired")
                return add(*arguments, **options)

            patch.setattr(client, "add_files_to_dataset", add_some)
            with pytest.raises(LoginError, match="expired"):
                uploader.upload_together([Given(file) for file in files])
            assert len(on_disk(sandbox, where.run_id)[LAPP]) == len(names_of(lake, where.run_id)) == 4
        else:
            uploader.upload_together([Given(file) for file in files])
    uploader.upload_together([Given(file) for file in files])
    check_whole(sandbox, lake, where, *files)


def test_several_files_go_together_to_the_storage_element_that_takes_them_all(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    write, where = Storage.write, target(LAPP, CC)

    def full(self: Storage, path: Path, *arguments: Any, **options: Any) -> None:
        if self.name == LAPP and path.name == "c.root":
            raise ElementError("the disk is full")
        write(self, path, *arguments, **options)

    monkeypatch.setattr(Storage, "write", full)
    files = [some_file(tmp_path, f"{name}.root", 1000) for name in "abcd"]
    register, seen = Enrolment.register, []

    def look(self: Enrolment, rows: list[Any], element: str) -> None:
        seen.append((element, set(on_disk(sandbox, where.run_id))))
        register(self, rows, element)

    monkeypatch.setattr(Enrolment, "register", look)
    Uploader(lake, where).upload_together([Given(file) for file in files])
    assert seen == [(CC, {CC})]
    check_whole(sandbox, lake, where, *files)


def test_a_dataset_that_is_closed_meanwhile_leaves_no_bytes(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where, file = target(LAPP), some_file(tmp_path)
    monkeypatch.setattr(Enrolment, "register", failing(UsageError("the dataset is closed")))
    with pytest.raises(UsageError, match="closed"):
        Uploader(lake, where).upload(file)
    check_nothing(sandbox, lake, where)


def test_an_upload_that_is_cancelled_while_it_waits_for_the_lake_leaves_nothing(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path
) -> None:
    where, file = target(LAPP), some_file(tmp_path)

    def check() -> None:
        if any(not name.endswith(".upload") for name in on_disk(sandbox, where.run_id).get(LAPP, {})):
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        Uploader(lake, where).upload(file, check=check)
    check_nothing(sandbox, lake, where)


def test_a_lake_without_metadata_takes_files_that_were_prepared_with_them(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    class InvalidMetadata(Exception):  # noqa: N818 - as Rucio calls it
        pass

    add_dataset, where, file = RucioLake.add_dataset, target(LAPP), some_file(tmp_path)
    uploader = Uploader(lake, where)

    def refuse(self: RucioLake, dataset: DID, files: list[Any], *arguments: Any, **options: Any) -> bool:
        uploader._enrolment._plain = True  # another thread has found out meanwhile
        if "meta" in files[0]:
            raise LakeError("no such key") from InvalidMetadata()
        return add_dataset(self, dataset, files, *arguments, **options)

    monkeypatch.setattr(RucioLake, "add_dataset", refuse)
    uploader.upload(file)
    check_whole(sandbox, lake, where, file)


def test_patience_outlasts_a_lake_that_is_away(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("atlasod_tui.lake.uploading.upload._FIRST_PAUSE", 0.01)
    monkeypatch.setattr(RucioLake, "add_dataset", failing(LakeAwayError("away"), after=RucioLake.add_dataset, times=2))
    where, file, waits = target(LAPP), some_file(tmp_path), []
    Uploader(lake, where, patience=10, waiting=lambda error: waits.append(error.message)).upload(file)
    assert waits[0] == "away"
    check_whole(sandbox, lake, where, file)


def test_a_write_that_fails_leaves_nothing(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    from atlasod_tui.lake.rucio import posix_protocol  # noqa: PLC0415 - imports Rucio, which reads the settings

    def put(self: Any, source: str, pfn: str, *_: object) -> None:
        path = self._path(pfn)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(source).read_bytes()[:1000])
        raise OSError(28, "No space left on device")

    where, file = target(LAPP, CC), some_file(tmp_path)
    lake.account()
    with monkeypatch.context() as patch:
        patch.setattr(posix_protocol.Default, "put", put)
        with pytest.raises(ElementError, match=f"{LAPP} did not take the file: No space left on device; .*{CC}"):
            Uploader(lake, where).upload(file)
    check_nothing(sandbox, lake, where)


def test_a_file_that_changes_meanwhile_is_not_uploaded(sandbox: Sandbox, lake: RucioLake, tmp_path: Path) -> None:
    where, file = target(LAPP), some_file(tmp_path)
    with pytest.raises(ElementError, match="is not what was sent"):
        Uploader(lake, where).upload(file, adler32="00000001")
    check_nothing(sandbox, lake, where)
    Uploader(lake, where).upload(file)
    file.write_bytes(b"something else")
    with pytest.raises(LakeError, match="it is another file"):
        Uploader(lake, where).upload(file)


def test_a_cancelled_upload_leaves_nothing(sandbox: Sandbox, lake: RucioLake, tmp_path: Path) -> None:
    where, file = target(LAPP), some_file(tmp_path)
    written: list[int] = []

    def check() -> None:
        if written and written[-1]:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        Uploader(lake, where).upload(file, progress=written.append, check=check)
    assert written == [0, 1 << 20]
    check_nothing(sandbox, lake, where)


def test_a_server_that_is_killed_and_comes_back_has_all_of_it_once(
    own_sandbox: Sandbox, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("atlasod_tui.lake.uploading.upload._FIRST_PAUSE", 0.05)
    where = target(LAPP, CC)
    files = [some_file(tmp_path, name) for name in ("a.root", "b.root", "c.root")]
    register, calls = Enrolment.register, 0

    def kill(self: Enrolment, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # the bytes of the second file are laid down, and nothing is known of them
            os.kill(own_sandbox.server.pid, signal.SIGKILL)
        register(self, *arguments)

    with opened(own_sandbox, monkeypatch) as lake:
        monkeypatch.setattr(Enrolment, "register", kill)

        def up(_: object) -> None:
            control.up()

        reopened: list[RucioLake] = []

        def reopen() -> RucioLake:
            reopened.append(RucioLake(profiles.sandbox_settings()))
            return reopened[-1]

        uploader = Uploader(lake, where, patience=60, waiting=up, reopen=reopen)
        for file in files:
            uploader.upload(file)
        assert len(reopened) == 1
        check_whole(own_sandbox, reopened[-1], where, *files)
        reopened[-1].close()
