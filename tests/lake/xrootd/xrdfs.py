"""What Rucio's server uses of XRootD's command ``xrdfs``, which no package of Python brings: HOST:PORT VERB PATH."""

from __future__ import annotations

import sys

from XRootD import client


def main(host: str, verb: str, path: str) -> int:
    """Look whether a file is there, or remove it; any other question is one for the server's settings."""
    files = client.FileSystem(f"root://{host}/")
    if verb == "stat":
        return 0 if files.stat(path)[0].ok else 1
    if verb == "rm":
        return 0 if files.rm(path)[0].ok else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[-1]))
