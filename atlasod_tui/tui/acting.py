"""What pages, dialogs and the app do in one way: actions, sentences and cards, the same elsewhere, copying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.dom import DOMNode

from atlasod_tui import shown
from atlasod_tui.tui import actions

if TYPE_CHECKING:
    from atlasod_tui.errors import AtlasodError
    from atlasod_tui.tui.equivalent import Copied, Equivalent
    from atlasod_tui.tui.world import World

READ_ONLY = "This program was started with --read-only: the lake is not changed."


class Opener(Protocol):
    """What pages and dialogs know of the app: it opens the dialogs that come up over any of them."""

    def open_error(self, error: AtlasodError) -> None:
        """Show an error as a card, over what is there, which stays as it is."""

    def open_help(self) -> None:
        """Show what the keys do on the screen in front."""

    def open_equivalent(self, same: Equivalent) -> None:
        """Show the command and the Python that do the same."""


class Acting(DOMNode):
    """What pages, dialogs and the app have in common.

    It is to be the last of the bases: style sheets know a class by the first one and what that is made of.
    """

    world: World

    @property
    def opener(self) -> Opener:
        """The app, as far as it is asked for dialogs."""
        return cast("Opener", self.app)

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
            self.say(sentence)
            return
        done: Any = getattr(self, f"action_{action.method}")()
        if hasattr(done, "__await__"):
            await done

    def say(self, sentence: str, *, seconds: float = 4) -> None:
        """Show a sentence for a while; it may hold text from outside."""
        self.app.notify(shown.escape(sentence), markup=False, timeout=seconds)

    def fail(self, error: AtlasodError) -> None:
        """Show an error as a card, over what is there, which stays as it is."""
        self.opener.open_error(error)

    def equivalent(self) -> Equivalent | None:
        """Return the command and the Python that do what is shown, filled in, or under the cursor."""
        return None

    def copied(self) -> Copied | None:
        """Return what ``y`` is to copy."""
        return None

    def action_help(self) -> None:
        """Show what the keys do here."""
        self.opener.open_help()

    def action_equivalent(self) -> None:
        """Show the command and the Python that do the same."""
        if (same := self.equivalent()) is not None:
            self.opener.open_equivalent(same)

    def action_copy(self) -> None:
        """Copy what is under the cursor, or shown."""
        from atlasod_tui.tui.clipboard import copy  # noqa: PLC0415 - seldom

        if (found := self.copied()) is not None:
            self.say(copy(self.app, found))
