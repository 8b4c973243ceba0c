"""A throw-away certification authority, and what users have of it: certificates, keys, proxies."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PROXY_INFO = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14")
_INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")
"""ProxyCertInfo of RFC 3820: a sequence that holds the policy 1.3.6.1.5.5.7.21.1, all rights of the issuer."""
DAY = timedelta(days=1)


class User:
    """Somebody with a certificate."""

    def __init__(self, ca: trustme.CA, folder: Path, name: str, *, begins: timedelta, ends: timedelta) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.name = name
        self.folder = folder
        self.ends = now + ends
        given = ca.issue_cert(f"{name}@example.org", common_name=name, not_before=now + begins, not_after=self.ends)
        (self._chain,) = (blob.bytes() for blob in given.cert_chain_pems)
        self._key = given.private_key_pem.bytes()
        self.certificate, self.key = folder / f"{name}-cert.pem", folder / f"{name}-key.pem"
        self.certificate.write_bytes(self._chain)
        _write_privately(self.key, self._key)

    def proxy(self, ends: timedelta = timedelta(hours=12), begins: timedelta = -DAY) -> Path:
        """Return the file of a new proxy, as voms-proxy-init writes it: certificate, key, and who vouches for it."""
        issuer = x509.load_pem_x509_certificate(self._chain)
        issuer_key = serialization.load_pem_private_key(self._key, None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        now, serial = datetime.now(UTC).replace(microsecond=0), x509.random_serial_number()
        own = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, str(serial))])
        proxy = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([*issuer.subject.rdns, own]))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.UnrecognizedExtension(_PROXY_INFO, _INHERIT_ALL), critical=True)
            .add_extension(_usage(), critical=True)
            .sign(issuer_key, hashes.SHA256())
        )
        path = self.folder / f"{self.name}-proxy.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        _write_privately(path, proxy.public_bytes(serialization.Encoding.PEM) + private + self._chain)
        return path


class Authority:
    """A certification authority and those it vouches for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.file = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def user(self, name: str, *, begins: timedelta = -DAY, ends: timedelta = 30 * DAY) -> User:
        return User(self.ca, self.folder, name, begins=begins, ends=ends)


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_privately(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
