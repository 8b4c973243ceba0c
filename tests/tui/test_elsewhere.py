"""A login has the terminal to itself: what it said can be read, ctrl+c ends it alone, and the screen comes back."""

from __future__ import annotations

from pathlib import Path

from tests.lake.rucio_stub import silent
from tests.tui.in_pty import PROGRAM, Pty


def test_what_a_login_said_stays_until_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.root").write_bytes(b"root")
    with Pty([*PROGRAM, "--lake", str(tmp_path)], {}) as seen:
        seen.until("local")
        seen.press(b"I")
        seen.until(lambda written: b"error:" in written and b"Enter goes back" in written)
        seen.press(b"\r")
        seen.until("command")
        seen.press(b"q")
        assert seen.ended() == 0


def test_ctrl_c_ends_a_login_that_hangs_and_nothing_else(tmp_path: Path) -> None:
    with silent() as url:
        settings = tmp_path / "rucio.cfg"
        settings.write_text(
            f"[client]\nrucio_host = {url}\nauth_host = {url}\naccount = ada\nauth_type = userpass\n"
            "username = ada\npassword = p\n"
        )
        settings.chmod(0o600)
        with Pty([*PROGRAM, "--lake", "rucio"], {"RUCIO_CONFIG": str(settings)}) as seen:
            seen.until("rucio connecting")
            seen.press(b"I")
            seen.until("ctrl+c gives up")
            seen.press(b"\x03")
            seen.until("Enter goes back to the screen.")
            seen.press(b"\r")
            seen.until("command")
            seen.press(b"q")
            assert seen.ended() == 0
