"""Labels in TLatex as text, as ASCII, and as mathtext; palettes."""
# ruff: noqa: RUF001

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from atlasod_tui.engine import registry
from atlasod_tui.engine.author import Analysis
from atlasod_tui.errors import UsageError
from atlasod_tui.plots.canvas.raster import fit, width_of
from atlasod_tui.plots.labels import ascii_, clean, mathtext, plain, speak_ascii
from atlasod_tui.plots.palette import FILLS, HUES, NAMES, palette


def all_labels() -> set[str]:
    found = set()
    for item in registry.find_analyses().values():
        assert isinstance(item, Analysis)
        found |= {item.label, *(look.label for look in item.looks.values())}
        found |= {title for h in item.histograms for title in (h.title, h.xtitle, h.ytitle)}
    return found


@pytest.mark.parametrize(
    ("tlatex", "text", "in_ascii"),
    [
        ("p_{T}^{leadlep} [GeV]", "pT(leadlep) [GeV]", "pT(leadlep) [GeV]"),
        (" m_{4l} [GeV]", "m4l [GeV]", "m4l [GeV]"),
        ("E_{T}^{miss} [GeV]", "ETmiss [GeV]", "ETmiss [GeV]"),
        (" m_{#gamma#gamma} [GeV]", "mγγ [GeV]", "m(gamma gamma) [GeV]"),
        (" p_{T,4l} [GeV]", "pT(4l) [GeV]", "pT(4l) [GeV]"),
        (" M^{W #rightarrow e#nu}_{T} [GeV]", "MT(W → eν) [GeV]", "MT(W -> e nu) [GeV]"),
        ("t#bar{t} #rightarrow l#nub q#bar{q}b", "tt̄ → lνb qq̄b", "ttbar -> l nu b qqbar b"),
        ("ZZ #rightarrow l^{+}l^{-} l^{+}l^{-}", "ZZ → l⁺l⁻ l⁺l⁻", "ZZ -> l+l- l+l-"),
        ("#tilde{l} (600, 300) GeV", "l̃ (600, 300) GeV", "~l (600, 300) GeV"),
        ("H #rightarrow WW* #rightarrow e#nu #mu#nu, N_{jet} #leq 1", "H → WW* → eν μν, Njet ≤ 1",
         "H -> WW* -> e nu mu nu, Njet <= 1"),
        (" #Sigma#Delta#phi", "ΣΔφ", "Sigma Delta phi"),
        ("a #foo{b} 50% $5 \x1b[31m", "a #foob 50% $5 \\x1b[31m", "a #foob 50% $5 \\x1b[31m"),
        ("a\u00a0b\u200d", "a b\\u200d", "a b\\u200d"),
        ("Z'", "Z'", "Z'"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_labels(tlatex: str, text: str, in_ascii: str) -> None:
    assert plain(tlatex) == text
    assert ascii_(tlatex) == in_ascii


def test_all_labels_of_the_analyses_read_well() -> None:
    parse = _parser()
    labels = all_labels()
    assert len(labels) > 100
    for label in labels:
        assert not set("#{}^_\\") & set(plain(label)), label
        assert ascii_(label).isascii()
        assert cell_len(plain(label)) == width_of(plain(label))
        parse(mathtext(label))


PIECES = (
    "#bar",
    "#mu",
    "_",
    "^",
    "{",
    "}",
    "a",
    "$",
    "\\",
    " ",
    "#",
    "%",
    "~",
    "&",
    "b,c",
    "é",
    "'",
    "<",
    "|",
    "/",
    "-",
)


@given(st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PIECES), max_size=10).map("".join)))
def test_any_text(text: str) -> None:
    assert plain(text).isprintable()
    assert ascii_(text).isascii()
    assert ascii_(text).isprintable()
    assert speak_ascii(clean(text)).isascii()


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_any_mathtext_can_be_drawn(text: str) -> None:
    _parser()(mathtext(text))


def _parser() -> Callable[[str], object]:
    from matplotlib.mathtext import MathTextParser  # noqa: PLC0415

    parse: Callable[[str], object] = MathTextParser("path").parse
    return parse


@given(st.text(max_size=20), st.integers(0, 20))
def test_cut_to_a_width(text: str, width: int) -> None:
    assert width_of(fit(clean(text), width)) <= width


def test_palettes() -> None:
    for name in NAMES:
        for hue in HUES:
            colour = palette(name).colour(hue)
            assert colour.startswith("#")
            assert len(colour) == 7
        assert palette(name).colour("mauve") == palette(name).colour("grey")
    assert len(set(FILLS.values())) == len(HUES)
    with pytest.raises(UsageError, match="no palette 'sepia'"):
        palette("sepia")


@pytest.mark.parametrize("name", ["dark", "light", "safe"])
def test_hues_are_told_apart(name: str) -> None:
    for one, other in itertools.combinations(HUES, 2):
        a, b = (palette(name).colour(hue) for hue in (one, other))
        distance = sum((int(a[k : k + 2], 16) - int(b[k : k + 2], 16)) ** 2 for k in (1, 3, 5)) ** 0.5
        assert distance > 45, (one, other)
