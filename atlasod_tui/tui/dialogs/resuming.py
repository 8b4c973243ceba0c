"""Going on with a job that died with a file in hand: without the file, or with it."""

from __future__ import annotations

from typing import Any, ClassVar

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialogs.choice import Choice
from atlasod_tui.tui.world import World


class Resuming(Choice):
    """Asks what to do about the files in hand; the answer is ``skip``, ``again`` or None.

    Args:
        world: What pages share.
        files: Those that were in hand.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.RESUMING)
    buttons = (("skip", "Go on without it"), ("again", "Try it again"))
    keys_line = "esc close   s go on without the file   a try it again"

    def __init__(self, world: World, files: tuple[str, ...]) -> None:
        skip = "Without the file, its events are missing from the result, which says so."
        if len(files) > 1:
            skip = "Without: no file is left out yet, but one worker goes on, to find which of these it is."
        super().__init__(world, "The runner died with a file in hand", (*files, "", skip))

    def action_skip(self) -> None:
        """Go on without."""
        self.answer("skip")

    def action_again(self) -> None:
        """Go on with it."""
        self.answer("again")
