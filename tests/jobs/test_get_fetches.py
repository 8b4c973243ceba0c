"""Files fetched in the background of a job: in which order, from where, and how that ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from atlasod_tui.errors import AtlasodError, BadFileError, CancelledError, LakeAwayError, LakeError, LoginError
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import Spec, create
from atlasod_tui.jobs.tasks import analyse, fetch_replicas, fetches, get, multiply, multiply_spec, silence
from atlasod_tui.jobs.tasks.fetches import Fetches
from atlasod_tui.jobs.tasks.get_spec import GetFile, GetSpec
from atlasod_tui.lake.fetching import download
from atlasod_tui.lake.fetching.copies import RemoteFile, cached_path
from atlasod_tui.lake.fetching.download import Patience
from atlasod_tui.lake.model import DID, Replica
from atlasod_tui.lake.opendata import OpenData
from atlasod_tui.lake.rucio_settings import Settings
from atlasod_tui.lake.transport.https import Timeouts
from atlasod_tui.lake.transport.partial import DiskError, Origin, Partial
from tests.jobs.analysing import job_of as analyse_job
from tests.jobs.helpers import until
from tests.jobs.multiplying import job_of as multiply_job
from tests.lake.https_server import Fault, Server
from tests.lake.portal import DATASET, content_of, serving

FILES = [RemoteFile.of(OpenData(), entry) for entry in OpenData().files(DATASET)]
A, B, C, D = FILES
QUICK = Patience(timeouts=Timeouts(connect=2, read=1), tries=2, pause=0.01)


@pytest.fixture(scope="module")
def _portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("portal")) as server:
        yield server


@pytest.fixture
def portal(_portal: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", _portal.address)  # which each test begins without
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "Patience", lambda **_: QUICK)
    _portal.faults, _portal.always = [], None
    _portal.asked.clear()
    _portal.silent.clear()
    return _portal


@pytest.fixture
def context(home: Path) -> JobContext:
    assert home.is_dir()
    return JobContext(create(Spec(task="", title="fetch", arguments={})))


def events(context: JobContext, kind: str) -> list[str]:
    return [event["text"] for event in context.folder.events() if event["kind"] == kind]


def asked(server: Server) -> list[str]:
    return [path.rpartition("/")[2] for path, _ in server.asked]


def test_files_are_fetched_into_the_cache_and_taken_from_there(portal: Server, context: JobContext) -> None:
    told: list[tuple[int, int]] = []
    with Fetches("opendata", FILES, context, report=lambda _, done, total: told.append((done, total))) as found:
        for file in FILES:
            path = found.path(file)
            assert path == cached_path("opendata", file.did)
            assert path.read_bytes() == content_of(portal, file.did.name)
    assert max(told) == (334404, 334404)
    assert len(portal.asked) == 4
    with Fetches("opendata", FILES, context) as found:
        assert {file for file, _ in found.ready()} == set(FILES)
    assert len(portal.asked) == 4


def test_what_is_asked_for_comes_first(portal: Server, context: JobContext) -> None:
    portal.faults = [Fault(after=10_000, silent=True)]  # so that the one thread is busy with the first
    with Fetches("opendata", FILES, context, at_once=1) as found:
        assert portal.silent.wait(10)
        assert found.path(D).name == D.did.name
        assert list(dict.fromkeys(asked(portal)))[:2] == [A.did.name, D.did.name]  # others may have been begun by now
        assert {path for _, path in found.ready()} == {cached_path("opendata", file.did) for file in FILES}


def test_what_cannot_be_had_is_told_and_the_rest_comes(portal: Server, context: JobContext) -> None:
    unknown = RemoteFile("opendata", DID("opendata", "nothing"), 5, "00000001")
    hostile = RemoteFile("opendata", DID("opendata", "../x"), 5, "00000001")
    (path,) = [path for path in portal.files if path.endswith(B.did.name)]
    content = portal.files.pop(path)
    try:
        with Fetches("opendata", [A, unknown, B, hostile, C], context) as found:
            results = dict(found.ready())
            for file, words in ((unknown, "no dataset or file"), (B, "404"), (hostile, "no file can be called")):
                assert isinstance(results[file], BadFileError)
                with pytest.raises(BadFileError, match=words):
                    found.path(file)
            assert found.path(A).read_bytes() == content_of(portal, A.did.name)
            assert isinstance(results[C], Path)
    finally:
        portal.files[path] = content


def test_a_file_that_another_program_fetches_is_waited_for(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetches, "_BUSY_PAUSE", 0.01)
    path = cached_path("opendata", A.did)
    path.parent.mkdir(parents=True)
    with (
        Partial(path, Origin(A.bytes, A.adler32), lambda: None) as part,
        Fetches("opendata", [A, B], context) as found,
    ):
        assert found.path(B).exists()
        part.comes_from("elsewhere", "")
        part.write(content_of(portal, A.did.name))
        part.commit()
        assert found.path(A) == path
    assert asked(portal) == [B.did.name]


def test_a_cancelled_job_ends_at_once_and_keeps_the_part(portal: Server, context: JobContext) -> None:
    portal.always = Fault(after=20_000, silent=True)
    parts = [path.with_name(path.name + ".part") for path in (cached_path("opendata", file.did) for file in (A, B))]
    with Fetches("opendata", [A, B], context) as found:
        until(lambda: all(part.exists() and part.stat().st_size == 20_000 for part in parts), "two parts")
        context.cancel()
        begun = time.monotonic()
        with pytest.raises(CancelledError):
            found.path(A)
    assert time.monotonic() - begun < 3
    assert [part.stat().st_size for part in parts] == [20_000] * 2


def test_closing_ends_the_threads(portal: Server, context: JobContext) -> None:
    portal.always = Fault(after=20_000, silent=True)
    found = Fetches("opendata", FILES, context)
    assert portal.silent.wait(10)
    begun = time.monotonic()
    found.close()
    assert time.monotonic() - begun < 2.5
    with pytest.raises(CancelledError):
        found.path(A)


class _Lake(OpenData):
    """The portal, which answers questions for replicas as it is told."""

    def __init__(self, *errors: LakeError, bad: str = "", portal: str = "") -> None:
        super().__init__(portal, root="")
        self.errors = list(errors)
        self.bad = bad
        self.questions: list[int] = []

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        files = list(files)
        self.questions.append(len(files))
        if self.errors:
            raise self.errors.pop(0)
        for replica in super().replicas(files):
            if self.bad:
                yield msgspec.structs.replace(replica, storage_element="BAD-RSE", urls=(self.bad,))
            yield replica


def opened(monkeypatch: pytest.MonkeyPatch, lake: _Lake) -> _Lake:
    monkeypatch.setattr(fetches, "open_lake", lambda _: lake)
    return lake


def test_a_lake_that_is_away_is_asked_again(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_replicas, "_PAUSE", 0.01)
    away = LakeAwayError("the lake is away")
    lake = opened(monkeypatch, _Lake(away, away, portal=portal.address))
    with Fetches("", FILES, context) as found:
        assert all(isinstance(path, Path) for _, path in found.ready())
    assert lake.questions == [4, 4, 4]  # for all at once, whoever asked
    assert events(context, "away") == ["the lake is away"] * 2


def test_a_lake_that_was_away_when_it_was_opened_is_asked_once(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_replicas, "AWAY_LASTS", 0.1)
    monkeypatch.setattr(fetch_replicas, "_PAUSE", 0.01)
    lake = opened(monkeypatch, _Lake(*[LakeAwayError("the sandbox is not running")] * 99, portal=portal.address))
    monkeypatch.setattr(lake, "settings", Settings("sandbox", "h", "h", away=("it is not running", "")), raising=False)
    with Fetches("", [A], context) as found, pytest.raises(LakeAwayError):
        found.path(A)
    assert lake.questions == [1]


@pytest.mark.parametrize("error", [LakeAwayError("the lake is away"), LoginError("the token has expired")])
def test_a_lake_that_stays_away_ends_it_but_what_is_here_is_here(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: LakeError
) -> None:
    told: list[tuple[int, ...]] = []
    monkeypatch.setattr(fetch_replicas, "AWAY_LASTS", 0)
    with Fetches("opendata", [C], context) as found:
        found.path(C)
    lake = opened(monkeypatch, _Lake(*[error] * 9, portal=portal.address))
    with Fetches("", FILES, context, at_once=1, report=lambda _, *done: told.append(done)) as found:
        for file in (A, B, D):
            with pytest.raises(type(error), match=error.message):
                found.path(file)
        assert found.path(C).exists()
        assert len(list(found.ready())) == 4
    assert len(lake.questions) == 1
    assert told[-1] == (C.bytes, 334404)  # what is missing is missing still
    spec = GetSpec("", str(tmp_path / "got"), [GetFile(file, file.did.name) for file in FILES])
    with pytest.raises(type(error), match=f"1 of 4 files are there; {error.message}"):
        get.run(msgspec.to_builtins(spec), context)
    assert [path.name for path in (tmp_path / "got").iterdir()] == [C.did.name]


def test_a_bad_replica_is_a_warning_of_the_job(
    portal: Server,
    context: JobContext,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    bad = tmp_path / "bad.root"
    bad.write_bytes(bytes(A.bytes or 0))
    opened(monkeypatch, _Lake(bad=bad.as_uri(), portal=portal.address))
    with Fetches("", [A], context) as found:
        assert found.path(A).read_bytes() == content_of(portal, A.did.name)
    (text,) = events(context, "warning")
    assert text.startswith(f"BAD-RSE, {bad.as_uri()}: its {A.bytes} bytes have Adler-32")
    assert "it was fetched from CERN-OPENDATA, https://localhost" in text
    assert f"warning: {A.did}: {text}" in capfd.readouterr().err


def test_of_a_server_that_stays_silent_not_every_file_is_asked_for(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "LASTS", 0.0)
    monkeypatch.setattr(silence, "FILES", 2)
    portal.always = Fault(status=503)
    with Fetches("opendata", FILES, context, at_once=1) as found:
        told = [str(result) for _, result in found.ready()]
    assert set(asked(portal)) == {A.did.name, B.did.name}
    assert all("503" in text for text in told[:2])
    assert all("did not answer for the files before it" in text for text in told[2:])


@pytest.mark.parametrize(("task", "stream"), [(analyse, False), (analyse, True), (multiply, False)])
def test_a_job_that_no_server_gives_a_file_ends_as_where_the_lake_is_away(
    portal: Server, tmp_path: Path, task: ModuleType, *, stream: bool
) -> None:
    portal.always = Fault(status=503)
    dids = [str(A.did), str(B.did)]
    if task is analyse:
        job = analyse_job(["HZZ"], tmp_path / "out", inputs=dids, lake="opendata", stream=stream)
    else:
        job = multiply_job(multiply_spec.plan(dids, factor=2, to=tmp_path / "out", lake="opendata"))
    with pytest.raises(LakeError, match=r"none of the .*503"):
        task.run(job.spec().arguments, JobContext(job))


def test_a_job_whose_files_are_had_and_damaged_fails(portal: Server, tmp_path: Path) -> None:
    assert portal.always is None
    job = analyse_job(["HZZ"], tmp_path / "out", inputs=[str(A.did)], lake="opendata")
    with pytest.raises(AtlasodError, match="none of the 1 files could be used") as caught:
        analyse.run(job.spec().arguments, JobContext(job))
    assert caught.value.exit_code == 1


def test_a_server_that_answers_again_is_asked_for_all(
    portal: Server, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "LASTS", 0.0)
    monkeypatch.setattr(silence, "FILES", 2)
    portal.faults = [Fault(status=503)] * QUICK.tries  # of the first file
    with Fetches("opendata", FILES, context, at_once=1) as found:
        told = [isinstance(result, Path) for _, result in found.ready()]
    assert told == [False, True, True, True]


@pytest.mark.usefixtures("portal")
def test_what_the_cache_has_no_room_for_is_not_begun(context: JobContext) -> None:
    huge = [msgspec.structs.replace(file, bytes=10**18) for file in FILES]
    with pytest.raises(DiskError, match="bytes left where 4000000000000000000 are to be fetched into the cache"):
        Fetches("opendata", huge, context)
    path = cached_path("opendata", A.did)
    path.parent.mkdir(parents=True)
    with path.with_name(f"{path.name}.part").open("wb") as part:
        part.truncate(10**12)  # which takes no room
    with pytest.raises(DiskError, match="3999999000000000000 are"):
        Fetches("opendata", huge, context)


def test_no_files_and_no_lake(context: JobContext) -> None:
    with Fetches("opendata", [], context) as found:
        assert list(found.ready()) == []
    with pytest.raises(AtlasodError, match="no lake"):
        Fetches("pond", [A], context)
    assert threading.active_count() < 20
