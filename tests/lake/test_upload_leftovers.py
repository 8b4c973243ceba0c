"""What uploads leave on a storage element that died, or waited in vain: who goes on from it, and who takes it away."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.uploading.upload import Uploader
from tests.lake.uploading import CC, LAPP, check_whole, checksum, failing, on_disk, opened, some_file, target

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

Patch = pytest.MonkeyPatch


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: Patch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.mark.parametrize("happened", [False, True])
def test_what_an_upload_that_waited_left_goes_when_its_job_is_removed(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, *, happened: bool
) -> None:
    where, file, other = target(LAPP), some_file(tmp_path), some_file(tmp_path, "other.root", 1000)
    job, notes = tmp_path / "job", list[str]()
    job.mkdir()
    error = LakeAwayError("the connection broke")
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, "add_dataset", failing(error, after=RucioLake.add_dataset if happened else None))
        with pytest.raises(LakeAwayError):
            Uploader(lake, where, job=job).upload(file)
    there = on_disk(sandbox, where.run_id)
    assert there == {LAPP: {f"student.run{where.run_id}.some.root": checksum(file)}}
    Uploader(lake, target(LAPP), note=notes.append).upload(other)
    assert on_disk(sandbox, where.run_id) == there  # for the job to go on from
    job.rmdir()
    Uploader(lake, target(LAPP), note=notes.append).upload(other)
    assert on_disk(sandbox, where.run_id) == (there if happened else {})
    assert len(notes) == (not happened)
    Uploader(lake, target(LAPP), note=notes.append).upload(other)
    assert len(notes) == (not happened)


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
    if step in {"bytes", "registration"}:  # nobody goes on with it, but another comes
        other, notes = target(LAPP), list[str]()
        Uploader(lake, other, note=notes.append).upload(some_file(tmp_path, "other.root", 1000))
        assert on_disk(sandbox, where.run_id) == {}
        assert [note.endswith(f"{where.run_id}.a.root") and LAPP in note for note in notes] == [True]
    uploader = Uploader(lake, where)
    for file in files:
        uploader.upload(file)
    check_whole(sandbox, lake, where, *files)
