"""Where the files of an order go in a lake: as options of the command, and as Python."""

from __future__ import annotations

from dataclasses import dataclass

from atlasod_tui.tui.equivalent import lifetime as lifetime_word
from atlasod_tui.tui.equivalent import option

WEEK = 604800
"""Seconds that an upload lasts, if nothing else is asked for."""


@dataclass(frozen=True)
class Upload:
    """Where an order's files go in a lake.

    Attributes:
        lake: Name of the lake.
        rses: Storage elements; the first that takes them gets the bytes.
        lifetime: Seconds; None for ever.
        dataset: Empty: a new one, whose name is made.
        scope: Empty: the one of this account.
    """

    lake: str
    rses: tuple[str, ...]
    lifetime: int | None = WEEK
    dataset: str = ""
    scope: str = ""

    @property
    def words(self) -> list[str]:
        """The options that say it, but for the lake."""
        return [
            *option("--rse", ",".join(self.rses)),
            *option("--lifetime", lifetime_word(self.lifetime)),
            *option("--scope", self.scope),
            *option("--dataset", self.dataset),
        ]

    def target(self, title: str, metadata: str = "") -> list[str]:
        """Return the lines of Python that make a `Target` called ``target``."""
        lines = [
            "target = Target(",
            f"    rses={list(self.rses)!r},",
            "    run_id=new_run_id(),",
            f"    lake={self.lake!r},",
            f"    title={title},",
            f"    lifetime={self.lifetime!r},  # seconds; None: for ever",
        ]
        lines += [f"    scope={self.scope!r},"] if self.scope else []
        lines += [f"    dataset={self.dataset!r},"] if self.dataset else []
        lines += [f"    metadata={metadata},"] if metadata else []
        return [*lines, ")"]
