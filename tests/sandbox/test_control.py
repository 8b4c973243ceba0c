from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atlasod_tui.cli import main
from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import control, install, layout, template

SERVER = {"url": "http://127.0.0.1:9", "port": 9, "account": "student", "pid": os.getpid(), "host": os.uname().nodename}


@contextmanager
def held(**changes: object) -> Iterator[None]:
    """Behave as a server that has the lake."""
    layout.make_home()
    layout.server_file().write_text(json.dumps({**SERVER, **changes}))
    with (layout.home() / "server.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the server be a script of the test's."""
    folder = tmp_path / "server"
    folder.mkdir()
    monkeypatch.setattr(layout, "SERVER", folder)
    monkeypatch.setattr(install, "install", lambda *_: None)
    monkeypatch.setattr(template, "make", lambda *_: None)
    monkeypatch.setattr(template, "copy", lambda: None)
    monkeypatch.setattr(install, "python", lambda: Path(sys.executable))
    return folder / "__main__.py"


def test_where_nothing_is_nothing_is_made() -> None:
    assert control.status().state == "absent"
    assert not layout.home().exists()


def test_half_an_installation_is_said_to_be_one() -> None:
    layout.environment().mkdir(parents=True)
    assert control.status().state == "incomplete"


def test_a_pid_of_a_server_that_is_gone_is_not_believed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        layout.make_home()
        layout.server_file().write_text(json.dumps({**SERVER, "pid": innocent.pid}))
        (layout.home() / "server.lock").touch()
        assert control.status().server is None
        assert control.down() is False
        assert not layout.server_file().exists()
        assert innocent.poll() is None
        innocent.communicate(b"\n")


@pytest.mark.slow
def test_a_process_of_a_servers_pid_that_is_none_is_left_alone() -> None:
    """In a container that shares this folder, the server's pid is another's here."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        with held(pid=innocent.pid):
            for action in (control.down, control.reset):
                with pytest.raises(LakeError, match="is not to be seen from here"):
                    action()
        assert innocent.poll() is None
        innocent.communicate(b"\n")


def test_a_server_that_has_not_said_where_it_is_is_starting() -> None:
    with held():
        layout.server_file().unlink()
        assert control.status().state == "starting"


def test_a_server_that_does_not_answer_is_silent() -> None:
    with held():
        assert control.status().state == "silent"


def test_a_server_of_another_host_is_named_and_left_alone() -> None:
    with held(host="elsewhere", pid=1):
        for action in (control.up, control.down, control.reset):
            with pytest.raises(LakeError, match="the sandbox runs on elsewhere"):
                action()


def test_down_and_reset_where_nothing_is() -> None:
    assert control.down() is False
    control.reset(everything=True)


def test_reset_removes_the_lake_and_keeps_the_installation() -> None:
    for folder in ("lake/rse/CC_DCACHE", "venv/bin", "template/rse"):
        (layout.home() / folder).mkdir(parents=True)
    layout.settings_file().write_text("{}")
    (layout.lake() / "rse" / "CC_DCACHE" / "a.root").write_bytes(b"12345")
    assert control.kept() == {str(layout.lake()): 5, str(layout.settings_file()): 2}
    assert [*control.kept(everything=True)][:3] == [
        str(layout.lake()),
        str(layout.environment()),
        str(layout.template()),
    ]
    control.reset()
    assert control.kept() == {}
    assert sorted(path.name for path in layout.home().iterdir()) == ["control.lock", "template", "venv"]
    control.reset(everything=True)
    assert [path.name for path in layout.home().iterdir()] == ["control.lock"]


def test_a_server_that_ends_at_once_is_a_sentence_with_its_last_words(fake: Path) -> None:
    fake.write_text("raise SystemExit('no space left')")
    with pytest.raises(LakeError, match="ended while it started: no space left") as caught:
        control.up()
    assert str(layout.log_file()) in caught.value.hint
    assert layout.settings_file().stat().st_mode & 0o777 == 0o600
    assert layout.log_file().stat().st_mode & 0o777 == 0o600


def test_a_server_that_never_answers_is_ended(fake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake.write_text(f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    monkeypatch.setattr(control, "_STARTS_WITHIN", 1.0)
    with pytest.raises(LakeError, match="did not answer"):
        control.up()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_settings_do_not_show_the_password() -> None:
    assert "secret" not in repr(control.Settings("secret"))


def test_the_verbs(capsys: pytest.CaptureFixture[str], fake: Path) -> None:
    fake.write_text("raise SystemExit('broken')")
    assert main.run(["sandbox", "--json", "status"]) == 3
    assert json.loads(capsys.readouterr().out)["state"] == "absent"
    assert main.run(["sandbox", "status"]) == 3
    assert "not installed" in capsys.readouterr().out
    assert main.run(["sandbox", "down", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"stopped": False}
    assert main.run(["sandbox", "up"]) == 3
    assert "error: Rucio's server ended while it started: broken" in capsys.readouterr().err
    assert main.run(["sandbox", "reset", "--everything"]) == 0
    assert "removed" in capsys.readouterr().err


def test_a_server_that_is_just_dying_is_waited_for() -> None:
    layout.make_home()
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
        layout.server_file().write_text(json.dumps({**SERVER, "pid": dead.pid}))
        with (layout.home() / "server.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            letting_go = threading.Timer(0.3, lock.close)
            letting_go.start()
            assert control.down()
            letting_go.join()
    assert not layout.server_file().exists()
