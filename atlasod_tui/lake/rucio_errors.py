"""What Rucio and the network complain of, as sentences for people.

Exceptions are known by their names, so that nothing of Rucio is imported for a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.rucio_settings import CONNECT_SECONDS, Settings

_CLASS = re.compile(r"\A[A-Z]\w+: ")
"""The name of an exception, which the server puts before its words at a login."""
_SCHEMA = "\n\nFailed validating"
"""What a server's answer about a name goes on with: its whole schema."""
_UNKNOWN = re.compile(
    r"(?:Data identifier|RSE|Scope) (?:'(.+?)' )?(?:not found|cannot be found|does not exist).*"
    r"|No rule with the id (\S+) found"
)
"""How a server says that there is nothing of a name."""
_LONGEST = 300
"""Characters of a server's own words that are shown."""
_FAULT, _GATEWAY = 500, (502, 503, 504)
"""From which HTTP status on a fault is the server's, and which say that something before it found nobody there."""


class _Say(NamedTuple):
    sentence: str
    hint: str = ""
    kind: type[LakeError] = LakeError


def _away(sentence: str, hint: str) -> _Say:
    """Say that the lake does not answer at the moment."""
    return _Say(sentence, hint, LakeAwayError)


def _login(sentence: str, hint: str = "{login}") -> _Say:
    """Say that a new login is needed."""
    return _Say(sentence, hint, LoginError)


_LATER = "Try again in a few minutes."
_NOT_RUCIO = _Say("{host} did not answer as a Rucio server does", "Check rucio_host and auth_host in {source}.")
_SILENT = _away(
    "{host} was reached but did not answer in time",
    "It may be overloaded, or speak https where http was asked (or the reverse): check rucio_host in {source}.",
)
_AWAY = _away("the lake {lake} is not available at the moment ({detail})", _LATER)
_INNER = _Say(
    "the server of the lake {lake} has an inner error: {detail}",
    "Try again in a few minutes; if it stays so, tell the administrators of the lake.",
)
_UNREACHED = _away("{host} cannot be reached: {detail}", "Check the network, and rucio_host in {source}.")

_NO_ADDRESS = _Say("{host} is not a web address", "It starts with https://; look at {source}.")
_UNSENDABLE = _Say(  # without the detail, which may be a password
    "the account, user name or password for the lake {lake} holds a character that cannot be sent",
    "A blank or line at an end, or a letter that is not Latin: look at {source}.",
)

_LOGIN = {
    "userpass": "Check the account, user name and password in {source}.",
    "x509": "Check that the certificate is valid and registered for the account.",
    "x509_proxy": "Make a new proxy with voms-proxy-init; its certificate must be registered for the account.",
    "oidc": "Log in with `atlasod-tui login --lake {lake}`, or name the file of a token in BEARER_TOKEN_FILE.",
}
_OF_SETTINGS = ("{source}", "{login}")
"""In hints that send to a file of settings, of which the sandbox has none."""
_SANDBOX = "`atlasod-tui sandbox up` starts it, also in place of a server that hangs."
_SANDBOX_LOGIN = (
    "`atlasod-tui sandbox down`, then `atlasod-tui sandbox up` let it have the password of this machine again."
)

