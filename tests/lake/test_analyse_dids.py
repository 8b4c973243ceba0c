"""Analyses over files of a lake: the results are those of local files, and nothing is fetched or done twice."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.errors import JobError, LoginError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import analyse, fetch_replicas
from atlasod_tui.lake.fetching.fetch import Fetcher
from atlasod_tui.lake.model import DID, Replica
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.jobs.analysing import RUN_LASTS, job_of, kill_runner, manifest, until_parts, write_slow
from tests.jobs.helpers import until
from tests.lake.pipelines import FOUR_LEPTONS, Samples, events, fetched_files, last_job, own_cache, verb
from tests.lake.uploading import opened

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

pytestmark = pytest.mark.slow

LOCAL = FOUR_LEPTONS[0].parents[1]


@pytest.fixture(autouse=True)
def _lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with opened(sandbox, monkeypatch):
        yield


@pytest.fixture
def cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_cache(home, monkeypatch)


@pytest.fixture
def samples(sandbox: Sandbox, cache: Path) -> Samples:  # noqa: ARG001 - nothing is fetched before
    return Samples(sandbox, FOUR_LEPTONS)


def results(output: Path) -> dict[str, bytes]:
    return {str(path.relative_to(output)): path.read_bytes() for path in sorted(output.glob("Output_*/*.root"))}


def of_local_files(tmp_path: Path, name: str = "HZZ", **options: Any) -> dict[str, bytes]:
    """Return the results of the files that the datasets have copies of."""
    job = job_of([name], tmp_path / "local", input=LOCAL, **options)
    launch.start(job)
    assert control.wait(job, RUN_LASTS).state is State.DONE
    return results(tmp_path / "local")


@pytest.mark.parametrize("workers", [1, 3])
def test_the_results_are_those_of_local_files(samples: Samples, cache: Path, tmp_path: Path, workers: int) -> None:
    output = tmp_path / "out"
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(output), "--workers", str(workers))
    assert set(fetched_files(cache)) == set(samples.names)
    arguments = last_job().spec().arguments
    files = [file for found in arguments["analyses"][0]["samples"].values() for file in found]
    assert arguments["lake"] == "sandbox"
    assert {file["did"] for file in files} == {f"{samples.did.scope}:{name}" for name in samples.names}
    assert all(file["size"] and len(file["adler32"]) == 8 for file in files)
    content = manifest(output)
    assert content["input"] == str(samples.did)
    entry = content["analyses"]["HZZAnalysis"]["samples"]["data"]["files"][0]
    assert entry["did"] == f"{samples.did.scope}:{entry['name']}"
    assert Path(entry["path"]).is_relative_to(cache)
    assert len(entry["adler32"]) == 8
    assert results(output) == of_local_files(tmp_path)


def test_files_of_a_lake_of_this_machine_and_of_another_folder_together(
    samples: Samples, cache: Path, tmp_path: Path
) -> None:
    """Of the data a DID, of a simulated sample a file, of the others a folder."""
    (tmp_path / "some").mkdir()
    given = ["--input", f"{samples.did.scope}:{samples.name('data_A.4lep.root')}"]
    for path in FOUR_LEPTONS:
        if path.name.startswith("mc_363490"):
            given += ["--input", str(path)]
        elif path.name != "data_A.4lep.root":
            shutil.copy(path, tmp_path / "some")
    output = tmp_path / "out"
    verb("analyse", "HZZ", *given, "--input", str(tmp_path / "some"), "--output", str(output))
    assert list(fetched_files(cache)) == [samples.name("data_A.4lep.root")]
    assert results(output) == of_local_files(tmp_path)
    assert manifest(output)["input"].startswith(f"{samples.did.scope}:")


def test_a_sample_here_and_in_the_lake_would_count_twice(
    samples: Samples, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verb("analyse", "HZZ", "--input", str(samples.did), "--input", str(LOCAL), "--output", str(tmp_path), code=2)
    assert "would be counted twice" in capsys.readouterr().err


def test_files_are_read_while_others_are_fetched(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is fetched last waits until a piece of another has been saved."""
    job = job_of(["HZZ"], tmp_path / "out", inputs=[str(samples.did)])
    context, fetch, totals = JobContext(job, 2), Fetcher.fetch, []

    def late(self: Fetcher, file: Any, *arguments: Any, **options: Any) -> Any:
        if file.did.name == samples.names[-1]:
            until(lambda: any(job.parts.glob("*.f8")), "the first piece")
            totals.append(context.status.total)
            assert context.status.unit == "events"
            assert re.fullmatch(r"reading events, [1-9]0 % fetched", context.status.phase)
        return fetch(self, file, *arguments, **options)

    monkeypatch.setattr(Fetcher, "fetch", late)
    assert analyse.run(job.spec().arguments, context).exit_code == 0
    assert results(tmp_path / "out") == of_local_files(tmp_path)
    assert (context.status.done, context.status.total) == (513, 513)
    assert 0 < totals[0] < 2 * 513  # an estimate


