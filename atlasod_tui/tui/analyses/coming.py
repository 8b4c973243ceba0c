"""What is still on its way into an input: files without a replica, and datasets that jobs upload to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.model import DID, FileEntry, ReplicaState

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView
    from atlasod_tui.tui.lake.link import Asker

_MOST_DATASETS, _MOST_FILES = 20, 400
"""Of which is asked: an answer about 100 files may take seconds."""


async def without_replica(files: Sequence[FileEntry], datasets: Sequence[DID], lake: Asker) -> frozenset[DID]:
    """Return the files that have no replica yet, as far as the lake tells; its errors are not told here.

    Args:
        files: What is not on this machine.
        datasets: What they are in: of one that is whole on a storage element no file is asked for.
        lake: Which is asked.
    """
    from atlasod_tui.lake.agent.protocol import Replicas  # noqa: PLC0415 - not before a lake is asked

    asked = [one.did for one in files[:_MOST_FILES]]
    try:
        if not asked or (datasets and await _all_whole(datasets, lake)):
            return frozenset()
        batch = await lake.whole(Replicas(asked))
    except AtlasodError:
        return frozenset()
    if batch.since is not None:
        return frozenset()
    there = {one.file.did for one in batch.items if one.state is ReplicaState.AVAILABLE}
    coming = {one.file.did for one in batch.items if one.state is ReplicaState.COPYING}
    known = {one.file.did for one in batch.items}
    return frozenset(did for did in asked if did not in there and (did in coming or did not in known))


async def _all_whole(datasets: Sequence[DID], lake: Asker) -> bool:
    from atlasod_tui.lake.agent.protocol import Show  # noqa: PLC0415 - not before a lake is asked

    for did in datasets[:_MOST_DATASETS]:
        found = (await lake.whole(Show(did))).items
        if not any(part.complete for one in found for part in one.dataset_replicas):
            return False
    return True


def uploading(jobs: Iterable[JobView], lake: str, datasets: Sequence[DID]) -> dict[str, str]:
    """Return the ids and titles of the jobs that upload to datasets of a lake. Reads files: in a thread only."""
    found = {}
    for view in jobs:
        try:
            arguments = view.spec().arguments
        except AtlasodError:
            continue
        target = arguments.get("target") or arguments.get("upload")
        if not isinstance(target, dict) or target.get("lake", "") not in {"", lake}:
            continue
        if any(_is_of(did, target) for did in datasets):
            found[view.id] = view.title
    return found


def _is_of(dataset: DID, target: dict[str, Any]) -> bool:
    """Return whether a job uploads to a dataset, which has a name of its own or one with the run in it."""
    name, run = target.get("dataset"), target.get("run_id")
    return dataset.name == name if name else f".run{run}." in dataset.name


def words(late: int, empty: Sequence[DID], jobs: Iterable[str]) -> str:
    """Return what is still on its way, as sentences: files without a replica, empty datasets, titles of jobs."""
    found = [f"the job {title} is still uploading to it, so that there will be more files" for title in jobs]
    if late:
        count, verb = ("1 file", "has") if late == 1 else (f"{late} files", "have")
        found.append(f"{count} {verb} no replica yet: the upload or a transfer is still under way")
    if empty and not found:
        found.append(f"there is no file in {shown.some(map(str, empty), 1)}: it is empty, or its upload has only begun")
    return ". ".join([*found, "R looks again."]) if found else ""
