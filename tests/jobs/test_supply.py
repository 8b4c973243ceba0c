"""Things that come in while others are being done: each is handed out once, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from atlasod_tui.errors import CancelledError, LakeError
from atlasod_tui.jobs.tasks.supply import Supply
from tests.jobs.helpers import until


def nothing() -> None:
    """Go on."""


def in_threads(number: int, work: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_each_thing_is_handed_out_once() -> None:
    supply: Supply[int] = Supply(nothing)
    taken: list[int] = []
    threads = in_threads(4, lambda: taken.extend(supply))
    for start in range(0, 100, 10):
        supply.put(range(start, start + 10))
    supply.close()
    join(threads)
    assert sorted(taken) == list(range(100))


def test_what_is_there_is_done_before_an_error_is_raised() -> None:
    supply: Supply[int] = Supply(nothing)
    supply.put([1, 2])
    supply.close(LakeError("the lake is away"))
    assert [next(supply), next(supply)] == [1, 2]
    for _ in range(2):
        with pytest.raises(LakeError):
            next(supply)


def test_stopping_ends_all_whatever_comes() -> None:
    supply: Supply[int] = Supply(nothing)

    def work() -> None:
        list(supply)

    threads = in_threads(3, work)
    supply.put([1])
    supply.stop()
    supply.put([2])
    supply.close(LakeError("too late"))
    join(threads)
    assert list(supply) == []


def test_a_cancel_is_heard_while_nothing_comes() -> None:
    cancelled = threading.Event()

    def check() -> None:
        if cancelled.is_set():
            raise CancelledError("the job was cancelled")

    supply: Supply[int] = Supply(check)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            next(supply)
        except CancelledError as error:
            errors.append(error)

    threads = in_threads(2, work)
    cancelled.set()
    until(lambda: len(errors) == 2, "the ends")
    join(threads)
