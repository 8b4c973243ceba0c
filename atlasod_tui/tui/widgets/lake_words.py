"""What the lake's page says in sentences: of a listing, of a lake that is away, of what is picked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from atlasod_tui import shown
from atlasod_tui.errors import LakeAwayError, LoginError
from atlasod_tui.lake.agent.client import PATIENCE
from atlasod_tui.tui import actions
from atlasod_tui.tui.basket import Basket
from atlasod_tui.tui.cells import Line, Part, wrapped
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.lake.levels import Kind, Level
from atlasod_tui.tui.lake.rows import count_of, size_of, summary

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

_STILL_WORKS = "analyses on local files still work"
_BASKET_KEYS = ("lake.multiply", "lake.analyse", "lake.fetch", "lake.clear")
_KEY_BAR_HAS_THEM = 140
"""Columns from which the key bar has room for the first three."""
_NAME_ROOM = 24
_LONG = 3
"""Seconds without an answer from which on they are counted."""


class Seen(NamedTuple):
    """How a list is looked at: rows that pass the filter, the filter, title of the column of its order, backwards."""

    rows: int
    filter: str = ""
    sorted_by: str = ""
    reverse: bool = False


def key(world: World, action: str) -> str:
    """Return the key of an action as it is printed."""
    return key_of(actions.find(action), world.keys)


def clock(when: datetime, now: datetime) -> str:
    """Return a time of the day in UTC, as rules and jobs tell it, with the date where that is not today's."""
    when, today = when.astimezone(UTC), now.astimezone(UTC).date()
    return f"{when:%H:%M} UTC" if when.date() == today else f"{when:%d %b %H:%M} UTC"


def trouble(level: Level, world: World) -> str:
    """Return what is wrong with a listing and what to do about it, as sentences; empty if nothing is."""
    error, retry = level.error, f"{key(world, 'app.refresh')} retry"
    dot = world.look.glyphs.dot
    if isinstance(error, LoginError):
        return f"{shown.sentence(error.message)} {key(world, 'lake.login')} log in {dot} {retry}"
    if error is None and not (level.since and level.complete):
        return ""
    if isinstance(error, LakeAwayError) or error is None:
        if level.since:
            return (
                f"Lake unreachable (cached listing from {clock(level.since, world.now())})."
                f" {retry} {dot} {_STILL_WORKS}."
            )
        why = error.message if error else level.why
        partly = "The listing breaks off: " if level.rows else "Lake unreachable: "
        return f"{shown.sentence(partly + why)} {retry} {dot} {_STILL_WORKS}."
    return " ".join([shown.sentence(error.message), *([shown.sentence(error.hint)] if error.hint else []), f"{retry}."])


def status(level: Level, seen: Seen, world: World, width: int) -> list[Line]:
    """Return the lines above a list: how much there is, how it is arranged, how old it is, and what is wrong."""
    glyphs = world.look.glyphs
    known = level.complete or level.rows
    coming = not level.complete and level.since is None  # what is remembered is a whole answer
    much = summary(seen.rows, len(level.rows), level.spot.kind, loading=coming, filter_text=seen.filter)
    facts = [
        much if known else level.spot.kind.value,
        *([f"filter /{seen.filter}"] if seen.filter else []),
        *([f"by {seen.sorted_by} {glyphs.down if seen.reverse else glyphs.up}"] if seen.sorted_by else []),
    ]
    if level.loading:
        cached = f", cached listing from {clock(level.since, world.now())}" if level.since else ""
        long = f" for {seconds} s" if (seconds := _waited(level, world)) >= _LONG else ""
        facts.append(f"asking {level_lake(world)}{long}{cached}{glyphs.more}")
    elif level.at is not None and not level.since:
        facts.append(f"as of {clock(level.at, world.now())}")
    text = shown.escape(f" {glyphs.dot} ".join(facts))
    lines = [[Part(f" {chunk}", "quiet")] for chunk in wrapped(text, width - 1, glyphs.more)[:1]]
    sentence = trouble(level, world) if level.rows else ""
    if sentence and not level.loading:
        lines += [[Part(f" {chunk}", "warn")] for chunk in wrapped(sentence, width - 1, glyphs.more)[:3]]
    return lines


