"""How the lake's page and its dialogs look, on stable data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake.profiles import Profile
from atlasod_tui.tui.dialogs import lakes
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.screens.lake import LakePage
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake
from tests.tui.lake_app import LakeApp, Walk
from tests.tui.piloting import make_world, until

LOOKS = [("dark", (80, 24)), ("light", (160, 48)), ("mono", (80, 24))]
Way = Callable[[Walk], Awaitable[None]]


@pytest.fixture(name="looks_as")
def _looks_as(snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Compare what is seen at the end of a way."""

    def compare(way: Way, theme: str = "dark", size: tuple[int, int] = (80, 24), **knobs: Any) -> bool:
        app = LakeApp(make_world(FakeLake(**knobs), look=Look(theme_files.named(theme))))

        async def before(pilot: Pilot[Any]) -> None:
            page = app.page
            assert isinstance(page, LakePage)
            await until(pilot, lambda: page.lake is not None and page.here.is_mounted)
            await way(Walk(app, pilot, page))

        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


async def to_files(walk: Walk) -> None:
    """Go to files, and pick two."""
    await walk.open("opendata", "2020.4lep")
    await walk.press("space", "space", "down")
    await walk.sees(
        "2 picked", "!●○ 1/3", *(["opendata:data_D.4lep.root", "2 of 2 there"] if walk.page.panelled else [])
    )


async def to_rules(walk: Walk) -> None:
    """Go to the rules of a dataset."""
    await walk.open("opendata")
    walk.page.here.seek(("opendata", "2020.4lep"))
    await walk.press("i")
    await walk.sees("○ replicating on CC_DCACHE")
    await walk.until(lambda: walk.page.details.card is not None and walk.page.details.card.asked)
    while walk.page.rule is None or walk.page.rule.id[0] != "b":
        await walk.press("down")


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_files(looks_as: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    assert looks_as(to_files, theme, size)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_details(looks_as: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    assert looks_as(to_rules, theme, size)


def test_a_lake_that_is_away(looks_as: Callable[..., bool]) -> None:
    async def way(walk: Walk) -> None:
        await walk.open("opendata")
        await walk.sees("Lake unreachable (cached listing from 10:03)")

    assert looks_as(way, remembers=NOW - timedelta(hours=2), failure=LakeAwayError("the lake fake does not answer"))


def test_a_filter_that_nothing_passes(looks_as: Callable[..., bool]) -> None:
    async def way(walk: Walk) -> None:
        await walk.open("opendata", "2020.4lep")
        walk.page.filter_input.cursor_blink = False
        await walk.press("slash", *"zeee")
        await walk.sees("No files match `/zeee`.")

    assert looks_as(way)


@pytest.mark.parametrize(("theme", "size"), LOOKS[:2])
def test_search(looks_as: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    async def way(walk: Walk) -> None:
        await walk.open("opendata")
        await walk.press("w", *"skim=4lep")
        await walk.sees("--where skim=4lep")

    assert looks_as(way, theme, size)


@pytest.mark.parametrize(("theme", "size"), LOOKS[:2])
def test_another_lake(
    looks_as: Callable[..., bool], theme: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Profile("fake", "the Rucio at rucio.example"), Profile("opendata", "the public portal, read-only")]
    monkeypatch.setattr(lakes, "available", lambda: found)

    async def way(walk: Walk) -> None:
        await walk.sees("3 scopes")
        await walk.press("L")
        await walk.sees("the public portal")

    assert looks_as(way, theme, size)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
@pytest.mark.parametrize(
    ("key", "words"), [("r", "7d = until"), ("x", "what no other rule keeps")], ids=["extend", "end"]
)
def test_rules(looks_as: Callable[..., bool], key: str, words: str, theme: str, size: tuple[int, int]) -> None:
    async def way(walk: Walk) -> None:
        await to_rules(walk)
        await walk.press(key)
        await walk.sees(words)

    assert looks_as(way, theme, size)
