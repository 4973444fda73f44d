"""How a client of ours shows a broker who it is: the settings, and what they are to each library.

Every client goes by this: the services, the commands of the operator, the partner's first consumer.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SCRAM = "SCRAM-SHA-512"


class KafkaAccess(BaseSettings):
    """Where the broker is and how to get in. Read from `VEILIG_KAFKA_...`; the services' settings begin with these."""

    model_config = SettingsConfigDict(env_prefix="VEILIG_", frozen=True, hide_input_in_errors=True)

    kafka_bootstrap_servers: str = Field("127.0.0.1:19092", description="Kafka addresses, comma separated.")
    kafka_security: Literal["plaintext", "tls", "scram"] = Field(
        "plaintext",
        description="How the broker knows us: not at all, by certificate (`tls`), or by password over TLS (`scram`).",
    )
    kafka_ca_file: Path | None = Field(None, description="PEM file with the authority of the broker's certificate.")
    kafka_cert_file: Path | None = Field(None, description="PEM file with our certificate, for `tls`.")
    kafka_key_file: Path | None = Field(None, description="PEM file with its key.")
    kafka_user: str = Field("", description="Our account at the broker, for `scram`.")
    kafka_password_file: Path | None = Field(None, description="File with the password of that account.")

    @model_validator(mode="after")
    def _whole(self) -> KafkaAccess:
        needed = {
            "plaintext": (),
            "tls": ("kafka_ca_file", "kafka_cert_file", "kafka_key_file"),
            "scram": ("kafka_ca_file", "kafka_user", "kafka_password_file"),
        }[self.kafka_security]
        for name in needed:
            found = getattr(self, name)
            if not found:
                raise ValueError(f"VEILIG_{name.upper()} is needed with VEILIG_KAFKA_SECURITY={self.kafka_security}")
            if isinstance(found, Path) and not found.is_file():
                raise ValueError(f"the file of VEILIG_{name.upper()} cannot be read")
        return self

    def tls(self) -> ssl.SSLContext | None:
        """What both sides' certificates are checked with. Raises `ValueError` for files that are not what they say."""
        if self.kafka_security == "plaintext":
            return None
        try:
            context = ssl.create_default_context(cafile=self.kafka_ca_file)
            if self.kafka_security == "tls":
                assert self.kafka_cert_file is not None
                # A passphrase, for else OpenSSL asks for one on the terminal and the process hangs.
                context.load_cert_chain(self.kafka_cert_file, self.kafka_key_file, password="")
        except (OSError, ssl.SSLError):
            raise ValueError("the PEM files of VEILIG_KAFKA_..._FILE do not fit together") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def password(self) -> str:
        """The password of our account. Raises `ValueError`."""
        try:
            return self.kafka_password_file.read_text().strip() if self.kafka_password_file else ""
        except (OSError, UnicodeDecodeError):
            raise ValueError("the file of VEILIG_KAFKA_PASSWORD_FILE cannot be read") from None

    def client(self) -> dict[str, Any]:
        """For a client of aiokafka: keyword arguments, the address among them."""
        options: dict[str, Any] = {"bootstrap_servers": self.kafka_bootstrap_servers}
        if self.kafka_security == "plaintext":
            return options
        options |= {"security_protocol": "SSL", "ssl_context": self.tls()}
        if self.kafka_security == "scram":
            account = {"sasl_plain_username": self.kafka_user, "sasl_plain_password": self.password()}
            options |= {"security_protocol": "SASL_SSL", "sasl_mechanism": SCRAM} | account
        return options

    def administrator(self) -> dict[str, str]:
        """For the admin client of librdkafka, which alone can write access rules."""
        options = {"bootstrap.servers": self.kafka_bootstrap_servers}
        if self.kafka_security == "plaintext":
            return options
        options |= {"security.protocol": "ssl", "ssl.ca.location": str(self.kafka_ca_file)}
        if self.kafka_security == "tls":
            return options | {
                "ssl.certificate.location": str(self.kafka_cert_file), "ssl.key.location": str(self.kafka_key_file),
            }  # fmt: skip
        return options | {
            "security.protocol": "sasl_ssl", "sasl.mechanism": SCRAM, "sasl.username": self.kafka_user,
            "sasl.password": self.password(),
        }  # fmt: skip


def access_of(address: str) -> KafkaAccess:
    """What the environment says, at this address. Raises `ValueError` for settings that do not fit."""
    return KafkaAccess(kafka_bootstrap_servers=address)
