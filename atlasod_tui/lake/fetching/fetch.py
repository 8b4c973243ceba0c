"""Files fetched from whatever replicas a lake gives, best first, over https, root or from a folder of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from atlasod_tui.errors import LoginError
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.fetching.copies import RemoteFile, cached_path, identity, local_copy, reference
from atlasod_tui.lake.fetching.wanted import Fetched, Source, Wanted
from atlasod_tui.lake.model import FileEntry, Replica
from atlasod_tui.lake.rucio.connection import Connection

if TYPE_CHECKING:
    from atlasod_tui.lake.fetching.download import Downloader, Patience
    from atlasod_tui.lake.transport.https import Session

__all__ = ["Fetched", "Fetcher", "RemoteFile", "cached_path", "identity", "local_copy", "reference"]

HERE = "this machine"
"""What stands for a storage element where the bytes are those of a copy that was here already."""


class Fetcher:
    """Fetches files of one lake, one after the other, on one thread; a context manager, which keeps connections.

    Args:
        lake: Asked for the replicas; may be shared by several threads.
        patience: How often a server is asked again.
        failed: Servers that did not answer, which are asked last from then on; may be shared by several threads.
    """

    def __init__(self, lake: Lake, patience: Patience | None = None, failed: set[str] | None = None) -> None:
        self._lake = lake
        self._patience = patience
        self._failed = failed
        self._downloader: Downloader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._downloader is not None:
            self._downloader.session.close()

    def fetch(  # noqa: PLR0913
        self,
        file: FileEntry | RemoteFile,
        folder: Path,
        *,
        name: str | None = None,
        replicas: Iterable[Replica] | None = None,
        local: Path | None = None,
        progress: Callable[[int], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
        force: bool = False,
    ) -> Fetched:
        """Fetch a file into a folder, unless it is there already.

        Args:
            file: Of the lake; its size and Adler-32 are those that must come.
            folder: Made if need be; nothing is written outside it.
            name: What the file is to be called there, instead of its own name.
            replicas: Of the file, best first, where they are known; else the lake is asked.
            local: A copy on this machine, which is better than any of them.
            progress: Called with the bytes that are there, each MiB; they may become fewer.
            check: Called several times a second; ends the work by raising.
            force: Replace a file of that name that is not the one wanted.

        Returns:
            Where it is and came from, and the replicas that failed before: those that are damaged among them.

        Raises:
            NotFetchedError: This file cannot be had, or not under this name.
            DiskError: It cannot be written.
            BusyError: Another program is fetching it.
            LakeError: The lake does not tell the replicas.
        """
        entry = file.entry if isinstance(file, RemoteFile) else file
        found = self._lake.replicas([entry.did]) if replicas is None else replicas
        wanted = Wanted.of(entry, found, name or "")
        if local is not None:
            own = Source(local.absolute().as_uri(), HERE)
            wanted = Wanted(wanted.name, (own, *wanted.sources), wanted.bytes, wanted.adler32, wanted.withheld)
        return self._download(wanted, folder, progress, check, force=force)

    def _download(
        self, wanted: Wanted, folder: Path, progress: Callable[[int], None], check: Callable[[], None], *, force: bool
    ) -> Fetched:
        if self._downloader is None:
            from atlasod_tui.lake.fetching.download import Downloader  # noqa: PLC0415 - imports requests

            self._downloader = Downloader(self._patience, self._failed)
            introduce(self._lake, self._downloader.session)
        return self._downloader.download(wanted, folder, progress=progress, check=check, force=force)


def introduce(lake: Lake, session: Session) -> None:
    """Let storage elements see the certificate or proxy that a Rucio sees, and be checked as it is."""
    if isinstance(lake, Connection):
        from atlasod_tui.lake.login import files  # noqa: PLC0415

        if not os.environ.get("REQUESTS_CA_BUNDLE"):
            session.authority = files.authority(lake.settings)
        with suppress(LoginError):  # the lake says so itself, where it matters
            found = files.credentials(lake.settings)
            if "client_proxy" in found:
                session.cert = found["client_proxy"]
            elif "client_cert" in found:
                session.cert = (found["client_cert"], found.get("client_key") or found["client_cert"])
