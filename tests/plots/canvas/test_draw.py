"""The canvas tells the truth, in every size, whatever the numbers are."""
# ruff: noqa: RUF001, E501

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections import Counter
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.engine.author import Hue
from atlasod_tui.plots.canvas import draw, ticks
from atlasod_tui.plots.canvas.axes import EIGHTHS, XAxis, YAxis
from atlasod_tui.plots.canvas.glyphs import BLOCKS
from atlasod_tui.plots.canvas.stack import Paint, column, letters
from atlasod_tui.plots.model import Curve, Points
from atlasod_tui.plots.palette import HUES, NAMES, palette
from tests.plots.canvas import examples
from tests.plots.canvas.seen import Lines, shape, text
from tests.plots.canvas.wire import wire

T = TypeVar("T")


@pytest.mark.parametrize("name", examples.ALL)
@pytest.mark.parametrize("colours", NAMES)
@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (39, 12), (200, 13), (41, 60), (1, 1)])
def test_exactly_the_size_asked_for(name: str, colours: str, size: tuple[int, int]) -> None:
    assert shape(draw(examples.ALL[name](), *size, palette(colours))) == (size[1], {size[0]})


@pytest.mark.parametrize("name", examples.ALL)
def test_ascii_is_ascii_and_without_colours(name: str) -> None:
    for size in ((80, 24), (160, 48), (50, 14)):
        lines = draw(examples.ALL[name](), *size, palette("ascii"))
        assert all(line.isascii() and line.isprintable() for line in text(lines))
        assert not _colours(lines)


@pytest.mark.parametrize("name", examples.ALL)
def test_mono_has_no_colours(name: str) -> None:
    assert not _colours(draw(examples.ALL[name](), 80, 24, palette("mono")))
    assert not _colours(draw(examples.ALL[name](), 160, 48, palette("mono")))


def _colours(lines: Lines) -> set[str]:
    styles = {segment.style for line in lines for segment in line if segment.style}
    return {str(style_) for style_ in styles if style_.color or style_.bgcolor}


@pytest.mark.parametrize("name", examples.ALL)
def test_bytes_on_the_wire(name: str) -> None:
    for colours in NAMES:
        assert wire(draw(examples.ALL[name](), 80, 24, palette(colours)), 80, 24) <= 8000


@pytest.mark.parametrize("name", examples.ANALYSES)
def test_quick(name: str) -> None:
    def seconds() -> float:
        plot = examples.ANALYSES[name]()
        start = time.process_time()
        draw(plot, 80, 24, palette("dark"))
        return time.process_time() - start

    assert statistics.median(seconds() for _ in range(5)) <= 0.040


# Numbers


# Truth

Values = st.lists(st.floats(0, 1000), min_size=1, max_size=6)


@given(values=Values, rows=st.integers(1, 40))
def test_columns_are_as_high_as_their_values_to_an_eighth(values: list[float], rows: int) -> None:
    axis = YAxis(0.0, 6000.0, rows)
    hues: tuple[Hue, ...] = HUES[: len(values)]
    layers = [Paint("A", palette("dark").colour(hue), " ", ("", "")) for hue in hues]
    sums = np.cumsum(values).tolist()
    cells = column(sums, axis, layers)
    height = sum(EIGHTHS if cell.look[1] else BLOCKS.index(cell.char) for cell in cells)
    assert abs(height - sums[-1] / 6000 * rows * EIGHTHS) <= 0.5 + 1e-6


@given(values=Values, rows=st.integers(1, 40))
def test_each_layer_is_as_high_as_its_value_where_it_has_a_cell_for_itself(values: list[float], rows: int) -> None:
    axis = YAxis(0.0, 6000.0, rows)
    layers = [Paint("A", palette("dark").colour(hue), " ", ("", "")) for hue in HUES[: len(values)]]
    sums = np.cumsum(values).tolist()
    cells = column(sums, axis, layers)
    for row, cell in enumerate(cells):
        if cell.whole and cell.layer >= 0:
            below = sums[cell.layer - 1] if cell.layer else 0.0
            assert axis.eighths(below) <= row * EIGHTHS
            assert axis.eighths(sums[cell.layer]) >= (row + 1) * EIGHTHS


