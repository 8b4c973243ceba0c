"""A lake asked in a process of its own, for the screen: Rucio hangs, prints and freezes its configuration where it can.

``python -m atlasod_tui.lake.agent --lake NAME`` is that process; :mod:`~atlasod_tui.lake.agent.client` talks to it.
"""

from __future__ import annotations
