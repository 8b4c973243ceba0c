"""Inputs of jobs by their address or path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlasod_tui.errors import BadFileError
from atlasod_tui.jobs.tasks import silence
from atlasod_tui.jobs.tasks.open_input import open_input, stat_input
from atlasod_tui.jobs.tasks.places import Elsewhere
from atlasod_tui.jobs.tasks.silence import Silence
from atlasod_tui.lake.fetching.download import Patience
from atlasod_tui.lake.transport.https import Session
from tests.lake.https_server import Fault, Server, serve
from tests.lake.remote.range_server import SEVERAL, RangeHandler
from tests.lake.xrootd.server import Proxy
from tests.lake.xrootd.server import Server as XRootD

DATE_NS = 1_579_680_000 * 10**9
"""Of `https_server.Server.date`."""


def test_a_path(sample: Path) -> None:
    status = sample.stat()
    assert stat_input(str(sample)) == (status.st_size, status.st_mtime_ns)
    with open_input(str(sample), "mini") as tree:
        assert tree.entries
    with pytest.raises(BadFileError, match=r"none\.root cannot be opened"):
        stat_input(str(sample.with_name("none.root")))


def test_an_https_address(server: Server, sample: Path) -> None:
    url = server.url(f"{SEVERAL}/{sample.name}")
    size = sample.stat().st_size
    assert stat_input(url) == (size, DATE_NS)
    server.date = "no date"
    assert stat_input(url)[1] not in {0, DATE_NS}  # made from the ETag
    server.etags = False
    assert stat_input(url) == (size, 0)
    with open_input(url.replace("https://", "DAVS://"), "mini") as tree:
        assert tree.entries
        assert tree.path.name == sample.name


def test_a_root_address(xrootd: XRootD, proxy: Proxy, sample: Path) -> None:
    path = xrootd.put("input.root", sample.read_bytes())
    os.utime(path, (1e9, 1e9))
    assert stat_input(proxy.url("input.root")) == (sample.stat().st_size, 10**18)
    with open_input(proxy.url("input.root"), "mini") as tree:
        assert tree.path.name == "input.root"


def test_an_empty_file_is_no_root_file(server: Server, xrootd: XRootD, proxy: Proxy) -> None:
    server.files[f"{SEVERAL}/empty.root"] = b""
    xrootd.put("empty.root", b"")
    for url in (server.url(f"{SEVERAL}/empty.root"), proxy.url("empty.root")):
        assert stat_input(url)[0] == 0
        with pytest.raises(BadFileError, match=r"empty\.root is empty"):
            open_input(url, "mini")


def test_an_address_that_is_opened_again_must_have_the_same_file(server: Server, sample: Path) -> None:
    place = Elsewhere([server.url(f"{SEVERAL}/{sample.name}")], sample.stat().st_size, lambda: None, Silence())
    for _ in range(2):
        with place.open("mini"):
            pass
    server.date = "Fri, 23 Jan 2026 08:00:00 GMT"
    with pytest.raises(BadFileError, match="was changed while it was read"):
        place.open("mini")


def test_a_server_that_stays_silent_is_asked_for_a_few_files_only(
    server: Server, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "LASTS", 0.0)
    monkeypatch.setattr(Patience, "wait", lambda *_: None)
    server.always, known, questions = Fault(status=503), Silence(), []
    for _ in range(silence.FILES + 1):
        with pytest.raises(BadFileError, match=r"503|did not answer for the files before it"):
            Elsewhere([server.url(f"{SEVERAL}/{sample.name}")], 0, lambda: None, known).open("mini")
        questions.append(len(server.asked))
        server.asked.clear()
    assert questions == [Patience().tries, *[2] * (silence.FILES - 1), 0]


def test_a_server_that_wants_a_certificate_is_shown_one(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with serve(tmp_path, clients=True, handler=RangeHandler) as server:
        server.files = {f"{SEVERAL}/{sample.name}": sample.read_bytes()}

        def introduce(session: Session) -> None:
            session.authority, session.cert = str(server.ca), str(tmp_path / "client.pem")

        with open_input(server.url(f"{SEVERAL}/{sample.name}"), "mini", introduce=introduce) as tree:
            assert tree.entries
