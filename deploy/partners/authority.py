"""Certificates on the broker: of the broker itself, of our services, and of partners that have none of their own.

At a ministry partners bring a certificate of PKIoverheid, whose subject has the organisation number (OIN) in
`serialNumber`; the broker maps it in the same way. Keys are made here and written once, readable by their owner alone.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.docker.certificates import Pair, authority, signed

INTERNAL = "Veilig Bestuur internal"
"""Organisation in the certificates of our own; the broker's rule for their names asks for it."""
PRIVATE, PUBLIC = 0o600, 0o644


def write(file: Path, content: str, mode: int) -> None:
    """A new file with this mode from its first byte on. Raises `FileExistsError`: nothing is overwritten."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(content)


def write_pair(folder: Path, name: str, pair: Pair) -> None:
    """Writes `name.crt` and `name.key`."""
    write(folder / f"{name}.crt", pair.certificate_pem, PUBLIC)
    write(folder / f"{name}.key", pair.key_pem, PRIVATE)


def read_pair(folder: Path, name: str) -> Pair:
    """From files as `write_pair` writes them. Raises `OSError`, `ValueError`."""
    key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("this key is of another kind than ours")
    return Pair(x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes()), key)


def new_authority(name: str, now: datetime) -> Pair:
    """An authority of its own."""
    return authority(f"Veilig Bestuur Kafka {name}", now)


def service_certificate(by: Pair, name: str, now: datetime, *, hosts: tuple[str, ...] = ()) -> Pair:
    """Of a service or broker of our own; `hosts`: names and addresses that others reach it by."""
    return signed(by, name, now, hosts=hosts, organisation=INTERNAL)


def partner_certificate(by: Pair, name: str, oin: str, now: datetime) -> Pair:
    """Of a partner, with its organisation number."""
    return signed(by, name, now, oin=oin)
