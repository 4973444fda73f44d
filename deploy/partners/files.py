"""The keys of a broker with access rules: two authorities, the broker's pair, and one for each client of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from deploy.contracts.subscriptions import BUILDERS
from deploy.docker.certificates import Pair
from deploy.partners import authority
from deploy.partners.authority import PRIVATE, read_pair, write
from deploy.partners.rules import ADMINISTRATOR, FORWARDER, LINE, OPERATOR

INTERNAL, PARTNERS = "internal-ca", "partners-ca"
BROKER = "broker"
OWN = (*BUILDERS, LINE, OPERATOR, ADMINISTRATOR)
"""Whose rules are made from the tables alone."""
CLIENTS = (*OWN, FORWARDER)
"""Who connects from inside, each with a certificate of its own. The forwarder's rules follow who wants HTTP."""


def keys(hosts: tuple[str, ...], now: datetime) -> Mapping[str, str]:
    """File name -> content (PEM): both authorities, the broker's pair as Kafka reads it, and each client's pair.

    `hosts`: names and addresses of the broker.
    """
    internal, partners = authority.new_authority("internal", now), authority.new_authority("partners", now)
    broker = authority.service_certificate(internal, BROKER, now, hosts=hosts)
    pairs = {INTERNAL: internal, PARTNERS: partners}
    pairs |= {name: authority.service_certificate(internal, name, now) for name in CLIENTS}
    made = {
        f"{BROKER}.pem": broker.key_pem + broker.certificate_pem,
        # For the broker alone: another account reads its files.
        f"{BROKER}-{INTERNAL}.crt": internal.certificate_pem,
        f"{BROKER}-{PARTNERS}.crt": partners.certificate_pem,
    }
    for name, pair in pairs.items():
        made |= {f"{name}.crt": pair.certificate_pem, f"{name}.key": pair.key_pem}
    return made


def make_keys(folder: Path, hosts: tuple[str, ...], now: datetime) -> None:
    """Writes them. Raises `FileExistsError` rather than overwrite."""
    for name, content in keys(hosts, now).items():
        write(folder / name, content, PRIVATE)


def partner_authority(folder: Path) -> Pair:
    """The authority of partners' certificates. Raises `OSError`, `ValueError`."""
    return read_pair(folder, PARTNERS)


def access_settings(folder: Path, name: str, address: str) -> dict[str, str]:
    """The environment of a client with the pair of this name."""
    return {
        "VEILIG_KAFKA_BOOTSTRAP_SERVERS": address,
        "VEILIG_KAFKA_SECURITY": "tls",
        "VEILIG_KAFKA_CA_FILE": str(folder / f"{INTERNAL}.crt"),
        "VEILIG_KAFKA_CERT_FILE": str(folder / f"{name}.crt"),
        "VEILIG_KAFKA_KEY_FILE": str(folder / f"{name}.key"),
    }
