"""The same without the screen: what is shown and what is copied runs as it is, whatever the names are."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from textual.pilot import Pilot

from atlasod_tui.tui import clipboard
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.equivalent import Copied, Equivalent, command, wrapped
from tests.tui.dialog_app import DialogApp
from tests.tui.hostile import FORBIDDEN, HALF, NAMES
from tests.tui.piloting import make_world, text_of, until

ARGUMENTS = ("multiply", "--factor", "3", "a b", "it's", "", '$HOME `x` "y" \\n', *NAMES)
WITHOUT_NULLS = [argument.replace("\x00", "") for argument in ARGUMENTS if argument != HALF]
"""No process can be given a null, nor halves of characters beside whole ones."""
PYTHON = "from atlasod_tui.lake import profiles\n\nlake = profiles.open_lake('sandbox')\n"


def taken(shell: str, text: str) -> list[str]:
    """Return the arguments that a shell makes of a command."""
    defined = "function atlasod-tui { printf '%s\\0' \"$@\"; }\n"
    done = subprocess.run([shell, "-c", defined + text], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("shell", [shell for shell in ("bash", "zsh") if shutil.which(shell)])
def test_a_shell_takes_the_command_as_it_is(shell: str) -> None:
    assert taken(shell, command(WITHOUT_NULLS)) == WITHOUT_NULLS
    for width in (10, 40, 76, 200):
        assert taken(shell, wrapped(WITHOUT_NULLS, width)) == WITHOUT_NULLS


def test_paths_below_the_home_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home := "/home/a b")
    paths = [f"{home}/x", f"{home}/it's/{home}/y" * 5, f"{home}", f"{home}er/x", f"--to={home}/x", f"/data{home}/x"]
    assert command(["put", paths[0]]) == "atlasod-tui put ~/x"
    for text in (command(paths), *(wrapped(paths, width) for width in (10, 30, 76))):
        assert taken("bash", f"HOME={shlex.quote(home)}\n{text}") == paths


def test_bytes_that_are_no_text_stay_what_they_are() -> None:
    done = subprocess.run(
        ["bash", "-c", f"printf %s {command([chr(0xDCFF)]).split()[1]}"], capture_output=True, check=True
    )
    assert done.stdout == b"\xff"


@pytest.mark.parametrize("width", [40, 76, 200])
def test_no_line_is_wider_than_there_is_room(width: int) -> None:
    plain = [argument for argument in ARGUMENTS if argument.isascii()]
    lines = wrapped(plain, width).split("\n")
    assert max(map(len, lines)) <= width
    assert all(line.endswith("\\") for line in lines[:-1])


def test_a_short_command_is_one_line() -> None:
    assert wrapped(["analyse", "HZZ", "--input", "4lep"], 76) == "atlasod-tui analyse HZZ --input 4lep"


def test_nothing_that_a_terminal_obeys_is_in_it() -> None:
    assert not FORBIDDEN & set(command(ARGUMENTS))
    assert not FORBIDDEN - {"\n"} & set(wrapped(ARGUMENTS, 40))


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 16)])
def test_both_are_shown_and_either_is_copied(size: tuple[int, int]) -> None:
    same = Equivalent("Open the lake", ("scopes", "--lake", "sandbox"), PYTHON)
    app = DialogApp(make_world(), lambda world: EquivalentDialog(world, same))

    async def walk() -> None:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "\u25b6 In a shell" in text_of(app))
            assert "atlasod-tui scopes --lake sandbox" in text_of(app)
            assert "lake = profiles.open_lake('sandbox')" in text_of(app)
            assert "tab the other one" in text_of(app)
            await pilot.press("y")
            await until(pilot, lambda: app.clipboard == "atlasod-tui scopes --lake sandbox")
            await pilot.press("tab", "y")
            await until(pilot, lambda: app.clipboard == PYTHON)
            assert "\u25b6 In Python" in text_of(app)
            assert [note.split(":")[0] for note in app.notes] == ["Copied the command", "Copied the Python"]
            await pilot.press("escape")
            await until(pilot, lambda: app.answer is None)

    asyncio.run(walk())


def test_hostile_names_are_shown_harmlessly_to_the_end() -> None:
    same = Equivalent(NAMES[0], ARGUMENTS, "\n".join(f"print({name!r})" for name in NAMES))
    app = DialogApp(make_world(), lambda world: EquivalentDialog(world, same))

    async def scroll(pilot: Pilot[Any]) -> str:
        seen = ""
        for _ in range(20):
            await pilot.press("space")
            await pilot.pause()
            seen += text_of(app) + "\n"
        return seen

    async def walk() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "In a shell" in text_of(app))
            first = text_of(app)
            assert "[bold red]markup[/bold red]" in first
            assert not FORBIDDEN - {"\n"} & set(first + await scroll(pilot))

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "Copied the DID: opendata:4lep (through the terminal, OSC 52)"),
        ({"TMUX": "/tmp/x,1,0"}, "set -g set-clipboard on"),  # noqa: S108 - nothing is made there
        ({"STY": "1.pts"}, "hold Shift"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "hold Fn"),
    ],
)
def test_what_may_be_in_the_way_of_a_copy_is_said(environment: dict[str, str], said: str) -> None:
    app = DialogApp(make_world(), lambda world: EquivalentDialog(world, Equivalent("", (), "")))
    assert said in clipboard.copy(app, Copied("DID", "opendata:4lep"), environment)
    assert app.clipboard == "opendata:4lep"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_copied_is_told_in_a_short_line(name: str) -> None:
    app = DialogApp(make_world(), lambda world: EquivalentDialog(world, Equivalent("", (), "")))
    said = clipboard.copy(app, Copied("DID", name), {})
    assert not FORBIDDEN & set(said)
    assert len(said) < 110


def test_what_no_terminal_takes_is_not_sent() -> None:
    app = DialogApp(make_world(), lambda world: EquivalentDialog(world, Equivalent("", (), "")))
    assert clipboard.copy(app, Copied("log", "x" * 100_000), {}) == "The log is too long for a terminal's clipboard."
    assert app.clipboard == ""
