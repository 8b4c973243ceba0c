"""The line of what is picked."""

from __future__ import annotations

from atlasod_tui.tui.widgets.changing_lines import ChangingLines
from atlasod_tui.tui.widgets.lake_words import basket_line
from atlasod_tui.tui.world import Change, World


class BasketBar(ChangingLines):
    """How much is picked, its bytes and events, and what can be done with it.

    Args:
        world: Has the basket.
    """

    DEFAULT_CSS = "BasketBar { height: 1; }"

    def __init__(self, world: World) -> None:
        super().__init__(id="basket")
        self.world = world

    def on_mount(self) -> None:
        """Show it, and hear of what changes."""
        self.world.changed.subscribe(self, self._world_changed)
        self.update_now()

    def on_resize(self) -> None:
        """Fit it to the width."""
        self.update_now()

    def update_now(self) -> None:
        """Show what is picked now."""
        if self.size.width:
            self.show([basket_line(self.world.basket, self.world, self.size.width)])

    def _world_changed(self, what: Change) -> None:
        if what in {"basket", "lake", "look"}:
            self.update_now()
