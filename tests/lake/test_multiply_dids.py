"""Files of a lake multiplied, and the outputs written back to it while the next are made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui import shown
from atlasod_tui.errors import CancelledError, LoginError
from atlasod_tui.jobs import control, folder, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import fetch_replicas, multiply
from atlasod_tui.jobs.tasks.fetches import Fetches
from atlasod_tui.jobs.tasks.multiply_plan import Planner
from atlasod_tui.jobs.tasks.multiply_spec import Output, plan
from atlasod_tui.lake.fetching.fetch import Fetcher
from atlasod_tui.lake.model import DID, Replica
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.jobs.analysing import kill_runner
from tests.jobs.helpers import until
from tests.jobs.multiplying import DATA_A, DATA_B, LASTS, LLLL, TASK, assert_copies, files_in, job_of
from tests.jobs.stopping_multiply import TASK as STOPPING
from tests.lake.pipelines import Samples, database, events, fetched_files, limited, own_cache, verb
from tests.lake.uploading import CC, EOSPILOT, LAPP, NAPOLI, on_disk, opened, target

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.lake.uploading.target import Target
    from tests.lake.conftest import Sandbox

SOURCES = [DATA_A, DATA_B, LLLL]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.fixture
def cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_cache(home, monkeypatch)


@pytest.fixture
def samples(sandbox: Sandbox, cache: Path) -> Samples:  # noqa: ARG001 - nothing is fetched before
    return Samples(sandbox, SOURCES)


def contents(to: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in to.glob("*.root")}


def answer(capsys: Captured, *arguments: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    verb("multiply", *arguments, "--json", "--quiet", code=code)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_outputs_are_those_of_local_files(samples: Samples, cache: Path, tmp_path: Path) -> None:
    verb("multiply", str(samples.did), "--factor", "3", "--files", "2", "--to", str(tmp_path / "lake"))
    verb("multiply", *map(str, SOURCES), "--factor", "3", "--files", "2", "--to", str(tmp_path / "local"))
    assert contents(tmp_path / "lake") == contents(tmp_path / "local")
    assert len(contents(tmp_path / "lake")) == 6
    assert set(fetched_files(cache)) == set(samples.names)


def test_different_files_into_one(samples: Samples, tmp_path: Path) -> None:
    given = [f"{samples.did.scope}:{samples.name('data_A.4lep.root')}", str(DATA_B)]
    verb("multiply", *given, "--merge", "data_AB", "--to", str(tmp_path))
    assert_copies(tmp_path / "data_AB.root", [DATA_A, DATA_B])


def test_files_are_multiplied_while_others_are_fetched(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is fetched last waits until the first output is there."""
    job = job_of(plan([str(samples.did)], factor=2, to=tmp_path / "out"))
    context, fetch, totals = JobContext(job, 2), Fetcher.fetch, []

    def late(self: Fetcher, file: Any, *arguments: Any, **options: Any) -> Any:
        if file.did.name == samples.names[-1]:
            until(lambda: any((tmp_path / "out").glob("*.x2.root")), "the first output")
            totals.append(context.status.total)
        return fetch(self, file, *arguments, **options)

    monkeypatch.setattr(Fetcher, "fetch", late)
    assert multiply.run(job.spec().arguments, context).exit_code == 0
    total = sum(map(len, contents(tmp_path / "out").values()))
    assert context.status.done == context.status.total == total
    assert totals[0] == pytest.approx(total, rel=0.5)  # an estimate


