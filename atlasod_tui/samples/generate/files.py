"""Writing the files of a plan, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import deflate

from atlasod_tui.rootfile.tree_writer import TreeWriter, Written
from atlasod_tui.samples import about
from atlasod_tui.samples.generate import events_2016, events_2020, schema
from atlasod_tui.samples.generate.file_plan import FilePlan

if TYPE_CHECKING:
    from atlasod_tui.rootfile.baskets import Bytes

TREE = "mini"
TITLE = "Synthetic events for education: no collisions, no physics results"


class Generated(NamedTuple):
    """A file that was generated: what was written, and what it says about itself."""

    written: Written
    about: about.About


def _ignore(_: int) -> None:
    pass


def _never() -> None:
    pass


def write(
    file: FilePlan,
    folder: Path,
    *,
    progress: Callable[[int], None] = _ignore,
    check: Callable[[], None] = _never,
) -> Generated:
    """Generate a file of a plan below a folder; subfolders are made, an older file is replaced.

    On one machine the bytes depend on the plan alone, not on what else was generated before or meanwhile. (Last bits of
    sines and logarithms differ between processors.)

    Args:
        file: One of what `plan` returned.
        folder: Where ``file.path`` starts.
        progress: Called with the number of events done, of this file.
        check: Called between blocks; ends the work by raising, and nothing is left behind.

    Raises:
        AtlasodError: If the file cannot be written.
    """
    said = about.About(
        synthetic=True,
        luminosity_pb=file.luminosity_pb,
        xsec_pb=file.xsec_pb,
        sum_of_weights=file.sum_of_weights,
        seed=file.seed,
    )
    branches, blocks = (
        (schema.BRANCHES, events_2020.blocks) if file.release == "2020" else (events_2016.BRANCHES, events_2016.blocks)
    )
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with TreeWriter(path, TREE, TITLE, branches, compress=_compress) as tree:
        done = 0
        for arrays in blocks(file):
            check()
            tree.fill(arrays)
            done += len(arrays["runNumber"])
            progress(done)
        check()
        tree.add(about.text(said))
        return Generated(tree.close(), said)


def _compress(data: Bytes) -> bytes:
    """Level 6 of libdeflate: 40 % smaller than a fast level, because tables of offsets and empty vectors shrink."""
    return bytes(deflate.zlib_compress(data, 6))
