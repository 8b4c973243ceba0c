"""A lake over TLS."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import pytest

from atlasod_tui.lake.login import oidc
from tests.lake.login.certificates import Authority
from tests.lake.login.tls_rucio import Lake, serving

_OF_THE_USER = (
    *(f"RUCIO_{name}" for name in ("CONFIG", "HOME", "ACCOUNT", "VO", "AUTH_TYPE", "CLIENT_CERT", "CLIENT_KEY")),
    *("RUCIO_CLIENT_PROXY", "X509_USER_PROXY", "X509_CERT_DIR", "BEARER_TOKEN", "BEARER_TOKEN_FILE"),
    *("DISPLAY", "WAYLAND_DISPLAY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing of the developer's own in, and fail what asks the terminal."""

    def ask(*_: object) -> str:
        pytest.fail("the terminal was asked")

    monkeypatch.setattr(builtins, "input", ask)
    for variable in _OF_THE_USER:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    monkeypatch.setenv("CONDA_PREFIX", "/nowhere")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certification authority of all tests here."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def lake(authority: Authority) -> Iterator[Lake]:
    """A lake without any login so far."""
    with serving(authority) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "PATIENCE_S", 0.3)
    monkeypatch.setattr(oidc, "EVERY_S", 0.05)
