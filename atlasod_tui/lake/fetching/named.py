"""Files that are named one by one, hundreds of them perhaps: what a lake knows of them, asked for together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import DID, FileEntry


def named_files(lake: Lake, dids: Sequence[DID]) -> dict[DID, FileEntry]:
    """Return what a lake knows of those of some DIDs that are files; the others are to be asked for one by one.

    Raises:
        LoginError: If the lake does not accept the login.
        LakeAwayError: If it is away.
    """
    if len(dids) <= 1:
        return {}
    try:
        return {entry.did: entry for entry in lake.named_files(dids)}
    except (LakeAwayError, LoginError):
        raise
    except LakeError:  # one that cannot be asked for spoils the answer for all
        return {}
