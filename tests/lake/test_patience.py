"""A server that drips, a byte now and then: it is left in the time that a silent one is."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake.login import validate
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.patience import LEAST_BYTES, watched
from atlasod_tui.lake.rucio import quiet
from tests.lake.rucio_stub import Answer, dripping, lake_at, logging_in, rows, serving, settings

SECONDS = 0.3
HEADS = (b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")


@pytest.mark.parametrize("head", HEADS, ids=["in the head", "in the body"])
def test_a_server_that_drips_is_left_in_time(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "READ_SECONDS", SECONDS)
    monkeypatch.setattr(validate, "CONNECT_SECONDS", SECONDS)
    with dripping(head) as url:
        began = time.monotonic()
        with lake_at(url) as lake, pytest.raises(LakeAwayError, match="did not answer in time"):
            list(lake.scopes())
        with pytest.raises(LakeAwayError, match="did not answer in time"):
            validate.ping(settings(url))
        assert time.monotonic() - began < 10 * SECONDS


def test_who_reads_slowly_is_not_taken_for_a_server_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "READ_SECONDS", SECONDS)
    many = rows(*({"scope": "s", "name": f"{i:0500d}"} for i in range(2000)))
    with serving(logging_in(lambda *_: many)) as url, lake_at(url) as lake:
        files = lake.files(DID("s", "n"))
        next(files)
        threading.Event().wait(1.2 * SECONDS)
        assert len(list(files)) == 1999


def test_a_short_answer_that_took_its_time_is_an_answer() -> None:
    def answer(*_: str) -> Answer:
        threading.Event().wait(SECONDS)
        return Answer(body=b"pong")

    with serving(answer) as url, watched(requests.Session()) as session:
        got = session.get(url, timeout=2 * SECONDS)
    assert len(got.content) < LEAST_BYTES
    assert got.text == "pong"
