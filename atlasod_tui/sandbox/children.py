"""Programs that the sandbox is installed by: run to their end, their words in the log, their progress shown."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping

Progress = Callable[[str, int, int], None]
"""Called with a sentence, what is done and what there is to do; 0 to do is not known yet."""


def of_another_python() -> dict[str, str]:
    """Return the environment without what would make it another Python, or tell Rucio of another server."""
    left_out = ("PYTHON", "RUCIO_", "VIRTUAL_ENV", "X509_")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def run(
    command: list[str],
    log: int,
    *,
    lock: int | None = None,
    line: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a program and return its exit code.

    Args:
        command: Its arguments.
        log: Descriptor of the file that gets what it writes.
        lock: Descriptor of a lock that it holds as well: if this process is killed, nobody else begins before
            the program has ended.
        line: Called with each line it writes to its standard output.
        environment: Its environment variables, if they are to be others.

    Raises:
        OSError: If it cannot be started.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreters
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        pass_fds=() if lock is None else (lock,),
    ) as process:
        try:
            for words in process.stdout or ():
                os.write(log, words)
                line(words.decode("utf-8", "replace"))
        except BaseException:
            process.kill()
            raise
    return process.returncode
