"""What a job wrote to a lake, as far as lists go: those of its scope tell less than there is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from atlasod_tui.errors import AtlasodError

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView

_OWN = "user."
"""What the names of scopes begin with that uploads go to unless another one is named."""


class Written(NamedTuple):
    """Where something was written: a lake, empty for the default one, and a scope, empty for that of the account."""

    lake: str
    scope: str

    def is_in(self, lake: str) -> bool:
        """Return whether it may be in a lake."""
        return self.lake in {"", lake}

    def touches(self, scope: str) -> bool:
        """Return whether it may be in a scope."""
        return scope == self.scope if self.scope else scope.startswith(_OWN)


def of_job(view: JobView) -> Written | None:
    """Return where a job wrote to, or was to; None if to no lake. Reads files: in a thread only."""
    from atlasod_tui import config  # noqa: PLC0415 - seldom

    try:
        arguments = view.spec().arguments
        target = arguments.get("target") or arguments.get("upload")
        if not isinstance(target, dict):
            return None
        return Written(str(target.get("lake", "")), str(target.get("scope", "")) or config.load().upload_scope)
    except AtlasodError:
        return None
