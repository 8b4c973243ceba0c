from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollUp
from textual.geometry import Region
from textual.pilot import Pilot

from atlasod_tui.tui.widgets import table_listing, table_rows
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from tests.tui import hostile
from tests.tui.piloting import text_of, until

File = tuple[str, int | None]
FILES: list[File] = [(f"file{number:03}.root", (number * 37) % 101) for number in range(100)]
NAME = Column[File]("name", lambda file: file[0], sort=lambda file: file[0])
SIZE = Column[File]("size", lambda file: f"{file[1]} MB", 8, right=True, sort=lambda file: file[1])
STATE = Column[File]("state", lambda file: Cell("ok", "good") if file[1] else "", 5, from_width=60)


class Tabled(App[None]):
    """A table between two others who hear its messages."""

    BINDINGS = [("v", "note('v')", ""), ("s", "note('s')", ""), ("escape", "note('escape')", "")]  # noqa: RUF012

    def __init__(self, files: list[File], *, pickable: bool = True, columns: Any = (NAME, SIZE, STATE)) -> None:
        super().__init__()
        self.files, self.picked = files, set[File]()
        self.heard: list[tuple[str, Any]] = []
        self.table: VirtualTable[File] = VirtualTable(
            columns,
            identity=lambda file: file[0],
            marks=(lambda file: "●" if file in self.picked else " ") if pickable else None,
            placeholder="Nothing here.\nesc shows all.",
        )

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        self.table.set_rows(self.files)

    def action_note(self, key: str) -> None:
        self.heard.append(("key", key))

    def on_virtual_table_highlighted(self, message: VirtualTable.Highlighted) -> None:
        self.heard.append(("highlighted", message.row))

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        self.heard.append(("opened", message.row))

    def on_virtual_table_seen(self, message: VirtualTable.Seen) -> None:
        self.heard.append(("seen", message.rows))

    def on_virtual_table_toggled(self, message: VirtualTable.Toggled) -> None:
        self.heard.append(("toggled", message.rows))
        self.picked ^= set(message.rows)
        self.table.redraw()

    def last(self, what: str) -> Any:
        return next((told for kind, told in reversed(self.heard) if kind == what), "nothing")


def walk(
    steps: Callable[[Pilot[None], Tabled], Awaitable[None]],
    app: Tabled | None = None,
    size: tuple[int, int] = (80, 24),
) -> None:
    async def run() -> None:
        tabled = app or Tabled(FILES)
        async with tabled.run_test(size=size) as pilot:
            await until(pilot, lambda: not tabled.files or tabled.table.count)
            await steps(pilot, tabled)

    asyncio.run(run())


def test_moves_picks_and_tells() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        table = app.table
        assert text_of(app).splitlines()[0].split() == ["name", "size", "state"]
        await until(pilot, lambda: app.last("seen") == FILES[:23])
        await pilot.press("j", "down", "k", "pagedown")
        assert table.cursor == FILES[24]
        assert table.seen() == FILES[23:46]
        await until(pilot, lambda: app.last("highlighted") == FILES[24])
        await until(pilot, lambda: app.last("seen") == FILES[23:46])
        await pilot.press("G", "down", "enter")
        assert app.last("opened") == FILES[99]
        assert text_of(app).splitlines()[-1].startswith("▶  file099.root")
        await pilot.press("g", "space")
        assert app.last("toggled") == [FILES[0]]
        assert table.cursor == FILES[1]
        assert text_of(app).splitlines()[1].startswith(" ● file000.root")
        await pilot.press("v", "down", "down")
        assert [line[0] for line in text_of(app).splitlines()[1:6]] == [" ", "│", "│", "▶", " "]
        await pilot.press("space")
        assert app.last("toggled") == FILES[1:4]
        await pilot.press("v", "up", "escape", "escape")
        assert app.last("key") == "escape"
        assert [told for kind, told in app.heard if kind == "key"] == ["escape"]
        await pilot.press("asterisk")
        assert app.last("toggled") == FILES
        assert app.picked == set(FILES[4:])

    walk(steps)


