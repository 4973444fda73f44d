"""What the forwarder reads from the environment: what it shares with the services, and its own `VEILIG_FORWARD_...`.

It has no keys of cases and no issuer: it reads topics of partners and knows nothing of people.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from deploy.partners.forwarder.signing import Signer
from shared.runtime.environment import ProcessSettings, UnfitSetting
from shared.runtime.mongo import Database, connect


class ForwarderSettings(ProcessSettings):
    """Read from `VEILIG_...`. Fields that services have too mean the same and have the same default."""

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

    def database(self) -> Database:
        """A connection to the forwarder's own database."""
        return connect(self.mongo_url.get_secret_value(), driver=self.mongo_driver, prefix=self.database_prefix)

    def signer(self) -> Signer:
        """What signs. Raises `UnfitSetting`."""
        if self.forward_key_file is None:
            raise UnfitSetting("VEILIG_FORWARD_KEY_FILE: a key to sign with is needed")
        try:
            return Signer(self.forward_key_file.read_bytes())
        except (OSError, ValueError):
            raise UnfitSetting("VEILIG_FORWARD_KEY_FILE: this is no file with a key on P-256 (PEM)") from None
