"""Fewer bytes for the terminal: of each style only what differs from the one before it, wherever the cursor was moved.

Textual ends the style of each piece of each line, and begins the next one anew: in true colours that is more than half
of what a list or a plot takes on the wire.
"""

from __future__ import annotations

import codecs
import re
import sys
from contextlib import suppress
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.driver import Driver

_END = "\x1b[0m"
_STYLES = re.compile(r"(\x1b\[[0-9;]*m)")
_MOVES = re.compile(r"(?:\x1b\[\d+;\d+H|[\r\n])*")
_ATTRIBUTES, _WEIGHTS = frozenset("123456789"), frozenset("12")
_COLOURS = {"3": 0, "9": 0, "4": 1, "10": 1}
"""Which of ink and paper, by the beginning of a code: the other colours of 16 and ``38;2;R;G;B``, too."""
_NUMBERS = {"5": 1, "2": 3}
"""How many follow the kind of such a colour."""


def thrifty(text: str) -> str:
    """Return what paints the same as a text with control sequences does."""
    if text.count(_END) < 2:  # noqa: PLR2004 - nothing goes on
        return text
    out: list[str] = []
    style, ends = "", False
    for number, part in enumerate(_STYLES.split(text)):
        if number % 2 == 0:
            if ends and _MOVES.fullmatch(part) is None:
                out.append(_END)
                style, ends = "", False
            out.append(part)
        elif part == _END:
            ends = True
        else:
            out.append(_step(style, part) if ends else part)
            style, ends = part if ends else style + part, False
    return "".join([*out, _END] if ends else out)


@lru_cache(maxsize=4096)
def _step(old: str, new: str) -> str:
    """Return what turns one style into another."""
    anew = f"\x1b[0;{new[2:]}"
    before, after = _parts(old), _parts(new)
    if before is None or after is None or (before[0] ^ after[0]) - _WEIGHTS:
        return anew
    codes = [now or plain for was, now, plain in zip(before[1:], after[1:], ("39", "49"), strict=True) if now != was]
    if before[0] != after[0]:
        light = ["22"] if before[0] & _WEIGHTS else []
        codes = [*light, *sorted(after[0] & _WEIGHTS), *codes]
    return min(f"\x1b[{';'.join(codes)}m", anew, key=len) if codes else ""


@lru_cache(maxsize=4096)
def _parts(style: str) -> tuple[frozenset[str], str, str] | None:
    """Return attributes, ink and paper (empty: the terminal's own) of a style; None if there is more to it."""
    attributes, colours = set(), ["", ""]
    codes = iter(style[2:-1].replace("m\x1b[", ";").split(";"))
    for code in codes:
        which = _COLOURS.get(code[:-1])
        if code in _ATTRIBUTES:
            attributes.add(code)
        elif which is None or code.endswith("9"):
            return None
        else:
            kind = [next(codes, "")] if code.endswith("8") else []
            colours[which] = ";".join([code, *kind, *islice(codes, _NUMBERS.get("".join(kind), 0))])
    ink, paper = colours
    return frozenset(attributes), ink, paper


class Lasting:
    """A file to which nothing is written any more once its terminal was closed.

    Textual's thread would end by the error, and whoever writes then would wait for it for ever.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write, if that can be done."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Have it on the screen, if that can be done."""
        with suppress(OSError):
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        """Be the file in all else."""
        return getattr(self._file, name)


def _lenient(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def saving(driver: type[Driver]) -> type[Driver]:
    """Return a driver that writes fewer bytes, none to a terminal that was closed, and reads any."""

    class Saving(driver):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            if (file := getattr(self, "_file", None)) is not None:
                self._file = Lasting(file)

        def write(self, data: str) -> None:
            super().write(thrifty(data))

        def run_input_thread(self) -> None:
            # Textual decodes strictly: a byte that is no UTF-8, as old terminals send them, would end the thread.
            setattr(sys.modules[driver.__module__], "getincrementaldecoder", _lenient)  # noqa: B010 - not ours
            super().run_input_thread()

        def _run_input_thread(self) -> None:
            try:
                self.run_input_thread()
            except Exception as error:  # noqa: BLE001 - Textual would show a traceback
                self._app.call_later(self._app._handle_exception, error)  # noqa: SLF001 - the app's way to tell of it

    return Saving
