"""The agent's process as the client sees it: lines to it, messages from it, and a watch on both."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

import msgspec

from atlasod_tui import processes
from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError
from atlasod_tui.lake.agent.protocol import (
    WINDOW,
    Beat,
    End,
    Failure,
    Items,
    Message,
    More,
    Question,
    Request,
    decode,
    encode,
)

ALIVE_SECONDS = 15.0
"""How long an agent that works may be without a sign of life."""
_LOOK_SECONDS = 0.25
_STALL_SECONDS = 2.0
"""A look that comes so late tells of this process, which was stopped or busy, and nothing of the agent."""
_LONGEST_LINE = 2**26
_LAST_WORDS = 2000
_CLOSE_SECONDS = 2.0


class Pending:
    """A request that is being answered."""

    def __init__(self, id_: int, patience: float) -> None:
        self.id, self.patience = id_, patience
        self.messages: deque[Items | End | Failure] = deque()
        self.arrived = asyncio.Event()
        self.taken = 0
        """Batches that the client took and the agent was not told of."""
        self.waits_since: float | None = None
        """When the client began to wait for the next message."""


class Child:
    """An agent that was started.

    Args:
        lake: What it is called in sentences.
        process: The agent.
    """

    def __init__(self, lake: str, process: Process) -> None:
        self.dead: AtlasodError | None = None
        """Why it is of no more use."""
        self._lake, self._process = lake, process
        self._input, self._output, self._errors = _streams(process)
        self._pending: dict[int, Pending] = {}
        self._last_id = 0
        self._heard = self._now()
        self._last_words = b""
        self._asked = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())
        self._ends = {asyncio.create_task(self._read()), asyncio.create_task(self._listen())}

    @classmethod
    async def start(cls, lake: str, command: Sequence[str]) -> Self:
        """Start an agent.

        Raises:
            LakeError: If there can be no such process.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=_LONGEST_LINE,
                start_new_session=True,
                env=processes.environment(),
            )
        except OSError as error:
            raise LakeError(f"the agent of {lake} cannot be started: {error.strerror}") from error
        return cls(lake, process)

    @property
    def pid(self) -> int:
        """Of the agent."""
        return self._process.pid

    def ask(self, question: Question[Any], patience: float, *, remembered: bool) -> Pending:
        """Send a question; its answer is to be had from :meth:`next`."""
        self._last_id += 1
        pending = Pending(self._last_id, patience)
        if not self._pending:
            self._heard = self._now()
        self._pending[pending.id] = pending
        self._write(Request(pending.id, question.call, msgspec.Raw(encode(question)), remembered))
        self._asked.set()
        return pending

    async def next(self, pending: Pending) -> Items | End | Failure:
        """Return the next message of an answer.

        Raises:
            LakeAwayError: If the agent ended, or was ended for want of an answer.
        """
        while not pending.messages:
            if self.dead is not None:
                raise self.dead
            pending.arrived.clear()
            pending.waits_since = self._now()
            await pending.arrived.wait()
            pending.waits_since = None
        message = pending.messages.popleft()
        if isinstance(message, Items):
            pending.taken += 1
            if pending.taken >= WINDOW // 2:
                self._write(Request(pending.id, "more", msgspec.Raw(encode(More(pending.taken)))))
                pending.taken = 0
        else:
            del self._pending[pending.id]
        return message

    def forget(self, pending: Pending) -> None:
        """Let go of a request; the agent ends it if it is not answered yet."""
        if self._pending.pop(pending.id, None) is not None:
            self._write(Request(pending.id, "cancel"))

    def end(self, why: AtlasodError) -> None:
        """End the agent now; whoever waits for it is told why."""
        if self.dead is None:
            self.dead = why
        for pending in self._pending.values():
            pending.arrived.set()
        with suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """Let the agent end, and end it if it does not."""
        self.dead = self.dead or LakeAwayError(f"the agent of {self._lake} was closed")
        for pending in self._pending.values():
            pending.arrived.set()
        self._input.close()
        try:
            _, late = await asyncio.wait(self._ends, timeout=_CLOSE_SECONDS)
            if late:
                self.end(self.dead)
                await asyncio.wait(late, timeout=_CLOSE_SECONDS)
        finally:
            if not all(task.done() for task in self._ends):
                self.end(self.dead)  # also where whoever closes does not wait
            for task in (self._watching, *self._ends):
                task.cancel()  # what cannot even be killed is waited for no longer
        await asyncio.gather(self._watching, *self._ends, return_exceptions=True)

    def _write(self, request: Request) -> None:
        if self.dead is None:
            self._input.write(encode(request) + b"\n")

    async def _read(self) -> None:
        """Hand out messages until the agent says no more, and then see how it ended."""
        try:
            while line := await self._output.readline():
                self._take(decode(line, Message))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self.end(LakeError(f"the agent of {self._lake} said what cannot be understood: {error}"))
        try:
            code = await asyncio.wait_for(self._process.wait(), _CLOSE_SECONDS)
        except TimeoutError:
            code = 0
        self.end(self.dead or LakeAwayError(f"the agent of {self._lake} {_how(code)}", self._advice()))

    def _advice(self) -> str:
        last = self._last_words.decode(errors="replace").strip().rpartition("\n")[2]
        return f"Its last words: {last}" if last else "Ask again: another one is started."

    def _take(self, message: Message) -> None:
        self._heard = self._now()
        if isinstance(message, Beat):
            return
        pending = self._pending.get(message.id) if message.id is not None else None
        if pending is None:  # one that was cancelled
            return
        if len(pending.messages) > WINDOW:
            self.end(LakeError(f"the agent of {self._lake} sent more than it was asked for"))
            return
        pending.messages.append(message)
        pending.arrived.set()

    async def _listen(self) -> None:
        """Keep the end of what the agent and Rucio print."""
        while text := await self._errors.read(_LAST_WORDS):
            self._last_words = (self._last_words + text)[-_LAST_WORDS:]

    async def _watch(self) -> None:
        """End the agent if it is silent for too long, or the lake behind it; asleep while nothing is asked."""
        while self.dead is None:
            if not self._pending:
                self._asked.clear()
                await self._asked.wait()
            before = self._now()
            await asyncio.sleep(_LOOK_SECONDS)
            now = self._now()
            if now - before > _LOOK_SECONDS + _STALL_SECONDS:
                self._heard = now
                for pending in self._pending.values():
                    pending.waits_since = pending.waits_since and now
            self._look(now)

    def _look(self, now: float) -> None:
        if now - self._heard > ALIVE_SECONDS:
            what = f"the agent of {self._lake} gave no sign of life for {ALIVE_SECONDS:g} s and was ended"
            self.end(LakeAwayError(what, "Ask again: another one is started."))
        for pending in self._pending.values():
            if pending.waits_since is not None and now - pending.waits_since > pending.patience:
                what = f"{self._lake} did not answer within {pending.patience:g} s, and its agent was ended"
                self.end(LakeAwayError(what, "Try again in a few minutes."))
                return

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _streams(process: Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamReader]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise ValueError("the agent was started without pipes")
    return process.stdin, process.stdout, process.stderr


def _how(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
