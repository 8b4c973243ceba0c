from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake import opendata
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Wanted
from atlasod_tui.lake.model import DID, DatasetReplica, DIDType
from atlasod_tui.lake.opendata import OpenData
from atlasod_tui.samples.catalogue import all_samples
from atlasod_tui.samples.find import parse_name
from tests.lake.https_server import serve

LAKE: Lake = OpenData()
SEVEN = ("1lep", "2lep", "3lep", "4lep", "1lep1tau", "1largeRjet1lep", "GamGam")


def did(name: str) -> DID:
    return DID("opendata", name)


def test_the_2020_release_has_940_files_in_14_datasets_of_seven_skims() -> None:
    datasets = [d for d in LAKE.datasets("opendata", "13TeV_2020.*") if d.did.name.split(".")[1] in SEVEN]
    assert len(datasets) == 14
    assert {d.did.name.rpartition(".")[2] for d in datasets} == {"Data", "MC"}
    assert sum(d.files or 0 for d in datasets) == 940
    assert round(sum(d.bytes or 0 for d in datasets) / 1e9, 1) == 129.7
    assert all(d.type is DIDType.DATASET for d in datasets)


def test_all_datasets() -> None:
    counts = {d.did.name: d.files for d in LAKE.datasets("opendata")}
    assert len(counts) == 19
    assert list(counts) == sorted(counts)
    assert counts["13TeV_2020.exactly2lep.Data"] == 4
    assert counts["13TeV_2020.exactly2lep.MC"] == 205
    assert counts["13TeV_2020.JetRecoDataset.MC"] == 10
    assert counts["8TeV_2016.Data"] == 2
    assert counts["8TeV_2016.MC"] == 42
    assert {scope.name for scope in LAKE.scopes()} == {"opendata"}


def test_every_file_has_a_size_and_a_checksum_and_one_name() -> None:
    files = list(LAKE.find_files("opendata"))
    assert len(files) == 940 + 209 + 10 + 2 + 42
    assert len({file.did for file in files}) == len(files)
    for file in files:
        assert file.did.name.endswith(".root")
        assert file.bytes
        assert re.fullmatch("[0-9a-f]{8}", file.adler32 or "")
    in_datasets = [file for d in LAKE.datasets("opendata") for file in LAKE.files(d.did)]
    assert sorted(in_datasets, key=lambda file: file.did) == files


@pytest.mark.shared
def test_the_list_is_the_portals(shared: Path) -> None:
    known = json.loads((shared / "spec" / "catalogue.json").read_text(encoding="utf-8"))
    there = {file[0]: (file[1], file[2]) for dataset in known["datasets"] for file in dataset["files"]}
    ours = {
        replica.urls[0].removeprefix("https://opendata.cern.ch/eos/opendata/atlas/"): (
            replica.file.bytes,
            replica.file.adler32,
        )
        for replica in LAKE.replicas(dataset.did for dataset in LAKE.datasets("opendata"))
    }
    # Records 390 and 391, which that list leaves out.
    data = {f"OutreachDatasets/2016-07-29/Data/Data{stream}.root" for stream in ("Egamma", "Muons")}
    assert data <= ours.keys()
    assert {path: facts for path, facts in ours.items() if path not in data} == {
        path: facts for path, facts in there.items() if path.endswith(".root")
    }


def test_it_has_every_file_that_the_samples_are_said_to_have() -> None:
    names = {file.did.name for file in LAKE.find_files("opendata", "*")}
    missing = [
        f"{sample.stem}.{skim}.root"
        for sample in all_samples(every=True)
        for skim in sample.skims
        if f"{sample.stem}.{skim}.root" not in names
    ]
    assert missing == []
    skims = {name.skim for text in names if (name := parse_name(text))}
    assert skims == {*SEVEN, "exactly2lep"}


@pytest.mark.parametrize(
    ("pattern", "where", "count"),
    [
        ("data_?.GamGam.root", None, 4),
        ("*ZH125*GamGam*", None, 1),
        ("*", {"skim": "GamGam"}, 9),
        ("*", {"skim": "4lep", "content": "data", "period": "A"}, 1),
        ("*", {"dsid": "345060"}, 2),
        ("*", {"energy": "8TeV"}, 44),
        ("*", {"release": "2016", "title": "*ττ*"}, 3),
        ("*.GamGam.root", {"bytes.gt": "80000000", "bytes.lte": "81250713"}, 1),
        ("*", {"content.ne": "mc"}, 34),
        ("*", {"colour": "*"}, 0),
        ("[d]ata*", None, 0),
    ],
)
def test_search(pattern: str, where: dict[str, str] | None, count: int) -> None:
    assert len(list(LAKE.find_files("opendata", pattern, where))) == count


def test_search_for_datasets() -> None:
    found = LAKE.datasets("opendata", "*", {"energy": "13TeV", "content": "data", "length.gt": "3", "skim": "?lep"})
    assert [d.did.name for d in found] == [f"13TeV_2020.{n}lep.Data" for n in (1, 2, 3, 4)]
    with pytest.raises(UsageError, match=r"'many' in the condition length\.gt is not a number"):
        list(LAKE.datasets("opendata", "*", {"length.gt": "many"}))


