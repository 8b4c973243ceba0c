from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlasod_tui.plots.canvas.axes import EIGHTHS, XAxis, YAxis
from atlasod_tui.plots.canvas.frame import gutter, x_labels
from atlasod_tui.plots.canvas.numbers import panel_axis
from atlasod_tui.plots.model import Panel, Points

NOTHING = Points(np.zeros(1), np.zeros(1), np.zeros(1))


@pytest.mark.parametrize("rows", range(2, 14))
@pytest.mark.parametrize(("lo", "hi"), [(-125.0, 250.0), (-30.0, 60.0), (-1e-3, 1.0), (-7.0, 0.0), (0.0, 9.0)])
def test_the_line_of_a_panel_is_amid_a_row_and_nothing_is_cut(lo: float, hi: float, rows: int) -> None:
    axis = panel_axis(Panel("difference", "", NOTHING, None, None, lo, hi), rows)
    assert axis.eighths(0.0) % EIGHTHS == EIGHTHS // 2
    assert axis.lo <= lo
    assert axis.hi >= hi
    assert (axis.hi - axis.lo) / (hi - lo) <= rows / (rows - 1) + 1e-9


@pytest.mark.parametrize("rows", [5, 7, 11])
def test_a_ratio_keeps_its_ends(rows: int) -> None:
    axis = panel_axis(Panel("ratio", "", NOTHING, None, None, 0.0, 2.0), rows)
    assert (axis.lo, axis.hi) == (0.0, 2.0)


def test_a_line_beyond_the_panel_changes_nothing() -> None:
    axis = panel_axis(Panel("difference", "", NOTHING, None, None, 3.0, 9.0), 6)
    assert (axis.lo, axis.hi) == (3.0, 9.0)


@settings(derandomize=True, deadline=None)
@given(
    st.floats(-1e6, 1e6),
    st.floats(1, 1e6),
    st.floats(1e-6, 1e9),
    st.floats(2.08, 1e9),
    st.integers(3, 30),
)
@pytest.mark.parametrize("log", [False, True])
def test_no_axis_has_one_number_alone(
    log: bool, lo: float, span: float, least: float, factor: float, rows: int
) -> None:
    y = YAxis(least, least * factor, rows, log=True) if log else YAxis(0.0, least, rows)
    panel = Panel("difference", "", NOTHING, None, None, lo, lo + span)
    left = gutter(y, panel_axis(panel, rows), panel, ascii_only=False)
    assert len({left.base, *left.main.values()} - {""}) > 1
    assert len(set(left.lower.values())) > 1
    assert len(x_labels(XAxis([lo, lo + span], 30), numbered=False)) > 1
