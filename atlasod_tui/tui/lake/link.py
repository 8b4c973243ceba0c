"""The lake in front of the user: what the screen asks it, and how it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from atlasod_tui.errors import AtlasodError, LakeAwayError, LoginError
from atlasod_tui.lake.agent.client import PATIENCE, Agent, Batch, gathered
from atlasod_tui.lake.agent.protocol import Question, Record, Scopes


class State(StrEnum):
    """How a lake stands, in words."""

    UNASKED = "not asked yet"
    CONNECTING = "connecting"
    OK = "ok"
    OLD = "away, old listing"
    AWAY = "away"
    LOGIN = "wants a login"
    FAILED = "failed"


class Standing(msgspec.Struct, frozen=True):
    """How a lake stands."""

    state: State = State.UNASKED
    since: datetime | None = None
    """When the lake gave the old answer that is shown."""
    why: str = ""


class Asker(Protocol):
    """What pages need of a lake; `LakeLink`, or a fake in tests."""

    @property
    def name(self) -> str:
        """Name of the profile, as in ``--lake NAME``."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing is to be changed there."""
        ...

    @property
    def standing(self) -> Standing:
        """How it stands."""
        ...

    def ask(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> AsyncGenerator[Batch[Record], None]:
        """Yield the answer in batches; raises AtlasodError."""
        ...

    async def whole(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> Batch[Record]:
        """Return a short answer in one batch; raises AtlasodError."""
        ...

    async def close(self) -> None:
        """Let the agent end."""
        ...


class LakeLink:
    """A lake behind an agent, started with the first question.

    Args:
        name: What ``--lake`` takes.
        read_only: Whether the lake is to refuse all that would change it.
        changed: Called when the standing changed.
        agent: What answers; an agent of its own without it.
    """

    def __init__(
        self,
        name: str,
        *,
        read_only: bool = False,
        changed: Callable[[], object] = lambda: None,
        agent: Agent | None = None,
    ) -> None:
        self.name, self.read_only = name, read_only
        self.standing = Standing()
        self._changed = changed
        self._agent = agent or Agent(name, read_only=read_only)

    async def ask(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> AsyncGenerator[Batch[Record], None]:
        """Yield the answer in batches as they arrive; to close the iterator is to cancel the question.

        Raises:
            AtlasodError: What the lake raised; `LakeAwayError` if it does not answer in time: its agent is ended then.
        """
        if self.standing.state is State.UNASKED:
            self._stands(Standing(State.CONNECTING))
        batch: Batch[Record] | None = None
        try:
            async with aclosing(self._agent.ask(question, patience=patience, remembered=remembered)) as batches:
                async for batch in batches:
                    if not remembered:
                        self._answered(batch)
                    yield batch
        except AtlasodError as error:
            if not remembered:
                self._failed(question, error)
            raise
        else:
            if not remembered and batch is None:
                self._stands(Standing(State.OK))  # an answer without records

    async def whole(
        self, question: Question[Record], *, patience: float = PATIENCE, remembered: bool = False
    ) -> Batch[Record]:
        """Return a short answer in one batch; raises what :meth:`ask` does."""
        return await gathered(self.ask(question, patience=patience, remembered=remembered))

    async def close(self) -> None:
        """Let the agent end."""
        await self._agent.close()

    def _answered(self, batch: Batch[Record]) -> None:
        self._stands(Standing(State.OLD, batch.since, batch.why) if batch.since else Standing(State.OK))

    def _failed(self, question: Question[Any], error: AtlasodError) -> None:
        if isinstance(error, LoginError):
            self._stands(Standing(State.LOGIN, why=error.message))
        elif isinstance(error, LakeAwayError):
            self._stands(Standing(State.AWAY, why=error.message))
        # One that does well may have no such DID; of scopes nothing is asked that it could not have.
        elif self.standing.state is not State.OK or isinstance(question, Scopes):
            self._stands(Standing(State.FAILED, why=error.message))

    def _stands(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self._changed()
