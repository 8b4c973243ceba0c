"""What the dialogs order, really done at a real Rucio: by the command, by the Python, and from the dialog itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs.multiply import MultiplyDialog
from atlasod_tui.tui.lake.link import LakeLink
from atlasod_tui.tui.orders import orders
from atlasod_tui.tui.orders.upload import Upload
from atlasod_tui.tui.orders.verbs import Verbs
from atlasod_tui.tui.widgets.rse_list import RseList
from atlasod_tui.tui.world import World
from tests.analyses import INPUTS
from tests.jobs.multiplying import DATA_A
from tests.lake.uploading import CC, LAPP, opened, some_file
from tests.tui.dialog_app import UNANSWERED, DialogApp
from tests.tui.piloting import make_world, text_of, until
from tests.tui.test_orders import by_python, ended

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from tests.lake.conftest import Sandbox

HOUR = 3600


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RucioLake]:
    monkeypatch.setenv("PYTHONPATH", str(INPUTS.parents[2]))
    monkeypatch.chdir(tmp_path)
    with opened(sandbox, monkeypatch) as found:
        yield found


def uploaded(job: JobFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((job.parts / "upload.json").read_bytes())
    return found


def test_uploading_by_command_and_by_python_is_the_same(
    lake: RucioLake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = some_file(tmp_path, "mine.root", 5000)
    order = orders.Put((str(file),), Upload("sandbox", (LAPP, CC), HOUR))
    assert run(list(orders.submitted(order))) == 0
    by_command = uploaded(ended(folder.find(msgspec.json.decode(capsys.readouterr().out)["job"])))
    as_python = uploaded(by_python(order))
    for told in (by_command, as_python):
        assert [element["storage_element"] for element in told["elements"]] == [LAPP, CC]
        assert all(element["rule_id"] and element["expires"] for element in told["elements"])
        assert lake.show(DID(**told["files"][0]["did"])).metadata["source"] == "mine.root"


def test_the_python_of_a_multiplication_uploads_with_the_same_metadata(
    lake: RucioLake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = orders.Multiply((str(DATA_A),), "", 3, 1, str(tmp_path / "a"), Upload("sandbox", (LAPP,), HOUR))
    assert run(list(orders.submitted(order))) == 0
    by_command = uploaded(ended(folder.find(msgspec.json.decode(capsys.readouterr().out)["job"])))
    again = orders.Multiply(order.dids, "sandbox", 3, 1, str(tmp_path / "b"), order.upload)
    metadata = [
        {key: lake.show(DID(**told["dataset"])).metadata.get(key) for key in ("source", "factor")}
        for told in (by_command, uploaded(by_python(again)))
    ]
    assert metadata[0] == metadata[1] == {"source": "data_A.4lep.root", "factor": 3}


def test_a_dataset_of_the_lake_is_multiplied_to_two_storage_elements(
    lake: RucioLake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put = orders.Put((str(DATA_A),), Upload("sandbox", (LAPP,), HOUR))
    assert run(["put", "--json", *put.words]) == 0
    did = DID.parse(json.loads(capsys.readouterr().out)["upload"]["files"][0]["did"])
    picks = [Pick(did, DIDType.FILE, DATA_A.stat().st_size, None, 1, "sandbox")]

    async def walk() -> str:
        link = LakeLink("sandbox")
        fake = make_world()
        world = World(fake.jobs, fake.look, link, verbs=Verbs())
        app = DialogApp(world, lambda world: MultiplyDialog(world, picks))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MultiplyDialog))
            elements = app.screen.query_one(RseList)
            await until(pilot, lambda: elements.choices, 60)
            await pilot.press("3", "tab", "tab", "tab")
            names = [choice.name for choice in elements.choices]
            for wanted in (LAPP, CC):
                row = names.index(wanted)
                await pilot.press(*["down"] * row, "space", *["up"] * row)
            await until(pilot, lambda: elements.chosen == (LAPP, CC) and "Looking" not in text_of(app), 60)
            await pilot.press("y", "enter")
            await until(pilot, lambda: "Cancel" in text_of(app) and f"Uploaded to {LAPP}" in text_of(app), 60)
            assert f"into a new dataset of user.{lake.account()} in the lake sandbox" in text_of(app)
            await pilot.press("y", "enter")
            await until(pilot, lambda: app.answer != UNANSWERED, 60)
        await link.close()
        return str(app.answer)

    told = uploaded(ended(folder.find(asyncio.run(walk()))))
    assert [element["storage_element"] for element in told["elements"]] == [LAPP, CC]
    assert (tmp_path / "data_A.4lep.x3.root").is_file()
