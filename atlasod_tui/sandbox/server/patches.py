"""What stock Rucio 41.5 needs to live on SQLite in one process; ``apply`` must run before anything else of Rucio."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dogpile.cache import make_region
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_CACHED = 60
_WRITES = "sandbox_writes"


def apply() -> None:
    """Replace how Rucio opens transactions and caches, and let it keep metadata as JSON.

    Raises:
        RuntimeError: If the rest of Rucio has been imported already and holds on to what is replaced here.
    """
    if "rucio.core" in sys.modules:
        raise RuntimeError("Rucio was imported before it was patched")
    _cache_in_process()
    _lock_when_a_write_begins()
    from rucio.db.sqla import util  # noqa: PLC0415 - after the patches

    # SQLite has had JSON functions since 3.9; Rucio denies all SQLites.
    util.json_implemented = lambda *, session=None: True  # noqa: ARG005


def apply_late(elements: Path) -> None:
    """Change what lives in modules that import the patched ones.

    Those are permissions, caches that must not remember, and which files may be touched: those below ``elements``.
    """
    from rucio.core import authentication, replica_sorter  # noqa: PLC0415
    from rucio.core.permission import generic  # noqa: PLC0415
    from rucio.daemons.reaper import reaper  # noqa: PLC0415
    from rucio.rse.protocols import posix  # noqa: PLC0415

    # A token that was ended in the database is to be refused at once, and after an empty cycle
    # the reaper would leave a storage element alone for two minutes.
    authentication.TOKENREGION = make_region().configure("dogpile.cache.null")
    reaper.REGION = make_region().configure("dogpile.cache.null")
    # It would look for a database of places in /tmp, whoever put one there, and ask for the addresses of the hosts.
    vars(replica_sorter)["__get_distance"] = lambda *_, **__: 0
    # The generic policy lets only root register replicas and change rules; lakes that people
    # use have policies of their own, which let accounts do so with what is theirs.
    generic.perm_add_replicas = generic.perm_update_replicas_states = _anybody
    for name in ("perm_update_rule", "perm_del_rule", "perm_move_rule", "perm_reduce_rule"):
        setattr(generic, name, _or_owner(getattr(generic, name)))
    posix.Default.pfn2path = _inside(elements, posix.Default.pfn2path)


def _inside(elements: Path, path_of: Callable[..., str]) -> Callable[..., str]:
    """Return how the reaper gets at a file, but for those whose names, which may hold slashes, lead elsewhere."""

    def pfn2path(self: Any, pfn: str) -> str:
        path = path_of(self, pfn)
        if not Path(os.path.normpath(path)).is_relative_to(elements):
            raise FileNotFoundError(errno.ENOENT, "not on a storage element", path)
        return path

    return pfn2path


def _anybody(issuer: Any, kwargs: dict[str, Any], session: Any) -> bool:  # noqa: ARG001 - Rucio's signature
    return True


def _or_owner(permitted: Callable[..., bool]) -> Callable[..., bool]:
    """Return a permission that the account of the rule has too."""
    from rucio.core.rule import get_rule  # noqa: PLC0415

    def permission(issuer: Any, kwargs: dict[str, Any], session: Any) -> bool:
        if permitted(issuer=issuer, kwargs=kwargs, session=session):
            return True
        return bool(get_rule(kwargs["rule_id"], session=session)["account"] == issuer)

    return permission


def _cache_in_process() -> None:
    from rucio.common.cache import MemcacheRegion  # noqa: PLC0415

    def configure(self: Any, expiration_time: int, memcached_expire_time: int | None) -> None:  # noqa: ARG001
        self.configure("dogpile.cache.memory_pickle", expiration_time=min(expiration_time, _LONGEST_CACHED))

    MemcacheRegion._configure_region = configure  # noqa: SLF001


def _lock_when_a_write_begins() -> None:
    """Begin write transactions with the write lock.

    SQLite refuses at once, whatever the timeout, to turn a read transaction into a write one while another writes.
    Read sessions inside a write must not take the lock: they are connections of their own.
    """
    from rucio.common.exception import DatabaseException  # noqa: PLC0415
    from rucio.db.sqla import session as module  # noqa: PLC0415
    from rucio.db.sqla.constants import DatabaseOperationType  # noqa: PLC0415

    @contextmanager
    def db_session(operation: Any) -> Iterator[Any]:
        scoped = module.get_session()
        session = scoped()
        session.begin()
        try:
            if operation is DatabaseOperationType.WRITE:
                session.connection(execution_options={_WRITES: True})
            yield session
            if operation is DatabaseOperationType.WRITE:
                session.commit()
        except (PoolTimeoutError, DatabaseError) as error:
            session.rollback()
            raise DatabaseException(str(error)) from error
        except BaseException:
            session.rollback()
            raise
        finally:
            scoped.remove()

    def transactional_session(function: Callable[..., Any]) -> Any:
        def wrapper(*arguments: Any, session: Any = None, **named: Any) -> Any:
            if session:
                return function(*arguments, session=session, **named)
            with db_session(DatabaseOperationType.WRITE) as own:
                return function(*arguments, session=own, **named)

        return module._update_session_wrapper(wrapper, function)  # noqa: SLF001

    module.db_session = db_session
    module.transactional_session = transactional_session
    event.listen(Engine, "connect", _on_connect)
    event.listen(Engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # or the module sqlite3 begins transactions as it sees fit
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _on_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
