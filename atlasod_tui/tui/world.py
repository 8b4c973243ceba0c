"""What all pages share: the lake in front, picks, jobs, the way to change things, how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from atlasod_tui.tui.basket import Basket
from atlasod_tui.tui.memory import Memory
from atlasod_tui.tui.orders.verbs import Verbs

if TYPE_CHECKING:
    from textual.signal import Signal

    from atlasod_tui.tui.jobs.watch import JobWatch
    from atlasod_tui.tui.lake.link import Asker
    from atlasod_tui.tui.looks.look import Look


Change = Literal["lake", "basket", "jobs", "look"]
"""What subscribers are told of."""


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


@dataclass
class World:
    """One program's state beyond its widgets; the app makes it, pages and dialogs are given it.

    Attributes:
        jobs: The jobs of this user, watched.
        look: Glyphs and palette of plots.
        lake: The lake in front; None where none was chosen yet.
        basket: What is picked.
        verbs: Runs headless verbs.
        memory: What is kept for the next session.
        read_only: Whether the user forbids to change the lake.
        now: The clock, in UTC: all times are told so, as those of rules are.
    """

    jobs: JobWatch
    look: Look
    lake: Asker | None = None
    basket: Basket = field(default_factory=Basket)
    verbs: Verbs = field(default_factory=Verbs)
    memory: Memory = field(default_factory=Memory)
    read_only: bool = False
    now: Callable[[], datetime] = utc_now
    keys: dict[str, str] = field(default_factory=dict)
    """The user's own keys, by id of the action."""
    started: str = ""
    """Id of the job that was started here last, until the page of jobs has gone to it."""
    _changed: Signal[Change] | None = None

    @property
    def changed(self) -> Signal[Change]:
        """Tells subscribers what changed."""
        if self._changed is None:
            raise RuntimeError("no app has taken this world yet")
        return self._changed

    def tell(self, what: Change) -> None:
        """Tell subscribers that something changed; without an app, nobody."""
        if self._changed is not None:
            self._changed.publish(what)

    def belongs_to(self, signal: Signal[Change]) -> None:
        """Take the signal of an app."""
        self._changed = signal
