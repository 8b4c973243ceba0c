"""The README's pictures of the screen, and what makes them: ``python -m tests.tui.screenshots``."""

from __future__ import annotations
