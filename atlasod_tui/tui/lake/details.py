"""All there is to know of what is under the cursor, as lines: replicas, rules and why one is stuck, metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from atlasod_tui.lake.model import Dataset, Details, DIDType, ReplicaState, Rule, RuleState, Scope, Transfer
from atlasod_tui.tui.cells import wrapped
from atlasod_tui.tui.equivalent import Copied
from atlasod_tui.tui.lake.levels import Row, type_of
from atlasod_tui.tui.lake.rows import count_of, known, sign, size_of, xsec_of

if TYPE_CHECKING:
    from atlasod_tui.errors import AtlasodError
    from atlasod_tui.tui.looks.look import Glyphs

BOOKKEEPING = {"account", "adler32", "availability", "bytes", "closed_at", "created_at", "did_type", "events"}
BOOKKEEPING |= {"hidden", "is_new", "is_open", "length", "md5", "monotonic", "name", "obsolete", "purge_replicas"}
BOOKKEEPING |= {"scope", "suppressed", "transient", "updated_at"}
"""What Rucio keeps of each DID for itself, or what is told elsewhere."""
_HANGING = 2
"""Cells that the further lines of a text are moved in."""
_MOST_TRANSFERS = 5
_WIDE = 120
"""Cells from which on a line takes what belongs together: a rule, a replica and its address."""
_WORDS = {RuleState.WAITING_APPROVAL: "waiting for approval"}


class CardLine(NamedTuple):
    """A line: its text, in a style of the table; the rule that it is about; what ``y`` copies there."""

    key: str
    text: str
    style: str = ""
    rule: Rule | None = None
    copied: Copied | None = None


@dataclass
class Card:
    """What is known of a row so far.

    Attributes:
        row: What is under the cursor.
        details: What the lake told.
        since: When it told that, if it is an old answer.
        error: Why it told nothing.
        asked: Whether all that is to be asked was answered.
        copy: Path of a copy on this machine; empty: there is none; None: not known.
        stuck: Id of a rule to the files that it waits for, or to why that is not known.
    """

    row: Row
    details: Details | None = None
    since: datetime | None = None
    error: AtlasodError | None = None
    asked: bool = False
    copy: str | None = None
    stuck: dict[str, list[Transfer] | AtlasodError] = field(default_factory=dict)


def stuck_rules(details: Details) -> list[Rule]:
    """Return the rules that do not come to their end."""
    return [rule for rule in details.rules if rule.stuck or rule.state is RuleState.STUCK]


def span(seconds: float) -> str:
    """Return a time from now in its two largest units: ``6 d 23 h``."""
    minutes = max(int(seconds // 60), 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def ends(rule: Rule, now: datetime) -> str:
    """Return when a rule ends, as a date and from now."""
    if rule.expires is None:
        return "never ends"
    date = f"{rule.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    left = (rule.expires - now).total_seconds()
    return f"ends {date}, in {span(left)}" if left > 0 else f"ended {date}"


def state_word(rule: Rule) -> str:
    """Return a rule's state in words."""
    return _WORDS.get(rule.state, rule.state.value.lower())


def lines(card: Card, width: int, now: datetime, glyphs: Glyphs) -> list[CardLine]:
    """Return the lines of a card, at most so many cells wide; texts from outside are escaped.

    Args:
        card: What is known.
        width: In cells.
        now: For what is left of a rule.
        glyphs: What to draw with.
    """
    page = _Page(max(width, 20), now, glyphs)
    row = card.row
    if isinstance(row, Scope):
        page.add(row.name, "accent")
        page.add(f"scope of {row.account}" if row.account else "scope", "muted")
        return page.lines
    page.add(str(row.did), "accent", copied=Copied("DID", str(row.did)))
    page.add(page.joined(_facts(card)))
    _sample(card, page)
    if card.details is None:
        page.add(
            card.error.message if card.error else "asking the lake" + glyphs.more, "warning" if card.error else "muted"
        )
        if card.error is not None and card.error.hint:
            page.add(card.error.hint, "muted")
        return page.lines
    if card.since is not None:
        page.add(f"an old answer, of {card.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC: the lake is away", "warning")
    _replicas(card.details, page)
    _rules(card, card.details, page)
    _metadata(card.details, page)
    return page.lines


class _Page:
    """Lines that are being written."""

    def __init__(self, width: int, now: datetime, glyphs: Glyphs) -> None:
        self.width, self.now, self.glyphs = width, now, glyphs
        self.wide = width >= _WIDE
        self.lines: list[CardLine] = []
        self._keys: Counter[str] = Counter()

    def joined(self, parts: Iterable[str]) -> str:
        """Return parts of a line."""
        return f" {self.glyphs.dot} ".join(parts)

    def add(
        self, text: str, style: str = "", *, indent: int = 0, rule: Rule | None = None, copied: Copied | None = None
    ) -> None:
        """Add a text from anywhere, on as many lines as it takes, up to a limit."""
        what = rule.id if rule is not None else copied.text if copied is not None else ""
        for number, chunk in enumerate(wrapped(text, self.width - indent - _HANGING, self.glyphs.more)):
            blanks = " " * (indent + (_HANGING if number else 0))
            key = f"{self._keys[what]} {what}"  # the same one in a page of another width
            self._keys[what] += 1
            self.lines.append(CardLine(key, blanks + chunk, style, rule, copied))

    def heading(self, text: str) -> None:
        """Add a heading below a blank line."""
        self.add("")
        self.add(text, "muted")


