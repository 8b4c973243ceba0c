"""Help and glossary: every key with what it does, and why it does not just now; every word with what it means."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from atlasod_tui.engine import words
from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.dialogs.elements import Elements
from atlasod_tui.tui.dialogs.glossary import Glossary, entries, looked_up
from atlasod_tui.tui.dialogs.help import Help
from atlasod_tui.tui.widgets.reading import Reading
from tests.tui.dialog_app import DialogApp
from tests.tui.piloting import make_world, text_of, until
from tests.tui.small_app import SmallApp


async def read_through(pilot: Pilot[Any]) -> str:
    """Return all that a text shows, page by page."""
    reading = pilot.app.screen.query_one(Reading)
    pages = [text_of(pilot.app)]
    while reading.scroll_y < reading.max_scroll_y:
        before = reading.scroll_y
        await pilot.press("space")
        await until(pilot, partial(_is_beyond, reading, before))
        pages.append(text_of(pilot.app))
    inside = [line.partition("\u2502")[2].partition("\u2502")[0] for page in pages for line in page.splitlines()]
    return " ".join(" ".join(inside).split())


def _is_beyond(reading: Reading, line: float) -> bool:
    return reading.scroll_y > line


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 16)])
def test_all_keys_of_the_page_and_everywhere_are_listed(size: tuple[int, int]) -> None:
    app = SmallApp(make_world())

    async def walk() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert "read   f3 words" in text_of(app)
            seen = await read_through(pilot)
            for place in (Place.LAKE, Place.TABLE, Place.EVERYWHERE):
                for action in actions.of(place):
                    assert action.description[:20] in seen, action.id
            assert "Nothing was picked yet." in seen
            await pilot.press("g")
            await until(pilot, lambda: app.screen.query_one(Reading).scroll_y == 0)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.page)
            assert app.page.done == []

    asyncio.run(walk())


def test_read_only_is_the_reason_of_all_that_changes_the_lake() -> None:
    app = SmallApp(make_world(read_only=True))

    async def walk() -> None:
        async with app.run_test(size=(160, 48)) as pilot:
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert isinstance(app.screen, Help)
            lines = {line.does: line.refused for _, section in app.screen.sections() for line in section}
            for action in actions.ACTIONS:
                if action.description in lines:
                    assert (lines[action.description] == READ_ONLY) == action.changes, action.id
            assert READ_ONLY in await read_through(pilot)

    asyncio.run(walk())


def test_words_are_looked_up_from_help() -> None:
    app = SmallApp(make_world())

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("question_mark", "f3")
            await until(pilot, lambda: "Antiparticle" in text_of(app))
            await pilot.press(*"rse")
            await until(pilot, lambda: "Antiparticle" not in text_of(app))
            assert text_of(app).splitlines()[3].strip("\u2502 ").startswith("RSE: Rucio storage element")
            await pilot.press(*"xyz")
            await until(pilot, lambda: "There is no word with rsexyz" in text_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Help))

    asyncio.run(walk())


def test_the_words_are_read_with_the_keys_while_one_types() -> None:
    app = DialogApp(make_world(), Glossary)

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Antiparticle" in text_of(app))
            await pilot.press("down", "down", "pagedown")
            await until(pilot, lambda: app.screen.query_one(Reading).scroll_y > 10)
            await pilot.press("up", "pageup")
            await until(pilot, lambda: app.screen.query_one(Reading).scroll_y < 5)

    asyncio.run(walk())


@pytest.mark.parametrize(
    "word", ["DID", "RSE", "Replica", "Rule", "Skim", "Sample", "Scope", "Dataset", "Lifetime", "Basket"]
)
def test_the_words_of_the_field_are_there(word: str) -> None:
    assert len(entries(words.topic("glossary"))[word]) > 20


def test_marks_of_markdown_are_not_shown() -> None:
    found = entries("# Title\n\n* **One**: `a` is *b*, see\n  [c](c.md).\n* **Two**: x*y.\n\nRead on: [d](d.md).\n")
    assert found == {"One": "a is b, see c.", "Two": "x*y."}


def test_what_begins_with_the_letters_comes_first() -> None:
    glossary = {"Boson": "has an rse", "Universe": "all", "RSE": "a place", "Quark": "none"}
    assert [word for word, _ in looked_up("rse", glossary)] == ["RSE", "Universe", "Boson"]
    assert len(looked_up("", glossary)) == 4


@pytest.mark.parametrize("key", ["f1", "question_mark"])
def test_a_dialog_tells_its_own_keys(key: str) -> None:
    asked = Asked("Remove?", "Remove", typed="x" if key == "f1" else "")
    app = DialogApp(make_world(), lambda world: Confirm(world, asked))

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            if key == "f1":
                await pilot.press("y", "question_mark")  # where letters are typed
                await until(pilot, lambda: app.screen.query_one("#typed", Input).value == "?")
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert isinstance(app.screen, Help)
            told = [heading for heading, _ in app.screen.sections()]
            assert told == [Place.DIALOG.value, Place.FORM.value]
            assert "Close without doing anything" in text_of(app)
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, Confirm))

    asyncio.run(walk())


def test_a_dialog_with_a_list_tells_the_keys_of_that() -> None:
    app = DialogApp(make_world(), Elements)

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Elements))
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert isinstance(app.screen, Help)
            sections = dict(app.screen.sections())
            assert list(sections) == [Place.TABLE.value, Place.DIALOG.value, Place.FORM.value]
            assert [line.keys for line in sections[Place.FORM.value]] == ["f4 d"]
            assert "space" not in {line.keys for line in sections[Place.TABLE.value]}  # nothing is picked there

    asyncio.run(walk())
