"""Where an analysis takes its samples from: options, words, and what is in it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.jobs.folder import JobFolder, Spec
from atlasod_tui.lake.agent.protocol import Files, LocalCopies, Replicas
from atlasod_tui.lake.model import DID, DIDType, ReplicaState
from atlasod_tui.samples import starter
from atlasod_tui.tui.analyses.availability import Stock, Where
from atlasod_tui.tui.analyses.coming import uploading
from atlasod_tui.tui.analyses.inputs import Input, Known, stocks, typed
from atlasod_tui.tui.analyses.order import Analyse, default_output
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.orders.orders import detached
from atlasod_tui.tui.orders.upload import Upload
from tests.analyses import INPUTS
from tests.tui import fake_content as content
from tests.tui.fake_lake import FakeLake
from tests.tui.making_jobs import view

SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, lake="fake")
FILE = Pick(DID("opendata", "data_A.4lep.root"), DIDType.FILE, 33765, 39, lake="fake")


def looked(
    wanted: Input, lake: FakeLake | None = None, known: Known | None = None, jobs: Sequence[str] = ()
) -> list[Stock]:
    async def run() -> list[Stock]:
        return [stock async for stock in stocks(wanted, lake, {} if known is None else known, jobs)]

    return asyncio.run(run())


def wheres(stock: Stock) -> list[Where]:
    return [file.where for file in stock.files]


def test_a_dataset_is_asked_for_once_and_its_copies_are_told_after_it() -> None:
    lake, known = FakeLake(), Known()
    first, last = looked(Input.of_picks([SET]), lake, known)
    assert set(wheres(first)) == {Where.LAKE}
    assert len(first.files) == 18
    assert [(file.name, file.where) for file in last.files][:2] == [
        ("data_A.4lep.root", Where.LOCAL),
        ("data_B.4lep.root", Where.LAKE),
    ]
    assert last.files[1].place == "opendata:2020.4lep"
    looked(Input.of_picks([SET]), lake, known)
    assert len(lake.questions(Files)) == 1
    assert len(lake.questions(LocalCopies)) == 2


def test_files_without_a_replica_are_coming_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    copying = {content.LAPP: ReplicaState.COPYING, content.CC: ReplicaState.COPYING}
    for period in "BCD":
        monkeypatch.setitem(content._STATES, DID("opendata", f"data_{period}.4lep.root"), copying)
    lake, known = FakeLake(), Known()
    last = looked(Input.of_picks([SET]), lake, known)[-1]
    assert wheres(last)[:5] == [Where.LOCAL, *[Where.COMING] * 3, Where.LAKE]
    assert last.note == ("3 files have no replica yet: the upload or a transfer is still under way. R looks again.")
    monkeypatch.undo()
    last = looked(Input.of_picks([SET]), lake, known)[-1]
    assert set(wheres(last)) == {Where.LOCAL, Where.LAKE}
    assert last.note == ""
    assert (len(lake.questions(Files)), len(lake.questions(Replicas))) == (2, 1)  # what is whole somewhere is there


def test_what_is_not_in_a_dataset_yet_is_told(tmp_path: Path) -> None:
    empty = Input.of_picks([Pick(DID("opendata", "2020.empty"), DIDType.DATASET, lake="fake")])
    lake, known = FakeLake(), Known()
    assert looked(empty, lake, known)[-1].note.startswith("there is no file in opendata:2020.empty: it is empty, or")
    assert not known
    target = {"lake": "fake", "run_id": "0123abcd", "dataset": ""}
    JobFolder(tmp_path).write_spec(Spec(task="x:y", title="multiply Zee x3", arguments={"upload": target}))
    views = [view(2), replace(view(1), path=str(tmp_path))]
    assert uploading(views, "fake", [DID("s", "ada.run0123abcd.x3")]) == {views[1].id: views[1].title}
    assert uploading(views, "fake", [DID("s", "ada.run0123abce.x3")]) == {}
    assert uploading(views, "other", [DID("s", "ada.run0123abcd.x3")]) == {}
    notes = {stock.note for stock in looked(Input.of_picks([SET]), lake, known, ["put 4lep"])}
    assert notes == {"the job put 4lep is still uploading to it, so that there will be more files. R looks again."}


def test_of_picked_files_the_lake_is_only_asked_for_copies() -> None:
    lake = FakeLake()
    assert wheres(looked(Input.of_picks([FILE]), lake)[-1]) == [Where.LOCAL]
    assert lake.questions(Files) == []


def test_another_lake_than_the_one_in_front_cannot_be_asked() -> None:
    with pytest.raises(UsageError, match="by the lake fake only"):
        looked(Input.of_picks([SET]), FakeLake("other"))
    with pytest.raises(UsageError, match="2 lakes"):
        Input.of_picks([SET, Pick(FILE.did, lake="other")])


def test_a_lake_that_is_away_is_told() -> None:
    with pytest.raises(AtlasodError, match="gone"):
        looked(Input.of_picks([SET]), FakeLake(failure=AtlasodError("gone")))


def test_a_folder() -> None:
    (stock,) = looked(typed(str(INPUTS), ""))
    assert set(wheres(stock)) == {Where.LOCAL}
    assert "4lep" in stock.skims
    assert stock.files[0].bytes


def test_the_built_in_sample_is_made_when_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "folder", lambda: tmp_path)
    (stock,) = looked(Input())
    assert (stock.files, stock.otherwise) == ((), Where.MADE)
    (tmp_path / "4lep").mkdir()
    (tmp_path / "4lep" / "data_A.4lep.root").write_bytes(b"x")
    starter.write_index(tmp_path, ["4lep/data_A.4lep.root", "4lep/data_B.4lep.root"])
    (stock,) = looked(Input())
    assert (wheres(stock), stock.otherwise) == ([Where.LOCAL, Where.MADE], Where.SMALL)


def test_what_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    assert typed(" in ", "fake") == Input((str(tmp_path / "in"),))
    assert typed("opendata:2020.4lep", "fake") == Input(("opendata:2020.4lep",), lake="fake")
    assert typed("https://x.example/f.root", "fake") == Input(("https://x.example/f.root",))
    with pytest.raises(UsageError, match="no file or folder"):
        typed("out", "fake")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Input(), "the built-in sample"),
        (Input.of_picks([SET, FILE]), "2 picked DIDs of fake"),
        (Input.of_picks([FILE]), "the pick opendata:data_A.4lep.root of fake"),
        (Input(("/d",)), "the folder /d"),
        (Input(("/d/x.root", "/e")), "the file /d/x.root and 1 more"),
        (Input(("s:n",), lake="fake"), "the DID s:n of fake"),
        (Input(("root://h//f.root",)), "the address root://h//f.root"),
    ],
)
def test_inputs_in_words_and_as_they_are_remembered(wanted: Input, words: str) -> None:
    assert wanted.sentence() == words
    again = Input.recalled(wanted.remembered(), ())
    assert (again.given, again.lake) == (wanted.given, wanted.lake)


def test_an_input_that_follows_the_basket_comes_back_with_it() -> None:
    kept = Input.of_picks([SET], follows=True).remembered()
    assert Input.recalled(kept, [FILE]) == Input.of_picks([FILE], follows=True)
    for damaged in (None, [], {}, {"given": 3, "lake": ""}, {"given": ["x"], "lake": 4}):  # type: ignore[var-annotated]
        assert Input.recalled(damaged, ()) == Input()


def test_the_command_has_what_was_chosen_and_nothing_else() -> None:
    assert detached(Analyse(("HZZ",), Input(), "/out")) == ("analyse", "--detach", "HZZ", "--output", "/out")
    order = Analyse(
        *(("HZZ", "Hyy"), Input.of_picks([SET]), "/o", "mc", "-x*", "fixed", 2), Upload("cern", ("A", "B"), 3600)
    )
    assert detached(order)[2:] == (
        *("HZZ", "Hyy", "--input", "opendata:2020.4lep", "--only", "mc", "--samples=-x*", "--variant", "fixed"),
        *("--output", "/o", "--workers", "2", "--rse", "A,B", "--lifetime", "1h", "--lake", "cern", "--from", "fake"),
    )


def test_a_folder_that_is_taken_is_not_proposed(tmp_path: Path) -> None:
    assert default_output(["HZZ"], tmp_path) == str(tmp_path / "atlasod-HZZ")
    (tmp_path / "atlasod-HZZ").mkdir()
    (tmp_path / "atlasod-HZZ-2").mkdir()
    assert default_output(["HZZ"], tmp_path) == str(tmp_path / "atlasod-HZZ-3")


def test_python_of_an_order_makes_the_job_that_the_command_makes(tmp_path: Path) -> None:
    order = Analyse(("HZZ",), Input((str(INPUTS),)), str(tmp_path / "out"), only="data", workers=1)
    done = subprocess.run([sys.executable, "-c", order.equivalent.python], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    _, ended, read = done.stdout.splitlines()
    assert ended.startswith("done")
    assert "'data;1'" in read
    assert (tmp_path / "out" / "HZZAnalysis.root").is_file()


def test_listing_and_matching_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from atlasod_tui.engine.registry import find_analyses\n"
        "from atlasod_tui.tui.analyses import availability, details, inputs\n"
        "[availability.availability(one, inputs.built_in()) for one in find_analyses().values()]\n"
        "heavy = {'numba', 'numpy', 'uproot', 'awkward', 'rucio', 'matplotlib'}\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
