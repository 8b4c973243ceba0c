"""A theme: the colours of the screen and of its plots, read from a TOML file and checked."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from textual.theme import Theme as TextualTheme

    from atlasod_tui.plots.palette import Palette

COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
    "success",
    "warning",
    "error",
)
"""Fields of a theme that are colours."""
_EDGES = ("ascii", "blank", "dashed", "double", "heavy", "none", "round", "solid", "thick")
_OWN = {"edge": "round", "edge-focus": "round"}
"""Variables of our own in style sheets: the border of a box, and of one that has the keys."""
_MISSING_IN_ANSI = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "foreground-disabled": "ansi_default",
    "surface-active": "ansi_default",
}
"""Variables that style sheets use and that Textual does not make of a theme of the terminal's own colours."""
_STYLES = {"bold", "dim", "italic", "none", "not", "reverse", "strike", "underline"}
_HEX, _RGB = re.compile("#[0-9a-fA-F]{6}"), re.compile("#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
_SHARE = re.compile(r"(?P<colour>\S+)(?: (?P<share>100|[0-9]{1,2})%)?")
_BASE = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ANSI = {"ansi_default", *(f"ansi_{name}" for name in _BASE), *(f"ansi_bright_{name}" for name in _BASE)}

_WORDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "object": "a section",
    "array": "a list",
}
"""What msgspec calls types, in the words of people."""

PaletteName = Literal["dark", "light", "safe", "mono", "ascii"]


class PlotColours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section ``[plot]``: a palette of `plots.palette`, and colours that differ from it, as ``#rrggbb``."""

    palette: PaletteName = "dark"
    red: str = ""
    rose: str = ""
    pink: str = ""
    indigo: str = ""
    blue: str = ""
    azure: str = ""
    green: str = ""
    orange: str = ""
    grey: str = ""
    ink: str = ""
    paper: str = ""
    data: str = ""
    line: str = ""
    grid: str = ""
    band: str = ""
    shade: str = ""
    veil: str = ""
    alarm: str = ""

    @property
    def own(self) -> dict[str, str]:
        """The colours that differ from the palette's, by name."""
        return {name: colour for name in self.__struct_fields__[1:] if (colour := getattr(self, name))}

    def made(self, instead: str = "") -> Palette:
        """Return the palette; ``instead`` names one that has to be taken whatever the theme says."""
        from atlasod_tui.plots import palette  # noqa: PLC0415 - not at start-up

        if instead or not self.own:
            return palette.palette(instead or self.palette)
        return palette.own(f"{self.palette}, changed", self.palette, self.own)


class Theme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme; colours are ``#rrggbb``, or names as ``ansi_red`` in a theme of the terminal's own colours.

    Colours that are empty are made of the others by Textual.
    """

    name: str = "dark"
    about: str = ""
    """What it is for, in a few words."""
    dark: bool = True
    ansi: bool = False
    """Whether it has the terminal's own 16 colours."""
    mono: bool = False
    """Whether it has no colours: the cursor is reversed, plots are hatched."""
    primary: str = ""
    secondary: str = ""
    accent: str = ""
    foreground: str = ""
    background: str = ""
    surface: str = ""
    panel: str = ""
    boost: str = ""
    success: str = ""
    warning: str = ""
    error: str = ""
    variables: dict[str, str] = {}
    """Variables of the style sheets: Textual's, and the borders ``edge`` and ``edge-focus``."""
    plot: PlotColours = PlotColours()


def checked(name: str, values: dict[str, Any]) -> Theme:
    """Return a theme of what its file says.

    Raises:
        UsageError: If a key is unknown, a value of the wrong type, or a colour is none; the sentence names the key.
    """
    if "name" in values:
        raise UsageError("name: a theme is called as its file is")
    variables = values.get("variables")
    for key, value in variables.items() if isinstance(variables, dict) else ():  # of which msgspec does not say the key
        if not isinstance(value, str):
            raise UsageError(f"variables.{key}: expected a text")
    try:
        theme = msgspec.convert({**values, "name": name}, Theme)
    except msgspec.ValidationError as error:
        raise UsageError(_sentence(str(error))) from None
    if not theme.primary and not theme.mono:
        raise UsageError("primary is missing: the colour that the others go with")
    for key in COLOURS:
        _check_colour(key, getattr(theme, key), theme)
    for key, colour in theme.plot.own.items():
        if not _HEX.fullmatch(colour):
            raise UsageError(f"plot.{key}: {colour!r} is no colour: write #rrggbb")
    theme.plot.made()  # what else is wrong with it
    _check_variables(theme)
    return theme


