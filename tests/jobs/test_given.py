"""What may be named as input, and what files that stands for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.jobs.tasks import get_spec, given, multiply_spec
from atlasod_tui.jobs.tasks.given import kind, look
from atlasod_tui.jobs.tasks.places import file_name, public
from atlasod_tui.lake import profiles
from atlasod_tui.lake.face import ReadOnlyLake
from atlasod_tui.lake.model import DID, FileEntry
from atlasod_tui.samples.find import find_among
from tests.jobs.multiplying import DATA_A, LLLL

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake

LLLL_NAME = "mc_363490.llll.4lep.root"
HZZ = {"dataA": "4lep", "llll": "4lep"}


class Catalogue(ReadOnlyLake):
    """A lake that only has a catalogue."""

    name = "toy"

    def __init__(self, **datasets: list[str]) -> None:
        self._datasets = datasets

    def files(self, did: DID) -> Any:
        for name in self._datasets.get(did.name, [did.name]):
            yield FileEntry(DID(did.scope, name), 1000, "0123abcd")


class Bulk(Catalogue):
    """A lake that answers for many files at once, and is sad about each question for one that it has told."""

    def named_files(self, dids: Iterable[DID]) -> Any:
        return (FileEntry(did, 1000, "0123abcd") for did in dids if did.name.endswith(".root"))

    def files(self, did: DID) -> Any:
        assert not did.name.endswith(".root"), "it was asked for one file"
        return super().files(did)


def test_files_that_are_named_are_asked_for_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = [f"s:data_{period}.4lep.root" for period in "ABCD"]
    lake = Bulk(some=[LLLL_NAME])
    monkeypatch.setattr(profiles, "open_lake", lambda _: lake)
    found = look([*names, "s:some"])
    assert sorted(origin.did for origin in found.origins.values()) == [*names, f"s:{LLLL_NAME}"]
    assert {origin.size for origin in found.origins.values()} == {1000}
    spec = multiply_spec.plan([*names, "s:some"], factor=2, to=tmp_path / "out")
    assert [source.did for source in spec.sources] == [*names, f"s:{LLLL_NAME}"]
    fetched = get_spec.plan(cast("Lake", lake), [DID.parse(text) for text in (*names, "s:some")], tmp_path)
    assert [str(file.file.did) for file in fetched.files] == [*names, f"s:{LLLL_NAME}"]
    assert [file.path for file in fetched.files][-2:] == ["data_D.4lep.root", f"some/{LLLL_NAME}"]


def toy(monkeypatch: pytest.MonkeyPatch, **datasets: list[str]) -> None:
    monkeypatch.setattr(profiles, "open_lake", lambda _: Catalogue(**datasets))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data_A.4lep.root", "path"),
        ("./a:b", "path"),
        ("/a/b:c", "path"),
        ("", "path"),
        ("user.jane:data_A.4lep.root", "did"),
        ("cms:/Primary/Processed/TIER", "did"),
        ("scope:../x", "did"),
        ("scope:", "path"),
        ("https://host/a.root", "address"),
        ("root://host:1094//a.root", "address"),
        ("ftp://host/a.root", "address"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert kind(text) == expected


def test_what_is_there_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a:b").mkdir()
    assert kind("a:b") == "path"


def test_files_of_a_catalogue_are_found_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["jane.run0123abcd.data_A.4lep.x3.root", LLLL_NAME, "thesis.root", "../../data_A.4lep.root"]
    toy(monkeypatch, all=names, more=names[:2])
    found = look(["toy:all", "toy:more"])
    assert (found.lake, found.names, found.place) == ("toy", ["toy:all", "toy:more"], "what was given")
    assert {origin.path for origin in found.origins.values()} == {f"toy:{name}" for name in names}
    assert all((origin.size, origin.adler32) == (1000, "0123abcd") for origin in found.origins.values())


def test_a_name_that_leads_elsewhere_is_a_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, all=["../../data_A.4lep.root", "x://[data_A.4lep.root", "\ud800.root", LLLL_NAME])
    found = look(["toy:all"])
    samples = find_among(found.listing, found.place, HZZ)
    taken = {name: [found.origins[file.path].path for file in files] for name, files in samples.files.items()}
    assert taken == {"dataA": ["toy:../../data_A.4lep.root"], "llll": [f"toy:{LLLL_NAME}"]}


def test_local_files_and_a_catalogue_together(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch)
    found = look([str(DATA_A), f"toy:{LLLL_NAME}"])
    samples = find_among(found.listing, found.place, HZZ)
    assert samples.files["dataA"][0].path == DATA_A
    assert found.origins[samples.files["llll"][0].path].did == f"toy:{LLLL_NAME}"
    chosen = find_among(found.listing, found.place, HZZ, "toy:*")
    assert list(chosen.files) == ["llll"]


def test_a_dataset_without_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, empty=[])
    with pytest.raises(LakeError, match="toy:empty has no files"):
        look(["toy:empty"])


def test_without_a_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUCIO_CONFIG", "RUCIO_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(variable, "")
    with pytest.raises(LakeError):
        look(["toy:data_A.4lep.root"])


def test_nothing_secret_is_shown() -> None:
    assert public("https://jane:secret@host:8443/a/b.root?token=secret#x") == "https://host:8443/a/b.root"
    assert public("user.jane:a://b?c") == "user.jane:a://b?c"
    assert public("/a/b?c") == "/a/b?c"


def test_names_of_files() -> None:
    def name(path: str, did: str = "") -> str:
        return file_name(SimpleNamespace(path=path, did=did, size=0, mtime_ns=0, adler32=""))

    assert name("toy:a:b.root", "toy:a:b.root") == "a:b.root"
    assert name("https://host/a/data%5FA.4lep.root?x=/y") == "data_A.4lep.root"
    assert name("/a/b.root") == "b.root"


@pytest.mark.parametrize("address", ["https://[::1", "gopher://host/a.root", "https://host:port/a.root"])
def test_a_wrong_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        given.address(address)


def spec_of(*given_: str, **options: Any) -> multiply_spec.MultiplySpec:
    return multiply_spec.plan(list(given_), factor=2, to=Path("/nowhere/out"), dry_run=True, **options)


def test_what_is_multiplied_of_a_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, all=["jane.run0123abcd.data_A.4lep.x3.root", LLLL_NAME, "thesis.root"], more=[LLLL_NAME])
    spec = spec_of("toy:all", "toy:more", "toy:foo.root")
    assert [output.name for output in spec.outputs] == ["data_A.4lep.x6.root", f"{LLLL.stem}.x2.root", "foo.x2.root"]
    assert spec.ignored == ["toy:thesis.root"]
    assert (spec.lake, spec.sources[0].did) == ("toy", "toy:jane.run0123abcd.data_A.4lep.x3.root")
    assert spec.estimate_of(spec.outputs[0]) == 2000
    assert spec_of("toy:foo.root", virtual=True).estimate_of(spec.outputs[0]) == 1000


@pytest.mark.parametrize("name", ["..", ".", "a/..", "x\x1b.root", "a.part"])
def test_a_name_that_no_file_can_have_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    toy(monkeypatch)
    with pytest.raises(LakeError, match="no file can be called"):
        spec_of(f"toy:{name}")


def test_an_address_is_not_multiplied() -> None:
    with pytest.raises(UsageError, match="cannot be multiplied where it is"):
        spec_of("https://host/data_A.4lep.root")
