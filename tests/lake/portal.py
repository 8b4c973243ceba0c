"""The portal on loopback: files of the catalogue's names, sizes and checksums, but with bytes that anybody can make."""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atlasod_tui import config
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.opendata import HTTPS, OpenData
from tests.lake.https_server import Handler, Server, serve

_MODULUS = 65521  # of Adler-32 (RFC 1950)

DATASET = DID("opendata", "13TeV_2020.4lep.Data")
"""Four files, 334 kB."""


@contextmanager
def serving(folder: Path, *dids: DID, handler: type[Handler] = Handler) -> Iterator[Server]:
    """Serve the files of datasets, and let this process and its children find the portal here.

    Args:
        folder: For the certificate of the server's authority.
        dids: The datasets; the small one of `DATASET` without any.
        handler: How the server answers.
    """
    with serve(folder, handler=handler) as server, pytest.MonkeyPatch.context() as patch:
        for replica in OpenData().replicas(dids or [DATASET]):
            entry = replica.file
            assert entry.bytes is not None
            assert entry.adler32 is not None
            path = replica.urls[0].removeprefix(f"{HTTPS}/")
            server.files[path] = forged(entry.bytes, int(entry.adler32, 16))
        for name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "CURL_CA_BUNDLE"]:
            patch.delenv(name)
        patch.setenv("REQUESTS_CA_BUNDLE", str(server.ca))
        patch.setenv("ATLASOD_TUI_PORTAL", server.address)
        config.load.cache_clear()
        yield server


def give(server: Server, name: str, start: bytes) -> bytes:
    """Let a file of the portal start with some bytes, its size and checksum being what they are; return all of it."""
    (path,) = [path for path in server.files if path.endswith(f"/{name}")]
    old = server.files[path]
    server.files[path] = forged(len(old), zlib.adler32(old), start)
    return server.files[path]


def content_of(server: Server, name: str) -> bytes:
    """Return what the server has under the name of a file."""
    (found,) = [content for path, content in server.files.items() if path.endswith(f"/{name}")]
    return found


def forged(size: int, adler32: int, start: bytes = b"") -> bytes:
    """Return bytes of a size, many thousands more than they start with, that have an Adler-32."""
    free = size - len(start)
    content = bytearray(start + bytes(random.Random(size).choices(range(64, 128), k=free)))  # noqa: S311 - any will do
    wanted_low, wanted_high = adler32 & 0xFFFF, adler32 >> 16
    more = (wanted_low - (zlib.adler32(content) & 0xFFFF)) % _MODULUS
    for position in range(more):  # in turn, so that no byte grows by much
        content[len(start) + position % free] += 1
    # What a byte counts for in the upper half is its distance from the end: +1 here and -1 there moves that half alone.
    turns = len(start)
    while (missing := (wanted_high - (zlib.adler32(content) >> 16)) % _MODULUS) > 0:
        distance = min(missing, free // 2)
        content[turns] += 1
        content[turns + distance] -= 1
        turns += 1
    assert zlib.adler32(content) == adler32
    return bytes(content)
