"""What a generate job is asked to do: which synthetic files go where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.tasks.output_folder import (
    refuse_existing,
    refuse_full_disk,
    refuse_too_much,
    refuse_unwritable,
)
from atlasod_tui.samples import folder_manifest, generate
from atlasod_tui.samples.generate import FilePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

_BYTES_PER_FILE, _BYTES_PER_EVENT = 30_000, 150  # about what they take, for a look ahead


class GenerateSpec(msgspec.Struct, frozen=True):
    """All that is needed to do a generate job again; ``to`` is absolute."""

    to: str
    files: list[FilePlan]
    force: bool = False
    data_events: int | None = None
    """What was asked for in each skim; None for the generator's own choice."""

    @property
    def events(self) -> int:
        """Events in all."""
        return sum(file.events for file in self.files)

    @property
    def bytes(self) -> int:
        """About how many bytes that will be."""
        return _BYTES_PER_FILE * len(self.files) + _BYTES_PER_EVENT * self.events


def plan(  # noqa: PLR0913 - one for each option of the command
    to: Path,
    *,
    events: int | None = None,
    seed: int | None = None,
    skims: Sequence[str] = (),
    release: Literal["2020", "2016"] = "2020",
    force: bool = False,
    dry_run: bool = False,
) -> GenerateSpec:
    """Say what a job would generate.

    Args:
        to: Folder of the files, absolute.
        events: About so many data events in each skim; None for the generator's own choice.
        seed: Of the random numbers; None for the default.
        skims: Which skims; all without any.
        release: ``2020`` (13 TeV) or ``2016`` (8 TeV).
        force: Whether files that exist may be replaced.
        dry_run: Whether nothing is to be run, so that the folder need not be writable.

    Raises:
        UsageError: If a skim is unknown or given for 2016, a file exists, or the folder cannot be written.
        AtlasodError: If that would be too many bytes, or too many for the disk.
    """
    if skims and release == "2016":
        raise UsageError("the files of 2016 are of no skim", "Leave out --skim.")
    number = generate.DEFAULT_SEED if seed is None else seed
    spec = GenerateSpec(
        str(to), generate.plan(events=events, seed=number, skims=tuple(skims) or None, release=release), force, events
    )
    for file in spec.files:
        refuse_existing(to / file.path, force=force)
    folder_manifest.read(to)
    if not dry_run:
        refuse_unwritable(to, "--to")
    refuse_too_much([spec.bytes], "--events")
    refuse_full_disk({to / folder_manifest.NAME: spec.bytes}, "--events")
    return spec
