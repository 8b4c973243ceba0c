"""Uploads that are ended at each of their steps: no bytes the lake does not know, nothing known without its bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.errors import CancelledError, LakeAwayError, LakeError, LoginError, UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import ElementError, Storage
from atlasod_tui.lake.uploading.enrolment import Enrolment
from atlasod_tui.lake.uploading.upload import Given, Target, Uploader
from atlasod_tui.sandbox import control
from tests.lake.uploading import CC, LAPP, all_ok, checksum, names_of, on_disk, opened, some_file, target, until

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


def failing(error: Exception, *, after: Callable[..., Any] | None = None, times: int = 1) -> Callable[..., Any]:
    """Return a method that fails so many times, before or after it has done what it should, and then works."""
    left = times

    def method(self: object, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            if after is not None:
                after(self, *arguments, **options)
            raise error
        assert after is not None
        return after(self, *arguments, **options)

    return method


def check_whole(sandbox: Sandbox, lake: RucioLake, where: Target, *files: Path) -> None:
    """Fail unless each file is known once, in the dataset, with its bytes, and on all storage elements in the end."""
    uploader = Uploader(lake, where)
    prefix = f"student.run{where.run_id}"
    there = {f"{prefix}.{file.name}": checksum(file) for file in files}
    everywhere = dict.fromkeys(where.rses, there)
    until(lambda: on_disk(sandbox, where.run_id) == everywhere, "a good copy on each storage element")
    until(lambda: all_ok(uploader.result()), "the rules are satisfied")
    assert names_of(lake, where.run_id) == {*there, f"{prefix}.tried"}
    assert {file.did.name for file in lake.files(uploader.dataset)} == set(there)


def check_nothing(sandbox: Sandbox, lake: RucioLake, where: Target) -> None:
    """Fail if anything of a run is left."""
    assert on_disk(sandbox, where.run_id) == {}
    assert names_of(lake, where.run_id) == set()


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
        uploader = Uploader(lake, where)
        if method == "add_files":
            uploader.upload(files[0])
        with pytest.raises(LakeAwayError):
            uploader.upload(files[method == "add_files"])
    # The bytes are left: the lake may know of them.
    (kept,) = sandbox.elements.rglob(f"*run{where.run_id}.{files[method == 'add_files'].name}")
    written = kept.stat().st_mtime_ns
    uploader = Uploader(lake, where)
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


def test_one_of_several_that_was_made_known_meanwhile_keeps_out_none(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where = target(LAPP)
    files = [some_file(tmp_path, f"{name}.root", 1000) for name in "abcd"]
    uploader = Uploader(lake, where)
    for file in files[:2]:
        uploader.upload(file)
    monkeypatch.setattr(Enrolment, "known_of", lambda *_: set())
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


_KILLED = """
import os, signal, sys
from atlasod_tui.lake.uploading import enrolment
from atlasod_tui.lake import profiles
from atlasod_tui.lake.rucio import lake as lakes, storage
from atlasod_tui.lake.uploading.upload import Uploader
from atlasod_tui.lake.uploading.target import Target
import msgspec
from pathlib import Path

step, where, *files = sys.argv[1:]
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if step == "registration":
    enrolment.Enrolment.register = die
elif step == "rules":
    enrolment.Enrolment.ensure_rules = die
elif step == "second":
    lakes.RucioLake.add_files = die
uploader = Uploader(profiles.open_lake("sandbox"), msgspec.json.decode(where, type=Target))
for file in files:
    uploader.upload(Path(file), progress=lambda done: step == "bytes" and done and die())
"""


def test_what_others_are_writing_is_left_alone(sandbox: Sandbox, lake: RucioLake, tmp_path: Path) -> None:
    mine, others, notes = target(LAPP), target(LAPP), list[str]()
    small = some_file(tmp_path, "small.root", 1000)
    seen: list[str] = []

    def meanwhile(done: int) -> None:
        if done and not seen:
            Uploader(lake, others, note=notes.append).upload(small)
            seen.extend(on_disk(sandbox, mine.run_id)[LAPP])

    file = some_file(tmp_path)
    uploader = Uploader(lake, mine)
    uploader.upload(file, progress=meanwhile)
    assert [name.endswith(".rucio.upload") for name in seen] == [True]
    assert notes == []
    check_whole(sandbox, lake, mine, file)


@pytest.mark.parametrize("step", ["bytes", "registration", "rules", "second"])
def test_a_client_that_is_killed_between_its_steps_comes_to_the_same_end(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, step: str
) -> None:
    where, files = target(LAPP, CC), [some_file(tmp_path, name) for name in ("a.root", "b.root")]
    command = [sys.executable, "-c", _KILLED, step, msgspec.json.encode(where).decode(), *map(str, files)]
    killed = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")
    assert on_disk(sandbox, where.run_id)
    if step == "bytes":  # nobody goes on with it, but another comes
        other, notes = target(LAPP), list[str]()
        Uploader(lake, other, note=notes.append).upload(some_file(tmp_path, "other.root", 1000))
        assert on_disk(sandbox, where.run_id) == {}
        assert [note.endswith(f"{where.run_id}.a.root") and LAPP in note for note in notes] == [True]
    uploader = Uploader(lake, where)
    for file in files:
        uploader.upload(file)
    check_whole(sandbox, lake, where, *files)


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
