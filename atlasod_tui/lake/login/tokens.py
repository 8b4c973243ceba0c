"""Tokens: where they are found, how long they last, and the file that keeps the one of a profile."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.login.files import owned
from atlasod_tui.lake.rucio_settings import Settings, write_private

# What may stand in a header; the names in Rucio's own tokens may hold blanks.
_TOKEN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\xa0-\xff]*[\x21-\x7e])?")
_LONGEST = 64_000
_SECONDS = re.compile(r"[0-9]{1,12}")


class Token(msgspec.Struct, frozen=True):
    """A token that a lake may accept."""

    text: str
    place: str
    """Where it was found, for sentences: a file or a variable of the environment."""
    expires: datetime | None
    """``None``: it does not tell."""
    lent: bool = False
    """Whether it is somebody else's to renew: it came from the environment, and ``login`` does not write it."""

    def __repr__(self) -> str:
        return f"Token(from {self.place!r}, expires {self.expires})"

    @property
    def ended(self) -> bool:
        """Whether it says of itself that it is no longer good."""
        return self.expires is not None and self.expires <= datetime.now(UTC)


class _Claims(msgspec.Struct):
    """What is looked at in a JSON web token (RFC 7519); nothing of it is verified, that is the server's business."""

    exp: float | None = None


class _Kept(msgspec.Struct):
    """How long a kept token lasts, as the server said when it gave it."""

    digest: str
    expires: float


def found(settings: Settings) -> list[Token]:
    """Return the tokens there are for a profile, those that have ended too, in the order in which they are tried.

    A token of the environment comes first, as in Rucio's client, but only for a login by OIDC.
    """
    lent = [*_discovered()] if settings.auth_type == "oidc" else []
    own = kept(settings)
    return lent if own is None else [*lent, own]


def usable(settings: Settings) -> list[Token]:
    """Return the tokens that have not ended as far as is known."""
    return [token for token in found(settings) if not token.ended]


def kept(settings: Settings) -> Token | None:
    """Return the token in the file of a profile, unless somebody else laid it there."""
    text = _first_line(settings.token_file) if owned(settings.token_file) else None
    if text is None:
        return None
    return Token(text, str(settings.token_file), expiry(text) or _noted(settings, text))


def keep(settings: Settings, text: str, expires: datetime | None = None) -> None:
    """Write the token of a profile, readable by its owner only, and when it ends if that is known.

    Raises:
        LakeError: If it cannot be written.
    """
    try:
        write_private(settings.token_file, text.encode("latin-1"))
        for remembered in settings.folder.glob("auth_token_exp_*"):
            remembered.unlink()  # Rucio's client would take it for the end of this token
    except OSError as error:
        raise LakeError(f"{settings.folder} cannot be written: {error.strerror}", "Check XDG_STATE_HOME.") from error
    note_expiry(settings, text, expires)


def note_expiry(settings: Settings, text: str, expires: datetime | None) -> None:
    """Write down how long a token lasts that does not tell itself; where that cannot be written, nobody will know."""
    if expires is None or expiry(text) is not None:
        return
    note = _Kept(_digest(text), expires.timestamp())
    try:
        write_private(_note_file(settings), msgspec.json.encode(note))
    except OSError:
        return


def expiry(text: str) -> datetime | None:
    """Return when a JSON web token ends; ``None`` for any other, or if it does not tell."""
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims)
    except (ValueError, msgspec.MsgspecError):
        return None
    return None if claims.exp is None else _moment(claims.exp)


def said(header: str | None) -> datetime | None:
    """Return the time in an ``X-Rucio-Auth-Token-Expires``: a date as in RFC 1123, or seconds of the epoch."""
    if not header:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return _moment(int(header))
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - not for the screen

    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def proper(text: str) -> bool:
    """Return whether a text can be a token."""
    return len(text) <= _LONGEST and _TOKEN.fullmatch(text) is not None


def _discovered() -> Iterator[Token]:
    """Yield the tokens of the environment in the order of the WLCG (doi:10.5281/zenodo.3937438), as Rucio's client.

    The search ends at the first place that holds one.
    """
    if text := os.environ.get("BEARER_TOKEN", "").strip():
        yield from _lent(text, "BEARER_TOKEN")
        return
    named, runtime = os.environ.get("BEARER_TOKEN_FILE"), os.environ.get("XDG_RUNTIME_DIR")
    user = f"bt_u{os.geteuid()}"
    common = Path("/tmp", user)  # noqa: S108 - the WLCG's
    for path in (Path(named) if named else None, Path(runtime, user) if runtime else None, common):
        if path is not None and (path != common or owned(path)) and (text := _first_line(path) or ""):
            yield from _lent(text, str(path))
            return


def _lent(text: str, place: str) -> Iterator[Token]:
    if proper(text):
        yield Token(text, place, expiry(text), lent=True)


def _noted(settings: Settings, text: str) -> datetime | None:
    try:
        note = msgspec.json.decode(_note_file(settings).read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return _moment(note.expires) if note.digest == _digest(text) else None


def _note_file(settings: Settings) -> Path:
    return settings.token_file.with_name(f"{settings.token_file.name}.expires")


def _digest(text: str) -> str:
    import hashlib  # noqa: PLC0415 - not for the screen

    return hashlib.sha256(text.encode("latin-1", "replace")).hexdigest()


def _first_line(path: Path) -> str | None:
    """Return the token in a file; ``None`` if there is no such file, or no token in it."""
    try:
        with path.open(encoding="latin-1") as file:
            text = file.read(_LONGEST + 1).strip().partition("\n")[0].strip()
    except OSError:
        return None
    return text if proper(text) else None


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
