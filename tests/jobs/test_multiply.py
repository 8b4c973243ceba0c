"""The multiply task: what it writes, what files and manifest say, what it refuses and what it leaves out."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui import config
from atlasod_tui.errors import AtlasodError, CancelledError, JobError, UsageError
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import multiply, multiply_plan
from atlasod_tui.rootfile import merge
from atlasod_tui.samples.about import About
from atlasod_tui.samples.catalogue import luminosity_pb
from tests.analyses import INPUTS
from tests.jobs.multiplying import (
    DATA_A,
    DATA_B,
    LLLL,
    about_of,
    assert_copies,
    assert_virtual_copies,
    files_in,
    job_of,
    run_here,
    run_job,
    spec_of,
)


def manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return content


def run_spec(spec: Any, workers: int = 1) -> Any:
    job = job_of(spec, workers)
    return multiply.run(job.spec().arguments, JobContext(job, workers))


def test_copies_and_what_they_say(tmp_path: Path) -> None:
    job, status = run_job([DATA_A, LLLL], tmp_path, factor=3)
    assert (status.state, status.exit_code, status.result) == (State.DONE, 0, str(tmp_path))
    assert (status.unit, status.done) == ("B", status.total)
    names = ["data_A.4lep.x3.root", "mc_363490.llll.4lep.x3.root"]
    assert files_in(tmp_path) == ["data_A.4lep.x3.root", "manifest.json", "mc_363490.llll.4lep.x3.root"]
    assert_copies(tmp_path / names[0], [DATA_A], 3)
    assert_copies(tmp_path / names[1], [LLLL], 3)
    content = manifest(tmp_path)
    assert (content["kind"], content["synthetic"], list(content["files"])) == ("samples", False, names)
    assert status.total == sum(entry["size"] for entry in content["files"].values())
    for source, name in zip((DATA_A, LLLL), names, strict=True):
        data = (tmp_path / name).read_bytes()
        entry = content["files"][name]
        assert (entry["size"], entry["adler32"]) == (len(data), f"{zlib.adler32(data):08x}")
        assert entry["job"] == job.id
        told = about_of(tmp_path / name)
        assert told is not None
        assert (told.factor, told.sources, told.synthetic, told.virtual) == (3, [source.name], False, False)
        assert entry["about"]["factor"] == 3


def test_a_folder_keeps_its_sub_folders_and_several_files_are_made_of_each(tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "4lep" / "MC").mkdir(parents=True)
    shutil.copy(LLLL, source / "4lep" / "MC")
    shutil.copy(LLLL, source / "other.root")
    spec = spec_of([source], tmp_path / "out", factor=4, files=2)
    assert spec.ignored == [str(source / "other.root")]
    assert run_spec(spec).exit_code == 0
    names = [f"4lep/MC/mc_363490.llll.4lep.x4.00{number}.root" for number in (1, 2)]
    assert files_in(tmp_path / "out") == [*names, "manifest.json"]
    for name in names:
        assert_copies(tmp_path / "out" / name, [LLLL], 4)


def test_multiplied_files_can_be_multiplied(tmp_path: Path) -> None:
    run_here([DATA_A], tmp_path, factor=3)
    run_here([tmp_path / "data_A.4lep.x3.root"], tmp_path, factor=10)
    told = about_of(tmp_path / "data_A.4lep.x30.root")
    assert told is not None
    assert (told.factor, told.sources) == (30, ["data_A.4lep.root"])
    assert list(manifest(tmp_path)["files"]) == ["data_A.4lep.x3.root", "data_A.4lep.x30.root"]
    assert_copies(tmp_path / "data_A.4lep.x30.root", [DATA_A], 30)


def test_any_root_file_works(tmp_path: Path) -> None:
    shutil.copy(LLLL, tmp_path / "foo.root")
    run_here([tmp_path / "foo.root"], tmp_path / "out")
    assert about_of(tmp_path / "out" / "foo.x2.root") == About(factor=2, sources=["foo.root"])


def test_different_files_become_one(tmp_path: Path) -> None:
    run_here([DATA_A, DATA_B], tmp_path, factor=None, merge="data_AB")
    assert_copies(tmp_path / "data_AB.root", [DATA_A, DATA_B])
    assert about_of(tmp_path / "data_AB.root") == About(
        luminosity_pb=luminosity_pb("AB"), sources=["data_A.4lep.root", "data_B.4lep.root"]
    )
    run_here([DATA_A, DATA_B], tmp_path, factor=2, merge="data_AB", files=2)
    assert_copies(tmp_path / "data_AB.x2.002.root", [DATA_A, DATA_B], 2)


def test_virtual_copies(tmp_path: Path) -> None:
    run_here([DATA_A], tmp_path, factor=50, virtual=True)
    path = tmp_path / "data_A.4lep.x50.virtual.root"
    assert_virtual_copies(path, DATA_A, 50)
    assert path.stat().st_size < 5 * DATA_A.stat().st_size
    told = about_of(path)
    assert told is not None
    assert (told.factor, told.virtual) == (50, True)
    assert manifest(tmp_path)["files"][path.name]["about"]["virtual"] is True
    with pytest.raises(AtlasodError):
        run_here([path], tmp_path)


def test_a_bad_file_among_good_ones_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(DATA_A, source)
    (source / "data_B.4lep.root").write_text("<html>404</html>")
    job, status = run_job([source], tmp_path / "out")
    assert (status.state, status.exit_code, status.skipped) == (State.DONE, 4, 1)
    assert status.message == "1 of 2 files were skipped"
    assert files_in(tmp_path / "out") == ["data_A.4lep.x2.root", "manifest.json"]
    (skipped,) = [event for event in job.events() if event["kind"] == "skipped"]
    assert skipped["path"].endswith("data_B.4lep.root")


@pytest.mark.parametrize("options", [{}, {"merge": "all"}])
def test_without_a_good_file_the_job_fails(tmp_path: Path, options: dict[str, Any]) -> None:
    (tmp_path / "a.root").write_text("<html>404</html>")
    given = [tmp_path / "a.root", *([DATA_A] if options else [])]
    _, status = run_job(given, tmp_path / "out", **options)
    assert (status.state, status.exit_code) == (State.FAILED, 1)
    assert "a.root is not a ROOT file" in status.message
    assert not (tmp_path / "out").exists()


def test_a_file_on_which_an_earlier_run_died_is_left_out(tmp_path: Path) -> None:
    job = job_of(spec_of([DATA_A, DATA_B], tmp_path))
    arguments = job.spec().arguments | {"skip": [str(DATA_A)]}
    assert multiply.run(arguments, JobContext(job)).exit_code == 4
    assert files_in(tmp_path) == ["data_B.4lep.x2.root", "manifest.json"]


def test_an_input_that_changed_is_refused(tmp_path: Path) -> None:
    source = tmp_path / DATA_A.name
    shutil.copy(DATA_A, source)
    spec = spec_of([source], tmp_path / "out")
    os.utime(source, (1, 1))
    with pytest.raises(JobError, match="changed since the job was made"):
        run_spec(spec)
    assert not (tmp_path / "out").exists()


def test_an_output_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    spec = spec_of([DATA_A], tmp_path)
    (tmp_path / "data_A.4lep.x2.root").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        run_spec(spec)
    assert files_in(tmp_path) == ["data_A.4lep.x2.root"]
    run_here([DATA_A], tmp_path, force=True)
    assert_copies(tmp_path / "data_A.4lep.x2.root", [DATA_A], 2)


def test_an_output_made_while_the_job_runs_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, copy = tmp_path / "data_B.4lep.x2.root", merge.copy

    def meanwhile(*arguments: Any, **options: Any) -> Any:
        mine.write_text("mine")
        return copy(*arguments, **options)

    monkeypatch.setattr(merge, "copy", meanwhile)
    with pytest.raises(UsageError, match="exists already"):
        run_here([DATA_A, DATA_B], tmp_path, workers=1)
    assert mine.read_text() == "mine"


def test_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_MAX_BYTES", "100000")
    config.load.cache_clear()
    with pytest.raises(AtlasodError, match="more than the 100000 that one job may write"):
        run_here([DATA_A], tmp_path, factor=5)
    run_here([DATA_A], tmp_path, factor=5, virtual=True)


def test_a_disk_too_small_for_all_outputs_is_seen_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = os.statvfs(tmp_path)
    blocks = 3 * DATA_A.stat().st_size // space.f_frsize
    few = os.statvfs_result((*space[:4], blocks, *space[5:10]))
    monkeypatch.setattr(os, "statvfs", lambda _: few)
    with pytest.raises(AtlasodError, match="bytes left where"):
        run_here([DATA_A, DATA_B], tmp_path / "out", factor=2)
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(AtlasodError, match="No space left on device"):
        run_here([DATA_A], tmp_path)
    assert files_in(tmp_path) == []


def test_a_wrong_output_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = merge.copy

    def spoiled(plan: merge.Plan, target: Path, **options: Any) -> merge.Copied:
        done = copy(plan, target, **options)
        with target.open("r+b") as file:
            file.seek(plan.images_begin + 200)
            file.write(b"\xde\xad\xbe\xef")
        return done

    monkeypatch.setattr(merge, "copy", spoiled)
    with pytest.raises(AtlasodError, match="was removed, because a look at it failed"):
        run_here([DATA_A], tmp_path)
    assert files_in(tmp_path) == []


def test_a_manifest_of_something_else_is_refused(tmp_path: Path) -> None:
    spec = spec_of([DATA_A], tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UsageError, match="not one of samples"):
        run_spec(spec)
    assert files_in(tmp_path) == ["manifest.json"]


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_number_of_workers_changes_nothing(tmp_path: Path, workers: int) -> None:
    run_here([INPUTS / "GamGam"], tmp_path, workers, factor=2)
    content = manifest(tmp_path)
    assert len(content["files"]) == 7
    for name in content["files"]:
        assert_copies(tmp_path / name, [INPUTS / "GamGam" / name.replace(".x2", "")], 2)


def test_cancelled_between_outputs(tmp_path: Path) -> None:
    job = job_of(spec_of([DATA_A, DATA_B], tmp_path))
    context = JobContext(job)
    context.cancel()
    with pytest.raises(CancelledError):
        multiply.run(job.spec().arguments, context)
    assert files_in(tmp_path) == []


def test_sizes_are_known_before_the_files_are_there(tmp_path: Path) -> None:
    spec = spec_of([DATA_A, LLLL], tmp_path, factor=7, files=3)
    planner = multiply_plan.Planner(spec)
    sizes = {output.name: planner.size(output) for output in spec.outputs}
    run_spec(spec)
    assert sizes == {name: (tmp_path / name).stat().st_size for name in sizes}


def test_structures_that_differ_are_refused(tmp_path: Path) -> None:
    odd = INPUTS.parents[1] / "data" / "types_none.root"
    with pytest.raises(AtlasodError, match=odd.name):
        run_here([DATA_A, odd], tmp_path / "out", merge="all")
    assert not list(tmp_path.rglob("*.root"))
