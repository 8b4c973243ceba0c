"""Loading a dataset of many files into the catalogue of a lake, while a server serves it or none does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import build
import configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 10_000
_BYTES = 1_000_000


class _Dataset(NamedTuple):
    """A dataset to be, in Rucio's types; its files are on a storage element."""

    scope: Any
    name: str
    owner: Any
    element: str


def main(lake: str, scope: str, dataset: str, files: str) -> int:
    """Add a dataset of root's, in a scope that is made if there is none; return the exit code.

    Its files are ``<dataset>.000001.root`` and so on: in the catalogue only, each with a replica on the storage element
    of the releases, but without a rule.

    Args:
        lake: The folder of the lake.
        scope: Scope of the dataset and its files.
        dataset: A name that is not taken.
        files: How many.
    """
    configuration.use(Path(lake))
    _load(scope, dataset, int(files))
    build.tidy(Path(lake))
    return 0


def _load(scope: str, dataset: str, number: int) -> None:
    import release  # noqa: PLC0415 - Rucio reads its configuration when it is imported
    from rucio.common.types import InternalAccount, InternalScope  # noqa: PLC0415
    from rucio.core import did, rse  # noqa: PLC0415
    from rucio.core import scope as scopes  # noqa: PLC0415
    from rucio.db.sqla.constants import DatabaseOperationType, DIDType  # noqa: PLC0415
    from rucio.db.sqla.session import db_session  # noqa: PLC0415

    owner, internal = InternalAccount("root"), InternalScope(scope)
    with db_session(DatabaseOperationType.WRITE) as session:
        if not scopes.check_scope(internal, session=session):
            scopes.add_scope(internal, owner, session=session)
        did.add_did(internal, dataset, DIDType.DATASET, owner, session=session)
        element = rse.get_rse_id(release.ELEMENT, session=session)
    # Not in one transaction: the server's own writes must not wait for seconds.
    for names in _chunks(dataset, number):
        with db_session(DatabaseOperationType.WRITE) as session:
            _insert(_Dataset(internal, dataset, owner, element), names, session)
    with db_session(DatabaseOperationType.WRITE) as session:
        did.set_status(internal, dataset, open=False, session=session)


def _chunks(dataset: str, number: int) -> Iterator[list[str]]:
    for start in range(0, number, _CHUNK):
        yield [f"{dataset}.{i + 1:06d}.root" for i in range(start, min(start + _CHUNK, number))]


def _insert(dataset: _Dataset, names: list[str], session: Any) -> None:
    from rucio.db.sqla import models  # noqa: PLC0415
    from rucio.db.sqla.constants import DIDType, ReplicaState  # noqa: PLC0415
    from sqlalchemy import insert  # noqa: PLC0415

    scope, facts = dataset.scope, {"bytes": _BYTES, "adler32": "00000001"}
    file = {"scope": scope, "account": dataset.owner, "did_type": DIDType.FILE, "is_new": None, **facts}
    content = {"scope": scope, "name": dataset.name, "child_scope": scope, **facts}
    kinds = {"did_type": DIDType.DATASET, "child_type": DIDType.FILE}
    replica = {"scope": scope, "rse_id": dataset.element, "state": ReplicaState.AVAILABLE, **facts}
    folder = f"/load/{dataset.name}"
    rows = {
        models.DataIdentifier: [file | {"name": name} for name in names],
        models.DataIdentifierAssociation: [content | kinds | {"child_name": name} for name in names],
        models.RSEFileAssociation: [replica | {"name": name, "path": f"{folder}/{name}"} for name in names],
    }
    for table, values in rows.items():
        session.execute(insert(table.__table__), values)
