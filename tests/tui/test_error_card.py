"""Errors as cards: a sentence, what to do, the next key; all there is to know on demand; nothing fails in silence."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError, LoginError
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from tests.tui.dialog_app import DialogApp
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.in_pty import Pty
from tests.tui.piloting import make_world, text_of, until
from tests.tui.small_app import SmallApp

CRASHING = [sys.executable, "-m", "tests.tui.crashing"]
ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"
MOUSE_OFF, CURSOR_ON = b"\x1b[?1000l", b"\x1b[?25h"


def words_of(app: App[Any]) -> str:
    """Return what is shown as one line, without the border of the dialog."""
    return " ".join(text_of(app).replace("\u2502", " ").split())


def raised(error: AtlasodError) -> AtlasodError:
    """Return an error with all that a raised one has."""
    error.__cause__ = ConnectionError("no route")
    try:
        raise error
    except AtlasodError as caught:
        return caught


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
def test_a_card_tells_what_happened_what_to_do_and_which_key(size: tuple[int, int]) -> None:
    error = raised(LoginError("the lake sandbox wants a login", "The token ended at 12:03."))
    app = DialogApp(make_world(keys={"lake.login": "f9"}), lambda world: ErrorCard(world, error))

    async def walk() -> None:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "This did not work" in text_of(app))
            shown = text_of(app)
            for line in ("The lake sandbox wants a login", "The token ended at 12:03.", "f9 logs in", "enter close"):
                assert line in shown
            assert "Traceback" not in shown
            await pilot.press("e", "G")
            await until(pilot, lambda: "LoginError: the lake sandbox wants a login" in words_of(app))
            await pilot.press("y")
            await until(pilot, lambda: "ConnectionError: no route" in app.clipboard)
            assert "Exit code of the command: 3" in app.clipboard
            await pilot.press("e")
            await until(pilot, lambda: "f9 logs in" in text_of(app))
            await pilot.press("enter")
            await until(pilot, lambda: app.answer is None)

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("error", "next_step"),
    [(LakeAwayError("away"), "R asks again"), (LoginError("login"), "I logs in"), (LakeError("no such scope"), "")],
)
def test_the_next_key(error: AtlasodError, next_step: str) -> None:
    said = ErrorCard(make_world(), error).next_step()
    assert said.startswith(next_step) if next_step else not said


def test_hostile_errors_are_shown_harmlessly() -> None:
    name = " ".join(NAMES)
    app = DialogApp(make_world(), lambda world: ErrorCard(world, raised(LakeError(f"no {name}", f"Try {name}."))))

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "This did not work" in text_of(app))
            shown = text_of(app)
            assert "enter close" in shown
            await pilot.press("e", "y")
            await until(pilot, lambda: "Exit code" in app.clipboard)
            assert not FORBIDDEN - {"\n"} & set(shown + text_of(app) + "".join(app.notes))

    asyncio.run(walk())


def test_a_worker_that_fails_is_told_of(home: Path) -> None:
    app = SmallApp(make_world())

    async def fail(error: Exception) -> None:
        raise error

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            app.page.run_worker(fail(LakeError("the lake is dry")), exit_on_error=False)
            await until(pilot, lambda: "The lake is dry" in text_of(app))
            await pilot.press("escape")
            app.page.run_worker(fail(ZeroDivisionError("of [bold]zero[/]")), exit_on_error=False)
            await until(pilot, lambda: "nobody foresaw: ZeroDivisionError: of [bold]zero[/]" in words_of(app))
            app.page.run_worker(fail(LakeError("again")), exit_on_error=False)
            await until(pilot, lambda: app.last_error is not None and app.last_error.message == "again")
            assert sum(isinstance(screen, ErrorCard) for screen in app.screen_stack) == 1
            cancelled = app.page.run_worker(asyncio.sleep(60), exit_on_error=False)
            await pilot.pause()
            cancelled.cancel()
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.page)

    asyncio.run(walk())
    (trace,) = (home / "state" / "atlasod-tui" / "errors").iterdir()
    assert "ZeroDivisionError" in trace.read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ["key", "worker", "mount", "compose", "timer"])
def test_a_crash_leaves_the_terminal_as_it_was_and_one_sentence(where: str, home: Path) -> None:
    with Pty([*CRASHING, where], {}) as terminal:
        if where == "key":
            terminal.until("the page")
            terminal.press(b"x")
        assert terminal.ended() == 1
        painted, _, after = terminal.written.rpartition(BACK)
    assert ALTERNATE in painted
    assert MOUSE_OFF in terminal.written
    assert CURSOR_ON in terminal.written
    said = re.sub(rb"\x1b\[[0-9;?>=<]*[a-zA-Z]", b"", after).decode()
    assert said.count("\n") == 2
    assert "Traceback" not in said
    assert "error: the program met an error nobody foresaw: RuntimeError: on purpose" in said
    path = Path(re.search(r"The traceback is in (\S+)\.", said)[1])  # type: ignore[index]
    assert path.is_relative_to(home)
    assert "on purpose" in path.read_text(encoding="utf-8")


def test_nothing_is_asked_of_a_terminal_that_is_none() -> None:
    done = subprocess.run(CRASHING, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