def test_cursor_stays_on_its_row_while_others_arrive_are_filtered_and_sorted() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        table = app.table
        await pilot.press("s", "s", *["down"] * 30)
        assert table.sorted_by is SIZE
        here, line = table.cursor, table.seen().index(table.cursor or ("", 0))
        for batch in range(4):
            table.add_rows([(f"more{batch}{number}", number - 50) for number in range(40)])
        await until(pilot, lambda: table.count == 260)
        assert table.cursor == here
        assert table.seen().index(here or ("", 0)) == line
        sizes = [size for _, size in table.chosen]
        assert sizes == sorted(sizes, key=lambda size: size or 0)
        await pilot.press("S")
        assert table.cursor == here
        table.filter("FILE")
        await until(pilot, lambda: table.count == 100)
        assert table.cursor == here
        table.filter("more")
        await until(pilot, lambda: table.count == 160)
        table.add_rows([("x", 1000), ("morest", 1000)])
        await until(pilot, lambda: table.count == 161)
        table.filter("")
        await until(pilot, lambda: table.count == 262)
        assert table.cursor == here
        table.set_rows([(name, None) for name, _ in FILES])
        assert table.cursor == ((here or ("", 0))[0], None)
        table.seek("file042.root")
        assert table.cursor == ("file042.root", None)
        table.clear()
        table.filter("nothing like it")
        table.seek("late")
        assert "Nothing here." in text_of(app)
        await until(pilot, lambda: app.last("highlighted") is None)
        table.filter("")
        table.add_rows(FILES)
        table.add_rows([("late", 1)])
        await until(pilot, lambda: table.cursor == ("late", 1))

    walk(steps)


def test_long_lists_are_arranged_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        monkeypatch.setattr(table_listing, "_SLICE", 0.0)
        monkeypatch.setattr(table_rows, "_SLICE", 10)
        app.table.filter("1")
        assert app.table.count == 100
        await pilot.press("down")
        app.table.filter("11")
        app.table.add_rows([("11", 11)])
        await until(pilot, lambda: [name for name, _ in app.table.chosen] == ["file011.root", "11"])

    walk(steps)


def test_only_what_changed_is_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        dirty: list[Region] = []
        monkeypatch.setattr(app.table, "refresh", lambda *regions: dirty.extend(regions))
        app.table.redraw()
        assert dirty == []
        await pilot.press("down")
        assert [region.y for region in dirty] == [1, 2]
        dirty.clear()
        app.picked.add(FILES[0])
        app.table.redraw()
        assert dirty == [Region(0, 1, 2, 1)]
        dirty.clear()
        app.table.add_rows([("more", 1)])
        assert dirty == []

    walk(steps)


def test_hostile_names_stay_in_their_cells() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        for _ in hostile.NAMES:
            shown = text_of(app)
            assert not hostile.FORBIDDEN - {"\n"} & set(shown)
            assert sum("MB" in line for line in shown.splitlines()) == len(hostile.NAMES)
            await pilot.press("down")
        assert "[bold red]markup" in text_of(app)

    walk(steps, Tabled([(name, 1) for name in hostile.NAMES]))


def test_keys_that_mean_nothing_here_are_left_to_the_page() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        await pilot.press("v", "s", "space", "asterisk", "enter", "down", "pagedown")
        assert [told for kind, told in app.heard if kind == "key"] == ["v", "s"]
        app.table.clear()
        await pilot.press("enter", "down", "pagedown", "G")
        assert app.table.cursor is None
        assert app.last("toggled") == "nothing"

    walk(steps, Tabled(FILES, pickable=False, columns=[Column[File]("name", lambda file: file[0])]))


def test_mouse_moves_opens_scrolls_and_sorts() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        table = app.table
        await pilot.click(table, offset=(10, 5))
        assert table.cursor == FILES[4]
        assert app.last("opened") == "nothing"
        await pilot.click(table, offset=(10, 5))
        assert app.last("opened") == FILES[4]
        await pilot.click(table, offset=(10, 0))
        assert table.sorted_by is NAME
        await pilot.click(table, offset=(10, 0))
        assert table.reverse
        assert "▼" in text_of(app).splitlines()[0]
        await pilot.click(table, offset=(79, 23))
        assert table.seen()[-1] == FILES[0]
        await pilot._post_mouse_events([MouseScrollUp], table, (5, 5))
        assert table.seen()[-1] == FILES[3]

    walk(steps)


def test_other_colours_are_worn_at_once_and_only_those_needed_are_made() -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        def colours() -> set[str]:
            return {str(segment.style) for y in range(3) for segment in app.table.render_line(y)}

        before = colours()
        assert app.table._component_styles.keys() == {"table--header", "table--cursor", "table--good"}
        app.theme = "textual-light"
        await until(pilot, lambda: not before & colours())
        with pytest.raises(KeyError):
            app.table.get_component_styles("table--unheard-of")
        app.set_focus(None)
        await until(pilot, lambda: "table--resting" in app.table._component_styles)

    walk(steps)


@pytest.mark.parametrize("size", [(60, 16), (59, 5), (20, 2), (3, 1)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: Tabled) -> None:
        assert ("state" in text_of(app)) == (size[0] >= 60)
        await pilot.press("G")
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "state" in text_of(app))
        assert app.table.cursor == FILES[99]
        assert len(app.table.seen()) == 29

    walk(steps, size=size)
