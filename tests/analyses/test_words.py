"""The texts that are shipped: complete, of one form, and true to the analyses they speak of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from atlasod_tui.engine import words
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.registry import analysis
from atlasod_tui.samples.catalogue import LUMINOSITY_PB
from atlasod_tui.samples.generate import plan
from tests.analyses.running import TWELVE

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
TEXTS = sorted(ANALYSES.rglob("*.md"))
TOPICS = {
    "higgs", "matter", "forces", "antimatter", "dark-matter", "detector", "plots", "glossary", "disclaimer",
}  # fmt: skip
SECTIONS = ["What it is about", "What to look for", "What to expect", "Honest limits", "Ask yourself"]
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")

# Selected events at 10 fb-1 of the published plots; without and with the framework's factors.
PUBLISHED = {
    "HZZ": ("321", "832", "226", "253.4", "323.2", "8.5", "7.65", "0.67", "0.17"),
    "ZZDiBoson": ("96", "88.9"),
    "WZDiBoson": ("918", "872", "799", "37"),
    "HWW": ("2,463", "2,147", "2,446", "224", "932", "564"),
    "SingleTop": ("13,873", "13,244", "13,678", "3,264", "5,016"),
    "Hyy": ("76,394", "8,582", "398", "59", "2.38", "1.83", "119"),
}


def text_of(name: str) -> str:
    text = words.words(analysis(name))
    assert text is not None
    return text


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def named_histograms(text: str) -> set[str]:
    return {name for name in re.findall(r"`([^`]*)`", text) if name.startswith(("hist", "mass_"))}


def booked(item: Analysis) -> set[str]:
    names = {f"{h.name}_{channel}" for h in item.histograms for channel in h.channels}
    return names | {h.name for h in item.histograms if not h.channels}


def test_there_is_a_text_for_each_analysis_and_topic_and_no_other() -> None:
    stems = {path.stem for path in ANALYSES.glob("*.py")}
    assert {path.stem for path in TEXTS if path.parent == ANALYSES} == stems
    assert {path.stem for path in TEXTS if path.parent != ANALYSES} == TOPICS == set(words.topics())


@pytest.mark.parametrize("name", TWELVE)
def test_an_analysis_has_all_sections(name: str) -> None:
    text = text_of(name)
    assert words.title_of(text)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    parts = dict(zip(SECTIONS, re.split(r"^## .*$", text, flags=re.MULTILINE)[1:], strict=True))
    assert 2 <= len(re.findall(r"^\d\. ", parts["Ask yourself"], re.MULTILINE)) <= 3
    assert "Generated samples" in parts["What to expect"]
    assert "For education only" in flat(parts["Honest limits"])
    assert 250 < len(text.split()) < 520


@pytest.mark.parametrize("name", TWELVE)
def test_histograms_that_are_named_exist(name: str) -> None:
    item = analysis(name)
    named = named_histograms(text_of(name))
    assert len(named) >= 2
    assert item.main in named
    families = {histogram for histogram in named if histogram.endswith("*")}
    assert named - families <= booked(item)
    for family in families:
        assert any(histogram.startswith(family[:-1]) for histogram in booked(item))
    unfilled = {h for quirk in item.quirks if quirk.name == "never_filled" for h in quirk.touches}
    assert not named & unfilled


def test_histograms_that_topics_name_exist_somewhere() -> None:
    everywhere = set().union(*(booked(analysis(name)) for name in TWELVE))
    for path in TEXTS:
        assert {name for name in named_histograms(path.read_text()) if not name.endswith("*")} <= everywhere, path.name


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers(name: str) -> None:
    text = flat(text_of(name))
    missing = [
        number for number in PUBLISHED[name] if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", text)
    ]
    assert missing == []


@pytest.mark.parametrize("name", TWELVE)
def test_factors_by_hand_are_told(name: str) -> None:
    text = flat(text_of(name))
    for factor in analysis(name).group_factors.values():
        assert f"by {factor:g}" in text or f"the {factor:g} by which" in text
    assert analysis(name).group_factors or name == "Hyy" or "o factor" in text


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    assert lines[0].startswith("# ")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert max(map(len, lines)) <= 100
    assert max(len(LINK.sub(r"\1", line)) for line in lines) <= 79
    assert [line for line in lines if line != line.rstrip() or "\t" in line] == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f<>]", text)
    assert not re.search(r"^[-+] ", text, re.MULTILINE)  # a minus that became a bullet where a line was broken
    if path.parent != ANALYSES:
        assert 250 < len(text.split()) < (1200 if path.stem == "glossary" else 500)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_links_lead_to_texts_that_show_finds(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert links
    for label, target in links:
        found = (path.parent / target).resolve()
        assert found.is_file(), target
        assert found in TEXTS
        assert label == found.stem
        if found.parent == ANALYSES:
            assert analysis(label).path.stem == label


def test_terms_of_the_glossary_are_sorted() -> None:
    text = words.topic("glossary")
    terms = [term.casefold() for term in re.findall(r"^\* \*\*(.+?)\*\*:", text, re.MULTILINE)]
    assert len(terms) == text.count("\n* ")
    assert terms == sorted(set(terms))
    assert {
        "did", "scope", "dataset", "replica", "rse", "rule", "lifetime", "skim", "sample", "dsid", "event", "branch",
        "basket", "cluster", "luminosity",
        "jet", "quark", "gluon", "boson", "photon", "neutrino", "spin", "coupling", "virtual", "decay", "diboson",
        "cut", "vector boson fusion", "benchmark", "b jet", "pt", "etmiss", "mass, transverse", "standard deviation",
        "statistical uncertainty", "systematic uncertainty", "calibration",
    } <= set(terms)  # fmt: skip


def test_the_disclaimer_says_what_matters() -> None:
    text = flat(words.topic("disclaimer"))
    for phrase in ("education only", "publication", "CC0", "*no data of ATLAS*"):
        assert phrase in text


@pytest.mark.parametrize("name", TWELVE)
def test_generated_samples_have_the_luminosity_that_is_told(name: str) -> None:
    periods = [file.luminosity_pb for file in plan(skims=[analysis(name).skim]) if file.luminosity_pb]
    text = flat(text_of(name))
    default = r"[Ww]ith the default of `samples generate`,? (?:they )?stand for "
    told = re.search(default + r"(?:the full 10 f|([\d,]+) p)b⁻¹", text)
    assert told
    luminosity = float(told[1].replace(",", "")) if told[1] else LUMINOSITY_PB
    assert "scale with the luminosity on the plot" in text  # what is read may be another sample
    assert sum(periods) == pytest.approx(luminosity, rel=0.01)
