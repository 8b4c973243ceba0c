"""Calls that never come back: the program ends all the same, and no more of them are begun than need be."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from atlasod_tui.tui import threads
from atlasod_tui.tui.app import AtlasodApp
from tests.tui.piloting import in_loop, make_world, until

HANGING = """
import asyncio, threading
from atlasod_tui.tui import threads

threads._PATIENCE = 0.01

async def main():
    asyncio.get_running_loop().set_default_executor(threads.DaemonThreads())
    asyncio.create_task(asyncio.to_thread(threading.Event().wait))
    print(await asyncio.to_thread(lambda: "others go on"), flush=True)

asyncio.run(main())
"""


def test_the_end_does_not_wait_for_a_call_that_hangs() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "others go on\n", "")


def test_the_end_lets_what_is_nearly_done_be_done() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        asyncio.run(asyncio.sleep(0.02))
        ended.set()

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(pool := threads.DaemonThreads())
        pool.submit(work)
        await asyncio.to_thread(begun.wait)

    asyncio.run(main())
    assert ended.is_set()


@in_loop
async def test_what_a_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await asyncio.get_running_loop().run_in_executor(threads.DaemonThreads(), lambda: 1 / 0)


@in_loop
async def test_the_app_has_such_threads() -> None:
    app = AtlasodApp(make_world())
    found: list[bool] = []
    async with app.run_test() as pilot:

        async def look() -> None:
            while not await asyncio.to_thread(lambda: threading.current_thread().daemon):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            found.append(True)

        app.run_worker(look())
        await until(pilot, lambda: found)


@in_loop
async def test_nothing_is_looked_at_below_what_hangs() -> None:
    hangs = threading.Event()
    looked: list[str] = []

    def look(path: str) -> str:
        looked.append(path)
        if path == "/away":
            assert hangs.wait(20)
        return path

    looking = threads.Looking(look)
    typed = []
    for path in ("/away", "/away/", "/away/s"):  # as a field does
        typed.append(asyncio.create_task(looking.at(path)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if path != "/away/s":
            typed[-1].cancel()
    assert await looking.at("/awa") == "/awa"
    assert looked == ["/away", "/awa"]
    hangs.set()
    assert await typed[-1] == "/away/s"
    assert looked == ["/away", "/awa", "/away/s"]
