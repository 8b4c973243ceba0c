"""What the sandbox's lake consists of: an account, scopes and storage elements."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import generated
import release
from rucio.alembicrevision import ALEMBIC_REVISION
from rucio.common.constants import DEFAULT_VO
from rucio.common.types import InternalAccount, InternalScope
from rucio.core import account, account_limit, distance, identity, rse, scope
from rucio.db.sqla import models
from rucio.db.sqla.constants import AccountType, DatabaseOperationType, IdentityType
from rucio.db.sqla.session import db_session, get_engine
from sqlalchemy import update

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "student"
QUOTA = 20 * 10**9
"""What the account may lock on each storage element it may write to, in bytes."""
ELEMENTS_FOLDER = "rse"
"""Below the lake; a storage element is a folder in it."""
_OPERATIONS = ("read", "write", "delete", "third_party_copy_read", "third_party_copy_write")


class Element(NamedTuple):
    """A storage element with the name, country and institute of one of the ESCAPE Datalake; a folder, if writable."""

    name: str
    country: str
    site: str
    institute: str
    writable: bool = True


ELEMENTS = (
    Element("IN2P3_LAPP-DCACHE", "FR", "LAPP", "CNRS"),
    Element("CC_DCACHE", "FR", "CC-IN2P3", "CNRS"),
    Element("INFN_NAPOLI-DCACHE", "IT", "NAPOLI", "INFN"),
    Element(release.ELEMENT, "CH", "CERN", "CERN", writable=False),
)


def build(lake: Path) -> dict[str, str]:
    """Make schema, account, scopes and storage elements in an empty database, and return the elements' ids by name.

    The account cannot log in yet, and the storage elements are where the lake is now: :func:`settle` sets both.
    """
    models.register_models(get_engine())
    owner = InternalAccount(ACCOUNT)
    root = InternalAccount("root")
    with db_session(DatabaseOperationType.WRITE) as session:
        session.add(models.VO(vo=DEFAULT_VO, description="", email=""))
        session.add(models.AlembicVersion(version_num=ALEMBIC_REVISION))
        session.flush()
        for name, kind in ((root, AccountType.SERVICE), (owner, AccountType.USER)):
            account.add_account(name, kind, None, session=session)
        for name, holder in ((release.SCOPE, root), (generated.SCOPE, root), (f"user.{ACCOUNT}", owner)):
            scope.add_scope(InternalScope(name), holder, session=session)
        ids = {element.name: _add_element(element, lake, session) for element in ELEMENTS}
        _connect(ids, session)
        for element in ELEMENTS:
            if element.writable:
                account_limit.set_local_account_limit(owner, ids[element.name], QUOTA, session=session)
    return ids


def settle(lake: Path, password: str) -> None:
    """Let a lake be one of this place and password: both may have changed since it was made or last served.

    Args:
        lake: Its folder.
        password: Of the account, from now on.
    """
    with db_session(DatabaseOperationType.WRITE) as session:
        _set_password(InternalAccount(ACCOUNT), password, session)
        for element in ELEMENTS:
            if element.writable:
                _place(element, lake).mkdir(mode=0o700, parents=True, exist_ok=True)
                id_ = rse.get_rse_id(element.name, session=session)
                session.execute(
                    update(models.RSEProtocol)
                    .where(models.RSEProtocol.rse_id == id_)
                    .values(prefix=f"{_place(element, lake)}/")
                )
    report_space(lake)


def report_space(lake: Path) -> None:
    """Tell Rucio what the storage elements have used, and the disk has free."""
    with db_session(DatabaseOperationType.WRITE) as session:
        for element in ELEMENTS:
            if not element.writable:
                continue
            id_ = rse.get_rse_id(element.name, session=session)
            disk = os.statvfs(_place(element, lake))
            used = session.get(models.RSEUsage, (id_, "rucio"))
            rse.set_rse_usage(
                id_,
                source="storage",
                used=used.used if used else 0,
                free=disk.f_bavail * disk.f_frsize,
                session=session,
            )


def _place(element: Element, lake: Path) -> Path:
    return lake / ELEMENTS_FOLDER / element.name


def _set_password(owner: InternalAccount, password: str, session: Any) -> None:
    known = session.get(models.Identity, (ACCOUNT, IdentityType.USERPASS))
    if known is None:
        identity.add_account_identity(
            ACCOUNT, IdentityType.USERPASS, owner, "", default=True, password=password, session=session
        )
        return
    # As rucio.core.identity.add_identity does; there is no function of Rucio's that only sets a password.
    known.salt = os.urandom(255)
    known.password = hashlib.sha256(known.salt + password.encode()).hexdigest()


def _add_element(element: Element, lake: Path, session: Any) -> str:
    holds_release = element.name == release.ELEMENT
    id_ = rse.add_rse(
        element.name, deterministic=not holds_release, country_name=element.country, city=element.site, session=session
    )
    address = {
        "scheme": "file",
        "hostname": "localhost",
        "port": 0,
        "prefix": f"{_place(element, lake)}/",
        "impl": "rucio.rse.protocols.posix.Default",
    }
    domains = {"lan": dict.fromkeys(_OPERATIONS[:3], 1), "wan": dict.fromkeys(_OPERATIONS, 1)}
    protocol = {**(release.ADDRESS if holds_release else address), "domains": domains}
    rse.add_protocol(id_, protocol, session=session)
    attributes = {
        "country": element.country,
        "site": element.site,
        "institute": element.institute,
        "fts": "local",
        "greedyDeletion": True,
        "tombstone_delay": "0",
    }
    for key, value in attributes.items():
        rse.add_rse_attribute(id_, key, value, session=session)
    if not element.writable:
        rse.update_rse(id_, {"availability_write": False}, session=session)
    return str(id_)


def _connect(ids: dict[str, str], session: Any) -> None:
    for source in ids.values():
        for target in ids.values():
            if source != target:
                distance.add_distance(source, target, distance=1, session=session)
