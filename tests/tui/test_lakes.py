"""How the lake in front stands: told by what it answers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import Datasets, Files, Scopes, Show
from atlasod_tui.lake.model import DID
from atlasod_tui.tui import app as app_module
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.lake.link import LakeLink, Standing, State
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeAgent, FakeLake
from tests.tui.piloting import in_loop, make_world, until

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
        (LakeError("this is no Rucio"), State.FAILED),
    ],
)
def test_an_error_tells_how_the_lake_stands_and_is_raised(error: LakeError, state: State) -> None:
    async def work(link: LakeLink) -> None:
        with pytest.raises(type(error)):
            await scopes(link)

    assert [s.state for s in standings(FakeAgent(failure=error), work)] == [State.CONNECTING, state]


def test_a_lake_that_does_well_may_have_no_such_did_and_one_that_failed_does_well_again() -> None:
    agent = FakeAgent()

    async def work(link: LakeLink) -> None:
        for error in (None, LakeError("there is no such scope"), LakeAwayError("gone"), LakeError("odd"), None):
            agent.failure = error
            with suppress(LakeError):
                await link.whole(Datasets("opendata"))

    assert [s.state for s in standings(agent, work)][1:] == [State.OK, State.AWAY, State.FAILED, State.OK]


def test_an_empty_answer_after_a_failure_is_an_answer() -> None:
    async def work(link: LakeLink) -> None:
        link.standing = Standing(State.AWAY)
        await link.whole(Files(DID("s", "x")))

    assert standings(Agent("fake", command=FAKE), work)[-1].state is State.OK


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


class Link(FakeLake):
    """A link of the app's that counts how often its agent was ended."""

    made: ClassVar[list[Link]] = []

    def __init__(self, name: str, *, read_only: bool, changed: object) -> None:  # noqa: ARG002 - as a real one
        super().__init__(name, read_only=read_only)
        self.closed = 0
        self.made.append(self)

    async def close(self) -> None:
        """Count."""
        self.closed += 1


@in_loop
async def test_of_many_lakes_a_few_agents_go_on_and_what_was_away_is_asked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "LakeLink", Link)
    monkeypatch.setattr(Link, "made", [])
    app = AtlasodApp(make_world())
    async with app.run_test() as pilot:
        page: Any = app.page
        for name in "abcd":
            app.use_lake(name)
            await until(pilot, lambda: page.lake is app.world.lake)
        await until(pilot, lambda: Link.made[0].closed)
        assert [link.closed > 0 for link in Link.made] == [True, False, False, False]
        Link.made[3].standing = Standing(State.AWAY)
        for name in "bd":
            app.use_lake(name)
            await until(pilot, lambda: page.lake is app.world.lake)
        assert [link.name for link in Link.made] == [*"abcdd"]
        assert page.facts.lake is page.lake is Link.made[4]