def test_a_file_and_its_replica() -> None:
    name = "data_A.4lep.root"
    (file,) = LAKE.files(did(name))
    assert (file.bytes, file.adler32) == (33765, "b6a8df64")
    (replica,) = LAKE.replicas([did(name)])
    assert replica.file == file
    assert replica.storage_element == "CERN-OPENDATA"
    path = "/eos/opendata/atlas/OutreachDatasets/2020-08-19/4lep/Data/data_A.4lep.root"
    assert replica.urls == (f"https://opendata.cern.ch{path}", f"root://eospublic.cern.ch:1094/{path}")
    details = LAKE.show(did(name))
    assert details.type is DIDType.FILE
    assert details.replicas == (replica,)
    assert details.metadata["dataset"] == "13TeV_2020.4lep.Data"
    assert details.metadata["record"] == 15005
    assert details.metadata["period"] == "A"


def test_odd_folders_of_the_portal() -> None:
    (one,) = LAKE.replicas([did("mc_410000.ttbar_lep.1lep.root")])
    assert "/OutreachDatasets/2020-08-19/MC-2-1lep/tmp2/" in one.urls[0]


def test_a_dataset_shown() -> None:
    details = LAKE.show(did("13TeV_2020.GamGam.MC"))
    assert (details.type, details.files) == (DIDType.DATASET, 5)
    assert details.metadata["doi"] == "10.7483/OPENDATA.ATLAS.B5BJ.3SGS"
    size = details.bytes
    assert details.dataset_replicas == (DatasetReplica("CERN-OPENDATA", 5, 5, size, size),)
    assert len(list(LAKE.replicas([did("13TeV_2020.GamGam.MC")]))) == 5
    eight = LAKE.show(did("mc_173046.DYtautauM15to40.root"))
    assert eight.metadata["title"] == "Drell-Yan ττ with Mττ[15-40] GeV"


def test_the_storage_element_is_not_writable() -> None:
    (element,) = LAKE.storage_elements()
    assert (element.name, element.writable, element.readable) == ("CERN-OPENDATA", False, True)
    assert element.why_not


@pytest.mark.parametrize(
    "ask",
    [
        lambda: LAKE.add_rule(did("x"), "CERN-OPENDATA", lifetime=None),
        lambda: LAKE.extend_rule("1", 1),
        lambda: LAKE.remove_rule("1"),
        lambda: list(LAKE.rules()),
        lambda: list(LAKE.quotas()),
    ],
)
def test_nothing_can_be_written(ask: Callable[[], object]) -> None:
    assert LAKE.read_only
    with pytest.raises(LakeError, match="the lake opendata has no accounts, quotas or rules, and nobody can write"):
        ask()


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (DID("opendata", "13TeV_2020.4lep.data"), "13TeV_2020.4lep.Data"),
        (DID("opendata", "../../etc/passwd"), "ls opendata"),
        (DID("opendata", "[red]\x1b[31m"), "ls opendata"),
        (DID("ATLAS_OD_EDU", "data_A.4lep.root"), "Its scope is opendata"),
    ],
)
def test_what_is_not_there(asked: DID, hint: str) -> None:
    for ask in (LAKE.show, lambda did: list(LAKE.files(did)), lambda did: list(LAKE.replicas([did]))):
        with pytest.raises(LakeError) as caught:
            ask(asked)
        assert hint in caught.value.hint
        assert caught.value.message.isprintable()
    with pytest.raises(LakeError, match="has no scope 'nothing'"):
        list(LAKE.datasets("nothing"))


def test_from_the_lake_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = random.Random(3).randbytes(10_000)  # noqa: S311 - any bytes will do
    file = opendata._File("data_A.4lep.root", len(content), f"{zlib.adler32(content):08x}")
    dataset = opendata._Dataset("13TeV_2020.4lep.Data", {}, {"OutreachDatasets/new": [file]})
    monkeypatch.setattr(opendata, "_catalogue", lambda: {dataset.name: dataset})
    with serve(tmp_path) as server, Downloader() as downloader:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca))
        server.files[f"eos/opendata/atlas/OutreachDatasets/new/{file.name}"] = content
        lake = OpenData(https=server.address)
        (entry,) = lake.files(did(dataset.name))
        fetched = downloader.download(Wanted.of(entry, tuple(lake.replicas([entry.did]))), tmp_path / "to")
    assert fetched.path == tmp_path / "to" / file.name
    assert fetched.path.read_bytes() == content


def test_browsing_imports_neither_rucio_nor_the_network() -> None:
    code = """
import sys
from atlasod_tui.lake.opendata import OpenData
assert len(list(OpenData().find_files("opendata"))) == 1203
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert not {"rucio", "requests", "urllib3", "numpy", "textual", "rich", "numba"} & set(done.stdout.split())
