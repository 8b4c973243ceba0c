"""Writing to a Rucio: files made known in one transaction with their replica, dataset, rule, lifetime and metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import LakeError, LoginError
from atlasod_tui.lake.model import DID, DIDType, ReplicaState, StorageElement
from atlasod_tui.lake.rucio import records
from atlasod_tui.lake.rucio.connection import Connection, Row, check_name
from atlasod_tui.lake.rucio.storage import Content, Storage

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient

_RSE = re.compile(r"[A-Za-z0-9_-]+")


class HalfToldError(LoginError):
    """A login ended while the lake was being told of files one by one: it may know of some of them."""


class Known(msgspec.Struct, frozen=True):
    """A DID as the catalogue has it."""

    did: DID
    type: DIDType
    account: str | None = None
    open: bool = False
    expires: datetime | None = None
    bytes: int | None = None
    adler32: str | None = None

    @property
    def content(self) -> Content:
        """Size and checksum of a file."""
        return Content(self.bytes or 0, self.adler32)


class Writing(Connection):
    """The part of a Rucio lake that files are put into."""

    def element(self, name: str) -> tuple[StorageElement, Row]:
        """Return a storage element, and the settings that :class:`Storage` takes.

        Raises:
            LakeError: If there is none of this name, or the lake cannot be asked.
        """
        settings = self.row(lambda client: _rse(client, name)) if _RSE.fullmatch(name) else {}
        if not settings:
            near = self._near(name)
            hint = f"Did you mean {near}?" if near else "`atlasod-tui rses` lists them."
            raise LakeError(f"the lake {self.name} has no storage element {name!r}", hint)
        usage = list(self.each(lambda client: client.get_rse_usage(name), lambda row: [row]))
        return records.storage_element({**settings, "rse": name}, settings, usage), settings

    def _near(self, name: str) -> str:
        """Return the storage element whose name is the nearest, empty if none is near."""
        import difflib  # noqa: PLC0415 - only for the message

        try:
            elements = list(self.each(lambda client: client.list_rses(), lambda row: [str(row.get("rse"))]))
        except LakeError:
            return ""
        known = {element.casefold(): element for element in elements}
        return next((known[near] for near in difflib.get_close_matches(name.casefold(), known, 1)), "")

    def storage(self, settings: Row) -> Storage:
        """Return a storage element, to be written to."""
        client = self.one(lambda client: client)
        return Storage(settings, client.auth_token if self.settings.auth_type == "oidc" else None)

    def is_admin(self, account: str) -> bool:
        """Return whether quotas do not count for an account."""
        rows = self.one(lambda client: list(client.list_account_attributes(account)))
        flat = [row for each in rows for row in (each if isinstance(each, list) else [each])]
        return any(row.get("key") == "admin" and str(row.get("value")) not in {"False", "0"} for row in flat)

    def known(self, did: DID) -> Known | None:
        """Return what the catalogue has under a name, None for nothing.

        Raises:
            LakeError: If the lake cannot be asked.
        """
        check_name(did)
        row = self.row(lambda client: _did(client, did))
        if not row:
            return None
        file = records.file_entry({**row, "scope": did.scope, "name": did.name})
        return Known(
            did,
            records.did_type(row.get("type")),
            row.get("account"),
            bool(row.get("open")),
            records.time(row.get("expired_at")),
            file.bytes,
            file.adler32,
        )

    def known_of(self, files: list[DID]) -> set[DID]:
        """Return those of some DIDs that the catalogue knows.

        Raises:
            LakeError: If the lake cannot be asked.
        """
        ask = [{"scope": file.scope, "name": file.name} for file in files]
        return set(self.each(lambda client: client.get_metadata_bulk(ask), lambda row: [records.did(row)]))

    def holders(self, file: DID) -> list[str]:
        """Return the storage elements that have a good replica of a file, best first."""
        ask = [{"scope": file.scope, "name": file.name}]
        found = self.each(lambda client: client.list_replicas(ask, all_states=True), records.replicas)
        return [replica.storage_element for replica in found if replica.state is ReplicaState.AVAILABLE]

    def is_in(self, file: DID, dataset: DID) -> bool:
        """Return whether a file is in a dataset."""
        rows = self.each(lambda client: client.list_parent_dids(file.scope, file.name), lambda row: [records.did(row)])
        return dataset in set(rows)

    def add_dataset(  # noqa: PLR0913
        self,
        dataset: DID,
        files: list[Row],
        element: str,
        *,
        lifetime: int | None,
        comment: str,
        metadata: Mapping[str, Any],
    ) -> bool:
        """Make a dataset with files, whose replicas are on a storage element, and a rule there: all, or nothing.

        Returns:
            False if there is a DID of this name already.

        Raises:
            LakeError: If the lake refuses, or cannot be asked.
        """
        self.may_write()
        check_name(dataset)
        rule = {
            "account": self.account(),
            "copies": 1,
            "rse_expression": element,
            "lifetime": lifetime,
            "grouping": "DATASET",
            "comment": comment,
        }
        return self.one(
            lambda client: _unless(
                "DataIdentifierAlreadyExists",
                client.add_dataset,
                dataset.scope,
                dataset.name,
                files=files,
                rse=element,
                rules=[rule],
                lifetime=lifetime,
                meta=dict(metadata),
            )
        )

    def add_files(self, dataset: DID, files: list[Row], element: str) -> bool:
        """Put files, whose replicas are on a storage element, into a dataset: all, or nothing; True if they are in.

        Returns:
            False if there is no such dataset.

        Raises:
            HalfToldError: If a login ends when some of them may be in.
            LakeError: If the lake refuses, or cannot be asked.
        """
        self.may_write()
        one_by_one = False

        def add(client: QuietClient) -> None:
            nonlocal one_by_one
            there = (dataset.scope, dataset.name)
            if not _unless("FileAlreadyExists", client.add_files_to_dataset, *there, files, rse=element):
                one_by_one = True  # one of them is in it, which kept out the others
                for file in files:
                    _unless("FileAlreadyExists", client.add_files_to_dataset, *there, [file], rse=element)

        try:
            return self.one(lambda client: _unless("DataIdentifierNotFound", add, client))
        except LoginError as error:
            if one_by_one:
                raise HalfToldError(error.message, error.hint) from error
            raise

    def keep(self, dataset: DID, expires: datetime | None, lifetime: int | None) -> None:
        """Let a dataset last ``lifetime`` seconds from now, None for ever; it is never made to end sooner.

        Args:
            dataset: The dataset.
            expires: When it ends as it is.
            lifetime: How long it is wanted.
        """
        if expires is None or (lifetime is not None and left(expires) >= lifetime):
            return
        self.may_write()
        self.one(lambda client: client.set_metadata(dataset.scope, dataset.name, "lifetime", lifetime))


def left(expires: datetime) -> float:
    """Return the seconds until then."""
    return (expires - datetime.now(UTC)).total_seconds()


def _rse(client: QuietClient, name: str) -> Row:
    from rucio.common.exception import RSENotFound  # noqa: PLC0415 - imported by the client already

    try:
        settings: Row = client.get_rse(name)
    except RSENotFound:
        return {}
    return settings


def _did(client: QuietClient, did: DID) -> Row:
    from rucio.common.exception import DataIdentifierNotFound  # noqa: PLC0415 - imported by the client already

    try:
        row: Row = client.get_did(did.scope, did.name)
    except DataIdentifierNotFound:
        return {}
    return row


def _unless(name: str, do: Any, *arguments: Any, **options: Any) -> bool:
    """Return whether something was done, False if Rucio raised the exception of that name instead."""
    from rucio.common import exception  # noqa: PLC0415 - imported by the client already

    try:
        do(*arguments, **options)
    except getattr(exception, name):
        return False
    return True
