"""Who one is in a lake: tokens, certificates, proxies; how long they last, and how to get new ones."""

from __future__ import annotations
