"""Agents that are killed, stopped, mute or mad, and lakes that never answer: a sentence in time, and another agent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from atlasod_tui.errors import LakeAwayError, LakeError
from atlasod_tui.lake.agent import child
from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import BATCH_ROWS, About, Account, Files, FindFiles, Login, Quotas, Scopes, Show
from atlasod_tui.lake.agent.server import AT_ONCE
from atlasod_tui.lake.model import DID
from tests.jobs import helpers
from tests.lake.agents import FAKE, told, until, with_agent
from tests.lake.rucio_stub import Answer, document, logging_in, serving, silent

HANG = Files(DID("s", "hang"))


def of(agent: Agent) -> int:
    pid = agent.pid
    assert pid is not None
    return pid


async def works(agent: Agent) -> None:
    assert (await agent.whole(Account())).items == ["ada"]


def test_an_agent_that_is_killed_in_mid_answer_is_replaced() -> None:
    async def work(agent: Agent) -> None:
        waiting = asyncio.create_task(agent.whole(HANG))
        batches = agent.ask(Files(DID("s", "x.100000")))
        await anext(batches)
        first = of(agent)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(LakeAwayError, match="the agent of the lake fake was killed by signal 9"):
            await to_the_end(batches)
        with pytest.raises(LakeAwayError, match="killed by signal 9"):
            await waiting
        assert agent.pid is None
        await works(agent)
        assert of(agent) != first

    with_agent(work)


async def to_the_end(batches: AsyncIterator[Any]) -> None:
    async for _ in batches:
        pass


def test_an_agent_that_ends_by_itself_tells_its_last_words() -> None:
    async def work(agent: Agent) -> None:
        with pytest.raises(LakeAwayError, match="ended with code 3") as caught:
            await agent.whole(Files(DID("s", "end")))
        assert caught.value.hint == "Its last words: ModuleNotFoundError: no module"
        await works(agent)

    with_agent(work)


@pytest.mark.slow
def test_a_lake_that_never_answers_is_told_from_an_agent_that_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "ALIVE_SECONDS", 3.0)

    async def work(agent: Agent) -> None:
        await works(agent)
        with pytest.raises(LakeAwayError, match=r"the lake fake did not answer within 3.5 s, and its agent was ended"):
            await agent.whole(HANG, patience=3.5)  # in which it beats
        await works(agent)
        os.kill(of(agent), signal.SIGSTOP)
        with pytest.raises(LakeAwayError, match=r"no sign of life for 3 s"):
            await agent.whole(HANG, patience=60)
        await works(agent)

    with_agent(work)


def test_who_is_slow_to_take_an_answer_is_not_thought_dead() -> None:
    async def work(agent: Agent) -> None:
        first = None
        async for _ in agent.ask(Files(DID("s", f"x.{BATCH_ROWS * 30}")), patience=1):
            if first is None:
                first = of(agent)
                await asyncio.sleep(1.5)  # with an answer half read
        assert of(agent) == first

    with_agent(work)


def test_the_time_in_which_this_process_was_stopped_counts_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "ALIVE_SECONDS", 2.5)
    monkeypatch.setattr(child, "_STALL_SECONDS", 0.5)

    async def work(agent: Agent) -> None:
        waiting = asyncio.create_task(agent.whole(HANG, patience=2.5))
        await works(agent)
        first = of(agent)
        time.sleep(3)  # noqa: ASYNC251 - as when the screen is suspended
        await works(agent)
        assert of(agent) == first
        assert not waiting.done()
        waiting.cancel()

    with_agent(work)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("print('welcome')", "cannot be understood"),
        ('print(\'{"type":"items","id":"x"}\')', "cannot be understood"),
        ('print(\'{"type":"items","id":1,"items":[]}\\n\' * 99)', "more than it was asked for"),
        ("print('x' * 2**27)", "cannot be understood"),
        ("import sys; sys.exit('No module named rucio')", "ended with code 1"),
    ],
)
def test_what_is_no_agent_is_a_sentence(script: str, sentence: str) -> None:
    async def work(agent: Agent) -> None:
        for _ in range(2):
            with pytest.raises(LakeError, match=sentence):
                await agent.whole(Account())

    script = f"{script}\nimport sys; sys.stdout.flush(); sys.stdin.readline() and sys.stdin.read()"
    with_agent(work, lambda: Agent("mad", command=[sys.executable, "-c", script]))


def test_what_cannot_be_started_is_a_sentence() -> None:
    async def work(agent: Agent) -> None:
        with pytest.raises(LakeError, match="the agent of the lake x cannot be started: No such file"):
            await agent.start()

    with_agent(work, lambda: Agent("x", command=["/nowhere/python"]))


@pytest.mark.parametrize("hanging", [False, True])
def test_closing_ends_the_agent_at_once(hanging: bool) -> None:
    async def work(agent: Agent) -> None:
        await works(agent)
        waiting = asyncio.create_task(agent.whole(HANG)) if hanging else None
        await works(agent)
        process = psutil.Process(of(agent))
        begin = time.monotonic()
        await agent.close()
        assert time.monotonic() - begin < 1.5
        assert not process.is_running()
        if waiting is not None:
            with pytest.raises(LakeAwayError, match="was closed"):
                await waiting
        await works(agent)

    with_agent(work)


def test_an_agent_that_is_being_started_is_closed_too() -> None:
    async def work(agent: Agent) -> None:
        waiting = [asyncio.create_task(agent.whole(HANG)) for _ in range(3)]
        await asyncio.sleep(0)
        await agent.close()
        assert agent.pid is None
        assert not [one for one in psutil.Process().children() if is_agent(one)]
        for one in waiting:
            with pytest.raises(LakeAwayError, match="was closed"):
                await one

    with_agent(work)


def test_an_agent_is_ended_though_nobody_waits_for_that() -> None:
    async def work(agent: Agent) -> None:
        await works(agent)
        process = psutil.Process(of(agent))
        child = agent._child
        assert child is not None

        async def reaped() -> bool:  # which the event loop hears of a moment after the process is gone
            return child._process.returncode is not None

        process.suspend()
        closing = asyncio.create_task(agent.close())
        await asyncio.sleep(0.1)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await until(reaped)
        assert not process.is_running()

    with_agent(work)


def is_agent(process: psutil.Process) -> bool:
    try:
        return "tests.lake.fake_agent" in process.cmdline()
    except psutil.NoSuchProcess:  # or it is a zombie, of another test
        return False


def test_what_is_remembered_is_told_however_much_is_asked_of_a_lake_that_hangs(at: Callable[[str], None]) -> None:
    async def work(agent: Agent) -> None:
        await agent.whole(About())
        for number in range(AT_ONCE):
            await given_up(agent, FindFiles("s", f"*{number}*"))
        with pytest.raises(LakeAwayError, match="questions are open already"):
            await agent.whole(Scopes())
        with pytest.raises(LakeAwayError, match="nothing is remembered"):
            await agent.whole(Scopes(), remembered=True)

    with silent() as url:
        at(url)
        with_rucio(work)


async def given_up(agent: Agent, question: FindFiles) -> None:
    asking = asyncio.create_task(agent.whole(question))
    await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_an_agent_that_was_ended_is_replaced() -> None:
    async def work(agent: Agent) -> None:
        await works(agent)
        waiting = asyncio.create_task(agent.whole(HANG))
        await works(agent)
        agent.kill()
        with pytest.raises(LakeAwayError, match="the agent of the lake fake was ended"):
            await waiting
        await works(agent)

    with_agent(work)


def test_an_agent_does_not_outlive_who_asks() -> None:
    code = """
