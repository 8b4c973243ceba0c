"""The agent and its client: typed answers in batches, several at once, as far ahead as the client takes them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from atlasod_tui.errors import AtlasodError, BadFileError, LakeAwayError, LoginError
from atlasod_tui.lake.agent.client import Agent, Batch
from atlasod_tui.lake.agent.protocol import (
    BATCH_ROWS,
    QUESTIONS,
    WINDOW,
    About,
    Account,
    Facts,
    Files,
    LocalCopies,
    LocalCopy,
    Login,
    RemoveRule,
    Scopes,
    Show,
)
from atlasod_tui.lake.face import ReadOnlyLake
from atlasod_tui.lake.model import DID, Details, FileEntry
from tests.lake.agents import FAKE, told, until, with_agent

ROOT = Path(__file__).resolve().parents[2]
ROWS = 100_000


def asking(word: str, rows: int = 0) -> Files:
    """Ask for so many files, after which something happens."""
    return Files(DID("s", f"{word}.{rows}"))


def test_the_client_imports_nothing_heavy() -> None:
    code = "import sys, atlasod_tui.lake.agent.client; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"rucio", "numpy", "requests", "textual", "numba"} & set(done.stdout.split())


def test_answers_are_records_of_the_model() -> None:
    async def work(agent: Agent) -> None:
        assert (await agent.whole(About())).items == [Facts("fake", read_only=False)]
        assert (await agent.whole(Account())).items == ["ada"]
        assert (await agent.whole(RemoveRule("1"))).items == [None]
        files = (await agent.whole(asking("x", 3))).items
        assert files[2] == FileEntry(DID("s", "000002.root"), 2, "00000002")
        assert (await agent.whole(asking("x"))).items == []

    with_agent(work)


@pytest.mark.parametrize("name", ["[red]x[/red]", "\x1b[31m", "../x", "a:b", "ü\u202e", 'q"\\\n', "x" * 5000, "\udcff"])
def test_names_come_through_as_they_are(name: str) -> None:
    async def work(agent: Agent) -> None:
        did = DID(name, name)
        (details,) = (await agent.whole(Show(did))).items
        assert isinstance(details, Details)
        assert details.did == did
        assert details.metadata == {"odd": "\udcff", "[red]": "\x1b"}

    with_agent(work)


def test_a_long_answer_comes_in_batches_and_the_first_soon() -> None:
    async def work(agent: Agent) -> None:
        await agent.whole(Account())
        begin, first, rows, sizes = time.monotonic(), 0.0, 0, set()
        async for batch in agent.ask(asking("x", ROWS)):
            first = first or time.monotonic() - begin
            assert batch.items[0].bytes == rows
            rows += len(batch.items)
            sizes.add(len(batch.items))
        assert rows == ROWS
        assert max(sizes) == BATCH_ROWS
        assert first < 1

    with_agent(work)


def test_the_agent_goes_no_further_ahead_than_the_client_takes() -> None:
    async def work(agent: Agent) -> None:
        before = int((await told(agent))["rss"])
        most = 0
        async with aclosing(agent.ask(asking("x", ROWS))) as batches:
            seen = 0
            async for batch in batches:
                seen += len(batch.items)
                if seen in {BATCH_ROWS, 50 * BATCH_ROWS}:
                    await until_made_stays(agent)
                    most = int((await told(agent))["made"]) - seen
                    assert most <= (WINDOW + WINDOW // 2 + 1) * BATCH_ROWS
        assert most > 0
        assert int((await told(agent))["rss"]) - before < 5_000_000

    with_agent(work)


async def until_made_stays(agent: Agent) -> None:
    made = ""

    async def stays() -> bool:
        nonlocal made
        before, made = made, (await told(agent))["made"]
        return made == before

    await until(stays)


def test_an_answer_that_is_not_read_holds_nothing_up() -> None:
    async def work(agent: Agent) -> None:
        unread = [agent.ask(asking("x", ROWS)) for _ in range(5)]
        for batches in unread:
            await anext(batches)
        hanging = asyncio.create_task(agent.whole(asking("hang")))
        several = await asyncio.gather(*(agent.whole(asking("x", 1000 + number)) for number in range(8)))
        assert [len(one.items) for one in several] == list(range(1000, 1008))
        assert not hanging.done()
        for batches in unread:
            await batches.aclose()
        hanging.cancel()

    with_agent(work)


def test_what_is_cancelled_is_asked_for_no_longer() -> None:
    async def work(agent: Agent) -> None:
        async for _ in agent.ask(asking("x", 10**9)):
            break
        await until_made_stays(agent)
        reading = asyncio.create_task(agent.whole(asking("x", 10**9)))
        await until(lambda: more_than(agent, 5000))
        reading.cancel()
        await until_made_stays(agent)
        assert len((await agent.whole(asking("x", 5))).items) == 5

    async def more_than(agent: Agent, rows: int) -> bool:
        return int((await told(agent))["made"]) > rows

    with_agent(work)


@pytest.mark.parametrize(
    ("word", "kind", "code"),
    [("away", LakeAwayError, 3), ("login", LoginError, 3), ("bad", BadFileError, 4), ("unforeseen", AtlasodError, 1)],
)
@pytest.mark.parametrize("rows", [0, 450])
def test_errors_are_what_they_were(word: str, kind: type[AtlasodError], code: int, rows: int) -> None:
    async def work(agent: Agent) -> None:
        seen: list[FileEntry] = []
        with pytest.raises(kind) as caught:
            await into(seen, agent.ask(asking(word, rows)))
        assert type(caught.value) is kind
        assert caught.value.exit_code == code
        assert word in caught.value.message or word == "unforeseen"
        assert len(seen) == rows
        assert (await agent.whole(Account())).items == ["ada"]

    with_agent(work)


async def into(seen: list[FileEntry], batches: AsyncIterator[Batch[FileEntry]]) -> None:
    async for batch in batches:
        seen += batch.items


def test_the_traceback_of_what_nobody_foresaw_is_kept(home: object) -> None:
    async def work(agent: Agent) -> None:
        with pytest.raises(AtlasodError, match="what nobody thought of") as caught:
            await agent.whole(asking("unforeseen"))
        path = caught.value.hint.removeprefix("The traceback is in ").removesuffix(".txt.") + ".txt"
        assert path.startswith(str(home))
        with open(path, encoding="utf-8") as file:  # noqa: PTH123, ASYNC230
            assert "in happen" in file.read()

    with_agent(work)


def test_the_lake_is_opened_again_after_it_was_away() -> None:
    async def work(agent: Agent) -> None:
        for number, word in enumerate(("bad", "away", "login", "bad"), start=1):
            with pytest.raises(AtlasodError):
                await agent.whole(asking(word))
            assert int((await told(agent))["opened"]) == min(number, 3)

    with_agent(work)


def test_what_is_printed_does_not_get_between_the_messages() -> None:
    async def work(agent: Agent) -> None:
        assert len((await agent.whole(asking("noise", 3))).items) == 3
        assert (await agent.whole(Account())).items == ["ada"]

    with_agent(work)


def test_read_only_reaches_the_agent() -> None:
    async def work(agent: Agent) -> None:
        assert (await told(agent))["environment"].endswith("--read-only")

    with_agent(work, lambda: Agent("fake", command=FAKE, read_only=True))


def test_every_question_is_a_method_of_a_lake() -> None:
    for call, question in QUESTIONS.items():
        if call not in {
            "about",
            "login",
            "local_copies",
            "scopes",
            "datasets",
            "find_files",
            "files",
            "show",
            "replicas",
        }:
            names = getattr(ReadOnlyLake, call).__annotations__
            assert set(question.__struct_fields__) == set(names) - {"return", "dry_run"}


def speak(*lines: bytes) -> list[str]:
    """Return what an agent says to lines; it ends by itself when they do."""
    done = subprocess.run(FAKE, input=b"".join(lines), capture_output=True, check=True, timeout=60, cwd=ROOT)
    return [line for line in done.stdout.decode().splitlines() if line != '{"type":"beat"}']


@pytest.mark.parametrize(
    "line",
    [
        b"{\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'"x"\n',
        b"{}\n",
        b'{"id":"x","call":"account"}\n',
        b'{"id":1,"call":"__init__"}\n',
        b'{"id":1,"call":"files","arguments":{"did":"x"}}\n',
        b'{"id":1,"call":"files"}\n',
        b'{"id":1,"call":"more","arguments":[]}\n',
        b"[" * 100_000 + b"\n",
        b'{"id":1,"call":"account","arguments":' + b" " * 17_000_000 + b"{}}\n",
    ],
    ids=range(12),  # pytest hands the name of the test to processes as a variable, which may not be so long
)
def test_a_line_that_is_no_request_is_answered_and_passed_over(line: bytes) -> None:
    said = speak(b"\n", line, b'{"id":2,"call":"cancel"}\n{"id":2,"call":"more","arguments":{"batches":1}}\n')
    assert len(said) == 1
    assert said[0].startswith('{"type":"error","id":')


def test_an_id_is_used_once_at_a_time() -> None:
    hang = b'{"id":1,"call":"files","arguments":{"did":{"scope":"s","name":"hang"}}}\n'
    (said,) = speak(hang, hang)
    assert "there is a request 1 already" in said


def test_questions_without_end_are_refused() -> None:
    lines = [b'{"id":%d,"call":"files","arguments":{"did":{"scope":"s","name":"hang"}}}\n' % id_ for id_ in range(40)]
    said = speak(*lines)
    assert len(said) == 8
    assert all("32 questions are open" in line for line in said)


def test_remembered_scopes_cost_no_question() -> None:
    async def work(agent: Agent) -> None:
        assert [scope.name for scope in (await agent.whole(Scopes(), remembered=True)).items]

    with_agent(work, lambda: Agent("opendata"))


def test_copies_on_this_computer_are_told_and_a_folder_needs_no_login(tmp_path: Path) -> None:
    (tmp_path / "a.root").write_bytes(b"root")
    here, gone = FileEntry(DID("local", "a.root"), 4), FileEntry(DID("local", "b.root"), 4)

    async def work(agent: Agent) -> None:
        assert (await agent.whole(Login())).items == []
        found = (await agent.whole(LocalCopies([here, gone]))).items
        assert found == [LocalCopy(here.did, str(tmp_path / "a.root"))]

    with_agent(work, lambda: Agent(str(tmp_path)))
