"""Replication rules in a Rucio: list, add, extend, remove."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeError
from atlasod_tui.lake import names
from atlasod_tui.lake.model import DID, DIDType, Rule, Transfer
from atlasod_tui.lake.rucio import records
from atlasod_tui.lake.rucio.connection import check_name
from atlasod_tui.lake.rucio.writing import Known, Writing, left

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient


_HOUR = 3600
"""Seconds that Rucio itself leaves a rule that is deleted; the same one cannot be made again in them."""


class Rules(Writing):
    """The part of a Rucio lake that keeps data where they are wanted, for as long as they are.

    Rucio ends the rules on a DID with it, and not the DID with its rules: what of that is done here goes for datasets
    of this account, which end with the last of their rules unless they were to last longer from the start.
    """

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

    def extend_rule(self, rule_id: str, lifetime: int | None, *, dry_run: bool = False) -> None:
        """Let a rule end ``lifetime`` seconds from now, ``None`` for never, and its dataset with the last of its rules.

        ``dry_run`` only refuses what would be refused.
        """
        rule = self._to_be_changed(rule_id, dry_run=dry_run)
        dataset = self.known(rule.did)
        if dataset is not None:
            self._keep(dataset, lifetime, dry_run=dry_run)
        if dry_run:
            return
        self.one(lambda client: client.update_replication_rule(rule_id, {"lifetime": lifetime}))
        if dataset is not None and lifetime is not None:
            self._follow(dataset, rule, lifetime)

    def remove_rule(self, rule_id: str, *, dry_run: bool = False) -> None:
        """End a rule now, or in an hour where the lake grants no more; it deletes what nothing else protects.

        A dataset ends with the last of its rules; ``dry_run`` only refuses what would be refused.
        """
        rule = self._to_be_changed(rule_id, dry_run=dry_run)
        if dry_run:
            return
        dataset = self.known(rule.did)
        granted = self.one(lambda client: _end(client, rule_id))
        if dataset is not None:
            self._follow(dataset, rule, granted)

    def end(self, did: DID, *, dry_run: bool = False) -> list[Rule]:
        """End what this account keeps of a DID now: its rules, which are returned, and a dataset of its own with them.

        A dataset that rules of others are on stays; files go with their last replica. ``dry_run`` only refuses what
        would be refused.
        """
        self.may_write()
        account = self.account()
        rules = list(self.rules(did))
        own = [rule for rule in rules if rule.account == account]
        known = self.known(did)
        mine = known is not None and known.account == account and known.type is not DIDType.FILE
        if not own and not mine:
            if known is not None and known.account == account:
                what, hint = f"no rule of {account} is on the file {did} itself", f"`atlasod-tui show {did}` names all."
                raise LakeError(what, hint)
            hint = f"`atlasod-tui rules list {did}` lists them."
            raise LakeError(f"{did} is not {account}'s, nor is a rule on it", hint)
        if dry_run:
            return own
        for rule in own:
            _check(rule.id)
            self.one(partial(_end_if_there, rule.id))
        if mine and len(own) == len(rules):
            self.one(lambda client: client.set_metadata(did.scope, did.name, "lifetime", 0))
        return own

    def _to_be_changed(self, rule_id: str, *, dry_run: bool) -> Rule:
        """Return a rule, if it may be changed; what servers themselves refuse is looked at only where they do not."""
        self.may_write()
        _check(rule_id)
        rule = records.rule(self.row(lambda client: client.get_replication_rule(rule_id)))
        if dry_run and rule.account != self.account() and not self.is_admin(self.account()):
            raise LakeError(f"the rule {rule_id} is {rule.account}'s, not {self.account()}'s")
        return rule

    def _keep(self, dataset: Known, lifetime: int | None, *, dry_run: bool) -> None:
        """Let a DID that has an end last as long as a rule on it is wanted."""
        if dataset.expires is None or (lifetime is not None and left(dataset.expires) >= lifetime):
            return
        ends = f"{dataset.expires:%Y-%m-%d %H:%M} UTC"
        what = f"{dataset.did} is {dataset.account}'s and ends {ends}: no rule on it lasts longer"
        hint = f"Choose a --lifetime that ends before, or ask {dataset.account}."
        if dry_run:
            if dataset.account != self.account() and not self.is_admin(self.account()):
                raise LakeError(what, hint)
            return
        try:
            self.keep(dataset.did, dataset.expires, lifetime)
        except LakeError as error:
            if dataset.account == self.account() or type(error.__cause__).__name__ != "AccessDenied":
                raise
            raise LakeError(what, hint) from error

    def _follow(self, dataset: Known, changed: Rule, lifetime: int) -> None:
        """Let a dataset end with the last of its rules, of which one was given so many seconds just now.

        That goes for one of this account that is in no container, and was not to outlast this rule for ever.
        """
        if dataset.type is DIDType.FILE or dataset.account != self.account():
            return
        if dataset.expires is None and changed.expires is not None:
            return
        rules = list(self.rules(dataset.did))
        ends = [rule.expires for rule in rules]
        if None in ends:
            return
        last = max((end for end in ends if end is not None), default=None)
        # The server's clock need not be this machine's.
        now = next((rule.expires for rule in rules if rule.id == changed.id), None)
        now = datetime.now(UTC) if now is None else now - timedelta(seconds=lifetime)
        seconds = 0 if last is None else max(math.ceil((last - now).total_seconds()), 0)
        if dataset.expires is not None and (dataset.expires - now).total_seconds() <= seconds + 1:
            return
        scope, name = dataset.did.scope, dataset.did.name
        if any(self.each(lambda client: client.list_parent_dids(scope, name), lambda row: [row])):
            return  # a rule on the container may keep it
        self.one(lambda client: _set_lifetime(client, dataset.did, seconds))


def _set_lifetime(client: QuietClient, did: DID, seconds: int) -> None:
    from rucio.common.exception import AccessDenied, DataIdentifierNotFound  # noqa: PLC0415 - imported by the client

    with suppress(AccessDenied, DataIdentifierNotFound):  # the rule was changed all the same
        client.set_metadata(did.scope, did.name, "lifetime", seconds)


def _end_if_there(rule_id: str, client: QuietClient) -> None:
    from rucio.common.exception import RuleNotFound  # noqa: PLC0415 - imported by the client already

    with suppress(RuleNotFound):  # it ended since it was listed
        _end(client, rule_id)


def _end(client: QuietClient, rule_id: str) -> int:
    """End a rule, and return in how many seconds it ends."""
    from rucio.common.exception import AccessDenied  # noqa: PLC0415 - imported by the client already

    try:
        client.update_replication_rule(rule_id, {"lifetime": 0})
    except AccessDenied:
        client.delete_replication_rule(rule_id)
        return _HOUR
    return 0


def _check(rule_id: str) -> None:
    """Refuse what is no id: it becomes a part of an address, unquoted."""
    if not names.is_rule_id(rule_id):
        raise LakeError(f"{rule_id} is not the id of a rule", names.RULE_ID_HINT)
