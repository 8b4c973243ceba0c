"""The program on the lake's page, with what it wishes of others written down instead of done."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from atlasod_tui.tui import wishes
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.lake.levels import identity
from atlasod_tui.tui.screens.lake import LakePage
from atlasod_tui.tui.world import World
from tests.tui.fake_lake import FakeLake
from tests.tui.piloting import make_world, text_of, until


class LakeApp(AtlasodApp):
    """Notes the wishes."""

    CSS_PATH = [Path(inspect.getfile(AtlasodApp)).parent / name for name in AtlasodApp.CSS_PATH]  # noqa: RUF012 - Textual's

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.wished: list[Any] = []

    def _note(self, wish: Any) -> None:
        wish.prevent_default()
        self.wished.append(wish)

    def on_multiply_wanted(self, wish: wishes.MultiplyWanted) -> None:
        self._note(wish)

    def on_analyse_wanted(self, wish: wishes.AnalyseWanted) -> None:
        self._note(wish)

    def on_get_wanted(self, wish: wishes.GetWanted) -> None:
        self._note(wish)

    def on_upload_wanted(self, wish: wishes.UploadWanted) -> None:
        self._note(wish)

    def on_login_wanted(self, wish: wishes.LoginWanted) -> None:
        self._note(wish)

    def on_lake_chosen(self, wish: wishes.LakeChosen) -> None:
        self._note(wish)


class Walk:
    """A walk through the page: keys, waiting, and what is seen."""

    def __init__(self, app: LakeApp, pilot: Pilot[Any], page: LakePage) -> None:
        self.app, self.pilot, self.page = app, pilot, page

    async def until(self, predicate: Any) -> None:
        """Wait for something."""
        await until(self.pilot, predicate)

    async def sees(self, *texts: str) -> None:
        """Wait for texts on the screen."""
        for text in texts:
            await self.until(lambda text=text: text in self.text)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def open(self, *names: str) -> None:
        """Open one row after the other, by name."""
        for name in names:
            table = self.page.here
            await self.until(lambda table=table, name=name: any(name in key for key in map(identity, table.rows)))
            table.seek(next(key for key in map(identity, table.rows) if name in key))
            await self.press("enter")
            await self.until(lambda table=table: self.page.here is not table or self.page.has_class("-about"))
        level = self.page.here.level
        await self.until(lambda: level.error or (level.complete and self.page.here.count == len(level.rows)))

    @property
    def text(self) -> str:
        """What is on the screen."""
        return text_of(self.app)

    def row(self) -> str:
        """Name of the row under the cursor."""
        row: Any = self.page.row
        return "" if row is None else row.name if hasattr(row, "name") else row.did.name


@asynccontextmanager
async def walking(
    lake: FakeLake | None = None, size: tuple[int, int] = (80, 24), world: World | None = None, **wanted: Any
) -> AsyncIterator[Walk]:
    """Begin at the scopes."""
    app = LakeApp(world or make_world(lake, **wanted))
    async with app.run_test(size=size, notifications=True) as pilot:
        page = app.page
        assert isinstance(page, LakePage)
        await until(pilot, lambda: page.lake is app.world.lake and page.here.is_mounted)
        yield Walk(app, pilot, page)
