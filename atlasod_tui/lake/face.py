"""The face of a lake: what any of them, a Rucio, the portal or a folder, can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn, Protocol

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import (
    DID,
    Dataset,
    Details,
    FileEntry,
    Quota,
    Replica,
    Rule,
    Scope,
    StorageElement,
    Transfer,
)

Where = Mapping[str, str]
"""Conditions on the metadata, all to be met: ``{"energy": "13TeV", "length.gt": "1"}``; ``*`` in a value matches."""


class Lake(Protocol):
    """A lake; its iterators are lazy and are to be consumed on the thread that asked.

    Each call and each step of an iterator may raise :class:`LakeError`: the lake is away, refuses, does not know the
    name, or (where ``read_only``) cannot do this at all.
    """

    @property
    def name(self) -> str:
        """Name of the profile, as in ``--lake NAME``."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here."""
        ...

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes, by name."""
        ...

    def datasets(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[Dataset]:
        """Yield the datasets and containers whose names match (``*`` and ``?``); an unknown scope raises."""
        ...

    def find_files(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[FileEntry]:
        """Yield the files of a scope whose names match; an unknown scope raises."""
        ...

    def files(self, did: DID) -> Iterator[FileEntry]:
        """Yield the files of a dataset or container, through what it contains; of a file, itself."""
        ...

    def named_files(self, dids: Iterable[DID]) -> Iterator[FileEntry]:
        """Yield those of some DIDs that are files, where many are answered for together; nothing for the others."""
        ...

    def show(self, did: DID) -> Details:
        """Return all there is to show of a DID: metadata, replicas, rules."""
        ...

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        """Yield the replicas of files, best first for each file; a dataset stands for its files."""
        ...

    def storage_elements(self) -> Iterator[StorageElement]:
        """Yield the storage elements, by name."""
        ...

    def account(self) -> str:
        """Return the name of the account that this user is here."""
        ...

    def quotas(self) -> Iterator[Quota]:
        """Yield what this account uses and may use, per storage element."""
        ...

    def rules(self, did: DID | None = None) -> Iterator[Rule]:
        """Yield the rules on a DID; without one, those of this account."""
        ...

    def why_stuck(self, rule_id: str) -> Iterator[Transfer]:
        """Yield the files a rule waits for, each with its last error."""
        ...

    def add_rule(self, did: DID, expression: str, *, lifetime: int | None, copies: int = 1, comment: str = "") -> str:
        """Ask for copies of a DID on the storage elements of an expression; return the rule's id.

        ``lifetime`` is in seconds, ``None`` for ever.
        """
        ...

    def extend_rule(self, rule_id: str, lifetime: int | None, *, dry_run: bool = False) -> None:
        """Let a rule end ``lifetime`` seconds from now, ``None`` for never, and its dataset with the last of its rules.

        ``dry_run`` only refuses what would be refused, here and below.
        """
        ...

    def remove_rule(self, rule_id: str, *, dry_run: bool = False) -> None:
        """End a rule now, and its dataset with the last one; the lake deletes what nothing else protects."""
        ...

    def end(self, did: DID, *, dry_run: bool = False) -> list[Rule]:
        """End what this account keeps of a DID now: its rules, which are returned, and a dataset of its own."""
        ...


class ReadOnlyLake:
    """What a lake without accounts and storage elements answers: that it cannot do this."""

    name: str
    _has = "no storage elements, accounts or rules"
    """What is missing, for the sentence; a lake may say it better."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here."""
        return True

    def named_files(self, dids: Iterable[DID]) -> Iterator[FileEntry]:  # noqa: ARG002
        """Yield nothing: there is no server that one question instead of many would spare."""
        return iter(())

    def storage_elements(self) -> Iterator[StorageElement]:
        """Raise :class:`LakeError`."""
        self._refuse()

    def account(self) -> str:
        """Raise :class:`LakeError`."""
        self._refuse()

    def quotas(self) -> Iterator[Quota]:
        """Raise :class:`LakeError`."""
        self._refuse()

    def rules(self, did: DID | None = None) -> Iterator[Rule]:  # noqa: ARG002
        """Raise :class:`LakeError`."""
        self._refuse()

    def why_stuck(self, rule_id: str) -> Iterator[Transfer]:  # noqa: ARG002
        """Raise :class:`LakeError`."""
        self._refuse()

    def add_rule(
        self,
        did: DID,  # noqa: ARG002
        expression: str,  # noqa: ARG002
        *,
        lifetime: int | None,  # noqa: ARG002
        copies: int = 1,  # noqa: ARG002
        comment: str = "",  # noqa: ARG002
    ) -> str:
        """Raise :class:`LakeError`."""
        self._refuse()

    def extend_rule(self, rule_id: str, lifetime: int | None, *, dry_run: bool = False) -> None:  # noqa: ARG002
        """Raise :class:`LakeError`."""
        self._refuse()

    def remove_rule(self, rule_id: str, *, dry_run: bool = False) -> None:  # noqa: ARG002
        """Raise :class:`LakeError`."""
        self._refuse()

    def end(self, did: DID, *, dry_run: bool = False) -> list[Rule]:  # noqa: ARG002
        """Raise :class:`LakeError`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise LakeError(f"the lake {self.name} has {self._has}", "Choose another lake with --lake.")