_BY_NAME = {
    "rucio.CannotAuthenticate": _login("the lake {lake} did not accept the login of {account}: {detail}"),
    "rucio.NoAuthInformation": _login("the login to the lake {lake} lacks something: {detail}"),
    "rucio.IdentityError": _login("the lake {lake} does not know the identity of {account}: {detail}"),
    "rucio.IdentityNotFound": _login("the lake {lake} does not know the identity of {account}"),
    "rucio.AccountNotFound": _Say("the lake {lake} has no such account: {detail}", "Check account in {source}."),
    "rucio.CannotAuthorize": _login("the lake {lake} did not authorise {account}: {detail}"),
    "rucio.ConfigNotFound": _Say("there is no configuration for the lake {lake}", "Set RUCIO_CONFIG to a rucio.cfg."),
    "rucio.ConfigLoadingError": _Say("the configuration of the lake {lake} cannot be read: {detail}"),
    "rucio.ConfigurationError": _Say("the configuration of the lake {lake} is wrong: {detail}", "Look at {source}."),
    "rucio.MissingClientParameter": _Say("the lake {lake} lacks a setting: {detail}", "Add it to {source}."),
    "rucio.MissingModuleException": _Say(
        "the lake {lake} wants a login that this installation cannot do: {detail}",
        "Choose another auth_type in {source}.",
    ),
    "rucio.ClientProtocolNotFound": _NO_ADDRESS,
    "rucio.ClientProtocolNotSupported": _NO_ADDRESS,
    "rucio.ServiceUnavailable": _AWAY,
    "rucio.ResourceTemporaryUnavailable": _AWAY,
    "rucio.DatabaseException": _away("the database of the lake {lake} failed: {detail}", _LATER),
    "rucio.DataIdentifierNotFound": _Say(
        "the lake {lake} has no such DID{named}", "`atlasod-tui ls SCOPE` lists them."
    ),
    "rucio.ScopeNotFound": _Say("the lake {lake} has no such scope{named}", "`atlasod-tui scopes` lists them."),
    "rucio.RSENotFound": _Say("the lake {lake} has no such storage element{named}", "`atlasod-tui rses` lists them."),
    "rucio.RuleNotFound": _Say(
        "the lake {lake} has no such rule{named}", "It may have ended: see `atlasod-tui rules list`."
    ),
    "rucio.ReplicaNotFound": _Say("there is no such replica in the lake {lake}: {detail}"),
    "rucio.Duplicate": _Say("this exists in the lake {lake} already: {detail}"),
    "rucio.DataIdentifierAlreadyExists": _Say(
        "this DID exists in the lake {lake} already: {detail}", "Choose another name."
    ),
    "rucio.FileAlreadyExists": _Say("this file is in the dataset already: {detail}"),
    "rucio.DuplicateContent": _Say("this is in the dataset already: {detail}"),
    "rucio.DuplicateRule": _Say(
        "{account} has the same rule in the lake {lake} already", "Extend it instead: rules extend ID."
    ),
    "rucio.InvalidObject": _Say("the lake {lake} does not allow such a name or value: {detail}"),
    "rucio.InputValidationError": _Say("the lake {lake} does not allow this: {detail}"),
    "rucio.InvalidMetadata": _Say("the lake {lake} does not take this metadata: {detail}"),
    "rucio.InvalidRSEExpression": _Say(
        "this is no expression for storage elements: {detail}", "Examples: NAME, NAME1|NAME2, country=FR."
    ),
    "rucio.InsufficientTargetRSEs": _Say(
        "fewer storage elements than copies fit: {detail}",
        "Ask for fewer copies; `atlasod-tui rses` tells where to write.",
    ),
    "rucio.InsufficientAccountLimit": _Say(
        "the quota of {account} does not suffice: {detail}", "See rses for quotas; remove rules or choose another RSE."
    ),
    "rucio.RSEOverQuota": _Say("the storage element is full: {detail}", "`atlasod-tui rses` lists others."),
    "rucio.FullStorage": _Say("the storage element is full: {detail}", "`atlasod-tui rses` lists others."),
    "rucio.AccessDenied": _Say("{account} may not do this in the lake {lake}: {detail}"),
    "rucio.ScopeAccessDenied": _Say(
        "{account} may not write to this scope: {detail}", "Choose your own: user.<account>."
    ),
    "rucio.RSEAccessDenied": _Say(
        "{account} may not use this storage element: {detail}", "`atlasod-tui rses` lists others."
    ),
    "rucio.RSEWriteBlocked": _Say(
        "the storage element cannot be written to: {detail}", "`atlasod-tui rses` lists others."
    ),
    "rucio.DIDFilterSyntaxError": _Say("this condition on the metadata is not understood: {detail}"),
    "rucio.KeyNotFound": _Say("the lake {lake} does not know this key of the metadata: {detail}"),
    "rucio.UnsupportedOperation": _Say("the lake {lake} cannot do this: {detail}"),
    "rucio.UnsupportedStatus": _Say("the lake {lake} cannot do this now: {detail}"),
    "rucio.ManualRuleApprovalBlocked": _Say("the storage element takes no rules that need approval: {detail}"),
    "rucio.ReplicationRuleCreationTemporaryFailed": _away("the rule could not be made now: {detail}", _LATER),
    "rucio.StagingAreaRuleRequiresLifetime": _Say("a rule on a staging area needs a lifetime", "Give --lifetime."),
    "rucio.ScratchDiskLifetimeConflict": _Say("a rule on a scratch disk lasts 15 days at most", "Shorten --lifetime."),
    "rucio.RucioException": _Say("the lake {lake} failed: {detail}"),
    "requests.ReadTimeout": _SILENT,
    "requests.ConnectTimeout": _away(
        f"{{host}} cannot be reached: it did not take a connection within {CONNECT_SECONDS} s", _UNREACHED.hint
    ),
    "requests.ChunkedEncodingError": _away("the connection to {host} broke in the middle of an answer", "Try again."),
    "requests.JSONDecodeError": _NOT_RUCIO,
    "requests.TooManyRedirects": _NOT_RUCIO,
    "requests.InvalidHeader": _UNSENDABLE,
    "requests.InvalidURL": _NO_ADDRESS,
    "urllib3.LocationParseError": _NO_ADDRESS,
    "requests.RequestException": _UNREACHED,
    "builtins.UnicodeEncodeError": _UNSENDABLE,
    "builtins.AttributeError": _NOT_RUCIO,
    "builtins.KeyError": _NOT_RUCIO,
    "builtins.ValueError": _NOT_RUCIO,
    "builtins.TypeError": _NOT_RUCIO,
    "builtins.StopIteration": _NOT_RUCIO,
}

