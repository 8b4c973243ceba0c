"""The rivals of the event loop, from the folder of reference material, compiled where real ROOT is at hand."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

LIBRARIES = (
    "Core", "RIO", "Tree", "Hist", "Physics", "MathCore", "TreePlayer", "ROOTDataFrame", "ROOTVecOps", "GenVector",
    "Imt", "Thread", "Net",
)  # fmt: skip


def root_folder(python: Path) -> Path:
    """Return the folder of the ROOT package that an interpreter has."""
    code = "import importlib.util as u; print(u.find_spec('ROOT').submodule_search_locations[0])"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def environment(root: Path) -> dict[str, str]:
    return os.environ | {"LD_LIBRARY_PATH": f"{root / 'lib'}:{root.parent / 'root.libs'}"}


def build(source: Path, target: Path, root: Path) -> Path:
    """Compile a rival unless that is done."""
    if not target.exists():
        libraries = [f"-l{name}" for name in LIBRARIES]
        command = ["g++", "-O2", "-pthread", "-std=c++17", str(source), "-o", str(target), f"-I{root / 'include'}"]
        subprocess.run(
            [*command, f"-L{root / 'lib'}", *libraries, f"-Wl,-rpath,{root / 'lib'}"],
            check=True, env=environment(root), capture_output=True,
        )  # fmt: skip
    return target


def rdataframe(program: Path, file: Path, root: Path) -> tuple[float, list[float]]:
    """Return the CPU seconds of a compiled RDataFrame, and the numbers it found."""
    done = subprocess.run([program, file, "1"], capture_output=True, text=True, check=True, env=environment(root))
    match = re.search(r"BENCH real \S+ cpu (\S+) (.*)", done.stdout)
    assert match is not None, done.stdout
    return float(match[1]), [float(word) for word in match[2].split() if re.fullmatch(r"[-+.e0-9]+", word)]


def awkward(script: Path, file: Path) -> tuple[float, list[float]]:
    """Return the CPU seconds of uproot with awkward and libdeflate (the second of two turns), and its numbers."""
    done = subprocess.run([sys.executable, script, file, "deflate", "2"], capture_output=True, text=True, check=True)
    match = re.search(r"cpu (\S+) read \S+ (.*)", done.stdout.splitlines()[-1])
    assert match is not None, done.stdout
    return float(match[1]), [float(word) for word in match[2].split()]


def child_cpu(command: list[str], environment: dict[str, str] | None = None) -> float:
    """Return the CPU seconds of a command and all children it waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