def test_a_killed_job_fetches_nothing_twice_and_does_nothing_again(
    home: Path, samples: Samples, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")
    write_slow(home, turns=60_000)
    job = job_of(["Slow"], tmp_path / "out", inputs=[str(samples.did)])
    launch.start(job)
    until_parts(job, 5)
    assert kill_runner(job) == -signal.SIGKILL
    parts = {path: path.stat().st_mtime_ns for path in job.parts.glob("*.f8")}
    before = fetched_files(cache)
    assert before
    control.resume(job, workers=3)
    assert control.wait(job, RUN_LASTS).state is State.DONE
    after = fetched_files(cache)
    assert {name: after[name] for name in before} == before
    assert {path: path.stat().st_mtime_ns for path in parts} == parts
    assert manifest(tmp_path / "out")["times"]["events_resumed"] > 0
    assert results(tmp_path / "out") == of_local_files(tmp_path, "Slow")


def test_a_login_that_ends_while_files_are_fetched_costs_nothing_that_was_done(
    samples: Samples, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(["HZZ"], tmp_path / "out", inputs=[str(samples.did)])
    context, replicas, left = JobContext(job, 2), RucioLake.replicas, len(samples.names)

    def end(self: RucioLake, dids: Iterable[DID]) -> Iterator[Replica]:
        nonlocal left
        left -= 1
        if not left:
            until(lambda: any(job.parts.glob("*.f8")), "the first piece")
            raise LoginError("the token has expired", "Log in.")
        return replicas(self, dids)

    with monkeypatch.context() as patch:
        patch.setattr(fetch_replicas, "CHUNK", 1)
        patch.setattr(RucioLake, "replicas", end)
        with pytest.raises(LoginError, match="expired"):
            analyse.run(job.spec().arguments, context)
    assert len(fetched_files(cache)) == len(samples.names) - 1
    before = fetched_files(cache) | {path.name: path.stat().st_mtime_ns for path in job.parts.glob("*.f8")}
    assert analyse.run(job.spec().arguments, JobContext(job, 2)).exit_code == 0
    after = fetched_files(cache) | {path.name: path.stat().st_mtime_ns for path in job.parts.glob("*.f8")}
    assert {name: after[name] for name in before} == before
    assert manifest(tmp_path / "out")["times"]["events_resumed"] > 0
    assert results(tmp_path / "out") == of_local_files(tmp_path)


def test_a_cached_copy_is_what_its_checksum_says(samples: Samples, cache: Path, tmp_path: Path) -> None:
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(tmp_path / "first"))
    (damaged,) = (cache / "files").rglob(samples.name("data_B.4lep.root"))
    content = bytearray(damaged.read_bytes())
    content[5000] ^= 1
    damaged.write_bytes(content)
    before = fetched_files(cache)
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(tmp_path / "second"))
    again = {name for name, time in fetched_files(cache).items() if before[name] != time}
    assert again == {damaged.name}
    assert results(tmp_path / "first") == results(tmp_path / "second")


