"""Which theme and which characters: what the user says, else what the terminal can."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from atlasod_tui.errors import UsageError
from atlasod_tui.tui.looks import terminal

if TYPE_CHECKING:
    from atlasod_tui.config import Config

DARK, LIGHT, FEW, NONE = "dark", "light", "ansi16", "mono"
"""Themes that are chosen by themselves."""


@dataclass(frozen=True)
class Choice:
    """How the screen is to look.

    Attributes:
        theme: Name of the theme.
        ascii: Whether only ASCII is to be shown.
        console: Whether the terminal is the console of Linux.
        why: Why this theme, in a few words.
        notes: Sentences that the user is to be told.
    """

    theme: str
    ascii: bool
    console: bool = False
    why: str = ""
    notes: tuple[str, ...] = ()


def choose(  # noqa: PLR0913 - each is a place where something may be said
    environment: Mapping[str, str],
    stdout: TextIO | None,
    settings: Config,
    themes: Collection[str],
    *,
    theme: str = "",
    ascii_only: bool = False,
    kept: str = "",
) -> Choice:
    """Return how the screen is to look on a terminal.

    A theme that is named wins, whatever the terminal can. Without one there are no colours with NO_COLOR and the
    terminal's own where it has 16 or fewer; then what the user chose in the last session; then what suits its paper.

    Args:
        environment: Of the process.
        stdout: The standard output.
        settings: Those in force: ``theme`` and ``ascii``.
        themes: Names of the themes there are.
        theme: Named on the command line.
        ascii_only: Whether the command line says so.
        kept: The theme of the last session.

    Raises:
        UsageError: If there is no theme of the name on the command line.
    """
    if theme and theme not in themes:
        raise UsageError(f"there is no theme {theme!r}", f"There are {', '.join(sorted(themes))}.")
    notes = []
    if settings.theme and settings.theme not in themes and not theme:
        notes.append(f"There is no theme {settings.theme!r}, which the settings name.")
    name, why = _theme(environment, themes, (theme, settings.theme), kept)
    ascii_ = ascii_only or settings.ascii or not terminal.speaks_utf8(environment, stdout)
    return Choice(name, ascii_, terminal.is_console(environment), why, tuple(notes))


def _theme(
    environment: Mapping[str, str], themes: Collection[str], named: tuple[str, str], kept: str
) -> tuple[str, str]:
    for name, why in zip(named, ("the command line names it", "the settings name it"), strict=True):
        if name in themes:
            return name, why
    number = terminal.colours(environment)
    if number == 0:
        return NONE, "NO_COLOR is set"
    if number <= terminal.FEW_COLOURS:
        return FEW, f"the terminal has {number} colours"
    if kept in themes:
        return kept, "it was chosen last time"
    return (LIGHT, "COLORFGBG tells of light paper") if terminal.is_light(environment) else (DARK, "")
