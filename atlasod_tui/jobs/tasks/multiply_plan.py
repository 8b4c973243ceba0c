"""What each output of a multiply job will hold and how large it will be, known before a byte is written."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui import config
from atlasod_tui.errors import AtlasodError, BadFileError, JobError
from atlasod_tui.jobs.tasks.output_folder import nearest
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.samples import about

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output, Source
    from atlasod_tui.samples.about import About

# Sources that stay parsed: each takes half a megabyte of memory, and about a hundredth of the file.
_KEPT, _KEPT_BYTES = 16, 500_000_000


class Planner:
    """Plans the outputs of a job; sources that are needed soon again are kept parsed. Not for several threads."""

    def __init__(self, spec: MultiplySpec) -> None:
        self._spec = spec
        self._sources: OrderedDict[int, tuple[merge.Source, About]] = OrderedDict()
        self._sizes: dict[tuple[tuple[int, ...], int], int] = {}
        self._single = len(spec.outputs) == 1
        self._planned: tuple[merge.Plan, About] | None = None  # of a single output, until it is made

    def size(self, output: Output) -> int:
        """Return the bytes of an output.

        Raises:
            BadFileError: If a source cannot be multiplied; the sentence names it.
            JobError: If a source changed since the job was made.
        """
        # Outputs of the same sources differ in their names only, which are of one length.
        key = tuple(output.parts), len(os.fsencode(output.name))
        if key not in self._sizes:
            planned = self.plan(output)
            self._sizes[key] = planned[0].size
            self._planned = planned if self._single else None
        return self._sizes[key]

    def plan(self, output: Output) -> tuple[merge.Plan, About]:
        """Return the plan of an output, and what the file will say about itself; raises what `size` does."""
        if self._planned is not None:
            planned, self._planned = self._planned, None
            return planned
        parts = [self._source(number) for number in output.parts]
        told = about.multiplied([known for _, known in parts], self._spec.factor, virtual=self._spec.virtual)
        sequence = [source for source, _ in parts] * self._spec.factor
        name = Path(output.name).name
        return merge.plan(sequence, name, texts=[about.text(told)], virtual=self._spec.virtual), told

    def _source(self, number: int) -> tuple[merge.Source, About]:
        found = self._sources.get(number)
        if found is None:
            source = self._spec.sources[number]
            refuse_changed(source)
            path = Path(source.path)
            parsed = merge.read_source(path)
            with RootFile(path) as file:
                known = about.of(path.name, about.read(file))
            found = self._sources[number] = (parsed, known)
        self._sources.move_to_end(number)
        while len(self._sources) > 1 and (len(self._sources) > _KEPT or self._bytes() > _KEPT_BYTES):
            self._sources.popitem(last=False)
        return found

    def _bytes(self) -> int:
        return sum(self._spec.sources[number].size for number in self._sources)


def refuse_changed(source: Source) -> None:
    """Do nothing, unless a source is another file than when the job was made.

    Raises:
        BadFileError: If it is gone or cannot be read.
        JobError: If it changed.
    """
    try:
        status = os.stat(source.path)  # noqa: PTH116 - one call
    except OSError as error:
        raise BadFileError(f"{Path(source.path).name} cannot be opened: {error.strerror}") from error
    if (status.st_size, status.st_mtime_ns) != (source.size, source.mtime_ns):
        raise JobError(f"{source.path} changed since the job was made", "Start it anew with 'multiply'.")


def refuse_too_much(sizes: Iterable[int]) -> None:
    """Do nothing, unless more bytes were to be written than the setting ``max_bytes`` allows.

    Raises:
        AtlasodError: If so.
    """
    total, most = sum(sizes), config.load().max_bytes
    if total > most:
        raise AtlasodError(
            f"{total} bytes would be written, more than the {most} that one job may write",
            "Take a smaller --factor, or raise the setting max_bytes.",
        )


def refuse_full_disk(sizes: dict[Path, int]) -> None:
    """Do nothing, unless the file systems that outputs go to have less space left than these need together.

    Args:
        sizes: Bytes of each output, by its path.

    Raises:
        AtlasodError: If so.
    """
    needed: dict[int, int] = {}
    folders: dict[int, Path] = {}
    try:
        for target, size in sizes.items():
            folder = nearest(target.parent)
            device = folder.stat().st_dev
            folders.setdefault(device, folder)
            needed[device] = needed.get(device, 0) + size
        for device, folder in folders.items():
            space = os.statvfs(folder)
            free = space.f_bavail * space.f_frsize
            if free < needed[device]:
                raise AtlasodError(
                    f"{str(folder)!r} has {free} bytes left where {needed[device]} are needed",
                    "Make room there, choose another --to, or take a smaller --factor.",
                )
    except OSError as error:
        raise AtlasodError(f"{error.filename!r} cannot be used: {error.strerror}", "Choose another --to.") from error
