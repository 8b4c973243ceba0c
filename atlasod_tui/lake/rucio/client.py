"""Makes a client of Rucio for a profile: the settings first, since Rucio reads them when it is imported."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.rucio.settings import Settings, write_client_file

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient

_making = threading.Lock()
_ENCRYPTED = (b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")


def connect(settings: Settings) -> QuietClient:
    """Return a client that has logged in, or holds a token from an earlier login.

    Raises:
        LakeError: If the settings cannot do.
        Exception: Whatever Rucio and requests raise: see :mod:`~atlasod_tui.lake.rucio.translate`.
    """
    _check(settings)
    name = sys.argv[0]
    with _making:
        try:
            _configure(settings)
            from atlasod_tui.lake.rucio.quiet import QuietClient  # noqa: PLC0415 - takes half a second

            return QuietClient(settings)
        finally:
            sys.argv[0] = name  # Rucio cuts the folder off


def _configure(settings: Settings) -> None:
    """Let Rucio read the client file of this profile, in this process only and for all it does from now on."""
    try:
        path = str(write_client_file(settings))
    except OSError as error:
        raise LakeError(f"{settings.folder} cannot be written: {error.strerror}", "Check XDG_STATE_HOME.") from error
    before = os.environ.get("RUCIO_CONFIG")
    os.environ["RUCIO_CONFIG"] = path
    try:
        # The import empties the cache of the configuration, which is therefore read after it.
        from rucio.common import config  # noqa: PLC0415

        import atlasod_tui.lake.rucio.quiet  # noqa: F401, PLC0415

        config.clean_cached_config()
        parser = config.get_config()
    finally:
        # Programs started from here, and a later look for the user's own settings, must not see it.
        if before is None:
            del os.environ["RUCIO_CONFIG"]
        else:
            os.environ["RUCIO_CONFIG"] = before
    if settings.password is not None:
        # The clients that Rucio's transfers make for themselves know the configuration only.
        parser.set("client", "password", settings.password.replace("%", "%%"))
    if "rucio.rse.rsemanager" in sys.modules:
        sys.modules["rucio.rse.rsemanager"].RSE_REGION.invalidate()


def _check(settings: Settings) -> None:
    if settings.auth_type == "userpass" and not (settings.username and settings.password):
        missing = "password" if settings.username else "user name"
        raise LakeError(
            f"no {missing} is known for the lake {settings.profile}",
            f"Set username and password in {settings.source or 'the section [client] of rucio.cfg'}.",
        )
    if settings.auth_type == "x509":
        named = os.environ.get("RUCIO_CLIENT_KEY") or settings.options.get("client", {}).get("client_key", "")
        key = Path(os.path.expandvars(named)).expanduser()
        if named and key.is_file() and any(mark in key.read_bytes() for mark in _ENCRYPTED):
            # The TLS library would ask for the passphrase on the terminal.
            raise LakeError(
                f"the key {key} of the lake {settings.profile} is protected by a passphrase",
                "Make a proxy with voms-proxy-init and set auth_type to x509_proxy.",
            )
