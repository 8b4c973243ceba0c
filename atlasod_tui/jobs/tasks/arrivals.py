"""The files of a job that are of a lake, or addresses: as they can be read, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Self

from atlasod_tui.errors import AtlasodError, BadFileError, JobError
from atlasod_tui.jobs.tasks.places import Copy, Elsewhere, JobFile, NotHadError, Place, public

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext
    from atlasod_tui.jobs.tasks.fetches import Fetches
    from atlasod_tui.lake.fetching.copies import RemoteFile
    from atlasod_tui.lake.model import DID, Replica


class Arrivals:
    """Fetches the files of a lake in the background, unless they are to be read where they are; iterated over once.

    Args:
        files: Which; in the order in which they are wanted.
        lake: What opens their lake.
        context: The job.
        stream: Whether to read the lake's files where they are.
        report: Called with the bytes fetched so far and those in all, by other threads.

    Raises:
        LakeError: If there is no such lake.
    """

    def __init__(
        self,
        files: Sequence[JobFile],
        lake: str,
        context: JobContext,
        *,
        stream: bool = False,
        report: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        self._context, self._lake = context, lake
        self._addresses = [file for file in files if not file.did]
        of_lake = [file for file in files if file.did]
        self._streamed = of_lake if stream else []
        self._fetched = {} if stream else {file.did: file for file in of_lake}
        self._fetches: Fetches | None = None
        if self._addresses or self._streamed:
            from atlasod_tui.jobs.tasks.silence import Silence  # noqa: PLC0415 - imports requests

            self._silence = Silence()
        if self._fetched:
            from atlasod_tui.jobs.tasks.fetches import Fetches  # noqa: PLC0415 - only where there is a lake

            remote = [_remote(file, lake) for file in of_lake]
            self._fetches = Fetches(lake, remote, context, report=lambda _, done, total: report(done, total))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fetch no more; who iterates ends by :class:`CancelledError`."""
        if self._fetches is not None:
            self._fetches.close()

    def __iter__(self) -> Iterator[tuple[str, Place | BadFileError]]:
        """Yield what each file goes by and where it can be read, or why not.

        Raises:
            JobError: If what an address gives changed since the job was made, or a copy is gone again.
            LakeError: If the lake is the problem; after the files that could be had all the same.
            CancelledError: If the job was.
        """
        yield from map(self._address, self._addresses)
        if self._streamed:
            yield from self._streams()
        if self._fetches is None:
            return
        trouble: AtlasodError | None = None
        for remote, found in self._fetches.ready():
            file = self._fetched[str(remote.did)]
            if isinstance(found, BadFileError):
                yield file.path, found
            elif isinstance(found, AtlasodError):
                trouble = trouble or found
            else:
                yield file.path, Copy(file, found)
        if trouble is not None:
            raise trouble

    def _address(self, file: JobFile) -> tuple[str, Place | BadFileError]:
        from atlasod_tui.jobs.tasks.open_input import stat_input  # noqa: PLC0415 - only where there are addresses

        try:
            now = stat_input(file.path, check=self._context.check)
        except BadFileError as error:
            return file.path, NotHadError(error.message, error.hint)
        if now != (file.size, file.mtime_ns):
            raise JobError(f"{public(file.path)} changed since the job was made", "Start it anew with 'analyse'.")
        return file.path, Elsewhere([file.path], file.size, self._context.check, self._silence)

    def _streams(self) -> Iterator[tuple[str, Place | BadFileError]]:
        from atlasod_tui.jobs.tasks.fetch_replicas import Replicas  # noqa: PLC0415 - only where there is a lake
        from atlasod_tui.lake.fetching.fetch import introduce  # noqa: PLC0415
        from atlasod_tui.lake.fetching.wanted import NotFetchedError  # noqa: PLC0415
        from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415

        dids = [_did(file) for file in self._streamed]
        lake = open_lake(self._lake or None)
        replicas = Replicas(lake, dids, self._context, self._context.check)
        for number, file in enumerate(self._streamed):
            try:
                urls = [url for replica in replicas.of(number) for url in _readable(replica)]
            except NotFetchedError as error:
                yield file.path, NotHadError(error.message, error.hint)
                continue
            if urls:
                known = partial(introduce, lake)
                yield file.path, Elsewhere(urls, file.size, self._context.check, self._silence, known)
            else:
                reason = f"{file.did} has no replica that can be read where it is"
                yield file.path, NotHadError(reason, "Leave --stream out: then it is fetched.")


def _did(file: JobFile) -> DID:
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - only where there is a lake

    return DID.parse(file.did)


def _remote(file: JobFile, lake: str) -> RemoteFile:
    from atlasod_tui.lake.fetching.copies import RemoteFile  # noqa: PLC0415 - only where there is a lake

    return RemoteFile(lake, _did(file), file.size or None, file.adler32 or None)


def _readable(replica: Replica) -> Iterator[str]:
    """Yield the addresses of a replica that can be read from here; files of this machine by their paths."""
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - only where there is a lake

    from atlasod_tui.lake.model import ReplicaState  # noqa: PLC0415
    from atlasod_tui.lake.remote import is_remote  # noqa: PLC0415

    if replica.state not in {ReplicaState.AVAILABLE, ReplicaState.UNKNOWN}:
        return
    for url in replica.urls:
        path = unquote(urlsplit(url).path) if url.startswith("file:") else ""
        if is_remote(url):
            yield url
        elif path and os.access(path, os.R_OK):
            yield path
