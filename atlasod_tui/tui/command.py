"""What can be typed after ``:``: offered by the program and by the page in front, found by a few of its letters."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

MOST_FOUND = 500
"""Commands that are found at the most: nobody reads on."""
_SCATTERED, _NOT_AT_ALL = 4, 9


@dataclass(frozen=True)
class Command:
    """Something that can be done by its name.

    Attributes:
        name: What is typed, as ``scope data18``; may hold text from outside, as all texts here.
        run: Does it; may return something to be awaited.
        about: What it does, as a sentence without its full stop.
        key: The key that does the same, as printed.
        aliases: Other names.
        refused: Why it cannot be done now, as a sentence; empty if it can.
        preview: Shows beforehand what it would do, while the cursor is on it.
    """

    name: str
    run: Callable[[], object]
    about: str = ""
    key: str = ""
    aliases: tuple[str, ...] = ()
    refused: str = ""
    preview: Callable[[], object] | None = None


@runtime_checkable
class HasCommands(Protocol):
    """A page that has commands of its own: the scopes it knows, the files it lists..."""

    def commands(self) -> Iterable[Command]:
        """Return what can be typed here beyond the actions of the registry."""
        ...


def rank(query: str, text: str) -> int:
    """Return how well a text fits what was typed (casefolded, both): 0 best, 9 not at all.

    The same, a beginning, the beginning of a word, a part, all letters in their order.
    """
    if text == query:
        return 0
    at = text.find(query)
    if at == 0:
        return 1
    if at > 0:
        return 2 if not text[at - 1].isalnum() or f" {query}" in text else 3
    letters = iter(text)
    return _SCATTERED if all(letter in letters for letter in query) else _NOT_AT_ALL


def found(query: str, commands: Sequence[Command]) -> list[Command]:
    """Return the commands that fit, the best first; all of them where nothing is typed.

    Those that are refused come after the others, but before what has the letters here and there only: what was meant
    is not to be replaced by something else.
    """
    wanted = query.lstrip().casefold()  # a blank at the end is meant: what may follow the word
    hits = []
    for place, command in enumerate(commands):
        best = _fit(wanted, command) if wanted else 0
        if best < _NOT_AT_ALL:
            hits.append((best >= _SCATTERED, bool(command.refused), best, place))
    return [commands[hit[-1]] for hit in heapq.nsmallest(MOST_FOUND, hits)]


def _fit(wanted: str, command: Command) -> int:
    named = min(rank(wanted, name.casefold()) for name in (command.name, *command.aliases))
    if named <= _SCATTERED:
        return named
    # Words of the description count, its scattered letters do not.
    said = rank(wanted, command.about.casefold())
    return 5 if said <= 2 else _NOT_AT_ALL  # noqa: PLR2004
