from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from atlasod_tui.lake.model import DID, DIDType, Parent, ReplicaState, Rule, RuleState
from atlasod_tui.lake.rucio import records

ROW: dict[str, Any] = {"scope": "s", "name": "n"}


def test_what_a_row_leaves_out_is_unknown() -> None:
    assert records.file_entry(ROW).bytes is None
    assert records.dataset(ROW).files is None
    assert records.dataset(ROW).type is DIDType.DATASET
    assert records.rule({**ROW, "id": "0"}).state is RuleState.UNKNOWN
    assert list(records.replicas(ROW)) == []
    assert not records.storage_element({"rse": "A"}, {}, []).schemes


def test_a_checksum_has_eight_digits() -> None:
    assert records.file_entry({**ROW, "adler32": "1AB"}).adler32 == "000001ab"


def test_replicas_are_ordered_by_priority_and_keep_their_state() -> None:
    row = {
        **ROW,
        "states": {"A": "AVAILABLE", "B": "TEMPORARY_UNAVAILABLE", "C": "BEING_DELETED", "D": "ODD"},
        "pfns": {
            "root://b/2": {"rse": "B", "priority": 2},
            "https://b/1": {"rse": "B", "priority": 1},
            "root://a/3": {"rse": "A", "priority": 3},
        },
    }
    found = list(records.replicas(row))
    assert [(one.storage_element, one.urls) for one in found] == [
        ("B", ("https://b/1", "root://b/2")),
        ("A", ("root://a/3",)),
        ("C", ()),
        ("D", ()),
    ]
    states = [ReplicaState.TEMPORARY_UNAVAILABLE, ReplicaState.AVAILABLE]
    assert [one.state for one in found] == [*states, ReplicaState.BEING_DELETED, ReplicaState.UNKNOWN]


def test_a_storage_element_is_read_by_its_wide_area_protocols() -> None:
    details = {
        "protocols": [
            {"scheme": "root", "domains": {"wan": {"read": 2}}},
            {"scheme": "davs", "domains": {"wan": {"read": 1}}},
            {"scheme": "srm", "domains": {"wan": {"read": 0}}},
            {"scheme": "file", "domains": {"lan": {"read": 1}}},
        ]
    }
    usage: list[dict[str, Any]] = [{"source": "rucio", "used": 1}, {"source": "storage", "used": 2, "free": "8"}]
    closed = {"rse": "A", "availability_read": False, "availability_write": False}
    element = records.storage_element(closed, details, usage)
    assert element.schemes == ("davs", "root")
    assert (element.used, element.free, element.total) == (2, 8, None)
    assert element.why_not == "closed for reading and writing by its operators"


@pytest.mark.parametrize(("limit", "expected"), [(5, 5), (0, 0), (-1, None), (float("inf"), None), (None, None)])
def test_a_quota_without_bound_has_no_limit(limit: float | None, expected: int | None) -> None:
    assert records.quota({"rse": "A", "bytes": 1, "files": 1, "bytes_limit": limit}).limit == expected


def test_a_file_ends_with_the_last_of_its_rules_and_those_with_what_they_are_on() -> None:
    dataset, soon, later = DID("s", "d"), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)

    def end(*expires: datetime | None, own: datetime | None = None, parent: datetime | None = None) -> datetime | None:
        rules = [Rule(str(one), dataset, RuleState.OK, "A", 1, expires=one) for one in expires]
        return records.end_of_file(own, rules, [Parent(dataset, expires=parent)])

    assert end() is None
    assert end(soon, later) == later
    assert end(soon, None) is None
    assert end(soon, None, parent=later) == later
    assert end(later, parent=soon) == soon
    assert end(None, own=soon) == soon


def test_times_are_in_utc_and_say_so() -> None:
    naive = datetime(2026, 1, 2, 3)  # noqa: DTZ001 - as Rucio gives it
    assert records.time(naive) == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert records.time(None) is None
    assert records.metadata({**ROW, "created_at": naive, "length": None, "energy": "13TeV"}) == {
        "created_at": datetime(2026, 1, 2, 3, tzinfo=UTC),
        "energy": "13TeV",
    }
