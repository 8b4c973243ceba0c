"""What is written to the terminal: data to the standard output, all else to the standard error."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

from atlasod_tui import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from atlasod_tui.errors import AtlasodError

_ROWS = 500
"""Of a table that are measured, and written, together."""


class Said:
    """What was written since the command began, and what is to be written if it fails.

    Attributes:
        anything: Whether any data was.
        beside_error: What a document that tells an error has beside it: what was done until then.
    """

    anything = False
    beside_error: Mapping[str, Any] = {}


def say(text: str = "") -> None:
    """Write lines of data; texts from outside must have been escaped."""
    Said.anything = True
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write lines that are not data."""
    _write(sys.stderr, text)


def complain(error: AtlasodError) -> None:
    """Write an error and its hint, each on a line."""
    note(f"error: {shown.escape(error.message)}")
    if error.hint:
        note(shown.escape(error.hint))


def document_of(error: AtlasodError) -> dict[str, Any]:
    """Return an error as the documents of ``--json`` have it."""
    return {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}


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
    lines = ([shown.escape(cell) for cell in row] for row in chain([header], rows))
    while chunk := list(islice(lines, _ROWS)):
        widths = [
            max(width, *map(shown.cells, column))
            for width, column in zip(widths, zip(*chunk, strict=True), strict=True)
        ]
        for line in chunk:
            blanks = (" " * (width - shown.cells(cell)) for cell, width in zip(line, widths, strict=True))
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
        needed = shown.cells(cells[index].rstrip())
        if needed and used + 2 + needed > room_here:
            yield line.rstrip()
            line, used = "", 0
        line += "  " + cells[index]
        used += 2 + widths[index]
    yield line.rstrip()


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
