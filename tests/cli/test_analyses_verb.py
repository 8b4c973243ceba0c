from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

SOUND = '''
"""A bump, and a \x1b[31mcolour."""

from atlasod_tui.engine.author import Analysis, Histogram, Quirk

ANALYSIS = Analysis(
    name="Mine",
    title="A bump hunt",
    skim="2lep",
    table="base",
    groups={"Top": ("ttbar_lep",)},
    histograms=(Histogram("h_m", nbins=30, lo=0, hi=60, title="Mass", xtitle="m [GeV]"),),
    main="h_m",
    look_for="A bump at 30.",
    quirks=(
        Quirk("twice", "The mass is filled twice.", ("h_m",), "It is filled once."),
        Quirk("odd", "It is odd."),
    ),
)


def select(event, hist):
    hist.h_m.fill(event.met_et)
'''


@pytest.fixture(autouse=True)
def _user_folder(home: Path) -> None:
    folder = home / "config" / "atlasod-tui" / "analyses"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text(SOUND.lstrip())
    (folder / "torn.py").write_text("def (:\n")


def test_the_list_names_sound_and_broken_analyses(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyses"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["Mine", "2lep", "own:", "A", "bump", "hunt"] for line in lines)
    assert any(line.startswith("torn ") and "own: broken: SyntaxError" in line for line in lines)
    assert run(["analyses", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert entries["Mine"]["framework_name"] == "MineAnalysis"
    assert "SyntaxError" in entries["torn"]["error"]


def test_what_takes_the_place_of_one_of_the_programs_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "config" / "atlasod-tui" / "analyses"
    (folder / "copy.py").write_text(SOUND.replace('"Mine"', '"HZZ"'))  # by the name of the analysis
    (folder / "hyy.py").write_text(SOUND.replace('"Mine"', '"Other"'))  # by that of the file
    assert run(["analyses", "--json"]) == 0
    own = {entry["name"]: entry["own"] for entry in json.loads(capsys.readouterr().out)}
    instead = "own, in place of the program's"
    expected = {"HZZ": instead, "Other": instead, "Mine": "own", "torn": "own"}
    assert {name: word for name, word in own.items() if word} == expected
    assert run(["analyses"]) == 0
    assert f" {instead}: A bump hunt\n" in capsys.readouterr().out
    assert run(["analyses", "show", "HZZ"]) == 0
    assert capsys.readouterr().out.startswith(f"HZZ (HZZAnalysis): A bump hunt ({instead})\n")


@pytest.mark.parametrize("name", ["Mine", "MineAnalysis", "mine"])
def test_show(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyses", "show", name]) == 0
    text = capsys.readouterr().out
    assert "A bump, and a \\x1b[31mcolour." in text
    assert "skim: 2lep" in text
    assert "Top: ttbar_lep" in text
    assert "h_m          30     0  60  m [GeV]" in text
    assert "twice: The mass is filled twice.\n    touches h_m\n    --variant fixed: It is filled once." in text
    assert "odd: It is odd.\n    kept in --variant fixed" in text


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyses", "show", "Mine", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["histograms"][0]["nbins"] == 30
    assert shown["quirks"][1] == {"name": "odd", "what": "It is odd.", "touches": [], "fixed": ""}


@pytest.mark.parametrize("name", ["Mina", "torn", "../mine"])
def test_what_cannot_be_shown_is_a_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyses", "show", name]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("ANALYSIS =", "raise SystemExit(3)\nANALYSIS =", "SystemExit: 3"),
        ('title="A bump hunt"', "title=3", "Expected `str`, got `int` - at `$.title`"),
        ('groups={"Top": ("ttbar_lep",)}', "groups=None", "at `$.groups`"),
        ('("ttbar_lep",)', '("ttbar_lep")', "at `$.groups[...]`"),
        ("def select", "select = 3\ndef other", "select is not a function"),
    ],
)
def test_what_is_wrong_in_one_file_harms_no_other(
    old: str, new: str, error: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in SOUND
    (home / "config" / "atlasod-tui" / "analyses" / "mine.py").write_text(SOUND.replace(old, new))
    assert run(["analyses", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert error in entries["mine"]["error"]
    assert "HZZ" in entries


def test_the_users_analysis_hides_the_shipped_one_of_its_name_whatever_its_file_is_called(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home / "config" / "atlasod-tui" / "analyses"
    (folder / "yy1.py").write_text(SOUND.replace('"Mine"', '"Hyy"'))
    (folder / "yy2.py").write_text(SOUND.replace('"Mine"', '"HYY"'))
    assert run(["analyses", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert entries["Hyy"]["path"] == str(folder / "yy1.py")
    assert entries["yy2.py"]["error"] == "name HYY is taken by yy1.py"
    assert run(["analyses", "--json", "show", "Hyy"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(folder / "yy1.py")
