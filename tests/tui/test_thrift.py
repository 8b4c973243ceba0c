from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.tui.thrift import saving, thrifty

RED, BLUE, END = "\x1b[38;2;255;0;0;48;2;0;0;9m", "\x1b[1;34m", "\x1b[0m"
GREEN, BARE, ODD = "\x1b[38;5;2;48;2;0;0;9m", "\x1b[92m", "\x1b[103;21m"
BOLD = "\x1b[1;38;2;255;0;0;48;2;0;0;9m"
STYLES = (
    RED,
    BLUE,
    GREEN,
    BARE,
    BOLD,
    ODD,
    "\x1b[3;4;31m",
    "\x1b[91;44m",
    "\x1b[1m",
    "\x1b[m",
    "\x1b[34;1m",
    END,
    END,
    END,
)
PIECES = st.lists(st.sampled_from([*STYLES, "a", " ", "\x1b[2;3H", "\x1b[4;1H", "\n", "\x1b[K", "\x1b[?25l"]))


def painted(text: str) -> list[list[object]]:
    screen = pyte.Screen(8, 5)
    pyte.Stream(screen).feed(text + "x")
    return [[screen.buffer[y][x] for x in range(8)] for y in range(5)]


@given(PIECES)
def test_paints_the_same(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert painted(thrifty(text)) == painted(text)
    assert len(thrifty(text)) <= len(text)


def test_style_goes_on_over_moves_and_ends_before_anything_else() -> None:
    lines = [f"\x1b[{y};1H{RED}row {y}{END}" for y in range(1, 4)]
    assert thrifty("\n".join(lines)) == f"\x1b[1;1H{RED}row 1\n\x1b[2;1Hrow 2\n\x1b[3;1Hrow 3{END}"
    for between in ("plain", "\x1b[K", "\x1b]8;;x\x1b\\"):
        text = f"{RED}a{END}{between}{RED}b{END}"
        assert thrifty(text) == text


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        (RED, GREEN, "\x1b[38;5;2m"),
        (RED, BARE, "\x1b[0;92m"),
        (RED, "\x1b[38;2;255;0;0m", "\x1b[49m"),
        ("\x1b[92;41m", "\x1b[41m", "\x1b[39m"),
        (BARE, RED, RED),
        (RED, BLUE, "\x1b[0;1;34m"),
        (RED, BOLD, "\x1b[1m"),
        (BOLD, RED, "\x1b[22m"),
        (BOLD, "\x1b[2;31;48;2;0;0;9m", "\x1b[22;2;31m"),
        ("\x1b[4;31m", "\x1b[31m", "\x1b[0;31m"),
        (BLUE, "\x1b[34;1m", ""),
        (RED, ODD, "\x1b[0;103;21m"),
    ],
)
def test_of_a_style_only_what_differs_is_sent(before: str, after: str, sent: str) -> None:
    assert thrifty(f"{before}a{END}\x1b[2;1H{after}b{END}") == f"{before}a\x1b[2;1H{sent}b{END}"


@pytest.mark.parametrize("text", ["", "plain", END, END + END, RED, RED + RED + END])
def test_odd_texts(text: str) -> None:
    assert painted(thrifty(text)) == painted(text)


def test_driver_writes_what_is_left() -> None:
    from textual.driver import Driver  # noqa: PLC0415

    written: list[str] = []

    class Noting(Driver):
        def __init__(self) -> None:
            pass

        def write(self, data: str) -> None:
            written.append(data)

        def start_application_mode(self) -> None:
            raise NotImplementedError

        def disable_input(self) -> None:
            raise NotImplementedError

        def stop_application_mode(self) -> None:
            raise NotImplementedError

    made: type = saving(Noting)
    made().write(f"{RED}a{END}\n{RED}b{END}")
    assert written == [f"{RED}a\nb{END}"]
