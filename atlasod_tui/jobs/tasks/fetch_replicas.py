"""Where the files are that a job fetches: asked for many at a time, and again while the lake is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.jobs.context import log
from atlasod_tui.lake.fetching.wanted import NotFetchedError
from atlasod_tui.lake.pause import pause

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import DID, Replica

CHUNK = 50
"""Files in one question: a server needs some 0.2 s for one file, hardly more for many; addresses may be signed and
last for minutes only."""
AWAY_LASTS = 300.0
"""Seconds for which a lake that is away is asked again."""
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_SLICE = 0.1


class Replicas:
    """The replicas of some files; its method may be called by several threads, of which one asks.

    Args:
        lake: Is asked.
        files: In the order in which they will be wanted.
        context: Gets a ``warning`` event when the lake is away.
        check: Called several times a second in pauses; ends the work by raising.
    """

    def __init__(self, lake: Lake, files: Sequence[DID], context: JobContext, check: Callable[[], None]) -> None:
        self._lake, self._files, self._context, self._check = lake, files, context, check
        self._known: dict[int, list[Replica]] = {}
        self._given: set[int] = set()
        self._asking = threading.Lock()
        self._stays_away = getattr(getattr(lake, "settings", None), "away", None) is not None  # until it is started

    def of(self, number: int) -> list[Replica]:
        """Return the replicas of a file, best first.

        Raises:
            NotFetchedError: The lake has no such file.
            LakeAwayError: The lake has been away for some minutes.
            LoginError: It does not accept the login.
        """
        while not self._asking.acquire(timeout=_SLICE):
            self._check()
        try:
            if number not in self._known:
                self._ask_about(number)
            self._given.add(number)
            return self._known.pop(number, [])
        finally:
            self._asking.release()

    def _ask_about(self, number: int) -> None:
        first = number - number % CHUNK
        chunk = [at for at in range(first, min(first + CHUNK, len(self._files))) if at not in self._given]
        try:
            self._known |= self._ask(chunk)
        except (LakeAwayError, LoginError):
            raise
        except LakeError as error:  # one that does not exist spoils the answer for all
            if len(chunk) == 1:
                raise NotFetchedError(error.message, error.hint) from error
            self._known |= self._ask_alone(number)

    def _ask_alone(self, number: int) -> dict[int, list[Replica]]:
        try:
            return self._ask([number])
        except (LakeAwayError, LoginError):
            raise
        except LakeError as error:
            raise NotFetchedError(error.message, error.hint) from error

    def _ask(self, chunk: Sequence[int]) -> dict[int, list[Replica]]:
        dids = {self._files[number]: number for number in chunk}
        begun, seconds = time.monotonic(), _PAUSE
        while True:
            found: dict[int, list[Replica]] = {number: [] for number in chunk}
            try:
                for replica in self._lake.replicas(dids):
                    self._check()
                    if replica.file.did in dids:
                        found[dids[replica.file.did]].append(replica)
            except LakeAwayError as error:
                if self._stays_away or time.monotonic() + seconds > begun + AWAY_LASTS:
                    raise
                self._context.event("away", text=error.message)
                log(f"{error.message}; it is asked again in {seconds:.0f} s")
                pause(seconds, self._check)
                seconds = min(2 * seconds, _LONGEST_PAUSE)
            else:
                for number in chunk:  # a file may be wanted twice
                    found[number] = found[dids[self._files[number]]]
                return found
