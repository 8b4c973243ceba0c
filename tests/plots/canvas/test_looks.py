"""Colours and hatches: told apart, and seen on what is behind them."""
# ruff: noqa: RUF001

from __future__ import annotations

import numpy as np
import pytest
from rich.color import Color, ColorSystem

from atlasod_tui.plots.canvas import band, draw
from atlasod_tui.plots.canvas.axes import YAxis
from atlasod_tui.plots.canvas.glyphs import contrast
from atlasod_tui.plots.canvas.raster import style
from atlasod_tui.plots.canvas.stack import Paint, column
from atlasod_tui.plots.palette import HUES, palette
from tests.plots.canvas import examples
from tests.plots.canvas.seen import text


def test_inks_contrast_with_what_is_behind() -> None:
    for name in ("dark", "light", "safe"):
        for hue in HUES:
            colour = palette(name).colour(hue)
            assert _contrast(contrast(colour), colour) >= 4.5


def _contrast(one: str, other: str) -> float:
    a, b = sorted((_luminance(one), _luminance(other)))
    return (b + 0.05) / (a + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return sum(
        weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for weight, c in ((0.2126, red), (0.7152, green), (0.0722, blue))
    )


def test_short_colours_are_the_same_colours() -> None:
    for colour in ("#000000", "#ffffff", "#444444", "#6c6c6c", "#d0d0d0"):
        found = style((colour, None, 0)).color
        assert found is not None
        assert found.name.startswith("color(")
        assert found.get_truecolor().hex == colour


def test_the_band_is_as_high_as_the_error_to_an_eighth_above_the_stack() -> None:
    chosen = palette("dark")
    axis = YAxis(0.0, 10.0, 10)
    layers = [Paint("A", chosen.colour("azure"), " ", ("", ""))]
    cells = band.veiled(column([5.0], axis, layers), 3.0, 7.5, axis, chosen)
    azure = chosen.colour("azure")
    assert [cell.look[1] for cell in cells] == [
        *[azure] * 3,
        *[chosen.veiled(azure)] * 2,
        *[chosen.shade] * 2,
        *[None] * 3,
    ]
    assert [cell.char for cell in cells] == [*" " * 7, "▄", " ", " "]
    assert cells[7].look[0] == chosen.shade


@pytest.mark.parametrize("colours", ["mono", "ascii"])
def test_without_colours_a_hatch_lets_the_layer_be_seen(colours: str) -> None:
    chosen = palette(colours)
    plot = examples.make(np.array([0.0, 1.0]), [("ZZ", "azure", np.array([8.0]))], None, spread=0.5)
    lines = text(draw(plot, 80, 24, chosen))
    hatch, fill = ("╱", "░") if colours == "mono" else ("/", "Z")
    half_way = [line for line in lines[4:] if hatch in line and fill in line]
    assert half_way
    assert all(abs(line.count(hatch) - line.count(fill)) <= 6 for line in half_way)


def test_veiled_layers_are_told_apart_with_256_colours() -> None:
    for name in ("dark", "light", "safe"):
        chosen = palette(name)
        colours = [chosen.colour(hue) for hue in HUES]
        shown = [_eight_bit(colour) for colour in (*colours, *map(chosen.veiled, colours), chosen.shade)]
        assert len(set(shown)) == len(shown)


def _eight_bit(colour: str) -> int | None:
    return Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).number
