"""Characters: one cell each, ASCII where it has to be, of the console's font there; bars to a part of a cell."""

from __future__ import annotations

from dataclasses import fields

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome, NoColor

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.looks import filters
from atlasod_tui.tui.looks.look import ASCII, CONSOLE, UNICODE, Glyphs
from tests.tui.hostile import NAMES

ALL = {"ascii": ASCII, "console": CONSOLE, "unicode": UNICODE}
STRINGS = [each.name for each in fields(Glyphs) if each.name not in {"states", "edge", "arrows"}]


@pytest.mark.parametrize("name", ALL)
def test_each_is_one_cell(name: str) -> None:
    glyphs = ALL[name]
    for field in STRINGS:
        text = getattr(glyphs, field)
        assert cell_len(text) == (2 if text == "+-" else len(text)), field
    assert {cell_len(glyphs.state(state)) for state in State} == {1}
    assert set(glyphs.states) == set(State)
    assert len(set(glyphs.states.values())) == len(State)
    assert glyphs.state("not known") == "?"


def test_ascii_is_ascii_and_the_console_has_its_font() -> None:
    assert all(getattr(ASCII, field).isascii() for field in STRINGS)
    assert all(text.isascii() for text in ASCII.states.values())
    for field in STRINGS:
        assert _in_font(getattr(CONSOLE, field)), field
    assert all(map(_in_font, CONSOLE.states.values()))
    assert all(map(_in_font, CONSOLE.arrows.values()))
    assert not ASCII.arrows


def _in_font(text: str) -> bool:
    """Return whether all of it is in code page 437, of which the first 32 are signs: Python knows the others only."""
    signs = "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
    return all(character in signs or character.encode("cp437", "ignore") for character in text)


@pytest.mark.parametrize("name", ALL)
def test_a_bar_has_its_width_and_never_shrinks(name: str) -> None:
    glyphs = ALL[name]
    bars = [glyphs.filled(share / 200, 12) for share in range(-10, 220)]
    assert {cell_len(bar) for bar in bars} == {12}
    assert bars[0] == glyphs.track * 12
    assert bars[-1] == glyphs.bar[-1] * 12
    full = [bar.count(glyphs.bar[-1]) for bar in bars]
    assert full == sorted(full)
    assert len(set(bars)) > 12
    assert glyphs.filled(0.5, 0) == ""


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_shown_can_be_shown_in_ascii(name: str) -> None:
    shown = name.encode(errors="replace").decode()
    made = filters.plain(shown)
    assert made.isascii()
    assert cell_len(made) == cell_len(shown)


def test_in_ascii_letters_stay_letters() -> None:
    assert filters.plain("é ñ ü Å √s × 10 → 5 … ●▸│─") == "e n u A ?s x 10 > 5 . *>|-"  # noqa: RUF001
    assert filters.plain("宽a") == "??a"


def test_no_colours_but_all_else() -> None:
    style = Style(color="red", bgcolor="#102030", bold=True, reverse=True, meta={"offset": (1, 2)})
    (bare,) = filters.Colourless().apply([Segment("text", style)], Color(0, 0, 0))
    assert bare.text == "text"
    assert bare.style is not None
    assert (bare.style.color, bare.style.bgcolor) == (None, None)
    assert (bare.style.bold, bare.style.reverse, bare.style.meta) == (True, True, {"offset": (1, 2)})
    assert filters.Colourless().apply([Segment("text")], Color(0, 0, 0)) == [Segment("text")]


def test_what_textual_makes_of_no_color_is_left_out() -> None:
    own = [NoColor(), Monochrome()]
    assert filters.passed(own, mono=False, ascii_only=False) == []
    kinds = [type(each) for each in filters.passed(own, mono=True, ascii_only=True)]
    assert kinds == [filters.Colourless, filters.AsciiOnly]
