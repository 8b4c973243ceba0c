"""Themes: what is refused, what becomes of them in Textual, and whether one can read what they colour."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from textual.color import Color

from atlasod_tui import paths
from atlasod_tui.errors import UsageError
from atlasod_tui.plots import palette
from atlasod_tui.plots.palette import HUES
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import ASCII, CONSOLE, UNICODE, Look
from atlasod_tui.tui.looks.theme import Theme, checked, to_textual, variable_defaults

OWN = ("ansi16", "colour-blind", "dark", "light", "mono", "projector")
COLOURED = ("colour-blind", "dark", "light", "projector")
PAPERS = ("background", "surface", "panel")
STATUS = ("success", "warning", "error", "accent", "primary")


def variables(name: str) -> dict[str, str]:
    theme = to_textual(theme_files.named(name))
    return {**variable_defaults(), **theme.to_color_system().generate(), **theme.variables}


def ink(made: dict[str, str], name: str, paper: Color) -> Color:
    """Return the colour of a text on a paper, as Textual mixes it."""
    value = made[name]
    if value.startswith("auto"):
        return paper + paper.get_contrast_text(float(value.partition(" ")[2].rstrip("%") or 100) / 100)
    return paper + Color.parse(value)


def contrast(one: Color, other: Color) -> float:
    """Return the ratio that WCAG 2 defines."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: Color) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_themes_that_come_with_the_program() -> None:
    found = theme_files.read_all()
    assert tuple(sorted(found.found)) == OWN
    assert found.problems == ()
    assert found.notice == ""
    assert all(theme.about for theme in found.found.values())


@pytest.mark.parametrize("name", COLOURED)
def test_text_can_be_read(name: str) -> None:
    made = variables(name)
    text, muted = (7.0, 7.0) if name in {"light", "projector"} else (7.0, 4.5)
    for paper in (Color.parse(made[key]) for key in PAPERS):
        for key, least in {"foreground": text, "text": text, "text-muted": muted}.items():
            assert contrast(ink(made, key, paper), paper) >= least, (key, paper.hex)
        for key in STATUS:
            least = 7.0 if name in {"light", "projector"} and key != "primary" else 4.5
            assert contrast(ink(made, key, paper), paper) >= least, (key, paper.hex)
            if key != "primary":
                assert contrast(ink(made, f"text-{key}", paper), paper) >= least, (f"text-{key}", paper.hex)


@pytest.mark.parametrize("name", COLOURED)
def test_the_cursor_is_seen_and_read(name: str) -> None:
    made = variables(name)
    for kind in ("block-cursor", "block-cursor-blurred"):
        paper = Color.parse(made["surface"]) + Color.parse(made[f"{kind}-background"])
        assert contrast(ink(made, f"{kind}-foreground", paper), paper) >= 5.5
        for behind in PAPERS[:2]:
            assert contrast(paper, Color.parse(made[behind])) >= 1.4


@pytest.mark.parametrize("name", COLOURED)
def test_with_256_colours_the_same_things_can_be_told(name: str) -> None:
    made = variables(name)

    def shown(colour: Color) -> Color:
        return Color.from_rich_color(colour.rich_color.downgrade(ColorSystem.EIGHT_BIT), ansi=False)

    papers = [shown(Color.parse(made[key])) for key in PAPERS]
    for paper in papers:
        for key in ("foreground", "text", "text-muted", *STATUS):
            assert contrast(shown(ink(made, key, paper)), paper) >= 4.2, key
    cursor = shown(Color.parse(made["block-cursor-background"]))
    assert all(contrast(cursor, paper) >= 1.4 for paper in papers[:2])
    made_palette = theme_files.named(name).plot.made()
    inks = [shown(Color.parse(made_palette.colour(hue))) for hue in HUES]
    assert len({colour.hex for colour in inks}) == len(HUES)


_SIMULATED = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
"""Linear RGB as seen without one kind of cones: F. Viénot, H. Brettel, J. D. Mollon, Color Res. Appl. 24 (1999) 243."""


