"""Rucio's storage protocol for root:// on the XRootD client's Python bindings: no ``xrdcp``, no ``xrdfs``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from rucio.common import exception
from rucio.rse.protocols import xrootd

from atlasod_tui.lake.transport.https import CutError, ReplicaError
from atlasod_tui.lake.transport.xrootd import blocks
from atlasod_tui.lake.transport.xrootd_client import AbsentError, NotAllowedError, RemoteFile, Request, answers, library

_BLOCK = 1 << 20
_AT_ONCE = 4
"""Blocks under way at a time."""
_SILENCE_S = 30
_CHECKSUM_S = 300
"""A server may have to read the file again."""
_NEW = 8 | 256
"""OpenFlags.NEW, with the folders above it (.MAKEPATH)."""


class Default(xrootd.Default):  # type: ignore[misc]  # rucio has no types
    """A storage element that speaks XRootD.

    What fails is told as Rucio's other protocols do: ServiceUnavailable if nobody answers, SourceNotFound,
    RSEAccessDenied, and DestinationNotAccessible for what else the server refuses.
    """

    progress: Callable[[int], None] = staticmethod(lambda _: None)
    """Called with the bytes transferred so far."""
    check: Callable[[], None] = staticmethod(lambda: None)
    """Called with each block, and each second while the server is silent; ends the work by raising."""

    def connect(self) -> None:
        """Make sure that the server answers and lets this user in."""
        if self.auth_token:  # where the library's own plug-in for tokens looks for it
            os.environ["BEARER_TOKEN"] = str(self.auth_token)
        with _told():
            self._ask(self._system().ping)

    def close(self) -> None:
        """Leave the connection to the library, which keeps it for a while."""

    def exists(self, pfn: str) -> bool:
        """Return whether there is such a file."""
        try:
            self._ask(partial(self._system().stat, _path(pfn)))
        except AbsentError:
            return False
        except (CutError, ReplicaError) as error:
            raise _as_rucio(error) from error
        return True

    def stat(self, pfn: str) -> dict[str, int | str]:
        """Return ``filesize``, and ``adler32`` where the server knows or computes it."""
        with _told():
            found: dict[str, int | str] = {"filesize": int(self._ask(partial(self._system().stat, _path(pfn))).size)}
        code = library().flags.QueryCode.CHECKSUM
        try:
            answer = self._ask(partial(self._system().query, code, _path(pfn)), _CHECKSUM_S)
        except CutError as error:
            raise _as_rucio(error) from error
        except ReplicaError:  # it computes none
            return found
        kind, _, value = answer.rstrip(b"\0").decode("ascii", "replace").strip().partition(" ")
        if kind == "adler32":
            found[kind] = value.rjust(8, "0")
        return found

    def get(self, pfn: str, dest: str, transfer_timeout: float | None = None) -> None:  # noqa: ARG002 - Rucio's
        """Write a file to a path of this machine."""
        with _told():
            file = RemoteFile(self.path2pfn(pfn), _SILENCE_S, self.check)
            try:
                total, _ = file.stamp(self.check)
                with Path(dest).open("wb") as writer:
                    for block in blocks(file, 0, total, self.check):
                        self.check()
                        writer.write(block)
                        self.progress(writer.tell())
            finally:
                file.close()

    def put(
        self,
        source: str,
        target: str,
        source_dir: str | None = None,
        transfer_timeout: float | None = None,  # noqa: ARG002 - Rucio's signature
    ) -> None:
        """Send a file, in place of what is there, and wait until the server says that it has it."""
        path = Path(source_dir or "", source)
        if not path.exists():
            raise exception.SourceNotFound(str(path))
        with _told(), path.open("rb") as reader:
            with suppress(AbsentError):  # written over it would keep its checksum, which is told for a second more
                self._ask(partial(self._system().rm, _path(target)))
            file = RemoteFile(self.path2pfn(target), _SILENCE_S, self.check, _NEW)
            try:
                done = 0
                sizes: list[int] = []
                for number, _ in enumerate(file.ask_many(_writes(file, reader, sizes), self.check, _AT_ONCE)):
                    self.check()
                    done += sizes[number]
                    self.progress(done)
                file.ask(file.native.sync, self.check)
                file.finish(self.check)
            finally:
                file.close()

    def rename(self, pfn: str, new_pfn: str) -> None:
        """Give a file another name, in a folder that is made if need be."""
        system, new = self._system(), _path(new_pfn)
        with _told():
            self._ask(partial(system.mkdir, new.rpartition("/")[0], library().flags.MkDirFlags.MAKEPATH, 0o755))
            self._ask(partial(system.mv, _path(pfn), new))

    def delete(self, pfn: str) -> None:
        """Remove a file."""
        with _told():
            self._ask(partial(self._system().rm, _path(pfn)))

    def _system(self) -> Any:
        return library().FileSystem(f"{self.scheme}://{self.hostname}:{self.port}")

    def _ask(self, request: Request, silence: float = _SILENCE_S) -> Any:
        return next(answers([request], silence, self.check))


def _writes(file: RemoteFile, reader: BinaryIO, sizes: list[int]) -> Iterator[Request]:
    """Yield the requests that write a file; how many bytes each has is added to ``sizes``."""
    at = 0
    while block := reader.read(_BLOCK):
        sizes.append(len(block))
        yield partial(file.native.write, block, at, len(block))
        at += len(block)


def _path(pfn: str) -> str:
    """Return the path on the server of an address, or of what is such a path already."""
    return "/" + (urlsplit(pfn).path if "://" in pfn else pfn).lstrip("/")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (CutError, ReplicaError) as error:
        raise _as_rucio(error) from error


def _as_rucio(error: CutError | ReplicaError) -> Any:
    if isinstance(error, AbsentError):
        return exception.SourceNotFound(str(error))
    if isinstance(error, NotAllowedError):
        return exception.RSEAccessDenied(str(error))
    if isinstance(error, CutError):
        return exception.ServiceUnavailable(str(error))
    return exception.DestinationNotAccessible(str(error))
