"""Files of a lake fetched in the background of a job, several at once, while the job works on those that are there."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from atlasod_tui import paths
from atlasod_tui.errors import AtlasodError, CancelledError
from atlasod_tui.jobs.context import log
from atlasod_tui.jobs.tasks.fetch_replicas import Replicas
from atlasod_tui.jobs.tasks.output_folder import nearest
from atlasod_tui.jobs.tasks.places import NotHadError
from atlasod_tui.jobs.tasks.silence import Silence
from atlasod_tui.lake.fetching.copies import RemoteFile, cached_path, identity, is_copy, local_copy, missing, remember
from atlasod_tui.lake.fetching.fetch import Fetcher
from atlasod_tui.lake.fetching.wanted import Failing, Failure, Fetched, NotFetchedError, Wanted
from atlasod_tui.lake.profiles import open_lake
from atlasod_tui.lake.rucio.connection import Connection
from atlasod_tui.lake.transport.partial import BusyError, DiskError

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext
    from atlasod_tui.lake.face import Lake

Report = Callable[[RemoteFile | None, int, int], None]
"""Is told the file that a thread has in hand (None: no more), the bytes done over all files, and those in all."""

CLOSE_LASTS = 2.0
_BUSY_PAUSE = 0.5
_WAKE = 0.2


class _Item(msgspec.Struct):
    file: RemoteFile
    target: Path | None
    done: int = 0
    result: Fetched | AtlasodError | None = None


class Fetches:
    """Fetches files on several threads until it is closed, those first that are asked for.

    Without targets, copies that are on this machine are taken as they are, and what is not here is fetched into the
    cache. Each replica that failed while another gave the file is a ``warning`` event and a line in the job's log. A
    lake that is away is asked again for some minutes (`Replicas`); a file that another program is fetching is waited
    for; one that only servers have which stay silent (`Silence`) is given up.

    Args:
        lake_name: As `open_lake` takes it; empty for the default.
        files: In the order in which they are wanted.
        context: The job; its cancellation ends the threads.
        at_once: Threads.
        targets: Where each file is to go, whether or not there is a copy elsewhere.
        force: Whether other files that are there already may be replaced.
        report: Called by the threads.

    Raises:
        LakeError: There is no such lake.
        DiskError: The cache has no room for what is not here.
    """

    def __init__(  # noqa: PLR0913
        self,
        lake_name: str,
        files: Sequence[RemoteFile],
        context: JobContext,
        *,
        at_once: int = 3,
        targets: Sequence[Path] | None = None,
        force: bool = False,
        report: Report = lambda *_: None,
    ) -> None:
        self._lake: Lake = open_lake(lake_name or None)
        self._context = context
        self._force = force
        self._report = report
        self._items = [
            _Item(file, target)
            for file, target in zip(files, targets if targets is not None else [None] * len(files), strict=True)
        ]
        self._numbers = {item.file: number for number, item in reversed(list(enumerate(self._items)))}
        self._done, self._total = 0, sum(file.bytes or 0 for file in files)
        self._waiting = deque(range(len(self._items)))
        self._arrived: list[int] = []
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._given_up: AtlasodError | None = None
        self._failed: set[str] = set()
        self._silence = Silence()
        if targets is None:
            self._refuse_full_cache()
        self._replicas = Replicas(self._lake, [file.did for file in files], context, self._check)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(min(at_once, len(files)))]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def path(self, file: RemoteFile) -> Path:
        """Return where a file is, as soon as it is there; it is fetched before those that nobody asked for.

        Raises:
            NotHadError: This file cannot be had; the job may skip it.
            LakeError: The lake, or the disk, is the problem: the other files that are not here cannot be had either.
            CancelledError: The job was.
        """
        number = self._numbers[file]
        with self._changed:
            if number in self._waiting:
                self._waiting.remove(number)
                self._waiting.appendleft(number)
        self._await(lambda: self._items[number].result is not None)
        told = _told(self._items[number])
        if isinstance(told, AtlasodError):
            raise told
        return told

    def ready(self) -> Iterator[tuple[RemoteFile, Path | AtlasodError]]:
        """Yield the files in the order of arrival, each with where it is or what `path` would raise."""
        for number, _ in self.arrivals():
            yield self._items[number].file, _told(self._items[number])

    def arrivals(self) -> Iterator[tuple[int, Fetched | AtlasodError]]:
        """Yield the numbers of the files in the order of arrival, each with how it went.

        Raises:
            CancelledError: The job was.
        """
        for count in range(len(self._items)):
            self._await(lambda count=count: len(self._arrived) > count)  # type: ignore[misc]
            number = self._arrived[count]
            result = self._items[number].result
            assert result is not None  # noqa: S101 - it arrived
            yield number, result

    def close(self) -> None:
        """End the threads, within 2 s; what was fetched in part is kept for the next run."""
        self._stopped.set()
        until = time.monotonic() + CLOSE_LASTS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if isinstance(self._lake, Connection) and not any(thread.is_alive() for thread in self._threads):
            self._lake.close()

    def _await(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            while not condition():
                if self._error is not None:
                    raise self._error
                self._check()
                self._changed.wait(_WAKE)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise CancelledError("nobody waits for the files any more")
        self._context.check()

    def _refuse_full_cache(self) -> None:
        needed = 0
        for item in self._items:
            with suppress(NotFetchedError):
                needed += missing(self._lake, item.file)
        folder = nearest(paths.cache_dir())
        space = os.statvfs(folder)
        free = space.f_bavail * space.f_frsize
        if free < needed:
            raise DiskError(
                f"{str(folder)!r} has {free} bytes left where {needed} are to be fetched into the cache",
                "Make room there, or set XDG_CACHE_HOME to a folder that has it; analyse --stream needs no copies.",
            )

    # What follows is done by the threads.

    def _work(self) -> None:
        try:
            with Fetcher(self._lake, failed=self._failed) as fetcher:
                while (number := self._next()) is not None:
                    self._check()
                    self._settle(number, self._try(fetcher, number))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            with self._changed:
                self._error = self._error or error
                self._changed.notify_all()
        finally:
            self._tell(None)

    def _next(self) -> int | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def _settle(self, number: int, result: Fetched | AtlasodError) -> None:
        item = self._items[number]
        self._advance(item, result.bytes if isinstance(result, Fetched) else 0)
        if isinstance(result, Fetched):
            for failure in result.failures:
                text = f"{failure}; it was fetched from {result.source}"
                self._context.event("warning", path=str(item.file.did), text=text)
                log(f"warning: {item.file.did}: {text}")
        with self._changed:
            if isinstance(result, Fetched | NotFetchedError):  # what was given up is missing still
                self._total += item.done - (item.file.bytes or 0)
            item.result = result
            self._arrived.append(number)
            self._changed.notify_all()

    def _try(self, fetcher: Fetcher, number: int) -> Fetched | AtlasodError:
        begun = time.monotonic()
        try:
            fetched = self._fetch(fetcher, number)
        except CancelledError:
            raise
        except NotFetchedError as error:
            self._silence.failed(_silent(error.failures), begun)
            return error
        except AtlasodError as error:
            self._given_up = self._given_up or error  # the next would only come to the same end, perhaps slowly
            return error
        self._silence.failed(_silent(fetched.failures), begun)
        if fetched.source is not None:
            self._silence.answered(fetched.source.host)
        return fetched

    def _fetch(self, fetcher: Fetcher, number: int) -> Fetched:
        item = self._items[number]
        file = item.file
        self._tell(file)
        if item.target is not None and is_copy(item.target, file, self._check):
            return _here(item.target, file)
        copy = local_copy(self._lake, file, self._check)
        if copy is not None and item.target is None:
            return _here(copy, file)
        if self._given_up is not None and copy is None:
            raise self._given_up
        path = item.target or cached_path(identity(self._lake), file.did)
        replicas = [] if copy is not None else self._replicas.of(number)
        hosts = {source.host for source in Wanted.of(file.entry, replicas).sources}
        if reason := self._silence.reason(file.did.name, hosts):
            raise NotFetchedError(reason, "Check the network, and start the job anew for the files that were skipped.")
        while True:
            with suppress(BusyError):
                fetched = fetcher.fetch(
                    file,
                    path.parent,
                    name=path.name,
                    replicas=replicas,
                    local=copy,
                    progress=lambda done: self._advance(item, done),
                    check=self._check,
                    force=self._force or item.target is None,
                )
                remember(fetched.path, fetched.adler32)
                return fetched
            self._stopped.wait(_BUSY_PAUSE)
            self._check()

    def _advance(self, item: _Item, done: int) -> None:
        with self._changed:
            self._done += done - item.done
            item.done = done
        self._tell(item.file)

    def _tell(self, file: RemoteFile | None) -> None:
        self._report(file, self._done, self._total)


def _here(path: Path, file: RemoteFile) -> Fetched:
    return Fetched(path, path.stat().st_size if file.bytes is None else file.bytes, file.adler32 or "", None)


def _silent(failures: Sequence[Failure]) -> list[str]:
    return [failure.source.host for failure in failures if failure.kind is Failing.CUT]


def _told(item: _Item) -> Path | AtlasodError:
    result = item.result
    if isinstance(result, NotFetchedError):
        return NotHadError(result.message, result.hint)
    assert result is not None  # noqa: S101 - it arrived
    return result.path if isinstance(result, Fetched) else result
