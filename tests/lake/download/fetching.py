"""What the tests of downloads share: one file, and ways to fetch it from the server of the tests."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.fetching.download import Downloader, Patience
from atlasod_tui.lake.fetching.wanted import Fetched, Source, Wanted
from atlasod_tui.lake.transport.https import Timeouts
from tests.lake.https_server import Fault, Server

NAME = "data_A.GamGam.root"
CONTENT = random.Random(1).randbytes(3_000_000)  # noqa: S311 - any bytes will do
SIZE = len(CONTENT)
QUICK = Patience(timeouts=Timeouts(connect=2, read=0.3), tries=3, pause=0.01, longest_pause=0.02)


def adler(content: bytes | bytearray) -> str:
    return f"{zlib.adler32(content):08x}"


def wanted(server: Server, *, urls: Sequence[str] | None = None, **changes: object) -> Wanted:
    sources = tuple(map(Source, [server.url(NAME)] if urls is None else urls))
    return msgspec.structs.replace(Wanted(NAME, sources, SIZE, adler(CONTENT)), **changes)


def fetch(what: Wanted, folder: Path, patience: Patience = QUICK, *, force: bool = False) -> Fetched:
    with Downloader(patience) as downloader:
        return downloader.download(what, folder, force=force)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def leave_part(server: Server, folder: Path, after: int = 1_000_000) -> None:
    """Let a run be cut off for good."""
    server.always = Fault(after=0)
    server.faults = [Fault(after=after)]
    with pytest.raises(LakeError, match="the connection"):
        fetch(wanted(server), folder, msgspec.structs.replace(QUICK, tries=2))
    assert names(folder) == {f"{NAME}.part", f"{NAME}.part.json"}
    server.always = None
    server.asked.clear()


def part_size(folder: Path) -> int:
    return (folder / f"{NAME}.part").stat().st_size