def _facts(card: Card) -> Iterator[str]:
    row, details = card.row, card.details
    kind = type_of(row)
    yield str(kind.value) if kind else ""
    files = details.files if details else getattr(row, "files", None)
    if kind is not DIDType.FILE and files is not None:
        yield f"{files} file{'' if files == 1 else 's'}"
    size = (details.bytes if details else None) or getattr(row, "bytes", None)
    if size is not None:
        yield size_of(size)
    events = getattr(row, "events", None) or (details.metadata.get("events") if details else None)
    if isinstance(events, int):
        yield f"{count_of(events)} events"
    if details and details.account:
        yield f"of {details.account}"
    if details and details.open is not None:
        yield "open" if details.open else "closed"


def _sample(card: Card, page: _Page) -> None:
    row = card.row
    if isinstance(row, Scope | Dataset):
        return
    if found := known(row.did.name):
        name, sample = found
        what = f"data of period {name.period}" if name.period else f"simulation, DSID {name.dsid}"
        copies = f", each event {name.factor} times" if name.factor > 1 else ""
        known_of = [f"{what}, skim {name.skim}{copies}"]
        if sample is not None and sample.xsec_pb is not None:
            known_of.append(f"cross-section {xsec_of(row.did.name)} pb")
        for text in [page.joined(known_of)] if page.wide else known_of:
            page.add(text)
    adler = (card.details.adler32 if card.details else None) or row.adler32
    if adler:
        page.add(f"Adler-32 {adler}", copied=Copied("Adler-32", adler))
    if card.copy:
        page.add(f"on this machine: {card.copy}", "good", copied=Copied("path", card.copy))
    elif card.copy == "":
        page.add("no copy on this machine", "muted")


def _replicas(details: Details, page: _Page) -> None:
    glyphs = page.glyphs
    if details.replicas:
        there = sum(one.state is ReplicaState.AVAILABLE for one in details.replicas)
        page.heading(f"replicas: {there} of {len(details.replicas)} there")
        for one in sorted(details.replicas, key=lambda one: one.storage_element):
            style = "good" if one.state is ReplicaState.AVAILABLE else "warning"
            text = f"{sign(one.state, glyphs)} {one.storage_element}: {one.state.value}"
            if page.wide and len(one.urls) == 1:
                page.add(page.joined([text, *one.urls]), style, copied=Copied("URL", one.urls[0]))
                continue
            page.add(text, style)
            for url in one.urls:
                page.add(url, "muted", indent=2, copied=Copied("URL", url))
    elif details.type is DIDType.FILE:
        page.heading("replicas")
        page.add("there is no replica of it", "bad")
    if details.dataset_replicas:
        page.heading("replicas")
        for part in sorted(details.dataset_replicas, key=lambda one: one.storage_element):
            mark = glyphs.there if part.complete else glyphs.absent
            size = "" if part.available_bytes is None else f", {size_of(part.available_bytes)}"
            text = f"{mark} {part.storage_element}: {part.available_files} of {part.files} files{size}"
            page.add(text, "good" if part.complete else "warning")


def _rules(card: Card, details: Details, page: _Page) -> None:
    page.heading("rules" if details.rules else "rules: none")
    for rule in details.rules:
        good, bad = rule.state is RuleState.OK, bool(rule.stuck) or rule.state is RuleState.STUCK
        mark = page.glyphs.there if good else page.glyphs.stuck if bad else page.glyphs.absent
        copies = "" if rule.copies == 1 else f", {rule.copies} copies"
        style = "good" if good else "bad" if bad else "warning"
        identity = Copied("rule", rule.id)
        progress = f"{rule.ok} ok, {rule.replicating} copying, {rule.stuck} stuck"
        owner = f", of {rule.account}" if rule.account else ""
        first = f"{mark} {state_word(rule)} on {rule.expression}{copies}"
        what = [] if rule.did == details.did else [f"on {rule.did}, which it is in"]
        others = [ends(rule, page.now), *what, progress + owner, *([rule.comment] if rule.comment else [])]
        page.add(page.joined([first, *others]) if page.wide else first, style, rule=rule, copied=identity)
        for number, text in enumerate(() if page.wide else others):
            page.add(text, "muted" if number else "", indent=2, rule=rule, copied=identity)
        if bad:
            _why(card, rule, page)


def _why(card: Card, rule: Rule, page: _Page) -> None:
    if rule.error:
        page.add(f"why: {rule.error}", "bad", indent=2, rule=rule)
    found = card.stuck.get(rule.id)
    if found is None:
        if not card.asked and card.since is None:
            page.add("asking which files it waits for" + page.glyphs.more, "muted", indent=2, rule=rule)
        return
    if not isinstance(found, list):
        page.add(found.message, "warning", indent=2, rule=rule)
        return
    for one in found[:_MOST_TRANSFERS]:
        tries = "" if one.attempts is None else f" ({one.attempts} tr{'y' if one.attempts == 1 else 'ies'})"
        text = f"{one.did.name} to {one.storage_element}: {one.error or 'no reason is given'}{tries}"
        page.add(text, "warning", indent=2, rule=rule)
    if len(found) > _MOST_TRANSFERS:
        page.add(f"and {len(found) - _MOST_TRANSFERS} more", "muted", indent=2, rule=rule)


def _metadata(details: Details, page: _Page) -> None:
    facts = {key: value for key, value in details.metadata.items() if key not in BOOKKEEPING and value is not None}
    if not facts:
        return
    page.heading("metadata")
    for key, value in sorted(facts.items()):
        page.add(f"{key}: {str(value).removesuffix('+00:00')}", copied=Copied(key, str(value)))
