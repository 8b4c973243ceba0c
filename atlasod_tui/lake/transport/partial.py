"""What has come of a file so far: ``<name>.part``, which outlives the program, so that a later run goes on from there.

Beside it ``<name>.part.json`` says which file it is a part of; a part without that, or of another file, is thrown away.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.rootfile.adler import adler32
from atlasod_tui.rootfile.part import part_path

_BLOCK = 1 << 20
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class DiskError(LakeError):
    """A fetched file cannot be written here, which would be so for the next one too; the lake is not to blame."""

    exit_code = 1


class BusyError(LakeError):
    """Another program is fetching the file."""


class Origin(msgspec.Struct, frozen=True):
    """The file that the bytes of a part are from."""

    bytes: int | None
    adler32: str | None
    url: str = ""
    """Where the bytes last came from."""
    etag: str = ""
    """The server's name for the content there; empty if it gave none."""

    def same_file(self, other: Origin) -> bool:
        """Return whether both promise the same size and Adler-32."""
        return (self.bytes, self.adler32) == (other.bytes, other.adler32)


class Partial:
    """A part file, open and locked within the ``with`` block; what is there at its end stays for the next run.

    Args:
        path: The file that it is to become; its folder exists.
        origin: Size and Adler-32 that are promised of the file.
        check: Called while the bytes of an earlier run are read; ends the work by raising.

    Attributes:
        position: Bytes that are there.
        adler: Their Adler-32.
        origin: What they are from.
        earlier: Bytes of them that an earlier run, or another address, left.
        resumed_at: Bytes of them that an earlier run left.

    Raises:
        DiskError: The file cannot be written: no space, no permission.
        BusyError: Another program is fetching it.
    """

    def __init__(self, path: Path, origin: Origin, check: Callable[[], None]) -> None:
        self.path = path
        self.origin = origin
        self.position = 0
        self.adler = 1
        self.earlier = 0
        self.resumed_at = 0
        self._check = check
        self._part = part_path(path)
        self._note = path.with_name(path.name + ".part.json")
        self._fd = -1

    def __enter__(self) -> Self:
        try:
            self._open()
            self._take_over()
        except OSError as error:
            self._close()
            raise _failure(self.path, error) from error
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._fd >= 0 and not self.position:
            self.remove()
        self._close()
        if isinstance(error, OSError):
            raise _failure(self.path, error) from error

    def _open(self) -> None:
        """Open the part, make it if need be, and lock it: one program at a time fetches a file."""
        while True:
            with suppress(FileNotFoundError):
                status = self._part.lstat()
                # A link may lead out of the folder, and so may a second name.
                if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                    self._part.unlink()
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(self._part, flags, 0o666)
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(
                    f"{str(self.path)!r} was not fetched: another program is fetching it", "Wait until it is done."
                ) from error
            except OSError:  # not every file system has locks
                pass
            if self._is_in_place():
                return
            self._close()  # whoever had it has finished or removed it meanwhile

    def _is_in_place(self) -> bool:
        with suppress(OSError):
            there, ours = self._part.lstat(), os.fstat(self._fd)
            return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
        return False

    def _take_over(self) -> None:
        """Go on from an earlier run's bytes if they are of this file."""
        size = os.fstat(self._fd).st_size
        try:
            earlier = msgspec.json.decode(self._note.read_bytes(), type=Origin)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            earlier = None
        too_long = self.origin.bytes is not None and size > self.origin.bytes
        if not size or earlier is None or too_long or not earlier.same_file(self.origin):
            self.start_anew()
            return
        self.origin = earlier
        while block := os.pread(self._fd, _BLOCK, self.position):
            self._check()
            self.adler = adler32(block, self.adler)
            self.position += len(block)
        self.earlier = self.resumed_at = self.position

    def start_anew(self) -> None:
        """Throw away what is there."""
        os.ftruncate(self._fd, 0)
        self.position, self.adler, self.earlier, self.resumed_at = 0, 1, 0, 0

    def comes_from(self, url: str, etag: str) -> None:
        """Note where the next bytes are from, before the first of them is written."""
        if (url, etag) == (self.origin.url, self.origin.etag) and self._note.exists():
            return
        if url != self.origin.url:
            self.earlier = self.position
        self.origin = msgspec.structs.replace(self.origin, url=url, etag=etag)
        self._note.unlink(missing_ok=True)  # never through a link
        with self._note.open("xb") as note:
            note.write(msgspec.json.encode(self.origin))

    def write(self, data: bytes) -> None:
        """Append bytes."""
        rest = memoryview(data)
        while rest:
            done = os.pwrite(self._fd, rest, self.position)
            self.adler = adler32(rest[:done], self.adler)
            rest, self.position = rest[done:], self.position + done

    def is_file(self, status: os.stat_result) -> bool:
        """Return whether the status is that of the part itself."""
        ours = os.fstat(self._fd)
        return (status.st_dev, status.st_ino) == (ours.st_dev, ours.st_ino)

    def commit(self) -> None:
        """Give the file its name, when the disk has it."""
        os.fsync(self._fd)
        if not self._is_in_place():
            raise DiskError(f"{str(self.path)!r} was not written: another program removed its part meanwhile")
        self._part.replace(self.path)
        self._note.unlink(missing_ok=True)
        self._close()
        with suppress(OSError):  # not every file system lets a folder be synced
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def remove(self) -> None:
        """Leave nothing for a next run."""
        if self._is_in_place():
            with suppress(OSError):
                self._part.unlink()
            with suppress(OSError):
                self._note.unlink()

    def _close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


def checksum(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """Return the Adler-32 of a file's bytes, eight hexadecimal digits; an ``OSError`` goes through."""
    value = 1
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            check()
            value = adler32(block, value)
    return f"{value:08x}"


def check_space(path: Path, more: int) -> None:
    """Refuse to begin what the disk has no room for.

    Args:
        path: The file; its folder exists.
        more: Bytes that are still to come.

    Raises:
        DiskError: There is less free space than that.
    """
    try:
        status = os.statvfs(path.parent)
    except OSError as error:
        raise _failure(path, error) from error
    free = status.f_bavail * status.f_frsize
    if more > free:
        part = part_path(path)
        kept = "; what was fetched so far is kept" if part.is_file() and part.stat().st_size else ""
        raise DiskError(
            f"the disk is too full for {str(path)!r}: it needs {more} more bytes, {free} are free",
            f"Make room or choose another folder{kept}.",
        )


def _failure(path: Path, error: OSError) -> DiskError:
    if error.errno in _NO_SPACE:
        return DiskError(
            f"the disk became full while {str(path)!r} was fetched",
            "Make room and fetch it again: it goes on from where it ended.",
        )
    return DiskError(
        f"{str(path)!r} could not be written: {error.strerror or error}", "Check the permissions of its folder."
    )
