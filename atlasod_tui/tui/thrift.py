"""Fewer bytes for the terminal: a style that goes on after the cursor was moved is not ended and begun again.

Textual ends the style of each piece of each line. In true colours that is half of what a list takes on the wire.
"""

from __future__ import annotations

import codecs
import re
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.driver import Driver

_END = "\x1b[0m"
_STYLES = re.compile(r"(\x1b\[[0-9;]*m)")
_MOVES = re.compile(r"(?:\x1b\[\d+;\d+H|[\r\n])*")


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
        elif ends and part == style:
            ends = False
        else:
            out += [_END, part] if ends else [part]
            style, ends = part if ends else style + part, False
    return "".join([*out, _END] if ends else out)


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
