"""Run a command; print the CPU seconds of it and all it leaves behind, and the peak memory of one of them in bytes.

A job's runner is not waited for by the foreground that started it; as the nearest subreaper, this process is (Linux).
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
