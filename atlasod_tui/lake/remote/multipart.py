"""The answer to a request for several ranges: ``multipart/byteranges`` (RFC 9110, 14.6)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from email.message import Message

from atlasod_tui.lake.remote.source import Range
from atlasod_tui.lake.transport.https import CutError

_RANGE = re.compile(rb"\r\ncontent-range:[ \t]*bytes[ \t]+([0-9]{1,18})-([0-9]{1,18})/", re.IGNORECASE)
_LONGEST_BOUNDARY = 70
OVERHEAD = 1 << 10
"""More bytes than a server writes before each range."""


def boundary(content_type: str) -> bytes:
    """Return what separates the parts; nothing if the answer is not of parts."""
    message = Message()
    message["Content-Type"] = content_type
    if message.get_content_type() != "multipart/byteranges":
        return b""
    found = message.get_boundary("")
    return found.encode("latin-1", "replace") if 0 < len(found) <= _LONGEST_BOUNDARY else b""


def parts(body: bytes, separator: bytes) -> dict[int, bytes]:
    """Return the parts of an answer by the position of their first byte.

    The length of a part is in its header: the bytes of a file may look like a separator.

    Raises:
        CutError: It ends too early, or is not what it says.
    """
    found: dict[int, bytes] = {}
    at = body.find(b"--" + separator)
    while at >= 0:
        at += 2 + len(separator)
        if body[at : at + 2] == b"--":
            return found
        end = body.find(b"\r\n\r\n", at)
        header = _RANGE.search(body, at, end + 2) if end >= 0 else None
        if header is None:
            break
        first, last = int(header[1]), int(header[2])
        begin = end + 4
        at = begin + last - first + 1
        if last < first or at > len(body):
            break
        found[first] = body[begin:at]
        at = body.find(b"--" + separator, at)
    raise CutError("its answer ended too early")


def pick(found: dict[int, bytes], ranges: Sequence[Range]) -> list[bytes] | None:
    """Return the bytes of ranges, which a server may have joined; None if it left some out."""
    starts = sorted(found)
    picked = []
    for start, size in ranges:
        index = bisect_right(starts, start) - 1
        if index < 0:
            return None
        offset = start - starts[index]
        data = found[starts[index]][offset : offset + size]
        if len(data) != size:
            return None
        picked.append(data)
    return picked
