"""``analyses`` lists the texts, ``analyses show`` shows them: on a terminal set for reading, else as they are."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from atlasod_tui.cli import prose
from atlasod_tui.cli.main import run
from atlasod_tui.engine import words
from tests.analyses.running import TWELVE
from tests.cli.terminal import terminal

HOSTILE = (
    "# A \x1b[31mred\x07 title\x9b1m\n\nA [link](https://example.org/x) and [other](../hzz.md), <b>bold</b> "
    "[red]markup[/red] &#27; :smile: \u202eback.\n\n* `hist_x`: [here](mine.md)\n"
)


@pytest.fixture
def folder(home: Path) -> Path:
    where = home / "config" / "atlasod-tui" / "analyses"
    (where / "background").mkdir(parents=True)
    return where


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["analyses", *arguments]) == 0
    return capsys.readouterr().out


def on_a_terminal(*arguments: str) -> str:
    """Return what a terminal of 80 columns gets, which one of unknown size counts as."""
    with terminal("analyses", *arguments) as (process, master):
        chunks = []
        while True:
            try:
                chunk = master.read(65536)
            except OSError:  # as Linux has it when the other end is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
        assert process.wait() == 0
    return b"".join(chunks).decode().replace("\r\n", "\n")


def test_texts_are_listed_after_the_analyses(capsys: pytest.CaptureFixture[str]) -> None:
    head, _, tail = shown(capsys).partition("\nbackground")
    assert all(name in head for name in TWELVE)
    assert [line.split()[0] for line in tail.splitlines()[1:]] == list(words.topics())
    assert "dark-matter  Dark matter and supersymmetry" in tail


@pytest.mark.parametrize("name", TWELVE)
def test_show_an_analysis(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "show", name)
    order = ["# ", "## What it is about", "## Ask yourself", "\nskim: ", "\nsamples", "\nhistogram ", "\nquirks "]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert ".md)" not in text
    assert "#rightarrow" not in text
    assert max(len(line) for line in text[: places[3]].splitlines()) < 80


def test_show_tells_labels_factors_and_overlays(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  diboson [Diboson] x 1.3 by hand: ZqqZll, " in shown(capsys, "show", "HWW")
    assert "  ttbar [tt̄] x 0.91 by hand (not in *leadLR*): ttbar_lep\n" in shown(capsys, "show", "ZPrimeBoosted")
    text = shown(capsys, "show", "SUSY")
    assert "  Z [Z+jets]: Zmumu_PTV* (14), Zee_PTV* (14), Ztautau_PTV* (14)\n" in text
    assert "drawn over the stack:\n  slepton [" in text
    assert "hist_mt2_*  " in text
    assert "\n*: SFOS, eeOS, mumuOS, SR_loose, SR_tight\n" in text


@pytest.mark.parametrize("name", ["higgs", "HIGGS", "dark-matter", "glossary"])
def test_show_a_topic(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected = words.topic(name)
    text = shown(capsys, "show", name)
    assert text.splitlines()[0] == expected.splitlines()[0]
    entry = json.loads(shown(capsys, "show", name, "--json"))
    assert (entry["name"], entry["words"]) == (name.lower(), expected)


def test_json_has_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    entry = json.loads(shown(capsys, "show", "HZZ", "--json"))
    assert entry["words"].startswith("# The Higgs boson in four leptons\n")
    assert entry["labels"]["Z_Z"] == "ZZ"
    assert entry["factors"] == {"Z_Z": 1.3}


@pytest.mark.parametrize(
    ("name", "near"), [("higs", "higgs"), ("HZ", "HZZ"), ("supersymmetry", "dark-matter"), ("photons", "Hyy")]
)
def test_unknown_names_suggest_near_ones_of_both_kinds(
    name: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyses", "show", name]) == 2
    error, hint = capsys.readouterr().err.splitlines()
    assert error == f"error: there is no analysis and no text '{name}'"
    assert re.search(rf"Try .*\b{near}\b", hint)
    assert run(["analyses", "show", "xyzzy"]) == 2
    assert {"HZZ", "glossary"} <= set(re.findall(r"[\w-]+", capsys.readouterr().err))


def test_an_analysis_comes_before_a_text_of_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "background" / "hzz.md").write_text("# A text\n")
    assert "HZZAnalysis" in shown(capsys, "show", "HZZ")
    (folder / "higgs.py").write_text("def (:\n")
    assert run(["analyses", "show", "higgs"]) == 2
    assert "SyntaxError" in capsys.readouterr().err


def test_words_that_cannot_be_read_harm_nothing_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "hzz.md").write_bytes(b"\xff")
    (folder / "background" / "bad.md").write_bytes(b"\0")
    assert run(["analyses", "show", "HZZ"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("error: the text hzz.md is not UTF-8")
    assert "A peak of a few events" in captured.out
    assert "mass_four_lep" in captured.out
    assert json.loads(shown(capsys, "show", "HZZ", "--json"))["words"] is None
    assert "bad          the text bad.md is no text: it has null characters" in shown(capsys)
    assert run(["analyses", "show", "bad"]) == 2


def test_a_text_from_outside_is_shown_not_obeyed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "background" / "mine.md").write_text(HOSTILE, encoding="utf-8")
    text = shown(capsys, "show", "mine")
    assert text.splitlines()[0] == "# A \\x1b[31mred\\x07 title\\x9b1m"
    assert "A [link](https://example.org/x) and other, <b>bold</b> [red]markup[/red] &#27; :smile: \\u202eback." in text
    assert "\\x1b" in shown(capsys)
    text = on_a_terminal("show", "mine")
    expected = (
        "A \\x1b[31mred\\x07 title\\x9b1m A link (https://example.org/x) and other, <b>bold</b> [red]markup[/red] "
        "&#27; :smile: \\u202eback. • hist_x: here"
    )
    assert " ".join(re.sub(r"\x1b\[[\d;]*m", "", text).split()) == expected
    assert not re.search(r"\x1b(?!\[[\d;]*m)|[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("name", ["HZZ", "ZPrimeBoosted", "SUSY", "matter", "glossary"])
def test_a_terminal_of_80_columns(name: str) -> None:
    text = on_a_terminal("show", name)
    assert "\x1b[1" in text
    lines = re.sub(r"\x1b\[[\d;]*m", "", text).split("\n")
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.startswith("#") or "**" in line or "`" in line]


def test_a_long_title_is_cut_on_a_terminal_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = "long " * 40
    (folder / "background" / "mine.md").write_text(f"# {title}\x1b\n")
    (folder / "empty.py").write_text("")
    assert f"mine         {title}\\x1b\n" in shown(capsys)
    lines = on_a_terminal().split("\n")
    assert max(map(len, lines)) < 80
    assert [line[:17] for line in lines if line.endswith("…")] == ["empty          - ", "mine         long"]


def test_an_analysis_without_any_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bare.py").write_text(
        "from atlasod_tui.engine.author import Analysis\n"
        "ANALYSIS = Analysis('Bare', 'A title', '4lep', 'HZZ', {}, (), '', '')\n"
        "def select(event, hist): pass\n"
    )
    assert shown(capsys, "show", "bare").startswith("Bare (BareAnalysis): A title (own)\n\nskim: 4lep\n")


def test_no_colour_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_a_terminal("show", "higgs")
    assert "\x1b" not in text
    assert "## A field that is everywhere" in text


def test_lines_are_broken_for_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "a name: " + "word " * 40
    assert prose.fill(line, "  ") == "  " + line
    assert prose.cut(line, 30) == line
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((50, 20)))
    broken = prose.fill(line, "  ").split("\n")
    assert all(len(part) < 50 for part in broken)
    assert broken[0].startswith("  a name:")
    assert all(part.startswith("    word") for part in broken[1:])
    assert prose.cut(line, 30).endswith("…")
    assert len(prose.cut(line, 30)) + 30 < 50
