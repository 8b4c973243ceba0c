"""What is shown or done here, as a command and as Python."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from atlasod_tui import shown

_NARROWEST = 20
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


@dataclass(frozen=True)
class Equivalent:
    """The same, without the screen.

    Attributes:
        what: What it does, as a heading.
        arguments: Of ``atlasod-tui``.
        python: Lines that run as they are.
        pipe: A program that the command's output goes through, and its arguments.
        then: Arguments of commands that follow.
        note: What the commands do not say, in a few words.
    """

    what: str
    arguments: tuple[str, ...]
    python: str
    pipe: tuple[str, ...] = ()
    then: tuple[tuple[str, ...], ...] = ()
    note: str = ""

    def in_shell(self, width: int | None = None) -> str:
        """Return the commands, one below the other; within so many cells, or each in one line."""
        whole = ((self.arguments, self.pipe), *((words, ()) for words in self.then))
        return "\n".join(
            command(words, pipe) if width is None else wrapped(words, width, pipe) for words, pipe in whole
        )


@dataclass(frozen=True)
class Copied:
    """What ``y`` copies: ``what`` it is for people, and the text."""

    what: str
    text: str


def option(name: str, value: str) -> list[str]:
    """Return an option with its value, which may begin with a dash; nothing where the value is empty."""
    if not value:
        return []
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def lifetime(seconds: int | None) -> str:
    """Return a lifetime as ``--lifetime`` takes it; None is for ever."""
    if seconds is None:
        return "forever"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def quoted(argument: str) -> str:
    """Return an argument as bash and zsh take it, without a character that a terminal would obey."""
    home, rest = _parted(argument)
    return home + _quoted(rest) if rest or not home else home


def _parted(argument: str) -> tuple[str, str]:
    """Return ``~/``, which would mean itself if it were quoted, and the rest of a path below the home."""
    short = shown.path(argument)
    if short == argument:
        return "", argument
    return ("~/", short[2:]) if short != "~" else (short, "")


def _quoted(argument: str) -> str:
    if shown.escape(argument) == argument:
        return shlex.quote(argument)
    return f"$'{''.join(map(_in_dollar_quotes, argument))}'"


def command(arguments: Sequence[str], pipe: Sequence[str] = ()) -> str:
    """Return a verb as it is typed in a shell, in one line."""
    return " ".join([*map(quoted, ["atlasod-tui", *arguments]), *(["|"] if pipe else []), *map(quoted, pipe)])


def wrapped(arguments: Sequence[str], width: int, pipe: Sequence[str] = ()) -> str:
    """Return the command in lines of so many cells: copied from the terminal with the mouse they are one command."""
    room = max(width, _NARROWEST) - len(" \\")
    lines = ["atlasod-tui"]
    words = [*(_chunks(argument, room - len("  ")) for argument in arguments), *([["|"]] if pipe else [])]
    for first, *rest in [*words, *(_chunks(argument, room - len("  ")) for argument in pipe)]:
        # A word that fills more than a line goes on at the beginning of the next, where no blank comes between.
        if shown.cells(f"{lines[-1]} {first}") <= room and not rest:
            lines[-1] += f" {first}"
        else:
            lines[-1] += " \\"
            lines += [f"{chunk}\\" for chunk in (f"  {first}", *rest)]
            lines[-1] = lines[-1].removesuffix("\\")
    return "\n".join(lines)


def _chunks(argument: str, room: int) -> list[str]:
    """Return an argument in pieces that are quoted each, none longer than there is room."""
    home, rest = _parted(argument)
    if home and not rest:
        return [home]
    chunks, chunk = [], ""
    for character in rest:
        if chunk and shown.cells(home + _quoted(chunk + character)) > room:
            chunks.append(chunk)
            chunk = ""
        chunk += character
    first, *others = map(_quoted, (*chunks, chunk))
    return [home + first, *others]


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
