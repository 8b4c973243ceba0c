"""How the lake in front stands: told by what it answers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import Files, Scopes, Show
from atlasod_tui.lake.model import DID
from atlasod_tui.tui.lake.link import LakeLink, Standing, State
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeAgent

FAKE = [sys.executable, "-m", "tests.lake.fake_agent"]


def standings(agent: FakeAgent | Agent, work: Callable[[LakeLink], Any]) -> list[Standing]:
    """Return how a lake stood, one after the other."""
    seen: list[Standing] = []

    async def run() -> None:
        agent_: Any = agent
        link = LakeLink("fake", agent=agent_, changed=lambda: seen.append(link.standing))
        try:
            await work(link)
        finally:
            await link.close()

    asyncio.run(run())
    return seen


async def scopes(link: LakeLink) -> None:
    await link.whole(Scopes())


def test_a_lake_that_answers_is_connecting_and_then_ok() -> None:
    assert [s.state for s in standings(FakeAgent(), scopes)] == [State.CONNECTING, State.OK]


def test_an_old_answer_tells_its_age_and_why() -> None:
    (_, last) = standings(FakeAgent(old=NOW), scopes)
    assert last == Standing(State.OLD, NOW, "it is away")


def test_what_is_remembered_tells_nothing_of_the_lake() -> None:
    async def work(link: LakeLink) -> None:
        assert (await link.whole(Scopes(), remembered=True)).since == NOW

    assert [s.state for s in standings(FakeAgent(remembers=NOW), work)] == [State.CONNECTING]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (LakeAwayError("gone"), State.AWAY),
        (LoginError("no token"), State.LOGIN),
        (LakeError("there is no such scope"), State.OK),
    ],
)
def test_an_error_tells_how_the_lake_stands_and_is_raised(error: LakeError, state: State) -> None:
    async def work(link: LakeLink) -> None:
        with pytest.raises(type(error)):
            await scopes(link)

    assert [s.state for s in standings(FakeAgent(failure=error), work)] == [State.CONNECTING, state]


def test_an_answer_without_records_is_an_answer() -> None:
    async def work(link: LakeLink) -> None:
        assert (await link.whole(Files(DID("s", "x")))).items == []

    assert standings(Agent("fake", command=FAKE), work)[-1].state is State.OK


def test_a_hung_lake_is_named_after_its_time_and_another_agent_is_started() -> None:
    async def work(link: LakeLink) -> None:
        await scopes(link)
        first = link._agent.pid
        with pytest.raises(LakeAwayError, match=r"the lake fake did not answer within 0\.5 s, and its agent was ended"):
            await link.whole(Show(DID("s", "hang")), patience=0.5)
        assert link._agent.pid is None
        await scopes(link)
        assert link._agent.pid not in {None, first}

    assert [s.state for s in standings(Agent("fake", command=FAKE), work)][1:] == [State.OK, State.AWAY, State.OK]