@pytest.mark.parametrize(("colours", "worst"), [("mono", 3), ("ascii", 3)])
def test_without_colours_columns_are_right_to_a_third_of_a_cell(colours: str, worst: int) -> None:
    little, half = {"mono": ("▁", "▖"), "ascii": ("_", "z")}[colours]
    whole = {"mono": "░", "ascii": "Z"}[colours]
    for eighths in range(33):
        axis = YAxis(0.0, 32.0, 4)
        cells = column([float(eighths)], axis, [Paint("Z", None, whole, (little, half))])
        height = sum({little: 1, half: 4, whole: 8}.get(cell.char, 0) for cell in cells)
        assert abs(height - eighths) <= worst


def test_a_negative_layer_takes_away_from_those_below() -> None:
    axis = YAxis(0.0, 16.0, 2)
    layers = [Paint("A", "#ff0000", " ", ("", "")), Paint("B", "#00ff00", " ", ("", ""))]
    cells = column([16.0, 8.0], axis, layers)
    assert [cell.look[1] for cell in cells] == ["#ff0000", None]


@given(st.lists(st.floats(0, 900), min_size=5, max_size=5), st.booleans())
def test_a_point_is_in_the_row_of_its_value(values: list[float], log: bool) -> None:
    values[0] = 1000.0  # fixes the range
    data = np.array(values)
    plot = examples.make(np.linspace(0, 5, 6), [("ZZ", "azure", np.zeros(5))], data, log=log, lo=1.0)
    nothing = np.zeros(5)
    plot = dataclasses.replace(plot, panel=None, data=Points(data, nothing, nothing))
    lines = text(draw(plot, 80, 24, palette("dark")))
    floor = next(k for k, line in enumerate(lines) if "└" in line)
    wall = lines[floor].index("└")
    first = 3  # title, legend, head
    assert "●" not in lines[first - 1]
    rows = floor - first
    top = 1000.0 * (1000**0.06 if log else 1.04)
    per_bin = (80 - wall - 2) // 5
    for index, value in enumerate(values):
        here = [
            k
            for k in range(first, floor)
            if "●" in lines[k][wall + 1 + index * per_bin : wall + 1 + (index + 1) * per_bin]
        ]
        if log and value < 1:
            assert not here
            assert lines[floor - 1][wall + 1 + index * per_bin :][:per_bin].strip() == "▼"
            continue
        share = math.log(value) / math.log(top) if log else value / top
        (row,) = here
        assert floor - 1 - row == min(int(share * rows), rows - 1)


def test_bins_are_where_their_edges_are() -> None:
    axis = XAxis([0.0, 1.0, 2.0, 10.0], 50)
    assert axis.spans == [(0, 5), (5, 10), (10, 50)]
    assert not axis.sharing


@given(bins=st.integers(1, 80), width=st.integers(1, 160))
def test_every_bin_has_a_column_where_there_are_enough(bins: int, width: int) -> None:
    axis = XAxis([float(k) for k in range(bins + 1)], width)
    owners = axis.shown([1.0] * bins)
    assert -1 not in owners
    if width >= bins:
        assert set(owners) == set(range(bins))
        assert not axis.sharing
    else:
        assert axis.sharing


def test_of_bins_that_share_a_column_the_highest_is_drawn() -> None:
    axis = XAxis([float(k) for k in range(5)], 2)
    assert axis.shown([1.0, 5.0, math.nan, 2.0]) == [1, 2]
    plot = examples.make(np.linspace(0, 150, 151), [("ZZ", "azure", np.ones(150))], None)
    assert any("bins share columns" in line for line in text(draw(plot, 80, 24, palette("dark"))))


# What has to be said


