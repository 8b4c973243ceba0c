"""What is written to the terminal: data to the standard output, all else to the standard error."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from atlasod_tui.errors import AtlasodError

# Control characters of both sets, and the marks that turn the direction of writing or hide text.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ROWS = 500
"""Of a table that are measured, and written, together."""
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def escape(text: str) -> str:
    r"""Return a text from outside with its control characters shown as ``\x1b``."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def say(text: str = "") -> None:
    """Write lines of data; texts from outside must have been escaped."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write lines that are not data."""
    _write(sys.stderr, text)


def complain(error: AtlasodError) -> None:
    """Write an error and its hint, each on a line."""
    note(f"error: {escape(error.message)}")
    if error.hint:
        note(escape(error.hint))


def say_json(value: Any) -> None:
    """Write a value as one JSON document."""
    say(json_text(value))


def json_text(value: Any) -> str:
    r"""Return a value as JSON, each DID as ``SCOPE:NAME``, ready to be given to a verb.

    A byte of a file name that is no UTF-8 is written ``\udcff``, as Python has it.
    """
    import msgspec  # noqa: PLC0415 - not for --help

    value = _with_dids_as_text(value)
    try:
        return msgspec.json.format(msgspec.json.encode(value)).decode()
    except UnicodeEncodeError:
        import json  # noqa: PLC0415 - which writes such a byte, but NaN as well, and takes longer

        text = json.dumps(msgspec.to_builtins(value))
        return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=2)


def say_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Write aligned columns, escaped; those named in ``right`` are flush right, the last one is not padded.

    Rows are written as they come, so many at a time; the columns are as wide as those so far need. Cells that a
    terminal has no room for go to a further line, indented.
    """
    room_here = room(sys.stdout)
    flush_right = [name in set(right) for name in header]
    widths = [0] * len(header)
    lines = ([escape(cell) for cell in row] for row in chain([header], rows))
    while chunk := list(islice(lines, _ROWS)):
        widths = [
            max(width, *map(_cells, column)) for width, column in zip(widths, zip(*chunk, strict=True), strict=True)
        ]
        for line in chunk:
            blanks = (" " * (width - _cells(cell)) for cell, width in zip(line, widths, strict=True))
            cells = (
                blank + cell if to_right else cell + blank
                for cell, blank, to_right in zip(line, blanks, flush_right, strict=True)
            )
            for part in _folded(list(cells), widths, room_here):
                say(part)


def room(stream: TextIO) -> int:
    """Return how many cells a line may have: those of the terminal, or any number in a file or pipe."""
    with suppress(OSError, ValueError):
        if stream.isatty():
            return os.get_terminal_size(stream.fileno()).columns or sys.maxsize
    return sys.maxsize


def knows_unicode(stream: TextIO) -> bool:
    """Return whether more than ASCII may be drawn there."""
    import locale  # noqa: PLC0415 - not for --help

    # Python writes UTF-8 in the locale C, too, where the terminal need not know it.
    return all("utf" in encoding.lower() for encoding in (stream.encoding or "utf-8", locale.getencoding()))


def size(value: float, unit: str = "") -> str:
    """Return a number with three digits and a prefix (k, M, G, T: powers of a thousand) and its unit."""
    for factor, prefix in _UNITS:
        if value >= 0.9995 * factor:  # what would be rounded up to the next prefix belongs to it
            return f"{value / factor:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}".rstrip()


def duration(seconds: float) -> str:
    """Return a time span for people."""
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days} day{'' if days == 1 else 's'}" + (f" {hours % 24} h" if hours % 24 else "")
    if hours:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes else f"{whole} s"


def _with_dids_as_text(value: Any) -> Any:
    import msgspec  # noqa: PLC0415 - not for --help

    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - ditto

    if isinstance(value, DID):
        return str(value)
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in fields.items() if (new := _with_dids_as_text(old)) is not old}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, dict):
        return {key: _with_dids_as_text(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_dids_as_text(each) for each in value]
    return value


def _folded(cells: Sequence[str], widths: Sequence[int], room_here: int) -> Iterator[str]:
    """Yield the lines of a row: cells that end beyond the room begin a new one, empty ones never do."""
    line, used = cells[0], widths[0]
    for index in range(1, len(cells)):
        needed = _cells(cells[index].rstrip())
        if needed and used + 2 + needed > room_here:
            yield line.rstrip()
            line, used = "", 0
        line += "  " + cells[index]
        used += 2 + widths[index]
    yield line.rstrip()


def _cells(text: str) -> int:
    """Return how wide a text is on a terminal: accents stand above the letter before, some signs fill two cells."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - seldom

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
