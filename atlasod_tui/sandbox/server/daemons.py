"""Rucio's own daemons, each run when the database holds work for it, in two threads of the server's process."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import populate
from configuration import DATABASE
from rucio.core.message import truncate_messages
from rucio.core.topology import ExpiringObjectCache, Topology
from rucio.daemons.abacus import account, collection_replica
from rucio.daemons.abacus import rse as abacus_rse
from rucio.daemons.common import HeartbeatHandler
from rucio.daemons.conveyor import finisher, poller, submitter
from rucio.daemons.judge import cleaner, evaluator, injector, repairer
from rucio.daemons.reaper import reaper
from rucio.daemons.undertaker import undertaker
from transfers import NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TICK = 0.5
_TICK_BUSY = 0.1
_MOST_ROUNDS = 50
_LOG = logging.getLogger("sandbox.daemons")


class _Duty(NamedTuple):
    """A daemon, the question that tells whether it has work, and how long it rests at least between two runs."""

    name: str
    question: str
    run: Callable[[], object]
    rest: float = 0.0


def start(lake: Path, stop: threading.Event) -> list[threading.Thread]:
    """Start the daemons of a lake; they end soon after ``stop`` is set."""
    # The conveyor has a thread of its own, so that files move while the other daemons are at work.
    threads = [
        threading.Thread(target=_loop, args=(lake / DATABASE, duties, stop), name=name, daemon=True)
        for name, duties in (("conveyor", _conveyor()), ("housekeeping", _housekeeping(lake)))
    ]
    for thread in threads:
        thread.start()
    return threads


def settle(lake: Path) -> None:
    """Do at once what there is to be done in a lake that nobody serves.

    Raises:
        RuntimeError: If there is no end to it.
    """
    connection = _look_into(lake / DATABASE)
    duties = _housekeeping(lake)
    for _ in range(_MOST_ROUNDS):
        due = [duty for duty in duties if _is_due(duty, connection)]
        if not due:
            connection.close()
            return
        for duty in due:
            duty.run()
    raise RuntimeError(f"the lake does not settle: {', '.join(duty.name for duty in due)}")


def _look_into(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, isolation_level=None, timeout=30)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _is_due(duty: _Duty, connection: sqlite3.Connection) -> bool:
    # As SQLAlchemy writes a date and time.
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return bool(connection.execute(f"SELECT EXISTS ({duty.question})", {"now": now}).fetchone()[0])


def _loop(database: Path, duties: tuple[_Duty, ...], stop: threading.Event) -> None:
    connection = _look_into(database)
    rested = {duty.name: 0.0 for duty in duties}
    pause = _TICK
    while not stop.wait(pause):
        pause = _TICK
        for duty in duties:
            try:
                if time.monotonic() < rested[duty.name]:
                    continue
                if _is_due(duty, connection):
                    duty.run()
                    rested[duty.name] = time.monotonic() + duty.rest
                    pause = _TICK_BUSY
            except Exception:  # noqa: BLE001 - a daemon that failed is tried again
                _LOG.exception("%s failed", duty.name)
                rested[duty.name] = time.monotonic() + 5
    connection.close()


def _conveyor() -> tuple[_Duty, ...]:
    topology = ExpiringObjectCache(ttl=60, new_obj_fnc=Topology)
    common = {"once": True, "partition_wait_time": 0, "cached_topology": topology}
    return (
        _Duty(
            "submitter",
            "SELECT 1 FROM requests WHERE state = 'Q'",
            lambda: submitter.submitter(transfertools=[NAME], **common),
            rest=0.3,
        ),
        _Duty(
            "poller",
            "SELECT 1 FROM requests WHERE state = 'S'",
            lambda: poller.poller(transfertool=NAME, older_than=0, **common),
            rest=0.3,
        ),
        _Duty(
            "finisher",
            "SELECT 1 FROM requests WHERE state NOT IN ('Q', 'G', 'S', 'W', 'P', 'U')",
            lambda: finisher.finisher(**common),
            rest=0.3,
        ),
    )


def _housekeeping(lake: Path) -> tuple[_Duty, ...]:
    paused: dict[str, dict[Any, Any]] = {
        name: {} for name in ("evaluator", "injector", "repairer", "cleaner", "undertaker")
    }

    def once(module: Any, **options: Any) -> Callable[[], None]:
        def run() -> None:
            # The daemons' own loops wait a second for other workers, of which there are none.
            with HeartbeatHandler(executable=module.DAEMON_NAME, renewal_interval=60) as heartbeat:
                module.run_once(heartbeat_handler=heartbeat, activity=None, **options)

        return run

    reap = once(
        reaper,
        rses=[],
        include_rses=None,
        exclude_rses=None,
        vos=None,
        chunk_size=100,
        greedy=True,
        scheme=None,
        delay_seconds=0,
        auto_exclude_threshold=100,
        auto_exclude_timeout=600,
    )

    def count_space() -> None:
        once(abacus_rse)()
        populate.report_space(lake)

    return (
        _Duty(
            "evaluator", "SELECT 1 FROM updated_dids", once(evaluator, did_limit=1000, paused_dids=paused["evaluator"])
        ),
        _Duty(
            "injector",
            "SELECT 1 FROM rules WHERE state = 'I'",
            once(injector, paused_rules=paused["injector"]),
            rest=1,
        ),
        _Duty(
            "repairer",
            "SELECT 1 FROM rules WHERE state = 'S'",
            once(repairer, delta=0, paused_rules=paused["repairer"]),
            rest=30,
        ),
        _Duty(
            "cleaner",
            "SELECT 1 FROM rules WHERE expires_at < :now",
            once(cleaner, paused_rules=paused["cleaner"]),
            rest=1,
        ),
        _Duty(
            "undertaker",
            "SELECT 1 FROM dids WHERE expired_at < :now",
            once(undertaker, chunk_size=100, paused_dids=paused["undertaker"]),
            rest=1,
        ),
        _Duty("reaper", "SELECT 1 FROM replicas WHERE tombstone < :now AND lock_cnt = 0", reap, rest=1),
        # Messages for brokers, of which there are none.
        _Duty("messages", "SELECT 1 FROM messages", truncate_messages, rest=600),
        _Duty("accounts", "SELECT 1 FROM updated_account_counters", once(account), rest=1),
        _Duty("storage", "SELECT 1 FROM updated_rse_counters", count_space, rest=1),
        _Duty("collections", "SELECT 1 FROM updated_col_rep", once(collection_replica, limit=1000), rest=1),
    )
