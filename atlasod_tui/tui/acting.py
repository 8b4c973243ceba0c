"""How an action comes to be done: one way for keys, key bar and commands, with a sentence where it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.dom import DOMNode

from atlasod_tui.tui import actions

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

READ_ONLY = "This program was started with --read-only: the lake is not changed."


class Acting(DOMNode):
    """What pages, dialogs and the app have in common: ``action_do``.

    It is to be the last of the bases: style sheets know a class by the first one and what that is made of.
    """

    world: World

    def why_not(self, action_id: str) -> str:  # noqa: ARG002 - for those that override it
        """Return why an action cannot be done now, as a sentence; empty if it can."""
        return ""

    def refusal(self, action: actions.Action) -> str:
        """Return why an action is refused, as a sentence; empty if it is not."""
        if action.changes and self.world.read_only:
            return READ_ONLY
        return self.why_not(action.id)

    async def action_do(self, action_id: str) -> None:
        """Do an action of the registry, or say why not."""
        action = actions.find(action_id)
        if sentence := self.refusal(action):
            self.app.notify(sentence, markup=False, timeout=4)
            return
        done: Any = getattr(self, f"action_{action.method}")()
        if hasattr(done, "__await__"):
            await done
