"""Where the samples come from: what there is to choose from, or a folder, DID or address that is typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text
from textual.widgets import Static

from atlasod_tui import config, shown
from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.tui.analyses.inputs import Input, parts, typed, usual
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialogs.typing_dialog import TypingDialog
from atlasod_tui.tui.widgets.table import Column, VirtualTable
from atlasod_tui.tui.widgets.typing_line import TypingLine

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World

_MOST = 20


class Offer(NamedTuple):
    """An input to choose, what it is, and why it cannot be."""

    source: Input
    about: str
    why_not: str = ""


def offers(
    picks: tuple[Pick, ...], folders: Iterable[tuple[str, str]], now: Input, former: Sequence[Input]
) -> list[Offer]:
    """Return what there is to choose from.

    Args:
        picks: Those of the basket.
        folders: Each with what it is: the lake in front, those of the settings.
        now: The input in force.
        former: Those that were typed before.
    """
    found = [Offer(Input(), "synthetic, small, needs no lake: made by this program, not recorded by ATLAS")]
    if picks:
        try:
            found.append(Offer(Input.of_picks(picks, follows=True), "what is picked in the lake"))
        except UsageError as error:
            found.append(Offer(Input(picks=picks), "", error.whole))
    found += [Offer(Input((folder,)), about) for folder, about in folders]
    found += [Offer(source, "as it is now" if source is now else "as before") for source in (now, *former)]
    first: dict[tuple[str, ...], Offer] = {}
    for offer in found:
        first.setdefault(offer.source.given, offer)
    return list(first.values())[:_MOST]


class AnalyseInput(TypingDialog[Input]):
    """Asks where the samples come from: letters are typed, arrows move in the list; what is typed goes before it.

    Args:
        world: What pages share.
        now: The input in force.
        former: Those that were typed before.
    """

    DEFAULT_CSS = """
    AnalyseInput VirtualTable { height: 8; }
    AnalyseInput #or { height: 1; color: $text-muted; padding: 0; margin: 1 0 0 0; }
    AnalyseInput #typed { background: $panel; }
    AnalyseInput #problem { height: auto; color: $text-error; }
    """
    keys_line = "up down choose   or type   enter take it   esc close"

    def __init__(self, world: World, now: Input, former: Sequence[Input]) -> None:
        super().__init__(world, "Where do the samples come from?")
        self._now, self._former = now, former
        self._rows: list[Offer] = []

    def body(self) -> Iterable[Any]:
        """Compose the list and the line to type on."""
        columns: list[Column[Offer]] = [
            Column("samples of", lambda offer: offer.source.sentence()),
            Column("", lambda offer: offer.why_not or offer.about, 30),
        ]
        yield VirtualTable(columns, identity=lambda offer: offer.source.given, glyphs=self.world.look.glyphs)
        yield Static(Text("or a folder, a file, a DID (SCOPE:NAME), an address (https://, root://):"), id="or")
        yield TypingLine(id="typed")
        yield Static("", id="problem")

    def on_mount(self) -> None:
        """Show what there is, with the cursor on what is in force."""
        of_lake = usual(self.world.lake.name if self.world.lake is not None else "").texts
        folders = [*((folder, "the lake in front") for folder in of_lake), *_folders()]
        self._rows = offers(self.world.basket.picks, folders, self._now, self._former)
        self.below.set_rows(self._rows)
        self.below.seek(self._now.given)
        self.below.can_focus = False
        self.query_one("#typed").focus()
        if of_lake:
            beside(self, self._load_parts, *of_lake)

    async def _load_parts(self, folder: str) -> None:
        """Offer also what is in the folder that the lake is, last: no line moves under the cursor."""
        known = {offer.source.given for offer in self._rows}
        found = await asyncio.to_thread(parts, folder)
        more = [Offer(Input((part,)), f"in the lake: {Path(part).name}") for part in found if (part,) not in known]
        self.below.add_rows(more[: _MOST - len(known)])

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """Choose a line."""
        if event.row.why_not:
            self._complain(event.row.why_not)
        else:
            self.dismiss(event.row.source)

    def on_input_submitted(self) -> None:
        """Choose what was typed; where nothing was, the line under the cursor."""
        if text := self.query_one(TypingLine).meant.strip():
            beside(self, self._load_typed, text, group="typed")
        else:
            self.below.action_open()

    async def _load_typed(self, text: str) -> None:
        lake = self.world.lake.name if self.world.lake is not None else ""
        try:
            source = await asyncio.to_thread(typed, text, lake)
        except AtlasodError as error:
            self._complain(error.whole)
        else:
            self.dismiss(source)

    def _complain(self, sentence: str) -> None:
        sign = self.world.look.glyphs.warning
        self.query_one("#problem", Static).update(Text(f"{sign} {shown.escape(sentence)}"))

    @property
    def below(self) -> VirtualTable[Offer]:
        """The list."""
        return self.query_one(VirtualTable)


def _folders() -> list[tuple[str, str]]:
    found: tuple[str, ...] = ()
    with suppress(UsageError):  # the settings are wrong, which those say who need them
        found = config.load().local_folders
    about = "of local_folders in config.toml"
    return [(os.path.abspath(os.path.expanduser(folder)), about) for folder in found]  # noqa: PTH100, PTH111
