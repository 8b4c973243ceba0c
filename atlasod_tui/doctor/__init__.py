"""What may go wrong on this machine, in sentences; nothing is changed by looking."""

from __future__ import annotations
