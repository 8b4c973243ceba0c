"""What a job of this session wrote to the lake is listed without being asked for; all else is not asked twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.lake.agent.protocol import Datasets, Files, Scopes, Show
from atlasod_tui.lake.model import DID, Dataset, DIDType
from atlasod_tui.tui.jobs.watch import JobEnded, JobView
from atlasod_tui.tui.lake.written import Written, of_job
from tests.tui import making_jobs
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake
from tests.tui.lake_app import Walk, walking
from tests.tui.piloting import in_loop

NEW = Dataset(DID("user.student", "student.run77777777.put"), DIDType.DATASET, 1, 1000)


def view(job: JobFolder) -> JobView:
    return JobView(job.id, str(job.path), "put", "atlasod_tui.jobs.tasks.put:run", job.status())


def ended(**arguments: Any) -> JobView:
    return view(making_jobs.on_disk("put", arguments=arguments))


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ({"target": {"lake": "fake", "rses": ["A"]}}, Written("fake", "")),
        ({"upload": {"lake": "fake", "scope": "results"}}, Written("fake", "results")),
        ({"upload": {"rses": ["A"]}}, Written("", "")),
        ({"upload": None}, None),
        ({"target": "fake"}, None),
        ({}, None),
    ],
)
def test_where_a_job_wrote_to(arguments: dict[str, Any], written: Written | None) -> None:
    assert of_job(ended(**arguments)) == written


def test_a_job_that_was_forgotten_wrote_nowhere() -> None:
    assert of_job(making_jobs.view()) is None


def test_which_lists_that_is_of() -> None:
    assert Written("", "").is_in("fake")
    assert not Written("other", "").is_in("fake")
    assert [Written("fake", "").touches(scope) for scope in ("user.student", "opendata", "")] == [True, False, False]
    assert [Written("fake", "results").touches(scope) for scope in ("user.student", "results")] == [False, True]


async def end(walk: Walk, **arguments: Any) -> None:
    """Have a job end that the user does not look at, and wait until its spec was read."""
    walk.app.post_message(JobEnded(ended(**arguments), on_screen=True))
    await walk.pilot.pause()
    await walk.until(lambda: not any(work.name == "_load_written" for work in walk.app.workers))


def asked(lake: FakeLake) -> list[int]:
    return [len(lake.questions(kind)) for kind in (Scopes, Datasets, Files)]


@in_loop
async def test_a_new_dataset_is_seen_at_once_where_its_scope_is_in_front() -> None:
    lake = FakeLake()
    async with walking(lake) as walk:
        await walk.open("user.student")
        await walk.press("down")
        there = walk.row()
        before = asked(lake)
        lake.agent.datasets.append(NEW)
        await end(walk, target={"lake": "other"})
        assert asked(lake) == before
        await end(walk, target={"lake": "fake"})
        await walk.sees(NEW.did.name)
        assert walk.row() == there
        await walk.press("escape")
        await walk.sees("3 scopes")
        assert asked(lake) == [before[0], before[1] + 1, before[2]]  # the scope was there before


@in_loop
async def test_lists_that_are_not_shown_are_asked_for_when_they_are() -> None:
    lake = FakeLake()
    async with walking(lake) as walk:
        await walk.open("user.student")
        await walk.press("escape")
        await walk.open("opendata")
        await walk.press("3")
        await walk.until(lambda: walk.app.screen is not walk.page)
        before = asked(lake)
        lake.agent.datasets.append(NEW)
        await end(walk, upload={"lake": "fake"})
        assert asked(lake) == before
        await walk.press("1", "escape")
        await walk.sees("3 scopes")
        assert asked(lake) == before
        await walk.open("user.student")
        await walk.sees(NEW.did.name)
        assert asked(lake) == [before[0], before[1] + 1, before[2]]


@in_loop
async def test_the_new_date_of_a_rule_is_seen_in_the_details() -> None:
    lake = FakeLake()
    async with walking(lake, (160, 48)) as walk:
        await walk.open("opendata")
        walk.page.here.seek(("opendata", "2020.4lep"))
        await walk.sees("ends 2026-03-21 11:03 UTC")
        shown = len(lake.questions(Show))
        rules = lake.agent.rules
        rules[:] = [msgspec.structs.replace(rule, expires=NOW + timedelta(days=30)) for rule in rules]
        walk.page.spoil(Written("fake", "results"))
        assert len(lake.questions(Show)) == shown
        walk.page.spoil(Written("fake", "opendata"))
        await walk.sees("ends 2026-04-13 12:03 UTC")
