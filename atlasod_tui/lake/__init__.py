"""The Datalake: a typed model, and the lakes that speak it (any Rucio, the public portal, a folder)."""

from __future__ import annotations
