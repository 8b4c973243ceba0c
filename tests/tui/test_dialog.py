"""Dialogs close once, and themselves: not what came over them while an answer was on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import LakeError
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.resuming import Resuming
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.too_small import TooSmall
from tests.tui.piloting import in_loop, make_world, until

if TYPE_CHECKING:
    from textual.pilot import Pilot


async def asked(pilot: Pilot[Any], answers: list[str | None]) -> Resuming:
    app: Any = pilot.app
    await until(pilot, lambda: isinstance(app.screen, Page))
    dialog = Resuming(app.world, ("a.root",))
    await app.push_screen(dialog, answers.append)
    return dialog


@in_loop
async def test_an_answer_that_comes_below_an_error_waits_for_that_to_be_read() -> None:
    app = AtlasodApp(make_world())
    answers: list[str | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await asked(pilot, answers)
        app.tell_failure(LakeError("the lake is away"))
        await until(pilot, lambda: isinstance(app.screen, ErrorCard))
        dialog.dismiss("skip")
        await pilot.pause()
        assert isinstance(app.screen, ErrorCard)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))
    assert answers == ["skip"]


@in_loop
async def test_to_answer_twice_is_to_answer_once() -> None:
    app = AtlasodApp(make_world())
    answers: list[str | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await asked(pilot, answers)
        dialog.dismiss("skip")
        dialog.dismiss("again")
        await until(pilot, lambda: isinstance(app.screen, Page))
        assert len(app.screen_stack) == 1
    assert answers == ["skip"]


@in_loop
async def test_a_page_that_is_gone_to_while_the_terminal_is_too_small_is_covered_and_alone() -> None:
    app = AtlasodApp(make_world())
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, [])
        await pilot.resize_terminal(50, 10)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        app.go(Place.JOBS)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: isinstance(app.screen, Page) and app.screen.place is Place.JOBS)
        assert len(app.screen_stack) == 1
