"""The files of the public releases, in the catalogue only: real names, sizes and checksums, the bytes are at CERN."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import generated
from rucio.common.types import InternalAccount, InternalScope
from rucio.core import did, replica
from rucio.db.sqla.constants import DIDType

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = "ATLAS_OD_EDU"
ELEMENT = "CERN-EOSPILOT"
ADDRESS = {
    "scheme": "root",
    "hostname": "eospublic.cern.ch",
    "port": 1094,
    "prefix": "/",
    "impl": "rucio.rse.protocols.xrootd.Default",
}
"""How the storage element that holds the releases is reached: the portal's own."""
_FOLDER = "/eos/opendata/atlas"
_LEFT_OUT = frozenset({"exactly2lep", "JetRecoDataset"})  # a part of 2lep; not read by any of the analyses
_CHUNK = 400  # SQLite refuses statements with a thousand files


def add(catalogue: Path, element_id: str, session: Any) -> None:
    """Add datasets, files, replicas and a rule for each dataset.

    Args:
        catalogue: JSON: datasets with ``name``, ``metadata`` and ``folders``, which are lists of name, bytes, Adler-32.
        element_id: Of the storage element ``ELEMENT``.
        session: A write session; all is added, or nothing.
    """
    scope, root = InternalScope(SCOPE), InternalAccount("root")
    chosen = [one for one in json.loads(catalogue.read_bytes()) if one["metadata"].get("skim") not in _LEFT_OUT]
    for dataset in chosen:
        name = dataset["name"]
        files = [_file(scope, folder, *fields[:3]) for folder, rows in dataset["folders"].items() for fields in rows]
        did.add_did(scope, name, DIDType.DATASET, root, session=session)
        for start in range(0, len(files), _CHUNK):
            chunk = files[start : start + _CHUNK]
            replica.add_replicas(element_id, chunk, root, session=session)
            did.attach_dids(scope, name, chunk, root, session=session)
        did.set_metadata_bulk(scope, name, {**dataset["metadata"], "catalogue_only": True}, session=session)
        did.set_status(scope, name, open=False, session=session)
        generated.keep(scope, name, ELEMENT, "the public release; its bytes are at CERN", session)


def _file(scope: InternalScope, folder: str, name: str, size: int, adler32: str) -> dict[str, Any]:
    address = f"root://{ADDRESS['hostname']}:{ADDRESS['port']}/{_FOLDER}/{folder}/{name}"
    return {"scope": scope, "name": name, "bytes": size, "adler32": adler32, "pfn": address}
