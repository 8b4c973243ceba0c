"""The rest of a file that a ``file://`` address leads to, as `transport.https` does it: what is wrong, as a clause."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from atlasod_tui.lake.transport.https import CutError, ReplicaError, WrongContentError
from atlasod_tui.lake.transport.partial import Partial

_BLOCK = 1 << 20
_HERE = ("", "localhost")
_TRY_AGAIN = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EINTR)


def receive(url: str, part: Partial, arrived: Callable[[], None]) -> None:
    """Bring a part to its full length.

    The address comes from a lake, and may name any file of this machine: only a regular file of the size that the lake
    promised is read.

    Args:
        url: ``file:///PATH``, of this machine; quoted or, as Rucio writes it, not.
        part: Goes on where it ends; starts anew if the file is another now.
        arrived: Called after each block; ends the work by raising.

    Raises:
        CutError: The file could not be read to its end, or changed meanwhile.
        ReplicaError: There is no such file here, or one of another size.
    """
    if part.origin.bytes is None:
        raise ReplicaError("it is a file of this machine, and the lake does not tell its size")
    fd = _open(url)
    try:
        before = os.fstat(fd)
        if not stat.S_ISREG(before.st_mode):
            raise ReplicaError("it is no file")
        if part.is_file(before):
            raise ReplicaError("it is the file that is being written")
        if before.st_size != part.origin.bytes:
            raise WrongContentError(f"it has {before.st_size} bytes where {part.origin.bytes} were expected")
        tag = _tag(before)
        same_place = part.origin.url == url
        if part.position and (part.origin.etag != tag if same_place else part.origin.adler32 is None):
            part.start_anew()
        part.comes_from(url, tag)
        _read(fd, part, before.st_size, arrived)
        if _tag(os.fstat(fd)) != tag:
            part.start_anew()
            raise CutError("it changed while it was read")
    finally:
        os.close(fd)


def _read(fd: int, part: Partial, total: int, arrived: Callable[[], None]) -> None:
    while part.position < total:
        try:
            block = os.pread(fd, min(_BLOCK, total - part.position), part.position)
        except OSError as error:
            raise _translated(error) from error
        if not block:
            raise CutError(f"it ended after {part.position} of {total} bytes")
        part.write(block)
        arrived()


def _open(url: str) -> int:
    reason: OSError | None = None
    for path in _paths(url):
        try:
            # A pipe, or a tape that waits for somebody, must not stop the program.
            return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            reason = reason or error
    raise _translated(reason) if reason is not None else ReplicaError("its address leads nowhere")


def _paths(url: str) -> Iterator[str]:
    """Yield what the address may mean: Rucio quotes nothing in it, others do."""
    host, slash, rest = url.partition("://")[2].partition("/")
    if host.lower() not in _HERE:
        raise ReplicaError("it is a file of another computer")
    raw = slash + rest.lstrip("/")
    for path in dict.fromkeys((unquote(raw, errors="surrogateescape"), raw)):
        if not path or ".." in path.split("/") or "\0" in path:
            raise ReplicaError("its address leads nowhere")
        yield path


def _tag(status: os.stat_result) -> str:
    return f"{status.st_dev}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def _translated(error: OSError) -> CutError | ReplicaError:
    reason = f"it could not be read: {error.strerror or error}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ReplicaError("there is no such file on this machine")
    return CutError(reason) if error.errno in _TRY_AGAIN else ReplicaError(reason)