def test_a_copy_that_went_away_is_fetched_again_by_a_resumed_job(
    samples: Samples, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with the file: it is not skipped."""
    job = job_of(["HZZ"], tmp_path / "out", inputs=[str(samples.did)])
    with monkeypatch.context() as patch:
        piece = analyse._Job._piece

        def without_copy(self: Any, part: Any) -> None:
            for copy in (cache / "files").rglob("*.root"):  # not those that are being fetched
                copy.unlink(missing_ok=True)
            piece(self, part)

        patch.setattr(analyse._Job, "_piece", without_copy)
        with pytest.raises(JobError, match=r"the copy of .* went away"):
            analyse.run(job.spec().arguments, JobContext(job, 1))
    assert events(job, "skipped") == []
    assert analyse.run(job.spec().arguments, JobContext(job, 1)).exit_code == 0
    assert results(tmp_path / "out") == of_local_files(tmp_path)


def test_a_local_folder_of_the_settings_is_looked_through_first(
    samples: Samples, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    shutil.copy(samples.bytes_of(samples.names[0]), tmp_path / "mine" / samples.names[0])
    monkeypatch.setenv("ATLASOD_TUI_LOCAL_FOLDERS", str(tmp_path / "mine"))
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(tmp_path / "out"))
    assert set(fetched_files(cache)) == set(samples.names[1:])


def test_a_file_that_cannot_be_had_is_skipped_and_named(
    samples: Samples, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = samples.name("data_B.4lep.root")
    samples.bytes_of(lost).unlink()
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(tmp_path / "out"), code=4)
    assert f"skipped {samples.did.scope}:{lost}: " in capsys.readouterr().out
    content = manifest(tmp_path / "out")
    assert [item["path"] for item in content["skipped"]] == [f"{samples.did.scope}:{lost}"]
    assert content["analyses"]["HZZAnalysis"]["data_periods"] == ["A"]
    (skipped,) = events(last_job(), "skipped")
    assert skipped["path"] == f"{samples.did.scope}:{lost}"
    only = ["--samples", "*data_B*"]
    verb("analyse", "HZZ", "--input", str(samples.did), *only, "--output", str(tmp_path / "none"), code=3)
    error = capsys.readouterr().err
    assert "none of the 1 files could be used" in error
    assert "Check the network" in error


def test_without_a_download(samples: Samples, cache: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(output), "--stream")
    assert fetched_files(cache) == {}
    assert results(output) == of_local_files(tmp_path)
    entry = manifest(output)["analyses"]["HZZAnalysis"]["samples"]["data"]["files"][0]
    assert entry["path"] == str(samples.bytes_of(entry["name"]))


def test_a_stream_that_fails_is_skipped(samples: Samples, tmp_path: Path) -> None:
    samples.bytes_of(samples.name("data_B.4lep.root")).write_text("<html>404</html>")
    output = tmp_path / "out"
    verb("analyse", "HZZ", "--input", str(samples.did), "--output", str(output), "--stream", code=4)
    assert [item["path"][-16:] for item in manifest(output)["skipped"]] == ["data_B.4lep.root"]


def test_a_folder_as_a_lake(cache: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    verb("analyse", "HZZ", "--lake", str(LOCAL.parent), "--input", "local:4lep", "--output", str(output))
    assert fetched_files(cache) == {}
    assert results(output) == of_local_files(tmp_path)


def test_the_generated_samples_of_the_sandbox(cache: Path, tmp_path: Path) -> None:
    given = ["--input", "ATLAS_OD_GENERATED:generated", "--samples", "ATLAS_OD_GENERATED:data_[AB]*"]
    verb("analyse", "HZZ", *given, "--output", str(tmp_path / "out"))
    assert set(fetched_files(cache)) == {"data_A.4lep.root", "data_B.4lep.root"}
    assert manifest(tmp_path / "out")["synthetic"] is True


def test_what_is_not_in_the_lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb("analyse", "HZZ", "--input", "ATLAS_OD_EDU:nowhere", "--output", str(tmp_path), code=3)
    verb("analyse", "HZZ", "--input", "ATLAS_OD_EDU:n\x1b[31mo", "--output", str(tmp_path), code=3)
    verb("analyse", "HZZ", "--input", "ATLAS_OD_EDU:../../x", "--output", str(tmp_path), code=3)
    captured = capsys.readouterr()
    assert captured.err.count("error: ") == 3
    assert "\x1b" not in captured.err
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []
