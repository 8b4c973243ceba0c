"""The few calls of Rucio's REST interface that the tests of the sandbox need, without Rucio's client."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.lake.conftest import Sandbox

DEADLINE = 30.0


class Rest:
    """A session of the sandbox's account."""

    def __init__(self, sandbox: Sandbox, password: str | None = None) -> None:
        self._sandbox = sandbox
        account = sandbox.server.account
        self.scope = f"user.{account}"
        headers = {
            "X-Rucio-Account": account,
            "X-Rucio-Username": account,
            "X-Rucio-Password": password or sandbox.password,
        }
        self.code, given, _ = self._ask("GET", "/auth/userpass", headers)
        self._headers = {"X-Rucio-Auth-Token": given.get("X-Rucio-Auth-Token", "")}

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer: a JSON value, or a list of those where the server streams them; None for nothing."""
        code, given, text = self._ask(method, path, {**self._headers, "Content-Type": "application/json"}, body)
        assert code < 300, text
        if given.get("Content-Type") == "application/x-json-stream":
            return [json.loads(line) for line in text.splitlines()]
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def put(self, name: str, content: bytes, rse: str, *, adler32: str | None = None) -> None:
        """Lay a file down on a storage element and register it there, in a dataset ``<name>.set``."""
        path = self._sandbox.elements / rse / self.place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        did = {"scope": self.scope, "name": name}
        facts = {**did, "bytes": len(content), "adler32": adler32 or f"{zlib.adler32(content):08x}"}
        self("POST", "/replicas", {"rse": rse, "files": [facts]})
        self("POST", f"/dids/{self.scope}/{name}.set", {"type": "DATASET"})
        self("POST", f"/dids/{self.scope}/{name}.set/dids", {"dids": [did]})

    def add_rule(self, name: str, rse: str) -> str:
        """Ask for a copy of a dataset that :meth:`put` made and return the rule's id."""
        rule = {"dids": [{"scope": self.scope, "name": f"{name}.set"}], "copies": 1, "rse_expression": rse}
        rule |= {"account": self._sandbox.server.account, "lifetime": 3600}
        ids: list[str] = self("POST", "/rules/", rule)
        return ids[0]

    def await_rule(self, id_: str, state: str) -> dict[str, Any]:
        """Return a rule as soon as it is in a state."""
        deadline = time.monotonic() + DEADLINE
        while True:
            rule: dict[str, Any] = self("GET", f"/rules/{id_}")
            if rule["state"] == state:
                return rule
            if time.monotonic() > deadline:
                pytest.fail(f"the rule is {rule['state']}: {rule['error']}")

    def place(self, name: str) -> str:
        """Return where a storage element of Rucio's naming keeps a file (rucio.rse.translation, ``hash``)."""
        digest = hashlib.md5(f"{self.scope}:{name}".encode(), usedforsecurity=False).hexdigest()
        return f"{self.scope.replace('.', '/')}/{digest[:2]}/{digest[2:4]}/{name}"

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: Any = None
    ) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self._sandbox.server.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()
