"""All there is to know of one job: read from its folder in a thread, and told in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.cells import wrapped
from atlasod_tui.tui.equivalent import command as in_shell
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.jobs.command import command
from atlasod_tui.tui.jobs.reader import ANALYSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from atlasod_tui.jobs.folder import Spec
    from atlasod_tui.tui.jobs.watch import JobView
    from atlasod_tui.tui.looks.look import Look

_PUT = "atlasod_tui.jobs.tasks.put:run"
_MOST_NAMED = 5
_LABEL = 9
_BAR = 40


class FolderFacts(msgspec.Struct, frozen=True):
    """What the folder of a job says beyond its status; texts are from outside.

    Attributes:
        command: Arguments of ``atlasod-tui`` that do the same; None if none do, or the spec cannot be read.
        skipped: Files that were left out, with the reason.
        warnings: What went wrong without keeping the job from its end.
        in_hand: Files that a dead runner may have died on.
        output: Where an analysis puts its result; empty for other jobs.
        writes_to_lake: Whether it uploads.
        can_replace: Whether the spec can say that outputs may be replaced.
        spec: What it was asked to do; None if that cannot be read.
    """

    command: tuple[str, ...] | None = None
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    in_hand: tuple[str, ...] = ()
    output: str = ""
    writes_to_lake: bool = False
    can_replace: bool = False
    spec: Spec | None = None


def load(view: JobView) -> FolderFacts:
    """Read what a folder says: in a thread only; what is damaged or missing is left out."""
    folder = view.folder
    events = folder.events()
    found = FolderFacts(
        skipped=_texts(events, "skipped", "reason"),
        warnings=_texts(events, "warning", "text"),
        in_hand=() if view.active else tuple(folder.in_hand()),
    )
    try:
        spec = view.spec()
    except AtlasodError:
        return found
    words = command(spec)
    return msgspec.structs.replace(
        found,
        command=None if words is None else tuple(words),
        output=str(spec.arguments.get("output", "")) if spec.task == ANALYSE else "",
        writes_to_lake=uploads(spec),
        can_replace="force" in spec.arguments,
        spec=spec,
    )


def uploads(spec: Spec) -> bool:
    """Return whether a job changes a lake."""
    return spec.task == _PUT or bool(spec.arguments.get("upload"))


def lines(view: JobView, facts: FolderFacts | None, width: int, look: Look, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield lines of at most ``width`` cells and the names of their styles; harmless."""
    status, more = view.status, look.glyphs.more
    yield from _in(view.title, width, more, "name")
    yield f"{look.glyphs.state(status.state)} {status.state.value}", job_words.role(status.state)
    part = job_words.share(status)
    if status.state in {State.RUNNING, State.CANCELLING} and part is not None:
        yield look.glyphs.filled(part, min(width, _BAR)), "bar"
    for text, style in ((status.message, "text" if status.state is State.DONE else "name"), (status.hint, "text")):
        yield from _in(text, width, more, style) if text else ()
    yield from _found(facts, view, width, more) if facts is not None else ()
    yield "", "text"
    for label, text in _facts(view, facts, now):
        for number, chunk in enumerate(wrapped(text, max(8, width - _LABEL), more) if text else ()):
            yield f"{'' if number else label:{_LABEL}}{chunk}", "number"
    if facts is not None:
        yield "", "text"
        if facts.command is None:
            yield "no command does the same: r starts it anew", "text"
        else:
            yield "the command (d shows it whole)", "heading"
            yield from _in(in_shell(facts.command), width, more, "number")


def _found(facts: FolderFacts, view: JobView, width: int, more: str) -> Iterator[tuple[str, str]]:
    in_hand = facts.in_hand if view.status.state in {State.FAILED, State.LOST} else ()
    for heading, texts, style in (
        ("left out", facts.skipped, "warn"),
        ("warnings", facts.warnings, "warn"),
        ("in hand when the runner died", in_hand, "bad"),
    ):
        if texts:
            yield "", "text"
            yield f"{heading} ({len(texts)})", style
            for text in texts[:_MOST_NAMED]:
                yield from _in(text, width, more, "number")
            if len(texts) > _MOST_NAMED:
                yield f"and {len(texts) - _MOST_NAMED} more: the log has them", "text"


def _facts(view: JobView, facts: FolderFacts | None, now: datetime) -> Iterator[tuple[str, str]]:
    status = view.status
    output = facts.output if facts is not None and status.state.active else ""
    yield "result", shown.path(status.result) or (f"{shown.path(output)} (to come)" if output else "")
    yield "made", _in_utc(view.created, now)
    if not status.state.active:
        yield "ended", _in_utc(status.updated, now)
        yield "took", job_words.took(view)
    elif status.phase:
        yield "now", status.phase
    yield "done", job_words.amount(status)
    if status.state in {State.RUNNING, State.CANCELLING}:
        yield "file", shown.path(status.current)
    if status.pid and status.state.active:
        yield "runner", f"pid {status.pid} on {status.host}"
    yield "id", view.id


def _in_utc(seconds: float, now: datetime) -> str:
    moment = job_words.when(seconds, now)
    return f"{moment} UTC" if moment else ""


def _in(text: str, width: int, more: str, style: str) -> Iterator[tuple[str, str]]:
    return ((chunk, style) for chunk in wrapped(text, width, more))


def _texts(events: list[dict[str, object]], kind: str, field: str) -> tuple[str, ...]:
    """Return what events of a kind say, once each: a resumed job says it again."""
    found = (
        ": ".join(str(event[key]) for key in ("path", field) if event.get(key))
        for event in events
        if event.get("kind") == kind
    )
    return tuple(dict.fromkeys(found))
