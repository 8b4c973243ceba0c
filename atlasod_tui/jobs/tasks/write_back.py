"""What a job made goes back to the lake, if that was asked for: while it works, and after it has done the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from atlasod_tui import shown
from atlasod_tui.errors import LakeAwayError, LoginError
from atlasod_tui.jobs.context import JobContext, Outcome, log

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.uploads import Uploads


_MOST = 20


class WriteBack:
    """The uploads of a job; without a target nothing happens.

    Args:
        target: A `lake.uploading.target.Target` as the spec has it.
        context: The job.
    """

    def __init__(self, target: dict[str, Any] | None, context: JobContext) -> None:
        self._context = context
        self._uploads: Uploads | None = None
        if target is not None:
            from atlasod_tui.jobs.tasks.uploads import Uploads  # noqa: PLC0415 - only where there is a lake
            from atlasod_tui.lake.uploading.target import Target  # noqa: PLC0415

            self._uploads = Uploads(msgspec.convert(target, Target), context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._uploads is not None:
            self._uploads.close()

    def refuse(self, total_bytes: int | None = None) -> None:
        """Refuse what cannot end well, before anything is made; a lake that is away or wants a login may do later.

        Raises:
            UsageError: If a storage element is unknown.
            LakeError: If one does not take the files, or their quota is too small.
        """
        if self._uploads is not None:
            try:
                self._uploads.refuse(total_bytes)
            except (LoginError, LakeAwayError) as error:
                log(f"nothing can be uploaded yet: {error.message}")

    def has(self, path: Path) -> bool:
        """Return whether a file was uploaded, as it is now."""
        return self._uploads is not None and self._uploads.has(path)

    def add(
        self, path: Path, *, adler32: str | None = None, name: str | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        """Upload a file, soon; see `Uploads.add`."""
        if self._uploads is not None:
            self._uploads.add(path, adler32=adler32, name=name, metadata=metadata)

    def is_through(self, path: Path) -> bool:
        """Return whether nobody need wait for a file: it was uploaded, or nothing more is in this run."""
        return self._uploads is None or self._uploads.stopped or self._uploads.has(path)

    def conclude(self, outcome: Outcome) -> Outcome:
        """Wait for what is left, and return how the job ended, with that.

        Raises:
            AtlasodError: If an upload failed for good.
            CancelledError: If the job was cancelled.
        """
        if self._uploads is None:
            return outcome
        self._context.progress(phase="uploading")
        return self._uploads.finish().conclude(outcome, self._context)


def listed(names: list[str]) -> str:
    """Return names as metadata have them: not more than a few."""
    return shown.some(names, _MOST)


def source_of(names: list[str]) -> str:
    """Return what the metadata say of some inputs: DIDs, addresses and names of files; no folders of this machine."""
    from atlasod_tui.jobs.tasks.given import kind  # noqa: PLC0415 - only where something is uploaded
    from atlasod_tui.jobs.tasks.places import public  # noqa: PLC0415

    texts = [name.rstrip("/").rpartition("/")[2] if kind(name) == "path" else public(name) for name in names]
    return listed(texts)
