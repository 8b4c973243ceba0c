"""A Rucio and an identity provider over TLS on loopback, with the login endpoints of Rucio's server (41.5).

What is asked and answered is as in ``rucio.web.rest.flaskapi.v1.auth`` and ``rucio.core.oidc``. Client certificates are
required by the TLS handshake of the port that takes them.
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
import trustme

from atlasod_tui import config
from atlasod_tui.lake.rucio_settings import Settings
from tests.lake.login.certificates import Authority

HOUR = timedelta(hours=1)


class Answer(NamedTuple):
    status: int
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


class Asked(NamedTuple):
    path: str
    query: str
    headers: dict[str, str]
    subject: str
    """Of the client's certificate."""


Answering = Callable[[Asked], Answer]


class Grant(NamedTuple):
    account: str
    ends: datetime


class Wish:
    """A login that was begun."""

    def __init__(self, asked: Asked) -> None:
        self.polling = asked.headers.get("X-Rucio-Client-Authorize-Polling") == "True"
        self.account = asked.headers.get("X-Rucio-Account", "ada")
        self.message = secrets.token_hex(12) + ("_polling" if self.polling else "")
        self.state = secrets.token_hex(16)
        self.token = ""


def no(words: str, name: str = "CannotAuthenticate", status: int = 401) -> Answer:
    body = json.dumps({"ExceptionClass": name, "ExceptionMessage": words})
    return Answer(status, body, {"ExceptionClass": name, "ExceptionMessage": words, "Content-Type": "application/json"})


def jwt(account: str, ends: datetime) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"sub": account, "exp": int(ends.timestamp()), "aud": "rucio", "jti": secrets.token_hex(4)}
    return f"{part({'alg': 'RS256'})}.{part(claims)}.{secrets.token_urlsafe(16)}"


class Lake:
    """The state of the server; its addresses are filled in by :func:`serving`."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.url = self.certificate_url = self.provider_url = ""
        self.grants: dict[str, Grant] = {}
        self.identities = {"ada": "ada"}
        """Account of each registered common name."""
        self.passwords = {"ada": "s3cret"}
        self.lasts = HOUR
        self.provider_says_yes = True
        self.knows_issuer = True
        self.opaque = False
        self.instead: dict[str, Answering] = {}
        """What a test answers itself, by path."""
        self.wishes: list[Wish] = []
        self.asked: list[Asked] = []
        self.lock = threading.Lock()

    def grant(self, account: str, text: str | None = None) -> str:
        """Return a token that is accepted from now on."""
        ends = datetime.now(UTC).replace(microsecond=0) + self.lasts
        text = text or jwt(account, ends)
        self.grants[text] = Grant(account, ends)
        return text

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def answer(self, asked: Asked) -> Answer:
        with self.lock:
            self.asked.append(asked)
            handlers: dict[str, Answering] = {
                "/ping": lambda _: document({"version": "41.5.1"}),
                "/auth/userpass": self._userpass,
                "/auth/x509": self._x509,
                "/auth/x509_proxy": self._x509,
                "/auth/oidc": self._oidc,
                "/auth/oidc_redirect": self._redirect,
                "/auth/oidc_code": self._code,
                "/auth/validate": self._validate,
                "/accounts/whoami": self._whoami,
                "/scopes/owner": self._scopes,
            }
            handler = self.instead.get(asked.path) or handlers.get(asked.path)
            return handler(asked) if handler else Answer(404)

    def provide(self, asked: Asked) -> Answer:
        """Answer as the identity provider: somebody who is sent here has logged in, or was refused, at once."""
        query = parse_qs(asked.query)
        state = query["state"][0]
        result = {"code": "authorization"} if self.provider_says_yes else {"error": "access_denied"}
        return Answer(302, headers={"Location": f"{self.url}/auth/oidc_code?{urlencode(result | {'state': state})}"})

    def _oidc(self, asked: Asked) -> Answer:
        if not self.knows_issuer:
            return no("Requirements of scope and audience do not satisfy minimal requirements of the Rucio server.")
        wish = Wish(asked)
        self.wishes.append(wish)
        return Answer(200, headers={"X-Rucio-OIDC-Auth-URL": f"{self.url}/auth/oidc_redirect?{wish.message}"})

    def _redirect(self, asked: Asked) -> Answer:
        fetching = asked.headers.get("X-Rucio-Client-Fetch-Token") == "True"
        wish = next((one for one in self.wishes if one.message == asked.query), None)
        refused = no("Cannot finalize your token request, no authorization content returned from the auth server")
        if wish is None:
            return refused
        if fetching:
            return Answer(200, headers={"X-Rucio-Auth-Token": wish.token}) if wish.token else refused
        page = f"{self.provider_url}/authorize?{urlencode({'state': wish.state, 'response_type': 'code'})}"
        return Answer(303, headers={"Location": page})

    def _code(self, asked: Asked) -> Answer:
        query = parse_qs(asked.query)
        wish = next((one for one in self.wishes if [one.state] == query["state"]), None)
        if wish is None or "code" not in query:
            return no("Cannot finalize your token request, no authorization content returned from the auth server")
        wish.token = self.grant(wish.account, "opaque-token" if self.opaque else None)
        if not wish.polling:
            wish.message = secrets.token_hex(25)
            return Answer(200, f"<html>Enter this code: <b>{wish.message}</b></html>")
        return Answer(200, "<html>allok</html>")

    def _x509(self, asked: Asked) -> Answer:
        if not asked.subject:
            return no("Cannot get DN")
        account = self.identities.get(asked.subject)
        if account is None:
            return no("The identity does not exist.", "IdentityError")
        return self._given(account)

    def _userpass(self, asked: Asked) -> Answer:
        name = asked.headers.get("X-Rucio-Username", "")
        if self.passwords.get(name) != asked.headers.get("X-Rucio-Password"):
            return no("Cannot authenticate to account ada with given credentials")
        return self._given(name)

    def _given(self, account: str) -> Answer:
        """Give a token that does not tell when it ends, as Rucio's own do not."""
        text = self.grant(account, f"{account}-/DC=org/CN={account} of example-unknown-{secrets.token_hex(8)}")
        ends = self.grants[text].ends
        said = format_datetime(ends).replace("+0000", "UTC")
        return Answer(200, headers={"X-Rucio-Auth-Token": text, "X-Rucio-Auth-Token-Expires": said})

    def _holder(self, asked: Asked) -> Grant | None:
        grant = self.grants.get(asked.headers.get("X-Rucio-Auth-Token", ""))
        return grant if grant and grant.ends > datetime.now(UTC) else None

    def _validate(self, asked: Asked) -> Answer:
        grant = self._holder(asked)
        if grant is None:
            return no("NoneType: None", status=500)
        facts = {"account": grant.account, "lifetime": grant.ends.replace(tzinfo=None), "audience": "rucio"}
        return Answer(200, str(facts))

    def _whoami(self, asked: Asked) -> Answer:
        grant = self._holder(asked)
        return (
            no("Cannot authenticate with given credentials")
            if grant is None
            else document({"account": grant.account, "status": "ACTIVE"})
        )

    def _scopes(self, asked: Asked) -> Answer:
        if self._holder(asked) is None:
            return no("Cannot authenticate with given credentials")
        return document([{"scope": "ATLAS_OD_EDU", "account": "root"}])


