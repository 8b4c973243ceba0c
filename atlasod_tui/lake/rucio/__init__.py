"""A real Rucio behind the face of a lake; ``rucio`` itself is imported when the first question is asked, not before."""

from __future__ import annotations