def test_words_at_80x24() -> None:
    lines = text(draw(examples.artificial(), 80, 24, palette("dark")))
    whole = "\n".join(lines)
    for words in (
        "ATLAS Open Data · for education", "√s = 13 TeV, 10.1 fb⁻¹", "H → ZZ* → 4l †", "×10 artificial data: no physics",
        "synthetic samples: not collisions", "5 of 24 samples", "Events / bin", "m4l [GeV]", "Data / Pred", "Higgs", "Total",
    ):  # fmt: skip
        assert words in whole
    legend = " ".join(lines[3:5])
    assert legend.index("Higgs") < legend.index("ZZ") < legend.index("Other")


def test_the_side_column_says_what_the_quirk_is_and_what_is_missing() -> None:
    lines = text(draw(examples.higgs(), 160, 48, palette("dark")))
    column = next(line.rindex("●") for line in lines if "Data  " in line) - 1
    whole = " ".join(" ".join(line[column:].split()) for line in lines)
    assert "† the factor 1.3 of ZZ is set by hand" in whole
    assert "missing: ZqqZll" in whole
    assert "10.1 fb⁻¹: all data periods" in whole


def test_each_group_has_a_letter_of_its_own() -> None:
    assert letters(["Z+jets", "Diboson", "Single top", "tt̄"]) == ["Z", "D", "S", "T"]
    assert letters(["Z+jets", "ZZ"]) == ["Z", "A"]
    assert letters(["tq", "tt, Wt, tb", "W+jets", "V+jets"]) == ["T", "B", "W", "V"]
    assert letters(["V+jets", "Jets"], reserved="V") == ["E", "J"]
    assert len(set(letters(["Z"] * 40))) == 37
    many = letters(["Z"] * 36)
    assert len(set(many)) == 36


@pytest.mark.parametrize("colours", ["dark", "light", "safe", "mono"])
def test_letters_stand_in_their_layers(colours: str) -> None:
    chosen = palette(colours)
    lines = draw(examples.higgs(), 80, 24, chosen)
    body = lines[5:17]
    for letter, hue in (("H", "red"), ("Z", "azure"), ("O", "indigo")):
        found = [
            (segment, segment.style)
            for line in body
            for segment in line
            if letter in segment.text and segment.style and segment.style.bold and "Mass" not in segment.text
        ]
        assert found
        if chosen.coloured:
            assert {s.bgcolor.get_truecolor().hex for _, s in found if s and s.bgcolor} == {chosen.colour(hue)}


def test_arrows_point_at_what_is_beyond_the_panel() -> None:
    plot = examples.higgs()
    assert plot.panel is not None
    values = np.array([5.0, -1.0, *[1.0] * 28])
    zero = np.zeros(30)
    panel = dataclasses.replace(plot.panel, points=Points(values, zero, zero))
    lines = text(draw(dataclasses.replace(plot, panel=panel), 80, 24, palette("dark")))
    below = lines[next(k for k, line in enumerate(lines) if "Data / Pred" in line) + 1 :]
    assert "▲" in below[0][:12]
    assert "▼" in below[4][:12]


def test_what_is_not_a_number_is_marked() -> None:
    lines = text(draw(examples.not_numbers(), 80, 24, palette("dark")))
    assert any("? not a number in 2 bins" in line for line in lines)
    floor = next(k for k, line in enumerate(lines) if "Data / Pred" in line)
    assert lines[floor - 1].count("?") >= 20


def test_what_is_below_zero_is_marked() -> None:
    lines = text(draw(examples.negative(), 80, 24, palette("dark")))
    assert any("! prediction below 0 in 1 bin" in line for line in lines)


def test_too_small_is_said() -> None:
    assert "40x12" in " ".join(text(draw(examples.higgs(), 39, 12, palette("dark"))))


