"""Files into a lake: bytes first, then one transaction that makes them known, then rules on each storage element."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError, UsageError
from atlasod_tui.lake.enrolment import Enrolment
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.names import new_run_id
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import Content, ElementAwayError, ElementError, ElementLoginError
from atlasod_tui.lake.target import WEEK, ElementResult, Target, Uploaded, UploadResult
from atlasod_tui.rootfile.adler import adler32 as adler_of

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.rucio.connection import Row

__all__ = ["WEEK", "ElementResult", "Target", "UploadResult", "Uploaded", "Uploader", "new_run_id"]

_BLOCK = 1 << 20
_SLICE = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


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
    """

    def __init__(
        self,
        lake: Lake,
        target: Target,
        *,
        patience: float = 0.0,
        reopen: Callable[[], Lake] | None = None,
        waiting: Callable[[LakeAwayError], None] = lambda _: None,
    ) -> None:
        self._enrolment = Enrolment(_writable(lake), target)
        self._rses = target.rses
        self._patience, self._reopen, self._waiting = patience, reopen, waiting
        self._lock = threading.RLock()
        """Held during every question to the lake; bytes are written without it."""
        self._files: list[Uploaded] = []

    def refuse(self, total_bytes: int | None) -> None:
        """Refuse what cannot end well, before anything is written.

        Raises:
            UsageError: If a name cannot be, or a storage element is unknown.
            LakeError: If the lake would not take it: quota, permission, a storage element that is closed.
            LoginError: If the login is refused.
            LakeAwayError: If the lake does not answer.
        """
        with self._lock:
            self._enrolment.look(total_bytes)

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
        """Put a file into the lake, and return it as it is there.

        Args:
            path: The file.
            adler32: Its checksum, where it is known.
            name: What to call it behind account and run; its own name without it.
            metadata: Texts and numbers.
            progress: Called with the bytes written so far; it begins anew with each attempt.
            check: Called now and then; ends the work by raising.

        Raises:
            UsageError: If its name cannot be one in the lake, or it cannot be read.
            LakeError: If the lake, or each of the storage elements, refuses it.
            LoginError: If the login is refused.
            LakeAwayError: If the lake is away for longer than ``patience``.
        """
        content = _content(path, adler32, check)
        give_up, pause = 0.0, _FIRST_PAUSE
        while True:
            try:
                done = self._once(path, content, name or path.name, metadata or {}, progress, check)
            except LakeAwayError as error:
                give_up = give_up or time.monotonic() + self._patience
                if time.monotonic() + pause > give_up:
                    raise
                self._waiting(error)
                _wait(pause, check)
                pause = min(2 * pause, _LONGEST_PAUSE)
                self._renew()
            else:
                with self._lock:
                    self._files.append(done)
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

    def _once(  # noqa: PLR0913
        self,
        path: Path,
        content: Content,
        name: str,
        metadata: Mapping[str, Any],
        progress: Callable[[int], None],
        check: Callable[[], None],
    ) -> Uploaded:
        with self._lock:
            did = self._enrolment.place.file(name)
            row = self._enrolment.row(did, content, metadata)
            known_at = self._enrolment.taken_over(did, content, row)
        if known_at is not None:
            progress(content.bytes)
            return Uploaded(str(path), did, content.bytes, content.adler32 or "", known_at, taken_over=True)
        failures: list[ElementError] = []
        for element in self._rses:
            check()
            try:
                self._lay_down(path, did, content, row, element, progress, check)
            except ElementError as error:
                self._enrolment.problems[element] = error.message
                failures.append(error)
                continue
            with self._lock:
                self._enrolment.ensure_rules()
            return Uploaded(str(path), did, content.bytes, content.adler32 or "", element)
        raise _worst(failures)

    def _lay_down(  # noqa: PLR0913
        self,
        path: Path,
        did: DID,
        content: Content,
        row: Row,
        element: str,
        progress: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        """Write the bytes and make them known; whatever goes wrong, none are left that the lake does not know."""
        with self._lock:
            storage = self._enrolment.lake.storage(self._enrolment.place.settings[element])
        with storage:
            # An earlier run may have died between the two steps.
            if storage.content(did, check) == content:
                progress(content.bytes)
            else:
                storage.write(path, did, content, progress=progress, check=check)
            try:
                with self._lock:
                    self._enrolment.register(row, element)
            except LakeAwayError:
                raise  # it may have happened: the next attempt finds out, with the bytes there
            except LakeError as error:
                with self._lock:
                    # A refused login has changed nothing; of other answers the lake itself can tell.
                    unknown = isinstance(error, LoginError) or self._enrolment.is_unknown(did, element)
                if unknown:
                    with suppress(ElementError):
                        storage.remove(did)
                raise

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


def _content(path: Path, adler32: str | None, check: Callable[[], None]) -> Content:
    """Return size and checksum of a file, which is read where the checksum is not known."""
    try:
        if adler32 is not None:
            return Content(path.stat().st_size, adler32)
        sum_, size = 1, 0
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                check()
                sum_ = adler_of(block, sum_)
                size += len(block)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    return Content(size, f"{sum_:08x}")


def _worst(failures: list[ElementError]) -> ElementError:
    """Return why no storage element took a file: what may pass counts before what may not."""
    for kind in (ElementAwayError, ElementLoginError):
        if some := [failure for failure in failures if isinstance(failure, kind)]:
            return kind("; ".join(failure.message for failure in failures), some[0].hint)
    return ElementError("; ".join(failure.message for failure in failures), failures[0].hint)


def _wait(seconds: float, check: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (rest := end - time.monotonic()) > 0:
        check()
        time.sleep(min(rest, _SLICE))