def seen(colour: Color, kind: str) -> tuple[float, float, float]:
    """Return CIE L*a*b* (D65) of a colour as it is seen."""
    rgb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    if kind in _SIMULATED:
        rgb = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in _SIMULATED[kind]]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in matrix]
    x, y, z = (_root(value / white) for value, white in zip(xyz, (0.9505, 1.0, 1.089), strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116


@pytest.mark.parametrize("kind", ["all cones", "protan", "deutan"])
def test_the_colour_blind_tell_good_from_bad(kind: str) -> None:
    made = variables("colour-blind")
    states = [seen(Color.parse(made[key]), kind) for key in ("success", "warning", "error")]
    for one, other in itertools.combinations(states, 2):
        assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 >= 20


def test_without_colours_there_are_none() -> None:
    made = variables("mono")
    assert not [name for name, value in made.items() if "#" in value or ("ansi_" in value and "default" not in value)]
    assert "reverse" in made["block-cursor-text-style"]
    assert theme_files.named("mono").plot.made().coloured is False


def test_the_terminals_own_colours_are_left_to_it() -> None:
    made = variables("ansi16")
    assert not [name for name, value in made.items() if "#" in value]
    assert "reverse" in made["block-cursor-text-style"]
    assert "dim" not in made["block-cursor-text-style"]


def test_each_theme_has_every_variable_that_style_sheets_use() -> None:
    known = [set(variables(name)) for name in OWN]
    assert all(one >= set(variables("dark")) for one in known)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = '#000000'", "colour: there is no such key"),
        ("name = 'mine'", "name: a theme is called as its file is"),
        ("about = 'x'", "primary is missing"),
        ("primary = 'blue'", "primary: 'blue' is no colour: write #rrggbb"),
        ("primary = '#12345'", "primary: '#12345' is no colour"),
        ("primary = 'ansi_red'", "primary: 'ansi_red' is no colour: write #rrggbb"),
        ("ansi = true\nprimary = 'ansi_pink'", "primary: 'ansi_pink' is no colour: write #rrggbb, or ansi_red"),
        ("primary = 3", "primary: expected a text, got a number"),
        ("dark = 'yes'\nprimary = '#000000'", "dark: expected true or false, got a text"),
        ("primary = '#000000'\n[variables]\nfont = '12'", "variables.font: there is no such variable"),
        ("primary = '#000000'\n[variables]\nborder = 'dim'", "variables.border: 'dim' is no colour"),
        ("primary = '#000000'\n[variables]\nborder = 3", "variables.border: expected a text"),
        ("primary = '#000000'\n[variables]\nborder = '#000000; }'", "variables.border: '#000000; }' is no colour"),
        ("primary = '#000000'\n[variables]\nedge = 'wavy'", "variables.edge: 'wavy' is no border"),
        ("primary = '#000000'\n[variables]\nlink-style = 'bald'", "variables.link-style: 'bald' is no style"),
        ("variables = 3", "variables: expected a section, got a number"),
        ("primary = '#000000'\n[plot]\npalette = 'sepia'", "plot.palette: there is no 'sepia'"),
        ("primary = '#000000'\n[plot]\nmauve = '#ff00ff'", "plot.mauve: there is no such key"),
        ("primary = '#000000'\n[plot]\nred = 'red'", "plot.red: 'red' is no colour: write #rrggbb"),
        ("primary = '#000000'\n[plot]\npalette = 'mono'\nred = '#ff0000'", "the palette mono has no colours"),
        ("primary = ", "it is not valid TOML"),
        ("primary = '\x1b[2J'", "it is not valid TOML"),
        ("# \udcff", "it is not valid TOML"),
    ],
)
def test_what_is_wrong_is_a_sentence_that_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as caught:
        theme_files.read(file)
    assert caught.value.message.startswith(f"{file}: ")
    assert said in caught.value.message
    assert caught.value.message.isprintable()


def test_a_users_file_hides_ours_and_a_wrong_one_harms_nothing() -> None:
    folder = paths.config_dir() / "themes"
    folder.mkdir(parents=True)
    (folder / "dark.toml").write_text("primary = '#123456'")
    (folder / "light.toml").write_text("primary = 'no'")
    (folder / "mine.toml").write_text("about = 'mine'\nprimary = '#ff0000'\n[plot]\nred = '#aa0000'\nveil = '#101010'")
    (folder / "huge.toml").write_text("#" * 200_000)
    (folder / "folder.toml").mkdir()
    (folder / "_draft.toml").write_text("no")
    found = theme_files.read_all()
    assert set(found.found) == {*OWN, "mine"}
    assert found.found["dark"].primary == "#123456"
    assert found.found["light"].primary != "no"
    assert len(found.problems) == 3
    assert found.notice.count("\n") == 3
    own = Look(found.found["mine"]).palette
    assert (own.colour("red"), own.veil) == ("#aa0000", "#101010")
    assert own.colour("blue") == theme_files.named("mono").plot.made("dark").colour("blue")
    with pytest.raises(UsageError, match="no theme 'sepia'"):
        theme_files.named("sepia")


def test_in_textual() -> None:
    theme = to_textual(theme_files.named("projector"), edge="ascii")
    assert (theme.name, theme.dark, theme.ansi) == ("projector", False, False)
    assert (theme.variables["edge"], theme.variables["edge-focus"]) == ("ascii", "ascii")
    assert to_textual(theme_files.named("projector")).variables["edge"] == "heavy"
    assert to_textual(theme_files.named("mono")).ansi


def test_a_theme_is_made_of_whatever_passes() -> None:
    values: dict[str, Any] = {"primary": "#102030", "variables": {"text": "auto 90%", "border": "#10203040"}}
    theme = checked("mine", values)
    assert isinstance(theme, Theme)
    assert to_textual(theme).to_color_system().generate()["text"] == "auto 90%"


def test_palettes_of_plots_follow() -> None:
    assert Look(theme_files.named("dark"), ascii=True).palette.ascii_only
    assert not Look(theme_files.named("ansi16")).palette.coloured
    assert Look(theme_files.named("projector")).palette.colour("azure") == "#2f9fd8"
    assert Look(theme_files.named("dark")).glyphs is UNICODE
    assert Look(theme_files.named("dark"), console=True).glyphs is CONSOLE
    assert Look(theme_files.named("dark"), ascii=True, console=True).glyphs is ASCII


def test_what_a_palette_of_ones_own_may_not_be() -> None:
    for base, colours, said in (
        ("dark", {"mauve": "#ff00ff"}, "a plot has no 'mauve'"),
        ("dark", {"red": "red"}, "red: 'red' is no colour"),
        ("mono", {"red": "#ff0000"}, "the palette mono has no colours"),
        ("sepia", {}, "there is no palette 'sepia'"),
    ):
        with pytest.raises(UsageError, match=said):
            palette.own("mine", base, colours)
    assert palette.own("mine", "mono", {"paper": "#fefefe"}).paper == "#fefefe"
