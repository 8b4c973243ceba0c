from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import install, layout

FAKE_VIRTUALENV = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[-1])
assert not folder.exists()
(folder / "bin").mkdir(parents=True)
python = folder / "bin" / "python"
python.write_text("#!/bin/sh\\n" + os.environ["FAKE_PIP"])
python.chmod(0o755)
"""
INSTALLS = """
echo "Collecting rucio==41.5.1"
echo "Processing /wheels/six-1.17.0-py3-none-any.whl (from rucio)"
echo "Installing collected packages: six, rucio"
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Stand in for virtualenv and for the environment's pip, which does what FAKE_PIP says."""
    (tmp_path / "virtualenv.py").write_text(FAKE_VIRTUALENV)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("FAKE_PIP", INSTALLS)
    layout.make_home()
    return monkeypatch


@pytest.mark.usefixtures("fake")
def test_install_shows_its_progress_and_is_complete() -> None:
    seen: list[tuple[str, int, int]] = []
    assert not install.complete()
    install.install(lambda *step: seen.append(step))
    assert install.complete()
    total = seen[1][2]
    assert total > 50
    assert seen[1:4] == [
        ("fetching rucio", 1, total),
        ("fetching six", 2, total),
        ("installing", 0, 0),
    ]
    assert not list(layout.home().glob(".*"))


def test_what_is_complete_is_not_made_again(fake: pytest.MonkeyPatch) -> None:
    install.install(_silent)
    fake.setenv("FAKE_PIP", "exit 1")
    mark = layout.environment() / "mark"
    mark.touch()
    install.install(_silent)
    assert mark.exists()


@pytest.mark.usefixtures("fake")
def test_a_half_made_environment_is_made_anew() -> None:
    (layout.environment() / "lib").mkdir(parents=True)
    (layout.environment() / "lib" / "half").touch()
    assert not install.complete()
    install.install(_silent)
    assert install.complete()
    assert not (layout.environment() / "lib").exists()


@pytest.mark.usefixtures("fake")
def test_an_environment_whose_python_went_away_is_not_complete() -> None:
    install.install(_silent)
    install.python().unlink()
    assert not install.complete()


def test_an_environment_of_other_versions_is_not_complete(fake: pytest.MonkeyPatch) -> None:
    install.install(_silent)
    fake.setattr(install, "PACKAGES", ("rucio==42.0.0", "waitress"))
    assert not install.complete()


def test_a_failed_installation_is_a_sentence_and_is_tried_again(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_PIP", "echo 'ERROR: No matching distribution found for rucio' >&2; exit 1")
    with pytest.raises(LakeError, match="cannot be installed: No matching distribution found for rucio") as caught:
        install.install(_silent)
    assert str(layout.install_log()) in caught.value.hint
    assert not install.complete()
    fake.setenv("FAKE_PIP", INSTALLS)
    install.install(_silent)
    assert install.complete()


@pytest.mark.parametrize(
    "said",
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/rucio/",
            "ERROR: Could not find a version that satisfies the requirement rucio==41.5.1 (from versions: none)",
            "ERROR: No matching distribution found for rucio==41.5.1",
        ),
        (
            "ERROR: Cannot install rucio==41.5.1 because these package versions have conflicting dependencies.",
            "Additionally, some packages in these conflicts have no matching distributions available for your environ:",
            "    rucio",
            "",
            "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/",
        ),
    ],
    ids=["retries", "resolution"],
)
def test_an_index_that_is_out_of_reach_is_no_conflict_of_versions(
    fake: pytest.MonkeyPatch, said: tuple[str, ...]
) -> None:
    fake.setenv("FAKE_PIP", f"printf '%s\\n' {shlex.join(said)} >&2; exit 1")
    with pytest.raises(LakeError, match="cannot be installed: the Python package index cannot be reached"):
        install.install(_silent)


def test_without_virtualenv_there_is_a_sentence(fake: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "virtualenv.py").write_text("raise SystemExit('no virtualenv here')")
    with pytest.raises(LakeError, match="no private Python environment can be made: no virtualenv here"):
        install.install(_silent)
    fake.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(LakeError, match="No such file"):
        install.install(_silent)


def _silent(_text: str, _done: int, _total: int) -> None:
    pass
