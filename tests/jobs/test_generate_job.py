"""The generate task: files in parallel, the same for any number of workers and interruptions, told in the manifest."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlasod_tui.errors import AtlasodError, CancelledError, UsageError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import generate
from atlasod_tui.jobs.tasks.generate_spec import GenerateSpec, plan
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.samples import folder_manifest
from atlasod_tui.samples import generate as generator
from tests.jobs.helpers import until
from tests.jobs.multiplying import LASTS, about_of, files_in

TASK = "atlasod_tui.jobs.tasks.generate:run"


def job_of(spec: GenerateSpec, workers: int = 2) -> JobFolder:
    return create(Spec(task=TASK, title="generate", arguments=msgspec.to_builtins(spec), workers=workers))


def small(to: Path, **options: Any) -> GenerateSpec:
    wishes: dict[str, Any] = {"events": 200, "skims": ["4lep"]}
    return plan(to, **(wishes | options))


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*.root"))}  # fmt: skip


def test_files_and_what_is_told_of_them(tmp_path: Path) -> None:
    spec = small(tmp_path)
    job = job_of(spec)
    launch.start(job)
    status = control.wait(job, LASTS)
    assert (status.state, status.exit_code, status.unit) == (State.DONE, 0, "events")
    assert status.done == status.total == spec.events > 200
    content = folder_manifest.read(tmp_path)
    assert content is not None
    assert content.synthetic
    assert set(content.files) == {file.path for file in spec.files}
    assert files_in(tmp_path) == sorted([*content.files, "manifest.json"])
    for file in spec.files:
        entry = content.files[file.path]
        assert entry.entries == {"mini": file.events}
        told = about_of(tmp_path / file.path)
        assert told == entry.about
        assert told is not None
        assert (told.luminosity_pb, told.xsec_pb, told.sum_of_weights) == (
            file.luminosity_pb, file.xsec_pb, file.sum_of_weights,
        )  # fmt: skip
        with open_tree(tmp_path / file.path) as tree:
            assert tree.entries == file.events


def test_the_number_of_workers_and_a_resume_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for workers in (1, 3):
        job = job_of(small(tmp_path / str(workers)))
        generate.run(job.spec().arguments, JobContext(job, workers))
        found.append(digests(tmp_path / str(workers)))
    assert found[0] == found[1]
    assert len(found[0]) > 10

    write, calls = generator.write, 0

    def fail_at_fifth(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise AtlasodError("no more")
        return write(*arguments, **options)

    job = job_of(small(tmp_path / "resumed"))
    with monkeypatch.context() as patch:
        patch.setattr(generator, "write", fail_at_fifth)
        with pytest.raises(AtlasodError, match="no more"):
            generate.run(job.spec().arguments, JobContext(job, 1))
    before = {name: (tmp_path / "resumed" / name).stat().st_mtime_ns for name in digests(tmp_path / "resumed")}
    assert len(before) == 4
    generate.run(job.spec().arguments, JobContext(job, 2))
    assert digests(tmp_path / "resumed") == found[0]
    assert {name: (tmp_path / "resumed" / name).stat().st_mtime_ns for name in before} == before
    content = folder_manifest.read(tmp_path / "resumed")
    assert content is not None
    assert len(content.files) == len(found[0])


def test_a_killed_job_goes_on(tmp_path: Path) -> None:
    spec = small(tmp_path / "out", events=20_000)
    job = job_of(spec)
    launch.start(job)
    until(
        lambda: len(list(job.parts.glob("*.done.json"))) > 1 or not control.state(job).state.active, "two files", LASTS
    )
    process = launch._children[job.path]
    process.kill()
    assert process.wait(10) == -9
    control.resume(job)
    assert control.wait(job, LASTS).state is State.DONE
    assert files_in(tmp_path / "out") == sorted(["manifest.json", *(file.path for file in spec.files)])


def test_cancelled_nothing_half_made_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(small(tmp_path, events=2000))
    context = JobContext(job, 2)
    finished = threading.Event()
    progress = context.progress

    def cancel_soon(**options: Any) -> None:
        progress(**options)
        if options.get("done", 0) > 500:
            context.cancel()
            finished.set()

    monkeypatch.setattr(context, "progress", cancel_soon)
    with pytest.raises(CancelledError):
        generate.run(job.spec().arguments, context)
    assert finished.is_set()
    assert not list(tmp_path.rglob("*.part"))
    for path in tmp_path.rglob("*.root"):
        with open_tree(path) as tree:
            assert tree.entries


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no skim called"):
        small(tmp_path, skims=["5lep"])
    spec = small(tmp_path)
    path = tmp_path / spec.files[3].path
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        small(tmp_path)
    job = job_of(spec)
    with pytest.raises(UsageError, match="exists already"):
        generate.run(job.spec().arguments, JobContext(job))
    assert path.read_text() == "mine"
    job = job_of(small(tmp_path, force=True))
    generate.run(job.spec().arguments, JobContext(job))
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UsageError, match="not one of samples"):
        small(tmp_path, force=True)


def test_the_8_tev_flavour(tmp_path: Path) -> None:
    spec = plan(tmp_path, events=100, release="2016")
    job = job_of(spec)
    generate.run(job.spec().arguments, JobContext(job, 2))
    assert len(digests(tmp_path)) == len(spec.files)
