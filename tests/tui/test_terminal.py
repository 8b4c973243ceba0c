"""What a terminal can, refusals, and fall-backs; and the bytes that reach a real one."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Mapping

import msgspec
import pytest

from atlasod_tui import config
from atlasod_tui.config import Config
from atlasod_tui.errors import UsageError
from atlasod_tui.tui.looks import fallbacks, terminal
from tests.tui.in_pty import DRESSED, PROGRAM, Pty, colours, text

THEMES = ("ansi16", "dark", "light", "mine", "mono")
XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


class Stream(io.StringIO):
    """A stream that is a terminal or none."""

    def __init__(self, *, terminal: bool = True, encoding: str = "utf-8") -> None:
        super().__init__()
        self._terminal, self._encoding = terminal, encoding

    def isatty(self) -> bool:
        return self._terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


TTY = Stream()


@pytest.mark.parametrize(
    ("environment", "number"),
    [
        ({"TERM": "linux"}, 16),
        ({"TERM": "xterm"}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-kitty"}, 256),
        ({"TERM": "xterm", "COLORTERM": "TrueColor"}, 1 << 24),
        ({"TERM": "screen", "COLORTERM": "24bit"}, 1 << 24),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, 16),
    ],
)
def test_colours(environment: Mapping[str, str], number: int) -> None:
    assert terminal.colours(environment) == number


@pytest.mark.parametrize(
    ("environment", "known"),
    [
        ({}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "en_GB.utf8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({"LANG": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LANG": "de_DE@euro"}, False),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "de_DE"}, False),
    ],
)
def test_utf8_by_the_locale(environment: Mapping[str, str], *, known: bool) -> None:
    assert terminal.speaks_utf8(environment, TTY, coerced=False) is known
    assert not terminal.speaks_utf8(environment, Stream(encoding="ascii"), coerced=False)


def test_a_locale_that_python_put_in_the_place_of_c_tells_nothing() -> None:
    assert not terminal.speaks_utf8({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, TTY, coerced=True)
    assert terminal.speaks_utf8({"LC_CTYPE": "C.UTF-8"}, TTY, coerced=True)


@pytest.mark.parametrize(
    ("environment", "settings", "line", "kept", "wanted"),
    [
        ({}, {}, "", "", "dark"),
        ({"COLORFGBG": "0;15"}, {}, "", "", "light"),
        ({"COLORFGBG": "15;default;0"}, {}, "", "", "dark"),
        ({}, {}, "", "mine", "mine"),
        ({"COLORFGBG": "0;15"}, {}, "", "mine", "mine"),
        ({}, {}, "", "gone", "dark"),
        ({"TERM": "linux"}, {}, "", "mine", "ansi16"),
        ({"NO_COLOR": "1"}, {}, "", "mine", "mono"),
        ({"NO_COLOR": "1", "TERM": "linux"}, {"theme": "light"}, "", "mine", "light"),
        ({"NO_COLOR": "1"}, {"theme": "light"}, "dark", "mine", "dark"),
        ({}, {"theme": "gone"}, "", "", "dark"),
    ],
)
def test_the_theme(
    environment: Mapping[str, str], settings: Mapping[str, str], line: str, kept: str, wanted: str
) -> None:
    config_ = msgspec.structs.replace(Config(), **settings)
    choice = fallbacks.choose({**XTERM, **environment}, TTY, config_, THEMES, theme=line, kept=kept)
    assert choice.theme == wanted
    assert bool(choice.notes) == (settings.get("theme") == "gone")


def test_a_theme_that_the_command_line_names_wrongly_is_refused() -> None:
    with pytest.raises(UsageError, match="no theme 'gone'") as caught:
        fallbacks.choose(XTERM, TTY, Config(), THEMES, theme="gone")
    assert "dark" in caught.value.hint


def test_ascii_and_the_console() -> None:
    def chosen(environment: Mapping[str, str], *, ascii_only: bool = False, **settings: bool) -> tuple[bool, bool]:
        made = msgspec.structs.replace(Config(), **settings)
        choice = fallbacks.choose({**XTERM, **environment}, TTY, made, THEMES, ascii_only=ascii_only)
        return choice.ascii, choice.console

    assert chosen({}) == (False, False)
    assert chosen({}, ascii_only=True) == (True, False)
    assert chosen({}, ascii=True) == (True, False)
    assert chosen({"LANG": "C"}) == (True, False)
    assert chosen({"TERM": "linux"}) == (False, True)


def test_settings_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"THEME": "light", "ASCII": "1", "KEYS": "app.theme=f5:app.quit=Q,ctrl+c"}.items():
        monkeypatch.setenv(f"ATLASOD_TUI_{name}", value)
    config.load.cache_clear()
    settings = config.load()
    assert (settings.theme, settings.ascii) == ("light", True)
    assert settings.keys == {"app.theme": "f5", "app.quit": "Q,ctrl+c"}
    monkeypatch.setenv("ATLASOD_TUI_KEYS", "f5")
    config.load.cache_clear()
    with pytest.raises(UsageError, match="no id=keys"):
        config.load()


@pytest.mark.parametrize(
    ("environment", "streams", "size", "said"),
    [
        ({}, (TTY, TTY, TTY), (60, 16), ""),
        ({"TERM": "dumb"}, (TTY, TTY, TTY), (80, 24), "TERM is dumb"),
        ({"TERM": ""}, (TTY, TTY, TTY), (80, 24), "TERM is not set"),
        ({}, (None, TTY, TTY), (80, 24), "input comes from none"),
        ({}, (TTY, Stream(terminal=False), TTY), (80, 24), "output goes to none"),
        ({}, (TTY, TTY, Stream(terminal=False)), (80, 24), "error output goes to none"),
        ({}, (TTY, TTY, TTY), (59, 24), "60x16 needed, here are 59x24"),
        ({}, (TTY, TTY, TTY), (80, 15), "60x16 needed, here are 80x15"),
    ],
)
def test_refusals(
    environment: Mapping[str, str], streams: tuple[Stream | None, ...], size: tuple[int, int], said: str
) -> None:
    one, two, three = streams
    error = terminal.refusal({**XTERM, **environment}, (one, two, three), size)
    if not said:
        assert error is None
        return
    assert error is not None
    assert said in error.message
    assert "atlasod-tui ls" in error.hint
    assert error.exit_code == 2


def test_into_a_pipe_nothing_is_painted() -> None:
    environment = {**os.environ, **XTERM}
    told = subprocess.run(PROGRAM, capture_output=True, stdin=subprocess.DEVNULL, env=environment, check=False)
    assert told.returncode == 2
    assert told.stdout == b""
    assert told.stderr.startswith(b"error: the screen needs a terminal")
    assert b"atlasod-tui ls" in told.stderr
    assert b"\x1b" not in told.stderr


@pytest.mark.parametrize(
    ("environment", "size", "said"),
    [
        ({"TERM": "dumb"}, (80, 24), b"TERM is dumb"),
        ({"TERM": ""}, (80, 24), b"TERM is not set"),
        ({}, (52, 14), b"the terminal is too small: 60x16 needed, here are 52x14"),
    ],
)
def test_a_terminal_that_cannot_show_it_is_not_painted(
    environment: Mapping[str, str], size: tuple[int, int], said: bytes
) -> None:
    with Pty(PROGRAM, environment, size) as seen:
        assert seen.ended() == 2
    assert said in seen.written
    assert b"atlasod-tui ls" in seen.written
    assert b"\x1b" not in seen.written


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"NO_COLOR": "1"}, ()),
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, ()),
        ({"TERM": "linux"}, ("16",)),
        ({}, ("256",)),
        ({"COLORTERM": "truecolor"}, ("all",)),
    ],
)
def test_the_colours_of_a_real_terminal(environment: Mapping[str, str], wanted: tuple[str, ...]) -> None:
    with Pty(DRESSED, environment) as seen:
        seen.until("three")
        seen.press(b"\x1b[B")
        seen.until(lambda new: b"two" in new or b"one" in new)
        seen.press(b"q")
        assert seen.ended() == 0
    kinds = {_kind(sequence) for sequence in colours(seen.written)}
    assert kinds - {"default"} == set(wanted)
    if not wanted:
        assert not kinds
        assert b"\x1b[7m" in seen.written or b";7m" in seen.written


def _kind(sequence: bytes) -> str:
    if b"8;2;" in sequence:
        return "all"
    if b"8;5;" in sequence:
        return "256"
    codes = {int(code) for code in sequence[2:-1].split(b";") if code}
    return "16" if codes & {*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)} else "default"


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "en_US.ISO-8859-1"}, {"PYTHONIOENCODING": "ascii"}, {"--ascii": ""}],
)
def test_only_ascii_reaches_a_terminal_that_knows_no_more(environment: dict[str, str]) -> None:
    command = [*DRESSED, "--ascii"] if "--ascii" in environment else DRESSED
    with Pty(command, {name: value for name, value in environment.items() if name != "--ascii"}) as seen:
        seen.until("three")
        seen.press(b"q")
        assert seen.ended() == 0
    assert seen.written.isascii()
    shown = text(seen.written)
    assert b"* picked >" in shown
    assert b"+ done" in shown
    assert b"x failed" in shown
    assert b"+-------" in shown
    assert b"two e ??" in shown


def test_the_console_gets_what_its_font_has() -> None:
    with Pty(DRESSED, {"TERM": "linux"}) as seen:
        seen.until("three")
        seen.press(b"q")
        assert seen.ended() == 0
    shown = text(seen.written).decode()
    assert "► running" in shown
    assert "┌──────" in shown


def test_a_terminal_that_is_made_too_small_says_so_and_comes_back() -> None:
    with Pty(DRESSED, {}) as seen:
        seen.until("three")
        seen.resize((52, 14))
        small = seen.until("60x16 needed, here are 52x14")
        assert b"atlasod-tui ls" in text(small)
        seen.resize((50, 12))
        seen.until("50x12")
        seen.resize((80, 24))
        seen.until("three")
        seen.press(b"q")
        assert seen.ended() == 0


def test_every_theme_can_be_worn_in_turn() -> None:
    with Pty(DRESSED, {"NO_COLOR": "1"}) as seen:
        seen.until("three")
        for _ in range(6):
            seen.press(b"t")
            seen.until(lambda new: len(new) > 500)
        seen.press(b"q")
        assert seen.ended() == 0
    assert any(_kind(sequence) == "256" for sequence in colours(seen.written))


def test_the_program_itself_has_no_colours_and_only_ascii_where_it_is_asked_to() -> None:
    with Pty([*PROGRAM, "--lake", "opendata"], {"NO_COLOR": "1", "LANG": "C"}) as seen:
        seen.until("opendata")
        seen.press(b"t")
        seen.until("enter keep")
        seen.press(b"\x11")
        assert seen.ended() == 0
    assert colours(seen.written) == []
    assert seen.written.isascii()


def test_the_program_itself_comes_back_when_its_terminal_is_large_enough_again() -> None:
    with Pty([*PROGRAM, "--lake", "opendata"], {}) as seen:
        seen.until("opendata")
        seen.resize((52, 14))
        seen.until("60x16 needed, here are 52x14")
        seen.resize((80, 24))
        seen.until("opendata")
        seen.press(b"q")
        assert seen.ended() == 0
