from __future__ import annotations

from collections.abc import Callable

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from atlasod_tui.tui.cells import Cell, Column, end_of, fit, middle_out
from atlasod_tui.tui.looks.look import ASCII, UNICODE
from atlasod_tui.tui.widgets.table_line import Painter, changed_cells, layout
from tests.tui import hostile

WIDTHS = (1, 2, 3, 7, 20, 61)
NAMES = [pytest.param(name, id=f"{number}") for number, name in enumerate(hostile.NAMES)]
TURNED = [pytest.param("שלום.root", id="hebrew"), pytest.param("اختبار 123", id="arabic")]
STYLES = {"": Style(), "muted": Style(color="red"), "cursor": Style(reverse=True), "range": Style(bold=True)}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("right", [False, True])
def test_any_text_has_exactly_its_cells(name: str, width: int, right: bool) -> None:
    text = fit(name, width, right=right)
    assert cell_len(text) == width
    assert not hostile.FORBIDDEN & set(text)
    assert len(text) <= 8 * width + 2


@given(st.text(max_size=80), st.integers(1, 30), st.booleans())
def test_so_has_whatever_comes(text: str, width: int, right: bool) -> None:
    fitted = fit(text, width, right=right)
    assert cell_len(fitted) == width
    assert not hostile.FORBIDDEN & set(fitted)


def test_what_is_cut_says_so() -> None:
    assert fit("data_A.4lep.root", 10) == "data_A.4l…"
    assert end_of("mc_345060.ggH125_ZZ4lep.4lep.root", 10) == "…4lep.root"
    assert end_of("宽字符文件名.root", 9) == "…名.root"
    assert end_of("e\u0301" * 9, 4) == "…" + "e\u0301" * 3


def test_of_a_long_text_the_beginning_and_the_end_are_left() -> None:
    assert middle_out("Fetch a.root?", 13) == "Fetch a.root?"
    assert middle_out("Fetch a\x1b.root?", 17) == "Fetch a\\x1b.root?"
    assert middle_out("Fetch data_A.4lep.root?", 13) == "Fetch ….root?"
    assert middle_out("Fetch data_A.4lep.root?", 13, more="~") == "Fetch ~.root?"
    assert middle_out("宽字符文件名?", 8) == "宽…件名?"
    for text in hostile.NAMES:
        assert max(cell_len(middle_out(text, width)) - width for width in range(1, 80)) <= 0
    assert fit("data_A.4lep.root", 10, right=True, more="~") == "data_A.4l~"
    assert fit("41 MB", 8, right=True) == "   41 MB"
    assert fit("宽字符文件名", 6) == "宽字… "
    assert fit("e\u0301" * 9, 5) == "e\u0301" * 4 + "…"
    assert fit("x\x1b", 8) == "x\\x1b   "


@pytest.mark.parametrize("name", [*NAMES, *TURNED])
@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize("cut", [None, end_of])
def test_next_column_is_where_it_belongs_in_a_terminal(name: str, width: int, cut: Callable[..., str] | None) -> None:
    columns = [Column[str]("name", str, cut=cut), Column[str]("size", lambda _: "41 MB", 8, right=True)]
    painter = Painter(columns, UNICODE, marked=True, styles=STYLES.__getitem__)
    painter.resize(width)
    line = painter.row(name, "●", under="cursor", ranged=False, thumb=True)
    screen = pyte.Screen(width, 2)
    pyte.Stream(screen).feed(line.text.replace("\u200e", ""))  # pyte stops at characters of no width
    shown = screen.display[0]
    cells = [screen.buffer[0][x].data for x in range(width)]
    assert cells[0] == "▶"
    assert cells[1] == "●"
    assert "".join(cells[-9:]) == "   41 MB█", shown
    assert not screen.display[1].strip()


def test_columns_share_what_there_is() -> None:
    columns = [
        Column[str]("name", str),
        Column[str]("size", str, 8),
        Column[str]("xsec", str, 6, from_width=100),
        Column[str]("about", str),
    ]
    assert [(field.column.title, field.width) for field in layout(columns, 77, 80)] == [
        ("name", 32),
        ("size", 8),
        ("about", 33),
    ]
    assert [field.width for field in layout(columns, 97, 100)] == [38, 8, 6, 39]
    assert [field.column.title for field in layout(columns, 10, 12)] == ["size"]


def test_line_is_of_few_pieces_and_of_all_its_cells() -> None:
    columns = [Column[str]("name", str), Column[str]("state", lambda _: Cell("ok", "muted"), 6)]
    painter = Painter(columns, ASCII, marked=False, styles=STYLES.__getitem__)
    painter.resize(30)
    plain = painter.row("a", "", under="", ranged=False, thumb=False)
    assert plain.text == "  a                    ok     "
    assert [segment.style for segment in plain] == [STYLES[""], STYLES["muted"], STYLES[""]]
    under = painter.row("a", "", under="cursor", ranged=False, thumb=True)
    assert under.text == "> a                    ok    #"
    assert len(list(under)) == 1
    ranged = painter.row("a", "", under="", ranged=True, thumb=False)
    assert ranged.text[0] == "|"
    for width in range(1, 30):
        painter.resize(width)
        assert painter.row("long name", "", under="", ranged=False, thumb=True).cell_length == width
        assert cell_len(painter.row("long name", "", under="", ranged=False, thumb=True).text) == width


PIECES = st.lists(
    st.tuples(st.text("ab宽e\u0301א", max_size=6), st.sampled_from([Style(), Style(bold=True)])), max_size=5
)


@given(PIECES, PIECES)
def test_what_is_not_repainted_is_there_already(old: list[tuple[str, Style]], new: list[tuple[str, Style]]) -> None:
    width = max(sum(cell_len(text) for text, _ in pieces) for pieces in (old, new)) + 2
    lines = [Strip([Segment(*piece) for piece in pieces]).adjust_cell_length(width, Style()) for pieces in (old, new)]
    cells = changed_cells(lines[0], lines[1], width)
    assert 0 <= cells <= width
    before, after = (cell_by_cell(line) for line in lines)
    assert before[cells:] == after[cells:]
    assert bool(cells) == (before != after) or list(lines[0]) != list(lines[1])


def cell_by_cell(line: Strip) -> list[tuple[str, Style | None]]:
    """Return what is in each cell, accents with their letter."""
    cells: list[tuple[str, Style | None]] = []
    for text, style, _ in line:
        for char in text:
            match cell_len(char):
                case 0 if cells:
                    cells[-1] = (cells[-1][0] + char, cells[-1][1])
                case 2:
                    cells += [(char, style), ("", style)]
                case 1:
                    cells.append((char, style))
    return cells
