"""The README's table of keys is that of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.actions import ACTIONS
from atlasod_tui.tui.keys import table as keys_table

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_is_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert keys_table.updated(text) == text, "run: python -m atlasod_tui.tui.keys.table"


def test_every_action_is_there_once_with_its_id() -> None:
    lines = keys_table.table().splitlines()
    for action in ACTIONS:
        assert sum(f"| `{action.id}` |" in line for line in lines) == 1


def test_every_line_of_a_table_has_three_cells() -> None:
    rows = [line for line in keys_table.table().splitlines() if line.startswith("|")]
    assert rows
    assert {line.replace("\\|", "").count("|") for line in rows} == {4}


def test_what_is_around_the_markers_stays() -> None:
    text = "before\n<!-- keys -->\nold\n<!-- /keys -->\nafter\n"
    assert keys_table.updated(text) == f"before\n<!-- keys -->\n\n{keys_table.table()}\n\n<!-- /keys -->\nafter\n"


@pytest.mark.parametrize("text", ["", "<!-- keys -->", "<!-- /keys --> <!-- keys -->"])
def test_a_text_without_markers_is_refused(text: str) -> None:
    with pytest.raises(AtlasodError, match="README"):
        keys_table.updated(text)
