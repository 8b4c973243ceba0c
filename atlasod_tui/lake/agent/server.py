"""The agent's own side: reads requests, asks the lake on threads, writes messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.agent.answering import Answering
from atlasod_tui.lake.agent.protocol import (
    BATCH_SECONDS,
    BEAT_SECONDS,
    QUESTIONS,
    About,
    Beat,
    Facts,
    LocalCopies,
    LocalCopy,
    Login,
    Message,
    More,
    Question,
    Request,
    decode,
    encode,
    failure,
)
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.listings import Remembered, remembering
from atlasod_tui.lake.model import FileEntry

AT_ONCE = 32
"""Requests that are answered at the same time; one that was cancelled counts until the lake lets go of it.

What is answered from memory may come on top: it waits for no lake.
"""
LONGEST_LINE = 16_000_000
_MALFORMED = (msgspec.MsgspecError, ValueError, RecursionError)


class Server:
    """An agent for one lake.

    Args:
        requests: Where requests are read, until its end.
        answers: Where messages are written.
        open_lake: Makes the lake; asked when it is first needed, and again after it was away or refused the login,
            since its settings may have changed meanwhile.
    """

    def __init__(self, requests: BinaryIO, answers: BinaryIO, open_lake: Callable[[], Lake]) -> None:
        self._requests, self._answers, self._open_lake = requests, answers, open_lake
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._lake: Lake | None = None
        self._at_work: dict[int, Answering] = {}
        self._busy = threading.Condition()

    def serve(self) -> None:
        """Answer requests until there are no more; threads may be left that wait for the lake."""
        threading.Thread(target=self._keep_time, daemon=True).start()
        while line := self._requests.readline(LONGEST_LINE):
            if not line.endswith(b"\n"):
                self._skip_line()
                self._send(failure(None, LakeError(f"a request is longer than {LONGEST_LINE} bytes")))
            elif line.strip():
                self._take(line)

    def _skip_line(self) -> None:
        while (rest := self._requests.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass

    def _take(self, line: bytes) -> None:
        id_: int | None = None
        try:
            request: Request = decode(line, Request)
            id_ = request.id
            self._begin(request)
        except LakeError as error:
            self._send(failure(id_, error))
        except _MALFORMED as error:
            self._send(failure(id_, LakeError(f"this is no request: {error}")))

    def _begin(self, request: Request) -> None:
        answering = self._at_work.get(request.id)
        if request.call == "cancel":
            if answering is not None:
                answering.cancel()
            return
        if request.call == "more":
            batches = decode(request.arguments, More).batches
            if answering is not None:
                answering.more(batches)
            return
        if request.call not in QUESTIONS:
            raise LakeError(f"a lake cannot be asked for {request.call!r}", f"There are {', '.join(QUESTIONS)}.")
        question = decode(request.arguments, QUESTIONS[request.call])
        if answering is not None:
            raise LakeError(f"there is a request {request.id} already")
        if len(self._at_work) >= AT_ONCE and not request.remembered:
            raise LakeAwayError(f"{AT_ONCE} questions are open already", "Wait until some are answered.")
        answering = Answering(request.id, self._send)
        with self._busy:
            self._at_work[request.id] = answering
            self._busy.notify()
        arguments = (request, answering, question)
        threading.Thread(target=self._answer, args=arguments, daemon=True).start()

    def _answer(self, request: Request, answering: Answering, question: Question[Any]) -> None:
        try:
            answering.run(self._rows(question, answering.told, ask=not request.remembered))
        finally:
            with self._busy:
                del self._at_work[request.id]

    def _rows(self, question: Question[Any], told: Callable[[Remembered], None], *, ask: bool) -> Iterator[Any]:
        lake = self._opened()

        def away(old: Remembered) -> None:
            self._forget(lake)
            told(old)

        if (known := _known_here(lake, question)) is not None:
            yield from known
            return
        method = getattr(remembering(lake, away if ask else told, ask=ask), question.call)
        try:
            found = method(**msgspec.structs.asdict(question))
            if isinstance(found, Iterator | list):
                yield from found
            else:
                yield found
        except (LoginError, LakeAwayError):
            if ask:
                self._forget(lake)
            raise

    def _opened(self) -> Lake:
        with self._opening:
            if self._lake is None:
                self._lake = self._open_lake()
            return self._lake

    def _forget(self, lake: Lake) -> None:
        with self._opening:
            if self._lake is lake:
                self._lake = None

    def _keep_time(self) -> None:
        """Send what has waited long enough, and show that this process lives; asleep while there is nothing to do."""
        beat = 0.0
        while True:
            with self._busy:
                self._busy.wait_for(lambda: self._at_work)
                at_work = list(self._at_work.values())
            for answering in at_work:
                answering.flush()
            if time.monotonic() >= beat:
                self._send(Beat())
                beat = time.monotonic() + BEAT_SECONDS
            time.sleep(BATCH_SECONDS)

    def _send(self, message: Message) -> None:
        line = encode(message) + b"\n"
        with self._writing, suppress(OSError):  # nobody listens any more: the end of the requests is near
            self._answers.write(line)
            self._answers.flush()


def _known_here(lake: Lake, question: Question[Any]) -> Iterator[Any] | None:
    """Return the answer to what is known without asking a lake; ``None`` for all else."""
    match question:
        case About():
            return iter([Facts(lake.name, lake.read_only)])
        case Login():
            from atlasod_tui.lake.login.credentials import credentials  # noqa: PLC0415 - not at once

            settings = getattr(lake, "settings", None)
            return iter([] if settings is None else [credentials(settings)])
        case LocalCopies(files):
            return _local_copies(lake, files)
    return None


def _local_copies(lake: Lake, files: list[FileEntry]) -> Iterator[LocalCopy]:
    from atlasod_tui.lake.fetching.copies import RemoteFile, local_copy  # noqa: PLC0415 - not at once

    for file in files:
        if (path := local_copy(lake, RemoteFile.of(lake, file))) is not None:
            yield LocalCopy(file.did, str(path))
