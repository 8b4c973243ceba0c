"""What is in the fake lake: names, sizes and checksums of the release, and rules of each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from atlasod_tui.lake.model import (
    DID,
    Dataset,
    DatasetReplica,
    DIDType,
    FileEntry,
    Quota,
    Replica,
    ReplicaState,
    Rule,
    RuleState,
    Scope,
    StorageElement,
    Transfer,
)

NOW = datetime(2026, 3, 14, 12, 3, tzinfo=UTC)
"""What all clocks of the tests show."""

SCOPES = (Scope("opendata", "root"), Scope("results", "root"), Scope("user.student", "student"))

LAPP, CC, NAPOLI = "IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE"
_FULL = "no space is left"
ELEMENTS = (
    StorageElement(CC, ("https", "root"), True, True, "", "FR", 40 * 10**9, 60 * 10**9, 100 * 10**9),
    StorageElement(LAPP, ("root", "https"), True, True, "", "FR", 10 * 10**9, 5 * 10**9, 15 * 10**9),
    StorageElement(NAPOLI, ("root",), True, False, "it takes no writes: maintenance", "IT", 7 * 10**9, 0, 7 * 10**9),
)
QUOTAS = (Quota(CC, 2 * 10**9, 24, 20 * 10**9), Quota(LAPP, 19 * 10**9, 400, 20 * 10**9))

_4LEP = (
    ("data_A.4lep.root", 33765, "b6a8df64", 39),
    ("data_B.4lep.root", 68738, "f870fe84", 156),
    ("data_C.4lep.root", 92295, "c7681404", 237),
    ("data_D.4lep.root", 139606, "266a7775", 400),
    ("mc_307434.RS_G_ZZ_llll_c10_m0500.4lep.root", 2213278, "70633804", 12544),
    ("mc_341947.ZH125_ZZ4lep.4lep.root", 5293850, "18c94313", 31420),
    ("mc_341964.WH125_ZZ4lep.4lep.root", 5528294, "a923e2e8", 32868),
    ("mc_344235.VBFH125_ZZ4lep.4lep.root", 60503237, "e551abab", 356112),
    ("mc_345060.ggH125_ZZ4lep.4lep.root", 50518236, "1ea0e560", 299380),
    ("mc_361106.Zee.4lep.root", 299577, "d58a256c", 1764),
    ("mc_361107.Zmumu.4lep.root", 233914, "8f471536", 1360),
    ("mc_361108.Ztautau.4lep.root", 23858, "633cc8b3", 73),
    ("mc_363356.ZqqZll.4lep.root", 111159, "823275b1", 604),
    ("mc_363489.WlvZqq.4lep.root", 9616, "f7d042bb", 8),
    ("mc_363490.llll.4lep.root", 179082866, "6298e6cb", 1063250),
    ("mc_363491.lllv.4lep.root", 3304821, "a7c04986", 19216),
    ("mc_410000.ttbar_lep.4lep.root", 391352, "8d8b3a96", 2210),
    ("mc_410011.single_top_tchan.4lep.root", 20698, "3f5ada65", 61),
)
_GAMGAM = (
    ("data_A.GamGam.root", 91538474, "10a6ccab", None),
    ("data_B.GamGam.root", 308714582, "52c1a4ee", None),
    ("mc_343981.ggH125_gamgam.GamGam.root", 209341287, "6b0f1d34", None),
    ("mc_345041.VBFH125_gamgam.GamGam.root", 105332791, "94a5b6f1", None),
)
_RUN = "student.run0123abcd."
_RESULT = ((f"{_RUN}HZZAnalysis.root", 183_211, "0a1b2c3d", None),)
_MULTIPLIED = ((f"{_RUN}mc_363490.llll.4lep.x3.root", 537_240_118, "3d2c1b0a", 3_189_750),)


def _entries(scope: str, rows: Any) -> list[FileEntry]:
    return [FileEntry(DID(scope, name), size, adler, events) for name, size, adler, events in rows]


CONTENT = {
    DID("opendata", "2020.4lep"): _entries("opendata", _4LEP),
    DID("opendata", "2020.4lep.data"): _entries("opendata", _4LEP[:4]),
    DID("opendata", "2020.4lep.mc"): _entries("opendata", _4LEP[4:]),
    DID("opendata", "2020.GamGam"): _entries("opendata", _GAMGAM),
    DID("opendata", "2020.GamGam.data"): _entries("opendata", _GAMGAM[:2]),
    DID("opendata", "2020.ATLAS_Open_Data_13TeV_of_the_first_release_for_students_everywhere.GamGam.MC"): _entries(
        "opendata", _GAMGAM[2:]
    ),
    DID("opendata", "2020.empty"): [],
    DID("results", "2026.HZZ"): _entries("user.student", _RESULT),
    DID("results", "2026.Hyy"): [],
    DID("user.student", "run0123abcd"): _entries("user.student", _RESULT),
    DID("user.student", "run0123abcd.x3"): _entries("user.student", _MULTIPLIED),
}
"""Datasets, and the files in them."""
INSIDE = {
    DID("opendata", "2020"): [DID("opendata", "2020.4lep"), DID("opendata", "2020.GamGam")],
    DID("opendata", "2020.4lep.all"): [DID("opendata", "2020.4lep.data"), DID("opendata", "2020.4lep.mc")],
}
"""Containers, and the datasets in them."""
FILES = {one.did: one for files in CONTENT.values() for one in files}
DATASETS = sorted(
    [
        *(
            Dataset(did, DIDType.DATASET, len(files), sum(one.bytes or 0 for one in files))
            for did, files in CONTENT.items()
        ),
        *(Dataset(did, DIDType.CONTAINER, None, None) for did in INSIDE),
    ],
    key=lambda one: one.did,
)
COPIES = {DID("opendata", "data_A.4lep.root"): "~/data/4lep/Data/data_A.4lep.root"}

_LLLL = DID("opendata", "mc_363490.llll.4lep.root")
_SET = DID("opendata", "2020.4lep")
RULES = (
    Rule("a" * 32, _SET, RuleState.OK, LAPP, 1, "root", None, NOW - timedelta(days=400), 18, comment="the release"),
    Rule(
        *("b" * 32, _SET, RuleState.REPLICATING, CC, 1, "student"),
        *(NOW + timedelta(days=6, hours=23), NOW - timedelta(hours=1), 12, 6, 0),
    ),
    Rule(
        *("c" * 32, _SET, RuleState.STUCK, "country=IT", 1, "student"),
        *(NOW + timedelta(hours=5), NOW - timedelta(days=2), 15, 1, 2),
        error="RSE excluded; not available for writing.",
    ),
    Rule(
        *("d" * 32, _LLLL, RuleState.STUCK, NAPOLI, 1, "student"),
        *(NOW + timedelta(days=6, hours=23), NOW - timedelta(days=1), 0, 0, 1),
        error="No space left on device",
    ),
    Rule("e" * 32, DID("user.student", "run0123abcd"), RuleState.OK, CC, 1, "student", NOW + timedelta(days=7), NOW, 1),
)
STUCK = {
    "c" * 32: (
        Transfer(_LLLL, NAPOLI, 3, "No space left on device", LAPP),
        Transfer(DID("opendata", "mc_345060.ggH125_ZZ4lep.4lep.root"), NAPOLI, 1, "", None),
    ),
    "d" * 32: (Transfer(_LLLL, NAPOLI, 3, "No space left on device", LAPP),),
}
"""Id of a rule to what it waits for."""

_STATES = {
    _LLLL: {NAPOLI: ReplicaState.UNAVAILABLE},
    DID("opendata", "mc_345060.ggH125_ZZ4lep.4lep.root"): {CC: ReplicaState.BAD, NAPOLI: ReplicaState.COPYING},
    DID("opendata", "data_B.4lep.root"): {CC: ReplicaState.COPYING},
}
_ONLY_AT_LAPP = frozenset({DID("opendata", "mc_361106.Zee.4lep.root"), DID("opendata", "mc_361107.Zmumu.4lep.root")})


def replicas(file: FileEntry) -> tuple[Replica, ...]:
    """Return where a file is: on two storage elements, a few on one, some on a third that fails."""
    states = _STATES.get(file.did, {})
    names = [LAPP] if file.did in _ONLY_AT_LAPP else sorted({LAPP, CC, *states}, key=(LAPP, CC, NAPOLI).index)
    hosts = {LAPP: "lapp.example", CC: "cc.example", NAPOLI: "napoli.example"}
    return tuple(
        Replica(
            file,
            name,
            (f"root://{hosts[name]}:1094//lake/{file.did.scope}/{file.did.name}",),
            states.get(name, ReplicaState.AVAILABLE),
        )
        for name in names
    )


def dataset_replicas(files: list[FileEntry]) -> tuple[DatasetReplica, ...]:
    """Return how much of some files is where."""
    found = []
    for name in (LAPP, CC, NAPOLI):
        here = [one for file in files for one in replicas(file) if one.storage_element == name]
        there = [one for one in here if one.state is ReplicaState.AVAILABLE]
        if here:
            size = sum(one.file.bytes or 0 for one in there)
            found.append(DatasetReplica(name, len(files), len(there), sum(one.bytes or 0 for one in files), size))
    return tuple(found)


def metadata(did: DID) -> dict[str, Any]:
    """Return what is noted of a dataset."""
    if did.scope == "opendata":
        skim = "GamGam" if "GamGam" in did.name else "4lep"
        content = {"data": "data", "mc": "mc"}.get(did.name.rsplit(".", 1)[-1])
        known = {"release": "2020-13TeV", "skim": skim} | ({"content": content} if content else {})
        return known | ({"catalogue_only": "true"} if did.name == "2020.GamGam" else {})
    factor = {"factor": 3} if did.name.endswith(".x3") else {}
    return {"run_id": "0123abcd", "kind": "multiply" if factor else "result"} | factor


def one_of_many(number: int) -> FileEntry:
    """Return a file of ``opendata:many``."""
    return FileEntry(DID("opendata", f"file.{number:06d}.GamGam.root"), 1000 + number, f"{number:08x}", number)


def many(number: int) -> list[FileEntry]:
    """Return the files of ``opendata:many``."""
    return [one_of_many(index) for index in range(number)]
