"""The upload job on a real Rucio: several files, a login that ends in the middle, what a resumed job leaves out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.errors import CancelledError, JobError, LakeAwayError, LakeError, LoginError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import put
from atlasod_tui.jobs.tasks.put_spec import PutSpec, plan
from atlasod_tui.jobs.tasks.uploads import Uploads
from atlasod_tui.lake import profiles
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.uploading.enrolment import Enrolment
from atlasod_tui.lake.uploading.target import Target, UploadResult
from atlasod_tui.lake.uploading.upload import Given, Uploader
from tests.lake.uploading import CC, LAPP, checksum, names_of, on_disk, opened, some_file, target, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lake.conftest import Sandbox

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def lake(sandbox: Sandbox, monkeypatch: Patch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


def job_of(where: Target, *files: Path, task: str = "atlasod_tui.jobs.tasks.put:run") -> JobFolder:
    spec = PutSpec(plan([str(file) for file in files]), where)
    return create(Spec(task=task, title="put", arguments=msgspec.to_builtins(spec)))


def run(job: JobFolder) -> Any:
    return put.run(job.spec().arguments, JobContext(job, 2))


def result_of(job: JobFolder) -> UploadResult:
    return msgspec.json.decode((job.parts / "upload.json").read_bytes(), type=UploadResult)


def uploaded(job: JobFolder) -> list[str]:
    return sorted(Path(event["path"]).name for event in job.events() if event["kind"] == "uploaded")


def make(folder: Path, number: int = 3) -> list[Path]:
    return [some_file(folder, f"{letter}.root") for letter in "abcdefgh"[:number]]


def test_files_are_uploaded_by_a_runner(sandbox: Sandbox, lake: RucioLake, tmp_path: Path) -> None:
    where, files = target(LAPP, CC, lake="sandbox"), make(tmp_path, 5)
    job = job_of(where, *files)
    launch.start(job)
    status = control.wait(job, 60)
    assert (status.state, status.exit_code, status.message) == (State.DONE, 0, "")
    assert (status.done, status.total, status.unit) == (15_000_000, 15_000_000, "B")
    result = result_of(job)
    assert [Path(file.path) for file in result.files] == files
    assert [element.storage_element for element in result.elements] == [LAPP, CC]
    there = {f"student.run{where.run_id}.{file.name}": checksum(file) for file in files}
    until(lambda: on_disk(sandbox, where.run_id) == {LAPP: there, CC: there}, "copies on both")
    assert len(names_of(lake, where.run_id)) == 6
    log = job.log_file.read_text()
    assert "Traceback" not in log
    assert "Warning" not in log


def test_small_files_are_uploaded_together(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    upload = Uploader.upload_together
    groups: list[int] = []

    def count(self: Uploader, files: list[Given], **options: Any) -> Any:
        groups.append(sum(file.path.stat().st_size for file in files))
        return upload(self, files, **options)

    monkeypatch.setattr(Uploader, "upload_together", count)
    monkeypatch.setattr("atlasod_tui.lake.uploading.upload._TOLD_WITHIN", 20)
    where = target(LAPP)
    small = [some_file(tmp_path, f"{number}.root", 1000) for number in range(60)]
    large = [some_file(tmp_path, f"large.{number}.root", 3_000_000) for number in range(2)]
    job = job_of(where, *small, *large)
    assert run(job).exit_code == 0
    assert len(groups) < 20
    assert max(groups) < 3_060_000
    assert len(uploaded(job)) == len(names_of(lake, where.run_id)) - 1 == 62
    assert len(on_disk(sandbox, where.run_id)[LAPP]) == 62


@pytest.mark.parametrize(
    ("error", "what", "hint"),
    [
        (LoginError("the token has expired", "Log in."), "a login", "Log in. After `atlasod-tui login`, "),
        (LakeAwayError(*profiles._SANDBOX_DOWN), "the lake", "Start it with `atlasod-tui sandbox up`. Then "),
    ],
)
def test_a_login_that_ends_in_the_middle_makes_the_upload_wait(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: Patch, error: LakeError, what: str, hint: str
) -> None:
    monkeypatch.setattr("atlasod_tui.jobs.tasks.uploads.PATIENCE", 0.0)
    monkeypatch.setattr(put, "AT_ONCE", 1)
    where, files = target(LAPP), make(tmp_path)
    job = job_of(where, *files)
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, "add_files", raising(error))
        outcome = run(job)
    assert (outcome.exit_code, outcome.waiting) == (3, True)
    assert outcome.message == f"the upload waits for {what}: {error.message}"
    assert outcome.hint == f"{hint}`atlasod-tui jobs resume {job.id}` uploads the rest."
    assert uploaded(job) == ["a.root"]
    upload = Uploader.upload_together
    again: list[str] = []

    def record(self: Uploader, files: list[Given], **options: Any) -> Any:
        again.extend(file.path.name for file in files)
        return upload(self, files, **options)

    files[0].unlink()  # what is uploaded is not needed any more
    monkeypatch.setattr(Uploader, "upload_together", record)
    assert run(job).exit_code == 0
    assert again == ["b.root", "c.root"]
    assert len(result_of(job).files) == 3
    assert len(on_disk(sandbox, where.run_id)[LAPP]) == 3


def raising(error: Exception) -> Callable[..., Any]:
    def method(*_: object, **__: object) -> None:
        raise error

    return method


def test_a_refused_login_is_waited_for_and_only_the_upload_resumed(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: Patch
) -> None:
    data = tmp_path / "data"
    folder = data / "atlasod-tui" / "sandbox"
    folder.mkdir(parents=True)
    theirs = sandbox.data / "atlasod-tui" / "sandbox"
    (folder / "server.json").write_bytes((theirs / "server.json").read_bytes())
    (folder / "server.lock").symlink_to(theirs / "server.lock")
    settings = (theirs / "settings.json").read_text()
    (folder / "settings.json").write_text(settings.replace(sandbox.password, "wrong"))
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    where = target(LAPP, lake="sandbox")
    job = job_of(where, *make(tmp_path))
    launch.start(job)
    status = control.wait(job, 60)
    assert (status.state, status.exit_code) == (State.WAITING, 3)
    assert "did not accept the login of student" in status.message
    assert not on_disk(sandbox, where.run_id)
    (folder / "settings.json").write_text(settings)
    control.resume(job)
    assert control.wait(job, 60).state is State.DONE
    with pytest.raises(JobError, match="nothing is left to resume"):
        control.resume(job)
    assert len(on_disk(sandbox, where.run_id)[LAPP]) == 3


def test_what_has_ended_since_is_uploaded_again(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where, files = target(LAPP), make(tmp_path, 2)
    job = job_of(where, *files)
    with monkeypatch.context() as patch:
        patch.setattr(put, "AT_ONCE", 1)
        patch.setattr(RucioLake, "add_files", raising(LoginError("no")))
        assert run(job).waiting
    dataset = Uploader(lake, where).dataset
    lake.client().set_metadata(dataset.scope, dataset.name, "lifetime", 0.001)
    until(lambda: not names_of(lake, where.run_id) and not on_disk(sandbox, where.run_id), "the end of the first file")
    assert run(job).exit_code == 0
    assert len(on_disk(sandbox, where.run_id)[LAPP]) == 2


def test_a_runner_killed_in_the_middle_is_gone_on_from(sandbox: Sandbox, tmp_path: Path) -> None:
    where, files = target(LAPP, CC, lake="sandbox"), make(tmp_path)
    job = job_of(where, *files, task="tests.lake.killed_put:run")
    launch.start(job)
    status = control.wait(job, 60)
    assert status.state is State.FAILED
    assert "SIGKILL" in status.message
    control.resume(job)
    assert control.wait(job, 60).state is State.DONE
    there = {f"student.run{where.run_id}.{file.name}": checksum(file) for file in files}
    until(lambda: on_disk(sandbox, where.run_id) == {LAPP: there, CC: there}, "copies on both")


def test_a_refusal_fails_the_job_and_leaves_nothing(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where = target(LAPP)
    monkeypatch.setattr(Enrolment, "register", raising(LakeError("the quota does not suffice")))
    with pytest.raises(LakeError, match="quota"):
        run(job_of(where, *make(tmp_path, 4)))
    until(lambda: not on_disk(sandbox, where.run_id), "the bytes are removed")
    assert names_of(lake, where.run_id) == set()


def test_a_storage_element_that_is_left_out_is_exit_code_4(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(RucioLake, "add_rule", raising(LakeError("no room")))
    outcome = run(job_of(target(LAPP, CC), *make(tmp_path, 1)))
    assert (outcome.exit_code, outcome.message) == (4, f"uploaded, but not to {CC}: no room")


def test_files_that_changed_are_refused(tmp_path: Path) -> None:
    (file,) = make(tmp_path, 1)
    job = job_of(target(LAPP), file)
    file.write_bytes(b"other")
    with pytest.raises(JobError, match="changed since the job was made"):
        run(job)
    file.unlink()
    with pytest.raises(JobError, match="cannot be read"):
        run(job)


def test_uploads_begin_at_once_and_are_given_up_at_once(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    where, files = target(LAPP), make(tmp_path, 4)
    context = JobContext(job_of(where, *files))
    uploads = Uploads(where, context)
    assert uploads.finish().result is None
    uploads = Uploads(where, context)
    uploads.add(files[0], name="first.root", metadata={"factor": 7})
    until(lambda: bool(on_disk(sandbox, where.run_id)), "the first file is there before the others are added")
    name = f"student.run{where.run_id}.first.root"
    until(lambda: name in names_of(lake, where.run_id), "the lake knows of it")
    assert context.status.phase == ""
    monkeypatch.setattr(Enrolment, "register", lambda *_: time.sleep(0.2))
    for file in files[1:]:
        uploads.add(file)
    begun = time.monotonic()
    uploads.close()
    assert time.monotonic() - begun < 2
    context.cancel()
    with pytest.raises(CancelledError):
        uploads.finish()
