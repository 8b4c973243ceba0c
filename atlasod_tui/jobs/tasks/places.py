"""Where the files of a job are read: on this machine, as they were when the job was made, or where they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Protocol

from atlasod_tui.errors import AtlasodError, BadFileError, JobError, LakeError

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.silence import Silence
    from atlasod_tui.lake.transport.https import Session
    from atlasod_tui.rootfile.tree import Tree


_OF_SCHEMES = frozenset(ascii_letters + digits + "+.-")


class NotHadError(BadFileError):
    """A file could not be had from its lake or server: nothing is known of its bytes."""


def none_left(message: str, hint: str, *, had: bool) -> AtlasodError:
    """Return what a job ends with that has no file to work on: it is the lake's trouble if none of them was had."""
    return (AtlasodError if had else LakeError)(message, hint)


class JobFile(Protocol):
    """A file as the spec of a job has it."""

    @property
    def path(self) -> str:
        """What it goes by: a path, a DID of the job's lake, or an address."""

    @property
    def size(self) -> int:
        """Bytes; 0 where a lake does not tell."""

    @property
    def mtime_ns(self) -> int:
        """When it was changed, where that is known."""

    @property
    def did(self) -> str:
        """Its DID, if it is of the job's lake."""

    @property
    def adler32(self) -> str:
        """Its checksum, where a lake tells."""


def is_elsewhere(file: JobFile) -> bool:
    """Return whether a file is not, or need not be, on this machine: it is of a lake, or an address."""
    return bool(file.did) or is_address(file.path)


def is_address(path: str) -> bool:
    """Return whether a text begins as ``https://`` does."""
    scheme, mark, _ = path.partition("://")
    return bool(mark) and set(scheme) <= _OF_SCHEMES


def file_name(file: JobFile) -> str:
    """Return the name of a file, without folder, scope and host."""
    if file.did:
        return file.did.partition(":")[2].rpartition("/")[2]
    if is_elsewhere(file):
        from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - for addresses only

        return unquote(urlsplit(file.path).path).rpartition("/")[2]
    return Path(file.path).name


