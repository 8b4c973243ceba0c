"""Servers of ranges in the ways that there are: the first part of a path says which."""

from __future__ import annotations

import re

from tests.lake.https_server import Fault, Handler

SEVERAL = "several"
"""Any number of ranges in one answer of several parts."""
FIRST = "first"
"""The first of them alone."""
WHOLE = "whole"
"""One; where several are asked for, the whole file."""
NEVER = "never"
"""The whole file, whatever is asked for."""
MOVED = "moved"
"""Elsewhere: an address of the first kind."""
_BOUNDARY = "of parts"


class RangeHandler(Handler):
    """Answers as its address says; every file has a date and, where the server has them, an ETag."""

    def do_GET(self) -> None:  # noqa: N802 - the name in http.server
        kind, _, name = self.path.lstrip("/").partition("/")
        if kind == MOVED:
            self.server.state.asked.append((self.path, self.headers["Range"]))
            self.send_response(302)
            self.send_header("Location", f"/{SEVERAL}/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    def _send(self, content: bytes, asked: str | None, fault: Fault) -> None:
        kind = self.path.lstrip("/").partition("/")[0]
        ranges = [(int(first), int(last) + 1) for first, last in re.findall(r"(\d+)-(\d+)", asked or "")]
        ranges = [(first, min(end, len(content))) for first, end in ranges]
        if any(first >= len(content) for first, _ in ranges):
            self._send_416(len(content))
            return
        if not ranges or kind == NEVER or (kind == WHOLE and len(ranges) > 1):
            self._answer(200, content, fault, [])
            return
        if len(ranges) > 1 and kind == SEVERAL:
            self._send_parts(content, ranges, fault)
            return
        first, end = ranges[0]
        place = f"bytes {first}-{end - 1}/{len(content)}"
        self._answer(206, content[first:end], fault, [("Content-Range", place)])

    def _send_parts(self, content: bytes, ranges: list[tuple[int, int]], fault: Fault) -> None:
        body = b""
        for first, end in ranges:
            place = f"Content-Range: bytes {first}-{end - 1}/{len(content)}"
            head = f"\r\n--{_BOUNDARY}\r\nContent-Type: application/octet-stream\r\n{place}\r\n\r\n"
            body += head.encode() + content[first:end]
        body += f"\r\n--{_BOUNDARY}--\r\n".encode()
        self._answer(206, body, fault, [("Content-Type", f'multipart/byteranges; boundary="{_BOUNDARY}"')])

    def _answer(self, status: int, body: bytes, fault: Fault, headers: list[tuple[str, str]]) -> None:
        state = self.server.state
        content = state.files[self.path.lstrip("/")]
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if state.etags:
            self.send_header("ETag", f'"{hash(content):x}"')
        self.send_header("Last-Modified", state.date)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault.corrupt is not None:
            body = body[: fault.corrupt] + bytes([body[fault.corrupt] ^ 1]) + body[fault.corrupt + 1 :]
        self.wfile.write(body if fault.after is None else body[: fault.after])
        self.wfile.flush()
        self._end(fault)
