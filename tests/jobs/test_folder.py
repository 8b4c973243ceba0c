from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.errors import JobError, UsageError
from atlasod_tui.jobs import control, folder, launch
from atlasod_tui.jobs.status import State, Status

from .helpers import spec

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_job_has_a_readable_id_and_is_for_its_owner_only(home: Path) -> None:
    job = folder.create(spec(home, title="analyse HZZ"))
    assert folder._ID.fullmatch(job.id)
    assert "-analyse-hzz-" in job.id
    for path in (job.path, job.parts, job.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(job.spec_file.stat().st_mode) == 0o600
    assert job.spec().title == "analyse HZZ"
    assert job.spec().created > 0


def test_ids_are_unique(home: Path) -> None:
    assert len({folder.create(spec(home)).id for _ in range(300)}) == 300


@pytest.mark.parametrize("text", ["", "..", "../..", "/", "*", "2026/x", "\x1b[31m", "no-such-job", "."])
def test_a_text_that_is_no_id_finds_nothing(home: Path, text: str) -> None:
    folder.create(spec(home))
    with pytest.raises(UsageError, match="there is no job"):
        folder.find(text)


def test_an_unambiguous_beginning_is_enough(home: Path) -> None:
    first, second = folder.create(spec(home, title="aaa")), folder.create(spec(home, title="aab"))
    assert folder.find(first.id).path == first.path
    assert folder.find(second.id[:-3]).path == second.path
    with pytest.raises(UsageError, match="2 jobs begin with"):
        folder.find(first.id[:8])


def test_broken_and_foreign_folders_are_listed_as_damaged(home: Path) -> None:
    sound = folder.create(spec(home))
    sound.write_status(Status(state=State.DONE, exit_code=0))
    (folder.jobs_dir() / "holiday pictures").mkdir()
    texts = ["", "{", "[]", '{"state":"asleep"}', "\udcff", '{"state":"running","pid":"x"}', '{"x":' + 100_000 * "["]
    texts += ['{"state":"done","updated":1e300}', f'{{"state":"done","done":1{400 * "0"}}}']
    for number, text in enumerate(texts):
        broken = folder.create(spec(home, title=f"broken {number}"))
        broken.status_file.write_bytes(text.encode("utf-8", "surrogateescape"))
    (folder.jobs_dir() / "a-file").write_text("not a job")
    states = [control.state(job).state for job in folder.list_jobs()]
    assert states.count(State.DAMAGED) == len(texts) + 1
    assert states.count(State.DONE) == 1


def test_a_foreign_folder_cannot_be_named_as_a_job(home: Path) -> None:
    folder.create(spec(home))
    (folder.jobs_dir() / "precious").mkdir()
    with pytest.raises(UsageError):
        folder.find("precious")


def test_a_path_json_cannot_hold_is_refused_in_a_sentence(home: Path) -> None:
    with pytest.raises(UsageError, match="not valid UTF-8"):
        folder.create(spec(home, input="/data/\udcff"))
    assert folder.list_jobs() == []


def test_a_state_folder_that_cannot_be_made_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    with pytest.raises(JobError, match="no job folder can be made"):
        folder.create(spec(home))


@pytest.mark.parametrize("fits", [0, 1])
def test_a_job_that_a_full_disk_has_no_room_for_is_a_sentence_and_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch, fits: int
) -> None:
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) > fits:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(JobError, match="No space left on device"):
        launch.submit(spec(home))
    assert not folder.list_jobs()


def test_a_failed_write_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = home / "status.json"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.write_atomic(target, b"new", sync=True)
    assert target.read_bytes() == b"old"
    assert not list(home.glob(".status*"))


def test_a_reader_never_sees_half_a_status(home: Path) -> None:
    job = folder.create(spec(home))
    job.write_status(Status(state=State.RUNNING))
    stop = threading.Event()

    def write() -> None:
        size = 0
        while not stop.is_set():
            size += 1
            job.write_status(Status(state=State.RUNNING, done=size, current="x" * (size * 37 % 5000)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3000):
            status = job.status()
            assert len(status.current) == status.done * 37 % 5000
    finally:
        stop.set()
        writer.join()


def test_an_event_line_cut_short_is_left_out(home: Path) -> None:
    job = folder.create(spec(home))
    job.add_event("state", state="running")
    with job.events_file.open("ab") as file:
        file.write(b'{"time": 1, "ki')
    assert [event["kind"] for event in job.events()] == ["state"]
