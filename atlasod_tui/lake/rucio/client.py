"""Makes a client of Rucio for a profile: the settings first, since Rucio reads them when it is imported."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeAwayError, LakeError
from atlasod_tui.lake.login import files
from atlasod_tui.lake.rucio_settings import Settings, write_client_file

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient

_making = threading.Lock()
_OF_RUCIO = ("ACCOUNT", "VO", "AUTH_TYPE", "CLIENT_CERT", "CLIENT_KEY", "CLIENT_PROXY")


def connect(settings: Settings, *, fresh: bool = False) -> QuietClient:
    """Return a client that has logged in, or holds a token from an earlier login unless it is to be ``fresh``.

    Raises:
        LakeAwayError: If it is known to be away.
        LakeError: If the settings cannot do, or there is nobody to log in as.
        Exception: Whatever Rucio and requests raise: see :mod:`~atlasod_tui.lake.rucio_errors`.
    """
    if settings.away:
        raise LakeAwayError(*settings.away)
    files.credentials(settings)  # what is missing is told before half a second of imports
    name = sys.argv[0]
    with _making:
        try:
            _configure(settings)
            from atlasod_tui.lake.rucio.quiet import QuietClient  # noqa: PLC0415 - takes half a second

            with _own_environment():
                return QuietClient(settings, fresh=fresh)
        finally:
            sys.argv[0] = name  # Rucio cuts the folder off


@contextmanager
def _own_environment() -> Iterator[None]:
    """Keep the variables that speak of the user's own Rucio from being taken for another profile.

    For the user's own they have been read into the settings.
    """
    hidden = {key: value for name in _OF_RUCIO if (value := os.environ.pop(key := f"RUCIO_{name}", None)) is not None}
    try:
        yield
    finally:
        os.environ.update(hidden)


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
