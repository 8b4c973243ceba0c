"""The headless verbs, run by the screen: what changes anything is done by the command that is shown."""

from __future__ import annotations

import asyncio
import errno
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from atlasod_tui import processes
from atlasod_tui.errors import AtlasodError, LakeError, UsageError

_ERROR = "error: "
_SKIPPED = 4
_KINDS: dict[int, type[AtlasodError]] = {2: UsageError, 3: LakeError}


class Told(NamedTuple):
    """What a verb said: its JSON document (None without one), its notes, its exit code (0, or 4: some were skipped)."""

    document: Any
    notes: str
    code: int


class Verbs:
    """Runs ``atlasod-tui VERB ...`` as child processes.

    Args:
        command: What stands for ``atlasod-tui``; this program's own without it.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        # -P: what lies in the current folder is not to be imported in place of a library.
        self._command = list(command or (sys.executable, "-P", "-m", "atlasod_tui"))

    async def run(self, arguments: Sequence[str]) -> Told:
        """Run a verb to its end; to cancel the task ends the process.

        Raises:
            AtlasodError: With the sentence, hint and exit code of the verb, if it did not succeed.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
                env=processes.environment(),
            )
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno == errno.E2BIG:
                raise UsageError("there are too many picks for one command", "Pick their datasets instead.") from error
            raise AtlasodError(f"the command cannot be started: {error}") from error
        try:
            said, notes = await process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
            raise
        text = notes.decode(errors="replace")
        if process.returncode not in {0, _SKIPPED}:
            raise _error(process.returncode or 1, text)
        return Told(_document(said), text, process.returncode)


def _document(said: bytes) -> Any:
    if not said.strip():
        return None
    try:
        return msgspec.json.decode(said)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        with suppress(ValueError):  # names that are not UTF-8, which msgspec refuses
            return json.loads(said)
        raise AtlasodError(f"the command said what cannot be understood: {error}") from error


def _error(code: int, notes: str) -> AtlasodError:
    """Return the last error that a verb complained of."""
    _, mark, rest = ("\n" + notes).rpartition("\n" + _ERROR)
    lines = rest.strip().splitlines() if mark else []
    message = lines[0] if lines else f"the command ended with code {code} and without a word"
    error = _KINDS.get(code, AtlasodError)(message, " ".join(lines[1:]))
    error.exit_code = code
    return error
