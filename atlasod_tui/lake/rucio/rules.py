"""Replication rules in a Rucio: list, add, extend, remove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeError
from atlasod_tui.lake import names
from atlasod_tui.lake.model import DID, Rule, Transfer
from atlasod_tui.lake.rucio import records
from atlasod_tui.lake.rucio.connection import Connection, check_name

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient


class Rules(Connection):
    """The part of a Rucio lake that keeps data where they are wanted, for as long as they are."""

    def rules(self, did: DID | None = None) -> Iterator[Rule]:
        """Yield the rules on a DID; without one, those of this account."""
        if did is not None:
            check_name(did)
            return self.each(lambda client: client.list_did_rules(did.scope, did.name), lambda row: [records.rule(row)])
        account = self.account()
        return self.each(
            lambda client: client.list_replication_rules({"account": account}), lambda row: [records.rule(row)]
        )

    def why_stuck(self, rule_id: str) -> Iterator[Transfer]:
        """Yield the files a rule waits for, each with its last error."""
        _check(rule_id)
        return self.each(
            lambda client: client.examine_replication_rule(rule_id)["transfers"], lambda row: [records.transfer(row)]
        )

    def add_rule(self, did: DID, expression: str, *, lifetime: int | None, copies: int = 1, comment: str = "") -> str:
        """Ask for copies of a DID on the storage elements of an expression; return the rule's id.

        ``lifetime`` is in seconds, ``None`` for ever.
        """
        self.may_write()
        check_name(did)
        dids = [{"scope": did.scope, "name": did.name}]
        (rule_id,) = self.one(
            lambda client: client.add_replication_rule(
                dids, copies, expression, lifetime=lifetime, comment=comment or None
            )
        )
        return str(rule_id)

    def extend_rule(self, rule_id: str, lifetime: int | None) -> None:
        """Let a rule end ``lifetime`` seconds from now, ``None`` for never; its DID is not to end before it."""
        self.may_write()
        _check(rule_id)
        rule = records.rule(self.row(lambda client: client.get_replication_rule(rule_id)))
        self.one(lambda client: _prolong(client, rule.did, lifetime))
        self.one(lambda client: client.update_replication_rule(rule_id, {"lifetime": lifetime}))

    def remove_rule(self, rule_id: str) -> None:
        """End a rule now, or in an hour where the lake grants no more; it deletes what nothing else protects."""
        self.may_write()
        _check(rule_id)
        self.one(lambda client: _end(client, rule_id))

    def end(self, did: DID) -> list[Rule]:
        """End what this account keeps of a DID now: its rules, which are returned, and a dataset of its own with them.

        A dataset that rules of others are on stays; files go with their last replica.
        """
        self.may_write()
        account = self.account()
        rules = list(self.rules(did))
        own = [rule for rule in rules if rule.account == account]
        row = self.row(lambda client: client.get_did(did.scope, did.name))
        mine = row.get("account") == account and str(row.get("type")).upper() != "FILE"
        if not own and not mine:
            hint = f"`atlasod-tui rules list {did}` lists them."
            raise LakeError(f"{did} is not {account}'s, nor is a rule on it", hint)
        for rule in own:
            _check(rule.id)
            self.one(partial(_end_if_there, rule.id))
        if mine and len(own) == len(rules):
            self.one(lambda client: client.set_metadata(did.scope, did.name, "lifetime", 0))
        return own


def _prolong(client: QuietClient, did: DID, lifetime: int | None) -> None:
    """Let a DID that has an end last as long as a rule on it: with the DID its rules would end as well."""
    expires = records.time(client.get_did(did.scope, did.name).get("expired_at"))
    if expires is not None and (lifetime is None or (expires - datetime.now(UTC)).total_seconds() < lifetime):
        client.set_metadata(did.scope, did.name, "lifetime", lifetime)


def _end_if_there(rule_id: str, client: QuietClient) -> None:
    from rucio.common.exception import RuleNotFound  # noqa: PLC0415 - imported by the client already

    with suppress(RuleNotFound):  # it ended since it was listed
        _end(client, rule_id)


def _end(client: QuietClient, rule_id: str) -> None:
    from rucio.common.exception import AccessDenied  # noqa: PLC0415 - imported by the client already

    # Rucio's own deletion waits for an hour, in which the same rule cannot be made again.
    try:
        client.update_replication_rule(rule_id, {"lifetime": 0})
    except AccessDenied:
        client.delete_replication_rule(rule_id)


def _check(rule_id: str) -> None:
    """Refuse what is no id: it becomes a part of an address, unquoted."""
    if not names.is_rule_id(rule_id):
        raise LakeError(f"{rule_id} is not the id of a rule", names.RULE_ID_HINT)
