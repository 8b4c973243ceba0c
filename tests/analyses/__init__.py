"""The twelve analyses, and the toy files that what they make of is known for: names and schema of the release."""

from __future__ import annotations

from pathlib import Path

INPUTS = Path(__file__).with_name("inputs")
"""53 files of all skims but exactly2lep, ``<skim>/Data`` and ``<skim>/MC``, with 5 106 events of a toy generator.

What the C++ framework and the twelve analyses agree about in them is kept in ``guard.npz``.
"""
