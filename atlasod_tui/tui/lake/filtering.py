"""What a list is filtered by, said in Python and to grep; `widgets.table_rows.matcher` is what does it here."""

from __future__ import annotations

import re
from typing import NamedTuple

_SPECIAL = re.compile(r"[\\.*\[^$]")
"""What a letter of a basic regular expression stands behind a backslash as."""


class Filter(NamedTuple):
    """A filter as it is typed, taken apart; letters in small.

    Attributes:
        letters: Of the text.
        scattered: Whether they may be apart, in their order.
        others: Whether names without them are meant.
    """

    letters: str
    scattered: bool = False
    others: bool = False

    def python(self, name: str) -> str:
        """Return the condition that a name, an expression, meets; it may want ``re``."""
        name = f"{name}.casefold()"
        if self.scattered:
            pattern = ".*".join(map(re.escape, self.letters))
            return f"{'not ' if self.others else ''}re.search({pattern!r}, {name})"
        return f"{self.letters!r} {'not in' if self.others else 'in'} {name}"

    def grep(self, before: str) -> tuple[str, ...]:
        """Return the program that lets lines pass whose first word has it; ``before``: what is no part of the name."""
        letters = [_SPECIAL.sub(r"\\\g<0>", letter) for letter in self.letters]
        pattern = "[^ ]*".join(letters) if self.scattered else "".join(letters)
        return ("grep", "-iv" if self.others else "-i", f"^{before}[^ ]*{pattern}")


def taken_apart(text: str) -> Filter | None:
    """Return a filter; None if it lets everything pass."""
    rest = text.lstrip("!")
    others = bool((len(text) - len(rest)) % 2)
    scattered = rest.startswith("~")
    letters = rest[1 if scattered else 0 :].casefold()
    return Filter(letters, scattered, others) if letters else None
