"""Whatever is drawn, in whatever size: lines of that size, and no exception."""
# ruff: noqa: RUF001

from __future__ import annotations

import dataclasses
import math
from typing import Literal, TypeVar

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from atlasod_tui.engine.author import Hue
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.model import Curve, FloatArray, Layer, Overlay, Panel, Plot, Points
from atlasod_tui.plots.palette import HUES, NAMES, palette
from tests.plots.canvas import examples
from tests.plots.canvas.seen import shape, text

T = TypeVar("T")


ODD = (0.0, -0.0, math.nan, math.inf, -math.inf, -1.0, 1e-320, 1e308, -1e308, 1.0, 0.5)
TEXTS = (
    "",
    "t#bar{t}",
    "p_{T}^{lep} [GeV]",
    "中文 標籤",
    "\x1b[31m",
    "e\u0301",
    "\u200d\ufe0f",
    "#{_^",
    "a" * 300,
    "×10 · †",
    "\n",
)


def any_plot(seed: int) -> Plot:
    """Return a plot with any numbers and words; arrays of hypothesis' own would take minutes."""
    random = np.random.default_rng(seed)

    def numbers(size: int) -> FloatArray:
        scale = float(random.choice([0.0, 1e-300, 1e-9, 1.0, 1e4, 1e300]))
        values = random.normal(1, 1, size) * scale
        return np.where(random.random(size) < random.choice([0, 0, 0.3, 1]), random.choice(ODD, size), values)

    def words() -> str:
        return str(random.choice(TEXTS))

    def hue() -> Hue:
        return HUES[int(random.integers(len(HUES)))]

    def maybe(value: T) -> T | None:
        return value if random.random() < 0.7 else None

    n = int(random.choice([0, 1, 2, 3, 20, 30, 60, 150]))
    size = n if random.random() < 0.95 else n + 3
    kinds: tuple[Literal["ratio", "difference"], ...] = ("ratio", "difference")
    points = [Points(numbers(size), numbers(size), numbers(size)) for _ in range(2)]
    curves = [Curve(words(), hue(), numbers(n), numbers(n)) for _ in range(3)]
    panel = Panel(kinds[seed % 2], words(), points[0], maybe(numbers(size)), maybe(curves[0]), *numbers(2).tolist())
    odd_edges = random.random() < 0.2
    return dataclasses.replace(
        examples.higgs(),
        process=words(),
        xtitle=words(),
        ytitle=words(),
        title=words(),
        edges=numbers(n + 1) if odd_edges else np.linspace(-1, random.uniform(0, 100), n + 1),
        layers=tuple(Layer(words(), words(), hue(), numbers(size), numbers(size)) for _ in range(random.integers(8))),
        overlays=tuple(Overlay(words(), words(), hue(), numbers(size), numbers(size), *numbers(1).tolist())
                       for _ in range(random.integers(3))),
        curves=tuple(curves[1 : random.integers(1, 4)]),
        uncertainty=maybe(numbers(size)),
        data=maybe(points[1]),
        panel=maybe(panel),
        log=bool(random.random() < 0.5),
        lo=float(numbers(1)[0]),
        luminosity_pb=float(numbers(1)[0]),
        banners=tuple(words() for _ in range(random.integers(4))),
        notes=tuple(words() for _ in range(random.integers(4))),
        quirks=tuple(words() for _ in range(random.integers(3))),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), width=st.integers(1, 200), height=st.integers(1, 60), colours=st.sampled_from(NAMES))
def test_any_numbers_any_size(seed: int, width: int, height: int, colours: str) -> None:
    lines = draw(any_plot(seed), width, height, palette(colours))
    assert shape(lines) == (height, {width})
    if colours == "ascii":
        assert all(line.isascii() for line in text(lines))