def to_textual(theme: Theme, *, edge: str = "") -> TextualTheme:
    """Return a theme as Textual has it; ``edge`` is the border of boxes where the terminal has few characters."""
    from textual.theme import Theme as TextualTheme  # noqa: PLC0415 - the model does without Textual

    native = theme.ansi or theme.mono
    colours = dict.fromkeys(COLOURS, "ansi_default") if theme.mono else {}
    colours |= {key: value for key in COLOURS if (value := getattr(theme, key)) and not theme.mono}
    variables = {**_OWN, **(_MISSING_IN_ANSI if native else {}), **(_uncoloured() if theme.mono else {})}
    variables |= theme.variables
    if edge:
        variables |= dict.fromkeys(_OWN, edge)
    return TextualTheme(name=theme.name, dark=theme.dark, ansi=native, variables=variables, **colours)  # type: ignore[arg-type]


def variable_defaults() -> dict[str, str]:
    """Return the variables of style sheets that Textual does not know, for ``App.get_theme_variable_defaults``."""
    return {**_OWN, **_MISSING_IN_ANSI}


def _uncoloured() -> dict[str, str]:
    """Return Textual's variables without the colours that it gives to themes of the terminal's own."""
    from textual.design import ColorSystem  # noqa: PLC0415

    made = ColorSystem("ansi_default", ansi=True).generate()
    return {name: "ansi_default" for name, value in made.items() if value.startswith("ansi_")}


def _sentence(error: str) -> str:
    """Return what msgspec says, with the key first."""
    said, _, path = error.partition(" - at `$")
    where = path.strip("`.")
    if unknown := re.search(r"unknown field `(.*)`", said):
        return f"{'.'.join(filter(None, (where, unknown[1])))}: there is no such key"
    if wrong := re.search(r"enum value (.*)", said):
        return f"{where}: there is no {wrong[1]}"
    for word, plain in _WORDS.items():
        said = said.replace(f"`{word}`", plain)
    return f"{where or 'the file'}: {said[:1].lower()}{said[1:]}"


def _check_colour(key: str, colour: str, theme: Theme) -> None:
    if not colour or _HEX.fullmatch(colour) or (theme.ansi and colour in _ANSI):
        return
    wanted = "write #rrggbb, or ansi_red and the like" if theme.ansi else "write #rrggbb"
    raise UsageError(f"{key}: {colour!r} is no colour: {wanted}")


def _check_variables(theme: Theme) -> None:
    known = _variables()
    for key, value in theme.variables.items():
        where = f"variables.{key}"
        if key not in known:
            raise UsageError(f"{where}: there is no such variable")
        if key in _OWN:
            if value not in _EDGES:
                raise UsageError(f"{where}: {value!r} is no border: there are {', '.join(_EDGES)}")
        elif key.endswith("-style") or "-style-" in key:
            if not value.split() or not set(value.split()) <= _STYLES:
                raise UsageError(f"{where}: {value!r} is no style: there are {', '.join(sorted(_STYLES))}")
        elif not _is_paint(value):
            raise UsageError(f"{where}: {value!r} is no colour: write #rrggbb, auto 80%, ansi_red, transparent")


@cache
def _variables() -> frozenset[str]:
    """Return the names there are; to make them takes a third of the time in which a theme is read."""
    from textual.design import ColorSystem  # noqa: PLC0415

    return frozenset({*ColorSystem("#000000").generate(), *_OWN, *_MISSING_IN_ANSI})


def _is_paint(value: str) -> bool:
    """Return whether a value is a colour as style sheets have them."""
    found = _SHARE.fullmatch(value)
    if found is None:
        return False
    return bool(found["colour"] in {"auto", "transparent", *_ANSI} or _RGB.fullmatch(found["colour"]))
