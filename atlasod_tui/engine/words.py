"""What analyses are about, in words, and the background a class needs: Markdown files beside the analyses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlasod_tui import plugins
from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from atlasod_tui.engine.author import Analysis

MOST_BYTES = 200_000
"""Of a file of words: more than anyone reads in a terminal."""

_BACKGROUND = "analyses/background"


@dataclass(frozen=True, slots=True)
class Topic:
    """A text that belongs to no single analysis.

    Attributes:
        name: The file's name without ``.md``, which it is asked for with.
        title: Its first line, or why it cannot be read; from outside: to be escaped when shown.
        path: The file.
    """

    name: str
    title: str
    path: Path


def words(analysis: Analysis) -> str | None:
    """Return the Markdown text of an analysis, None if it has none; its control characters are as they are.

    It lies beside the file of the analysis and has its name (``hzz.py``, ``hzz.md``). For an analysis that is not the
    user's own, a text in the user's folder comes first, a translation for instance.

    Raises:
        UsageError: If there is a text that cannot be read.
    """
    own, folders = analysis.path.parent, plugins.folders("analyses")
    searched = folders[: folders.index(own) + 1] if own in folders else [own]
    paths = (folder / f"{analysis.path.stem}.md" for folder in searched)
    return next((_read(path) for path in paths if path.exists()), None)


def topics() -> dict[str, Topic]:
    """Return the background texts by name in lower case, the user's first; one that cannot be read is among them."""
    found: dict[str, Topic] = {}
    for name, path in plugins.files(_BACKGROUND, ".md").items():
        try:
            title = title_of(_read(path)) or name
        except UsageError as error:
            title = error.message
        found.setdefault(name.casefold(), Topic(name, title, path))
    return found


def topic(name: str) -> str:
    """Return the Markdown text of a background topic by its name, in any case of letters.

    Raises:
        UsageError: If there is no such topic, or its file cannot be read.
    """
    known = topics()
    if name.casefold() not in known:
        raise UsageError(f"there is no topic {name!r}", f"There are {', '.join(item.name for item in known.values())}.")
    return _read(known[name.casefold()].path)


def title_of(text: str) -> str:
    """Return the title in the first line of a text (``# Title``), or nothing."""
    first = text.partition("\n")[0].strip()
    return first.removeprefix("#").strip() if first.startswith("# ") else ""


def _read(path: Path) -> str:
    hint = f"Look at {path}."
    if not path.is_file():
        raise UsageError(f"the text {path.name} is no ordinary file", hint)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UsageError(f"the text {path.name} is too long: more than {MOST_BYTES // 1000} kB", hint)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"the text {path.name} cannot be read: {error.strerror}", hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the text {path.name} is not UTF-8: look at byte {error.start}", hint) from error
    if "\0" in text:
        raise UsageError(f"the text {path.name} is no text: it has null characters", hint)
    return text.replace("\r\n", "\n").replace("\r", "\n")
