"""What can be done to a job as it stands, why not, and the commands and Python that do it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.equivalent import Equivalent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlasod_tui.tui.jobs.details import FolderFacts
    from atlasod_tui.tui.jobs.watch import JobView

_MADE = frozenset({State.DONE, State.WAITING})
_RESUMABLE = frozenset({State.FAILED, State.CANCELLED, State.LOST, State.WAITING})
_HEAD = "from atlasod_tui.jobs import control, folder"


def why_not(verb: str, view: JobView | None, facts: FolderFacts | None) -> str:  # noqa: PLR0911 - a sentence each
    """Return why something cannot be done to a job, as a sentence; empty if it can, or that cannot be told yet."""
    if view is None:
        return "There is no job here."
    state = view.status.state
    at_work = f"The job is {state.value}: x ends it first."
    match verb:
        case "cancel" if not view.active:
            return f"The job is not running: it is {state.value}."
        case "retry" | "remove" if view.active:
            return at_work
        case "retry" if not view.task:
            return "Nobody knows any more what the job was to do."
        case "resume" if view.active:
            return at_work
        case "resume" if state not in _RESUMABLE:
            return f"The job is {state.value}: there is nothing to go on with."
        case "result" if facts is not None and not facts.output:
            return "Only an analysis has plots."
        case "upload" if state not in _MADE or not view.status.result or (facts is not None and not facts.output):
            return "Only the result of an analysis that is done can be uploaded from here."
    return ""


def replaces(view: JobView, facts: FolderFacts | None) -> bool:
    """Return whether to do a job again would meet its own outputs, which then may be replaced."""
    return view.status.state in _MADE and facts is not None and facts.can_replace


def asks_about_hand(view: JobView, facts: FolderFacts | None) -> bool:
    """Return whether the runner may have died on a file, so that going on without it is an answer."""
    return facts is not None and bool(facts.in_hand) and view.status.state in {State.FAILED, State.LOST}


def same(view: JobView, facts: FolderFacts | None) -> Equivalent:
    """Return what does the same as a job, replacing what it made if it is done; where no command does, what shows it.

    The Python is made of the spec alone: it runs where nobody knows the job, too.
    """
    if facts is None or facts.command is None:
        python = f'{_HEAD}\n\njob = folder.find("{view.id}")\nprint(control.state(job))\n'
        return Equivalent(f"Show {view.title}", ("jobs", "show", view.id), python)
    from atlasod_tui.tui.jobs.code import code  # noqa: PLC0415 - when it is asked for

    replace = replaces(view, facts)
    words = tuple(word for word in facts.command if word != "--force" or not replace)
    python = code(facts.spec, replace=replace) if facts.spec is not None else ""
    return Equivalent(view.title, (*words, "--force") if replace else words, python)


def removing(view: JobView) -> Equivalent:
    """Return what forgets a job."""
    return Equivalent(
        "Forget a job", ("jobs", "remove", view.id), f'{_HEAD}\n\ncontrol.remove(folder.find("{view.id}"))\n'
    )


def cancelling(views: Iterable[JobView]) -> Equivalent:
    """Return what ends jobs."""
    ids = tuple(view.id for view in views)
    python = f"{_HEAD}\n\nfor id_ in {list(ids)!r}:\n    control.cancel(folder.find(id_))\n"
    return Equivalent("End jobs", ("jobs", "cancel", *ids), python)
