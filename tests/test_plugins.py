"""Where analyses come from: the user's folder, a checkout, an editable install, a wheel; and what a wheel carries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui import plugins
from tests.jobs.analysing import write_slow

ROOT = Path(__file__).resolve().parents[1]
TWELVE = {
    "WBoson", "ZBoson", "TTbar", "SingleTop", "WZDiBoson", "ZZDiBoson", "HZZ", "HWW", "Hyy", "ZTauTau", "SUSY",
    "ZPrimeBoosted",
}  # fmt: skip


def pip(python: Path, *arguments: str) -> None:
    """Run pip of another interpreter on this checkout; the build tools are those of the test environment."""
    verb, *rest = arguments
    command = [
        str(python),
        "-m",
        "pip",
        verb,
        "-q",
        "--no-deps",
        "--disable-pip-version-check",
        "--no-build-isolation",
        *rest,
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def listed(python: Path, cwd: Path, **environment: str) -> dict[str, Path]:
    """Return name and path of the analyses as an installation lists them from an empty folder."""
    output = command_line(python, cwd, "analyses", "--json", **environment)
    entries: list[dict[str, Any]] = json.loads(output)
    assert [entry for entry in entries if "error" in entry] == []
    return {entry["name"]: Path(entry["path"]) for entry in entries}


def command_line(python: Path, cwd: Path, *arguments: str, **environment: str) -> str:
    cwd.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python), "-m", "atlasod_tui", *arguments]
    done = subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip(Path(sys.executable), "wheel", "--wheel-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A folder with the wheel's content, as site-packages would have it."""
    folder = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_a_wheel_carries_all_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    analyses = {name for name in names if name.startswith("atlasod_tui/_analyses/") and name.endswith(".py")}
    assert len(analyses) == len(TWELVE)
    texts = {name.removeprefix("atlasod_tui/_analyses/") for name in names if name.endswith(".md")}
    assert texts == {str(path.relative_to(ROOT / "analyses")) for path in (ROOT / "analyses").rglob("*.md")} > {
        "hzz.md", "background/glossary.md",
    }  # fmt: skip
    for name in ("samples/release_2020.json", "rootfile/streamers.json", "jobs/runner.py"):
        assert f"atlasod_tui/{name}" in names
    assert [name for name in names if "__pycache__" in name or name.startswith("tests") or name.endswith(".root")] == []


def test_a_wheel_brings_its_own_analyses(installed: Path, tmp_path: Path) -> None:
    found = listed(Path(sys.executable), tmp_path / "empty", PYTHONPATH=str(installed))
    assert set(found) == TWELVE
    assert {path.parent for path in found.values()} == {installed / "atlasod_tui" / "_analyses"}
    for name in ("HZZ", "glossary"):
        shown = command_line(
            Path(sys.executable), tmp_path / "empty", "analyses", "show", name, "--json", PYTHONPATH=str(installed)
        )
        assert json.loads(shown)["words"].startswith("# ")


@pytest.mark.slow
def test_a_wheel_in_a_read_only_place_keeps_compiled_code_in_the_users_cache(installed: Path, tmp_path: Path) -> None:
    for package in [path.parent for path in installed.rglob("__init__.py")]:
        (package / "__pycache__").write_text("a file: not even root can write compiled code here")
    before = sorted(installed.rglob("*"))
    settings = {
        "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_DEBUG_CACHE": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }  # fmt: skip
    logs = []
    for name in ("first", "second"):
        text = command_line(Path(sys.executable), tmp_path / name, "analyse", "Hyy", "--json", **settings)
        job = json.loads(text)["job"]
        logs.append(Path(os.environ["XDG_STATE_HOME"], "atlasod-tui", "jobs", job, "log.txt").read_text())
    assert sorted(installed.rglob("*")) == before
    assert logs[0].count("data saved") == logs[1].count("data loaded") >= 4
    assert "saved" not in logs[1]
    numba_cache = tmp_path / "cache" / "atlasod-tui" / "numba"
    assert {path.name.partition(".")[0] for path in numba_cache.rglob("*.nbc")} > {"decode"}


def test_an_editable_install_takes_the_checkouts(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "venv"], check=True
    )
    python = tmp_path / "venv" / "bin" / "python"
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    # The dependencies, pip and hatchling of this interpreter, which may be one of a virtual environment itself.
    (packages / "these.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip(python, "install", "--editable")
    assert list(packages.glob("atlasod_tui-*.dist-info"))
    found = listed(python, tmp_path / "empty")
    assert set(found) == TWELVE
    assert {path.parent for path in found.values()} == {ROOT / "analyses"}


def test_a_checkout_has_its_own(tmp_path: Path) -> None:
    found = listed(Path(sys.executable), tmp_path / "empty", PYTHONPATH=str(ROOT))
    assert set(found) == TWELVE
    assert {path.parent for path in found.values()} == {ROOT / "analyses"}


@pytest.mark.parametrize("place", ["checkout", "wheel"])
def test_the_users_folder_comes_first(place: str, home: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = ROOT if place == "checkout" else request.getfixturevalue("installed")
    mine = write_slow(home, "HZZ")
    extra = write_slow(home, "Mine")
    found = listed(Path(sys.executable), tmp_path / "empty", PYTHONPATH=str(path))
    assert set(found) == TWELVE | {"Mine"}
    assert (found["HZZ"], found["Mine"]) == (mine, extra)
    shown = command_line(Path(sys.executable), tmp_path / "empty", "analyses", "show", "HZZ", PYTHONPATH=str(path))
    assert "A slow analysis" in shown


def test_folders_are_listed_in_the_order_of_the_search(home: Path) -> None:
    assert plugins.folders("analyses") == [ROOT / "analyses"]
    assert plugins.folders("no such kind") == []
    mine = home / "config" / "atlasod-tui" / "analyses"
    mine.mkdir(parents=True)
    assert plugins.folders("analyses") == [mine, ROOT / "analyses"]


def test_private_and_hidden_files_are_no_plugins(home: Path) -> None:
    mine = home / "config" / "atlasod-tui" / "analyses"
    mine.mkdir(parents=True)
    for name in ("_helpers.py", ".hidden.py", "notes.txt", "mine.py"):
        (mine / name).write_text("")
    found = plugins.files("analyses", ".py")
    assert [stem for stem, path in found.items() if path.parent == mine] == ["mine"]


def test_what_a_plugin_raises_is_raised_and_the_module_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "bad_plugin.py"
    path.write_text("raise KeyError('no')")
    with pytest.raises(KeyError):
        plugins.load(path)
    assert not [name for name in sys.modules if "bad_plugin" in name]
