"""Where one is in a lake, and what is listed there: one level at a time, kept so that the way back asks nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent.protocol import Datasets, Files, FindFiles, Question, Scopes
from atlasod_tui.lake.model import DID, Dataset, DIDType, FileEntry, Scope
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.lake.filtering import taken_apart
from atlasod_tui.tui.lake.link import Asker
from atlasod_tui.tui.lake.written import Written

Row = Scope | Dataset | FileEntry

KEPT_ROWS = 150_000
"""Rows of levels beside the way back that are kept."""


class Kind(StrEnum):
    """What a level lists."""

    SCOPES = "scopes"
    DATASETS = "datasets"
    FILES = "files"


class Spot(msgspec.Struct, frozen=True):
    """What is listed: all scopes, a scope's datasets, a dataset's files, or what meets conditions in a scope.

    The files of a container are those of all that it contains: this is how a lake tells them.
    """

    kind: Kind = Kind.SCOPES
    scope: str = ""
    name: str = ""
    """Of the dataset or container of which these are the files."""
    pattern: str = ""
    """Of a search."""
    where: tuple[tuple[str, str], ...] = ()
    """Conditions of a search."""

    @property
    def searched(self) -> bool:
        """Whether this is what a search found."""
        return bool(self.pattern or self.where)

    @property
    def did(self) -> DID | None:
        """The dataset or container of which these are the files."""
        return DID(self.scope, self.name) if self.name else None

    @property
    def crumb(self) -> str:
        """This step, for the line of crumbs; may hold text from outside."""
        if self.searched:
            conditions = [f"{key}={value}" for key, value in self.where]
            return "search: " + " ".join([*([self.pattern] if self.pattern not in {"", "*"} else []), *conditions])
        return self.name or self.scope or "scopes"

    def kept(self) -> dict[str, Any]:
        """Return it as the next session is told."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def question(self) -> Question[Any]:
        """Return what the lake is asked."""
        where = dict(self.where) or None
        if self.kind is Kind.SCOPES:
            return Scopes()
        if self.kind is Kind.DATASETS:
            return Datasets(self.scope, self.pattern or "*", where)
        return Files(DID(self.scope, self.name)) if self.name else FindFiles(self.scope, self.pattern or "*", where)

    def equivalent(self, lake: str, text: str = "") -> Equivalent:
        """Return the command and the Python that list the same, filtered by a text as here."""
        options = ["--lake", lake, *(word for key, value in self.where for word in ("--where", f"{key}={value}"))]
        where = f", {dict(self.where)!r}" if self.where else ""
        pattern = f", {self.pattern or '*'!r}{where}" if self.searched else ""
        if self.kind is Kind.SCOPES:
            loop = _Loop("scope", "scopes()", "scope.name", "scope.name, scope.account")
            return loop.equivalent("List the scopes", ("scopes", *options), lake, text)
        if self.kind is Kind.DATASETS:
            place = f"{self.scope}:{self.pattern}" if self.pattern else self.scope
            loop = _Loop(
                "dataset", f"datasets({self.scope!r}{pattern})", "dataset.did.name", "dataset.did, dataset.files"
            )
            return loop.equivalent("List the datasets", ("ls", *options, *named(place)), lake, text)
        place = f"{self.scope}:{self.name or self.pattern or '*'}"
        asked = f"files(DID({self.scope!r}, {self.name!r}))" if self.name else f"find_files({self.scope!r}{pattern})"
        loop = _Loop("file", asked, "file.did.name", "file.did, file.bytes")
        return loop.equivalent("List the files", ("ls", "--files", *options, *named(place)), lake, text)


class _Loop(NamedTuple):
    """Python that lists something: what each is called, what the lake is asked, its name, what is printed of it."""

    one: str
    asked: str
    name: str
    told: str

    def equivalent(self, what: str, arguments: tuple[str, ...], lake: str, text: str) -> Equivalent:
        """Return it with the command, both filtered."""
        chosen = taken_apart(text)
        lines = [f"for {self.one} in lake.{self.asked}:", f"    print({self.told})", ""]
        if chosen is not None:
            lines[1:2] = [f"    if {chosen.python(self.name)}:", f"        print({self.told})"]
        imports = "import re\n\n" if chosen is not None and chosen.scattered else ""
        python = imports + opened(lake, did="DID(" in self.asked) + "\n".join(lines)
        # In a table of DIDs the scope comes first, which is not looked at.
        pipe = chosen.grep("[^:]*:" if arguments[0] == "ls" else "") if chosen is not None else ()
        return Equivalent(what, arguments, python, pipe)


def opened(lake: str, *, did: bool = False) -> str:
    """Return Python that opens a lake, and imports DID where that is wanted."""
    model = "from atlasod_tui.lake.model import DID\n" if did else ""
    return f"{model}from atlasod_tui.lake.profiles import open_lake\n\nlake = open_lake({lake!r})\n"


def named(text: str) -> tuple[str, ...]:
    """Return a name as an argument, which is no option whatever it begins with."""
    return ("--", text) if text.startswith("-") else (text,)


def below(row: Row) -> Spot | None:
    """Return what is listed when a row is opened; None for a file."""
    if isinstance(row, Scope):
        return Spot(Kind.DATASETS, row.name)
    return Spot(Kind.FILES, row.did.scope, row.did.name) if isinstance(row, Dataset) else None


def identity(row: Row) -> tuple[str, str]:
    """Return what makes a row the same one in a newer listing."""
    return (row.name, "") if isinstance(row, Scope) else (row.did.scope, row.did.name)


