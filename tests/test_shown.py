from __future__ import annotations

import pytest

from atlasod_tui import shown


@pytest.mark.parametrize(
    ("count", "most", "words"),
    [
        (0, 3, ""),
        (1, 1, "a"),
        (2, 1, "a and 1 more"),
        (3, 3, "a, b, c"),
        (4, 3, "a, b, c, d"),
        (5, 3, "a, b, c and 2 more"),
    ],
)
def test_some_names_are_all_of_a_few_or_the_first_of_many(count: int, most: int, words: str) -> None:
    assert shown.some("abcde"[:count], most) == words
