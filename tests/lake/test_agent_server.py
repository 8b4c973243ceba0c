"""An agent that asks a real Rucio: the whole face through it, and the server killed and started again."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.agent.client import Agent
from atlasod_tui.lake.agent.protocol import (
    About,
    Account,
    AddRule,
    Datasets,
    EndOwn,
    ExtendRule,
    Facts,
    Files,
    FindFiles,
    Quotas,
    RemoveRule,
    Replicas,
    Rules,
    Scopes,
    Show,
    StorageElements,
    WhyStuck,
)
from atlasod_tui.lake.model import DID, DIDType, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.sandbox import control
from tests.lake.agents import with_agent

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

LAPP, NAPOLI = "IN2P3_LAPP-DCACHE", "INFN_NAPOLI-DCACHE"
RELEASE = "ATLAS_OD_EDU"

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def _in_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))


@pytest.fixture
def dataset(_in_sandbox: None) -> DID:
    """A dataset of three registered files without bytes, on one storage element."""
    lake = RucioLake(profiles.sandbox_settings())
    did = DID(f"user.{lake.account()}", f"agent.{os.getpid()}.{next(_numbers)}")
    files = [{"scope": did.scope, "name": f"{did.name}.{n}.root", "bytes": 7, "adler32": f"{n:08x}"} for n in range(3)]
    lake.client().add_dataset(did.scope, did.name)
    lake.client().add_replicas(LAPP, files)
    lake.client().attach_dids(did.scope, did.name, files)
    lake.close()
    return did


def with_sandbox(work: Callable[[Agent], Awaitable[None]], *, read_only: bool = False) -> None:
    with_agent(work, lambda: Agent("sandbox", read_only=read_only))


async def first_page(agent: Agent) -> float:
    """Return after how many seconds there is something to show of a scope."""
    begin = time.monotonic()
    async for batch in agent.ask(FindFiles(RELEASE)):
        assert batch.items[0].did.scope == RELEASE
        return time.monotonic() - begin
    pytest.fail("there is no file")


@pytest.mark.usefixtures("_in_sandbox")
def test_the_release_is_browsed() -> None:
    async def work(agent: Agent) -> None:
        assert (await agent.whole(About())).items == [Facts("sandbox", read_only=False)]
        assert RELEASE in [scope.name for scope in (await agent.whole(Scopes())).items]
        datasets = (await agent.whole(Datasets(RELEASE))).items
        assert len(datasets) >= 16
        assert min([await first_page(agent) for _ in range(3)]) < 0.3
        biggest = max(datasets, key=lambda one: one.files or 0)
        files = (await agent.whole(Files(biggest.did))).items
        assert len(files) == biggest.files
        several = [files[0].did, files[1].did]
        assert {one.file.did for one in (await agent.whole(Replicas(several))).items} == set(several)
        (details,) = (await agent.whole(Show(biggest.did))).items
        assert details.metadata["catalogue_only"] is True
        assert details.type is DIDType.DATASET

    with_sandbox(work)


def test_rules_are_made_and_ended(dataset: DID) -> None:
    async def work(agent: Agent) -> None:
        (account,) = (await agent.whole(Account())).items
        assert dataset.scope == f"user.{account}"
        (rule,) = (await agent.whole(AddRule(dataset, LAPP, 3600))).items
        await agent.whole(ExtendRule(rule, None))
        (found,) = (await agent.whole(Rules(dataset))).items
        assert (found.id, found.expires) == (rule, None)
        assert found.state in RuleState
        assert (await agent.whole(WhyStuck(rule))).items == []
        assert rule in [one.id for one in (await agent.whole(Rules())).items]
        (details,) = (await agent.whole(Show(dataset))).items
        assert [one.id for one in details.rules] == [rule]
        await agent.whole(RemoveRule(rule))
        (other,) = (await agent.whole(AddRule(dataset, NAPOLI, 3600))).items
        assert other in [one.id for one in (await agent.whole(EndOwn(dataset))).items]

    with_sandbox(work)


def test_several_questions_at_once(dataset: DID) -> None:
    async def work(agent: Agent) -> None:
        files, elements, quotas, more = await asyncio.gather(
            agent.whole(Files(dataset)),
            agent.whole(StorageElements()),
            agent.whole(Quotas()),
            asyncio.gather(*(agent.whole(Show(dataset)) for _ in range(4))),
        )
        assert len(files.items) == 3
        assert {LAPP, NAPOLI} <= {one.name for one in elements.items}
        assert LAPP in {one.storage_element for one in quotas.items}
        assert {one.items[0].did for one in more} == {dataset}

    with_sandbox(work)


def test_read_only_is_kept(dataset: DID) -> None:
    async def work(agent: Agent) -> None:
        assert (await agent.whole(About())).items == [Facts("sandbox", read_only=True)]
        for question in (AddRule(dataset, LAPP, 60), RemoveRule("0" * 32), ExtendRule("0" * 32, 60)):
            with pytest.raises(LakeError, match="for reading only"):
                await agent.whole(question)  # type: ignore[misc]  # of several kinds

    with_sandbox(work, read_only=True)


@pytest.mark.usefixtures("_in_sandbox")
@pytest.mark.parametrize("name", ["nothing", "../x", "[red]x[/red]", "\x1b[31m", "..", "x" * 600])
def test_what_does_not_exist_is_a_sentence(name: str) -> None:
    async def work(agent: Agent) -> None:
        with pytest.raises(LakeError, match=r"no such DID|cannot be a DID|does not allow"):
            await agent.whole(Show(DID(RELEASE, name)))
        with pytest.raises(LakeError, match="has no scope"):
            await agent.whole(Datasets("nowhere"))

    with_sandbox(work)


@pytest.mark.usefixtures("home")
def test_a_sandbox_that_is_killed_is_remembered_and_found_again(own_sandbox: Sandbox) -> None:
    async def work(agent: Agent) -> None:
        fresh = await agent.whole(Datasets(RELEASE))
        assert fresh.since is None
        os.kill(own_sandbox.server.pid, signal.SIGKILL)
        old = await agent.whole(Datasets(RELEASE))
        assert old.items == fresh.items
        assert old.since is not None
        assert "connection refused" in old.why
        control.up()
        again = await agent.whole(Datasets(RELEASE))
        assert (again.items, again.since) == (fresh.items, None)

    with_sandbox(work)