def test_lines_that_run_together_take_turns() -> None:
    plot = examples.photons()
    fine = plot.curves[0].x
    hues: tuple[Hue, ...] = ("blue", "red")
    same = tuple(Curve(hue, hue, fine, np.full(len(fine), 50.0)) for hue in hues)
    plot = dataclasses.replace(plot, data=None, curves=same)
    chosen = palette("dark")
    inks = Counter(
        segment.style.color.get_truecolor().hex
        for line in draw(plot, 80, 24, chosen)[3:]
        for segment in line
        if segment.style and segment.style.color and set(segment.text) & set("▔━▁")
        for _ in segment.text.strip()
    )
    assert inks[chosen.colour("blue")] >= 20
    assert inks[chosen.colour("red")] >= 20


def test_a_line_below_the_axis_is_said() -> None:
    plot = examples.sleptons()
    tiny = dataclasses.replace(plot.overlays[0], values=np.full(20, 1e-9))
    lines = text(draw(dataclasses.replace(plot, overlays=(tiny,)), 80, 24, palette("dark")))
    assert "─L─ too small to draw" in lines[-1]
    assert "too small" not in text(draw(plot, 80, 24, palette("dark")))[-1]


def test_infinite_data_are_said() -> None:
    data = np.array([1.0, math.inf, 3.0])
    lines = text(
        draw(examples.make(np.linspace(0, 3, 4), [("ZZ", "azure", np.ones(3))], data), 80, 24, palette("dark"))
    )
    assert "? not a number in 1 bin" in lines[-1]


def test_no_layer_looks_like_an_arrow_in_ascii() -> None:
    plot = examples.make(np.linspace(0, 3, 4), [("V+jets", "green", np.array([8.0, 4.0, 2.0]))], np.ones(3))
    lines = text(draw(plot, 80, 24, palette("ascii")))
    assert "JJJ V+jets" in lines[1]
    assert not any("v" in line or "o" in line for line in lines[3:-3])


def test_missing_samples_are_said_whatever_the_title_is() -> None:
    plot = dataclasses.replace(examples.higgs(), ytitle="Events " * 40)
    assert any("5 of 24 samples" in line for line in text(draw(plot, 80, 24, palette("dark"))))


@pytest.mark.parametrize("name", examples.ANALYSES)
def test_the_plot_has_most_of_a_wide_screen(name: str) -> None:
    lines = text(draw(examples.ANALYSES[name](), 160, 48, palette("dark")))
    floor = next(line for line in lines if "└" in line)
    assert 120 <= len(floor.strip()) <= 130


def test_numbers_stand_near_their_labels_in_the_side_column() -> None:
    lines = text(draw(examples.w_boson(), 160, 48, palette("dark")))
    legend = [line for line in lines if line.rstrip().endswith(("k", "M")) or "Total" in line]
    assert all("  " * 9 not in line[128:].strip() for line in legend)


def test_borders_of_wide_bins_are_marked() -> None:
    plot = examples.make(np.linspace(0, 3, 4), [("ZZ", "azure", np.ones(3))], np.ones(3))
    lines = text(draw(plot, 80, 24, palette("dark")))
    (separator,) = (line for line in lines if "├" in line)
    assert separator.count("┴") == 4
    assert not any("┴" in line for line in text(draw(examples.higgs(), 80, 24, palette("dark"))))


def test_labels_of_an_axis_are_never_alike() -> None:
    for lo, hi in ((1e9, 1e9 + 10), (0, 1e-7), (123456, 123466), (1e-9, 1.001e-9), (0, 250), (-3.2, 3.2), (0, 3e12)):
        found = ticks.labels(ticks.linear(lo, hi, 8))
        assert len(set(found)) == len(found) >= 3


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (0.00043, "0.00043"), (0.5, "0.50"), (12.34, "12.3"), (1234.4, "1234"), (123456.0, "123k"),
     (1.234e6, "1.23M"), (1.2e8, "120M"), (2.5e9, "2.5e9"), (-41.0, "-41.0"), (math.nan, "?"), (-math.inf, "?")],
)  # fmt: skip
def test_amounts(value: float, said: str) -> None:
    assert ticks.amount(value) == said
