"""All there is to know of a row, in lines: rules with their dates, why one is stuck, and nothing that does harm."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from rich.cells import cell_len

from atlasod_tui.errors import LakeAwayError, LakeError
from atlasod_tui.lake.agent.protocol import LocalCopies, Replicas, Show, WhyStuck
from atlasod_tui.lake.model import DID, Dataset, Details, DIDType, FileEntry, Rule, RuleState, Scope, Transfer
from atlasod_tui.tui.cells import wrapped
from atlasod_tui.tui.lake.details import Card, CardLine, ends, lines, span, stuck_rules
from atlasod_tui.tui.lake.facts import KnownRows
from atlasod_tui.tui.lake.levels import Row
from atlasod_tui.tui.looks.look import UNICODE
from tests.tui import fake_content as content
from tests.tui import hostile
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake

LLLL = content.FILES[DID("opendata", "mc_363490.llll.4lep.root")]
SET = next(one for one in content.DATASETS if one.did == DID("opendata", "2020.4lep"))
DATA = content.FILES[DID("opendata", "data_A.4lep.root")]


def asked(row: Row, lake: FakeLake | None = None) -> Card:
    """Return a card with all that the lake tells."""
    facts = KnownRows(lake or FakeLake())
    card = facts.card(row)
    asyncio.run(facts.load_card(card, lambda _: None))
    return card


def texts(card: Card, width: int = 78) -> list[str]:
    """Return the texts of its lines."""
    return [line.text for line in lines(card, width, NOW, UNICODE)]


def test_a_file() -> None:
    assert texts(asked(LLLL)) == [
        "opendata:mc_363490.llll.4lep.root",
        "file · 179 MB · 1.06 M events · of root",
        "simulation, DSID 363490, skim 4lep",
        "cross-section 1.258 pb",
        "Adler-32 6298e6cb",
        "no copy on this machine",
        "",
        "replicas: 2 of 3 there",
        "● CC_DCACHE: available",
        "  root://cc.example:1094//lake/opendata/mc_363490.llll.4lep.root",
        "● IN2P3_LAPP-DCACHE: available",
        "  root://lapp.example:1094//lake/opendata/mc_363490.llll.4lep.root",
        "! INFN_NAPOLI-DCACHE: unavailable",
        "  root://napoli.example:1094//lake/opendata/mc_363490.llll.4lep.root",
        "",
        "rules",
        "! stuck on INFN_NAPOLI-DCACHE",
        "  ends 2026-03-21 11:03 UTC, in 6 d 23 h",
        "  0 ok, 0 copying, 1 stuck, of student",
        "  why: No space left on device",
        "  mc_363490.llll.4lep.root to INFN_NAPOLI-DCACHE: No space left on device (3",
        "    tries)",
        "",
        "metadata",
        "content: mc",
        "dsid: 363490",
        "factor: 1",
        "skim: 4lep",
    ]


def test_a_dataset() -> None:
    told = texts(asked(SET))
    assert told[:6] == [
        "opendata:2020.4lep",
        "dataset · 18 files · 308 MB · of student · closed",
        "",
        "replicas",
        "○ CC_DCACHE: 14 of 18 files, 257 MB",
        "● IN2P3_LAPP-DCACHE: 18 of 18 files, 308 MB",
    ]
    assert "○ replicating on CC_DCACHE" in told
    assert "  12 ok, 6 copying, 0 stuck, of student" in told
    why = told.index("  why: RSE excluded; not available for writing.")
    assert told[why + 3].startswith("  mc_345060.ggH125_ZZ4lep.4lep.root to INFN_NAPOLI-DCACHE: no reason is")


def test_a_wide_line_takes_a_whole_rule_and_a_replica_with_its_address() -> None:
    told = lines(asked(SET), 156, NOW, UNICODE)
    (rule,) = [line for line in told if line.rule is not None and line.rule.id[0] == "b"]
    assert len({line.key for line in told}) == len(told)
    narrow = lines(asked(SET), 78, NOW, UNICODE)
    assert rule.key == next(line.key for line in narrow if line.text == "○ replicating on CC_DCACHE")  # the cursor's
    assert rule.text == (
        "○ replicating on CC_DCACHE · ends 2026-03-21 11:03 UTC, in 6 d 23 h · 12 ok, 6 copying, 0 stuck, of student"
    )
    told = lines(asked(LLLL), 156, NOW, UNICODE)
    assert told[2].text == "simulation, DSID 363490, skim 4lep · cross-section 1.258 pb"
    replica = next(line for line in told if "LAPP" in line.text)
    url = "root://lapp.example:1094//lake/opendata/mc_363490.llll.4lep.root"
    assert replica.text == f"● IN2P3_LAPP-DCACHE: available · {url}"
    assert replica.copied is not None
    assert replica.copied.text == url


def test_a_copy_on_this_machine() -> None:
    line = next(line for line in lines(asked(DATA), 78, NOW, UNICODE) if line.text.startswith("on this machine"))
    assert line.copied is not None
    assert (line.style, line.copied.text) == ("good", "~/data/4lep/Data/data_A.4lep.root")


def test_a_rule_on_what_a_file_is_in_says_so() -> None:
    rule = Rule("r", SET.did, RuleState.OK, "X", 1)
    assert "  on opendata:2020.4lep, which it is in" in texts(
        Card(LLLL, Details(LLLL.did, DIDType.FILE, rules=(rule,)), asked=True)
    )


def test_only_a_rule_s_lines_are_about_it() -> None:
    about = {line.rule.id[0] for line in lines(asked(SET), 78, NOW, UNICODE) if line.rule is not None}
    assert about == {"a", "b", "c"}


def test_a_scope_is_not_asked_about() -> None:
    lake = FakeLake()
    assert texts(asked(Scope("opendata", "root"), lake)) == ["opendata", "scope of root"]
    assert lake.agent.asked == []


def test_what_was_asked_is_not_asked_again() -> None:
    lake = FakeLake()
    facts = KnownRows(lake)
    for _ in range(2):
        asyncio.run(facts.load_card(facts.card(LLLL), lambda _: None))
    kinds = [type(question) for question, _ in lake.agent.asked]
    assert kinds == [Show, WhyStuck, LocalCopies]
    assert facts.unknown([LLLL, DATA]) == [DATA.did]
    facts.forget()
    assert facts.unknown([LLLL]) == [LLLL.did]
    assert not facts.card(LLLL).asked


def test_replicas_of_many_files_are_asked_for_in_parts() -> None:
    lake = FakeLake(many=450)
    facts, files = KnownRows(lake), content.many(450)
    asyncio.run(facts.load_replicas(facts.unknown(files)))
    assert [len(question.files) for question in lake.questions(Replicas) if isinstance(question, Replicas)] == [
        200,
        200,
        50,
    ]
    assert not facts.unknown(files)


def test_trouble_is_told_and_may_be_tried_again() -> None:
    lake = FakeLake(failures={"show": LakeAwayError("it does not answer", "Try later.")})
    facts = KnownRows(lake)
    asyncio.run(facts.load_card(facts.card(LLLL), lambda _: None))
    assert texts(facts.card(LLLL))[-2:] == ["it does not answer", "Try later."]
    lake.agent.failures = {"why_stuck": LakeError("who asks?"), "local_copies": LakeError("no")}
    asyncio.run(facts.load_card(facts.card(LLLL), lambda _: None))
    told = texts(facts.card(LLLL))
    assert "  who asks?" in told
    assert not any("this machine" in line for line in told)


def test_an_old_answer_says_so_and_stuck_rules_are_not_asked_about() -> None:
    lake = FakeLake(old=NOW - timedelta(hours=3))
    card = asked(LLLL, lake)
    assert "an old answer, of 2026-03-14 09:03 UTC: the lake is away" in texts(card)
    assert lake.questions(WhyStuck) == []
    assert not card.asked


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=6, hours=23, minutes=59), "6 d 23 h"),
        (timedelta(days=7), "7 d"),
        (timedelta(hours=5), "5 h 0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(seconds=-1), "0 min"),
    ],
)
def test_times_from_now(left: timedelta, words: str) -> None:
    assert span(left.total_seconds()) == words


def test_when_a_rule_ends() -> None:
    rule = Rule("r", SET.did, RuleState.OK, "X", 2)
    assert ends(rule, NOW) == "never ends"
    over = Rule("r", SET.did, RuleState.OK, "X", 2, expires=NOW - timedelta(hours=1))
    assert ends(over, NOW) == "ended 2026-03-14 11:03 UTC"


def test_texts_are_broken_and_cut() -> None:
    assert wrapped("aa bb cc", 5, "…") == ["aa bb", "cc"]
    assert wrapped("abcdefgh", 3, "…") == ["abc", "def", "gh"]
    assert wrapped("", 5, "…") == [""]
    many = wrapped("x" * 5000, 10, "…")
    assert (len(many), many[-1]) == (6, "x" * 9 + "…")
    for narrow in (2, 1, 0, -3):
        assert wrapped("x" * 5000, narrow, "...")[0][:1] == "x"


@pytest.mark.parametrize("width", [20, 78, 156])
@pytest.mark.parametrize("name", hostile.NAMES, ids=hostile.IDS)
def test_hostile_texts_stay_in_their_lines(name: str, width: int) -> None:
    did = DID(name, name)
    rule = Rule(name, did, RuleState.STUCK, name, 1, name, NOW, NOW, 1, 1, 1, name, name, name)
    details = Details(did, DIDType.FILE, 1, 1, name, name, metadata={name: name, "x": [name]}, rules=(rule,))
    for row in (FileEntry(did, 1, name, 1), Dataset(did), Scope(name, name)):
        card = Card(row, details, copy=name, stuck={name: [Transfer(did, name, 1, name)]})
        failed = Card(row, error=LakeError(name, name))
        for line in [*lines(card, width, NOW, UNICODE), *lines(failed, width, NOW, UNICODE)]:
            assert isinstance(line, CardLine)
            assert cell_len(line.text) <= width
            assert not set(line.text) & hostile.FORBIDDEN
    assert stuck_rules(details) == [rule]
