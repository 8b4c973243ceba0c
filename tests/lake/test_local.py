from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.local import DEAD, OUTSIDE, UNREADABLE, LocalLake
from atlasod_tui.lake.model import DID, Dataset, DIDType, FileEntry


def did(name: str) -> DID:
    return DID("local", name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as people have them."""
    top = tmp_path / "lake"
    for name, size in (
        ("4lep/Data/data_A.4lep.root", 10),
        ("4lep/Data/data_B.4lep.root", 20),
        ("4lep/MC/mc_345060.ggH125_ZZ4lep.4lep.root", 30),
        ("own.root", 5),
        ("4lep/MC/FilesToProcess.txt~", 1),
        ("4lep/MC/half.root.part", 1),
        (".hidden/x.root", 1),
        ("4lep/.x.root", 1),
        ("notes/readme.txt", 1),
    ):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    return top


@pytest.fixture
def lake(folder: Path) -> Lake:
    return LocalLake(folder)


def test_folders_are_datasets(lake: Lake) -> None:
    assert [scope.name for scope in lake.scopes()] == ["local"]
    assert list(lake.datasets("local")) == [
        Dataset(did("."), DIDType.DATASET, 1, 5),
        Dataset(did("4lep"), DIDType.CONTAINER, 3, 60),
        Dataset(did("4lep/Data"), DIDType.DATASET, 2, 30),
        Dataset(did("4lep/MC"), DIDType.DATASET, 1, 30),
    ]
    assert [d.did.name for d in lake.datasets("local", "4lep/*")] == ["4lep/Data", "4lep/MC"]
    assert [d.did.name for d in lake.datasets("local", "*", {"length.gt": "1"})] == ["4lep", "4lep/Data"]


def test_files(lake: Lake) -> None:
    data = [FileEntry(did(f"4lep/Data/data_{period}.4lep.root"), size) for period, size in (("A", 10), ("B", 20))]
    assert list(lake.files(did("4lep/Data"))) == data
    assert len(list(lake.files(did("4lep")))) == 3
    assert list(lake.files(did("."))) == [FileEntry(did("own.root"), 5)]
    assert list(lake.files(data[0].did)) == data[:1]
    assert list(lake.find_files("local", "data_*")) == data
    assert list(lake.find_files("local", "4lep/Data/*_B*")) == data[1:]
    assert [file.bytes for file in lake.find_files("local", "*", {"dsid": "345060"})] == [30]
    assert list(lake.find_files("local", "*", {"period": "B"})) == data[1:]


def test_replicas_are_where_the_files_are(lake: Lake, folder: Path) -> None:
    (replica,) = lake.replicas([did("own.root")])
    assert replica.urls == ((folder / "own.root").as_uri(),)
    assert replica.storage_element == str(folder)
    assert len(list(lake.replicas([did("4lep/Data"), did("own.root")]))) == 3
    details = lake.show(did("4lep/Data/data_A.4lep.root"))
    assert (details.type, details.bytes, details.metadata["skim"]) == (DIDType.FILE, 10, "4lep")
    assert lake.show(did("4lep")).files == 3


def test_links_are_followed_inside_only(lake: Lake, folder: Path) -> None:
    outside = folder.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "secret.root").write_bytes(b"x")
    (folder / "out").symlink_to(outside)
    (folder / "out.root").symlink_to(outside / "deep" / "secret.root")
    (folder / "again").symlink_to(folder / "4lep")
    (folder / "loop").symlink_to(folder)
    (folder / "self.root").symlink_to("self.root")
    (folder / "dead.root").symlink_to("nothing")
    (folder / "same.root").symlink_to("own.root")
    os.mkfifo(folder / "pipe.root")
    names = [file.did.name for file in lake.find_files("local")]
    assert names == [
        "4lep/Data/data_A.4lep.root",
        "4lep/Data/data_B.4lep.root",
        "4lep/MC/mc_345060.ggH125_ZZ4lep.4lep.root",
        "own.root",
        "same.root",
    ]
    left_out = lake.show(did(".")).metadata
    assert left_out[OUTSIDE] == ["out", "out.root"]
    assert left_out[DEAD] == ["dead.root", "pipe.root", "self.root"]


@pytest.mark.parametrize("name", ["..", "../outside/x.root", "/etc/passwd", "4lep/../own.root", "out.root", "\x1b[31m"])
def test_nothing_outside_is_found(lake: Lake, folder: Path, name: str) -> None:
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "x.root").write_bytes(b"x")
    (folder / "out.root").symlink_to(folder.parent / "outside" / "x.root")
    for ask in (lake.show, lambda did: list(lake.files(did)), lambda did: list(lake.replicas([did]))):
        with pytest.raises(LakeError, match="there is no dataset or file") as caught:
            ask(did(name))
        assert caught.value.message.isprintable()


def test_a_folder_that_cannot_be_read_is_left_out(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.scandir
    unreadable = {"MC"}

    def scandir(path: Path) -> object:
        if path.name in unreadable:
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert len(list(lake.find_files("local"))) == 3
    assert lake.show(did(".")).metadata == {UNREADABLE: ["4lep/MC"]}
    assert lake.show(did("4lep")).metadata == {UNREADABLE: ["4lep/MC"]}
    assert lake.show(did("4lep/Data")).metadata == {}
    unreadable.add("lake")
    with pytest.raises(LakeError, match="cannot be read"):
        list(lake.datasets("local"))


def test_an_empty_folder_a_missing_one_and_a_file(tmp_path: Path) -> None:
    assert list(LocalLake(tmp_path).datasets("local")) == [Dataset(did("."), DIDType.DATASET, 0, 0)]
    (tmp_path / "file.root").write_bytes(b"")
    for path in (tmp_path / "missing", tmp_path / "file.root", tmp_path / ("x" * 300)):
        with pytest.raises(LakeError, match="there is no folder") as caught:
            list(LocalLake(path).datasets("local"))
        assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda lake: lake.storage_elements(),
        lambda lake: lake.quotas(),
        lambda lake: lake.rules(),
        lambda lake: lake.add_rule(did("."), "A", lifetime=1),
    ],
)
def test_there_are_no_storage_elements(lake: Lake, ask: Callable[[Lake], object]) -> None:
    assert lake.read_only
    with pytest.raises(LakeError, match="the lake local has no storage elements, accounts or rules: it is a folder"):
        ask(lake)


def test_other_scopes(lake: Lake) -> None:
    with pytest.raises(LakeError, match="has no scope 'x'"):
        list(lake.datasets("x"))
    with pytest.raises(LakeError, match="has no scope 'x'"):
        lake.show(DID("x", "."))