def _waited(level: Level, world: World) -> int:
    """Return for how many seconds a lake has been asked."""
    return 0 if level.begun is None else int((world.now() - level.begun).total_seconds())


def level_lake(world: World) -> str:
    """Return the name of the lake in front."""
    return world.lake.name if world.lake is not None else "no lake"


def empty(level: Level, filter_text: str, world: World, width: int) -> str:
    """Return what is shown in place of a list without rows, in lines of a width."""
    return "\n".join(
        line
        for sentence in _empty(level, filter_text, world)
        for line in wrapped(sentence, max(width, 10), world.look.glyphs.more)
    )


def _empty(level: Level, filter_text: str, world: World) -> list[str]:  # noqa: PLR0911 - one for each reason
    if world.lake is None:
        return ["No lake is chosen yet.", f"{key(world, 'app.choose_lake')} lists them, with a sandbox to practise in."]
    if level.loading:
        asking = f"Asking {world.lake.name} for {level.spot.kind.value}{world.look.glyphs.more}"
        if (seconds := _waited(level, world)) < _LONG:
            return [asking]
        return [asking, f"{seconds} s so far; after {PATIENCE:.0f} s without an answer it is given up."]
    if level.rows and filter_text:
        return [
            f"No {level.spot.kind.value} match `/{filter_text}`.",
            f"{key(world, 'app.back')} clears the filter.",
        ]
    if sentence := trouble(level, world):
        return [sentence]
    if not level.complete:
        return [f"{key(world, 'app.refresh')} asks for {level.spot.kind.value}."]
    search = f"{key(world, 'lake.search')} searches by metadata."
    if level.spot.searched:
        return [f"Nothing in {level.spot.scope} meets `{level.spot.crumb.removeprefix('search: ')}`.", search]
    if level.spot.kind is Kind.SCOPES:
        return ["This lake has no scopes."]
    if level.spot.kind is Kind.DATASETS:
        return [f"The scope {level.spot.scope} has no datasets.", search]
    return [f"{level.spot.name} holds no files.", f"{key(world, 'app.back')} goes back."]


def basket_line(basket: Basket, world: World, width: int) -> Line:
    """Return what is picked, and what can be done with it, in one line."""
    glyphs = world.look.glyphs
    if not basket:
        return [Part(f" {glyphs.dot} Nothing picked yet: {key(world, 'table.pick')} on a file or a dataset.", "quiet")]
    facts = [f"{len(basket)} picked"]
    if others := len(basket) - basket.of(level_lake(world)):
        facts.append(f"{others} of another lake")
    facts += [size_of(basket.bytes)] if basket.bytes is not None else []
    facts += [f"{count_of(basket.events)} events"] if basket.events is not None else []
    keys = []
    for id_ in _BASKET_KEYS if width < _KEY_BAR_HAS_THEM else _BASKET_KEYS[-1:]:
        keys += [Part(f" {key(world, id_)}", "busy"), Part(f" {actions.find(id_).name} ", "quiet")]
    room = width - sum(cell_len(text) for text, _ in keys) - 1
    while cell_len(told := f" {glyphs.cursor} {f' {glyphs.dot} '.join(facts)} ") > room and len(facts) > 1:
        facts.pop()  # the keys are not in the key bar
    left, room = [Part(told, "name")], room - cell_len(told)
    names = _names(basket, room, glyphs.more)
    return [*left, Part(names.ljust(max(room, 0)), "text"), *keys]


def _names(basket: Basket, room: int, more: str) -> str:
    """Return as many names as there is room for."""
    text = ""
    for number, pick in enumerate(basket):
        name = wrapped(pick.did.name, _NAME_ROOM, more)[0]
        longer = f"{text}, {name}" if number else f" {name}"
        if cell_len(longer) + cell_len(more) + 2 > room:
            return f"{text}, {more}" if number and room > 0 else ""
        text = longer
    return text
