"""A small authority: certificates for the broker, our services and partners that have none of their own.

At a ministry partners bring a certificate of PKIoverheid, whose subject has the organisation number (OIN) in
`serialNumber`; the broker maps it in the same way. Keys are made here and written once, readable by their owner alone.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 365
EARLIER = timedelta(minutes=5)
"""Clocks differ: a certificate counts from a little before it was made."""
PRIVATE, PUBLIC = 0o600, 0o644


@dataclass(frozen=True, repr=False)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, folder: Path, name: str) -> None:
        """Writes `name.crt` and `name.key` (PKCS 8, as Kafka reads it)."""
        write(folder / f"{name}.crt", self.certificate.public_bytes(serialization.Encoding.PEM), PUBLIC)
        write(folder / f"{name}.key", self.key_bytes(), PRIVATE)

    def key_bytes(self) -> bytes:
        """The key as PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def certificate_bytes(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @classmethod
    def read(cls, folder: Path, name: str) -> Self:
        """From files that `write` wrote. Raises `OSError`, `ValueError`."""
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("this key is of another kind than ours")
        return cls(x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes()), key)


def write(file: Path, content: bytes, mode: int) -> None:
    """A new file with this mode from its first byte on. Raises `FileExistsError`: nothing is overwritten."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(file, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as out:
        out.write(content)


def new_authority(name: str, now: datetime) -> Pair:
    """An authority of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Veilig Bestuur"), _common(name)])
    made = (
        _begin(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    return Pair(made.sign(key, hashes.SHA256()), key)


def service_certificate(authority: Pair, name: str, hosts: Sequence[str], now: datetime) -> Pair:
    """Of a service or broker of our own; `hosts`: names and addresses that others reach it by."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Veilig Bestuur internal"), _common(name)])
    return _issued(authority, subject, hosts, now)


def partner_certificate(authority: Pair, name: str, oin: str, now: datetime) -> Pair:
    """Of a partner: its organisation number stands in `serialNumber`, as with PKIoverheid."""
    serial = x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)
    return _issued(authority, x509.Name([_common(name), serial]), (), now)


def _issued(authority: Pair, subject: x509.Name, hosts: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begin(subject, authority.certificate.subject, key, now, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if hosts:
        made = made.add_extension(x509.SubjectAlternativeName([_host(one) for one in hosts]), critical=False)
    return Pair(made.sign(authority.key, hashes.SHA256()), key)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - EARLIER)
        .not_valid_after(now.astimezone(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _common(name: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(NameOID.COMMON_NAME, name)


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
