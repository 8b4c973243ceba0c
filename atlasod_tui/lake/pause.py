"""Waiting that can be ended."""

from __future__ import annotations

import time
from collections.abc import Callable

_SLICE_S = 0.1


def pause(seconds: float, check: Callable[[], None]) -> None:
    """Wait; ``check`` is called ten times a second and at the end, and ends it by raising."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left, _SLICE_S))
    check()
