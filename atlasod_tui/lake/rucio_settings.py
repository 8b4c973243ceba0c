"""How to reach a Rucio and who to be there, and the client file made of it."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import msgspec

from atlasod_tui import paths

CONNECT_SECONDS, READ_SECONDS = 5, 30
"""How long a connection, and each part of an answer, may take. The client tries a connection three times."""

_SECRETS = ("password", "secret", "token")


class Settings(msgspec.Struct, frozen=True):
    """How to reach a Rucio and who to be there.

    ``options`` are further settings, by section, in the words of a ``rucio.cfg``; what looks like a secret in them
    is not written to the client file.
    """

    profile: str
    """Name of the lake; letters, digits, ``_``, ``-`` and ``.`` only: a folder is named after it."""
    host: str
    auth_host: str
    auth_type: str = "userpass"
    account: str | None = None
    """``None``: the one the server chooses for the identity."""
    username: str | None = None
    password: str | None = None
    vo: str | None = None
    source: str = ""
    """The file the settings come from, for sentences."""
    away: tuple[str, str] | None = None
    """Why nothing can be asked of it now, and what to do: what it answered earlier can still be told."""
    options: dict[str, dict[str, str]] = {}

    def __repr__(self) -> str:
        return f"Settings({self.profile!r}, {self.host!r}, account={self.account!r})"

    @property
    def folder(self) -> Path:
        """The folder of the client file and the token."""
        return paths.state_dir() / "lakes" / self.profile

    @property
    def client_file(self) -> Path:
        """The generated ``rucio.cfg``."""
        return self.folder / f"rucio-{self.identity}.cfg"

    @property
    def token_file(self) -> Path:
        """Where the token is kept."""
        return self.folder / f"token-{self.identity}"

    @property
    def identity(self) -> str:
        """Return a digest of server and identity: a profile may change them, and Rucio's token files tell neither."""
        import hashlib  # noqa: PLC0415 - not for the screen

        parts = (self.host, self.auth_host, self.auth_type, self.account or "", self.username or "", self.vo or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def write_client_file(settings: Settings) -> Path:
    """Write the ``rucio.cfg`` of a profile, without a password, readable by its owner only, and return its path.

    Raises:
        OSError: If the folder cannot be written.
    """
    from configparser import ConfigParser  # noqa: PLC0415 - not for the screen

    parser = ConfigParser()
    for section, options in {"client": {}, **settings.options}.items():
        parser[section] = {key: value for key, value in options.items() if not _secret(key)}
    if not parser["client"].get("ca_cert", "-", raw=True).strip():
        parser.remove_option("client", "ca_cert")  # which would switch the check of certificates off
    own = {
        "rucio_host": settings.host,
        "auth_host": settings.auth_host,
        "auth_type": settings.auth_type,
        "auth_token_file_path": str(settings.token_file),
        "account": settings.account,
        "username": settings.username,
        "vo": settings.vo,
    }
    for key, value in own.items():
        if value is None:
            parser.remove_option("client", key)
        else:
            parser["client"][key] = value.replace("%", "%%")  # a plain % refers to another option
    text = io.StringIO()
    parser.write(text)
    write_private(settings.client_file, text.getvalue().encode())
    return settings.client_file


def write_private(path: Path, content: bytes) -> None:
    """Replace a file by one that only its owner can read, in a folder that nobody else can look into.

    Raises:
        OSError: If it cannot be written, or the folder is another user's.
    """
    import tempfile  # noqa: PLC0415 - where something is written only

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path.parent))
    if found.st_mode & 0o077:
        path.parent.chmod(0o700)
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _secret(option: str) -> bool:
    return any(word in option.lower() for word in _SECRETS)