import asyncio, sys, os, signal
from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import Account
async def ask():
    agent = Agent("fake", command=sys.argv[1:])
    await agent.whole(Account())
    print(agent.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(ask())
"""
    command = [sys.executable, "-c", code, *FAKE]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=root)
    assert done.returncode == -signal.SIGKILL, done.stderr
    helpers.until(lambda: not helpers.lives(int(done.stdout)), "the end of the agent")


def test_an_interrupt_at_the_terminal_is_not_the_agents() -> None:
    async def work(agent: Agent) -> None:
        await works(agent)
        assert os.getsid(of(agent)) == of(agent)

    with_agent(work)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the default lake be the Rucio at an address."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("RUCIO_ACCOUNT", "RUCIO_AUTH_TYPE", "RUCIO_VO"):
        monkeypatch.delenv(variable, raising=False)

    def point(url: str) -> None:
        config = tmp_path / "rucio.cfg"
        lines = ("[client]", f"rucio_host = {url}", f"auth_host = {url}", "account = ada", "username = ada")
        config.write_text("\n".join((*lines, "password = secret-of-ada", "auth_type = userpass")), encoding="utf-8")
        monkeypatch.setenv("RUCIO_CONFIG", str(config))

    return point


def with_rucio(work: Callable[[Agent], Awaitable[None]]) -> None:
    with_agent(work, lambda: Agent(None))


def test_a_silent_server_is_given_up_when_the_patience_ends(at: Callable[[str], None]) -> None:
    async def work(agent: Agent) -> None:
        begin = time.monotonic()
        with pytest.raises(LakeAwayError, match="the lake did not answer within 2 s"):
            await agent.whole(Scopes(), patience=2)
        assert time.monotonic() - begin < 5

    with silent() as url:
        at(url)
        with_rucio(work)


class Passing:
    """Answers with these scopes until it is away."""

    def __init__(self, *scopes: str) -> None:
        self.away = False
        self._scopes = [{"scope": scope, "account": "ada"} for scope in scopes]

    def __call__(self, *_: str) -> Answer:
        return Answer(503) if self.away else document(self._scopes)


@pytest.mark.slow
def test_a_lake_that_is_away_answers_from_memory_and_with_its_age(at: Callable[[str], None]) -> None:
    server = Passing("s")

    async def work(agent: Agent) -> None:
        fresh = await agent.whole(Scopes())
        assert (fresh.items[0].name, fresh.since, fresh.why) == ("s", None, "")
        server.away = True
        old = await agent.whole(Scopes())
        assert old.items == fresh.items
        assert old.since is not None
        assert "503" in old.why
        at_once = await agent.whole(Scopes(), remembered=True)
        assert (at_once.items, at_once.since) == (old.items, old.since)
        with pytest.raises(LakeAwayError, match="503"):
            await agent.whole(Quotas())
        with pytest.raises(LakeAwayError, match="503"):
            await agent.whole(Show(DID("s", "n")))
        with pytest.raises(LakeAwayError, match="nothing is remembered"):
            await agent.whole(Show(DID("s", "n")), remembered=True)
        server.away = False
        assert (await agent.whole(Scopes())).since is None

    with serving(logging_in(server)) as url:
        at(url)
        with_rucio(work)


def test_an_empty_old_answer_tells_its_age_too(at: Callable[[str], None]) -> None:
    server = Passing()

    async def work(agent: Agent) -> None:
        assert (await agent.whole(Scopes())).since is None
        server.away = True
        old = await agent.whole(Scopes())
        assert old.items == []
        assert old.since is not None

    with serving(logging_in(server)) as url:
        at(url)
        with_rucio(work)


def test_what_one_logs_in_with_is_told_without_asking_the_lake(at: Callable[[str], None]) -> None:
    async def work(agent: Agent) -> None:
        (shown,) = (await agent.whole(Login())).items
        assert (shown.lake, shown.kind, shown.account, shown.problem) == ("rucio", "userpass", "ada", "")
        assert "secret-of-ada" not in repr(shown)

    at("http://127.0.0.1:9")
    with_rucio(work)


def test_no_secret_is_seen_from_outside(at: Callable[[str], None]) -> None:
    async def work(agent: Agent) -> None:
        with pytest.raises(LakeAwayError):
            await agent.whole(Scopes())
        process = psutil.Process(of(agent))
        assert "secret-of-ada" not in " ".join([*process.cmdline(), *process.environ().values()])

    at("http://127.0.0.1:9")
    with_rucio(work)


def test_the_fake_lake_tells_of_itself() -> None:
    async def work(agent: Agent) -> None:
        assert set(await told(agent)) == {"opened", "made", "rss", "environment"}

    with_agent(work)