@dataclass
class Level:
    """What is listed at a spot, as far as it is known, and how it was looked at.

    Attributes:
        spot: Where this is.
        rows: What the lake told so far.
        at: When the lake told it; None while it is being asked for the first time.
        since: When the lake told it, if it is an old answer.
        why: Why the lake does not answer now.
        complete: Whether these are all rows.
        loading: Whether the lake is being asked.
        error: Why there is no answer, or no more of it.
        cursor: Identity of the row under the cursor.
        filter: What the table was filtered by.
        sort: Title of the column it was sorted by, and whether backwards.
        names_only: Datasets of which only names are there (of the sandbox).
        stale: Whether there may be more by now: the lake is asked anew when it is shown.
        begun: When the lake was asked last.
    """

    spot: Spot
    rows: list[Row] = field(default_factory=list)
    at: datetime | None = None
    since: datetime | None = None
    why: str = ""
    complete: bool = False
    loading: bool = False
    error: AtlasodError | None = None
    cursor: tuple[str, str] | None = None
    filter: str = ""
    sort: tuple[str, bool] = ("", False)
    names_only: frozenset[str] = frozenset()
    stale: bool = False
    begun: datetime | None = None

    @property
    def wanting(self) -> bool:
        """Whether the lake is to be asked when it is shown."""
        return not self.loading and (self.stale or not (self.complete or self.error))

    def look(self) -> dict[str, Any]:
        """Return how it was looked at, as the next session is told."""
        return {"filter": self.filter, "sort": list(self.sort), "cursor": self.cursor and list(self.cursor)}

    def look_as(self, kept: object) -> None:
        """Look at it as in the last session; ``kept`` may be anything."""
        with suppress(msgspec.ValidationError):
            look = msgspec.convert(kept, _Look)
            self.filter, self.sort, self.cursor = look.filter, look.sort, look.cursor


class _Look(msgspec.Struct):
    filter: str = ""
    sort: tuple[str, bool] = ("", False)
    cursor: tuple[str, str] | None = None


Changed = Callable[[Level, list[Row] | None], None]
"""Told that rows were added to a level, or (None) that they are others, or that something else of it changed ([])."""


async def load(level: Level, lake: Asker, now: Callable[[], datetime], changed: Changed) -> None:
    """Fill a level: from memory at once where it is empty, then with what the lake answers.

    What is there stays until all of the new answer has come. Errors are kept in the level.
    """
    level.loading, level.stale, level.error, level.begun = True, False, None, now()
    changed(level, [])
    try:
        if not level.rows:
            await _recall(level, lake, changed)
        await _ask(level, lake, now, changed)
    except AtlasodError as error:
        level.error = error
    finally:
        level.loading = False
        changed(level, [])


async def _recall(level: Level, lake: Asker, changed: Changed) -> None:
    """Take what is remembered; lakes that cannot be away remember nothing, and answer themselves."""
    try:
        async with aclosing(lake.ask(level.spot.question(), remembered=True)) as batches:
            async for batch in batches:
                if batch.since is None:
                    return
                level.since, level.why = batch.since, batch.why
                level.rows += batch.items
                changed(level, batch.items)
    except AtlasodError:
        return  # the lake itself is asked now


async def _ask(level: Level, lake: Asker, now: Callable[[], datetime], changed: Changed) -> None:
    fresh = not level.rows
    collected: list[Row] = level.rows if fresh else []
    since: datetime | None = None
    async with aclosing(lake.ask(level.spot.question())) as batches:
        async for batch in batches:
            since, level.why = batch.since, batch.why
            collected += batch.items
            if fresh:
                level.since = since
                changed(level, batch.items)
    level.at, level.since, level.complete = now(), since, True
    if not fresh:
        level.rows = collected
        changed(level, None)


class Levels:
    """The way from the scopes to where one is, and what was listed beside it."""

    def __init__(self) -> None:
        self.way: list[Level] = [Level(Spot())]
        self._beside: OrderedDict[Spot, Level] = OrderedDict()

    @property
    def here(self) -> Level:
        """The level in front."""
        return self.way[-1]

    @property
    def parent(self) -> Level | None:
        """The level above."""
        return self.way[-2] if len(self.way) > 1 else None

    def known(self) -> Iterator[Level]:
        """Yield what was listed, the nearest first."""
        yield from reversed(self.way)
        yield from reversed(self._beside.values())

    def down(self, spot: Spot) -> Level:
        """Go to a level below, and return it: the one that was there before, if it is still known."""
        level = self._beside.pop(spot, None) or Level(spot)
        self.way.append(level)
        return level

    def spoil(self, written: Written) -> None:
        """Hear that something was written: what lists its scope is to be asked for anew when it is shown."""
        for level in self.known():
            if level.spot.kind is Kind.SCOPES:
                level.stale = level.stale or not any(written.touches(identity(row)[0]) for row in level.rows)
            elif written.touches(level.spot.scope):
                level.stale = True

    def up(self) -> Level | None:
        """Go one level up, and return the one that was left; None at the top. What was incomplete is forgotten."""
        if len(self.way) == 1:
            return None
        left = self.way.pop()
        if left.complete:
            self._beside[left.spot] = left
            while len(self._beside) > 1 and sum(len(level.rows) for level in self._beside.values()) > KEPT_ROWS:
                self._beside.popitem(last=False)
        return left


def way_to(kept: dict[str, Any]) -> list[Spot]:
    """Return the spots that lead to where a session ended; ``kept`` may hold anything."""
    found = [Spot()]
    for one in kept.get("way", []) if isinstance(kept.get("way"), list) else []:
        try:
            spot = msgspec.convert(one, Spot)
        except (msgspec.ValidationError, TypeError):
            break
        if spot.kind is Kind.SCOPES or not spot.scope:
            break
        found.append(spot)
    return found


def type_of(row: Row) -> DIDType | None:
    """Return what a row names; None for a scope."""
    return None if isinstance(row, Scope) else row.type if isinstance(row, Dataset) else DIDType.FILE
