"""The lake's page: what its keys do; here data are picked, and the program begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.events import Resize
from textual.widgets import Input

from atlasod_tui.lake.model import Rule, Scope
from atlasod_tui.tui import actions, wishes
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.command import Command
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.lake import commands as lake_commands
from atlasod_tui.tui.lake.levels import Row, Spot, below, named, opened
from atlasod_tui.tui.lake.rows import pick_of
from atlasod_tui.tui.lake.written import Written
from atlasod_tui.tui.screens.lake_lists import LakeLists
from atlasod_tui.tui.widgets.details import DetailsPanel
from atlasod_tui.tui.widgets.lake_table import LakeTable
from atlasod_tui.tui.widgets.table import VirtualTable

_NOTHING = "Nothing is picked, and there is no file or dataset under the cursor: space picks."
_DETAILS = "These are the details: esc goes back to the list."
_NO_ROW = "There is no row under the cursor."
_NO_RULE = "No rule is under the cursor: i shows the details, with the rules."


class LakePage(LakeLists):
    """The home of the program: what is done with what the lists show.

    Args:
        world: What pages share.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.LAKE)
    _had_row = False

    def why_not(self, action_id: str) -> str:
        """Return why an action cannot be done now."""
        about = self.has_class("-about")
        possible = {
            "lake.clear": (bool(self.world.basket), "Nothing is picked."),
            "lake.extend": (self.rule is not None, _NO_RULE),
            "lake.remove": (self.rule is not None, _NO_RULE),
            "lake.details": (not about and self.row is not None, _DETAILS if about else _NO_ROW),
            "lake.filter": (not about, _DETAILS),
            "lake.up": (about or len(self.levels.way) > 1, "These are all scopes there are."),
            **dict.fromkeys(("lake.multiply", "lake.analyse", "lake.fetch"), (self._wants_some, _NOTHING)),
        }
        can, sentence = possible.get(action_id, (True, ""))
        if action_id.startswith("lake.") and self.lake is None:
            return "No lake is chosen yet: L chooses one."
        return "" if can else sentence

    # Going about

    @on(VirtualTable.Opened)
    async def _row_opened(self, message: VirtualTable.Opened) -> None:
        if isinstance(message.table, LakeTable):
            await self._open(message.table, message.row)
        elif isinstance(message.table, DetailsPanel) and self.rule is not None:
            await self.action_do("lake.extend")

    @on(VirtualTable.Highlighted)
    def _highlighted(self, message: VirtualTable.Highlighted) -> None:
        if message.table is self.here:
            self.about_soon()
            if (message.row is not None) != self._had_row:
                self._had_row = message.row is not None
                self.show_keys()
        elif message.table is self.details:
            self.show_keys()

    async def action_open(self) -> None:
        """Open the row under the cursor of the list that has the keys."""
        table = self.focused if isinstance(self.focused, LakeTable) else self.here
        if table.cursor is not None and not self.has_class("-about"):
            await self._open(table, table.cursor)

    async def action_up(self) -> None:
        """Go to the list above."""
        if not self.close_details():
            await self._up()

    def back(self) -> bool:
        """Go one step back: clear the filter, close the details, go up."""
        if self._clear_filter() or self.close_details():
            return True
        if isinstance(self.focused, LakeTable) and self.focused is not self.here:
            self.here.focus()
            return True
        if len(self.levels.way) == 1:
            return False
        beside(self, self._up)
        return True

    async def _open(self, table: LakeTable, row: Row) -> None:
        spot = below(row)
        if spot is None:
            self.action_details()
            return
        while self.here is not table and len(self.tables) > 1:
            await self._up(show=False)
        await self._go(spot, table)

    async def _go(self, spot: Spot, above: LakeTable | None = None) -> None:
        self.here.keep()
        table = LakeTable(self.world, self.levels.down(spot), self.facts)
        self.tables.append(table)
        await self.query_one("#tables").mount(table)
        self.show_here()
        if above is not None:
            self.set_focus(table)  # at once: the next key is for it, too
            above.ahead, ahead = [], above.ahead
            table.catch_up(ahead)

    async def _up(self, *, show: bool = True) -> None:
        if len(self.tables) < 2:  # noqa: PLR2004 - the last one stays
            return
        table = self.tables.pop()
        table.keep()
        self.stop(table.level)
        self.levels.up()
        if show:
            self.show_here()
        await table.remove()

    def commands(self) -> Iterator[Command]:
        """Return what was listed already, to be gone to by its name."""
        return lake_commands.commands(self.levels.known(), self.go_to)

    async def go_to(self, way: list[Spot]) -> None:
        """Go along a way that begins below the scopes."""
        self.close_details()
        while len(self.tables) > 1:
            await self._up(show=False)
        for spot in way:
            await self._go(spot)

    # Looking for something

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_input.display = True
        self.filter_input.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        if self.filter_input.display:
            self.here.filter(event.value)

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        """Keep the filter; the line above the list tells it."""
        self.filter_input.display = False
        self.here.focus()

    def _clear_filter(self) -> bool:
        """Show all rows again, and return whether some were hidden, or a filter was being typed."""
        if not (self.filter_input.display or self.here.filter_text) or self.has_class("-about"):
            return False
        self.here.filter("")
        self.filter_input.value = ""
        self.filter_input.display = False
        self.here.focus()
        return True

    def action_search(self) -> None:
        """Ask what to search for, and list what is found."""
        from atlasod_tui.tui.dialogs.search import Search  # noqa: PLC0415 - seldom

        spot, row = self.levels.here.spot, self.row
        scope = spot.scope or (row.name if isinstance(row, Scope) else "")
        self.app.push_screen(Search(self.world, scope, files=bool(spot.name)), self._searched)

    def _searched(self, spot: Spot | None) -> None:
        if spot is not None:
            self.close_details()
            beside(self, self._go, spot)

    def action_details(self) -> None:
        """Show all there is to know of the row under the cursor."""
        if self.row is None:
            return
        if not self.panelled:
            self.add_class("-about")
        self.ask_about(self.row)
        self.details.focus()
        self.show_crumbs()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - that of pages is called, too
        """Show the details where there is room for them now, or in place of the list if they have the keys."""
        if not self.is_mounted:
            return
        self.set_class(not self.panelled and (self.has_class("-about") or self.details.has_focus), "-about")
        self.ask_what_lacks()
        self.show_crumbs()

    # Picking

    @on(VirtualTable.Toggled)
    def _toggled(self, message: VirtualTable.Toggled) -> None:
        if self.lake is None or not isinstance(message.table, LakeTable):
            return
        picks = [pick for row in message.rows if (pick := pick_of(row, self.lake.name)) is not None]
        self.world.basket.toggle(picks)
        self.world.tell("basket")

    def action_clear(self) -> None:
        """Put all back."""
        self.world.basket.clear()
        self.world.tell("basket")

    def action_undo(self) -> None:
        """Take the last change back."""
        if self.world.basket.undo():
            self.world.tell("basket")
        else:
            self.say("There is nothing to take back.")

    @property
    def _wants_some(self) -> bool:
        """Whether something is picked in this lake, or can be under the cursor."""
        if self.lake is None:
            return False
        under = self.row is not None and not isinstance(self.row, Scope)
        return under or self.world.basket.of(self.lake.name) > 0

    def wanted(self) -> tuple[Pick, ...]:
        """Return what is picked in this lake, else what is under the cursor."""
        if self.lake is None:
            return ()
        name = self.lake.name
        picked = tuple(pick for pick in self.world.basket if pick.lake == name)
        pick = pick_of(self.row, name) if self.row is not None else None
        return picked or ((pick,) if pick is not None else ())

    def action_multiply(self) -> None:
        """Have the picks multiplied."""
        self.post_message(wishes.MultiplyWanted(self.wanted()))

    def action_analyse(self) -> None:
        """Have the picks analysed."""
        self.post_message(wishes.AnalyseWanted(self.wanted()))

    def action_fetch(self) -> None:
        """Have the picks fetched."""
        self.post_message(wishes.GetWanted(self.wanted()))

    def action_upload(self) -> None:
        """Have something uploaded."""
        self.post_message(wishes.UploadWanted())

    def action_login(self) -> None:
        """Have the user log in."""
        if self.lake is not None:
            self.post_message(wishes.LoginWanted(self.lake.name))

    # Rules

    @property
    def rule(self) -> Rule | None:
        """The rule under the cursor of the details, where they have the keys."""
        return self.details.rule if self.details.has_focus else None

    def action_extend(self) -> None:
        """Let a rule end later."""
        from atlasod_tui.tui.dialogs.rules import ExtendRule  # noqa: PLC0415 - seldom

        if self.rule is not None and self.lake is not None:
            self.app.push_screen(ExtendRule(self.world, self.rule, self.lake.name), self._rule_changed)

    def action_remove(self) -> None:
        """End a rule."""
        from atlasod_tui.tui.dialogs.rules import remove  # noqa: PLC0415 - seldom

        if self.rule is not None and self.lake is not None:
            remove(self, self.rule, self.lake.name, self._rule_changed)

    def _rule_changed(self, sentence: str | None) -> None:
        """Ask anew about what the rule is on."""
        card = self.details.card
        if sentence is None or card is None or self.facts is None:
            return
        self.say(sentence)
        scope = card.row.name if isinstance(card.row, Scope) else card.row.did.scope
        self.spoil(Written(self.facts.lake.name, scope))

    # The same elsewhere

    def equivalent(self) -> Equivalent | None:
        """Return what lists the same; with the details in front, what shows them."""
        if self.lake is None:
            return None
        card = self.details.card
        if card is None or isinstance(card.row, Scope) or not (self.has_class("-about") or self.details.has_focus):
            return self.levels.here.spot.equivalent(self.lake.name, self.here.filter_text)
        did = card.row.did
        python = opened(self.lake.name, did=True) + f"print(lake.show(DID({did.scope!r}, {did.name!r})))\n"
        return Equivalent(f"Show {did}", ("show", "--lake", self.lake.name, *named(str(did))), python)

    def copied(self) -> Copied | None:
        """Return the address, rule or checksum under the cursor of the details, else the DID."""
        line = self.details.cursor if self.details.has_focus else None
        if line is not None and line.copied is not None:
            return line.copied
        row = self.details.card.row if self.has_class("-about") and self.details.card else self.row
        if row is None:
            return None
        return Copied("scope", row.name) if isinstance(row, Scope) else Copied("DID", str(row.did))
