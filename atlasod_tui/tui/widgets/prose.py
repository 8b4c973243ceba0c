"""Something to read: paragraphs, lists and tables set at the width there is, drawn line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from atlasod_tui.tui.widgets.scrolled import KEYS, Scrolled

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLES = ("muted", "good", "warning", "bad", "accent", "heading")
_MARKDOWN = "markdown."


class Prose(ScrollView, Scrolled, can_focus=True, inherit_bindings=False):
    """A text that may be longer than the screen.

    What it shows may use the styles ``say.muted``, ``say.good``, ``say.warning``, ``say.bad``, ``say.accent`` and
    ``say.heading``, which are the theme's.

    Args:
        widest: Cells of a line at most: longer ones are hard to read.
    """

    DEFAULT_CSS = """
    Prose {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        & > .prose--muted { color: $text-muted; }
        & > .prose--good { color: $text-success; }
        & > .prose--warning { color: $text-warning; }
        & > .prose--bad { color: $text-error; }
        & > .prose--accent { color: $text-accent; }
        & > .prose--heading { text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"prose--{name}" for name in _STYLES}
    BINDINGS: ClassVar[list[Any]] = KEYS
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, widest: int = 96, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._widest = widest
        self._parts: Sequence[RenderableType] = ()
        self._strips: list[Strip] = []
        self._set_for: tuple[Any, ...] = ()

    def show(self, parts: Sequence[RenderableType], *, keep_place: bool = False) -> None:
        """Show something else, from its beginning unless it is the same with other facts (``keep_place``)."""
        self._parts = parts
        self._set_for = ()
        if not keep_place:
            self.scroll_to(0, 0, animate=False)
        self._set()

    @property
    def text(self) -> str:
        """What is shown, as plain lines."""
        return "\n".join(strip.text.rstrip() for strip in self._strips)

    def notify_style_update(self) -> None:
        """Set the text anew: its colours may be others."""
        super().notify_style_update()
        self._set_for = ()
        self._set()

    def on_resize(self) -> None:
        """Set the text anew where there is another width."""
        self._set()

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        at, width, base = y + self.scroll_offset.y, self.size.width, self.rich_style
        if not 0 <= at < len(self._strips):
            return Strip.blank(width, base)
        return self._strips[at].apply_style(base).adjust_cell_length(width, base)

    def _set(self) -> None:
        width = min(self.scrollable_content_region.width - 1, self._widest)  # a gap before the scroll bar
        if not self.is_attached or width < 1 or self._set_for == (width,):
            return
        self._set_for = (width,)
        styles = {name: self.get_component_rich_style(f"prose--{name}", partial=True) for name in _STYLES}
        self._strips = _lines(self._parts, width, styles)
        self.virtual_size = Size(width, len(self._strips))
        self.refresh()


def _lines(parts: Sequence[RenderableType], width: int, styles: dict[str, Style]) -> list[Strip]:
    from rich.console import Console, Group  # noqa: PLC0415 - with the first text
    from rich.default_styles import DEFAULT_STYLES  # noqa: PLC0415
    from rich.theme import Theme  # noqa: PLC0415

    from atlasod_tui import prose  # noqa: PLC0415

    plain = {name: Style.null() for name in DEFAULT_STYLES if name.startswith(_MARKDOWN)}
    own = {f"{_MARKDOWN}{name}": style for name, style in prose.STYLES.items()} | {
        f"{_MARKDOWN}{name}": "bold" for name in ("strong", "item.bullet", "table.header", "h3", "h4")
    }
    emphasis = {f"{_MARKDOWN}{name}": "italic" for name in ("em", "emph", "block_quote")}
    theme = Theme({**plain, **own, **emphasis, **{f"say.{name}": style for name, style in styles.items()}})
    console = Console(
        width=width, theme=theme, highlight=False, markup=False, emoji=False, color_system="truecolor",
        force_terminal=True, legacy_windows=False, _environ={},
    )  # fmt: skip
    lines = console.render_lines(Group(*parts), console.options.update(width=width, height=None), pad=False)
    return [Strip(line) for line in lines]
