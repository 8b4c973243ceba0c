"""Uploads into a real Rucio: there on each storage element, for a time, and gone without a trace after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui import config
from atlasod_tui.errors import AtlasodError, LakeError, UsageError
from atlasod_tui.lake.fetching.fetch import Fetcher
from atlasod_tui.lake.local import LocalLake
from atlasod_tui.lake.model import DID, ReplicaState, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import ElementError, Storage
from atlasod_tui.lake.uploading import enrolment
from atlasod_tui.lake.uploading.upload import Given, Target, Uploader
from atlasod_tui.samples.find import parse_name
from tests.lake.uploading import (
    CC,
    EOSPILOT,
    LAPP,
    NAPOLI,
    all_ok,
    checksum,
    names_of,
    on_disk,
    opened,
    some_file,
    target,
    until,
)

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

_EVERYWHERE = (LAPP, CC, NAPOLI)


@pytest.fixture(autouse=True)
def _quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.mark.slow
def test_an_upload_is_everywhere_for_its_lifetime_and_then_nowhere(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path
) -> None:
    files = [some_file(tmp_path, name) for name in ("data_A.4lep.root", "data_B.4lep.root")]
    where = target(*_EVERYWHERE, lifetime=20)
    uploader = Uploader(lake, where)
    uploader.refuse(6_000_000)
    sent: list[int] = []
    uploaded = [uploader.upload(file, metadata={"factor": 3}, progress=sent.append) for file in files]
    begun = datetime.now(UTC)
    assert sent == 2 * [0, 1 << 20, 2 << 20, 3_000_000]
    assert [file.adler32 for file in uploaded] == [checksum(file) for file in files]
    until(lambda: all_ok(uploader.result()), "a good copy on each storage element")

    result = uploader.result()
    assert result.dataset == DID("user.student", f"student.run{where.run_id}.tried")
    assert [element.storage_element for element in result.elements] == list(_EVERYWHERE)
    there = {f"student.run{where.run_id}.{file.name}": checksum(file) for file in files}
    assert on_disk(sandbox, where.run_id) == dict.fromkeys(_EVERYWHERE, there)
    assert {file.did.name for file in lake.files(result.dataset)} == set(there)
    for element in result.elements:
        assert element.expires is not None
        assert abs(element.expires - begun - timedelta(seconds=20)) < timedelta(seconds=3)
    replicas = list(lake.replicas([uploaded[0].did]))
    assert {(replica.storage_element, replica.state) for replica in replicas} == {
        (name, ReplicaState.AVAILABLE) for name in _EVERYWHERE
    }
    metadata = lake.show(uploaded[0].did).metadata
    assert (metadata["factor"], metadata["run_id"], metadata["source"]) == (3, where.run_id, uploaded[0].did.name)
    assert metadata["tool"].startswith("atlasod-tui ")
    assert lake.show(result.dataset).metadata["run_id"] == where.run_id
    found = parse_name(uploaded[0].did.name)
    assert found is not None
    assert found.stem == "data_A"

    until(lambda: not names_of(lake, where.run_id) and not on_disk(sandbox, where.run_id), "the end of all of it")
    assert [element.rule_id for element in uploader.result().elements] == ["", "", ""]


def test_a_rule_that_is_removed_takes_the_bytes_and_the_dataset_with_it(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path
) -> None:
    where = target(LAPP, lifetime=None)
    uploader = Uploader(lake, where)
    uploader.upload(some_file(tmp_path))
    result = uploader.result()
    assert (result.expires, result.elements[0].expires) == (None, None)
    lake.remove_rule(result.elements[0].rule_id)
    until(lambda: not on_disk(sandbox, where.run_id), "the removal of the bytes")
    until(lambda: lake.known(result.dataset) is None, "the end of the dataset")
    again = Uploader(lake, target(LAPP, dataset=result.dataset.name, lifetime=300))
    again.upload(some_file(tmp_path))
    expires = again.result().expires  # of its own name for the second time, and not for ever any more
    assert expires is not None
    assert expires - datetime.now(UTC) <= timedelta(seconds=300)


def test_a_dataset_of_ones_own_is_added_to_and_lasts_as_long_as_its_last_file(
    lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = target(LAPP, dataset=f"{tmp_path.name}.mine".replace("_", "-"), lifetime=300)
    Uploader(lake, first).upload(some_file(tmp_path))
    second = target(CC, LAPP, dataset=first.dataset, lifetime=7200)
    uploader = Uploader(lake, second)
    uploader.upload(some_file(tmp_path))
    result = uploader.result()
    assert result.dataset == DID("user.student", first.dataset)
    assert len(list(lake.files(result.dataset))) == 2
    least = datetime.now(UTC) + timedelta(seconds=7000)
    assert result.expires is not None
    assert result.expires > least
    assert all(element.expires is not None and element.expires > least for element in result.elements)
    shorter = Uploader(lake, target(LAPP, dataset=first.dataset, lifetime=60))
    shorter.upload(some_file(tmp_path))
    monkeypatch.setattr(enrolment, "_OLD", -1.0)
    shorter.settle()
    now = uploader.result()
    assert (now.expires, [one.expires for one in now.elements]) == (
        result.expires,
        [one.expires for one in result.elements],
    )


def test_the_next_storage_element_takes_what_the_first_does_not(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Storage.write

    def refuse(self: Storage, *arguments: object, **options: object) -> None:
        if self.name == LAPP:
            raise ElementError("the disks are full")
        write(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Storage, "write", refuse)
    where = target(LAPP, CC)
    uploader = Uploader(lake, where)
    done = uploader.upload(some_file(tmp_path))
    assert done.storage_element == CC
    # The lake itself may still bring it to the first.
    until(lambda: all_ok(uploader.result()), "copies on both")
    assert set(on_disk(sandbox, where.run_id)) == {LAPP, CC}


def test_a_storage_element_without_a_rule_is_named_and_harms_nothing(
    lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule = RucioLake.add_rule

    def refuse(self: RucioLake, did: DID, expression: str, **options: object) -> str:
        if expression == CC:
            raise LakeError("the quota does not suffice")
        return add_rule(self, did, expression, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(RucioLake, "add_rule", refuse)
    uploader = Uploader(lake, target(LAPP, CC, NAPOLI))
    uploader.upload(some_file(tmp_path))
    elements = {element.storage_element: element for element in uploader.result().elements}
    assert (elements[CC].rule_id, elements[CC].problem) == ("", "the quota does not suffice")
    assert elements[LAPP].rule_id
    assert elements[NAPOLI].rule_id


@pytest.mark.parametrize(
    ("options", "total", "sentence"),
    [
        ({"rses": [EOSPILOT]}, 10, "CERN-EOSPILOT is closed for writing by its operators"),
        ({"rses": [LAPP, "NOWHERE"]}, 10, "no storage element 'NOWHERE'"),
        ({"rses": ["country=FR"]}, 10, "no storage element 'country=FR'"),
        ({"rses": ["../rses"]}, 10, "no storage element"),
        ({"rses": []}, 10, "needs a storage element"),
        ({"rses": [LAPP, CC]}, 10**14, f"{LAPP} leaves .* bytes.*; .*{CC} "),
        ({"scope": "ATLAS_OD_EDU"}, 10, "scope of a release"),
        ({"scope": "user.nobody"}, 10, "has no scope user.nobody"),
        ({"scope": "../.."}, 10, "cannot be the name of a scope"),
        ({"scope": "[red]user"}, 10, "cannot be the name of a scope"),
        ({"dataset": "../up"}, 10, "cannot be the name of a dataset"),
        ({"dataset": "a\x1b[31mb"}, 10, r"'a\\x1b\[31mb' cannot be the name of a dataset"),
        ({"dataset": "a b"}, 10, "cannot be the name of a dataset"),
        ({"run_id": "../x"}, 10, "not the id of a run"),
    ],
)
def test_what_cannot_end_well_is_refused_before_a_byte_is_written(
    lake: RucioLake, sandbox: Sandbox, tmp_path: Path, options: dict[str, str], total: int, sentence: str
) -> None:
    where = Target(**{"rses": [LAPP], "run_id": target().run_id, "title": "no", **options})  # type: ignore[arg-type]
    uploader = Uploader(lake, where)
    with pytest.raises(AtlasodError, match=sentence) as caught:
        uploader.refuse(total)
    assert caught.value.exit_code in {2, 3}
    if total == 10:
        with pytest.raises(AtlasodError, match=sentence):
            uploader.upload(some_file(tmp_path))
        assert not on_disk(sandbox, where.run_id)


@pytest.mark.parametrize("name", ["a b.root", "[red].root", "\x1b[31m.root", "..root", "-x.root", "é.root", "x" * 226])
def test_a_file_that_cannot_be_called_that_is_refused(lake: RucioLake, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        Uploader(lake, target()).upload(some_file(tmp_path), name=name)


def test_the_longest_name_goes_there_and_comes_back(lake: RucioLake, tmp_path: Path) -> None:
    where = target()
    uploader = Uploader(lake, where)
    done = uploader.upload(some_file(tmp_path), name="x" * (240 - len(f"student.run{where.run_id}.")))
    (file,) = lake.files(uploader.dataset)
    assert file.did == done.did
    with Fetcher(lake) as fetcher:
        assert fetcher.fetch(file, tmp_path / "back").adler32 == done.adler32


def test_a_file_cannot_be_its_own_dataset(lake: RucioLake, tmp_path: Path) -> None:
    where = target()
    with pytest.raises(UsageError, match="cannot be a file and its dataset"):
        Uploader(lake, where).upload(some_file(tmp_path), name="tried")


def test_many_small_files_are_made_known_at_once(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_files, told = RucioLake.add_files, []

    def count(self: RucioLake, dataset: DID, files: list[Any], element: str) -> bool:
        told.append(len(files))
        return add_files(self, dataset, files, element)

    monkeypatch.setattr(RucioLake, "add_files", count)
    where = target(LAPP)
    uploader = Uploader(lake, where)
    files = [some_file(tmp_path, f"{number}.root", number) for number in range(1, 31)]
    uploader.upload(files[0])
    done = uploader.upload_together([Given(file, metadata={"factor": 2}) for file in files])
    assert told == [29]
    assert [one.taken_over for one in done] == [True] + 29 * [False]
    there = {f"student.run{where.run_id}.{file.name}": checksum(file) for file in files}
    assert on_disk(sandbox, where.run_id) == {LAPP: there}
    assert {file.did.name: file.adler32 for file in lake.files(uploader.dataset)} == there
    assert lake.show(done[29].did).metadata["factor"] == 2
    assert all(one.taken_over for one in uploader.upload_together(list(map(Given, files))))
    assert len(told) == 1


def test_the_lake_is_told_after_a_second_of_what_was_written(
    lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atlasod_tui.lake.uploading.upload._TOLD_WITHIN", 0)
    uploader = Uploader(lake, target(LAPP))
    files = [Given(some_file(tmp_path, name)) for name in ("a.root", "b.root", "c.root")]
    for number in (1, 2, 3):
        done = uploader.upload_together(files)
        assert [one.taken_over for one in done] == [True] * (number - 1) + [False]
    assert len(list(lake.files(uploader.dataset))) == 3


def test_a_rule_that_has_not_been_looked_at_is_not_in_order(lake: RucioLake, tmp_path: Path) -> None:
    uploader = Uploader(lake, target(LAPP))
    uploader.upload_together([Given(some_file(tmp_path, name)) for name in ("a.root", "b.root")])
    result = uploader.result()
    (rule,) = lake.rules(result.dataset)
    assert rule.state is RuleState.OK
    assert (result.elements[0].state is RuleState.OK) == (rule.ok == 2)
    until(lambda: all_ok(uploader.result()), "the lake has looked")


def test_a_dataset_that_ends_while_it_is_listed_is_no_error(
    lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rucio.common.exception import DataIdentifierNotFound  # noqa: PLC0415 - configured first

    def gone(*_: object, **__: object) -> None:
        raise DataIdentifierNotFound

    uploader = Uploader(lake, target(LAPP))
    uploader.upload(some_file(tmp_path))
    dataset = uploader.dataset
    monkeypatch.setattr(lake.client(), "get_did", gone)
    assert [found.did for found in lake.datasets(dataset.scope, dataset.name)] == [dataset]


def test_a_rule_that_another_run_makes_in_the_same_moment_is_used(
    lake: RucioLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule = RucioLake.add_rule

    def twice(self: RucioLake, *arguments: Any, **options: Any) -> str:
        add_rule(self, *arguments, **options)
        return add_rule(self, *arguments, **options)

    monkeypatch.setattr(RucioLake, "add_rule", twice)
    uploader = Uploader(lake, target(LAPP, CC))
    uploader.upload(some_file(tmp_path))
    assert all(element.rule_id and not element.problem for element in uploader.result().elements)


def test_another_accounts_scope_is_refused(lake: RucioLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlasod_tui.lake.names.RELEASES", frozenset())
    with pytest.raises(LakeError, match="may not write to the scope ATLAS_OD_EDU, which is root's"):
        Uploader(lake, target(scope="ATLAS_OD_EDU")).refuse(1)


def test_a_dataset_that_is_closed_or_none_is_refused(lake: RucioLake, tmp_path: Path) -> None:
    where = target()
    uploader = Uploader(lake, where)
    done = uploader.upload(some_file(tmp_path))
    dataset = uploader.result().dataset
    with pytest.raises(UsageError, match="is a file, and no dataset"):
        Uploader(lake, target(dataset=done.did.name)).refuse(1)
    lake.client().set_status(dataset.scope, dataset.name, open=False)
    with pytest.raises(UsageError, match="is closed"):
        Uploader(lake, target(dataset=dataset.name)).refuse(1)


def test_the_settings_may_choose_the_scope(lake: RucioLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_UPLOAD_SCOPE", "nowhere")
    config.load.cache_clear()
    with pytest.raises(LakeError, match="has no scope nowhere"):
        Uploader(lake, target()).refuse(1)


def test_only_a_rucio_that_may_be_written_takes_uploads(lake: RucioLake, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="nothing can be uploaded to the lake"):
        Uploader(LocalLake(tmp_path), target())
    with pytest.raises(LakeError, match="opened for reading only"):
        Uploader(RucioLake(lake.settings, read_only=True), target()).refuse(1)
