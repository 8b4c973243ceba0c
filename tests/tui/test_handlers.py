"""Handlers of messages: Textual calls those of all classes of a widget, so none calls that of its base itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from atlasod_tui import tui
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.app import PAGES, AtlasodApp
from atlasod_tui.tui.widgets.key_bar import KeyBar
from tests.tui.piloting import in_loop, make_world, until

MODULES = sorted(Path(tui.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_handler_calls_that_of_its_base(path: Path) -> None:
    calls = [
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()"
    ]
    # `on_event` is no handler of a message, but what finds the handlers.
    assert not [name for name in calls if name.startswith(("on_", "_on_")) and name != "on_event"]


@in_loop
async def test_each_page_hears_once_of_what_changes() -> None:
    app = AtlasodApp(make_world())
    async with app.run_test(size=(80, 24)) as pilot:
        for place in (Place.LAKE, *PAGES):
            page = app.go(place)
            await until(pilot, lambda page=page: page.is_mounted and app.screen is page)  # type: ignore[misc]
            assert len(app.world.changed._subscriptions[page.query_one(KeyBar)]) == 1
