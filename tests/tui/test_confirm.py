"""The confirmation: Cancel has the focus, y only goes to the button, what is destroyed is typed first."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from textual.events import Key
from textual.widgets import Input

from atlasod_tui.shown import escape
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.equivalent import Equivalent
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.hostile import CONTROL, FORBIDDEN, LONG, NAMES
from tests.tui.piloting import make_world, text_of, until

SAME = Equivalent("Remove", ("rules", "remove", "a" * 32), "print(1)\n")
ASKED = Asked("End the rule?", "End it", ("It ends now.",), (("3 MB", "a.root"), ("12 GB", "b.root")), SAME)


def asking(asked: Asked = ASKED) -> DialogApp:
    return DialogApp(make_world(), lambda world: Confirm(world, asked))


def test_which_keys_do_it() -> None:
    answers = {
        "enter": None,
        "escape": None,
        "y": UNANSWERED,
        "space": UNANSWERED,
        "y enter": True,
        "right enter": True,
        "tab enter": True,
        "right left enter": None,
    }

    async def walk() -> None:
        app = asking()
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            app.pop_screen()
            for keys, wanted in answers.items():
                given: list[object] = []
                app.push_screen(Confirm(app.world, ASKED), given.append)
                await until(pilot, lambda: app.focused is not None)
                assert app.focused is not None
                assert app.focused.id == "cancel"
                await pilot.press(*keys.split())
                await pilot.pause()
                assert (given or [UNANSWERED]) == [wanted], keys
                if not given:
                    await pilot.press("escape")

    asyncio.run(walk())


def test_keys_that_come_at_once_count_in_their_order() -> None:
    async def walk() -> None:
        app = asking()
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused is not None)
            for key, character in (("y", "y"), ("enter", "\r")):
                app.post_message(Key(key, character))
            await until(pilot, lambda: app.answer != UNANSWERED)
            assert app.answer is True

    asyncio.run(walk())


def test_it_shows_what_how_much_and_the_command() -> None:
    async def walk() -> None:
        app = asking()
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Cancel" in text_of(app))
            for words in ("End the rule?", "It ends now.", " 3 MB  a.root", "12 GB  b.root",
                          f"$ atlasod-tui rules remove {'a' * 32}"):  # fmt: skip
                assert words in text_of(app)
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, EquivalentDialog))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Confirm))

    asyncio.run(walk())


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_a_long_command_is_broken_as_a_shell_takes_it(size: tuple[int, int]) -> None:
    words = (
        "multiply",
        "--factor",
        "2",
        "--to",
        "/data/" + "very-long/" * 6,
        "--",
        "opendata:" + "data_A.GamGam." * 12,
    )
    app = asking(Asked("Multiply?", "Multiply", ("It takes a while.",), (), Equivalent("Multiply", words, "")))

    async def walk() -> str:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "[ Cancel ]" in text_of(app))
            return text_of(app).split("$ ", 1)[1]

    # A word that goes on in the next line goes on where the lines of the box begin.
    lines = [line.strip(" \u2502\u2503|") for line in asyncio.run(walk()).splitlines()]
    shown = "\n".join(lines[: 1 + next(at for at, line in enumerate(lines) if not line.endswith("\\"))])
    program = f"atlasod-tui() {{ printf '%s\\n' \"$@\"; }}\n{shown}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(words)


def test_what_is_destroyed_is_typed_first() -> None:
    async def walk() -> None:
        app = asking(Asked("Remove?", "Remove", typed="run0123.HZZ"))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Type run0123.HZZ to confirm:" in text_of(app))
            await pilot.press("right", "enter")
            assert app.notes == ["Type run0123.HZZ first."]
            await pilot.press(*"run0123.HZ", "enter", "right", "enter")
            assert app.answer == UNANSWERED
            await pilot.press(*"Z", "enter")
            assert app.focused is not None
            assert app.focused.id == "cancel"
            await pilot.press("y", "enter")
            await until(pilot, lambda: app.answer is True)

    asyncio.run(walk())


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
def test_hostile_names_are_harmless_and_the_buttons_stay(size: tuple[int, int]) -> None:
    async def walk() -> None:
        same = Equivalent("Remove", ("rules", "remove", *NAMES), "")
        rows = tuple(("1 B", name) for name in NAMES * 60)
        for name in (CONTROL, LONG):
            app = asking(Asked(f"Remove {name}?", name, NAMES, rows, same, typed=name))
            async with app.run_test(size=size) as pilot:
                await until(pilot, lambda app=app: "Cancel" in text_of(app))  # type: ignore[misc]
                assert not FORBIDDEN & set(text_of(app).replace("\n", ""))
                assert "confirm:" in text_of(app)
                await pilot.press("up", "up", "end")
                await until(pilot, lambda app=app: "and 220 more" in text_of(app))  # type: ignore[misc]
                assert not FORBIDDEN & set(text_of(app).replace("\n", ""))
                app.screen.query_one("#typed", Input).value = escape(name)[:24]
                await pilot.press("tab", "enter", "y", "enter")
                await until(pilot, lambda app=app: app.answer is True)  # type: ignore[misc]

    asyncio.run(walk())
