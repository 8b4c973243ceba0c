"""What is shown or done here, as a command and as Python."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from atlasod_tui import shown

_NARROWEST = 20


@dataclass(frozen=True)
class Equivalent:
    """The same, without the screen.

    Attributes:
        what: What it does, as a heading.
        arguments: Of ``atlasod-tui``.
        python: Lines that run as they are.
    """

    what: str
    arguments: tuple[str, ...]
    python: str


@dataclass(frozen=True)
class Copied:
    """What ``y`` copies: ``what`` it is for people, and the text."""

    what: str
    text: str


def quoted(argument: str) -> str:
    """Return an argument as bash and zsh take it, without a character that a terminal would obey."""
    short = shown.path(argument)
    return _quoted(argument) if short == argument else f"~/{_quoted(short[2:])}"


def _quoted(argument: str) -> str:
    if shown.escape(argument) == argument:
        return shlex.quote(argument)
    return f"$'{''.join(map(_in_dollar_quotes, argument))}'"


def command(arguments: Sequence[str]) -> str:
    """Return a verb as it is typed in a shell, in one line."""
    return " ".join(map(quoted, ["atlasod-tui", *arguments]))


def wrapped(arguments: Sequence[str], width: int) -> str:
    """Return the command in lines of so many cells: copied from the terminal with the mouse they are one command."""
    room = max(width, _NARROWEST) - len(" \\")
    lines = ["atlasod-tui"]
    for argument in arguments:
        # A word that fills more than a line goes on at the beginning of the next, where no blank comes between.
        first, *rest = _chunks(argument, room - len("  "))
        if shown.cells(f"{lines[-1]} {first}") <= room and not rest:
            lines[-1] += f" {first}"
        else:
            lines[-1] += " \\"
            lines += [f"{chunk}\\" for chunk in (f"  {first}", *rest)]
            lines[-1] = lines[-1].removesuffix("\\")
    return "\n".join(lines)


def _chunks(argument: str, room: int) -> list[str]:
    """Return an argument in pieces that are quoted each, none longer than there is room."""
    short = shown.path(argument)
    home = "" if short == argument else "~/"  # quoted, it would mean itself
    chunks, chunk = [], ""
    for character in short[len(home) :]:
        if chunk and shown.cells(home + _quoted(chunk + character)) > room:
            chunks.append(chunk)
            chunk = ""
        chunk += character
    first, *rest = map(_quoted, (*chunks, chunk))
    return [home + first, *rest]


def _in_dollar_quotes(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if shown.escape(character) == character:
        return character
    try:
        encoded = character.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        encoded = character.encode(errors="surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in encoded)
