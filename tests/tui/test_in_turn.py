"""Keys that come in one packet: each goes where the one before it has led."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.keys import _character_to_key
from textual.widgets import Input, Static

from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.in_turn import InTurn
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.screens.jobs import JobsPage
from tests.tui.piloting import in_loop, make_world, text_of, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def at_once(app: App[Any], keys: Iterable[str]) -> None:
    """Have keys come in one packet, by Textual's names or as characters."""
    for key in keys:
        name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
        app.post_message(events.Key(name, character))


async def becomes(predicate: Callable[[], bool]) -> None:
    """Wait until something holds; a pilot would wait for what hangs, too."""
    async with asyncio.timeout(10):
        while not predicate():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


class Fields(InTurn):
    """Two fields."""

    def compose(self) -> ComposeResult:
        yield Input(select_on_focus=False)
        yield Input(select_on_focus=False)

    def texts(self) -> list[str]:
        return [field.value for field in self.query(Input)]


class Stuck(Static, can_focus=True):
    """Comes to no end with a key, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.has_key = False
        self.let_go = asyncio.Event()

    async def on_key(self) -> None:
        self.has_key = True
        await self.let_go.wait()


class HasStuck(InTurn):
    """Something that hangs beside a field."""

    def compose(self) -> ComposeResult:
        yield Stuck()
        yield Input()


@in_loop
async def test_letters_after_a_tab_are_typed_into_the_next_field() -> None:
    app = Fields()
    async with app.run_test() as pilot:
        at_once(app, ["a", "b", "tab", "c", "shift+tab", "d", "tab"])
        app.post_message(events.Paste("pasted"))
        at_once(app, ["e"])
        await until(pilot, lambda: app.texts() == ["abd", "cpastede"])


@in_loop
async def test_what_is_typed_goes_to_what_a_key_has_opened() -> None:
    app = AtlasodApp(make_world(jobs=JobWatch()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "3 scopes" in text_of(app))
        at_once(app, [":", *"jobs", "enter"])
        await until(pilot, lambda: isinstance(app.screen, JobsPage))


@in_loop
async def test_what_comes_to_no_end_does_not_hold_up_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlasod_tui.tui.in_turn.PATIENCE", 0.5)
    app = HasStuck()
    async with app.run_test():
        stuck, field = app.query_one(Stuck), app.query_one(Input)
        app.set_focus(stuck)
        at_once(app, ["x"])
        await becomes(lambda: stuck.has_key)
        app.set_focus(field)
        at_once(app, ["y"])
        await asyncio.sleep(0)
        assert not field.value
        await becomes(lambda: field.value == "y")
        stuck.let_go.set()
