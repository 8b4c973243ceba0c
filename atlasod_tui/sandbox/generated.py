"""Generating the samples that are in the sandbox's lake with their bytes; run as ``python -m`` with a folder.

Some lines that it writes say how many events are done and how many there are in all, each as a JSON list. Last it makes
an index of the files, which the server's part reads.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import AtlasodError
from atlasod_tui.samples import starter
from atlasod_tui.samples.generate import plan, write

if TYPE_CHECKING:
    from atlasod_tui.samples.generate import FilePlan, Generated

EVENTS = 12_000
"""About so many data events of each skim."""
SEED = 1
_LEAST, _RARE = 59, 6
"""Which samples are left out, see `starter.LEAST`: data have less than one per cent of these, all in all."""
_STEPS = 10
_ELEMENTS = ("IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE")


def chosen() -> list[FilePlan]:
    """Return the files, by path: of all seven skims, without what data hardly have any of."""
    return sorted(starter.chosen(plan(events=EVENTS, seed=SEED), _LEAST, _RARE), key=lambda file: file.path)


def main(folder: Path) -> None:
    """Generate the files below a folder and write their index, ``index.json``.

    Raises:
        AtlasodError: If a file cannot be written.
    """
    files = chosen()
    total, done = sum(file.events for file in files), 0
    made = {}
    _say(done, total)
    for file in files:
        made[file] = write(file, folder)
        before, done = done, done + file.events
        if before * _STEPS // total < done * _STEPS // total:
            _say(done, total)
    (folder / "index.json").write_text(json.dumps(_index(made)), encoding="utf-8")


def _say(done: int, total: int) -> None:
    sys.stdout.write(f"[{done}, {total}]\n")
    sys.stdout.flush()


def _index(made: dict[FilePlan, Generated]) -> list[dict[str, Any]]:
    """Return the datasets, ``generated.<skim>.Data`` and ``.MC``: data on two storage elements each."""
    groups: dict[tuple[str, str], dict[FilePlan, Generated]] = {}
    for file, one in made.items():
        groups.setdefault((file.skim, "Data" if file.is_data else "MC"), {})[file] = one
    datasets = []
    for number, ((skim, kind), files) in enumerate(groups.items()):
        places = [_ELEMENTS[(number + i) % len(_ELEMENTS)] for i in range(2 if kind == "Data" else 1)]
        metadata = {"generated": True, "energy": "13TeV", "skim": skim, "content": kind.lower(), "seed": SEED}
        entries = [_entry(file, one, metadata) for file, one in files.items()]
        if kind == "Data":
            metadata["luminosity_pb"] = sum(file.luminosity_pb or 0 for file in files)
        datasets.append(
            {"name": f"generated.{skim}.{kind}", "metadata": metadata, "elements": places, "files": entries}
        )
    return datasets


def _entry(file: FilePlan, made: Generated, metadata: dict[str, Any]) -> dict[str, Any]:
    own = {
        "luminosity_pb": file.luminosity_pb,
        "dsid": file.dsid or None,
        "xsec_pb": file.xsec_pb,
        "sum_of_weights": file.sum_of_weights,
    }
    return {
        "path": file.path,
        "bytes": made.written.size,
        "adler32": f"{made.written.adler32:08x}",
        "events": made.written.entries,
        "metadata": metadata | {key: value for key, value in own.items() if value is not None},
    }


if __name__ == "__main__":
    os.umask(0o077)
    try:
        main(Path(sys.argv[1]))
    except AtlasodError as error:
        sys.exit(f"ERROR: {error.message}")
