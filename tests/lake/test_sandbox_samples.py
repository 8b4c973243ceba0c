"""The generated samples of the sandbox: files with bytes that the analyses recognise, on three storage elements."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from atlasod_tui.engine.registry import load
from atlasod_tui.errors import LakeError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.model import DID, DIDType, Replica, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.plugins import folders
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.samples import about, groups
from atlasod_tui.samples.find import find
from atlasod_tui.sandbox import control
from tests.lake.conftest import Sandbox

SCOPE = "ATLAS_OD_GENERATED"
CONTAINER = DID(SCOPE, "generated")
SKIMS = ("1lep", "2lep", "3lep", "4lep", "1lep1tau", "1largeRjet1lep", "GamGam")


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    found = RucioLake(profiles.sandbox_settings())
    yield found
    found.close()


def place(replica: Replica) -> Path:
    return Path("/" + urlsplit(replica.urls[0]).path.lstrip("/"))


def test_datasets_of_each_skim_and_a_container_of_all(lake: Lake) -> None:
    found = {one.did.name: one for one in lake.datasets(SCOPE)}
    assert set(found) == {"generated", *(f"generated.{skim}.{kind}" for skim in SKIMS for kind in ("Data", "MC"))}
    assert found["generated"].type is DIDType.CONTAINER
    files = list(lake.files(CONTAINER))
    assert len(files) == sum(one.files or 0 for one in found.values() if one.type is DIDType.DATASET)
    assert all(file.events for file in files)
    assert 30e6 < sum(file.bytes or 0 for file in files) < 100e6


def test_each_replica_has_its_bytes(lake: Lake, sandbox: Sandbox) -> None:
    copies: dict[DID, set[str]] = {}
    for replica in lake.replicas([CONTAINER]):
        content = place(replica).read_bytes()
        assert len(content) == replica.file.bytes
        assert f"{zlib.adler32(content):08x}" == replica.file.adler32
        assert place(replica).is_relative_to(sandbox.elements / replica.storage_element)
        copies.setdefault(replica.file.did, set()).add(replica.storage_element)
    assert len(set().union(*copies.values())) == 3
    assert all(len(where) == (2 if did.name.startswith("data_") else 1) for did, where in copies.items())


def test_what_is_said_of_them_is_what_the_files_say(lake: Lake) -> None:
    whole = lake.show(DID(SCOPE, "generated.4lep.Data"))
    luminosity = 0.0
    for replica in lake.replicas([whole.did]):
        with RootFile(place(replica)) as file:
            said = about.read(file)
        known = lake.show(replica.file.did).metadata
        assert said is not None
        assert said.synthetic
        assert (known["luminosity_pb"], known["seed"]) == (said.luminosity_pb, said.seed)
        luminosity += (said.luminosity_pb or 0) / 2  # on two storage elements
    assert whole.metadata["generated"] is True
    assert whole.metadata["luminosity_pb"] == pytest.approx(luminosity)
    simulated = lake.show(DID(SCOPE, "mc_345060.ggH125_ZZ4lep.4lep.root")).metadata
    assert {"xsec_pb", "sum_of_weights", "seed", "generated"} <= simulated.keys()
    found = {one.did.name for one in lake.datasets(SCOPE, where={"content": "data", "luminosity_pb.gt": "0"})}
    assert found == {f"generated.{skim}.Data" for skim in SKIMS}
    files = list(lake.find_files(SCOPE, where={"content": "data", "skim": "4lep"}))
    assert {file.did.name for file in files} == {f"data_{period}.4lep.root" for period in "ABCD"}
    assert all(file.bytes for file in files)


def test_roots_locked_rules_keep_them(lake: RucioLake) -> None:
    (rule,) = lake.rules(DID(SCOPE, "generated.GamGam.MC"))
    assert (rule.state, rule.locked, rule.account, rule.expires) == (RuleState.OK, True, "root", None)
    with pytest.raises(LakeError):
        lake.remove_rule(rule.id)
    assert len(list(lake.rules(DID(SCOPE, "generated.GamGam.Data")))) == 2


def test_every_analysis_finds_what_it_looks_for(lake: Lake, tmp_path: Path) -> None:
    for replica in lake.replicas([CONTAINER]):
        link = tmp_path / replica.file.did.name
        if not link.exists():
            link.symlink_to(place(replica))
    analyses = [load(path) for path in sorted(Path(folders("analyses")[-1]).glob("*.py"))]
    assert len(analyses) == 12
    for analysis in analyses:
        wanted = dict.fromkeys(groups.DATA, analysis.skim)
        wanted |= {name: analysis.skim_of(name) for name in analysis.samples()}
        found = find(tmp_path, wanted)
        assert set(groups.DATA) <= set(found.files), analysis.name
        assert len(found.files) > len(groups.DATA), analysis.name


def test_the_storage_elements_know_their_space(lake: Lake) -> None:
    elements = {one.name: one for one in lake.storage_elements()}
    for name in ("IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE"):
        assert (elements[name].used or 0) > 10e6
        assert elements[name].free
    assert (elements["CERN-EOSPILOT"].used or 0) > 130e9
    assert elements["CERN-EOSPILOT"].free is None


def test_a_reset_restores_them(own_sandbox: Sandbox) -> None:
    victims = list(own_sandbox.elements.rglob("data_A.4lep.root"))
    assert len(victims) == 2
    content = victims[0].read_bytes()
    for path in victims:
        path.write_bytes(b"damaged")
    control.reset()
    control.up()
    assert all(path.read_bytes() == content for path in victims)
