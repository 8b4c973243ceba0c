"""The sentence where the terminal is too small: it goes when there is room, whatever came over it."""

from __future__ import annotations

import time
from typing import Any

from atlasod_tui.errors import LakeError
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.too_small import TooSmall
from tests.tui.piloting import in_loop, make_world, until


@in_loop
async def test_it_goes_when_what_came_over_it_is_closed_in_a_terminal_that_grew_meanwhile() -> None:
    app = AtlasodApp(make_world())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(50, 10)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        app.tell_failure(LakeError("the lake is away"))
        await until(pilot, lambda: isinstance(app.screen, ErrorCard))
        await pilot.resize_terminal(80, 24)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))


@in_loop
async def test_a_terminal_of_one_cell_costs_nothing() -> None:
    app = AtlasodApp(make_world())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(1, 1)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        laid_out = []
        refresh = app.screen._refresh_layout

        def counted(*given: Any, **options: Any) -> None:
            laid_out.append(given)
            refresh(*given, **options)

        app.screen._refresh_layout = counted  # type: ignore[method-assign]
        end = time.monotonic() + 0.3
        await until(pilot, lambda: time.monotonic() > end)
        assert len(laid_out) < 5
