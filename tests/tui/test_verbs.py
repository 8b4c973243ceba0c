"""Verbs as child processes: their documents, their sentences, their end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from atlasod_tui.errors import AtlasodError, LakeError, UsageError
from atlasod_tui.tui.equivalent import command
from atlasod_tui.tui.orders.verbs import Verbs
from tests.jobs.helpers import lives


def saying(code: str) -> Verbs:
    return Verbs([sys.executable, "-c", code])


def test_a_verb_of_this_program_answers_with_its_document() -> None:
    told = asyncio.run(Verbs().run(["scopes", "--lake", "opendata", "--json"]))
    assert told.code == 0
    assert [scope["name"] for scope in told.document["scopes"]] == ["opendata"]


def test_what_a_verb_refuses_comes_as_its_sentence_and_hint() -> None:
    with pytest.raises(UsageError, match="there is no lake 'nowhere'") as caught:
        asyncio.run(Verbs().run(["scopes", "--lake", "nowhere"]))
    assert caught.value.exit_code == 2
    assert "opendata" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "kind", "message", "hint"),
    [
        ("print('warning', file=err); print('error: away\\nTry again.', file=err); sys.exit(3)", LakeError, "away",
         "Try again."),
        ("sys.exit(1)", AtlasodError, "the command ended with code 1 and without a word", ""),
        ("os.kill(os.getpid(), 9)", AtlasodError, "the command ended with code -9 and without a word", ""),
        ("print('{')", AtlasodError, "the command said what cannot be understood: Input data was truncated", ""),
    ],
)  # fmt: skip
def test_other_ends(code: str, kind: type[AtlasodError], message: str, hint: str) -> None:
    with pytest.raises(AtlasodError) as caught:
        asyncio.run(saying(f"import os, sys; err = sys.stderr; {code}").run([]))
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_names_that_are_no_utf_8_are_told() -> None:
    told = asyncio.run(saying("import json; print(json.dumps({'path': 'x\\udcff.root'}))").run([]))
    assert told.document == {"path": "x\udcff.root"}


def test_more_picks_than_a_command_can_name() -> None:
    with pytest.raises(UsageError, match="too many picks for one command") as caught:
        asyncio.run(saying("").run(["x" * 100_000] * 100))
    assert "datasets" in caught.value.hint


def test_some_inputs_skipped_is_no_failure() -> None:
    told = asyncio.run(saying("import sys; print('{\"a\": 1}'); print('b', file=sys.stderr); sys.exit(4)").run([]))
    assert told == ({"a": 1}, "b\n", 4)


def test_a_verb_that_cannot_be_started() -> None:
    with pytest.raises(AtlasodError, match="cannot be started"):
        asyncio.run(Verbs(["/nowhere/to/be/found"]).run([]))
    with pytest.raises(AtlasodError, match="cannot be started"):
        asyncio.run(saying("").run(["a\0b"]))


def test_to_cancel_ends_the_process(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, signal; open({str(pid_file)!r}, 'w').write(str(os.getpid())); signal.pause()"

    async def run() -> int:
        task = asyncio.create_task(saying(code).run([]))
        deadline = asyncio.get_running_loop().time() + 30
        while not pid_file.exists() or not pid_file.read_text():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return int(pid_file.read_text())

    pid = asyncio.run(run())
    assert not lives(pid)


def test_what_is_shown_can_be_pasted() -> None:
    words = ["get", "s:a b", "--to", "it's"]
    text = command(words)
    assert text == "atlasod-tui get 's:a b' --to 'it'\"'\"'s'"
    done = subprocess.run(["sh", "-c", f"printf '%s\\n' {text}"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["atlasod-tui", *words]
