"""What the lake is told of an upload: files, their dataset, the rules on it, and how long all that lasts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atlasod_tui import __version__
from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.model import DID, DIDType, Rule, RuleState
from atlasod_tui.lake.rucio.writing import Known, left
from atlasod_tui.lake.uploading import preflight
from atlasod_tui.lake.uploading.target import ElementResult, Target, Uploaded, UploadResult

if TYPE_CHECKING:
    from atlasod_tui.lake.model import StorageElement
    from atlasod_tui.lake.rucio.connection import Row
    from atlasod_tui.lake.rucio.lake import RucioLake
    from atlasod_tui.lake.rucio.storage import Content
    from atlasod_tui.lake.uploading.preflight import Place

_OLD = 60.0
"""Seconds after which the end of the first file's lifetime is too early for the last one's."""
_LOOK_AGAIN = 30.0
"""Seconds after which the lake is asked once more whether a storage element takes files."""
_NO_METADATA = {"InvalidMetadata", "KeyNotFound", "InvalidValueForKey", "UnsupportedMetadataOperation"}


class Enrolment:
    """The part of an upload that talks to the lake; used by one thread at a time.

    Args:
        lake: The lake, which may be replaced.
        target: Where in it.

    Attributes:
        problems: What was in the way, by storage element.
        closed: Why nothing more is written to a storage element, by its name.
    """

    def __init__(self, lake: RucioLake, target: Target) -> None:
        self.lake, self._target = lake, target
        self.problems: dict[str, str] = {}
        self.closed: dict[str, str] = {}
        self._looked: dict[str, float] = {}  # when the lake was asked last whether a storage element takes files
        self._place: Place | None = None
        self._rules: dict[str, str] = {}  # storage element to rule, empty where it was refused
        self._ready = False  # the dataset is there, with a rule on the storage element of its files
        self._kept = time.monotonic()  # when it was given its lifetime
        self._plain = False  # this lake takes no metadata

    def look(self, total: int | None) -> Place:
        """Return where the files go, having looked whether that can end well; see `preflight.look`."""
        self._place = preflight.look(self.lake, self._target, total)
        self._looked = dict.fromkeys(self._target.rses, time.monotonic())
        return self._place

    @property
    def place(self) -> Place:
        """Where the files go."""
        return self._place or self.look(None)

    def is_closed(self, element: str, *, anew: bool = False) -> bool:
        """Return whether nothing more is to be written to a storage element: its operators may close it at any time.

        Rucio itself takes whatever is written to one that is closed.

        Args:
            element: Its name.
            anew: Whether to ask the lake now, and not only if nobody did for a while.

        Raises:
            LakeAwayError: If the lake is away.
            LoginError: If it does not accept the login.
        """
        now = time.monotonic()
        if element not in self.closed and (anew or now - self._looked.get(element, 0.0) > _LOOK_AGAIN):
            self._looked[element] = now
            found = self._found(element)
            if found is not None and not found.writable:
                self.closed[element] = f"the storage element {element} is {found.why_not}"
        return element in self.closed

    def _found(self, element: str) -> StorageElement | None:
        try:
            return self.lake.element(element)[0]
        except (LakeAwayError, LoginError):
            raise
        except LakeError:
            return None

    def known_of(self, files: list[DID]) -> set[DID]:
        """Return those of some files that the lake may know; one is better asked for by itself."""
        return self.lake.known_of(files) if len(files) > 1 else set(files)

    def taken_over(self, did: DID, content: Content, row: Row) -> str | None:
        """Return where the lake has a file already, in the dataset from now on; None if it does not.

        Raises:
            LakeError: If it has another file of that name.
        """
        known = self.lake.known(did)
        if known is None:
            return None
        if known.type is not DIDType.FILE or known.content != content:
            raise LakeError(
                f"the lake has {did} already, and it is another file",
                "The file changed since an earlier run of the job uploaded it: start a new job.",
            )
        holders = self.lake.holders(did)
        if not holders:
            return None
        if not self.lake.is_in(did, self.place.dataset):
            self.register([row], holders[0])
        self._ready = True
        self.ensure_rules()
        return holders[0]

    def is_unknown(self, did: DID, element: str) -> bool:
        """Return whether it is certain that the lake does not know of a file on a storage element."""
        try:
            return self.lake.known(did) is None or element not in self.lake.holders(did)
        except LakeError:
            return False

    def settle(self) -> None:
        """Let all that was uploaded last from now on, and not from the first file on."""
        if self._ready and self._target.lifetime is not None and time.monotonic() - self._kept > _OLD:
            self._prolong()

    def result(self, files: list[Uploaded]) -> UploadResult:
        """Return what became of the upload of some files: the rules as they are now."""
        dataset = self.place.dataset
        known = self.lake.known(dataset)
        rules = self._own_rules() if known is not None else {}
        elements = [self._element(name, rules.get(name), len(files)) for name in self._target.rses]
        expires = known.expires if known is not None else None
        return UploadResult(dataset, files, elements, expires, self.lake.name, self.lake.settings.host)

    def _element(self, name: str, rule: Rule | None, files: int) -> ElementResult:
        problem = self.problems.get(name, "")
        closed = name in self.closed
        if rule is None:
            return ElementResult(name, problem=problem, closed=closed)
        # A rule is in order until the lake looks at the files that were added since, which takes it some seconds.
        behind = rule.state is RuleState.OK and rule.ok < files
        return ElementResult(
            name, rule.id, RuleState.REPLICATING if behind else rule.state, rule.expires, rule.error or problem, closed
        )

    def register(self, rows: list[Row], element: str) -> None:
        """Make files known, in the dataset, at once: the lake does all of it or nothing."""
        try:
            self._try_to_register(rows, element)
        except LakeError as error:
            if type(error.__cause__).__name__ not in _NO_METADATA or not any("meta" in row for row in rows):
                raise
            self._plain = True
            for row in rows:
                row.pop("meta", None)
            self._try_to_register(rows, element)

    def _try_to_register(self, rows: list[Row], element: str) -> None:
        dataset = self.place.dataset
        if self._ready:
            if self._is_half_over():
                self._prolong()
            if self.lake.add_files(dataset, rows, element):
                return
            self._ready = False  # it has ended meanwhile
            self._rules.clear()
        known = self.lake.known(dataset)
        if known is None and self._make_dataset(rows, element):
            return
        known = known or self.lake.known(dataset)
        if known is None:
            raise LakeError(f"the dataset {dataset} comes and goes", "Try again.")
        preflight.refuse_dataset(known)
        self._keep(known)
        self._rules[element] = self._rule(element, self._own_rules().get(element))
        if not self.lake.add_files(dataset, rows, element):
            raise LakeError(f"the dataset {dataset} has ended meanwhile", "Try again.")
        self._ready = True

    def _make_dataset(self, rows: list[Row], element: str) -> bool:
        place, lifetime = self.place, self._target.lifetime
        self._kept = time.monotonic()
        self._ready = self.lake.add_dataset(
            place.dataset,
            rows,
            element,
            lifetime=lifetime,
            comment=self._comment,
            metadata={} if self._plain else self._metadata({}, self._target.title),
        )
        return self._ready

    def ensure_rules(self) -> None:
        """Have a rule on each storage element; one that refuses it does not stand in the way of the others."""
        missing = [name for name in self._target.rses if name not in self._rules]
        if not missing:
            return
        own = self._own_rules()
        for name in missing:
            try:
                self._rules[name] = self._rule(name, own.get(name))
            except (LakeAwayError, LoginError):
                raise
            except LakeError as error:
                self.problems[name] = error.message
                self._rules[name] = ""

    def _rule(self, name: str, existing: Rule | None) -> str:
        """Return the id of the rule on a storage element, which is made, or made to last."""
        lifetime = self._target.lifetime
        if existing is None:
            return self._new_rule(name)
        # What has just been made has a second less already, which is no reason to touch it.
        if existing.expires is not None and (lifetime is None or left(existing.expires) < lifetime - _OLD):
            self.lake.extend_rule(existing.id, lifetime)
        return existing.id

    def _new_rule(self, name: str) -> str:
        dataset, lifetime = self.place.dataset, self._target.lifetime
        try:
            return self.lake.add_rule(dataset, name, lifetime=lifetime, comment=self._comment)
        except LakeError as error:
            if type(error.__cause__).__name__ != "DuplicateRule":
                raise
            return self._own_rules()[name].id  # which another run has made in this very moment

    def _own_rules(self) -> dict[str, Rule]:
        place = self.place
        rules = self.lake.rules(place.dataset)
        return {rule.expression: rule for rule in rules if rule.account == place.account}

    def _keep(self, known: Known) -> None:
        self._kept = time.monotonic()
        self.lake.keep(known.did, known.expires, self._target.lifetime)

    def _is_half_over(self) -> bool:
        lifetime = self._target.lifetime
        return lifetime is not None and time.monotonic() - self._kept > lifetime / 2

    def _prolong(self) -> None:
        """Give the dataset and its rules the whole lifetime from now on; what lasts longer is left at that."""
        known, lifetime = self.lake.known(self.place.dataset), self._target.lifetime
        if known is not None:
            self._keep(known)
            for name, rule in self._own_rules().items():
                if name in self._rules and rule.expires and (lifetime is None or left(rule.expires) < lifetime):
                    self.lake.extend_rule(rule.id, lifetime)

    def row(self, did: DID, content: Content, metadata: Mapping[str, Any]) -> Row:
        """Return what the lake is told of a file."""
        row: Row = {"scope": did.scope, "name": did.name, "bytes": content.bytes, "adler32": content.adler32}
        return row if self._plain else row | {"meta": self._metadata(metadata, did.name)}

    def _metadata(self, own: Mapping[str, Any], source: str) -> dict[str, Any]:
        basic = {"source": source, "factor": 1, "run_id": self._target.run_id, "tool": f"atlasod-tui {__version__}"}
        return {**basic, **self._target.metadata, **own}

    @property
    def _comment(self) -> str:
        return f"atlasod-tui run {self._target.run_id}"
