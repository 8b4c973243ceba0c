"""Section ``[keys]``: what is right in it holds, what is wrong is told, in one notice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from atlasod_tui import config
from atlasod_tui.tui.actions import ACTIONS
from atlasod_tui.tui.keys import keymap
from atlasod_tui.tui.keys import names as key_names
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.piloting import make_world, text_of, until
from tests.tui.small_app import SmallApp


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *[("?", "question_mark"), ("Esc", "escape"), ("pgdn", "pagedown"), ("F5", "f5"), ("R", "R"), ("shift+r", "R")],
        *[("ctrl+X", "ctrl+x"), ("+", "plus"), ("]", "right_square_bracket"), ("return", "enter"), ("space", "space")],
        *[("shift+Up", "shift+up"), ("\u00f6", "\u00f6"), ("ctrl++", "ctrl+plus")],
    ],
)
def test_keys_as_people_write_them(written: str, key: str) -> None:
    assert key_names.understood(written) == key


@pytest.mark.parametrize("written", ["", " ", "foo", "ctrl+", "hold+x", "\x1b", "f99", "+x", "shift+", "ctrl+ "])
def test_what_is_no_key(written: str) -> None:
    assert key_names.understood(written) is None


def test_every_key_of_the_registry_is_printed_as_people_write_it() -> None:
    for action in ACTIONS:
        for key in key_names.split(action.keys):
            assert key_names.understood(key_names.printed(key)) == key


def test_what_is_right_is_taken() -> None:
    made = keymap.made({"app.quit": "Q, ctrl+x", "app.help": ["f1", "H"], "app.copy": "f12"})
    assert made.keys == {"app.quit": "Q,ctrl+x", "app.help": "f1,H", "app.copy": "f12"}
    assert made.notice == ""


def test_two_actions_may_change_places() -> None:
    assert keymap.made({"app.copy": "d", "app.equivalent": "y"}) == ({"app.copy": "d", "app.equivalent": "y"}, ())


def test_one_notice_tells_all_that_is_wrong_and_the_rest_works() -> None:
    made = keymap.made(
        {"app.fly": "x", "app.theme": "foo,bar", "app.quit": 3, "app.help": "", "app.error": [], "app.lake": "f5"}
    )
    assert made.keys == {"app.lake": "f5"}
    assert made.notice.splitlines() == [
        "Section [keys] of the settings:",
        "app.fly: there is no such action; the README lists their names.",
        "app.theme: foo, bar is no key.",
        "app.quit: keys are written as text.",
        "app.help: nothing is no key.",
        "app.error: nothing is no key.",
    ]


@pytest.mark.parametrize(
    ("section", "kept"),
    [
        ({"app.copy": "d"}, {}),  # a key that the program came with
        ({"app.copy": "f5", "app.equivalent": "f5"}, {"app.copy": "f5"}),  # the later line loses
        ({"app.copy": "d", "app.equivalent": "q"}, {}),  # the second falls back to d, which the first wanted
        ({"app.copy": "slash"}, {}),  # everywhere and a page
        ({"app.copy": "j"}, {}),  # everywhere and lists
        ({"lake.clear": "k"}, {}),  # a page and its lists
        ({"same.copy": "tab"}, {}),
        ({"dialog.close": "e"}, {}),  # a dialog and one of its kind
        ({"same.copy": "q"}, {"same.copy": "q"}),  # nothing that is everywhere reaches a dialog
    ],
)
def test_clashes(section: dict[str, object], kept: dict[str, str]) -> None:
    made = keymap.made(section)
    assert made.keys == kept
    assert len(made.problems) == len(section) - len(kept)
    assert all("already" in problem for problem in made.problems)


@pytest.mark.parametrize("key", ["ctrl+h", "ctrl+j", "ctrl+m", "ctrl+i", "ctrl+b", "ctrl+s", "ctrl+w", "alt+x", "F10"])
def test_keys_that_terminals_keep_are_warned_of_and_taken(key: str) -> None:
    made = keymap.made({"app.copy": key})
    assert made.keys == {"app.copy": key.lower()}
    assert made.problems[0].startswith(f"app.copy: {key.lower()} ")


def test_hostile_lines_are_told_harmlessly() -> None:
    made = keymap.made(dict.fromkeys(NAMES, "x") | dict(zip((action.id for action in ACTIONS), NAMES, strict=False)))
    assert made.keys == {}
    assert not FORBIDDEN - {"\n"} & set(made.notice)
    assert len(made.notice.splitlines()) == 1 + len(made.problems)


def test_the_settings_may_leave_out_the_quotes(home: Path) -> None:
    folder = home / "config" / "atlasod-tui"
    folder.mkdir()
    (folder / "config.toml").write_text('[keys]\napp.quit = "Q"\n"app.copy" = "f12"\nlake.filter = ["f5"]\n')
    assert config.load().keys == {"app.quit": "Q", "app.copy": "f12", "lake.filter": ["f5"]}
    assert keymap.made(config.load().keys).problems == ()


def test_own_keys_work_and_are_shown_and_the_former_ones_do_not() -> None:
    own = keymap.made({"lake.analyse": "z", "app.help": "f5", "app.error": "y", "app.copy": "e"})
    app = SmallApp(make_world(keys=own.keys))

    async def walk() -> None:
        async with app.run_test(size=(160, 24)) as pilot:
            await pilot.press("a", "z", "y", "e", "question_mark")
            await until(pilot, lambda: len(app.page.done) == 3)
            assert app.page.done == ["lake.analyse", "app.error", "app.copy"]
            assert " z analyse" in text_of(app)
            await pilot.press("f5")
            await until(pilot, lambda: "Keys: Lake" in text_of(app))
            assert "z Analyse what" in " ".join(text_of(app).split())

    asyncio.run(walk())
