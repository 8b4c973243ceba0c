"""The dialog that chooses another lake: those that have a name, or any folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from rich.text import Text
from textual.widgets import Input, Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.profiles import LOCAL, Profile, lasting
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.lake.offers import lakes
from atlasod_tui.tui.threads import Looking
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from atlasod_tui.tui.wishes import LakeChosen
from atlasod_tui.tui.world import World

_MOST = 12
"""Lakes that are seen at a time."""


class Lakes(Dialog[str]):
    """Chooses the lake in front; the answer is its name.

    Args:
        world: What pages share.
    """

    CSS_PATH = "dialogs.tcss"
    CSS = """
    Lakes #folder { margin: 1 0 0 0; }
    Lakes #verdict { color: $text-error; }
    """
    keys_line = "enter go there   tab a folder   esc stay"

    def __init__(self, world: World) -> None:
        super().__init__(world, "Go to another lake")
        self._looking = Looking(_folder)
        columns: list[Column[Profile]] = [
            Column("lake", lambda one: "folder" if one.name.startswith("/") else one.name, 20),
            Column("", lambda one: one.about),
            Column("", self._here, 4),
        ]
        self._table = VirtualTable(columns, identity=lambda one: one.name, glyphs=world.look.glyphs, id="lakes")

    def body(self) -> Iterable[Any]:
        """List the lakes, over a field for a folder."""
        self._table.styles.height = 2
        yield self._table
        yield Field("or a folder", id="folder")
        yield Static("", id="verdict")

    def on_mount(self) -> None:
        """Look which lakes there are."""
        self._table.focus()
        beside(self, self._load_lakes)

    async def _load_lakes(self) -> None:
        try:
            found = await asyncio.to_thread(offered, tuple(self.world.memory.kept.folders))
        except AtlasodError as error:
            self._complain(error.whole)
            return
        self._table.styles.height = min(len(found), _MOST) + 1
        self._table.set_rows(found)
        if self.world.lake is not None:
            self._table.seek(self.world.lake.name)

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """Go to the lake under the cursor."""
        if isinstance(message.row, Profile):
            self._choose(message.row.name)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to a folder, if it is one."""
        event.stop()
        beside(self, self._load_folder, self.query_one(Field).text.strip(), group="folder")

    async def _load_folder(self, text: str) -> None:
        if folder := await self._looking.at(text):
            self._choose(folder)
        else:
            self._complain(f"{text or 'Nothing'} is no folder.")

    def _choose(self, name: str) -> None:
        self.app.post_message(LakeChosen(name))
        self.dismiss(name)

    def _complain(self, sentence: str) -> None:
        text = Text(f"{self.world.look.glyphs.warning} {shown.escape(sentence)}")
        self.query_one("#verdict", Static).update(text)

    def _here(self, profile: Profile) -> Cell:
        here = self.world.lake is not None and self.world.lake.name == profile.name
        return Cell("here" if here else "", "accent")


def offered(folders: Iterable[str]) -> list[Profile]:
    """Return the lakes there can be, the folder that this program was started in by its path, and those used before.

    Raises:
        UsageError: If ``config.toml`` names a lake as none can be.
    """
    found = [msgspec.structs.replace(one, name=lasting(LOCAL)) if one.name == LOCAL else one for one in lakes()]
    known = {one.name for one in found}
    return found + [Profile(folder, f"the folder {shown.path(folder)}") for folder in folders if folder not in known]


def _folder(text: str) -> str:
    """Return the path of the folder that is meant; empty if there is none."""
    try:
        path = Path(text).expanduser()
        return str(path.absolute()) if text and path.is_dir() else ""
    except (OSError, ValueError, RuntimeError):
        return ""
