"""The fixtures of the jobs, for the verbs that start them."""

from __future__ import annotations

from tests.jobs.conftest import home

__all__ = ["home"]