def test_a_login_that_ends_while_sources_are_fetched_costs_no_output(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(plan([str(samples.did)], factor=2, to=tmp_path / "out"))
    replicas, left, made = RucioLake.replicas, len(SOURCES), dict[str, int]()

    def times() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.x2.root")}

    def end(self: RucioLake, dids: Iterable[DID]) -> Iterator[Replica]:
        nonlocal left
        left -= 1
        if not left:
            until(lambda: bool(times()), "the first output")
            raise LoginError("the token has expired", "Log in.")
        return replicas(self, dids)

    with monkeypatch.context() as patch:
        patch.setattr(fetch_replicas, "CHUNK", 1)
        patch.setattr(RucioLake, "replicas", end)
        with pytest.raises(LoginError, match="expired"):
            multiply.run(job.spec().arguments, JobContext(job, 2))
    made |= times()
    assert multiply.run(job.spec().arguments, JobContext(job, 2)).exit_code == 0
    assert len(times()) == len(SOURCES)
    assert {name: times()[name] for name in made} == made


def test_bytes_fetched_are_not_told_as_bytes_copied(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of sources of different sizes the outputs are larger than what is fetched."""
    job = job_of(plan([str(samples.did)], factor=3, to=tmp_path / "out"))
    context, progress, told = JobContext(job, 2), JobContext.progress, set()

    def watch(self: JobContext, **changes: Any) -> None:
        progress(self, **changes)
        told.add((self.status.phase, self.status.total, self.status.done))

    monkeypatch.setattr(JobContext, "progress", watch)
    assert multiply.run(job.spec().arguments, context).exit_code == 0
    fetched = sum(path.stat().st_size for path in SOURCES)
    assert {total for phase, total, _ in told if phase == "fetching files"} <= {0, fetched}
    assert all(total > 2 * fetched for phase, total, _ in told if phase.startswith("copying") and total)
    assert all(done <= total for _, total, done in told if total)


def test_a_cancelled_job_does_not_go_on_with_what_has_arrived(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb("get", str(samples.did), "--to", str(tmp_path / "got"))
    monkeypatch.setenv("ATLASOD_TUI_LOCAL_FOLDERS", str(tmp_path / "got"))
    job = job_of(plan([str(samples.did)], factor=2, to=tmp_path / "out"))
    context, size, looked = JobContext(job, 2), Planner.size, []

    def cancelling(self: Planner, output: Output) -> int:
        looked.append(output.name)
        until(lambda: len(fetched) == len(SOURCES), "all files")
        context.cancel()
        return size(self, output)

    fetched: list[int] = []
    settle = Fetches._settle

    def settled(self: Fetches, number: int, result: Any) -> None:
        settle(self, number, result)
        fetched.append(number)

    monkeypatch.setattr(Fetches, "_settle", settled)
    monkeypatch.setattr(Planner, "size", cancelling)
    with pytest.raises(CancelledError):
        multiply.run(job.spec().arguments, context)
    assert len(looked) == 1


def test_a_file_that_cannot_be_had_is_skipped_and_named(
    samples: Samples, cache: Path, tmp_path: Path, capsys: Captured
) -> None:
    lost = samples.name("data_B.4lep.root")
    samples.bytes_of(lost).unlink()
    content = answer(capsys, str(samples.did), "--factor", "2", "--to", str(tmp_path), code=4)
    assert [item["path"] for item in content["skipped"]] == [f"{samples.did.scope}:{lost}"]
    assert sorted(content["files"]) == ["data_A.4lep.x2.root", "mc_363490.llll.4lep.x2.root"]
    verb("multiply", str(samples.did), "--merge", "all", "--to", str(tmp_path), code=3)
    assert lost in capsys.readouterr().err
    for name in samples.names:
        samples.bytes_of(name).unlink(missing_ok=True)
    shutil.rmtree(cache)
    verb("multiply", str(samples.did), "--factor", "3", "--to", str(tmp_path), code=3)
    error = capsys.readouterr().err
    assert "none of the files could be used" in error
    assert "Check the network" in error
    assert not (tmp_path / "all.root").exists()


def test_the_first_output_is_in_the_lake_before_the_third_is_written(
    sandbox: Sandbox, tmp_path: Path, capsys: Captured
) -> None:
    content = answer(
        capsys, str(DATA_A), "--factor", "10", "--files", "5", "--to", str(tmp_path), "--rse", f"{CC},{NAPOLI}"
    )  # fmt: skip
    job = folder.find(content["job"])
    written = {Path(event["path"]).name: event["time"] for event in events(job, "written")}
    uploaded = {Path(event["path"]).name: event["time"] for event in events(job, "uploaded")}
    names = [f"data_A.4lep.x10.00{number}.root" for number in range(1, 6)]
    assert sorted(written) == sorted(uploaded) == names
    assert uploaded[names[0]] < written[names[2]]
    run_id = job.spec().arguments["upload"]["run_id"]
    with database(sandbox) as connection:
        (created,) = connection.execute(
            "SELECT created_at FROM replicas WHERE name = ?", (f"student.run{run_id}.{names[0]}",)
        ).fetchone()
    registered = datetime.fromisoformat(created).replace(tzinfo=UTC).timestamp()
    assert registered < written[names[2]]
    assert uploaded[names[1]] < written[names[3]]
    assert uploaded[names[2]] < written[names[4]]
    assert {event["to"] for event in events(job, "uploaded")} == {CC}
    assert [element["storage_element"] for element in content["upload"]["elements"]] == [CC, NAPOLI]


def test_what_is_uploaded_says_what_it_is_and_can_be_analysed(
    lake: RucioLake, samples: Samples, tmp_path: Path, capsys: Captured
) -> None:
    given = [str(samples.did), "--factor", "3", "--to", str(tmp_path / "out"), "--rse", LAPP, "--lifetime", "2d"]
    content = answer(capsys, *given, "--dataset", f"{samples.prefix}.tripled")
    dataset = DID(samples.did.scope, f"{samples.prefix}.tripled")
    job = folder.find(content["job"])
    run_id = job.spec().arguments["upload"]["run_id"]
    details = lake.show(dataset)
    assert details.expires is not None
    assert timedelta(days=1.9) < details.expires - datetime.now(UTC) < timedelta(days=2.1)
    assert [rule.expression for rule in details.rules] == [LAPP]
    for did, source in (
        (dataset, str(samples.did)),
        (
            DID(dataset.scope, f"student.run{run_id}.data_A.4lep.x3.root"),
            f"{samples.did.scope}:{samples.name('data_A.4lep.root')}",
        ),
    ):
        told = lake.show(did).metadata
        assert (told["source"], told["factor"], told["run_id"]) == (source, 3, run_id)
        assert told["tool"].startswith("atlasod-tui ")
    assert {file.did.name for file in lake.files(dataset)} == {
        f"student.run{run_id}.{name}" for name in contents(tmp_path / "out")
    }
    verb("analyse", "HZZ", "--input", str(dataset), "--output", str(tmp_path / "analysed"))
    entry = json.loads((tmp_path / "analysed" / "manifest.json").read_bytes())["analyses"]["HZZAnalysis"]
    assert {sample["factor"] for sample in entry["samples"].values()} == {3}
    assert entry["data_periods"] == ["A", "B"]


def with_target(job: JobFolder, where: Target) -> None:
    spec = job.spec()
    arguments = spec.arguments | {"upload": msgspec.to_builtins(where)}
    job.write_spec(msgspec.structs.replace(spec, arguments=arguments))


def test_a_killed_job_makes_and_uploads_nothing_twice(
    sandbox: Sandbox, samples: Samples, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLY_STOPS", "write:5")
    where = target(LAPP, lake="sandbox")
    job = job_of(plan([str(samples.did)], factor=2, files=3, to=tmp_path), workers=1)
    with_target(job, where)
    job.write_spec(msgspec.structs.replace(job.spec(), task=STOPPING))
    launch.start(job)
    until((job.path / "stopped").exists, "the stop", LASTS)
    until(lambda: len(events(job, "uploaded")) >= 3, "three uploads", LASTS)
    kill_runner(job)
    made, before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.root")}, fetched_files(cache)
    job.write_spec(msgspec.structs.replace(job.spec(), task=TASK))
    control.resume(job)
    assert control.wait(job, LASTS).state is State.DONE
    assert {path: path.stat().st_mtime_ns for path in made} == made
    after = fetched_files(cache)
    assert {name: after[name] for name in before} == before
    names = [Path(event["path"]).name for event in events(job, "uploaded")]
    assert len(names) == len(set(names)) == 9
    assert len(on_disk(sandbox, where.run_id)[LAPP]) == 9


def test_outputs_of_one_name_in_two_folders(sandbox: Sandbox, tmp_path: Path, capsys: Captured) -> None:
    for name in ("one", "two"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / DATA_A.name).write_bytes(DATA_A.read_bytes())
    given = [str(tmp_path / "in"), "--factor", "2", "--to", str(tmp_path / "out"), "--rse", LAPP]
    job = folder.find(answer(capsys, *given)["job"])
    prefix = f"student.run{job.spec().arguments['upload']['run_id']}"
    there = on_disk(sandbox, prefix.partition(".run")[2])[LAPP]
    assert set(there) == {f"{prefix}.one.data_A.4lep.x2.root", f"{prefix}.two.data_A.4lep.x2.root"}


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--rse", EOSPILOT], 3, EOSPILOT),
        (["--rse", "NOWHERE"], 3, "NOWHERE"),
        (["--rse", ","], 2, "names no storage element"),
        (["--rse", LAPP, "--lifetime", "soon"], 2, "no lifetime"),
        (["--rse", LAPP, "--scope", "ATLAS_OD_EDU"], 2, "the scope of a release"),
        (["--rse", LAPP, "--dataset", "../x"], 2, "x"),
        (["--rse", LAPP, "--read-only"], 3, "reading only"),
        (["--rse", LAPP, "--lake", "opendata"], 3, "opendata"),
        (["--rse", LAPP, "--lake", "nowhere"], 2, "no lake 'nowhere'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_made(
    tmp_path: Path, options: list[str], code: int, sentence: str, capsys: Captured
) -> None:
    for more in ([], ["--dry-run"]):
        verb("multiply", str(DATA_A), "--factor", "2", "--to", str(tmp_path), *options, *more, code=code)
        captured = capsys.readouterr()
        assert sentence in captured.err
        assert "Traceback" not in captured.err
    assert files_in(tmp_path) == []
    assert folder.list_jobs() == []


def test_more_than_the_quota_is_refused_before_anything_is_made(
    sandbox: Sandbox, samples: Samples, cache: Path, tmp_path: Path, capsys: Captured
) -> None:
    """The files are here or have to be fetched: what they will be is known or estimated."""
    limits = ["--to", str(tmp_path / "out"), "--rse", LAPP, "--virtual"]
    with limited(sandbox, LAPP, 10_000):
        for given in (str(DATA_A), f"{samples.did.scope}:{samples.name('data_A.4lep.root')}"):
            verb("multiply", given, "--factor", "2", *limits, code=3)
            assert "quota" in capsys.readouterr().err
            verb("multiply", given, "--factor", "2", *limits, "--dry-run", code=3)
            assert "quota" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert fetched_files(cache) == {}


def test_a_dry_run_tells_where_how_much_and_until_when(samples: Samples, tmp_path: Path, capsys: Captured) -> None:
    given = [str(samples.did), "--factor", "3", "--to", str(tmp_path / "out"), "--rse", f"{LAPP},{CC}", "--dry-run"]
    plan = answer(capsys, *given)
    size = sum(path.stat().st_size for path in SOURCES)
    assert (plan["bytes"], plan["bytes_elsewhere"]) == (3 * size, size)
    assert all(row["estimated"] for row in plan["plan"])
    assert (plan["upload"]["rses"], plan["upload"]["lifetime"]) == ([LAPP, CC], 604800)
    assert (plan["upload"]["lake"], plan["upload"]["host"][:17]) == ("sandbox", "http://127.0.0.1:")
    ends = datetime.fromisoformat(plan["upload"]["expires"])
    assert timedelta(days=6.9) < ends - datetime.now(UTC) < timedelta(days=7.1)
    verb("multiply", *given)
    text = capsys.readouterr().out
    assert f"would be uploaded to {LAPP}, {CC} until {ends:%Y-%m-%d}" in text
    assert "would be fetched, unless they are here already" in text
    assert not (tmp_path / "out").exists()
    assert folder.list_jobs() == []


@pytest.mark.usefixtures("samples")
def test_files_are_told_once_and_their_upload_in_a_line(tmp_path: Path, capsys: Captured) -> None:
    given = [str(DATA_A), "--factor", "2", "--files", "2", "--to", str(tmp_path)]
    verb("multiply", *given, "--rse", LAPP, "--lifetime", "1h")
    text = capsys.readouterr().out
    size = shown.size(sum(path.stat().st_size for path in tmp_path.glob("*.root")), "B")
    assert f"\nuploaded: 2 files, {size}, to {LAPP}\n" in text
    assert text.count("x2.001.root") == text.count("x2.002.root") == 1
