"""Analyses over addresses: read where they are, with the results of local files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import analyse
from atlasod_tui.jobs.tasks.arrivals import Arrivals
from atlasod_tui.jobs.tasks.places import Elsewhere, JobFile, Place
from atlasod_tui.lake.fetching import download
from atlasod_tui.lake.fetching.download import Patience
from tests.jobs.analysing import RUN_LASTS, bits, job_of, manifest
from tests.lake.https_server import Fault, Server, serve
from tests.lake.pipelines import FOUR_LEPTONS
from tests.lake.remote.range_server import SEVERAL, RangeHandler
from tests.lake.xrootd.server import Proxy
from tests.lake.xrootd.server import Server as XRootD

LOCAL = FOUR_LEPTONS[0].parents[1]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with the toy files; proxies of whoever runs the tests do not lead to loopback."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with serve(tmp_path, handler=RangeHandler) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca))
        running.files |= {f"{SEVERAL}/{path.name}": path.read_bytes() for path in FOUR_LEPTONS}
        yield running


def address(server: Server, name: str) -> str:
    return server.url(f"{SEVERAL}/{name}")


def of_local_files(tmp_path: Path) -> dict[str, Any]:
    job = job_of(["HZZ"], tmp_path / "local", input=LOCAL)
    launch.start(job)
    assert control.wait(job, RUN_LASTS).state is State.DONE
    return histograms(tmp_path / "local")


def histograms(output: Path) -> dict[str, Any]:
    return {name: content for name, content in bits(output).items() if name.startswith("Output_")}


def test_https_addresses_are_read_where_they_are(server: Server, tmp_path: Path) -> None:
    query = "?token=secret"
    given = [argument for path in FOUR_LEPTONS for argument in ("--input", address(server, path.name) + query)]
    server.files = {f"{name}{query}": content for name, content in server.files.items()}
    assert run(["analyse", "HZZ", *given, "--output", str(tmp_path / "out")]) == 0
    assert histograms(tmp_path / "out") == of_local_files(tmp_path)
    text = (tmp_path / "out" / "manifest.json").read_text()
    assert address(server, "data_A.4lep.root") in text
    assert "secret" not in text
    assert None not in server.asked_ranges(), "a whole file was asked for"


def test_root_addresses_are_read_where_they_are(xrootd: XRootD, proxy: Proxy, tmp_path: Path) -> None:
    given = []
    for path in FOUR_LEPTONS:
        xrootd.put(path.name, path.read_bytes())
        given += ["--input", proxy.url(path.name)]
    assert run(["analyse", "HZZ", *given, "--output", str(tmp_path / "out")]) == 0
    assert histograms(tmp_path / "out") == of_local_files(tmp_path)
    entry = manifest(tmp_path / "out")["analyses"]["HZZAnalysis"]["samples"]["data"]["files"][0]
    assert (entry["name"], entry["adler32"]) == ("data_A.4lep.root", None)
    assert entry["path"].startswith("root://")


def test_an_address_that_changed_is_refused(server: Server, tmp_path: Path) -> None:
    url = address(server, "data_A.4lep.root")
    job = job_of(["HZZ"], tmp_path / "out", inputs=[url])
    server.files[f"{SEVERAL}/data_A.4lep.root"] = server.files[f"{SEVERAL}/data_B.4lep.root"]
    launch.start(job)
    status = control.wait(job, RUN_LASTS)
    assert (status.state, status.message) == (State.FAILED, f"{url} changed since the job was made")


def test_an_address_that_goes_away_is_skipped(server: Server, tmp_path: Path) -> None:
    urls = [address(server, "data_A.4lep.root"), address(server, "data_B.4lep.root")]
    job = job_of(["HZZ"], tmp_path / "out", inputs=urls)
    del server.files[f"{SEVERAL}/data_B.4lep.root"]
    launch.start(job)
    status = control.wait(job, RUN_LASTS)
    assert (status.state, status.exit_code) == (State.DONE, 4)
    assert [item["path"] for item in manifest(tmp_path / "out")["skipped"]] == [urls[1]]


@pytest.mark.parametrize("name", ["nowhere/data_A.4lep.root", "ftp"])
def test_an_address_that_cannot_be_read_is_refused(
    server: Server, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "ftp://localhost/data_A.4lep.root" if name == "ftp" else address(server, name)
    assert run(["analyse", "HZZ", "--input", url, "--output", str(tmp_path / "out")]) == 2
    assert "error: " in capsys.readouterr().err


def test_an_address_where_nobody_answers_is_as_a_lake_that_is_away(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = Patience(tries=2, pause=0.01)
    monkeypatch.setattr(download, "Patience", lambda: quick)
    server.always = Fault(status=503)
    given = ["--input", address(server, "data_A.4lep.root")]
    assert run(["analyse", "HZZ", *given, "--output", str(tmp_path / "out")]) == 3


@pytest.mark.parametrize("broken", ["baskets", "gone", "short"])
def test_the_next_replica_is_read_where_the_first_cannot_be(
    server: Server, tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a stream that has two addresses."""
    urls = [address(server, path.name) for path in FOUR_LEPTONS]
    for path in FOUR_LEPTONS:
        content = bytearray(path.read_bytes())
        if broken == "baskets":  # what is read first is as it should be
            content[1000:9000] = bytes(8000)
        if broken != "gone":
            server.files[f"{SEVERAL}/bad/{path.name}"] = bytes(content[: -100 if broken == "short" else None])

    def two_places(self: Arrivals, file: JobFile) -> tuple[str, Place]:
        bad = file.path.replace(f"/{SEVERAL}/", f"/{SEVERAL}/bad/")
        return file.path, Elsewhere([bad, file.path], file.size, self._context.check, self._silence)

    job = job_of(["HZZ"], tmp_path / "out", inputs=urls)
    monkeypatch.setattr(Arrivals, "_address", two_places)
    context = JobContext(job, 2)
    assert analyse.run(job.spec().arguments, context).exit_code == 0
    assert histograms(tmp_path / "out") == of_local_files(tmp_path)
    assert (context.status.done, context.status.total) == (513, 513)
    entry = manifest(tmp_path / "out")["analyses"]["HZZAnalysis"]["samples"]["data"]["files"][0]
    assert entry["path"] == urls[0]
