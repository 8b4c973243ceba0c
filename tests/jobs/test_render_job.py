"""The render task: files appear, in processes that may be killed, are not drawn twice and never overwritten unasked."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import AtlasodError, CancelledError, JobError, UsageError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import render, render_workers
from atlasod_tui.jobs.tasks.render_files import RenderedFiles
from atlasod_tui.jobs.tasks.render_spec import RenderSpec, plan
from atlasod_tui.jobs.tasks.render_workers import Worker, Workers
from atlasod_tui.jobs.tasks.threads import do_all
from tests.jobs.helpers import lives, until
from tests.plots.folders import write_result
from tests.plots.paper.making import stack

TASK = "atlasod_tui.jobs.tasks.render:run"
LASTS = 60.0
PLOTS = {"HZZAnalysis": ["mass_four_lep", "hist_mLL1", "hist_mLL2"], "HyyAnalysis": ["hist_mYY_bin1"]}
BEGIN = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml", "json": b"{"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_result(tmp_path_factory.mktemp("result"), ["HZZ", "Hyy"])


def spec_of(result: Path, to: Path, plots: dict[str, list[str]] = PLOTS, **options: Any) -> RenderSpec:
    return plan(result, to, plots, **options)


def job_of(spec: RenderSpec, workers: int = 2) -> JobFolder:
    return create(Spec(task=TASK, title="plot", arguments=msgspec.to_builtins(spec), workers=workers))


def run_here(spec: RenderSpec, workers: int = 2) -> JobContext:
    context = JobContext(job_of(spec, workers), workers)
    render.run(context.folder.spec().arguments, context)
    return context


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_appear(result: Path, tmp_path: Path) -> None:
    spec = spec_of(result, tmp_path / "plots", formats=("json", "svg", "png", "pdf"))
    job = job_of(spec)
    launch.start(job)
    status = control.wait(job, LASTS)
    assert (status.state, status.exit_code, status.message) == (State.DONE, 0, ""), job.log_file.read_text()
    assert (status.unit, status.done, status.total, status.result) == ("plots", 4, 4, spec.to)
    made = contents(tmp_path / "plots")
    expected = {f"{name}/{one}.{suffix}" for name, names in PLOTS.items() for one in names for suffix in BEGIN}
    assert set(made) == expected == set(spec.files)
    for name, content in made.items():
        assert content.startswith(BEGIN[name.rpartition(".")[2]]), name
    document = json.loads(made["HZZAnalysis/mass_four_lep.json"])
    assert set(document) == {"data", "prediction", *analysis("HZZ").groups}


def test_any_number_of_workers_draws_the_same(result: Path, tmp_path: Path) -> None:
    for workers in (1, 3):
        run_here(spec_of(result, tmp_path / str(workers)), workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")
    assert len(contents(tmp_path / "1")) == 4


def test_options_reach_the_plot(result: Path, tmp_path: Path) -> None:
    one = {"HZZAnalysis": ["mass_four_lep"]}
    run_here(spec_of(result, tmp_path / "a", one, formats=("json", "png")))
    run_here(spec_of(result, tmp_path / "b", one, formats=("json", "png"), luminosity_pb=100.0, palette="mono"))
    first, second = (json.loads((tmp_path / name / "HZZAnalysis/mass_four_lep.json").read_text()) for name in "ab")
    assert second["data"]["metadata"]["luminosity_pb"] == 100.0
    assert sum(second["prediction"]["storage"]["values"]) < 0.1 * sum(first["prediction"]["storage"]["values"])
    pictures = [(tmp_path / name / "HZZAnalysis/mass_four_lep.png").read_bytes() for name in "ab"]
    assert pictures[0] != pictures[1]


def test_a_resume_draws_what_is_left(result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = JobContext(job_of(spec_of(result, tmp_path), 1), 1)
    draw, drawn = Worker.draw, 0

    def fail_at_third(self: Worker, *arguments: Any) -> dict[str, bytes]:
        nonlocal drawn
        drawn += 1
        if drawn == 3:
            raise AtlasodError("no more")
        return draw(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "draw", fail_at_third)
        with pytest.raises(AtlasodError, match="no more"):
            render.run(context.folder.spec().arguments, context)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    assert len(before) == 2
    again = JobContext(context.folder, 2)
    render.run(context.folder.spec().arguments, again)
    assert again.status.done == again.status.total == 4
    assert len(contents(tmp_path)) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before
    changed = next(iter(before))
    changed.write_bytes(b"half")  # of this job: it may make it anew
    render.run(context.folder.spec().arguments, JobContext(context.folder, 1))
    assert changed.read_bytes().startswith(BEGIN["png"])


def test_a_resume_does_not_go_on_with_another_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = write_result(tmp_path / "result", ["HZZ", "Hyy"])
    spec = spec_of(result, tmp_path / "plots")
    context = JobContext(job_of(spec, 1), 1)
    with monkeypatch.context() as patch:
        patch.setattr(Worker, "draw", _fail)
        with pytest.raises(AtlasodError, match="no more"):
            render.run(context.folder.spec().arguments, context)
    os.utime(result / "Output_HyyAnalysis" / "data.root", (1, 1))  # nothing was drawn of it
    before = (result / "Output_HZZAnalysis" / "llll.root").stat()
    os.utime(result / "Output_HZZAnalysis" / "llll.root", (1, 1))
    with pytest.raises(JobError, match="result of HZZAnalysis changed since the job began"):
        render.run(context.folder.spec().arguments, context)
    os.utime(result / "Output_HZZAnalysis" / "llll.root", ns=(before.st_atime_ns, before.st_mtime_ns))
    render.run(context.folder.spec().arguments, context)
    assert len(contents(tmp_path / "plots")) == 4


def _fail(*_: Any) -> dict[str, bytes]:
    raise AtlasodError("no more")


def test_two_jobs_may_write_the_same_file(tmp_path: Path) -> None:
    wholes = {bytes([65 + k]) * (k + 1) * 10_000 for k in range(2)}

    def write(content: bytes) -> None:
        files = RenderedFiles(JobContext(job_of(RenderSpec("", "", {}, []))), tmp_path, force=True)
        for _ in range(300):
            files.write("a.png", content)
            assert (tmp_path / "a.png").read_bytes() in wholes

    do_all(wholes, write, 2, done=lambda: None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_killed_runner_leaves_no_process_and_goes_on(result: Path, tmp_path: Path) -> None:
    many = {"HZZAnalysis": PLOTS["HZZAnalysis"], "HyyAnalysis": [f"hist_mYY_{kind}" for kind in ("bin1", "cat_bin1")]}
    job = job_of(spec_of(result, tmp_path, many))
    launch.start(job)
    until(lambda: bool(list(tmp_path.rglob("*.png"))) or not control.state(job).state.active, "a file", LASTS)
    runner = launch._children[job.path]
    drawing = psutil.Process(runner.pid).children(recursive=True)
    assert drawing
    runner.kill()
    assert runner.wait(10) == -9
    until(lambda: not any(lives(process.pid) for process in drawing), "their end")
    control.resume(job)
    assert control.wait(job, LASTS).state is State.DONE
    assert len(contents(tmp_path)) == 5


def test_cancelled_soon_and_nothing_half_made_stays(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = JobContext(job_of(spec_of(result, tmp_path)), 2)
    progress = context.progress

    def cancel_soon(**options: Any) -> None:
        progress(**options)
        if options.get("done", 0) > 0:
            context.cancel()

    monkeypatch.setattr(context, "progress", cancel_soon)
    with pytest.raises(CancelledError):
        render.run(context.folder.spec().arguments, context)
    assert context.cancelled_for < 2
    assert 1 <= len(contents(tmp_path)) < 4
    assert not list(tmp_path.rglob("*.part"))


def test_cancelled_while_a_plot_takes_for_ever() -> None:
    with Worker() as worker:
        assert worker.draw(stack(), ["png"], "light", lambda: None)["png"].startswith(BEGIN["png"])
        (process,) = (psutil.Process(pid) for pid in [worker.pid])
        process.suspend()

        def check() -> None:
            raise CancelledError("the job was cancelled")

        with pytest.raises(CancelledError):
            worker.draw(stack(), ["png"], "light", check)
    assert not process.is_running()


def test_a_killed_process_is_a_sentence() -> None:
    with Worker() as worker:
        assert worker.draw(stack(), ["svg"], "light", lambda: None)
        os.kill(worker.pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL)).start()
        with pytest.raises(AtlasodError, match=r"drew HZZAnalysis/mass_four_lep was killed by signal 9") as told:
            worker.draw(stack(), ["png"], "light", lambda: None)
    assert "resume" in told.value.hint


def test_processes_that_cannot_be_started_are_a_sentence(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Worker:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(render_workers, "Worker", refuse)
    with pytest.raises(AtlasodError, match=r"cannot be started: .*Resource temporarily"):
        run_here(spec_of(result, tmp_path), 3)


def test_cancelled_while_processes_start(monkeypatch: pytest.MonkeyPatch) -> None:
    going, late = threading.Event(), []

    def start_late(formats: Sequence[str]) -> Worker:
        going.wait(LASTS)
        late.append(Worker(formats))
        return late[-1]

    def check() -> None:
        raise CancelledError("the job was cancelled")

    monkeypatch.setattr(render_workers, "Worker", start_late)
    with Workers(2, ["png"]) as workers, pytest.raises(CancelledError), workers.one(check):
        pass
    going.set()
    until(lambda: bool(late) and not lives(late[0].pid), "its end", LASTS)
    assert len(late) == 1


def test_where_processes_are_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Worker(["pdf"]) as worker:
        forked = worker.draw(stack(), ["pdf", "png"], "light", lambda: None)
    monkeypatch.setattr(render_workers, "_FORKED", False)
    with Worker(["pdf"]) as worker:
        assert worker.draw(stack(), ["pdf", "png"], "light", lambda: None) == forked


def test_a_plot_that_cannot_be_drawn_is_a_sentence() -> None:
    with Worker() as worker:
        with pytest.raises(
            AtlasodError, match="HZZAnalysis/mass_four_lep cannot be drawn: UsageError: there is no pal"
        ):
            worker.draw(stack(), ["png"], "rainbow", lambda: None)
        assert worker.draw(stack(), ["png"], "light", lambda: None)


def test_what_is_refused(result: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format"):
        spec_of(result, tmp_path, formats=("gif",))
    with pytest.raises(UsageError, match="no palette"):
        spec_of(result, tmp_path, palette="rainbow")
    spec = spec_of(result, tmp_path)
    mine = tmp_path / "HZZAnalysis" / "hist_mLL2.png"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        spec_of(result, tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        run_here(spec)
    assert contents(tmp_path) == {"HZZAnalysis/hist_mLL2.png": b"mine"}
    run_here(spec_of(result, tmp_path, force=True))
    assert mine.read_bytes().startswith(BEGIN["png"])
    assert len(contents(tmp_path)) == 4


def test_a_dry_run_needs_no_folder(result: Path, tmp_path: Path) -> None:
    spec = spec_of(result, tmp_path / "not" / "there", dry_run=True, formats=("pdf", "png"))
    assert spec.files[:2] == ["HZZAnalysis/mass_four_lep.png", "HZZAnalysis/mass_four_lep.pdf"]
    assert (spec.number, len(spec.files)) == (4, 8)
    assert spec.bytes > 0
    assert not (tmp_path / "not").exists()


def test_a_result_that_is_gone_is_a_sentence(result: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no result of HWWAnalysis"):
        run_here(spec_of(result, tmp_path, {"HWWAnalysis": ["hist_mt"]}))


def test_a_folder_that_cannot_be_written_is_a_sentence(result: Path, tmp_path: Path) -> None:
    spec = spec_of(result, tmp_path / "to")
    (tmp_path / "to").write_text("a file")
    with pytest.raises(AtlasodError, match="cannot be written"):
        run_here(spec)


_RUN = """
import sys
from atlasod_tui.jobs import runner
assert runner.main([sys.argv[1]]) == 0
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_the_runner_itself_does_not_draw(result: Path, tmp_path: Path) -> None:
    job = job_of(spec_of(result, tmp_path / "plots", {"HZZAnalysis": ["mass_four_lep"]}))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", _RUN, str(job.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    names = set(done.stdout.split())
    assert "numpy" in names
    assert not {"matplotlib", "mplhep", "numba", "uproot", "rich", "textual", "click"} & names
    assert len(contents(tmp_path / "plots")) == 1
