from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.conftest import unavailable
from tests.lake.xrootd.server import Proxy, Server, serve


@pytest.fixture(scope="session")
def xrootd() -> Iterator[Server]:
    """The XRootD server that all tests of the run share; each is to use names of its own."""
    if any(name.startswith("XRD_") for name in os.environ):
        unavailable("xrootd", "the environment has settings of its own (XRD_...)")
    if find_spec("XRootD") is None:
        unavailable("xrootd", "the XRootD client is not installed (the extra 'xrootd')")
    with serve() as server:
        yield server


@pytest.fixture
def proxy(xrootd: Server) -> Iterator[Proxy]:
    """A way to the server that this test may cut."""
    proxy = Proxy(xrootd.port)
    yield proxy
    proxy.close()
