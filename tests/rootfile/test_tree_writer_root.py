"""Trees that we wrote, read, merged and filled further by real ROOT."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from atlasod_tui.rootfile.tree_writer import BranchSpec, TextObject, TreeWriter
from tests.rootfile.reference import DATA
from tests.rootfile.test_tree_writer import EVERYTHING, cut, random_arrays, write

if TYPE_CHECKING:
    from tests.rootfile.conftest import RootCheck
    from tests.rootfile.test_tree_writer import Arrays

pytestmark = pytest.mark.root

WRITE_LIKE = r"""
import json, os, sys, warnings
warnings.simplefilter("ignore")
import ROOT
# a tree of the same branches, filled by ROOT from flat arrays
source, target, cluster = sys.argv[1], sys.argv[2], int(sys.argv[3])
specs = json.load(open(source + ".json"))
ROOT.gSystem.Load("libTree")
kinds = {"f4": ("F", "Float_t"), "f8": ("D", "Double_t"), "i4": ("I", "Int_t"), "u4": ("i", "UInt_t"),
         "i8": ("L", "Long64_t"), "u8": ("l", "ULong64_t"), "i2": ("S", "Short_t"), "u2": ("s", "UShort_t"),
         "i1": ("B", "Char_t"), "u1": ("b", "UChar_t"), "?": ("O", "Bool_t")}
declare, attach, read, width = [], [], [], {"?": 1}
for spec in specs:
    name, (letter, kind) = spec["name"], kinds[spec["dtype"]]
    declare.append(f'std::ifstream in_{name}(folder + "/{name}.values", std::ios::binary);')
    declare.append(f'std::ifstream of_{name}(folder + "/{name}.counts", std::ios::binary);')
    if spec["shape"] == "vector":
        declare.append(f"std::vector<{kind}> {name};")
        attach.append(f'tree.Branch("{name}", &{name});')
        read.append(f"count = get<Int_t>(of_{name}); {name}.clear();"
                    f"for (int i = 0; i < count; ++i) {name}.push_back(get<{kind}>(in_{name}));")
    elif spec["shape"] == "array":
        declare.append(f"{kind} {name}[100] = {{}};")
        attach.append(f'tree.Branch("{name}", {name}, "{name}[{spec["counter"]}]/{letter}");')
        read.append(f"count = get<Int_t>(of_{name});"
                    f"for (int i = 0; i < count; ++i) {name}[i] = get<{kind}>(in_{name});")
    else:
        declare.append(f"{kind} {name} = 0;")
        attach.append(f'tree.Branch("{name}", &{name}, "{name}/{letter}");')
        read.append(f"{name} = get<{kind}>(in_{name});")
code = f'''
#include <fstream>
#include <vector>
#include "TFile.h"
#include "TTree.h"
template <typename T> T get(std::ifstream &in) {{ T x; in.read(reinterpret_cast<char *>(&x), sizeof(T)); return x; }}
void write_like(std::string folder, std::string target, int entries, int cluster) {{
   {" ".join(declare)}
   int count = 0;
   TFile file(target.c_str(), "RECREATE", "", 101);
   TTree tree("mini", "a title");
   tree.SetAutoFlush(cluster);
   {" ".join(attach)}
   for (int entry_ = 0; entry_ < entries; ++entry_) {{ {" ".join(read)} tree.Fill(); }}
   file.Write();
}}'''
assert ROOT.gInterpreter.Declare(code)
ROOT.write_like(source, target, int(sys.argv[4]), cluster)
sys.stdout.flush()
os._exit(0)
"""


def write_like(root_python: Path, folder: Path, target: Path, arrays: Arrays, *, cluster: int) -> None:
    """Have ROOT write a file with these arrays."""
    folder.mkdir()
    specs = []
    for spec in EVERYTHING:
        specs.append({"name": spec.name, "dtype": spec.dtype, "shape": spec.shape, "counter": spec.counter})
        array = arrays[spec.name]
        values, offsets = (array, None) if isinstance(array, np.ndarray) else (array.values, array.offsets)
        (folder / f"{spec.name}.values").write_bytes(values.tobytes())
        if offsets is not None:
            (folder / f"{spec.name}.counts").write_bytes(np.diff(offsets).astype("i4").tobytes())
    folder.with_suffix(".json").write_text(json.dumps(specs))
    entries = len(arrays["n"])
    command: list[str | Path] = [root_python, "-c", WRITE_LIKE, str(folder), str(target), str(cluster), str(entries)]
    subprocess.run(command, check=True, capture_output=True, timeout=250)


@pytest.fixture(scope="module")
def files(root_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return files of the same 700 entries: ours and one by ROOT; and ours with one and none."""
    folder = tmp_path_factory.mktemp("trees")
    arrays = random_arrays(EVERYTHING, 700, seed=5)
    paths = {name: folder / f"{name}.root" for name in ("ours", "small", "root", "one", "none")}
    with TreeWriter(paths["ours"], "mini", "a title", EVERYTHING, cluster_entries=200) as writer:
        writer.fill(arrays)
        writer.add(TextObject("about", "ours"))
        writer.close()
    # clusters of several baskets
    write(paths["small"], EVERYTHING, arrays, cluster_entries=200, cluster_bytes=20_000)
    write(paths["one"], EVERYTHING, cut(arrays, 0, 1))
    write(paths["none"], EVERYTHING)
    write_like(root_python, folder / "raw", paths["root"], arrays, cluster=200)
    return paths


