"""Texts as people see them: what comes from outside made harmless, numbers with their units, widths on a terminal."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

# Control characters of both sets, marks that turn the direction of writing or hide text; and flags, shades of skin and
# what makes a sign coloured, of which terminals do not agree how wide they are.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def escape(text: str) -> str:
    r"""Return a text from outside with its control characters shown as ``\x1b``."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def path(text: str) -> str:
    """Return a path with ``~`` for the home that it is or is in, as it is typed in a shell."""
    home = os.path.expanduser("~")  # noqa: PTH111 - a text
    return f"~{text[len(home) :]}" if len(home) > 1 and f"{text}/".startswith(f"{home}/") else text


def capital(text: str) -> str:
    """Return words with a capital letter, unless they begin with a name or an address."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].isalpha() else text


def sentence(text: str) -> str:
    """Return words as a sentence: with a capital letter and a full stop."""
    return f"{capital(text).rstrip('.')}."


def some(names: Iterable[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are: ``dataA, dataB, dataC and 27 more``.

    Where several are named, one more is too: its name takes no more room than ``and 1 more``.
    """
    names = list(names)
    if len(names) <= most + (most > 1):
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


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


def cells(text: str) -> int:
    """Return how wide a text is on a terminal: accents stand above the letter before, some signs fill two cells."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - seldom

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
