"""A table of any number of rows that draws the lines on the screen only, and of these the ones that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, Self, TypeAlias

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp, Resize
from textual.geometry import Region, Size
from textual.strip import Strip

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.cells import Cell, Column, Row, wrapped
from atlasod_tui.tui.looks.look import UNICODE, Glyphs
from atlasod_tui.tui.widgets import table_told as told
from atlasod_tui.tui.widgets.table_ahead import Act, in_its_turn
from atlasod_tui.tui.widgets.table_line import Painter, changed_cells
from atlasod_tui.tui.widgets.table_listing import Listing

__all__ = ["Cell", "Column", "VirtualTable"]

_AROUND = 4
"""Cells beside a placeholder."""
_WHEEL = 3
"""Rows that a turn of the mouse wheel scrolls by."""
_NEEDS = {"pick": "marks", "range": "marks", "invert": "marks", "sort": "sorting", "reverse": "sorting"}


class VirtualTable(Listing[Row], Generic[Row], can_focus=True):
    """Rows in columns, with a cursor, live filter, sorting, and a range to pick.

    It knows nothing of what is picked: it asks ``marks``, and tells what the user did.

    Args:
        columns: From left to right; the first is what a filter looks at, unless ``text`` says otherwise.
        text: What a filter looks at.
        identity: What makes a row the same one after `set_rows`; the row itself without it.
        marks: One character before a row (picked), maybe with a style; without it nothing can be picked here.
        glyphs: What to draw with.
        placeholder: Lines shown where there are no rows.
    """

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        & > .table--header { color: $text-muted; text-style: bold; }
        & > .table--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
        }
        & > .table--resting {
            color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background;
            text-style: $block-cursor-blurred-text-style;
        }
        & > .table--range { background: $panel; }
        & > .table--muted { color: $text-muted; }
        & > .table--good { color: $text-success; }
        & > .table--warning { color: $text-warning; }
        & > .table--bad { color: $text-error; }
        & > .table--accent { color: $text-accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"table--{name}"
        for name in ("header", "cursor", "resting", "range", "muted", "good", "warning", "bad", "accent")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Place.TABLE, dispatched=False),
        Binding("escape", "leave_range", show=False),
    ]
    ALLOW_SELECT: ClassVar[bool] = False
    ALLOW_MAXIMIZE: ClassVar[bool | None] = True

    Highlighted: TypeAlias = told.Highlighted
    Opened: TypeAlias = told.Opened
    Seen: TypeAlias = told.Seen
    Toggled: TypeAlias = told.Toggled
    Arranged: TypeAlias = told.Arranged

    def __init__(  # noqa: PLR0913 - each names something
        self,
        columns: Sequence[Column[Row]],
        *,
        text: Callable[[Row], str] | None = None,
        identity: Callable[[Row], object] | None = None,
        marks: Callable[[Row], str | Cell] | None = None,
        glyphs: Glyphs = UNICODE,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's
        classes: str | None = None,
    ) -> None:
        super().__init__(text or self._first_cell, identity, id, classes)
        self.columns = tuple(columns)
        self.sorted_by: Column[Row] | None = None
        self.reverse = False
        self._marks = marks
        self._placeholder, self._more = placeholder, glyphs.more
        self._painter = Painter(self.columns, glyphs, marked=marks is not None, styles=self._style_named)
        self._frame: list[Strip] = []
        self._frame_size = Size(0, 0)
        self._named_styles: dict[str, Style] = {}
        self._dragging = False
        self._opened_at: int | None = None
        self._leaving = False
        self.ahead: list[Act] = []
        """What is to be done when the first rows are there, here or in the list that is opened."""

    @property
    def awaiting(self) -> bool:
        """Whether the first rows are on their way, or another list is, for which the keys are meant."""
        return self._leaving or (not self.count and (self._arranging or self._batch_timer is not None))

    @property
    def placeholder(self) -> str:
        """What is shown where there are no rows."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, text: str) -> None:
        self._placeholder = text
        self.redraw()

    def sort_by(self, column: Column[Row] | str | None, *, reverse: bool = False) -> None:
        """Sort by a column, or that of a title; None, or what cannot be sorted by: the order of arrival."""
        if isinstance(column, str):
            column = next((one for one in self.columns if one.title == column), None)
        self.sorted_by = column if column is not None and column.sort is not None else None
        self.reverse = reverse and self.sorted_by is not None
        self._rows.sort(self.sorted_by.sort if self.sorted_by else None, reverse=self.reverse)
        self._paint([0])  # at once: long lists take a while
        self._arrange()

    def redraw(self) -> None:
        """Draw anew what changed: to be called when marks or cells tell something else."""
        self._paint(range(self.size.height))

    def catch_up(self, ahead: Sequence[Act] = ()) -> None:
        """Do what was to be done when the first rows are there, if they are; where there are none, forget it."""
        self.ahead += ahead
        while self.ahead and not self.awaiting:
            act = self.ahead.pop(0)
            if self.count:
                act(self)

    def _arranged(self) -> None:
        super()._arranged()
        self.catch_up()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Return a line as it was drawn."""
        if self._frame_size != self.size or not self._frame:
            self._draw_all()
        return self._frame[y] if y < len(self._frame) else Strip.blank(self.size.width, self._style_named(""))

    def notify_style_update(self) -> None:
        """Hear of other colours."""
        super().notify_style_update()
        self._named_styles.clear()
        self._frame = []

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Have regions repainted; without any, all is drawn anew, maybe in other colours."""
        if repaint and not regions:
            self._named_styles.clear()
            self._frame = []
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - asked for its size instead, which may be newer
        """Take the new size."""
        self._draw_all()
        self._tell()

    def _draw_all(self) -> None:
        self._frame_size = self.size
        self._painter.resize(self.size.width)
        self._window.page = max(self.size.height - 1, 1)
        self._window.clamp()
        self._frame = self._lines(range(self.size.height))

    def lay_out(self) -> None:
        """Draw anew what changed, with the columns that are wanted now."""
        self._painter.resize(self._painter.width)
        self.redraw()

    def _redraw_rows(self, *places: int) -> None:
        self._paint([1 + place - self._window.head for place in places])

    def _paint(self, lines: Sequence[int]) -> None:
        """Draw lines, and have those parts of them repainted that changed."""
        if self._frame_size != self.size or not self._frame:
            self.refresh()
            return
        dirty = []
        for y, strip in zip(lines, self._lines(lines), strict=True):
            if cells := changed_cells(self._frame[y], strip, self._painter.width):
                self._frame[y] = strip
                dirty.append(Region(0, y, cells, 1))
        if dirty:
            self.refresh(*dirty)

    def _lines(self, lines: Iterable[int]) -> list[Strip]:
        window, ranged, thumb = self._window, self._range(), self._window.thumb
        cursor = "cursor" if self.has_focus else "resting"
        drawn = []
        for y in lines:
            at = window.head + y - 1
            if y == 0:
                drawn.append(self._painter.header(self.sorted_by, reverse=self.reverse))
            elif at < window.count:
                row = self._row(at)
                mark = self._marks(row) if self._marks is not None else ""
                under = cursor if at == window.at else ""
                drawn.append(self._painter.row(row, mark, under=under, ranged=at in ranged, thumb=y - 1 in thumb))
            else:
                drawn.append(self._painter.text(self._placeholder_line(y - 2)))
        return drawn

    def _placeholder_line(self, y: int) -> str:
        if self.count:
            return ""
        width = self.size.width - _AROUND
        lines = [part for line in self._placeholder.splitlines() for part in wrapped(line, width, self._more)]
        return lines[y] if 0 <= y < len(lines) else ""

    def _style_named(self, name: str) -> Style:
        style = self._named_styles.get(name)
        if style is None:
            style = self.get_component_rich_style(f"table--{name}") if name else self.rich_style
            self._named_styles[name] = style
        return style

    def _first_cell(self, row: Row) -> str:
        cell = self.columns[0].cell(row)
        return cell.text if isinstance(cell, Cell) else cell

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show by the cursor whether keys come here; those that waited are not meant any more once they do not."""
        super().watch_has_focus(has_focus)
        if has_focus:
            self._leaving = False
        else:
            self.ahead.clear()
        if self.count:
            self._redraw_rows(self._window.at)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave the keys to the page that are of no use here."""
        match _NEEDS.get(action):
            case "marks":
                return self._marks is not None
            case "sorting":
                return any(column.sort is not None for column in self.columns)
        return action != "leave_range" or self._anchor is not None

    @in_its_turn
    def action_up(self) -> None:
        """Go a row up."""
        self.move_to(self._window.at - 1)

    @in_its_turn
    def action_down(self) -> None:
        """Go a row down."""
        self.move_to(self._window.at + 1)

    @in_its_turn
    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    @in_its_turn
    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(self.count - 1)

    @in_its_turn
    def action_page_up(self) -> None:
        """Turn a page back."""
        self._move(self._window.turn, -1)

    @in_its_turn
    def action_page_down(self) -> None:
        """Turn a page."""
        self._move(self._window.turn, 1)

    @in_its_turn
    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.count:
            self.post_message(told.Opened(self, self.cursor))
            self._leaving = self.cursor is not None and self.leads_on(self.cursor)

    def leads_on(self, row: Row) -> bool:  # noqa: ARG002 - for those that do
        """Return whether another list comes in place of this one when a row is opened."""
        return False

    @in_its_turn
    def action_pick(self) -> None:
        """Pick the row and move down, or pick the range."""
        if not self.count:
            return
        if rows := self.ranged:
            self.leave_range()
            self.post_message(told.Toggled(self, rows))
        else:
            self.post_message(told.Toggled(self, [self.cursor]))
            self.action_down()

    @in_its_turn
    def action_range(self) -> None:
        """Begin a range, or give it up."""
        if not self.leave_range():
            self._anchor = self._current = self._number
            self._moved = True
            self.redraw()

    def action_leave_range(self) -> None:
        """Give the range up."""
        self.leave_range()

    def action_invert(self) -> None:
        """Pick what is not picked, of the rows that are shown, and put back what is."""
        if self.count:
            self.post_message(told.Toggled(self, self.chosen))

    def action_sort(self) -> None:
        """Sort by the next column; after the last, not at all."""
        there: list[Column[Row] | None] = [field.column for field in self._painter.fields if field.column.sort]
        after = there.index(self.sorted_by) + 1 if self.sorted_by in there else 0
        self.sort_by([*there, None][after])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.sort_by(self.sorted_by, reverse=not self.reverse)

    # Mouse

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll."""
        event.stop()
        self._move(self._window.scroll_to, self._window.head + _WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll."""
        event.stop()
        self._move(self._window.scroll_to, self._window.head - _WHEEL)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of the scroll bar."""
        if event.x == self.size.width - 1 and event.y > 0 and self._window.thumb:
            self._dragging = True
            self.capture_mouse()
            self._drag(event.y)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Drag the scroll bar."""
        if self._dragging:
            self._drag(event.y)

    def on_mouse_up(self, event: MouseUp) -> None:  # noqa: ARG002 - wherever it is
        """Let the scroll bar go."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _drag(self, y: int) -> None:
        self._move(self._window.scroll_to, self._window.head_at(y - 1))

    def on_click(self, event: Click) -> None:
        """Go to a row, open the one under the cursor, or sort by the column of a title."""
        if event.y == 0:
            column = self._painter.column_at(event.x)
            if column is not None and column.sort is not None:
                self.sort_by(column, reverse=column is self.sorted_by and not self.reverse)
            return
        at = self._window.head + event.y - 1
        if at >= self.count or event.x == self.size.width - 1:
            return
        if at != self._window.at:
            self._opened_at = None
            self.move_to(at)
        elif event.chain == 1 or self._opened_at != at:  # the second click of two on a row that is open already
            self._opened_at = at
            self.action_open()
