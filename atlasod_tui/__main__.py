"""``python -m atlasod_tui`` is ``atlasod-tui``."""

from __future__ import annotations

from atlasod_tui.cli.main import main

if __name__ == "__main__":
    main()
