"""Files into a lake: bytes first, then one transaction that makes them known, then rules on each storage element."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from atlasod_tui.errors import CancelledError, LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.fetching.copies import identity
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.names import new_run_id
from atlasod_tui.lake.pause import pause
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import (
    Content,
    ElementAwayError,
    ElementError,
    ElementLoginError,
    Storage,
    content_of,
)
from atlasod_tui.lake.rucio.writing import HalfToldError
from atlasod_tui.lake.uploading.enrolment import Enrolment
from atlasod_tui.lake.uploading.leftovers import Leftovers
from atlasod_tui.lake.uploading.target import WEEK, ElementResult, Target, Uploaded, UploadResult

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.rucio.connection import Row

__all__ = ["WEEK", "ElementResult", "Given", "Target", "UploadResult", "Uploaded", "Uploader", "new_run_id"]

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_TOLD_WITHIN = 1.0
"""Seconds after which the lake is told of what was written: until then nobody would find it if the program died."""


class Given(NamedTuple):
    """A file to be uploaded."""

    path: Path
    adler32: str | None = None
    """Where it is known."""
    name: str | None = None
    """What to call it behind account and run; its own name without it."""
    metadata: Mapping[str, Any] | None = None


class _File(NamedTuple):
    path: Path
    did: DID
    content: Content
    row: Row
    """What the lake is told of it."""


class Uploader:
    """Uploads to one target; several threads may, each with a file.

    Whatever it is ended by, the same upload begun again comes to the same end: bytes that are there are taken over, and
    so is what the lake knows already. Bytes that the lake will not know are removed.

    Args:
        lake: Where to.
        target: Where in it.
        patience: Seconds for which the same is tried again while the lake, or all of the storage elements, are away.
        reopen: Opens the lake anew after it was away, where its address may have changed.
        waiting: Called with what is away, before each pause.
        warn: Called when a storage element was closed for writing, while others go on; with a sentence.
        note: Called with what else was done, as sentences.
        job: Folder of the job that goes on with what a lake that is away leaves undone.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that may happen
        self,
        lake: Lake,
        target: Target,
        *,
        patience: float = 0.0,
        reopen: Callable[[], Lake] | None = None,
        waiting: Callable[[LakeAwayError], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
        note: Callable[[str], None] = lambda _: None,
        job: Path | None = None,
    ) -> None:
        self._enrolment = Enrolment(_writable(lake), target)
        self._rses = target.rses
        self._patience, self._reopen, self._waiting = patience, reopen, waiting
        self._warn, self._note = warn, note
        self._leftovers = Leftovers(identity(lake), job)
        self._swept: set[str] = set()
        self._lock = threading.RLock()
        """Held during every question to the lake; bytes are written without it."""
        self._files: list[Uploaded] = []

    def refuse(self, total_bytes: int | None) -> None:
        """Refuse what cannot end well, before anything is written.

        Raises:
            UsageError: If a name cannot be.
            LakeError: If the lake would not take it: quota, permission, a storage element that is unknown or closed.
            LoginError: If the login is refused.
            LakeAwayError: If the lake does not answer.
        """
        with self._lock:
            self._enrolment.look(total_bytes)

    @property
    def lake(self) -> str:
        """Name of the profile of the lake."""
        return self._enrolment.lake.name

    @property
    def host(self) -> str:
        """Address of the lake's server."""
        return self._enrolment.lake.settings.host

    @property
    def dataset(self) -> DID:
        """The dataset that the files go into."""
        with self._lock:
            return self._enrolment.place.dataset

    def did(self, name: str) -> DID:
        """Return what a file of this name is called in the lake.

        Raises:
            UsageError: If it cannot be.
        """
        with self._lock:
            return self._enrolment.place.file(name)

    def exists(self) -> bool:
        """Return whether the dataset is there.

        Raises:
            LakeError: If the lake cannot be asked.
        """
        with self._lock:
            return self._enrolment.lake.known(self._enrolment.place.dataset) is not None

    def upload(  # noqa: PLR0913 - one for each thing that is known of a file
        self,
        path: Path,
        *,
        adler32: str | None = None,
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> Uploaded:
        """Put a file into the lake, and return it as it is there; see `upload_together`.

        Args:
            path: The file.
            adler32: Its checksum, where it is known.
            name: What to call it behind account and run; its own name without it.
            metadata: Texts and numbers.
            progress: Called with the bytes written so far, from 0 on with each attempt.
            check: Called now and then; ends the work by raising.
        """
        given = Given(path, adler32, name, metadata)
        (done,) = self.upload_together([given], progress=lambda _, written: progress(written), check=check)
        return done

    def upload_together(
        self,
        files: Sequence[Given],
        *,
        progress: Callable[[Path, int], None] = lambda *_: None,
        check: Callable[[], None] = lambda: None,
    ) -> list[Uploaded]:
        """Put files into the lake, known at once, and return those that are there now: as many as a second allows.

        A lake takes hardly longer to be told of many files than of one. Those that fail, fail together.

        Args:
            files: Some tens at most; at least one of them is there then.
            progress: Called with a file and the bytes of it written so far, from 0 on with each attempt.
            check: Called now and then; ends the work by raising.

        Raises:
            UsageError: If the name of one cannot be one in the lake, or it cannot be read.
            LakeError: If the lake, or each of the storage elements, refuses one.
            LoginError: If the login is refused.
            LakeAwayError: If the lake is away for longer than ``patience``.
        """
        contents = [content_of(file.path, file.adler32, check) for file in files]
        give_up, seconds = 0.0, _FIRST_PAUSE
        while True:
            try:
                done = self._once(files, contents, progress, check)
            except LakeAwayError as error:
                give_up = give_up or time.monotonic() + self._patience
                if time.monotonic() + seconds > give_up:
                    raise
                self._waiting(error)
                pause(seconds, check)
                seconds = min(2 * seconds, _LONGEST_PAUSE)
                self._renew()
            else:
                with self._lock:
                    self._files += done
                return done

    def settle(self) -> None:
        """Let all that was uploaded last from now on, and not from the first file on.

        Raises:
            LakeError: If the lake refuses, or is away.
        """
        with self._lock:
            self._enrolment.settle()

    def result(self) -> UploadResult:
        """Return what became of the upload so far: the rules as they are now.

        Raises:
            LakeError: If the lake cannot be asked.
        """
        with self._lock:
            return self._enrolment.result(list(self._files))

    def _once(
        self,
        given: Sequence[Given],
        contents: list[Content],
        progress: Callable[[Path, int], None],
        check: Callable[[], None],
    ) -> list[Uploaded]:
        with self._lock:
            files = [self._file(each, content) for each, content in zip(given, contents, strict=True)]
            known = self._enrolment.known_of([file.did for file in files])
            there = {
                file.did: element
                for file in files
                if file.did in known and (element := self._enrolment.taken_over(file.did, file.content, file.row))
            }
        for file in files:
            if file.did in there:
                progress(file.path, file.content.bytes)
        left = [file for file in files if file.did not in there]
        where = there | (self._somewhere(left, progress, check) if left else {})
        return [
            Uploaded(
                str(file.path),
                file.did,
                file.content.bytes,
                file.content.adler32 or "",
                where[file.did],
                taken_over=file.did in there,
            )
            for file in files
            if file.did in where
        ]

    def _file(self, given: Given, content: Content) -> _File:
        did = self._enrolment.place.file(given.name or given.path.name)
        return _File(given.path, did, content, self._enrolment.row(did, content, given.metadata or {}))

    def _somewhere(
        self, files: list[_File], progress: Callable[[Path, int], None], check: Callable[[], None]
    ) -> dict[DID, str]:
        """Put files on the first storage element that takes them, and return where those are that are there now."""
        failures: list[ElementError] = []
        for element in self._rses:
            check()
            try:
                self._refuse_closed(element)
                done = self._put(files, element, progress, check)
            except ElementError as error:
                self._enrolment.problems[element] = error.message
                self._notice_closed(element, error)
                failures.append(error)
                continue
            with self._lock:
                self._enrolment.ensure_rules()
            return {file.did: element for file in done}
        raise _worst(failures)

    def _refuse_closed(self, element: str) -> None:
        with self._lock:
            before = element in self._enrolment.closed
            if self._enrolment.is_closed(element):
                sentence = self._enrolment.closed[element]
                if not before:
                    self._say_closed(sentence)
                raise ElementError(sentence, "`atlasod-tui rses` lists others.")

    def _notice_closed(self, element: str, error: ElementError) -> None:
        """Let nothing more be tried with a storage element that refused a file because it is closed for writing."""
        with self._lock, suppress(LakeError):
            if element in self._enrolment.closed or isinstance(error, ElementAwayError):
                return
            if getattr(error.__cause__, "errno", None) == errno.EROFS:
                self._enrolment.closed[element] = error.message
            if self._enrolment.is_closed(element, anew=True):
                self._say_closed(self._enrolment.closed[element])

    def _say_closed(self, sentence: str) -> None:
        if len(self._enrolment.closed) < len(self._rses):
            self._warn(f"{sentence}: nothing more is written to it")

    def _sweep(self, storage: Storage, check: Callable[[], None]) -> None:
        """Remove, once, what clients of this machine wrote that the lake was never told of."""
        with self._lock:
            swept = storage.name in self._swept
            self._swept.add(storage.name)
        for did in () if swept else self._leftovers.remove(storage, self._knows, check):
            self._note(f"what an unfinished upload had left on {storage.name} was removed: {did}")

    def _knows(self, did: DID) -> bool:
        with self._lock:
            return self._enrolment.lake.known(did) is not None

    def _put(
        self, files: list[_File], element: str, progress: Callable[[Path, int], None], check: Callable[[], None]
    ) -> list[_File]:
        """Write the bytes and make them known; whatever goes wrong, none are left that the lake does not know.

        Returns:
            The files that this was done with; at least one.
        """
        with self._lock:
            storage = self._enrolment.lake.storage(self._enrolment.place.settings[element])
        laid: list[_File] = []
        forget: dict[DID, Callable[[], None]] = {}
        begun = time.monotonic()
        with storage, ExitStack() as records:
            self._sweep(storage, check)
            try:
                for file in files:
                    forget[file.did] = records.enter_context(self._leftovers.on_record(element, file.did, check))
                    _lay_down(file, storage, partial(progress, file.path), check)
                    laid.append(file)
                    if time.monotonic() - begun > _TOLD_WITHIN:
                        break
                with self._lock:
                    check()  # others may have had the lake for long
                    self._enrolment.register([file.row for file in laid], element)
            except BaseException as error:
                for file in laid:
                    if self._is_unknown(file.did, element, error):
                        with suppress(ElementError):
                            storage.remove(file.did)
                            forget[file.did]()
                raise
            for known in forget.values():
                known()
        return laid

    def _is_unknown(self, did: DID, element: str, error: BaseException) -> bool:
        """Return whether it is certain, after an error, that the lake does not know of a file."""
        if isinstance(error, LakeAwayError | HalfToldError) and not isinstance(error, ElementError):
            return False  # it may have happened: the next attempt finds out, with the bytes there
        if isinstance(error, ElementError | LoginError | CancelledError):
            return True  # it was not told, or did not listen
        with self._lock:
            return self._enrolment.is_unknown(did, element)

    def _renew(self) -> None:
        if self._reopen is not None:
            with self._lock, suppress(LakeAwayError):
                opened = _writable(self._reopen())
                self._enrolment.lake.close()
                self._enrolment.lake = opened


def _writable(lake: Lake) -> RucioLake:
    if not isinstance(lake, RucioLake):
        raise LakeError(f"nothing can be uploaded to the lake {lake.name}", "Choose a Rucio with --lake.")
    return lake


def _lay_down(file: _File, storage: Storage, progress: Callable[[int], None], check: Callable[[], None]) -> None:
    check()
    progress(0)
    # An earlier run may have died before it told the lake.
    if storage.content(file.did, check) == file.content:
        progress(file.content.bytes)
    else:
        storage.write(file.path, file.did, file.content, progress=progress, check=check)


def _worst(failures: list[ElementError]) -> ElementError:
    """Return why no storage element took a file: what may pass counts before what may not."""
    for kind in (ElementAwayError, ElementLoginError):
        if some := [failure for failure in failures if isinstance(failure, kind)]:
            return kind("; ".join(failure.message for failure in failures), some[0].hint)
    return ElementError("; ".join(failure.message for failure in failures), failures[0].hint)
