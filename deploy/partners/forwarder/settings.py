"""What the forwarder reads from the environment: what it shares with the services, and its own `VEILIG_FORWARD_...`.

It has no keys of cases and no issuer: it reads topics of partners and knows nothing of people.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from deploy.partners.forwarder.signing import Signer
from shared.runtime.environment import UnfitSetting
from shared.runtime.kafka_access import KafkaAccess
from shared.runtime.mongo import Database, connect


class ForwarderSettings(KafkaAccess):
    """Read from `VEILIG_...`. Fields that services have too mean the same and have the same default."""

    model_config = SettingsConfigDict(env_prefix="VEILIG_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = Field(
        "production", description="`local` allows the movable clock and example keys; anything else refuses both."
    )
    kafka_fetch_max_wait_ms: int = Field(
        500, description="Longest wait of a fetch, in milliseconds; 20 on the embedded broker."
    )
    kafka_session_timeout_ms: int = Field(
        10_000, ge=1_000, description="How long a silent consumer keeps its partitions, in milliseconds."
    )
    mongo_url: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:37017/?w=majority&journal=true"), description="MongoDB address."
    )
    mongo_url_file: Path | None = Field(
        None,
        description="File with the MongoDB address instead; outside local mode an address with a password needs it.",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        "motor", description="Driver: `motor`, or its successor `pymongo` (AsyncMongoClient)."
    )
    database_prefix: str = Field("veilig", description="Database names start with this; one database per module.")
    public_url: str = Field("http://127.0.0.1:8080", description="Address that partners fetch details from.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, description="Port to listen on.")
    graceful_seconds: float = Field(15.0, gt=0, description="Time a running handler gets to finish at shutdown.")
    metrics_token_file: Path | None = Field(
        None, description="File with the token for `/metrics`; outside local mode nobody reads them without."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    forward_folder: Path = Field(
        Path(".secrets/forwarding"), description="Folder with a file for each partner that gets its events over HTTP."
    )
    forward_key_file: Path | None = Field(
        None, description="PEM file with the key that signs what is posted (EC P-256); it cannot start without."
    )
    forward_ca_file: Path | None = Field(
        None, description="PEM file with the authorities of partners' addresses; not set: those of the system."
    )
    forward_seconds: float = Field(
        10.0, gt=0, description="How long a partner may take to answer one event, in seconds."
    )

    @property
    def local(self) -> bool:
        """Whether this is for trying out."""
        return self.environment == "local"

    def database(self) -> Database:
        """A connection to the forwarder's own database. Raises `UnfitSetting`."""
        address = self.mongo_url.get_secret_value()
        if self.mongo_url_file is not None:
            try:
                address = self.mongo_url_file.read_text().strip()
            except (OSError, UnicodeDecodeError):
                raise UnfitSetting("VEILIG_MONGO_URL_FILE: the file cannot be read") from None
        return connect(address, driver=self.mongo_driver, prefix=self.database_prefix)

    def signer(self) -> Signer:
        """What signs. Raises `UnfitSetting`."""
        if self.forward_key_file is None:
            raise UnfitSetting("VEILIG_FORWARD_KEY_FILE: a key to sign with is needed")
        try:
            return Signer(self.forward_key_file.read_bytes())
        except (OSError, ValueError):
            raise UnfitSetting("VEILIG_FORWARD_KEY_FILE: this is no file with a key on P-256 (PEM)") from None
