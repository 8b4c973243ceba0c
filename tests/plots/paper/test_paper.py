"""Pictures of plots: what is written on them, in which order, the same bytes each time, whatever the numbers are."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from atlasod_tui.engine.author import Hue
from atlasod_tui.errors import UsageError
from atlasod_tui.plots import paper
from atlasod_tui.plots.model import Layer, Overlay, Panel, Plot, Points
from atlasod_tui.plots.palette import HUES, NAMES, palette
from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.figure import draw
from atlasod_tui.plots.paper.numbers import luminosity
from tests.plots.paper.making import MIDDLE, counted, fitted, ratio, stack

NAN, INF = float("nan"), float("inf")
FORMATS = ("png", "pdf", "svg")
BEGIN = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def drawn(plot: Plot, name: str = "light") -> Figure:
    colours = style.colours(name)
    with style.context(colours):
        figure = draw(plot, colours)
        figure.canvas.draw()
    return figure


def words(plot: Plot) -> str:
    """Return all that is written on a picture, a piece on a line, from the picture of vectors."""
    svg = paper.encode(plot, ["svg"])["svg"].decode()
    return "\n".join(re.findall(r"<!-- (.*?) -->", svg, re.DOTALL))


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def data_points(axes: Axes) -> Any:
    """Return the points with a marker, [n, 2]."""
    (line,) = [line for line in axes.lines if line.get_marker() == "o"]
    return np.asarray(line.get_xydata())


def test_it_says_what_it_is() -> None:
    text = words(stack(notes=("3 samples have other bins",), quirks=("e+e+ mu-mu- passes",), luminosity_pb=10064.2))
    assert "ATLAS" in text.split("\n")
    assert {"Open Data", "for education"} <= set(text.split("\n"))
    assert not re.search("preliminary|internal", text, re.IGNORECASE)
    for part in ("13 TeV, 10.1 fb", "ZZ* ", "Data / Pred", "Events / bin", "[GeV]"):
        assert part in text
    assert "3 of 3 simulated samples, scaled to 10.1/fb (data periods A, B, C, D); variant framework" in text
    assert "3 samples have other bins" in text
    assert "\N{DAGGER} e+e+ mu-mu- passes" in text
    process = [line for line in text.split("\n") if "4l" in line and "ZZ" in line]
    assert process
    assert all(line.endswith("\N{DAGGER}") for line in process)
    assert "\N{DAGGER}" not in words(stack())


def test_missing_samples_are_told_once() -> None:
    text = words(stack(expected=9, missing=("a", "b")))
    assert "7 of 9 simulated samples" in text
    text = words(stack(expected=9, missing=("a", "b"), notes=("7 of 9 simulated samples; missing: a, b",)))
    assert text.count("7 of 9") == 1
    assert "missing: a, b" in text


def test_banners_are_above_all_and_large() -> None:
    bare, figure = (
        drawn(stack()),
        drawn(stack(banners=("\N{MULTIPLICATION SIGN}10 artificial data: no physics", "$x$"))),
    )
    assert figure.get_figheight() > bare.get_figheight() + 0.6
    texts = {text.get_text(): text for text in figure.findobj(Text)}
    for line in ("\N{MULTIPLICATION SIGN}10 artificial data: no physics", "$x$"):
        banner = texts[line]
        assert float(banner.get_fontsize()) >= style.TEXT
        assert banner.get_position()[1] > figure.axes[0].get_position().y1
    sizes = [[axes.get_position().height * one.get_figheight() for axes in one.axes] for one in (bare, figure)]
    assert sizes[0] == pytest.approx(sizes[1])


@pytest.mark.parametrize(
    ("per_pb", "text"),
    [(10064, "10.1 fb"), (503.2, "503 pb"), (999.9, "1000 pb"), (1.2e6, "1200 fb"), (0.05, "0.05 pb")],
)
def test_luminosity(per_pb: float, text: str) -> None:
    assert " ".join(luminosity(per_pb)) == text


def test_the_legend_goes_from_the_top_of_the_stack() -> None:
    figure = drawn(stack())
    assert legend(figure.axes[0]) == ["Data", "Higgs", "ZZ", "Other", "Stat. unc."]
    found = figure.axes[0].get_legend()
    assert found is not None
    seen = [to_hex(patch.get_facecolor()) for patch in found.get_patches()][:3]
    assert seen == [palette("light").colour(hue) for hue in ("red", "indigo", "green")]


def test_overlays_are_dashed_lines_that_tell_their_factor() -> None:
    signal = Overlay("Z", "Z'", "rose", 2 * MIDDLE, MIDDLE, 12.0)
    figure = drawn(stack(overlays=(signal, dataclasses.replace(signal, label="plain", factor=1.0))))
    last = legend(figure.axes[0])[-2:]
    assert "12" in last[0]
    assert last[1] == "plain"
    lines = [patch for patch in figure.axes[0].patches if patch.get_linestyle() == "--"]
    assert [line.get_data().values.max() for line in lines] == pytest.approx([24 * MIDDLE[-1], 2 * MIDDLE[-1]])  # type: ignore[attr-defined]


def test_a_fit_has_its_curves_and_the_difference() -> None:
    plot = fitted()
    figure = drawn(plot)
    upper, lower = figure.axes
    assert legend(upper) == ["Data", "Background", "Signal + bkg", "Signal"]
    assert lower.get_ylim() == (-125, 250)
    assert "21.3 / 26" in words(plot)
    assert len(data_points(lower)) == 20


def test_points_are_where_data_are() -> None:
    data = Points(np.array([NAN, 4.0, 0.0, 7.0]), np.array([NAN, 2, 0, 2.6]), np.array([NAN, 3, 1.8, 3.8]))
    expected = np.array([3.0, 3.0, 3.0, 1.0])
    plot = stack(
        edges=np.arange(5.0), layers=(Layer("a", "a", "blue", expected, expected),), prediction=expected,
        uncertainty=np.sqrt(expected), data=data, panel=ratio(data, expected, np.sqrt(expected)),
    )  # fmt: skip
    upper, lower = drawn(plot).axes
    assert data_points(upper).tolist() == [[1.5, 4.0], [3.5, 7.0]]
    assert data_points(lower)[:, 0].tolist() == [1.5, 3.5]
    assert [line.get_xdata() for line in lower.lines if line.get_marker() == "^"] == [[3.5]]
    assert not any(len(np.asarray(line.get_xdata())) for line in lower.lines if line.get_marker() == "v")
    bars = [segment for bar in upper.collections for segment in bar.get_segments() if len(segment)]  # type: ignore[attr-defined]
    assert [tuple(bar[:, 1]) for bar in bars if bar[0, 0] == 2.5] == [(0.0, 1.8)]


def test_words_and_legend_hide_nothing() -> None:
    upper = drawn(stack(hi=58.0)).axes[0]
    tops = data_points(upper)[:, 1].max()
    assert upper.get_ylim()[1] > 1.4 * tops
    assert drawn(stack(hi=500.0)).axes[0].get_ylim()[1] == 500
    wide = 100 + 0 * MIDDLE  # the band is as high as data
    assert drawn(stack(hi=58.0, uncertainty=wide)).axes[0].get_ylim()[1] > 1.4 * 100


def test_the_numbers_at_the_corner_do_not_touch() -> None:
    figure = drawn(stack())
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    x, y = (axis.get_ticklabels()[0] for axis in (figure.axes[1].xaxis, figure.axes[1].yaxis))
    assert (x.get_text(), y.get_text()) == ("80", "0.0")
    assert x.get_window_extent().y1 < y.get_window_extent().y0


@pytest.mark.parametrize("name", NAMES)
def test_every_palette_tells_the_groups_apart(name: str) -> None:
    layers = tuple(Layer(hue, hue, hue, MIDDLE, MIDDLE) for hue in HUES)
    upper = drawn(stack(layers=layers), name).axes[0]
    looks = [(to_hex(patch.get_facecolor()), patch.get_hatch()) for patch in upper.patches[: len(HUES)]]
    assert len(set(looks)) == len(HUES)
    if not palette(name).coloured:
        assert len({hatch for _, hatch in looks}) == len(HUES)


def test_an_unknown_palette_is_refused() -> None:
    with pytest.raises(UsageError):
        paper.encode(stack(), ["png"], palette="rainbow")


HUE: Hue = "blue"
ODD = {
    "none": counted([]),
    "one bin": counted([3.0]),
    "one empty bin": counted([0.0]),
    "all zero": counted([0.0] * 7),
    "all zero, logarithmic": counted([0.0] * 7, log=True, lo=0.0, hi=0.0),
    "negative": counted([-1.0, -5.0, 2.0], lo=-6.0),
    "all negative": counted([-1.0, -5.0, -2.0], lo=-6.0, hi=-1.0),
    "NaN": counted([NAN, 1.0, NAN, 4.0]),
    "all NaN": counted([NAN] * 4),
    "infinite": counted([INF, 1.0, -INF]),
    "logarithmic with zeros": counted([0.0, 10.0, 0.0, 1e6], log=True, lo=0.1, hi=1e9),
    "logarithmic, negative": counted([-3.0, 10.0, 0.0, 1e-6], log=True, lo=-1.0, hi=NAN),
    "logarithmic, upside down": counted([3.0, 10.0], log=True, lo=100.0, hi=1.0),
    "huge": counted([1e300, 1e5, 1.0]),
    "large": counted([1e99, 1e5, 1.0], hi=1e100),
    "tiny": counted([1e-12, 3e-12], hi=1e-11),
    "no range": counted([1.0, 2.0], lo=5.0, hi=5.0),
    "ends are no numbers": counted([1.0, 2.0], lo=NAN, hi=INF),
    "no data": stack(data=None, panel=None, notes=("no data",)),
    "no simulation": stack(layers=(), prediction=None, uncertainty=None, panel=None),
    "nothing": stack(layers=(), prediction=None, uncertainty=None, panel=None, data=None, luminosity_pb=NAN),
    "edges that fall": counted([1.0, 2.0], edges=np.array([3.0, 2.0, 1.0])),
    "edges that are no numbers": counted([1.0, 2.0], edges=np.array([0.0, NAN, 1.0])),
    "panel upside down": stack(panel=Panel("ratio", "", Points(MIDDLE, MIDDLE, MIDDLE), None, None, 1, 1)),
    "bars below zero": stack(data=Points(MIDDLE, -MIDDLE, MIDDLE * NAN)),
    "band of NaN": stack(uncertainty=MIDDLE * NAN),
    "labels": stack(
        process="$", xtitle="#frac{ $x_{", ytitle=r"\frac{", quirks=("$_{",),
        notes=("x" * 300, "\N{CJK UNIFIED IDEOGRAPH-7269}"),
        layers=(Layer("a", "$$ {_^ #bar{", "blue", MIDDLE, MIDDLE),), banners=("y " * 99,),
    ),
    "overlay of NaN": stack(overlays=(Overlay("a", "a", "red", MIDDLE * NAN, MIDDLE, INF),)),
    "many groups": stack(layers=tuple(Layer(f"g{k}", f"group {k}", HUE, MIDDLE, MIDDLE) for k in range(30))),
    "many notes": stack(notes=tuple(f"note {k}" for k in range(40))),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_plots_are_drawn(what: str) -> None:
    formats = FORMATS if what in {"labels", "NaN", "huge"} else ("png",)
    made = paper.encode(ODD[what], formats)
    assert tuple(made) == formats
    for name, content in made.items():
        assert content.startswith(BEGIN[name])


@pytest.mark.parametrize("what", ["NaN", "negative", "logarithmic with zeros"])
def test_odd_plots_show_the_numbers_there_are(what: str) -> None:
    plot = ODD[what]
    assert plot.data is not None
    values = plot.data.values
    assert data_points(drawn(plot).axes[0])[:, 1].tolist() == values[np.isfinite(values) & (values != 0)].tolist()


def test_files_are_what_their_suffix_says(tmp_path: Path) -> None:
    plot = stack()
    paper.render_all(plot, {name: tmp_path / f"all.{name}" for name in FORMATS})
    for name in FORMATS:
        paper.render(plot, tmp_path / f"one.{name}")
        content = (tmp_path / f"one.{name}").read_bytes()
        assert content.startswith(BEGIN[name])
        assert content == (tmp_path / f"all.{name}").read_bytes()
    pdf = (tmp_path / "one.pdf").read_bytes()
    assert b"CreationDate" not in pdf
    assert b"FontFile" in pdf or b"Type3" in pdf  # the fonts are in it


_DIGEST = """
import hashlib
from atlasod_tui.plots import paper
from tests.plots.paper.making import stack
for content in paper.encode(stack(), ["png", "pdf", "svg"]).values():
    print(hashlib.sha256(content).hexdigest())
"""


def test_the_same_plot_is_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = paper.encode(stack(), FORMATS)
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "axes.grid": True}):  # a user's matplotlibrc
        assert paper.encode(stack(), FORMATS) == made
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    done = subprocess.run([sys.executable, "-c", _DIGEST], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == [hashlib.sha256(content).hexdigest() for content in made.values()]


def test_nothing_is_left_of_it() -> None:
    before, figures = dict(mpl.rcParams), plt.get_fignums()
    paper.encode(stack(), ["png"])
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == figures
