"""Who may import what: looked up in the sources, and in what a process has imported in the end."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "atlasod_tui"
COMPILED = {"numba", "llvmlite"}
DRAWING = {"matplotlib", "mplhep"}
READING = {"uproot", "awkward"}
SCREEN = {"textual"}
LAKE = {"rucio"}
HELP_CPU = 0.2

_LIST_MODULES = """
import sys
from atlasod_tui.cli.main import run
code = run(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def modules_after(*arguments: str) -> set[str]:
    """Return the top-level modules that a command line, which must succeed, leaves imported."""
    done = subprocess.run([sys.executable, "-c", _LIST_MODULES, *arguments], capture_output=True, text=True, check=True)
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    assert "click" in names
    return set(names)


def imported(path: Path) -> set[str]:
    """Return the top-level modules that a source imports anywhere; those for type checkers count too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def importers(modules: set[str]) -> set[str]:
    """Return the sources of the package that import any of the modules."""
    return {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if modules & imported(path)}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["analyse", "--help"], ["analyses", "--help"], ["multiply", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    heavy = SCREEN | LAKE | COMPILED | DRAWING | READING | {"rich", "numpy", "msgspec", "psutil", "platformdirs"}
    assert not heavy & modules_after(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["jobs", "--help"],
        ["analyses"],
        ["analyses", "show", "HZZ"],
        ["jobs"],
        ["samples", "list"],
        ["analyse", "HZZ", "--dry-run", "--output", "no-such-folder"],
    ],
)
def test_listing_imports_neither_compiler_nor_readers(arguments: list[str]) -> None:
    heavy = SCREEN | LAKE | COMPILED | DRAWING | READING | {"numpy", "rich", "psutil", "platformdirs"}
    assert not heavy & modules_after(*arguments)


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--quiet"]])
def test_the_foreground_of_an_analysis_imports_neither(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    heavy = SCREEN | LAKE | COMPILED | DRAWING | READING | {"numpy", "rich", "psutil", "platformdirs"}
    assert not heavy & modules_after("analyse", "HZZ", *arguments)
    assert (tmp_path / "atlasod-HZZ" / "manifest.json").is_file()


def test_a_runner_imports_no_library_it_has_a_replacement_for(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder, launch, runner
launch.start = lambda job: None  # made, not started: the runner is this process
assert run(["analyse", "HZZ", "--detach", "--quiet", "--output", sys.argv[1]]) == 0
(job,) = folder.list_jobs()
assert runner.main([str(job.path)]) == 0
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    names = set(done.stderr.splitlines()[-1].split())
    assert {"numba", "numpy"} <= names
    assert not (SCREEN | LAKE | DRAWING | READING | {"rich", "psutil", "scipy", "pandas"}) & names
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_numba_is_imported_in_two_places() -> None:
    assert importers(COMPILED) == {"engine/kernel.py", "rootfile/decode.py"}


@pytest.mark.parametrize(
    ("modules", "rooms"),
    [
        (SCREEN, ("tui/",)),
        (DRAWING, ("plots/paper/",)),
        (LAKE, ("lake/", "sandbox/")),
        (READING, ("rootfile/", "plots/", "samples/generate")),
        ({"click"}, ("cli/",)),
        ({"rich"}, ("cli/", "plots/canvas/", "prose.py", "tui/")),
    ],
)
def test_a_library_is_imported_in_its_rooms_only(modules: set[str], rooms: tuple[str, ...]) -> None:
    assert {path for path in importers(modules) if not path.startswith(rooms)} == set()


def test_analyses_import_no_array_library() -> None:
    for path in sorted((ROOT / "analyses").glob("*.py")):
        assert imported(path) <= {"atlasod_tui", "math", "__future__"}, path.name


def test_rooms_know_only_those_below() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.fail("lint-imports is not installed beside this Python: install the extra [test]")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "8 kept, 0 broken" in done.stdout


def test_help_is_cheap() -> None:
    costs = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "atlasod_tui", "--help"], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        after = os.times()
        costs.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(costs) <= HELP_CPU
