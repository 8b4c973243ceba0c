from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lake.download.fetching import CONTENT, NAME
from tests.lake.https_server import Server, serve


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("ca")) as server:
        yield server


@pytest.fixture
def server(_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    fresh = Server(_server.address, _server.ca)
    for name in ("faults", "always", "ranges", "etags", "lengths", "asked"):
        setattr(_server, name, getattr(fresh, name))
    _server.files = {NAME: CONTENT}
    _server.silent.clear()
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "CURL_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(_server.ca))
    return _server
