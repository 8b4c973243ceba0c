"""A lake in this process: the same content always, slow, old or away when a test wants it to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError
from atlasod_tui.lake.agent import protocol
from atlasod_tui.lake.agent.client import PATIENCE, Agent, Batch
from atlasod_tui.lake.agent.protocol import BATCH_ROWS, Question, Record
from atlasod_tui.lake.conditions import conditions, matcher, metadata_of_name
from atlasod_tui.lake.model import DID, Dataset, Details, DIDType, FileEntry, Replica, Rule, Scope
from atlasod_tui.tui.lake.link import LakeLink
from tests.tui import fake_content as content

Answer = Iterable[Any]
_BEGINNING = 10 * BATCH_ROWS


@dataclass
class FakeAgent:
    """What answers in place of an agent; the knobs are fields.

    Attributes:
        many: How many files ``opendata:many`` has.
        hostile: Names of files of ``opendata:hostile``, and of scopes and datasets beside the others.
        old: When the lake gave the answers, which are old ones then, and all that it gives.
        remembers: Since when it remembers everything; None: it remembers nothing.
        failure: What every question raises, but for remembered answers.
        failures: What the questions of a call raise.
        gates: Call to an event that its answers wait for; ``every`` for all, ``rest`` for what comes after 2000 rows.
            Remembered answers wait for none but this.
        asked: Every question there was, with whether it was for a remembered answer.
        copies: DIDs that are on this machine, and their paths.
        datasets: Those beside the others.
    """

    many: int = 0
    hostile: tuple[str, ...] = ()
    old: datetime | None = None
    remembers: datetime | None = None
    failure: AtlasodError | None = None
    failures: dict[str, AtlasodError] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[tuple[Question[Any], bool]] = field(default_factory=list)
    cancelled: int = 0
    copies: dict[DID, str] = field(default_factory=lambda: dict(content.COPIES))
    rules: list[Rule] = field(default_factory=lambda: list(content.RULES))
    datasets: list[Dataset] = field(default_factory=list)

    async def ask(
        self,
        question: Question[Record],
        *,
        patience: float = PATIENCE,  # noqa: ARG002
        remembered: bool = False,
    ) -> AsyncGenerator[Batch[Record], None]:
        """Yield the answer in batches, as an agent does."""
        self.asked.append((question, remembered))
        since, why = (self.remembers, "the lake fake was not asked") if remembered else (self.old, "it is away")
        if remembered and self.remembers is None:
            raise LakeAwayError("the lake fake was not asked, and of this nothing is remembered")
        try:
            if not remembered:
                await self._wait(question.call)
                if error := self.failures.get(question.call, self.failure):
                    raise error
            rows = list(self._answer(question))
            for start in range(0, len(rows), BATCH_ROWS):
                if start == _BEGINNING and "rest" in self.gates:
                    await self.gates["rest"].wait()
                yield Batch(rows[start : start + BATCH_ROWS], since, why if since else "")
                await asyncio.sleep(0)
            if not rows and since:
                yield Batch([], since, why)
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled += 1
            raise

    async def close(self) -> None:
        """Do nothing: there is no process."""

    async def _wait(self, call: str) -> None:
        for gate in (self.gates.get("every"), self.gates.get(call)):
            if gate is not None:
                await gate.wait()

    def _answer(self, question: Question[Any]) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one for each question
        match question:
            case protocol.About():
                return [protocol.Facts("fake", read_only=False)]
            case protocol.LocalCopies(files):
                return [protocol.LocalCopy(one.did, self.copies[one.did]) for one in files if one.did in self.copies]
            case protocol.Scopes():
                return [*content.SCOPES, *(Scope(name) for name in self.hostile)]
            case protocol.Datasets(scope, pattern, where):
                return self._datasets(scope, pattern, where)
            case protocol.FindFiles(scope, pattern, where):
                self._known(scope)
                matches, meets = matcher(pattern), conditions(where)
                found = {one.did: one for did in content.CONTENT if did.scope == scope for one in self._files(did)}
                return [one for did, one in found.items() if matches(did.name) and meets(metadata_of_name(did.name))]
            case protocol.Files(did):
                return self._files(did)
            case protocol.Show(did):
                return [self._show(did)]
            case protocol.Replicas(dids):
                return [replica for did in dids for one in self._files(did) for replica in content.replicas(one)]
            case protocol.StorageElements():
                return content.ELEMENTS
            case protocol.Account():
                return ["student"]
            case protocol.Quotas():
                return content.QUOTAS
            case protocol.Rules(did):
                return [rule for rule in self.rules if did in {None, rule.did}]
            case protocol.WhyStuck(rule_id):
                return content.STUCK.get(rule_id, ())
        return ()

    def _known(self, scope: str) -> None:
        if scope not in {one.name for one in content.SCOPES} | set(self.hostile):
            raise LakeError(f"the lake fake has no scope {scope!r}", "`atlasod-tui scopes` lists them.")

    def _datasets(self, scope: str, pattern: str, where: dict[str, str] | None) -> list[Dataset]:
        self._known(scope)
        more = [Dataset(DID("opendata", name), DIDType.DATASET, 1, 1000) for name in self.hostile]
        if self.hostile:
            more.append(Dataset(DID("opendata", "hostile"), DIDType.DATASET, len(self.hostile), None))
        if self.many:
            more.append(Dataset(DID("opendata", "many"), DIDType.DATASET, self.many, None))
        matches, meets = matcher(pattern), conditions(where)
        every = [*content.DATASETS, *more, *self.datasets]
        chosen = [one for one in every if one.did.scope == scope and matches(one.did.name)]
        return [one for one in chosen if meets({"name": one.did.name, **content.metadata(one.did)})]

    def _files(self, did: DID) -> list[FileEntry]:
        if did in content.INSIDE:
            return [one for inside in content.INSIDE[did] for one in self._files(inside)]
        if did in content.CONTENT:
            return content.CONTENT[did]
        if did in content.FILES:
            return [content.FILES[did]]
        return self._made(did)

    def _made(self, did: DID) -> list[FileEntry]:
        """Return the files that a test wants beside the others."""
        if did == DID("opendata", "many"):
            return content.many(self.many)
        if did == DID("opendata", "hostile"):
            return [FileEntry(DID("opendata", name), 1000, "00000001", 1) for name in self.hostile]
        if did.name in self.hostile:
            return [FileEntry(did, 1000, "00000001", 1)]
        if did.name.startswith("file."):
            return [content.one_of_many(int(did.name.split(".")[1]))]
        raise LakeError(f"the lake fake has no {did}", "`atlasod-tui ls SCOPE` lists what is there.")

    def _show(self, did: DID) -> Details:
        files = self._files(did)
        known = {one.did: one for one in content.DATASETS}.get(did)
        rules = tuple(rule for rule in self.rules if rule.did == did)
        size = sum(one.bytes or 0 for one in files)
        if known is None and not (self.hostile and did.name == "hostile") and did.name != "many":
            replicas: tuple[Replica, ...] = content.replicas(files[0])
            facts = {**metadata_of_name(did.name), "events": files[0].events}
            return Details(
                did, DIDType.FILE, 1, size, files[0].adler32, "root", metadata=facts, replicas=replicas, rules=rules
            )
        kind = DIDType.DATASET if known is None else known.type
        there = content.dataset_replicas(files) if kind is DIDType.DATASET else ()
        return Details(
            *(did, kind, len(files), size, None, "student"),
            open=did.scope != "opendata",
            expires=max((rule.expires for rule in rules if rule.expires), default=None),
            metadata=content.metadata(did),
            dataset_replicas=there,
            rules=rules,
        )


class FakeLake(LakeLink):
    """A `LakeLink` over a `FakeAgent`: it stands as a real one would.

    Args:
        name: Of the lake.
        read_only: Whether it is.
        knobs: Those of the agent.
    """

    def __init__(self, name: str = "fake", *, read_only: bool = False, **knobs: Any) -> None:
        self.agent = FakeAgent(**knobs)
        super().__init__(name, read_only=read_only, agent=cast("Agent", self.agent))

    def questions(self, kind: type[Question[Any]], *, remembered: bool | None = False) -> list[Question[Any]]:
        """Return the questions of a kind that were asked, in order; ``remembered=None``: those for memory, too."""
        every = self.agent.asked
        return [one for one, old in every if isinstance(one, kind) and remembered in {None, old}]
