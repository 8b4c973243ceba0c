"""The generated samples, with their bytes: real file names, no collisions."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from rucio.common.types import InternalAccount, InternalScope
from rucio.core import did, replica, rule
from rucio.db.sqla.constants import DIDType
from rucio.rse.translation import RSEDeterministicTranslation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCOPE = "ATLAS_OD_GENERATED"
CONTAINER = "generated"


def add(index: Path, elements: Mapping[str, Path], ids: Mapping[str, str], session: Any) -> None:
    """Add datasets, files, replicas, rules and a container of all, and put the bytes in their places.

    Args:
        index: JSON: datasets with ``name``, ``metadata``, ``elements`` (names of storage elements, each of which gets
            all files) and ``files``: ``path`` beside the index, bytes, Adler-32, events, metadata.
        elements: Folder of each storage element.
        ids: Their ids.
        session: A write session.
    """
    scope, root = InternalScope(SCOPE), InternalAccount("root")
    datasets = json.loads(index.read_bytes())
    for dataset in datasets:
        name = dataset["name"]
        files = [_file(scope, file) for file in dataset["files"]]
        did.add_did(scope, name, DIDType.DATASET, root, session=session)
        for element in dataset["elements"]:
            replica.add_replicas(ids[element], files, root, session=session)
            for file in dataset["files"]:
                _put(index.parent / file["path"], elements[element], element)
        did.attach_dids(scope, name, files, root, session=session)
        did.set_metadata_bulk(scope, name, dataset["metadata"], session=session)
        did.set_status(scope, name, open=False, session=session)
        for element in dataset["elements"]:
            keep(scope, name, element, "samples of the sandbox", session)
    did.add_did(scope, CONTAINER, DIDType.CONTAINER, root, session=session)
    contents = [{"scope": scope, "name": dataset["name"]} for dataset in datasets]
    did.attach_dids(scope, CONTAINER, contents, root, session=session)
    did.set_metadata_bulk(scope, CONTAINER, {"generated": True}, session=session)
    did.set_status(scope, CONTAINER, open=False, session=session)


def keep(scope: InternalScope, name: str, element: str, comment: str, session: Any) -> None:
    """Add a rule of root's, locked and without end, that keeps a dataset where it is."""
    rule.add_rule(
        [{"scope": scope, "name": name}],
        InternalAccount("root"),
        copies=1,
        rse_expression=element,
        grouping="DATASET",
        weight=None,
        lifetime=None,
        locked=True,
        subscription_id=None,
        ignore_availability=True,
        ignore_account_limit=True,
        comment=comment,
        session=session,
    )


def _name(file: Mapping[str, Any]) -> str:
    return str(file["path"]).rpartition("/")[2]


def _file(scope: InternalScope, file: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {**file["metadata"], "events": file["events"]}
    return {"scope": scope, "name": _name(file), "bytes": file["bytes"], "adler32": file["adler32"], "meta": metadata}


def _put(source: Path, folder: Path, element: str) -> None:
    target = folder / RSEDeterministicTranslation(element, {}).path(SCOPE, source.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
