"""The table alone, with as many files as are asked for: ``python -m tests.benchmarks.screen_table 100000``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult

from atlasod_tui import shown
from atlasod_tui.lake.model import FileEntry
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from tests.benchmarks.screen_rows import entry


def replicas(file: FileEntry) -> Cell:
    """Return what a list of files may show of replicas."""
    return Cell("●○ 1/2 !", "warning") if (file.events or 0) % 5 == 0 else Cell("●● 2/2")


COLUMNS = (
    Column[FileEntry]("name", lambda file: file.did.name, sort=lambda file: file.did.name),
    Column[FileEntry]("size", lambda file: shown.size(file.bytes or 0, "B"), 8, right=True),
    Column[FileEntry]("events", lambda file: shown.size(file.events or 0), 7, right=True),
    Column[FileEntry]("replicas", replicas, 8),
)


class TableAlone(App[None]):
    """Nothing but a table."""

    def compose(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, marks=lambda file: "●" if (file.events or 0) % 11 == 0 else " ")

    def on_mount(self) -> None:
        table = self.query_one(VirtualTable)
        table.focus()
        table.set_rows([entry(number) for number in range(int(sys.argv[1]))])


if __name__ == "__main__":
    TableAlone().run()
