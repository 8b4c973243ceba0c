"""What the screen and its agent say to each other: a JSON object in each line, typed by the model of the lake.

To the agent go requests ``{"id": 7, "call": "files", "arguments": {...}}``: a question, of which the arguments are the
fields, or ``cancel`` and ``more``, which are about the request of that id. It answers with messages: ``items`` as often
as there are some, then ``end`` or ``error``; and while it works with a ``beat`` each second, which tells a lake that is
slow from an agent that is dead. No more than ``WINDOW`` batches are sent ahead of what the client took (``more``).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, get_args

import msgspec

from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.login.credentials import Credentials
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

BATCH_ROWS, BATCH_SECONDS = 200, 0.05
"""A batch is sent when it has so many rows, or when its first row has waited so long."""
WINDOW = 8
"""Batches that may be on their way."""
BEAT_SECONDS = 1.0

Record = TypeVar("Record")
_Value = TypeVar("_Value")


class Facts(msgspec.Struct, frozen=True):
    """Which lake an agent asks."""

    lake: str
    read_only: bool


class LocalCopy(msgspec.Struct, frozen=True):
    """A file of the lake that is on this machine already."""

    did: DID
    path: str


class Question(msgspec.Struct, Generic[Record], frozen=True):
    """Something a lake can be asked; its fields are the arguments of the lake's method ``call``."""

    call: ClassVar[str]


class About(Question[Facts], frozen=True):
    """Ask which lake this is; it is not asked itself."""

    call = "about"


class Login(Question[Credentials], frozen=True):
    """Ask what there is to log in with, for how long, and what is wrong with it; the lake is not asked.

    No answer comes from a lake that needs no login.
    """

    call = "login"


class LocalCopies(Question[LocalCopy], frozen=True):
    """Ask which of these files are on this machine, with the size and checksum of the catalogue; no lake is asked."""

    call = "local_copies"
    files: list[FileEntry]


class Scopes(Question[Scope], frozen=True):
    """Ask for the scopes."""

    call = "scopes"


class Datasets(Question[Dataset], frozen=True):
    """Ask for the datasets and containers of a scope."""

    call = "datasets"
    scope: str
    pattern: str = "*"
    where: dict[str, str] | None = None


class FindFiles(Question[FileEntry], frozen=True):
    """Ask for the files of a scope."""

    call = "find_files"
    scope: str
    pattern: str = "*"
    where: dict[str, str] | None = None


class Files(Question[FileEntry], frozen=True):
    """Ask for the files of a dataset or container."""

    call = "files"
    did: DID


class Show(Question[Details], frozen=True):
    """Ask for all there is to show of a DID; times in its metadata come as texts."""

    call = "show"
    did: DID


class Replicas(Question[Replica], frozen=True):
    """Ask where files are."""

    call = "replicas"
    files: list[DID]


class StorageElements(Question[StorageElement], frozen=True):
    """Ask for the storage elements."""

    call = "storage_elements"


class Account(Question[str], frozen=True):
    """Ask who this user is."""

    call = "account"


class Quotas(Question[Quota], frozen=True):
    """Ask what this account uses and may use."""

    call = "quotas"


class Rules(Question[Rule], frozen=True):
    """Ask for the rules on a DID, or of this account."""

    call = "rules"
    did: DID | None = None


class WhyStuck(Question[Transfer], frozen=True):
    """Ask for the files a rule waits for."""

    call = "why_stuck"
    rule_id: str


class AddRule(Question[str], frozen=True):
    """Ask for copies of a DID; the answer is the rule's id."""

    call = "add_rule"
    did: DID
    expression: str
    lifetime: int | None
    copies: int = 1
    comment: str = ""


class ExtendRule(Question[None], frozen=True):
    """Let a rule end later."""

    call = "extend_rule"
    rule_id: str
    lifetime: int | None


class RemoveRule(Question[None], frozen=True):
    """End a rule."""

    call = "remove_rule"
    rule_id: str


class EndOwn(Question[Rule], frozen=True):
    """End what this account keeps of a DID: the answer are its rules on it."""

    call = "end"
    did: DID


_RAW = ("items", "arguments")
"""Fields whose types are told by others."""

_ALL: tuple[type[Question[Any]], ...] = (
    *(About, Login, LocalCopies, Scopes, Datasets, FindFiles, Files, Show, Replicas, StorageElements),
    *(Account, Quotas, Rules, WhyStuck, AddRule, ExtendRule, RemoveRule, EndOwn),
)
QUESTIONS = {question.call: question for question in _ALL}


def items_type(question: Question[Any]) -> Any:
    """Return what the items of an answer are: a list of records."""
    (record,) = get_args(type(question).__orig_bases__[0])  # type: ignore[attr-defined]  # of every generic class
    return list[record]  # type: ignore[valid-type]  # known when it runs


class Request(msgspec.Struct, omit_defaults=True):
    """A question, or a word about one that was asked."""

    id: int
    call: str
    arguments: msgspec.Raw = msgspec.Raw(b"{}")
    remembered: bool = False
    """Answer from memory, without asking the lake."""


class More(msgspec.Struct):
    """The arguments of ``more``: so many further batches may be sent."""

    batches: int


class Items(msgspec.Struct, tag="items", tag_field="type", omit_defaults=True):
    """Some records of an answer."""

    id: int
    items: msgspec.Raw
    since: datetime | None = None
    """When the lake gave this answer, if it is away and the answer an old one."""
    why: str = ""
    """Why the lake does not answer now."""


class End(msgspec.Struct, tag="end", tag_field="type"):
    """That was the answer."""

    id: int


class Failure(msgspec.Struct, tag="error", tag_field="type"):
    """There is no answer, or no more of it; without an id it is about a line that was no request."""

    id: int | None
    kind: str
    message: str
    hint: str
    exit_code: int


class Beat(msgspec.Struct, tag="beat", tag_field="type"):
    """The agent is at work."""


Message = Items | End | Failure | Beat


def encode(value: Any) -> bytes:
    r"""Return a value as JSON in one line; half a character (a byte of a file name that is no text) as ``\udcff``."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


def decode(text: bytes | msgspec.Raw, kind: type[_Value] | Any) -> _Value | Any:
    """Return what :func:`encode` wrote.

    Raises:
        ValueError: If it is not of that kind.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        found = json.loads(bytes(text))
        if isinstance(found, dict):
            found |= {key: msgspec.Raw(encode(found[key])) for key in _RAW if key in found}
        return msgspec.convert(found, kind)


def failure(id_: int | None, error: AtlasodError) -> Failure:
    """Return an error as a message."""
    return Failure(id_, type(error).__name__, error.message, error.hint, error.exit_code)


def error_of(message: Failure) -> AtlasodError:
    """Return the error that a message tells of, of the class it was."""
    error = _kinds(AtlasodError).get(message.kind, AtlasodError)(message.message, message.hint)
    error.exit_code = message.exit_code
    return error


def _kinds(kind: type[AtlasodError]) -> dict[str, type[AtlasodError]]:
    found = {kind.__name__: kind}
    for below in kind.__subclasses__():
        found |= _kinds(below)
    return found
