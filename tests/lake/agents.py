"""How the tests start agents, and end them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import Scopes

FAKE = (sys.executable, "-m", "tests.lake.fake_agent")
SOON = 60.0


def with_agent(work: Callable[[Agent], Awaitable[Any]], agent: Callable[[], Agent] | None = None) -> None:
    """Do something with an agent (of the fake lake), which is closed in the end; all of it in one event loop."""

    async def run() -> None:
        asked = agent() if agent else Agent("fake", command=FAKE)
        try:
            async with asyncio.timeout(SOON):
                await work(asked)
        finally:
            await asked.close()

    asyncio.run(run())


async def told(agent: Agent) -> dict[str, str]:
    """Return what the fake lake tells of itself."""
    return {scope.name: scope.account or "" for scope in (await agent.whole(Scopes())).items}


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    while not await true():  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.02)
