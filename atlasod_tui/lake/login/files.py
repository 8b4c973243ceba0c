"""The files that tell who one is: certificate, key, proxy; and the authorities to check a server's certificate with."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.errors import LoginError
from atlasod_tui.lake.rucio_settings import Settings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ENCRYPTED = (b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
_PRIVATE = (0o400, 0o600)
"""What Rucio's client lets the permissions of a key be."""
_MAKE_PROXY = "Make a new one with voms-proxy-init."


def authority(settings: Settings) -> str | bool:
    """Return what a server's certificate is checked with: a file, a folder, or ``True`` for certifi's authorities."""
    return _option(settings, "ca_cert") or _expanded(os.environ.get("X509_CERT_DIR", "")) or True


def credentials(settings: Settings) -> dict[str, str]:
    """Return what Rucio's client calls ``creds``, from the settings alone; their files are there and can be used.

    Raises:
        LoginError: If a file is not named, missing or cannot be used; whether it has expired is not looked at.
    """
    if settings.auth_type == "userpass":
        return {"username": settings.username or "", "password": settings.password or ""}
    if settings.auth_type == "x509":
        return _certificate(settings)
    if settings.auth_type == "x509_proxy":
        return {"client_proxy": str(_proxy(settings))}
    return {}


def ends(settings: Settings) -> datetime | None:
    """Return when the certificate or the proxy ends; ``None`` for a login that has neither.

    Of a proxy the first to end counts: its own certificate, or one of those that vouch for it.

    Raises:
        LoginError: If there is none, or it cannot be read.
    """
    files = credentials(settings)
    if settings.auth_type == "x509":
        return _read(files["client_cert"])[0].not_valid_after_utc
    if settings.auth_type == "x509_proxy":
        return min(one.not_valid_after_utc for one in _read(files["client_proxy"]))
    return None


def check(settings: Settings) -> None:
    """Refuse a certificate or proxy that is not valid now, or that its key does not belong to.

    Raises:
        LoginError: If it cannot be logged in with.
    """
    files = credentials(settings)
    for option, what, hint in (
        ("client_cert", "certificate", "Ask your certification authority for a new one."),
        ("client_proxy", "proxy", _MAKE_PROXY),
    ):
        if path := files.get(option):
            chain = _read(path)
            _check_time(chain if option == "client_proxy" else chain[:1], f"{what} {path}", hint)
            _check_key(chain[0], files.get("client_key") or path, f"{what} {path}")


def place(settings: Settings) -> str:
    """Return the file that ends, for sentences; empty where there is none."""
    try:
        files = credentials(settings)
    except LoginError:
        return ""
    return files.get("client_cert") or files.get("client_proxy") or ""


def owned(path: Path) -> bool:
    """Return whether a file is there and this user's: in ``/tmp`` anybody may have laid one down."""
    return _there(path) and path.stat().st_uid == os.geteuid()


def _certificate(settings: Settings) -> dict[str, str]:
    found = {key: path for key in ("client_cert", "client_key") if (path := _option(settings, key))}
    where = settings.source or "rucio.cfg"
    if "client_cert" not in found:
        raise LoginError(
            f"no certificate is named for the lake {settings.profile}", f"Set client_cert and client_key in {where}."
        )
    for option, what in (("client_cert", "certificate"), ("client_key", "key")):
        if option in found and not _there(Path(found[option])):
            raise LoginError(f"there is no {what} {found[option]}", f"Check {option} in {where}.")
    _check_private(Path(found.get("client_key") or found["client_cert"]), settings.profile)
    return found


def _check_private(key: Path, lake: str) -> None:
    if any(mark in _content(str(key)) for mark in _ENCRYPTED):
        # The TLS library would ask for the passphrase on the terminal.
        raise LoginError(
            f"the key {key} of the lake {lake} is protected by a passphrase",
            "Make a proxy with voms-proxy-init and set auth_type to x509_proxy.",
        )
    if key.stat().st_mode & 0o777 not in _PRIVATE:
        raise LoginError(f"others may read the key {key}", f"Let nobody else: chmod 600 {key}")


def _proxy(settings: Settings) -> Path:
    """Return the proxy's file, looked for where Rucio's client does and in its order."""
    named = _option(settings, "client_x509_proxy") or _expanded(os.environ.get("X509_USER_PROXY", ""))
    path = Path(named or f"/tmp/x509up_u{os.geteuid()}")  # noqa: S108 - where voms-proxy-init puts it
    if not (_there(path) if named else owned(path)):
        raise LoginError(
            f"the lake {settings.profile} wants an X.509 proxy, and there is none" + (f" at {path}" if named else ""),
            "Make one with voms-proxy-init, or name it in X509_USER_PROXY.",
        )
    return path


def _check_time(chain: list[Certificate], what: str, hint: str) -> None:
    now = datetime.now(UTC)
    end, begin = min(one.not_valid_after_utc for one in chain), max(one.not_valid_before_utc for one in chain)
    if now >= end:
        raise LoginError(f"the {what} expired on {end:%Y-%m-%d at %H:%M} UTC", hint)
    if now < begin:
        raise LoginError(
            f"the {what} is not valid before {begin:%Y-%m-%d %H:%M} UTC", "Check the clock of this machine."
        )


def _check_key(certificate: Certificate, file: str, what: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only certificates need it
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(_content(file), None)
        matches = key.public_key() == certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LoginError(f"{file} holds no key that can be read", "It is to be in PEM format.") from error
    if not matches:
        raise LoginError(f"the key in {file} is not that of the {what}", "Check client_cert and client_key.")


def _read(file: str) -> list[Certificate]:
    from cryptography import x509  # noqa: PLC0415 - only certificates need it

    try:
        return x509.load_pem_x509_certificates(_content(file))
    except ValueError as error:
        raise LoginError(f"{file} holds no certificate that can be read", "It is to be in PEM format.") from error


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise LoginError(f"{file} cannot be read: {error.strerror}", "Check the name and who may read it.") from error


def _there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder on the way may not be entered
        return False


def _option(settings: Settings, key: str) -> str:
    return _expanded(settings.options.get("client", {}).get(key, "").replace("%%", "%"))


def _expanded(path: str) -> str:
    """Return a path as Rucio's client takes it."""
    path = path.strip()
    return str(Path(os.path.expandvars(path)).expanduser().absolute()) if path else ""
