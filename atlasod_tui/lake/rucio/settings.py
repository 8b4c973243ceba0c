"""How to reach a Rucio and who to be there, and the client file made of it."""

from __future__ import annotations

import hashlib
import os
from configparser import ConfigParser
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
        parts = (self.host, self.auth_host, self.auth_type, self.account or "", self.username or "", self.vo or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def write_client_file(settings: Settings) -> Path:
    """Write the ``rucio.cfg`` of a profile, without a password, readable by its owner only, and return its path.

    Raises:
        OSError: If the folder cannot be written.
    """
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
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.client_file
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        parser.write(file)
    part.replace(path)
    return path


def _secret(option: str) -> bool:
    return any(word in option.lower() for word in _SECRETS)