def document(value: Any) -> Answer:
    return Answer(200, json.dumps(value), {"Content-Type": "application/json"})


@contextmanager
def serving(authority: Authority) -> Iterator[Lake]:
    """Serve a lake on three ports: as a Rucio, as one that wants client certificates, and as identity provider."""
    lake = Lake(authority)
    with ExitStack() as stack:
        lake.url = stack.enter_context(_listening(authority, lake.answer))
        lake.certificate_url = stack.enter_context(_listening(authority, lake.answer, wants_certificate=True))
        lake.provider_url = stack.enter_context(_listening(authority, lake.provide))
        yield lake


@contextmanager
def _listening(authority: Authority, answering: Answering, *, wants_certificate: bool = False) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.ca.issue_cert("localhost", key_type=trustme.KeyType.ECDSA).configure_cert(context)
    if wants_certificate:
        authority.ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VerifyFlags.VERIFY_ALLOW_PROXY_CERTS

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            self.request.settimeout(10)
            self.request = context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
            try:
                self.request.do_handshake()
            except OSError:
                _hear_out(self.request)
                raise
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            answer = answering(Asked(parts.path, parts.query, dict(self.headers), _name(self.request)))
            body = answer.body.encode()
            self.send_response_only(answer.status)
            self.send_header("Content-Length", str(len(body)))
            for key, value in {"Date": self.date_time_string(), **answer.headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of clients that left, or were not let in."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _hear_out(connection: ssl.SSLSocket) -> None:
    """Let the client read why it was not let in: closed with its words unread, the connection would be reset."""
    with suppress(OSError):
        plain = socket.socket(fileno=connection.detach())
        with plain:
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(4096):
                pass


def _name(connection: Any) -> str:
    """Return the common name that a client's certificate was first given, without the numbers that proxies add."""
    subject = (connection.getpeercert() or {}).get("subject", ())
    return next((value for rdn in subject for key, value in rdn if key == "commonName"), "")


def settings(lake: Lake, auth_type: str = "oidc", **changes: Any) -> Settings:
    """Return settings that trust the lake's authority; ``client`` are options of Rucio's section."""
    client = {"ca_cert": str(lake.authority.file), **changes.pop("client", {})}
    auth_host = lake.certificate_url if auth_type.startswith("x509") else lake.url
    values: dict[str, Any] = {"account": "ada", "source": "config.toml", "options": {"client": client}, **changes}
    return Settings("vre", lake.url, values.pop("auth_host", auth_host), auth_type, **values)


def browse(lake: Lake, url: str) -> str:
    """Open a page as a user does, log in, and return what the last page says."""
    return requests.get(url, verify=str(lake.authority.file), timeout=10).text


def configure(lake: Lake, home: Path, *lines: str, auth_host: str = "") -> None:
    """Make it the lake ``vre`` of ``config.toml``."""
    path = home / "config" / "atlasod-tui" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    section = [f'host = "{lake.url}"', f'ca_cert = "{lake.authority.file}"', 'account = "ada"', *lines]
    if auth_host:
        section.append(f'auth_host = "{auth_host}"')
    path.write_text("[lakes.vre]\n" + "\n".join(section), encoding="utf-8")
    config.load.cache_clear()
