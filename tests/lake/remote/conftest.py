from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.samples import generate
from tests.lake.https_server import Server, serve
from tests.lake.remote.range_server import FIRST, NEVER, SEVERAL, WHOLE, RangeHandler
from tests.lake.xrootd.conftest import proxy, xrootd

__all__ = ["proxy", "xrootd"]

EVENTS = 120_000


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated file of 16 MB in three clusters, of which an analysis needs a fifth."""
    plan = next(file for file in generate.plan(skims=["GamGam"]) if file.sample == "ggH125_gamgam")
    folder = tmp_path_factory.mktemp("sample")
    generate.write(msgspec.structs.replace(plan, events=EVENTS), folder)
    return folder / plan.path


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("ca"), handler=RangeHandler) as server:
        yield server


@pytest.fixture
def server(_server: Server, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that has the sample, in each of the ways, and knows of no faults yet."""
    fresh = Server(_server.address, _server.ca)
    for name in ("faults", "always", "etags", "date", "asked"):
        setattr(_server, name, getattr(fresh, name))
    content = sample.read_bytes()
    _server.files = {f"{kind}/{sample.name}": content for kind in (SEVERAL, FIRST, WHOLE, NEVER)}
    _server.silent.clear()
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "CURL_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(_server.ca))
    return _server
