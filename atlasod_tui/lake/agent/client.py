"""The screen's way to a lake: questions to an agent, a process that can be killed, and answers as they arrive.

This side imports neither Rucio nor numpy.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Generic

import msgspec

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake.agent.child import Child
from atlasod_tui.lake.agent.protocol import End, Failure, Question, Record, decode, error_of, items_type

PATIENCE = 120.0
"""Seconds without a record after which a lake is given up: well beyond the limits that the lake itself keeps."""


class Batch(msgspec.Struct, Generic[Record], frozen=True):
    """Some records of an answer."""

    items: list[Record]
    since: datetime | None = None
    """When the lake gave this answer, if it is an old one: the lake is away."""
    why: str = ""
    """Why the lake does not answer now."""


async def gathered(answer: AsyncGenerator[Batch[Record], None]) -> Batch[Record]:
    """Return the batches of an answer as one; raises what the answer raises."""
    items: list[Record] = []
    last: Batch[Record] = Batch([])
    async with aclosing(answer) as batches:
        async for last in batches:
            items += last.items
    return Batch(items, last.since, last.why)


class Agent:
    """An agent for one lake, started when it is needed; all of it is to be used in one event loop.

    Args:
        lake: What ``--lake`` takes; None for the default.
        read_only: Whether the lake is to refuse all that would change it.
        command: What to start in place of this package's agent.
    """

    def __init__(self, lake: str | None, *, read_only: bool = False, command: Sequence[str] | None = None) -> None:
        # -P: what lies in the current folder is not to be imported in place of a library.
        own = [sys.executable, "-P", "-m", "atlasod_tui.lake.agent", *([f"--lake={lake}"] if lake else [])]
        self._command = [*(command or own), *(["--read-only"] if read_only else [])]
        self._called = f"the lake {lake}" if lake else "the lake"
        self._child: Child | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the agent; None while there is none."""
        return None if self._child is None or self._child.dead else self._child.pid

    async def start(self) -> None:
        """Start the agent now, so that the first answer comes sooner.

        Raises:
            LakeError: If there can be no such process.
        """
        await self._alive()

    async def ask(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> AsyncGenerator[Batch[Record], None]:
        """Yield the answer in batches as they arrive; to close the iterator is to cancel the request.

        Args:
            question: One of :mod:`~atlasod_tui.lake.agent.protocol`.
            patience: Seconds without a record after which the agent is ended; the next question starts another.
            remembered: Whether to answer from memory, at once and without asking the lake.

        Raises:
            LakeAwayError: If the lake is away, nothing is remembered, or the agent ended in the middle.
            AtlasodError: What else the lake raised, of its class.
        """
        child = await self._alive()
        pending = child.ask(question, patience, remembered=remembered)
        kind = items_type(question)
        try:
            while not isinstance(message := await child.next(pending), End):
                if isinstance(message, Failure):
                    raise error_of(message)
                yield Batch(decode(message.items, kind), message.since, message.why)
        finally:
            child.forget(pending)

    async def whole(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> Batch[Record]:
        """Return an answer that is short, in one batch; raises what :meth:`ask` does."""
        return await gathered(self.ask(question, patience=patience, remembered=remembered))

    def kill(self) -> None:
        """End the agent now; whoever waits gets a LakeAwayError, the next question starts another."""
        if self._child is not None:
            self._child.end(LakeAwayError(f"the agent of {self._called} was ended"))

    async def close(self) -> None:
        """Let the agent end, one that is being started too; the next question would start another."""
        async with self._starting:
            await self._close()

    async def _close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.close()

    async def _alive(self) -> Child:
        async with self._starting:
            if self._child is not None and self._child.dead:
                await self._close()
            if self._child is None:
                self._child = await Child.start(self._called, self._command)
            return self._child
