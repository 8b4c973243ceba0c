"""What the browsing verbs answer: written as it arrives, and with its age where it is an old answer."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from atlasod_tui import shown
from atlasod_tui.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from atlasod_tui.cli.options import Wishes
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.listings import Remembered

_Record = TypeVar("_Record")

_SPANS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Listing:
    """The lake of a verb, which remembers, and the verb's answer.

    In JSON the answer is an object with ``lake``, ``cached_since`` (null, or when the lake gave an old answer) and what
    was asked for. A document that breaks off was not completed by the lake.

    Args:
        wishes: How the user wants to be told.
        lake: Of the verb.
    """

    def __init__(self, wishes: Wishes, lake: Lake) -> None:
        from atlasod_tui.lake.listings import remembering  # noqa: PLC0415 - not for --help

        self._wishes, self._name = wishes, lake.name
        self.lake = remembering(lake, self._told)
        self.since: datetime | None = None
        """When the lake gave this answer, if it is away."""

    @property
    def head(self) -> dict[str, object]:
        """Of the JSON document; to be looked at when the first record is there."""
        return {"lake": self._name, "cached_since": self.since}

    def say(
        self,
        what: str,
        records: Iterable[_Record],
        header: Sequence[str],
        cells: Callable[[_Record], Sequence[str]],
        *,
        right: Iterable[str] = (),
    ) -> None:
        """Write the records as they come, as a table or as the JSON list ``what``."""
        if self._wishes.json:
            self._say_json(what, records)
        else:
            self._say_table(what, header, map(cells, records), right)

    def _say_table(self, what: str, header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str]) -> None:
        remaining = iter(rows)
        first = list(islice(remaining, 1))
        output.say_table(header, chain(first, remaining), right=right)
        if not first and not self._wishes.quiet:
            output.note(f"no {what}")

    def _say_json(self, what: str, records: Iterable[_Record]) -> None:
        remaining = iter(records)
        first = list(islice(remaining, 1))
        output.say(f'{output.json_text(self.head).removesuffix("}").rstrip()},\n  "{what}": [')
        before = ""
        for record in chain(first, remaining):
            if before:
                output.say(f"{before},")
            before = "    " + output.json_text(record).replace("\n", "\n    ")
        output.say(f"{before}\n  ]\n}}" if before else "  ]\n}")

    def _told(self, old: Remembered) -> None:
        if self.since is None:
            age = f"this is what it answered {ago(old.since)}"
            output.note(shown.escape(f"the lake {self._name} is away ({old.why.message}); {age}"))
        self.since = old.since


def ago(since: datetime) -> str:
    """Return how long ago something was."""
    from datetime import UTC, datetime  # noqa: PLC0415 - not for --help

    seconds = max(int((datetime.now(UTC) - since).total_seconds()), 0)
    span, unit = next(((span, unit) for span, unit in _SPANS if seconds >= span), (1, "s"))
    return f"{seconds // span} {unit} ago"
