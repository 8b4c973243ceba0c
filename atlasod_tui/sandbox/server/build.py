"""Making a lake: schema, account, storage elements, the releases' catalogue, the generated samples."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import configuration


def main(lake: str, catalogue: str, generated: str) -> int:
    """Make a lake in a folder that is there and has none; return the exit code.

    Args:
        lake: The folder.
        catalogue: What the releases contain, as ``release.add`` takes it.
        generated: Index of the generated samples, as ``generated.add`` takes it.
    """
    _build(Path(lake), Path(catalogue), Path(generated))
    return 0


def _build(lake: Path, catalogue: Path, index: Path) -> None:
    configuration.use(lake)
    import daemons  # noqa: PLC0415 - Rucio reads its configuration when it is imported
    import generated  # noqa: PLC0415
    import populate  # noqa: PLC0415
    import release  # noqa: PLC0415
    from rucio.db.sqla.constants import DatabaseOperationType  # noqa: PLC0415
    from rucio.db.sqla.session import db_session, get_engine  # noqa: PLC0415

    ids = populate.build(lake)
    elements = {element.name: lake / populate.ELEMENTS_FOLDER / element.name for element in populate.ELEMENTS}
    with db_session(DatabaseOperationType.WRITE) as session:
        release.add(catalogue, ids[release.ELEMENT], session)
        generated.add(index, elements, ids, session)
    # So that the first server has nothing to catch up with.
    daemons.settle(lake)
    get_engine().dispose()
    tidy(lake)


def tidy(lake: Path) -> None:
    """Let SQLite know how its tables are filled, which plans of its queries depend on, and be one file again."""
    connection = sqlite3.connect(lake / configuration.DATABASE, timeout=60)
    connection.execute("ANALYZE")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
