"""Picks: toggled, summed as far as the catalogue tells, and taken back."""

from __future__ import annotations

from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.basket import Basket, Pick


def file(name: str, size: int | None = None, events: int | None = None, lake: str = "sandbox") -> Pick:
    return Pick(DID("s", name), bytes=size, events=events, lake=lake)


def test_picks_are_toggled_in_the_order_of_picking() -> None:
    basket = Basket()
    basket.toggle([file("b"), file("a")])
    basket.toggle([file("b"), file("c")])
    assert [pick.did.name for pick in basket.picks] == ["a", "c"]
    assert basket.holds(DID("s", "a"), "sandbox")
    assert not basket.holds(DID("s", "a"), "other")
    assert not basket.holds(DID("s", "b"), "sandbox")


def test_sums_are_of_what_is_known() -> None:
    basket = Basket([file("a", 10, 3), file("b", None, 4), Pick(DID("s", "d"), DIDType.DATASET, 5, files=7)])
    assert (basket.bytes, basket.events, basket.files) == (15, 7, 9)
    assert Basket([file("b")]).bytes is None
    assert Basket().events is None


def test_changes_are_taken_back_one_by_one() -> None:
    basket = Basket()
    basket.add([file("a")])
    basket.toggle([file("b")])
    basket.clear()
    assert len(basket) == 0
    assert basket.undo()
    assert [pick.did.name for pick in basket.picks] == ["a", "b"]
    assert basket.undo()
    assert basket.undo()
    assert not basket.undo()
    assert not basket.picks
