"""The canvas draws what it drew when somebody last looked."""

from __future__ import annotations

import pytest

from tests.plots.canvas import golden


@pytest.mark.parametrize("which", list(golden.pictures()), ids=lambda which: golden.file_of(*which).stem)
def test_picture(which: tuple[str, int, int, str]) -> None:
    file = golden.file_of(*which)
    assert golden.picture(*which) == file.read_text(encoding="utf-8"), f"{golden.__doc__}"


def test_no_picture_is_left_over() -> None:
    assert {golden.file_of(*which) for which in golden.pictures()} == set(golden.FOLDER.iterdir())
