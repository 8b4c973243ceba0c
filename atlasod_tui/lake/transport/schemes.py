"""What addresses begin with that can be read here."""

from __future__ import annotations

WEB = {"https://": "https://", "http://": "http://", "davs://": "https://", "dav://": "http://"}
"""What is read over https: WebDAV's addresses are those of such a server."""
XROOTD = ("root://", "roots://", "xroot://", "xroots://")
