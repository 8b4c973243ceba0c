"""Picks: toggled, summed as far as the catalogue tells, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

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
    assert (basket.bytes, basket.events) == (15, 7)
    assert Basket([file("b")]).bytes is None
    assert Basket().events is None
    basket.toggle([file("a", 10, 3)])
    assert (basket.bytes, basket.events) == (5, 4)
    basket.clear()
    assert not basket.bytes
    basket.undo()
    assert (basket.bytes, basket.events) == (5, 4)


def test_how_many_are_of_which_lake() -> None:
    basket = Basket([file("a"), file("b", lake="other"), file("c")])
    assert (basket.of("sandbox"), basket.of("other"), basket.of("none")) == (2, 1, 0)
    basket.toggle([file("a")])
    assert (basket.of("sandbox"), len(basket)) == (1, 2)


def test_changes_are_taken_back_one_by_one() -> None:
    basket = Basket()
    basket.toggle([file("a")])
    basket.toggle([file("b")])
    basket.clear()
    assert len(basket) == 0
    assert basket.undo()
    assert [pick.did.name for pick in basket.picks] == ["a", "b"]
    assert basket.undo()
    assert basket.undo()
    assert not basket.undo()
    assert not basket.picks


def test_what_was_put_back_comes_back_to_its_place() -> None:
    basket = Basket([file("a"), file("b", 3), file("c")])
    basket.toggle([file("b"), file("d"), file("a"), file("a"), file("d")])
    assert [pick.did.name for pick in basket] == ["c", "a"]
    basket.toggle([file("c"), file("e")])
    assert basket.undo()
    assert [pick.did.name for pick in basket] == ["c", "a"]
    assert basket.undo()
    assert [pick.did.name for pick in basket] == ["a", "b", "c"]
    assert basket.bytes == 3
    assert not basket.undo()  # what the basket began with was not picked just now


def test_what_the_session_began_with_is_no_change() -> None:
    assert not Basket([file("a")]).undo()


def best_of(times: int, do: Callable[[], object]) -> float:
    """Return the least of some times, in seconds."""
    spent = []
    for _ in range(times):
        begun = perf_counter()
        do()
        spent.append(perf_counter() - begun)
    return min(spent)


def test_a_pick_and_the_sums_cost_the_same_with_a_hundred_thousand_picks() -> None:
    basket = Basket(file(f"file.{number:06d}.root", number, 1) for number in range(100_000))
    held = basket._held

    def pick_and_look() -> None:
        for number in range(20):
            basket.toggle([file(f"file.{number * 5000:06d}.root", 1, 1), file(f"new.{number}.root", 1, 1)])
            assert None not in (basket.bytes, basket.events, basket.of("sandbox"))

    assert best_of(5, pick_and_look) < best_of(5, lambda: dict(held))
    assert len(basket) == 100_000
