"""Words are found beside the analyses and in the user's folder; what is no text is a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlasod_tui.engine import words
from atlasod_tui.engine.registry import analysis, find_analyses, load
from atlasod_tui.errors import UsageError
from tests.jobs.analysing import write_slow


@pytest.fixture
def folder(home: Path) -> Path:
    """The user's folder of analyses."""
    where = home / "config" / "atlasod-tui" / "analyses"
    (where / "background").mkdir(parents=True)
    return where


def test_shipped_analyses_have_words() -> None:
    text = words.words(analysis("HZZ"))
    assert text is not None
    assert words.title_of(text) == "The Higgs boson in four leptons"


def test_an_analysis_of_the_users_own_has_its_words_beside_it(folder: Path) -> None:
    write_slow(folder.parents[2], "Mine")
    assert words.words(analysis("Mine")) is None
    (folder / f"{analysis('Mine').path.stem}.md").write_text("# Mine\r\n\r\nöde\r\n", encoding="utf-8-sig")
    assert words.words(analysis("Mine")) == "# Mine\n\nöde\n"


def test_words_of_an_analysis_that_is_hidden_are_not_those_of_the_one_that_hides_it(folder: Path) -> None:
    write_slow(folder.parents[2], "HZZ")
    assert words.words(analysis("HZZ")) is None


def test_a_translation_in_the_users_folder_comes_first(folder: Path) -> None:
    (folder / "hzz.md").write_text("# Vier Leptonen\n", encoding="utf-8")
    (folder / "background" / "higgs.md").write_text("# Das Higgs-Boson\n", encoding="utf-8")
    assert words.words(analysis("HZZ")) == "# Vier Leptonen\n"
    assert words.topics()["higgs"].title == "Das Higgs-Boson"
    assert words.topic("Higgs") == "# Das Higgs-Boson\n"


def test_an_analysis_from_elsewhere_has_what_is_beside_it(tmp_path: Path, folder: Path) -> None:
    write_slow(folder.parents[2], "HZZ").rename(tmp_path / "hzz.py")
    assert words.words(load(tmp_path / "hzz.py")) is None


def test_words_make_no_analysis(folder: Path) -> None:
    before = set(find_analyses())
    (folder / "notes.md").write_text("# Notes\n")
    (folder / "background" / "own.md").write_text("no title\n")
    assert set(find_analyses()) == before
    assert words.topics()["own"].title == "own"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"# T\n" + b"x" * words.MOST_BYTES, "is too long: more than 200 kB"),
        (b"# T\n\xff\xfe", "is not UTF-8: look at byte 4"),
        (b"# T\n\0", "has null characters"),
    ],
)
def test_what_is_no_text_is_a_sentence(content: bytes, sentence: str, folder: Path) -> None:
    for path in (folder / "hzz.md", folder / "background" / "bad.md"):
        path.write_bytes(content)
    with pytest.raises(UsageError, match=sentence):
        words.words(analysis("HZZ"))
    with pytest.raises(UsageError, match=sentence):
        words.topic("bad")
    assert sentence in words.topics()["bad"].title
    assert words.topics()["higgs"].title == "The Higgs boson"


def test_what_is_no_file_is_a_sentence(folder: Path) -> None:
    os.mkfifo(folder / "background" / "pipe.md")
    (folder / "background" / "folder.md").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(UsageError, match="no ordinary file"):
            words.topic(name)


def test_an_unknown_topic_is_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"no topic '\.\./higgs'") as caught:
        words.topic("../higgs")
    assert "glossary" in caught.value.hint
