"""What was found, as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec


class State(StrEnum):
    """How good it is."""

    OK = "ok"
    NOTE = "note"
    """Something will be missing, or look different."""
    PROBLEM = "problem"
    """Something that the program is for will fail."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    topic: str
    """``terminal``, ``machine``, ``disk``, ``python``, ``session`` or ``lake``."""
    state: State
    sentence: str
    """May hold text from outside: escaped when it is shown."""
    hint: str = ""
    """What to do about it."""
    facts: dict[str, Any] = {}
    """The same for programs: numbers in their units, times in UTC."""
    in_use: bool = False
    """Whether it is about the lake that is used where none is named."""


class Look(NamedTuple):
    """Something to look at, which may take as long as a disk or a network does."""

    topic: str
    what: str
    find: Callable[[], Iterable[Finding]]
    in_use: bool = False
    """Whether it is the lake that is used where none is named."""


def ok(topic: str, sentence: str, **facts: Any) -> Finding:
    """Return that all is well."""
    return Finding(topic, State.OK, sentence, facts=facts)


def note(topic: str, sentence: str, hint: str = "", **facts: Any) -> Finding:
    """Return what is good to know."""
    return Finding(topic, State.NOTE, sentence, hint, facts)


def problem(topic: str, sentence: str, hint: str = "", **facts: Any) -> Finding:
    """Return what will make something fail."""
    return Finding(topic, State.PROBLEM, sentence, hint, facts)
