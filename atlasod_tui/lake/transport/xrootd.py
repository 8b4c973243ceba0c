"""The rest of a file over root://, as `transport.https` does it: what is wrong with a server, as a clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from atlasod_tui.lake.transport.https import CutError, Timeouts, WrongContentError
from atlasod_tui.lake.transport.partial import Partial
from atlasod_tui.lake.transport.xrootd_client import Check, RemoteFile, Request

_BLOCK = 1 << 19
_AT_ONCE = 8
"""Blocks under way at a time: what a distant server may send before it hears of the first again."""


def receive(url: str, part: Partial, timeouts: Timeouts, arrived: Callable[[], None], check: Check) -> None:
    """Bring a part to its full length.

    Args:
        url: ``root://``, ``roots://``, ``xroot://`` or ``xroots://``.
        part: Goes on where it ends; starts anew if the server has other content now.
        timeouts: For each wait; that for connections is of the whole process, see `lake.transport.xrootd_client`.
        arrived: Called after each block; ends the work by raising.
        check: Called each second while the server is silent; ends the work by raising.

    Raises:
        CutError: The connection could not be made, fell silent or ended early, or the server is busy.
        ReplicaError: The server does not have the file, or one of another size, or this installation has no
            XRootD client.
    """
    file = RemoteFile(url, timeouts.read, check)
    try:
        total, changed = file.stamp(check)
        _agree(part, url, total, f"{changed}")
        for block in blocks(file, part.position, total, check):
            part.write(block)
            arrived()
    finally:
        file.close()


def blocks(file: RemoteFile, start: int, total: int, check: Check) -> Iterator[bytes]:
    """Yield the bytes of a file from one position to its end; raises CutError if they are fewer."""
    at = start
    for block in file.ask_many(_requests(file, start, total), check, _AT_ONCE):
        at += len(block)
        yield block
        if len(block) < _BLOCK and at < total:  # the blocks after it would not join on
            raise CutError(f"it ended after {at} of {total} bytes")


def _agree(part: Partial, url: str, total: int, tag: str) -> None:
    """Make the part fit what the server has."""
    expected = part.origin.bytes
    if expected is not None and total != expected:
        raise WrongContentError(f"it has {total} bytes where {expected} were expected")
    other = part.origin.etag != tag if part.origin.url == url else part.origin.adler32 is None
    if part.position and (other or part.position > total):
        part.start_anew()
    part.comes_from(url, tag)


def _requests(file: RemoteFile, start: int, total: int) -> Iterator[Request]:
    for at in range(start, total, _BLOCK):
        yield partial(file.native.read, at, min(_BLOCK, total - at))
