"""The files of themes: the user's, then the program's; one that is wrong harms no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from atlasod_tui import plugins, shown
from atlasod_tui.errors import UsageError
from atlasod_tui.tui.looks.theme import Theme, checked

if TYPE_CHECKING:
    from pathlib import Path

_KIND, _SUFFIX = "themes", ".toml"
_LARGEST = 100_000
"""Bytes of a theme; more is none."""


class ThemeFiles(NamedTuple):
    """The themes there are, by name, and a sentence for each file that is none."""

    found: dict[str, Theme]
    problems: tuple[str, ...]

    @property
    def notice(self) -> str:
        """All problems in one notice; empty without any."""
        if not self.problems:
            return ""
        return "\n".join(["Themes that cannot be used:", *self.problems])


def read(path: Path) -> Theme:
    """Read a theme.

    Raises:
        UsageError: If it is none; the sentence names the file, and the key that is wrong.
    """
    name = shown.escape(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{name}: it cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{name}: it is too large to be a theme")
    try:
        return checked(path.stem, msgspec.toml.decode(content, type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: it is not valid TOML: {shown.escape(str(error))}") from error
    except UsageError as error:
        raise UsageError(f"{name}: {shown.escape(error.message)}", error.hint) from error


def read_all() -> ThemeFiles:
    """Read all themes; where the user's is wrong, the program's own of that name is taken."""
    found: dict[str, Theme] = {}
    problems = []
    for folder in plugins.folders(_KIND):
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            if path.stem in found or path.stem.startswith(("_", ".")):
                continue
            try:
                found[path.stem] = read(path)
            except UsageError as error:
                problems.append(error.message)
    return ThemeFiles(found, tuple(problems))


def named(name: str) -> Theme:
    """Read the theme of a name.

    Raises:
        UsageError: If there is none, or its file is wrong.
    """
    path = plugins.files(_KIND, _SUFFIX).get(name)
    if path is None:
        raise UsageError(f"there is no theme {name!r}")
    return read(path)
