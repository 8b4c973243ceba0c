"""Make the ROOT files of this folder with real ROOT: ``python make.py`` where PyROOT can be imported."""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from pathlib import Path

import ROOT

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "analyses/inputs/4lep/MC/mc_363490.llll.4lep.root"
COMPRESSIONS = {"none": 0, "zlib": 101, "lzma": 207, "lz4": 404, "zstd": 505}
EVENTS_4LEP, CLUSTER_4LEP = 130, 100
FAR = (2_200_000_000, 3_500_000_000, 4_400_000_000, 5_600_000_000)  # beyond 2 GiB, and beyond 4 GiB
MARGIN = 4096

ROOT.gROOT.SetBatch(True)
ROOT.gInterpreter.Declare((HERE / "make.cpp").read_text())


def parts(data_file: Path) -> bytes:
    """Return what a mostly empty file holds: for each run of bytes its position, its length and itself."""
    packed = struct.pack("<q", data_file.stat().st_size)
    with data_file.open("rb") as file:
        for start in (0, *(position - MARGIN for position in FAR)):
            file.seek(start)
            data = file.read(1 << 17)
            first = len(data) - len(data.lstrip(b"\0"))
            data = data.strip(b"\0")
            packed += struct.pack("<qi", start + first, len(data)) + data
    return packed


def main() -> None:
    """Write every file anew."""
    os.chdir(HERE)  # files keep the path that they were made with
    ROOT.reference("reference.root", 40)  # first: ROOT lists classes in the order in which a session meets them
    ROOT.reference("reference_empty.root", 0)
    for name, setting in COMPRESSIONS.items():
        ROOT.everything(f"types_{name}.root", setting, 70, 30, 160)
        ROOT.skim(str(SAMPLE), f"4lep_{name}.root", setting, EVENTS_4LEP, CLUSTER_4LEP, False)
        ROOT.pairs(f"pairs_{name}.root", setting)
        ROOT.counted(f"counted_{name}.root", setting, 45, 20, 160, ROOT.kFile)
    ROOT.counted("counted_embedded.root", 101, 40, 0, 120, ROOT.kInside)
    ROOT.counted("counted_half_embedded.root", 404, 40, 0, 120, ROOT.kHalfInside)
    ROOT.skim(str(SAMPLE), "4lep_embedded.root", 101, 100, 0, True)
    ROOT.embedded("embedded.root", 60, 300, False)
    ROOT.embedded("embedded_offset_map.root", 60, 300, True)
    ROOT.half_embedded("half_embedded.root", 101, 60, 300)
    ROOT.half_embedded("half_embedded_lz4.root", 404, 60, 300)
    ROOT.offset_map("offset_map.root")
    ROOT.objects("objects.root")
    ROOT.histograms("histograms.root")
    ROOT.no_entries("no_entries.root")
    ROOT.mixed("mixed.root")
    ROOT.unclosed("unclosed.root")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        ROOT.far_apart("far.root", list(FAR))
        (HERE / "far.parts").write_bytes(parts(Path("far.root")))
    sys.stdout.flush()
    os._exit(0)  # an ordinary end would close the unclosed file


if __name__ == "__main__":
    main()
