"""Jobs over files of the portal, which is on loopback here: fetched, or read where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.lake.model import DID
from tests.analyses import INPUTS
from tests.lake.https_server import Fault, Handler
from tests.lake.pipelines import fetched_files, last_job, own_cache
from tests.lake.portal import give, serving
from tests.lake.remote.range_server import RangeHandler
from tests.lake.uploading import LAPP, on_disk, opened

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]
NAMES = ("data_C.4lep.root", "data_D.4lep.root")


@pytest.mark.parametrize("stream", [False, True])
def test_files_of_the_portal_are_analysed_like_local_ones(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, *, stream: bool
) -> None:
    local = tmp_path / "local"
    local.mkdir()
    cache = own_cache(home, monkeypatch)
    with serving(tmp_path, handler=RangeHandler if stream else Handler) as server:
        for name, source in zip(NAMES, ("data_B", "data_A"), strict=True):
            start = (INPUTS / "4lep" / "Data" / f"{source}.4lep.root").read_bytes()
            (local / name).write_bytes(give(server, name, start))
        server.faults = [Fault(after=1000)]
        wanted = [option for name in NAMES for option in ("--input", f"opendata:{name}")]
        streaming = ["--stream"] if stream else []
        output = ["--output", str(tmp_path / "remote")]
        assert run(["analyse", "HZZ", *wanted, *streaming, *output, "--lake", "opendata", "--quiet"]) == 0
        assert server.asked
    assert run(["analyse", "HZZ", "--input", str(local), "--output", str(tmp_path / "HZZ"), "--quiet"]) == 0
    assert set(fetched_files(cache)) == (set() if stream else set(NAMES))
    assert histograms(tmp_path / "remote") == histograms(tmp_path / "HZZ")
    assert yields(capsys, tmp_path / "remote")["luminosity_pb"] == yields(capsys, tmp_path / "HZZ")["luminosity_pb"]


def test_files_of_the_portal_multiplied_and_written_back_to_a_rucio(
    sandbox: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_cache(home, monkeypatch)
    with serving(tmp_path) as server, opened(sandbox, monkeypatch) as lake:
        give(server, NAMES[0], (INPUTS / "4lep" / "Data" / "data_B.4lep.root").read_bytes())
        given = [
            "multiply",
            f"opendata:{NAMES[0]}",
            "--from",
            "opendata",
            "--factor",
            "2",
            "--to",
            str(tmp_path / "x2"),
        ]
        assert run([*given, "--lake", "sandbox", "--rse", LAPP, "--quiet"]) == 0
        arguments = last_job().spec().arguments
        run_id = arguments["upload"]["run_id"]
        assert (arguments["lake"], arguments["upload"]["lake"]) == ("opendata", "sandbox")
        uploaded = f"student.run{run_id}.data_C.4lep.x2.root"
        assert set(on_disk(sandbox, run_id)[LAPP]) == {uploaded}
        assert lake.show(DID("user.student", uploaded)).metadata["source"] == f"opendata:{NAMES[0]}"
        assert run([*given, "--rse", LAPP, "--lake", "opendata", "--force"]) == 3


def histograms(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (folder / "Output_HZZAnalysis").glob("*.root")}
    assert found
    return found


def yields(capsys: Captured, folder: Path) -> dict[str, Any]:
    capsys.readouterr()
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["analyses"]["HZZAnalysis"]
    assert found["samples"]["data"]["events"] > 100
    return found
