"""What the program can do, by name: a line to type on over what fits it so far."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui import actions, wishes
from atlasod_tui.tui.acting import Acting, Opener
from atlasod_tui.tui.actions import Action, Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.command import Command, HasCommands, found
from atlasod_tui.tui.dialogs.typing_dialog import TypingDialog
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from atlasod_tui.tui.widgets.table_told import Highlighted, Opened
from atlasod_tui.tui.widgets.typing_line import TypingLine
from atlasod_tui.tui.world import World

_NO_COMMANDS = {"app.commands", "app.back", "table.up", "table.down", "table.page_up", "table.page_down"} | {
    "app.panel",
    "app.panel_before",
}
"""Actions that are of no use once their name has been typed."""
_USE = "use "


class Commands(TypingDialog[None]):
    """Takes a command and does it.

    Args:
        world: What pages share.
        screen: What is in front; where it, or the app, `HasCommands` commands, these are listed.
    """

    CSS = """
    Commands { align: center top; }
    Commands > .dialog { height: 100%; max-height: 26; width: 90; }
    Commands #inside { height: 1fr; }
    """
    keys_line = "type a few letters   up down choose   enter do it   esc close"

    def __init__(self, world: World, screen: Screen[Any]) -> None:
        super().__init__(world, "Command")
        self._screen = screen
        self._commands: list[Command] = []
        self._worn = world.look.theme.name
        columns: list[Column[Command]] = [
            Column("command", lambda command: Cell(command.name, "muted" if command.refused else "accent"), width=22),
            Column("", _about),
            Column("key", lambda command: Cell(command.key, "muted"), width=6),
        ]
        self._table = VirtualTable(
            columns, glyphs=world.look.glyphs, placeholder="No command has these letters in this order.", id="found"
        )

    def body(self) -> Iterable[Any]:
        """Compose the line over the table."""
        yield TypingLine(placeholder="analyse HZZ, use sandbox, theme light, jobs...")
        yield self._table

    def on_mount(self) -> None:
        """List what is known at once, and have the rest looked up."""
        self._table.can_focus = False
        self.query_one(TypingLine).focus()
        offers = [each.commands() for each in (self._screen, self.app) if isinstance(each, HasCommands)]
        self._commands = [*self._actions(), *chain(*offers), *self._themes(), *self._jobs()]
        self._find()
        beside(self, self._load_names)

    # What there is

    def _actions(self) -> Iterator[Command]:
        here = [self._screen.place, Place.TABLE] if isinstance(self._screen, Page) else []
        for place in (*here, Place.EVERYWHERE):
            for action in actions.of(place):
                if action.id not in _NO_COMMANDS and (command := self._of_action(action)) is not None:
                    yield command

    def _of_action(self, action: Action) -> Command | None:
        if action.place is Place.TABLE:
            return self._of_table(action)
        owner = self.app if action.place is Place.EVERYWHERE else self._screen
        if not isinstance(owner, Acting):
            return None
        return _command(action, lambda: owner.action_do(action.id), self.world, owner.refusal(action))

    def _of_table(self, action: Action) -> Command | None:
        """Return an action of the list that has the keys, if it is one."""
        table: Widget | None = self._screen.focused
        if not isinstance(table, VirtualTable) or not table.check_action(action.method, ()):
            return None
        return _command(action, getattr(table, f"action_{action.method}"), self.world, "")

    def _themes(self) -> Iterator[Command]:
        app = self.app
        if isinstance(app, Dressed):
            for name, theme in sorted(app.themes.found.items()):
                yield Command(
                    f"theme {name}", partial(self._keep, name), theme.about, preview=partial(self._wear, name)
                )

    def _jobs(self) -> Iterator[Command]:
        for job in self.world.jobs.jobs:
            about = f"Show the job: {job.title}, {job.status.state}"
            yield Command(f"job {job.id}", partial(self._wish, wishes.JobWanted(job.id)), about)

    async def _load_names(self) -> None:
        """Add what has to be read from files: lakes and analyses."""
        lakes, analyses = await asyncio.to_thread(_names)
        self._commands += [self._use(name, f"Go to the lake: {about}") for name, about in lakes]
        self._commands += [
            Command(f"analyse {name}", partial(self._wish, wishes.AnalysisWanted(name)), title)
            for name, title in analyses
        ]
        self._find()

    def _use(self, name: str, about: str) -> Command:
        return Command(f"{_USE}{name}", partial(self._wish, wishes.LakeChosen(name)), about)

    def _wish(self, wish: Message) -> None:
        self.app.post_message(wish)

    # What is typed

    def on_input_changed(self) -> None:
        """Find what fits."""
        self._find()

    def _find(self) -> None:
        typed = self.query_one(TypingLine).value.removeprefix(":")
        hits = found(typed, self._commands)
        if not hits and typed.startswith(_USE) and (folder := typed.removeprefix(_USE).strip()):
            hits = [self._use(str(Path(folder).expanduser()), "Go to this folder, or to the lake of this name")]
        self._table.set_rows(hits)
        self._table.move_to(0)

    def on_input_submitted(self) -> None:
        """Do the one under the cursor."""
        self._do(self._table.cursor)

    def on_virtual_table_opened(self, message: Opened) -> None:
        """Do the one that was clicked."""
        if isinstance(message.row, Command):
            self._do(message.row)

    def on_virtual_table_highlighted(self, message: Highlighted) -> None:
        """Show what the one under the cursor would do, as far as it can be shown."""
        preview = message.row.preview if isinstance(message.row, Command) else None
        if preview is not None and self.query_one(TypingLine).value:
            preview()
        else:
            self._wear(self._worn)

    def _do(self, command: Command | None) -> None:
        if command is None:
            return
        if command.refused:
            self.say(command.refused)
            return
        self._wear(self._worn)
        self.dismiss(None)
        self.app.call_later(_run, self.opener, command)

    def action_close(self) -> None:
        """Close, and take back what was only shown."""
        self._wear(self._worn)
        self.dismiss(None)

    def _wear(self, name: str) -> None:
        if isinstance(self.app, Dressed):
            self.app.wear(name)

    def _keep(self, name: str) -> None:
        self._wear(name)
        self.world.memory.kept.theme = name

    @property
    def below(self) -> VirtualTable[Command]:
        """The list."""
        return self._table


def _about(command: Command) -> Cell:
    return Cell(command.refused, "muted") if command.refused else Cell(command.about)


def _command(action: Action, run: Any, world: World, refused: str) -> Command:
    first, *others = action.aliases or (action.name,)
    command = Command(first, run, action.description, key_of(action, world.keys), (*others, action.name))
    return replace(command, refused=refused)


async def _run(opener: Opener, command: Command) -> None:
    try:
        done = command.run()
        if inspect.isawaitable(done):
            await done
    except AtlasodError as error:
        opener.open_error(error)


def _names() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the lakes and the analyses there are, each with what it is; reads files."""
    from atlasod_tui.engine import registry  # noqa: PLC0415 - not at start-up
    from atlasod_tui.tui.lake import offers  # noqa: PLC0415

    try:
        lakes = [(profile.name, profile.about) for profile in offers.lakes()]
    except AtlasodError:
        lakes = []
    analyses = [
        (each.name, f"This file is broken: {each.error}" if isinstance(each, registry.BrokenAnalysis) else each.title)
        for each in registry.find_analyses().values()
    ]
    return lakes, analyses
