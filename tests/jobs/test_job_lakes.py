"""The Rucio of a job stays the one it was made for, in whatever environment it is resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atlasod_tui import config, paths
from atlasod_tui.errors import AtlasodError, LakeError, UsageError
from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.lakes import JobLake
from atlasod_tui.jobs.status import State, Status

OURS, THEIRS = "https://ours.example", "https://theirs.example"
CONFIG = "[client]\nrucio_host = {}\naccount = {}\nusername = ada\npassword = secret\n"


@pytest.fixture(autouse=True)
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the user's rucio.cfg the one of a server of ours, named as one names it in a shell."""
    for name in ("CONFIG", "HOME", "ACCOUNT", "AUTH_TYPE", "VO"):
        monkeypatch.delenv(f"RUCIO_{name}", raising=False)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.cfg").write_text(CONFIG.format(OURS, "ada"))
    (tmp_path / "theirs.cfg").write_text(CONFIG.format(THEIRS, "eve"))
    monkeypatch.setenv("RUCIO_CONFIG", "ours.cfg")
    return tmp_path / "ours.cfg"


def cancelled(output: Path, lake: str = "rucio", **arguments: Any) -> JobFolder:
    """Return a job that was cancelled before it did anything."""
    arguments |= {"lake": lake, "output": str(output)}
    job = create(Spec(task="tests.jobs.lake_names:run", title="ask", arguments=arguments, queues=False))
    job.write_status(Status(state=State.CANCELLED))
    return job


@pytest.mark.parametrize("other", ["", "theirs.cfg", "gone.cfg"])
def test_a_job_resumed_in_another_environment_goes_to_its_own_rucio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.setenv("RUCIO_VO", "def")
    job = cancelled(tmp_path / "found.txt")
    assert b"secret" not in job.spec_file.read_bytes()
    monkeypatch.chdir("/")
    monkeypatch.setenv("RUCIO_CONFIG", other and str(tmp_path / other))
    monkeypatch.setenv("RUCIO_ACCOUNT", "eve")
    monkeypatch.delenv("RUCIO_VO")
    control.resume(job)
    status = control.wait(job, 30)
    assert status.state is State.DONE, status.message
    assert (tmp_path / "found.txt").read_text() == f"{OURS} ada def"


def test_the_job_is_refused_where_its_name_means_another_rucio(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cancelled(tmp_path / "found.txt")
    ours.write_text(CONFIG.format(THEIRS, "ada"))
    words = f"the lake rucio is {THEIRS} by now, and the job is one of {OURS}"
    with pytest.raises(LakeError, match=words) as caught:
        control.resume(job)
    assert str(ours) in caught.value.hint
    assert control.state(job).state is State.CANCELLED
    launch.start(job)  # as one that waited for its turn meanwhile
    status = control.wait(job, 30)
    assert (status.exit_code, words in status.message) == (3, True)
    ours.unlink()
    monkeypatch.delenv("RUCIO_CONFIG")
    with pytest.raises(LakeError, match=rf"{ours} cannot be read"):
        control.resume(job)
    ours.with_name("moved.cfg").write_text(CONFIG.format(OURS, "ada"))
    monkeypatch.setenv("RUCIO_CONFIG", str(ours.with_name("moved.cfg")))
    control.resume(job)
    assert control.wait(job, 30).state is State.DONE
    assert not (tmp_path / "found.txt").read_text().startswith(THEIRS)


@pytest.mark.parametrize(
    ("section", "error", "words"),
    [
        ({"host": THEIRS, "account": "ada"}, LakeError, f"the lake vre is {THEIRS} by now"),
        ({"host": OURS, "account": "eve"}, LakeError, "the account of the lake vre is eve by now.* one of ada"),
        ({}, UsageError, "there is no lake 'vre'"),
    ],
)
def test_so_is_one_of_a_section_of_the_settings(
    tmp_path: Path, section: dict[str, str], error: type[AtlasodError], words: str
) -> None:
    def write(values: dict[str, str]) -> None:
        lines = [f'{key} = "{value}"' for key, value in values.items()]
        paths.config_dir().mkdir(parents=True, exist_ok=True)
        (paths.config_dir() / "config.toml").write_text("\n".join(["[lakes.vre]", *lines] if values else []))
        config.load.cache_clear()

    write({"host": OURS, "account": "ada"})
    job = cancelled(tmp_path / "found.txt", lake="opendata", upload={"lake": "vre", "rses": ["A"]})
    assert job.spec().lakes == {"vre": JobLake(OURS, "ada")}
    write(section)
    with pytest.raises(error, match=words):
        control.resume(job)
    assert control.state(job).state is State.CANCELLED