def test_every_entry_as_root_itself_writes_it(root_check: RootCheck, files: dict[str, Path]) -> None:
    answer = root_check("compare", files["ours"], "mini", files["root"])
    assert answer["entries"] == 700
    assert answer["branches"] == answer["readings"] == len(EVERYTHING)
    assert answer["clusters"] == 4
    assert answer["frames"] > 4


@pytest.mark.parametrize(("name", "entries", "clusters"), [("small", 700, 4), ("one", 1, 1), ("none", 0, 0)])
def test_other_numbers_of_entries_and_baskets(
    root_check: RootCheck, files: dict[str, Path], name: str, entries: int, clusters: int
) -> None:
    source = files["root"] if name == "small" else files[name]
    answer = root_check("compare", files[name], "mini", source)
    assert (answer["entries"], answer["clusters"]) == (entries, clusters)


def test_the_checker_sees_one_bad_bit(root_check: RootCheck, files: dict[str, Path], tmp_path: Path) -> None:
    arrays = random_arrays(EVERYTHING, 700, seed=5)
    bits = np.array(arrays["f8_one"]).view("u8").copy()
    bits[655] ^= 1
    arrays["f8_one"] = bits.view("f8")
    write(tmp_path / "bad.root", EVERYTHING, arrays)
    answer = root_check.ask("compare", tmp_path / "bad.root", "mini", files["root"])
    assert (answer["ok"], answer["problems"]) == (False, ["f8_one at entry 655"])


@pytest.mark.parametrize(
    "order", [("ours", "root"), ("root", "ours"), ("none", "ours", "small"), ("ours", "none", "one", "root")]
)
def test_hadd(root_check: RootCheck, files: dict[str, Path], tmp_path: Path, order: tuple[str, ...]) -> None:
    answer = root_check("hadd", tmp_path / "sum.root", *(files[name] for name in order))
    entries = {"ours": 700, "small": 700, "root": 700, "one": 1, "none": 0}
    assert answer["trees"]["mini"]["entries"] == sum(entries[name] for name in order)


@pytest.mark.parametrize(("name", "more"), [("ours", 1), ("ours", 3000), ("small", 250), ("one", 40_000), ("none", 50)])
def test_update(root_check: RootCheck, files: dict[str, Path], tmp_path: Path, name: str, more: int) -> None:
    path = tmp_path / "updated.root"
    path.write_bytes(files[name].read_bytes())
    answer = root_check("update", path, "mini", more)
    assert answer["entries"] == {"ours": 700, "small": 700, "one": 1, "none": 0}[name] + more


def test_beyond_two_gigabytes(root_check: RootCheck, tmp_path: Path) -> None:
    """The writer is moved on before each cluster: a file that is nearly all hole."""
    near, far = tmp_path / "near.root", tmp_path / "far.root"
    arrays = random_arrays(EVERYTHING, 300)
    write(near, EVERYTHING, arrays, cluster_entries=100)
    with TreeWriter(far, "mini", "a title", EVERYTHING, cluster_entries=100) as writer:
        for start, position in ((0, 0), (100, 2_200_000_000), (200, 4_400_000_000)):
            writer._position = max(writer._position, position)
            writer.fill(cut(arrays, start, start + 100))
        writer.add(TextObject("about", "far away"))
        writer.close()
    if far.stat().st_blocks * 512 > 1 << 27:
        pytest.skip("the disk stores holes")
    assert root_check("compare", far, "mini", near)["entries"] == 300
    assert root_check("update", far, "mini", 500, near)["entries"] == 800


def test_many_branches(root_check: RootCheck, tmp_path: Path) -> None:
    specs = [BranchSpec("n", "u4"), *(BranchSpec(f"v{k}", "f4", "vector") for k in range(300))]
    path = tmp_path / "many.root"
    write(path, specs, random_arrays(specs, 30))
    assert root_check("compare", path, "mini", path)["branches"] == 301


@pytest.mark.parametrize("name", ["counted_zlib", "counted_half_embedded", "mixed", "types_lz4"])
def test_the_checker_reads_files_of_root(root_check: RootCheck, name: str) -> None:
    path = DATA / f"{name}.root"
    answer = root_check("compare", path, "mini", path)
    assert answer["entries"] > 0
    assert answer["frames"] > 0