_NO_PROXY = _login(
    "the lake {lake} wants an X.509 proxy, and there is none",
    "Make one with voms-proxy-init, or name it in X509_USER_PROXY.",
)

_BY_WORDS = (
    ("read timed out", _SILENT),
    ("timed out", _BY_NAME["requests.ConnectTimeout"]),
    ("connection refused", _away("nothing answers at {host}: connection refused", _UNREACHED.hint)),
    ("nameresolutionerror", _away("the name in {host} is not known to the network", _UNREACHED.hint)),
    ("name or service not known", _away("the name in {host} is not known to the network", _UNREACHED.hint)),
    ("certificate expired", _login("{host} says that the certificate or proxy of {account} has expired")),
    (
        "certificate_verify_failed",
        _Say(
            "the certificate of {host} is not one that this machine trusts",
            "Name the file of its authority: ca_cert in {source}, or X509_CERT_DIR.",
        ),
    ),
    ("wrong_version_number", _Say("{host} does not speak https", "Check rucio_host in {source}: perhaps http://.")),
    ("ca certificate bundle", _Say("the authorities to trust cannot be read: {detail}", "Check ca_cert in {source}.")),
    ("http status code: 500", _INNER),
    ("http status code: 502", _AWAY),
    ("http status code: 503", _AWAY),
    ("http status code: 504", _AWAY),
    ("remote end closed", _away("{host} closed the connection without an answer", _LATER)),
    ("connection reset", _away("{host} broke the connection", _LATER)),
)
"""Words in what a connection ended with, and what they mean; the first that is found counts."""


@contextmanager
def translated(settings: Settings) -> Iterator[None]:
    """Turn what Rucio raises inside into a :class:`LakeError`."""
    try:
        yield
    except AtlasodError:
        raise
    except Exception as error:
        sentence = translate(error, settings)
        if sentence is None:
            raise
        raise sentence from error


def translate(error: Exception, settings: Settings) -> LakeError | None:
    """Return the sentence for an exception; ``None`` if it is neither Rucio's nor the network's.

    It is a :class:`LoginError` or a :class:`LakeAwayError` where a login, or patience, may help.
    """
    say = _find(error)
    return None if say is None else _said(say, _detail(error), settings)


def failed(settings: Settings, status: int, words: str = "") -> LakeError | None:
    """Return the sentence for a status by which a server says that the fault is its own; ``None`` for any other.

    It is that of a login: one that fails so lets nobody in, while of other questions one may have no answer.

    Args:
        settings: Of the lake.
        status: Of the answer.
        words: What else it said.
    """
    if status < _FAULT:
        return None
    detail = f"HTTP status {status}" + (f", {_shortened(words)}" if words else "")
    return _said(_AWAY if status in _GATEWAY else _INNER._replace(kind=LakeAwayError), detail, settings)


def _said(say: _Say, detail: str, settings: Settings) -> LakeError:
    words = {
        "lake": settings.profile,
        "host": settings.host,
        "account": settings.account or settings.username or "this identity",
        "source": settings.source or "rucio.cfg",
        "detail": detail,
    }
    words["named"] = _named(detail)
    words["login"] = _LOGIN.get(settings.auth_type, "Check account and auth_type in {source}.").format(**words)
    hint = say.hint
    if settings.profile == "sandbox" and any(word in hint for word in _OF_SETTINGS):
        hint = _SANDBOX_LOGIN if issubclass(say.kind, LoginError) else _SANDBOX
    return say.kind(say.sentence.format(**words), hint.format(**words))


def _find(error: Exception) -> _Say | None:
    names = [f"{cls.__module__.partition('.')[0]}.{cls.__name__}" for cls in type(error).__mro__]
    if isinstance(error, KeyError) and error.args == ("client_proxy",):
        return _NO_PROXY
    own = _BY_NAME.get(names[0])
    if own not in (None, _BY_NAME["rucio.RucioException"]):
        return own
    text = str(error).lower()
    if names[0].startswith(("rucio.", "requests.", "urllib3.")) or isinstance(error, OSError):
        for words, say in _BY_WORDS:
            if words in text:
                return say
    if "rucio.ServerConnectionException" in names or names[0].startswith("urllib3."):
        return _UNREACHED
    return next((_BY_NAME[name] for name in names if name in _BY_NAME), None)


def _named(detail: str) -> str:
    """Return the name, behind a colon, that a server said it does not know, without the words it said so with."""
    said = _UNKNOWN.fullmatch(detail)
    name = detail if said is None else said[1] or said[2] or ""
    return f": {name}" if name else ""


def _detail(error: Exception) -> str:
    """Return the server's own words on one line, without the general phrase that Rucio puts before them."""
    general, found, own = str(error).partition("\nDetails: ")
    return _shortened(_CLASS.sub("", own if found else general).partition(_SCHEMA)[0]) or type(error).__name__


def _shortened(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
