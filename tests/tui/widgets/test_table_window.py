from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.tui.widgets.table_window import Window

NUMBERS = st.integers(-5, 60)
STEPS = st.lists(st.tuples(st.sampled_from(["go", "turn", "scroll_to", "page", "count"]), NUMBERS), max_size=20)


@given(STEPS)
def test_cursor_is_always_on_the_screen(steps: list[tuple[str, int]]) -> None:
    window = Window(page=10, count=30)
    for what, number in steps:
        match what:
            case "page":
                window.page = max(number, 1)
                window.clamp()
            case "count":
                window.count = max(number, 0)
                window.clamp()
            case _ if window.count:
                getattr(window, what)(number)
        assert window.at in window.rows or not window.count
        assert not window.count or len(window.rows) == min(window.page, window.count)
        assert len(window.thumb) == 0 or (window.thumb.start >= 0 and window.thumb.stop <= window.page)


def test_a_step_beyond_the_edge_scrolls_a_part_of_a_page() -> None:
    window = Window(page=20, count=100)
    heads = []
    for at in range(30):
        window.go(at)
        heads.append(window.head)
    assert heads == [0] * 20 + [5] * 5 + [10] * 5
    for at in range(29, -1, -1):
        window.go(at)
    assert (window.at, window.head) == (0, 0)


def test_pages_keep_the_cursor_on_its_line_and_end_at_the_ends() -> None:
    window = Window(page=10, count=35)
    window.go(3)
    places = []
    for _ in range(4):
        window.turn(1)
        places.append((window.at, window.head))
    assert places == [(13, 10), (23, 20), (28, 25), (34, 25)]
    for _ in range(4):
        window.turn(-1)
    assert (window.at, window.head) == (0, 0)


def test_thumb_is_where_the_rows_are() -> None:
    window = Window(page=10, count=1000)
    assert window.thumb == range(1)
    window.go(999)
    assert window.thumb == range(9, 10)
    window.scroll_to(window.head_at(9))
    assert window.at == 999
    window.scroll_to(window.head_at(0))
    assert window.head == 0
    assert Window(page=10, count=10).thumb == range(0)
