"""Add a storage element that is reached by root:// to the lake of a sandbox; run by the sandbox's own Python.

Arguments: folder of the server's code, folder of the lake, name of the storage element, port of the XRootD server.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(code: str, lake: str, name: str, port: str) -> None:
    """Add it, with a quota for the account and one distance to each of the others."""
    sys.path.insert(0, code)
    import configuration  # noqa: PLC0415 - found from now on

    configuration.use(Path(lake))
    import populate  # noqa: PLC0415 - Rucio reads its configuration when it is imported
    from rucio.common.types import InternalAccount  # noqa: PLC0415
    from rucio.core import account_limit, distance, rse  # noqa: PLC0415
    from rucio.db.sqla.constants import DatabaseOperationType  # noqa: PLC0415
    from rucio.db.sqla.session import db_session  # noqa: PLC0415

    operations = ("read", "write", "delete", "third_party_copy_read", "third_party_copy_write")
    protocol = {
        "scheme": "root",
        "hostname": "127.0.0.1",
        "port": int(port),
        "prefix": "//data/rse/",
        "impl": "rucio.rse.protocols.xrootd.Default",  # as real lakes have it
        "domains": {"lan": dict.fromkeys(operations[:3], 1), "wan": dict.fromkeys(operations, 1)},
    }
    with db_session(DatabaseOperationType.WRITE) as session:
        others = [row["id"] for row in rse.list_rses(session=session)]
        id_ = rse.add_rse(name, country_name="DE", city="Hamburg", session=session)
        rse.add_protocol(id_, protocol, session=session)
        for key, value in {"fts": "local", "greedyDeletion": True, "tombstone_delay": "0"}.items():
            rse.add_rse_attribute(id_, key, value, session=session)
        for other in others:
            distance.add_distance(id_, other, distance=1, session=session)
            distance.add_distance(other, id_, distance=1, session=session)
        account = InternalAccount(populate.ACCOUNT)
        account_limit.set_local_account_limit(account, id_, populate.QUOTA, session=session)


if __name__ == "__main__":
    main(*sys.argv[1:])
