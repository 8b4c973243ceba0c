"""Reading from a real Rucio, and rules in it; what it answers to what cannot be done."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import msgspec
import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.fetching.named import named_files
from atlasod_tui.lake.model import DID, DIDType, Parent, ReplicaState, RuleState
from atlasod_tui.lake.rucio import reading, rules
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings
from tests.lake.uploading import until

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

LAPP, NAPOLI, EOSPILOT = "IN2P3_LAPP-DCACHE", "INFN_NAPOLI-DCACHE", "CERN-EOSPILOT"
FILES = 5

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def settings(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    return profiles.sandbox_settings()


@pytest.fixture
def lake(settings: Settings) -> Iterator[RucioLake]:
    found = RucioLake(settings)
    yield found
    found.close()


@pytest.fixture
def dataset(lake: RucioLake) -> DID:
    """A dataset of five registered files without bytes, on one storage element."""
    did = DID(f"user.{lake.account()}", f"reading.{os.getpid()}.{next(_numbers)}")
    files = [
        {"scope": did.scope, "name": f"{did.name}.{number}.root", "bytes": 100 + number, "adler32": f"{number:08x}"}
        for number in range(FILES)
    ]
    client = lake.client()
    client.add_dataset(did.scope, did.name)
    client.add_replicas(LAPP, files)
    client.attach_dids(did.scope, did.name, files)
    return did


def some_file(dataset: DID, number: int = 1) -> DID:
    return DID(dataset.scope, f"{dataset.name}.{number}.root")


def test_scopes_have_owners(lake: Lake) -> None:
    scopes = {scope.name: scope.account for scope in lake.scopes()}
    assert scopes["ATLAS_OD_EDU"] == "root"
    assert list(scopes) == sorted(scopes)


def test_datasets_are_found_by_name(lake: Lake, dataset: DID) -> None:
    for pattern in (dataset.name, f"*{dataset.name[3:]}", f"?{dataset.name[1:]}"):
        assert [(found.did, found.type) for found in lake.datasets(dataset.scope, pattern)] == [
            (dataset, DIDType.DATASET)
        ]
    # Rucio itself takes % for any number of characters.
    assert list(lake.datasets(dataset.scope, "%")) == []
    assert list(lake.datasets(dataset.scope, f"{dataset.name[:-1]}?.no")) == []


def test_datasets_are_found_by_metadata(lake: RucioLake, dataset: DID) -> None:
    lake.client().set_metadata_bulk(dataset.scope, dataset.name, {"run_id": dataset.name, "factor": 3})
    (found,) = lake.datasets(dataset.scope, where={"run_id": dataset.name})
    assert (found.did, found.type, found.files, found.bytes) == (dataset, DIDType.DATASET, FILES, 510)
    assert list(lake.datasets(dataset.scope, where={"run_id": f"{dataset.name}.no"})) == []
    assert lake.show(dataset).metadata["factor"] == 3


def test_an_unknown_scope_is_said_to_be_unknown(lake: Lake) -> None:
    for search in (lake.datasets, lake.find_files):
        with pytest.raises(LakeError, match="has no scope nowhere"):
            list(search("nowhere"))


def test_files_of_a_dataset_a_container_and_a_file(lake: RucioLake, dataset: DID) -> None:
    container = DID(dataset.scope, f"{dataset.name}.all")
    lake.client().add_container(container.scope, container.name)
    lake.client().attach_dids(container.scope, container.name, [{"scope": dataset.scope, "name": dataset.name}])
    files = list(lake.files(dataset))
    assert [(file.bytes, file.adler32) for file in files] == [(100 + n, f"{n:08x}") for n in range(FILES)]
    assert list(lake.files(container)) == files
    assert list(lake.files(some_file(dataset, 2))) == [files[2]]
    assert [file.did for file in lake.find_files(dataset.scope, f"{dataset.name}.?.root")] == [f.did for f in files]
    details = lake.show(container)
    assert (details.type, details.files, details.bytes) == (DIDType.CONTAINER, FILES, 510)


def test_named_files_are_asked_for_together(lake: RucioLake, dataset: DID, monkeypatch: pytest.MonkeyPatch) -> None:
    files = list(lake.files(dataset))
    questions: list[int] = []
    client = lake.client()
    bulk = client.get_metadata_bulk

    def counted(dids: list[dict[str, str]]) -> Iterator[dict[str, object]]:
        questions.append(len(dids))
        found: Iterator[dict[str, object]] = bulk(dids)
        return found

    monkeypatch.setattr(client, "get_metadata_bulk", counted)
    monkeypatch.setattr(reading, "CHUNK", 4)
    wanted = [file.did for file in files]
    unknown = DID(dataset.scope, f"{dataset.name}.unknown")
    assert named_files(lake, [dataset, *wanted, unknown]) == {file.did: file for file in files}
    assert questions == [4, 3]
    assert named_files(lake, [*wanted, DID(dataset.scope, "..")]) == {}
    assert named_files(lake, wanted[:1]) == {}


def test_replicas_tell_where_a_file_is(lake: Lake, dataset: DID) -> None:
    (replica,) = lake.replicas([some_file(dataset)])
    assert (replica.file.did, replica.file.adler32) == (some_file(dataset), "00000001")
    assert (replica.storage_element, replica.state) == (LAPP, ReplicaState.AVAILABLE)
    assert replica.urls[0].startswith("file://")
    assert len(list(lake.replicas([dataset]))) == FILES


def test_replicas_are_asked_for_in_chunks(lake: Lake, dataset: DID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)
    asked: list[int] = []

    def names() -> Iterator[DID]:
        for number in range(FILES):
            asked.append(number)
            yield some_file(dataset, number)

    found = lake.replicas(names())
    assert asked == []
    assert next(found).file.did == some_file(dataset, 0)
    assert asked == [0, 1]
    assert len(list(found)) == FILES - 1


def test_show_tells_all_of_a_dataset_and_of_a_file(lake: RucioLake, dataset: DID) -> None:
    rule_id = lake.add_rule(dataset, LAPP, lifetime=3600)
    lake.client().set_metadata(dataset.scope, dataset.name, "lifetime", 7200)
    details = lake.show(dataset)
    assert (details.type, details.files, details.bytes, details.open) == (DIDType.DATASET, FILES, 510, True)
    (copy,) = details.dataset_replicas
    assert (copy.storage_element, copy.files, copy.complete) == (LAPP, FILES, True)
    assert details.metadata["created_at"].tzinfo is UTC
    file = lake.show(some_file(dataset))
    assert (file.type, file.files, file.bytes, file.adler32) == (DIDType.FILE, 1, 101, "00000001")
    assert [replica.storage_element for replica in file.replicas] == [LAPP]
    assert file.parents == (Parent(dataset, DIDType.DATASET, details.expires),)
    (rule,) = file.rules
    assert (rule.id, rule.did, rule.expires) == (rule_id, dataset, file.expires)
    assert msgspec.json.encode(details)


def test_storage_elements_say_whether_and_why_not(lake: Lake) -> None:
    elements = {element.name: element for element in lake.storage_elements()}
    assert elements[LAPP].writable
    assert elements[LAPP].country == "FR"
    assert elements[LAPP].schemes == ("file",)
    assert not elements[EOSPILOT].writable
    assert elements[EOSPILOT].why_not == "closed for writing by its operators"
    assert list(elements) == sorted(elements)


def test_quotas_are_those_of_the_account(lake: Lake) -> None:
    quotas = {quota.storage_element: quota for quota in lake.quotas()}
    quota = quotas[LAPP]
    assert quota.limit
    assert quota.remaining == quota.limit - quota.used
    assert EOSPILOT not in quotas


def test_a_rule_is_added_extended_and_removed(lake: RucioLake, dataset: DID) -> None:
    rule_id = lake.add_rule(dataset, LAPP, lifetime=3600, comment="[b]test[/b]")
    (rule,) = lake.rules(dataset)
    assert (rule.id, rule.did, rule.state, rule.expression) == (rule_id, dataset, RuleState.OK, LAPP)
    assert (rule.copies, rule.account, rule.comment, rule.ok) == (1, lake.account(), "[b]test[/b]", FILES)
    assert rule.expires is not None
    assert abs(rule.expires - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert rule in list(lake.rules())
    assert list(lake.why_stuck(rule_id)) == []
    with pytest.raises(LakeError, match="has the same rule"):
        lake.add_rule(dataset, LAPP, lifetime=3600)

    lake.extend_rule(rule_id, 7200)
    (longer,) = lake.rules(dataset)
    assert longer.expires is not None
    assert abs(longer.expires - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
    lake.remove_rule(rule_id)
    gone = time.monotonic() + 30
    while (left := list(lake.rules(dataset))) and time.monotonic() < gone:
        assert left[0].expires is not None
        assert left[0].expires <= datetime.now(UTC) + timedelta(seconds=5)
        threading.Event().wait(0.1)
    assert not left


def test_a_dataset_ends_with_the_last_of_its_rules(
    lake: RucioLake, dataset: DID, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Ahead:
            return super().now(tz) + timedelta(hours=5)

    monkeypatch.setattr(rules, "datetime", Ahead)  # this machine's clock is wrong

    def seconds() -> float | None:
        known = lake.known(dataset)
        assert known is not None
        return None if known.expires is None else round((known.expires - datetime.now(UTC)).total_seconds(), -2)

    first, second = (lake.add_rule(dataset, where, lifetime=None) for where in (LAPP, f"{LAPP}&{LAPP}"))
    for rule_id, lifetime, expected in (
        (first, 3600, None),
        (second, 7200, 7200),
        (second, 1800, 3600),
        (second, None, None),
        (first, 600, None),
        (second, 1800, 1800),
    ):
        lake.extend_rule(rule_id, lifetime)
        assert seconds() == expected
    lake.remove_rule(second)
    lake.remove_rule(first)
    until(lambda: lake.known(dataset) is None, "the end of the dataset")


def test_a_dataset_may_outlast_its_rules(lake: RucioLake, dataset: DID) -> None:
    container = DID(dataset.scope, f"{dataset.name}.all")
    outlasting = lake.add_rule(dataset, LAPP, lifetime=3600)
    lake.extend_rule(outlasting, 1800)
    lake.remove_rule(outlasting)
    rule_id = lake.add_rule(dataset, f"{LAPP}&{LAPP}", lifetime=None)
    lake.client().add_container(container.scope, container.name)
    lake.client().attach_dids(container.scope, container.name, [{"scope": dataset.scope, "name": dataset.name}])
    lake.extend_rule(rule_id, 1800)
    known = lake.known(dataset)
    assert known is not None
    assert known.expires is None


@pytest.mark.parametrize(
    ("expression", "copies", "sentence"),
    [
        (EOSPILOT, 1, "cannot be written to"),
        ("((", 1, "no expression for storage elements"),
        ("NOWHERE", 1, "no expression for storage elements"),
        (LAPP, 3, "fewer storage elements than copies"),
    ],
)
def test_a_rule_that_cannot_be_is_a_sentence(
    lake: Lake, dataset: DID, expression: str, copies: int, sentence: str
) -> None:
    with pytest.raises(LakeError, match=sentence):
        lake.add_rule(dataset, expression, lifetime=60, copies=copies)
    assert list(lake.rules(dataset)) == []


def test_more_than_the_quota_is_a_sentence(lake: RucioLake, dataset: DID) -> None:
    limit = max(quota.limit or 0 for quota in lake.quotas())
    big = DID(dataset.scope, f"{dataset.name}.big.root")
    row = {"scope": big.scope, "name": big.name, "bytes": limit + 1, "adler32": "00000001"}
    lake.client().add_replicas(LAPP, [row])
    with pytest.raises(LakeError, match=r"quota of .* does not suffice"):
        lake.add_rule(big, NAPOLI, lifetime=60)


@pytest.mark.parametrize(
    "name", ["nothing", "../nothing", "[red]x[/red]", "\x1b[31mx", "a/b", "x" * 600, "a b", "ü", "..", "a:b", "%2e%2e"]
)
def test_names_that_do_not_exist_are_a_sentence(lake: Lake, name: str) -> None:
    did = DID("ATLAS_OD_EDU", name)
    with pytest.raises(LakeError):
        lake.show(did)
    with pytest.raises(LakeError):
        list(lake.files(did))
    with pytest.raises(LakeError):
        list(lake.rules(did))
    with pytest.raises(LakeError):
        lake.add_rule(did, LAPP, lifetime=60)


@pytest.mark.parametrize("rule_id", ["0" * 32, "../accounts", "x"])
def test_a_rule_that_does_not_exist_is_a_sentence(lake: Lake, rule_id: str) -> None:
    for change in (lake.remove_rule, lambda rule: lake.extend_rule(rule, 60)):
        with pytest.raises(LakeError, match=r"no such rule|not the id of a rule"):
            change(rule_id)
    with pytest.raises(LakeError):
        list(lake.why_stuck(rule_id))


def test_another_account_and_a_wrong_password_are_a_sentence(settings: Settings) -> None:
    for changes in ({"password": "wrong"}, {"account": "root"}, {"username": "nobody"}):
        lake = RucioLake(msgspec.structs.replace(settings, **changes))
        with pytest.raises(LakeError, match="did not accept the login"):
            list(lake.scopes())
        lake.close()


def test_the_account_is_asked_for_where_it_is_not_told(settings: Settings) -> None:
    lake = RucioLake(msgspec.structs.replace(settings, account=None))
    assert lake.account() == settings.account
    lake.close()


def test_a_stale_token_is_renewed(settings: Settings) -> None:
    settings.folder.mkdir(parents=True)
    settings.token_file.write_text("stale", encoding="utf-8")
    lake = RucioLake(settings)
    assert list(lake.scopes())
    assert settings.token_file.read_text(encoding="utf-8") != "stale"
    lake.close()


def test_threads_may_share_a_lake(lake: RucioLake, dataset: DID) -> None:
    found: list[int] = []

    def read() -> None:
        for _ in range(5):
            files = [file.did for file in lake.files(dataset)]
            found.append(len(list(lake.replicas(files))))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [FILES] * 20
