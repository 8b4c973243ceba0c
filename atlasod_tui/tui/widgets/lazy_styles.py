"""Styles of the parts of a widget, made when a part is first drawn."""

from __future__ import annotations

from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.widget import Widget


class LazyStyles(Widget):
    """A widget whose component classes are given their styles when these are asked for.

    Textual gives them to all component classes of all widgets, and several times before the first paint: a good part
    of the time until then.
    """

    def _get_component_classes(self) -> frozenset[str]:  # type: ignore[override]
        """Return those that were asked for: Textual renews their styles, and repaints the widget where they changed."""
        return frozenset(self._component_styles)

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Return the styles of component classes.

        Raises:
            KeyError: If there is no such class.
        """
        known = super()._get_component_classes()
        for name in names:
            if name not in self._component_styles and name in known:
                part = DOMNode(classes=name)
                part._attach(self)  # noqa: SLF001 - as Textual does
                self.app.stylesheet.apply(part, animate=False)
                self._component_styles[name] = part.styles
        return super().get_component_styles(*names)
