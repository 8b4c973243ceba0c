"""The bin rule, in plain Python, compiled, and against real ROOT."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.engine.author import Histogram
from atlasod_tui.engine.histograms import Layout, find_bin

AXES = [
    (30, 0.0, 200.0), (40, 39.0, 180.0), (24, 80.0, 170.0), (30, 50.0, 106.0), (15, 5.5, 20.5), (32, -3.2, 3.2),
    (7, -1.75, 1.75), (20, -0.1, 0.2), (30, 105.0, 160.0), (20, 0.6, 1.0), (30, 0.0, 3.2), (18, 64.0, 118.0),
]  # fmt: skip


def probes(nbins: int, lo: float, hi: float) -> list[float]:
    """Values on and within three steps of every edge, by both ways to compute an edge; and beyond all edges."""
    found = [-math.inf, math.inf, math.nan, lo - 1.0, hi + 1.0, 0.5 * (lo + hi)]
    for number in range(nbins + 1):
        for edge in {lo + number * ((hi - lo) / nbins), lo + number * (hi - lo) / nbins}:
            value = edge
            for _ in range(3):
                value = math.nextafter(value, -math.inf)
            for _ in range(7):
                found.append(value)
                value = math.nextafter(value, math.inf)
    return found


@given(st.sampled_from(AXES), st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_lies_between_the_edges_of_its_bin(axis: tuple[int, float, float], x: float) -> None:
    nbins, lo, hi = axis
    number, width = find_bin(nbins, lo, hi, x), (hi - lo) / nbins
    assert 0 <= number <= nbins + 1
    if number == 0:
        assert x < lo
    elif number == nbins + 1:
        assert x >= hi or x >= lo + nbins * width
    else:
        assert lo + (number - 1) * width <= x < lo + number * width


def test_what_is_not_a_number_overflows() -> None:
    assert find_bin(10, 0.0, 1.0, math.nan) == 11


@pytest.mark.root
def test_bins_are_those_of_root(root_python: Path) -> None:
    script = (
        "import json, sys, ROOT\n"
        "print(json.dumps([[ROOT.TAxis(n, lo, hi).FindFixBin(x) for x in xs]"
        " for n, lo, hi, xs in json.load(sys.stdin)]))\n"
    )
    cases = [(*axis, probes(*axis)) for axis in AXES]
    done = subprocess.run(
        [root_python, "-W", "ignore", "-c", script], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    for (nbins, lo, hi, values), bins in zip(cases, json.loads(done.stdout.splitlines()[-1]), strict=True):
        assert [find_bin(nbins, lo, hi, x) for x in values] == bins


def test_the_compiled_fill_has_the_same_rule() -> None:
    from atlasod_tui.engine import kernel  # noqa: PLC0415 - numba

    layout = Layout.of([Histogram(f"h{number}", *axis, "", "") for number, axis in enumerate(AXES)])
    sums, counts = np.zeros(layout.sums_size), np.zeros(layout.counts_size, np.int64)
    status, table = np.zeros(4, np.int64), np.zeros(8, np.int64)
    table[:3] = status.ctypes.data, sums.ctypes.data, counts.ctypes.data
    expected = np.zeros_like(sums)
    for booked in layout.booked:
        booking = booked.booking
        for weight, x in enumerate(probes(booking.nbins, booking.lo, booking.hi), 2):
            place = (booked.start, booked.index, booking.nbins, booking.lo, booking.hi)
            kernel.fill(table.ctypes.data, *place, x, float(weight))
            at = 2 * (booked.start + find_bin(booking.nbins, booking.lo, booking.hi, x))
            expected[at] += weight
            expected[at + 1] += weight * weight
    assert np.array_equal(sums, expected)


def test_families_lie_side_by_side() -> None:
    layout = Layout.of([Histogram("a", 3, 0, 1, "", ""), Histogram("f", 2, 0, 1, "", "", channels=("x", "y"))])
    assert [(item.name, item.index, item.start) for item in layout.booked] == [
        ("a", 0, 0),
        ("f_x", 1, 5),
        ("f_y", 2, 9),
    ]
    assert layout.sums_size == 2 * (5 + 4 + 4)
    assert layout.first["f"].name == "f_x"
