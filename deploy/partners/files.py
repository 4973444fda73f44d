"""The keys of a place with docker compose or Apache Kafka on this machine: authorities, broker, services."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from deploy.contracts.subscriptions import BUILDERS
from deploy.partners import authority
from deploy.partners.authority import PRIVATE, PUBLIC, Pair, write
from deploy.partners.rules import ADMINISTRATOR, LINE, OPERATOR

INTERNAL, PARTNERS = "internal-ca", "partners-ca"
BROKER = "broker"
CLIENTS = (*BUILDERS, LINE, OPERATOR, ADMINISTRATOR)
"""Who connects from inside, each with a certificate of its own."""


def make_keys(folder: Path, hosts: tuple[str, ...], now: datetime) -> None:
    """Writes both authorities, the broker's pair as Kafka reads it, and a pair for each client.

    `hosts`: names and addresses of the broker. Raises `FileExistsError` rather than overwrite.
    """
    internal = authority.new_authority("internal", now)
    internal.write(folder, INTERNAL)
    authority.new_authority("partners", now).write(folder, PARTNERS)
    broker = authority.service_certificate(internal, BROKER, hosts, now)
    write(folder / "broker.pem", broker.key_bytes() + broker.certificate_bytes(), PRIVATE)
    for name in CLIENTS:
        authority.service_certificate(internal, name, (), now).write(folder, name)


def partner_authority(folder: Path) -> Pair:
    """The authority of partners' certificates. Raises `OSError`, `ValueError`."""
    return Pair.read(folder, PARTNERS)


def access_settings(folder: Path, name: str, address: str) -> dict[str, str]:
    """The environment of a client with the pair of this name."""
    return {
        "VEILIG_KAFKA_BOOTSTRAP_SERVERS": address,
        "VEILIG_KAFKA_SECURITY": "tls",
        "VEILIG_KAFKA_CA_FILE": str(folder / f"{INTERNAL}.crt"),
        "VEILIG_KAFKA_CERT_FILE": str(folder / f"{name}.crt"),
        "VEILIG_KAFKA_KEY_FILE": str(folder / f"{name}.key"),
    }


__all__ = ["CLIENTS", "PUBLIC", "access_settings", "make_keys", "partner_authority"]
