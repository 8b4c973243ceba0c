"""The pictures of the README: there, of this program, and without anything of the machine they were made on."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.tui.screenshots.picture import FOLDER, MOST_BYTES, refused, tidy

README = Path(__file__).resolve().parents[2] / "README.md"
PICTURES = sorted(FOLDER.glob("*.svg"))


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert 3 <= len(shown) == len(set(shown)) <= 5
    assert {README.parent / name for name in shown} <= set(PICTURES)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_of_this_program_and_of_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    picture = ET.fromstring(text)  # noqa: S314 - our own
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join("".join(picture.itertext()).replace("\xa0", " ").split())
    assert "atlasod" in words
    assert refused(text) == []
    assert len(text.encode()) <= MOST_BYTES
    assert tidy(text) == text


@pytest.mark.parametrize(
    "text",
    ["/home/jdoe/x", "to&#160;/srv/main", "(/tmp/a)", "https://cdn.example/font.woff2", "/Users/x/y", "/data/user/x"],
)
def test_what_is_refused(text: str) -> None:
    assert refused(f"<svg><text>{text}</text></svg>")


def test_nothing_else_is_refused() -> None:
    assert refused('<svg xmlns="http://www.w3.org/2000/svg">~/lesson/x 5.61/6.37 MB (http://127.0.0.1:4/)</svg>') == []
