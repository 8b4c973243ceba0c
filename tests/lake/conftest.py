"""A real Rucio for the tests of a lake: one server for the whole run, in folders that no other test has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import control, install, layout, template
from atlasod_tui.sandbox.control import Server
from tests.conftest import unavailable


class Sandbox(NamedTuple):
    """A running sandbox: ``data`` is its XDG_DATA_HOME; account and userpass identity have one name."""

    data: Path
    server: Server
    password: str

    @property
    def elements(self) -> Path:
        """The folder whose folders are the storage elements."""
        return self.data / "atlasod-tui" / "sandbox" / "lake" / "rse"


@contextmanager
def living_in(data: Path) -> Iterator[None]:
    """Let ``atlasod_tui.sandbox`` look at these folders and not at those of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(data))
        yield


def installed(data: Path, environment: Path) -> None:
    """Make an installation in ``data`` of an environment that is there."""
    folder = data / "atlasod-tui" / "sandbox"
    folder.mkdir(mode=0o700, parents=True)
    for name in ("venv", "template"):
        (folder / name).symlink_to(environment.with_name(name))


@contextmanager
def started(data: Path, environment: Path) -> Iterator[Sandbox]:
    """Start a sandbox of its own in ``data`` with an environment that is there, and stop it in the end."""
    installed(data, environment)
    with living_in(data):
        server = control.up()
        settings = control.read_settings()
    assert settings is not None
    try:
        yield Sandbox(data, server, settings.password)
    finally:
        with living_in(data):
            control.down()


@pytest.fixture(scope="session")
def sandbox_environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The private environment of Rucio's server, made once and kept in pytest's cache, as is the template beside it."""
    cache = getattr(request.config, "cache", None)
    data = Path(cache.mkdir("sandbox")) if cache else tmp_path_factory.mktemp("sandbox-environment")
    with living_in(data):
        try:
            with layout.alone() as lock:
                install.install(lambda *_: None, lock)
                template.make(lambda *_: None, lock)
        except LakeError as error:
            unavailable("lake", f"{error.message} {error.hint}")
        return layout.environment()


@pytest.fixture(scope="session")
def sandbox(sandbox_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox that all tests of the run share; each is to use names of its own in it."""
    with started(tmp_path_factory.mktemp("sandbox"), sandbox_environment) as running:
        yield running


@pytest.fixture
def own_sandbox(sandbox_environment: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox for this test, which may kill and empty it."""
    with started(tmp_path / "own", sandbox_environment) as running, living_in(running.data):
        yield running
