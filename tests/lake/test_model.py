from __future__ import annotations

import msgspec
import pytest

from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake.face import Lake, ReadOnlyLake
from atlasod_tui.lake.model import DID, DatasetReplica, Quota, Rule, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings


@pytest.mark.parametrize(
    ("text", "name"), [("s:n", "n"), ("s:n:m", "n:m"), ("s:../n", "../n"), ("s:[b]\x1b", "[b]\x1b")]
)
def test_a_did_is_read_as_it_is_written(text: str, name: str) -> None:
    did = DID.parse(text)
    assert (did.scope, did.name, str(did)) == ("s", name, text)


@pytest.mark.parametrize("text", ["", "s", "s:", ":n", ":"])
def test_what_is_no_did_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a DID"):
        DID.parse(text)


def test_records_cannot_be_changed_and_can_be_compared() -> None:
    did = DID("s", "n")
    with pytest.raises(AttributeError):
        did.name = "other"  # type: ignore[misc]
    assert {did, DID("s", "n")} == {did}
    assert DID("s", "b") < DID("t", "a")


def test_what_remains_of_a_quota_is_never_negative() -> None:
    assert Quota("A", 3, 1, 10).remaining == 7
    assert Quota("A", 30, 1, 10).remaining == 0
    assert Quota("A", 30, 1, None).remaining is None


def test_a_dataset_replica_is_complete_with_all_files() -> None:
    assert DatasetReplica("A", 2, 2).complete
    assert not DatasetReplica("A", 2, 1).complete


def test_a_rule_survives_json() -> None:
    rule = Rule("0" * 32, DID("s", "n"), RuleState.STUCK, "A|B", 2, error="[red]\x1b")
    assert msgspec.json.decode(msgspec.json.encode(rule), type=Rule) == rule


class _Folder(ReadOnlyLake):
    name = "here"


def test_a_read_only_lake_says_what_it_cannot_do() -> None:
    lake = _Folder()
    did = DID("s", "n")
    for ask in (
        lake.storage_elements,
        lake.quotas,
        lake.account,
        lambda: lake.rules(did),
        lambda: lake.why_stuck("0"),
        lambda: lake.add_rule(did, "A", lifetime=1),
        lambda: lake.extend_rule("0", 1),
        lambda: lake.remove_rule("0"),
    ):
        with pytest.raises(LakeError, match="lake here has no storage elements") as caught:
            ask()
        assert caught.value.exit_code == 3


def test_a_rucio_has_the_face_of_a_lake() -> None:
    lake: Lake = RucioLake(Settings("box", "http://127.0.0.1:1", "http://127.0.0.1:1"), read_only=True)
    assert (lake.name, lake.read_only) == ("box", True)
    with pytest.raises(LakeError, match="for reading only"):
        lake.add_rule(DID("s", "n"), "A", lifetime=1)
    with pytest.raises(LakeError, match="for reading only"):
        lake.remove_rule("0" * 32)
