"""The sandbox's server: Rucio's REST interface and daemons in one process, and what makes its lake.

Run as ``python -I server serve HOME``, ``build LAKE CATALOGUE GENERATED`` or ``load LAKE SCOPE DATASET FILES``.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

if __name__ == "__main__":
    os.umask(0o077)
    name, *arguments = sys.argv[1:]
    if name not in {"serve", "build", "load"}:
        sys.exit(f"there is no {name}")
    sys.exit(import_module(name).main(*arguments))
