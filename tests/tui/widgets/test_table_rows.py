from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.tui.widgets import table_rows
from atlasod_tui.tui.widgets.table_rows import Rows, matcher

Entry = tuple[str, int | None]


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "_SLICE", 3)


def shown(rows: Rows[Entry]) -> list[Entry]:
    assert rows.work()
    return [rows.all[number] for number in rows.shown]


@pytest.mark.parametrize(
    ("text", "passes", "stays_out"),
    [
        ("zee", "mc_ZEE.root", "mc_zmumu.root"),
        ("!zee", "mc_zmumu.root", "mc_Zee.root"),
        ("~mzr", "mc_Zee.root", "zm.root"),
        ("!~mzr", "zm.root", "mc_Zee.root"),
        ("~]^\\-[", "]^\\-[", "]^\\[-"),
        ("~STRASSE", "straße", "strae"),
        ("[bold]", "a[bold]", "bold"),
        ("é", "É", "e"),
    ],
)
def test_filter_is_a_part_or_not_or_fuzzy(text: str, passes: str, stays_out: str) -> None:
    accept = matcher(text)
    assert accept is not None
    assert accept(passes.casefold())
    assert not accept(stays_out.casefold())


@pytest.mark.parametrize("text", ["", "!", "~", "!~", "!!"])
def test_empty_filter_lets_everything_pass(text: str) -> None:
    assert matcher(text) is None


def test_fuzzy_filter_takes_a_long_name_in_its_stride() -> None:
    accept = matcher("~" + "a" * 40 + "b")
    assert accept is not None
    assert not accept("a" * 100_000)


def test_what_has_no_key_is_last_both_ways() -> None:
    rows: Rows[Entry] = Rows(lambda row: row[0])
    rows.extend([("a", None), ("b", 2), ("c", 1), ("d", None)])
    rows.sort(lambda row: row[1])
    assert [name for name, _ in shown(rows)] == ["c", "b", "a", "d"]
    rows.sort(lambda row: row[1], reverse=True)
    assert [name for name, _ in shown(rows)] == ["b", "c", "a", "d"]
    rows.sort(None)
    assert [name for name, _ in shown(rows)] == ["a", "b", "c", "d"]


def test_work_is_done_in_slices_and_what_is_shown_stays_meanwhile() -> None:
    rows: Rows[Entry] = Rows(lambda row: row[0])
    rows.extend([(f"{number}", -number) for number in range(20)])
    assert rows.work()
    rows.sort(lambda row: row[1])
    rows.filter("1")
    steps = 0
    while not rows.work(0):
        assert len(rows.shown) == 20
        steps += 1
        if steps == 4:
            rows.extend([("1 more", -100)])
    assert steps > 8
    assert [name for name, _ in shown(rows)] == ["1 more", *(f"{n}" for n in range(19, 9, -1)), "1"]


def test_another_filter_does_not_sort_again() -> None:
    asked = 0

    def key(row: Entry) -> int | None:
        nonlocal asked
        asked += 1
        return row[1]

    rows: Rows[Entry] = Rows(lambda row: row[0])
    rows.extend([(f"{number}", -number) for number in range(20)])
    rows.sort(key)
    rows.work()
    for text in ("1", "12", "", "2"):
        rows.filter(text)
        rows.work(0)
    rows.work()
    rows.extend([("2 more", 0)])
    rows.work()
    assert asked == 21


KEYS: list[Callable[[Entry], Any] | None] = [None, lambda row: row[0], lambda row: row[1]]
ENTRIES = st.lists(st.tuples(st.text("abC", max_size=3), st.none() | st.integers(0, 5)), max_size=12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), ENTRIES),
        st.tuples(st.just("filter"), st.sampled_from(["", "a", "!a", "~ab", "C"])),
        st.tuples(st.just("sort"), st.tuples(st.sampled_from([0, 1, 2]), st.booleans())),
        st.tuples(st.just("work"), st.integers(0, 6)),
        st.tuples(st.just("clear"), st.none()),
    ),
    max_size=25,
)


@given(STEPS)
def test_any_steps_lead_where_doing_all_at_once_does(steps: list[tuple[str, Any]]) -> None:
    rows: Rows[Entry] = Rows(lambda row: row[0])
    added: list[Entry] = []
    text, key, reverse = "", KEYS[0], False
    for what, how in steps:
        match what:
            case "add":
                rows.extend(how)
                added += how
            case "filter":
                rows.filter(how)
                text = how
            case "sort":
                key, reverse = KEYS[how[0]], how[1]
                rows.sort(key, reverse=reverse)
            case "work":
                for _ in range(how):
                    rows.work(0)
            case _:
                rows.clear()
                added = []
    accept = matcher(text) or (lambda _: True)
    wanted = [row for row in added if accept(row[0].casefold())]
    if key is not None:
        without = [row for row in wanted if key(row) is None]
        wanted = [*sorted((row for row in wanted if key(row) is not None), key=key, reverse=reverse), *without]
    assert shown(rows) == wanted
