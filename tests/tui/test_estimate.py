"""What an order comes to: from the catalogue, from the verb's plan, and in words; lifetimes as days and dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from atlasod_tui.cli.lake import lifetime_seconds
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.lake.model import DID, DIDType, Quota, StorageElement
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.equivalent import lifetime as word
from atlasod_tui.tui.jobs.speed import speed
from atlasod_tui.tui.orders import estimate
from atlasod_tui.tui.widgets import lifetime

FILE = Pick(DID("opendata", "a.root"), DIDType.FILE, 1000)
DATASET = Pick(DID("opendata", "2020"), DIDType.DATASET, 5000, files=4)
UNKNOWN = Pick(DID("opendata", "all"), DIDType.CONTAINER)
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
TASK = "atlasod_tui.jobs.tasks.{}:run"


def job(
    task: str, rate: float, total: int, state: State = State.DONE, unit: str = "B", uploading: float | None = None
) -> Any:
    rates = {"reading the files": 1.0, "copying": rate}
    if uploading is not None:
        rates["uploading"] = uploading
    last = uploading or rate
    status = Status(state=state, rate=last, rates=rates, total=total, done=total, unit=unit)
    return SimpleNamespace(task=TASK.format(task), status=status)


def test_the_catalogue_tells_at_once_bytes_times_factor_times_files() -> None:
    found = estimate.at_once([FILE, DATASET], 10, 3)
    assert found == estimate.Amounts(5, 6000, 15, 180_000)
    assert estimate.at_once([FILE, UNKNOWN], 10, 3) == estimate.Amounts(None, None, None, None)
    assert estimate.at_once([], 10, 3) == estimate.Amounts(0, 0, 0, 0)


def test_the_plans_of_the_verbs_are_understood() -> None:
    rows = [
        {"output": "a.x2.001.root", "sources": ["a"], "bytes": 7},
        {"output": "a.x2.002.root", "sources": ["a"], "bytes": 7},
    ]
    plan = {"plan": rows, "bytes": 14, "bytes_in": 4, "output": "/", "skipped": []}
    assert estimate.of_multiply(plan) == estimate.Amounts(1, 4, 2, 14, exact=True)
    rows[0]["estimated"] = True
    assert estimate.of_multiply(plan | {"bytes_elsewhere": 4}) == estimate.Amounts(1, 4, 2, 14, fetched=4)
    files = [{"did": "s:a", "bytes": 5, "there": False}, {"did": "s:b", "bytes": 6, "there": True}]
    assert estimate.of_get({"plan": files, "bytes": 5}) == estimate.Amounts(1, 5, 1, 5, exact=True)


def test_time_is_that_of_earlier_jobs_or_unknown() -> None:
    amounts = estimate.Amounts(1, 1, 1, 600_000_000)
    assert speed([], "multiply") is None
    others = [
        job("multiply", 1e6, 10**9, State.FAILED),
        job("put", 1e6, 10**9),
        job("multiply", 5e5, 9 * 10**9, unit="events"),
        job("multiply", 1e8, 1000),
    ]
    assert speed(others, "multiply") is None
    known = [job("multiply", 1e8, 10**8), job("multiply", 5e7, 10**8)]
    rate = speed([*others, *known], "multiply")
    assert rate == pytest.approx(2e8 / 3, rel=1e-3)
    assert estimate.lasts(amounts, rate, "multiply") == "time: about 9 s, at 66.7 MB/s as earlier multiply jobs"
    fetched = estimate.lasts(amounts._replace(fetched=1), rate, "multiply")
    assert fetched.endswith(", and the time to fetch them")
    uploaded = job("multiply", 1e8, 10**8, uploading=1e6)
    assert speed([uploaded], "multiply") == pytest.approx(1e8), "that of the copying"
    assert speed([uploaded, *known], "multiply", uploads=True) == pytest.approx(1e8 / 101)
    assert speed(known, "multiply", uploads=True) is None
    assert "unknown, there is no earlier upload job" in estimate.lasts(amounts, None, "upload")
    assert "unknown" in estimate.lasts(amounts._replace(bytes_out=None), rate, "multiply")


def test_what_does_not_suffice_is_a_sentence() -> None:
    element = StorageElement("CERN", writable=True, free=100)
    quota = Quota("CERN", 20, 1, 80)  # 60 are left
    assert estimate.short(element, quota, 59) == ""
    assert estimate.short(element, quota, 60) == "CERN: your quota leaves 60 B, 60 B are needed."
    assert estimate.short(element, None, 100) == ""
    assert estimate.short(element, Quota("CERN", 1, 1, None), 101) == "CERN: 100 B are free, 101 B are needed."
    assert estimate.short(element, quota, None) == ""
    assert estimate.room(element, quota, known=True, needed=20) == "100 B free, quota: 60 B left, 40 B after"
    assert estimate.room(element, quota, known=True, needed=70) == "100 B free, quota: 60 B left, 70 B needed"
    assert estimate.room(element, None, known=True, needed=None) == "100 B free, no quota of yours"
    assert estimate.room(StorageElement("X"), None, known=False, needed=5) == ""
    assert estimate.disk(100, 40) == ("disk of the folder: 100 B free, 60 B would be left", True)
    assert estimate.disk(100, 140) == ("disk of the folder: 100 B free, 140 B are needed", False)
    assert estimate.disk(100, None) == ("disk of the folder: 100 B free", True)


def test_words_for_what_is_and_is_not_known() -> None:
    assert (estimate.size(None), estimate.size(5), estimate.size(5, exact=False)) == (
        "an unknown size",
        "5 B",
        "about 5 B",
    )
    assert estimate.count(1, "file") == "1 file"
    assert estimate.count(12345, "file") == "12 345 files"
    assert estimate.count(None, "file") == "an unknown number of files"
    assert estimate.skipped({"skipped": []}) == ""
    left_out = [{"path": "a", "reason": "no"}, {"path": "b", "reason": "no"}]
    assert estimate.skipped({"skipped": left_out}) == "would be skipped: a: no, and 1 more"


@pytest.mark.parametrize(
    ("text", "seconds", "told"),
    [
        ("7d", 604800, "7d = until Mon 30 Nov 2026 (UTC)"),
        ("7", 604800, "7d = until Mon 30 Nov 2026 (UTC)"),
        (" 2W ", 1209600, "14d = until Mon 07 Dec 2026 (UTC)"),
        ("12h", 43200, "12h = until Tue 24 Nov 2026, 02:05 UTC"),
        ("90 m", 5400, "90m = until Mon 23 Nov 2026, 15:35 UTC"),
        ("2026-11-30", 604800, "7d = until Mon 30 Nov 2026 (UTC)"),
        ("30 Nov 2026", 604800, "7d = until Mon 30 Nov 2026 (UTC)"),
        ("30.11.2026", 604800, "7d = until Mon 30 Nov 2026 (UTC)"),
        ("forever", None, "for ever: nothing ends it but you"),
    ],
)
def test_a_lifetime_is_days_or_a_date_and_shown_as_both(text: str, seconds: int | None, told: str) -> None:
    found = lifetime.parse(text, NOW)
    assert found == lifetime.Lifetime(seconds)
    assert lifetime.told(seconds, NOW) == told
    for zone in (timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):  # where it is another day already
        there = NOW.astimezone(zone)
        assert lifetime.told(lifetime.parse(text, there).seconds, there) == told
    assert lifetime_seconds(word(seconds)) == seconds  # what the command takes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "For how long?"),
        ("soon", "a date such as 2026-12-07"),
        ("0d", "no time at all"),
        ("99999999w", "longer than a hundred years: say forever."),
        ("40000d", "longer than a hundred years"),
        ("2026-11-23", "Mon 23 Nov 2026 is today: give hours, such as 12h."),
        ("2026-11-01", "Sun 01 Nov 2026 is over."),
        ("2026-02-30", "a date such as"),
        ("never", "or forever"),
        ("9999-12-31", "longer than a hundred years"),
    ],
)
def test_what_is_no_lifetime_is_told_in_a_sentence(text: str, problem: str) -> None:
    found = lifetime.parse(text, NOW)
    assert problem in found.problem
    assert found.problem.endswith(".")