def public(path: str) -> str:
    """Return a path, DID or address as everybody may see it: without user, password and query."""
    if not is_address(path):
        return path
    from urllib.parse import urlsplit, urlunsplit  # noqa: PLC0415 - for addresses only

    parts = urlsplit(path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class Place(Protocol):
    """Somewhere a file can be read."""

    @property
    def where(self) -> str:
        """The path or address."""

    def open(self, tree: str) -> Tree:
        """Return a tree of the file, which closes it."""

    def check(self) -> None:
        """Do nothing, unless the file is another one by now."""

    def give_up(self) -> bool:
        """Leave the address that failed for the next; return False if there is none."""


class OnDisk:
    """A file of this machine.

    Args:
        path: Where it is.
        name: What it goes by in sentences.
        size: Bytes that it must have.
        mtime_ns: When it must have been changed.
        hint: What to do if it is another one.
    """

    def __init__(self, path: Path, name: str, size: int, mtime_ns: int, hint: str) -> None:
        self.path = path
        self._name, self._is, self._hint = name, (size, mtime_ns), hint

    @classmethod
    def given(cls, file: JobFile, verb: str) -> OnDisk:
        """Return the place of a local file, which must be as it was when the job was made by ``verb``."""
        return cls(Path(file.path), file.path, file.size, file.mtime_ns, f"Start it anew with '{verb}'.")

    @property
    def where(self) -> str:
        """The path."""
        return os.fspath(self.path)

    def open(self, tree: str) -> Tree:
        """Return a tree of the file, which closes it.

        Raises:
            BadFileError: If it is damaged or has no such tree.
        """
        from atlasod_tui.rootfile.tree import open_tree  # noqa: PLC0415 - plans do without

        return open_tree(self.path, tree)

    def check(self) -> None:
        """Do nothing, unless the file is another one by now.

        Raises:
            BadFileError: If it is gone or cannot be read.
            JobError: If it changed.
        """
        if _status(self.path) != self._is:
            raise JobError(f"{self._name} changed since the job was made", self._hint)

    def give_up(self) -> bool:
        """Return False: there is no other place."""
        return False


class Copy(OnDisk):
    """A copy of a lake's file, of which size and checksum have just been looked at.

    Raises:
        JobError: If it is gone, which a cache may be emptied for: the file itself is as good as before.
    """

    def __init__(self, file: JobFile, path: Path) -> None:
        with _replaceable(file):
            super().__init__(path, file.path, *_status(path), "Resume the job.")
        self._file = file

    def open(self, tree: str) -> Tree:
        """Return a tree of the file, which closes it.

        Raises:
            BadFileError: If it has no such tree.
            JobError: If the copy is gone, or another one.
        """
        self.check()
        return super().open(tree)

    def check(self) -> None:
        """Do nothing, unless the copy is gone, or another one by now.

        Raises:
            JobError: If so.
        """
        with _replaceable(self._file):
            super().check()


@contextmanager
def _replaceable(file: JobFile) -> Iterator[None]:
    try:
        yield
    except BadFileError as error:
        raise JobError(f"the copy of {file.path} went away", "Resume the job: the file is fetched again.") from error


class Elsewhere:
    """A file that is read where it is, without a copy.

    Args:
        urls: Addresses of the same bytes, best first.
        size: Bytes that it must have; 0 where that is not known.
        check: Called while a server is silent; ends the work by raising.
        silence: What is known of the servers; that of all files of the job.
        introduce: Gives connections over https the certificate and the authorities of the lake.
    """

    def __init__(
        self,
        urls: Sequence[str],
        size: int,
        check: Callable[[], None],
        silence: Silence,
        introduce: Callable[[Session], None] = lambda _: None,
    ) -> None:
        self._urls, self._size, self._check, self._introduce = list(urls), size, check, introduce
        self._silence = silence
        self._versions: dict[str, int] = {}

    @property
    def where(self) -> str:
        """The address."""
        return self._urls[0]

    def open(self, tree: str) -> Tree:
        """Return a tree of the file, which closes it.

        Raises:
            BadFileError: If it cannot be had, is of another size, is damaged or has no such tree.
        """
        found = self._asked(tree)
        if self._size and found.file.size != self._size:
            size = found.file.size
            found.file.close()
            raise BadFileError(f"{found.path.name} has {size} bytes where {self._size} were expected")
        version = found.file.remote.version if found.file.remote else 0
        if self._versions.setdefault(self.where, version) != version:  # pieces of both would be added
            found.file.close()
            raise BadFileError(f"{found.path.name} was changed while it was read")
        return found

    def _asked(self, tree: str) -> Tree:
        from atlasod_tui.jobs.tasks.open_input import open_input  # noqa: PLC0415 - most jobs do without
        from atlasod_tui.lake.fetching.wanted import Source  # noqa: PLC0415
        from atlasod_tui.lake.transport.https import CutError, ReplicaError  # noqa: PLC0415

        source, begun = Source(self.where), time.monotonic()
        if reason := self._silence.reason(source.shown.rpartition("/")[2], [source.host]):
            raise NotHadError(reason)
        briefly = self._silence.is_silent(source.host)
        try:
            found = open_input(self.where, tree, check=self._check, introduce=self._introduce, briefly=briefly)
        except BadFileError as error:
            if isinstance(error.__cause__, CutError):
                self._silence.failed([source.host], begun)
            if isinstance(error.__cause__, CutError | ReplicaError):
                raise NotHadError(error.message, error.hint) from error
            raise
        self._silence.answered(source.host)
        return found

    def check(self) -> None:
        """Do nothing: whoever reads from there notices a change."""

    def give_up(self) -> bool:
        """Leave the address for the next; return False if there is none."""
        if len(self._urls) > 1:
            del self._urls[0]
            return True
        return False


def _status(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - one call
    except OSError as error:
        raise BadFileError(f"{path.name} cannot be opened: {error.strerror}") from error
    return status.st_size, status.st_mtime_ns
