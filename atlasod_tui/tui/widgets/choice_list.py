"""A list of which several are chosen, in one widget: what cannot be chosen is grey and says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from atlasod_tui import shown
from atlasod_tui.tui.cells import fit
from atlasod_tui.tui.looks.look import Look

_MARK = 4
_MOST_NAME, _LEAST_FACTS = 44, 24


class Choice(NamedTuple):
    """A line: what it stands for, its name, what is said of it, and why it cannot be chosen; texts may be hostile."""

    key: str
    name: str
    facts: str = ""
    why_not: str = ""
    wrong: bool = False
    """Whether what is said of it stands in the way."""


class ChoiceList(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines with a mark each.

    Args:
        look: Glyphs.
        ordered: Whether the order of choosing matters, and is shown as a number.
        id: Of the widget.
    """

    COMPONENT_CLASSES = {"choice--cursor", "choice--refused", "choice--wrong", "choice--facts"}  # noqa: RUF012 - Textual's

    class Changed(Message):
        """Other lines are chosen now."""

    def __init__(self, look: Look, *, ordered: bool = False, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._look, self._ordered = look, ordered
        self._lines: tuple[Choice, ...] = ()
        self._chosen: list[str] = []
        self._at = 0
        self._instead = ""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of what is chosen: in the order of choosing where that matters, else in that of the lines."""
        if self._ordered:
            return tuple(self._chosen)
        return tuple(line.key for line in self._lines if line.key in self._chosen)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The lines."""
        return self._lines

    def show(self, choices: Iterable[Choice], *, instead: str = "") -> None:
        """Show these lines, and ``instead`` where there are none; what is chosen stays so if it still can be."""
        lines = tuple(choices)
        if lines == self._lines and instead == self._instead:
            return
        grown = len(lines) != len(self._lines)
        self._lines, self._instead = lines, instead
        possible = {line.key for line in lines if not line.why_not}
        self._chosen = [key for key in self._chosen if key in possible]
        self._at = min(self._at, max(len(lines) - 1, 0))
        self.virtual_size = Size(0, max(len(lines), 1))
        self.refresh(layout=grown)

    def choose(self, keys: Sequence[str]) -> None:
        """Choose these, and nothing else, as far as they can be."""
        possible = {line.key for line in self._lines if not line.why_not}
        self._chosen = [key for key in keys if key in possible]
        self.refresh()
        self.post_message(self.Changed())

    def toggle(self) -> str:
        """Choose the line under the cursor or let it go; return why not, as a sentence, where that cannot be."""
        if not self._lines:
            return self._instead
        line = self._lines[self._at]
        if line.why_not:
            return f"{line.name}: {line.why_not}"
        kept = [key for key in self._chosen if key != line.key]
        self.choose(kept if len(kept) < len(self._chosen) else [*kept, line.key])
        return ""

    def move(self, lines: int) -> bool:
        """Move the cursor, and return False where it is at that end already."""
        target = self._at + lines
        if not 0 <= target < len(self._lines):
            return False
        self._at = target
        self.scroll_to_region(Region(0, target, 1, 1), animate=False, force=True)
        self.refresh()
        return True

    def turn(self, pages: int) -> None:
        """Move the cursor by what is seen at a time, as far as there are lines."""
        target = self._at + pages * max(self.scrollable_content_region.height, 1)
        self.move(min(max(target, 0), len(self._lines) - 1) - self._at)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show no cursor."""
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        row = event.y + round(self.scroll_y)
        if 0 <= row < len(self._lines):
            self._at = row
            if sentence := self.toggle():
                self.app.notify(shown.escape(sentence), markup=False, timeout=4)

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        width = self.scrollable_content_region.width
        row = y + round(self.scroll_y)
        if row >= len(self._lines):
            text = self._fit(self._instead, width) if row == 0 and not self._lines else " " * width
            return Strip([Segment(text, self._style("choice--refused"))], width)
        line = self._lines[row]
        under = row == self._at and self.has_focus
        return Strip(self._segments(line, width, under=under)).adjust_cell_length(width, self.rich_style)

    def _segments(self, line: Choice, width: int, *, under: bool) -> list[Segment]:
        base = self._style("choice--refused") if line.why_not else self.rich_style
        facts = base if line.why_not else self._style("choice--wrong" if line.wrong else "choice--facts")
        if under:
            base = facts = self._style("choice--cursor")
        names = self._name_width(width)
        sign = f"{self._look.glyphs.warning} " if line.wrong else ""
        told = self._fit(sign + (line.why_not or line.facts), width - _MARK - names - 2)
        return [
            Segment(self._mark(line).ljust(_MARK), base),
            Segment(self._fit(line.name, names), base),
            Segment(f"  {told}", facts),
        ]

    def _fit(self, text: str, width: int) -> str:
        return fit(text, max(width, 0), more=self._look.glyphs.more)

    def _mark(self, line: Choice) -> str:
        if line.why_not:
            return " - "
        if line.key not in self._chosen:
            return "[ ]"
        return f"[{self._chosen.index(line.key) + 1}]" if self._ordered else "[x]"

    def _name_width(self, width: int) -> int:
        longest = max((shown.cells(shown.escape(line.name[:_MOST_NAME])) for line in self._lines), default=0)
        return max(8, min(longest, _MOST_NAME, width - _MARK - 2 - _LEAST_FACTS))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)
