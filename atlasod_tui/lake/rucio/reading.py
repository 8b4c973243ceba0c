"""Reading from a Rucio: scopes, datasets, files, replicas, storage elements, quotas."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake.model import (
    DID,
    Dataset,
    Details,
    DIDType,
    FileEntry,
    Parent,
    Quota,
    Replica,
    Rule,
    Scope,
    StorageElement,
)
from atlasod_tui.lake.rucio import records
from atlasod_tui.lake.rucio.connection import Connection, Row, check_name

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient

CHUNK = 400
"""DIDs in one question; servers on SQLite fail at 999."""

_TYPED_AT_ONCE = 100
_RSE = re.compile(r"[A-Za-z0-9_-]+")


class Reading(Connection):
    """The part of a Rucio lake that only reads."""

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes, by name, each with its owner where the server tells (Rucio 40 and later)."""
        for name, owner in sorted(self.one(_owners).items()):
            yield Scope(name, owner)

    def datasets(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[Dataset]:
        """Yield the datasets and containers whose names match (``*`` and ``?``); an unknown scope raises.

        Of open ones Rucio tells the size only when asked for each: that is done in the account's own scope.
        """
        own = scope == f"user.{self.account()}"
        for row in self._search(scope, pattern, where, "collection"):
            if not where:
                found = records.dataset(row)
                yield self._complete(found) if own else found
            elif records.did_type(row.get("did_type")) is not DIDType.FILE:
                yield self._complete(records.dataset(row))

    def find_files(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[FileEntry]:
        """Yield the files of a scope whose names match, without their checksums; an unknown scope raises."""
        for row in self._search(scope, pattern, where, "file"):
            if not where or records.did_type(row.get("did_type")) is DIDType.FILE:
                yield records.file_entry(row)

    def files(self, did: DID) -> Iterator[FileEntry]:
        """Yield the files of a dataset or container, through what it contains; of a file, itself."""
        check_name(did)
        return self.each(lambda client: client.list_files(did.scope, did.name), lambda row: [records.file_entry(row)])

    def named_files(self, dids: Iterable[DID]) -> Iterator[FileEntry]:
        """Yield those of some DIDs that are files, asked for together; nothing for the others."""
        wanted = iter(dids)
        while chunk := list(islice(wanted, CHUNK)):
            for did in chunk:
                check_name(did)
            ask = [{"scope": did.scope, "name": did.name} for did in chunk]
            yield from self.each(partial(_facts, ask), _file)

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        """Yield the replicas of files, best first for each file; a dataset stands for its files."""
        wanted = iter(files)
        while chunk := [{"scope": did.scope, "name": did.name} for did in islice(wanted, CHUNK)]:
            yield from self._replicas(chunk)

    def show(self, did: DID) -> Details:
        """Return all there is to show of a DID: metadata, replicas, rules."""
        check_name(did)
        row = self.row(lambda client: client.get_did(did.scope, did.name, dynamic_depth="FILE"))
        entry, kind = records.dataset({**row, "scope": did.scope, "name": did.name}), records.did_type(row.get("type"))
        is_file, is_dataset = kind is DIDType.FILE, kind is DIDType.DATASET
        rules = self._rules(did, is_file=is_file)
        parents = self._parents(did) if is_file else []
        expires = records.time(row.get("expired_at"))
        copies = self.each(
            lambda client: client.list_dataset_replicas(did.scope, did.name, deep=True),
            lambda row: [records.dataset_replica(row)],
        )
        return Details(
            did=did,
            type=kind,
            files=1 if is_file else entry.files,
            bytes=entry.bytes,
            adler32=row.get("adler32") if is_file else None,
            account=row.get("account"),
            open=None if is_file else row.get("open"),
            expires=records.end_of_file(expires, rules, parents) if is_file else expires,
            metadata=records.metadata(self.row(lambda client: _metadata(client, did))),
            dataset_replicas=tuple(copies) if is_dataset else (),
            replicas=tuple(self.replicas([did])) if is_file else (),
            parents=tuple(parents),
            rules=tuple(rules),
        )

    def storage_elements(self) -> Iterator[StorageElement]:
        """Yield the storage elements, by name; their protocols and space are asked for one by one."""
        rows = list(self.each(lambda client: client.list_rses(), lambda row: [row]))
        for row in sorted(rows, key=lambda row: str(row.get("rse"))):
            yield self._storage_element(row)

    def quotas(self) -> Iterator[Quota]:
        """Yield what this account uses and may use, per storage element."""
        account = self.account()
        return self.each(lambda client: client.get_local_account_usage(account), lambda row: [records.quota(row)])

    def _rules(self, did: DID, *, is_file: bool) -> list[Rule]:
        """Return the rules on a DID, and those that keep a file by what it is in."""
        asked = [lambda client: client.list_did_rules(did.scope, did.name)]
        if is_file:  # one that waits for approval is told as the file's own alone
            asked += [lambda client: client.list_associated_rules_for_file(did.scope, did.name)]
        found = [rule for ask in asked for rule in self.each(ask, lambda row: [records.rule(row)])]
        return list({rule.id: rule for rule in found}.values())

    def _parents(self, file: DID) -> list[Parent]:
        """Return what a file is in, by name."""
        rows = self.each(lambda client: client.list_parent_dids(file.scope, file.name), lambda row: [records.did(row)])
        wanted = iter(sorted(rows))
        found: list[Parent] = []
        while chunk := [{"scope": did.scope, "name": did.name} for did in islice(wanted, CHUNK)]:
            found += self.each(partial(_facts, chunk), lambda row: [records.parent(row)])
        return sorted(found, key=lambda one: one.did)

    def _search(self, scope: str, pattern: str, where: Mapping[str, str] | None, kind: str) -> Iterator[Row]:
        check_name(DID(scope, pattern))
        if not scope or "/" in scope:  # which would be another address
            raise LakeError(f"{scope!r} cannot be a scope", "`atlasod-tui scopes` lists them.")
        # Rucio knows * alone, takes % for it too, and looks at ? only beside one of them: what it finds is sifted here.
        conditions = {key: _comparable(key, value) for key, value in (where or {}).items()}
        filters = [{**conditions, "name": pattern.replace("?", "*")}]
        matches = re.compile("".join(_PATTERN.get(char) or re.escape(char) for char in pattern), re.DOTALL).fullmatch
        answered = False

        def sift(row: Row) -> Iterator[Row]:
            nonlocal answered
            answered = True
            if matches(str(row["name"])):
                yield row

        found = self.each(lambda client: client.list_dids(scope, filters, did_type=kind, long=True), sift)
        try:
            yield from self._typed(found) if where else found
        except LakeError as error:
            if where and not answered:
                self._blame_conditions(error, scope, where, kind)
            raise
        if not answered and scope not in self.one(_owners):
            raise LakeError(f"the lake {self.name} has no scope {scope}", "`atlasod-tui scopes` lists them.")

    def _blame_conditions(self, error: LakeError, scope: str, where: Mapping[str, str], kind: str) -> None:
        """Raise what a search failed at, if it does not fail without its conditions: servers only say that it did."""
        if type(error.__cause__).__name__ not in {"DatabaseException", "RucioException"}:
            return
        try:
            self.one(lambda client: list(client.list_dids(scope, [{"name": "-"}], did_type=kind)))
        except LakeError:
            return
        what = f"the lake {self.name} fails at these conditions: {', '.join(where)}"
        raise LakeError(what, "Leave one out, or write it otherwise.") from error

    def _typed(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield rows with their types, which a search by free metadata neither heeds nor tells."""
        while chunk := list(islice(rows, _TYPED_AT_ONCE)):
            unknown = [{"scope": row["scope"], "name": row["name"]} for row in chunk if row.get("did_type") is None]
            told: dict[str, Row] = {}
            if unknown:
                answer = self.each(partial(_facts, unknown), lambda row: [row])
                told = {str(row["name"]): row for row in answer}
            yield from (told.get(str(row["name"]), row) for row in chunk)

    def _complete(self, found: Dataset) -> Dataset:
        """Return a dataset with its type and size, which a search by metadata leaves out, and any for what is open."""
        if found.files is not None:
            return found
        did = found.did
        try:
            row = self.row(lambda client: client.get_did(did.scope, did.name, dynamic_depth="FILE"))
        except LakeError as error:
            if type(error.__cause__).__name__ != "DataIdentifierNotFound":
                raise
            return found  # it has ended since it was listed
        return records.dataset({**row, "scope": did.scope, "name": did.name})

    def _replicas(self, dids: list[dict[str, str]]) -> Iterator[Replica]:
        return self.each(lambda client: client.list_replicas(dids, all_states=True), records.replicas)

    def _storage_element(self, row: Row) -> StorageElement:
        rse = str(row.get("rse"))
        details: Row = {}
        usage: list[Row] = []
        if _RSE.fullmatch(rse):  # the name becomes a part of an address, unquoted
            details = self.row(lambda client: client.get_rse(rse))
            usage = list(self.each(lambda client: client.get_rse_usage(rse), lambda row: [row]))
        return records.storage_element({**row, "rse": rse}, details, usage)


_PATTERN = {"*": ".*", "?": "."}
_COMPARED = re.compile(r".+\.(gt|gte|lt|lte)")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def _comparable(key: str, value: str) -> str | float:
    """Return the value of a condition as Rucio is to get it, which compares negative numbers as texts if they are one.

    Raises:
        UsageError: If it is to be larger or smaller than what is neither a number nor a time: nothing would be found.
    """
    if not _COMPARED.fullmatch(key) or _TIME.match(value):
        return value
    for number in (int, float):
        with suppress(ValueError):
            if math.isfinite(found := number(value)):
                return found
    what = f"{value!r} in the condition {key} is neither a number nor a time"
    raise UsageError(what, "Texts are compared with KEY=VALUE, where * matches, and KEY.ne=VALUE.")


def _facts(dids: list[dict[str, str]], client: QuietClient) -> Iterator[Row]:
    found: Iterator[Row] = client.get_metadata_bulk(dids)
    return found


def _file(row: Row) -> list[FileEntry]:
    return [records.file_entry(row)] if records.did_type(row.get("did_type")) is DIDType.FILE else []


def _owners(client: QuietClient) -> dict[str, str | None]:
    """Return the owners of the scopes; older servers tell the names only."""
    from rucio.common.exception import RucioException  # noqa: PLC0415 - imported by the client already

    try:
        return {str(row["scope"]): str(row["account"]) for row in client.list_scope_owners()}
    except RucioException as error:
        if type(error) is not RucioException:
            raise
        return dict.fromkeys(map(str, client.list_scopes()))


def _metadata(client: QuietClient, did: DID) -> Row:
    """Return the metadata of a DID; servers that keep no free keys fail when asked for them."""
    from rucio.common.exception import RucioException  # noqa: PLC0415 - imported by the client already

    try:
        row: Row = client.get_metadata(did.scope, did.name, plugin="ALL")
    except RucioException as error:
        if type(error) is not RucioException:
            raise
        row = client.get_metadata(did.scope, did.name, plugin="DID_COLUMN")
    return row
