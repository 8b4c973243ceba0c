"""Picks that a dialog was given, in words, and whether one job can take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from atlasod_tui import shown

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World


def described(picks: Sequence[Pick]) -> str:
    """Return picks in a few words: the name of one, or how many; it may hold text from outside."""
    if len(picks) == 1:
        return str(picks[0].did)
    sizes = [pick.bytes for pick in picks]
    known = sum(size for size in sizes if size is not None)
    return f"{len(picks)} picks" + (f", {shown.size(known, 'B')}" if None not in sizes else "")


def sources_of(picks: Sequence[Pick], world: World) -> list[str]:
    """Return the lakes of picks; one without a name is that in front."""
    front = world.lake.name if world.lake is not None else ""
    return list(dict.fromkeys(pick.lake or front for pick in picks))


def one_lake(picks: Sequence[Pick], world: World) -> str:
    """Return why picks make no order, as a sentence: one job takes those of one lake."""
    lakes = sources_of(picks, world)
    if not lakes:
        return "Nothing is picked: space on a file picks it."
    return f"The picks are of {len(lakes)} lakes ({', '.join(lakes)}): one job takes those of one." if lakes[1:] else ""
