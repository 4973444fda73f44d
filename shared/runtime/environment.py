"""Settings, each read from the environment, and the clock that everything tells time by."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from shared.runtime.kafka_access import KafkaAccess
from shared.runtime.strength import check_keys

NOBODYS_OIN = "0" * 20
"""The organisation number of nobody, for trying out."""


class UnfitSetting(ValueError):
    """A setting that turned out not to fit when it was used. The text names it, never its value."""


class ProcessSettings(KafkaAccess):
    """What every process of ours reads, a service or the forwarder: its broker, its database, and where it listens."""

    model_config = SettingsConfigDict(env_prefix="VEILIG_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = Field(
        "production", description="`local` allows the movable clock and example keys; anything else refuses both."
    )
    kafka_fetch_max_wait_ms: int = Field(
        500, description="Longest wait of a fetch, in milliseconds; 50 on the embedded broker."
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
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; with `make run` also that of the embedded broker, which asks nobody "
        "for a password.",
    )
    port: int = Field(8080, description="Port to listen on.")
    graceful_seconds: float = Field(15.0, gt=0, description="Time a running handler gets to finish at shutdown.")
    metrics_token_file: Path | None = Field(
        None, description="File with the token for `/metrics`; outside local mode nobody reads them without."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @model_validator(mode="before")
    @classmethod
    def _address_from_file(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("mongo_url_file"):
            return given | {"mongo_url": _read(Path(given["mongo_url_file"]), "VEILIG_MONGO_URL_FILE")}
        return given

    @property
    def local(self) -> bool:
        """Whether the local demonstration's freedoms are allowed."""
        return self.environment == "local"


class Settings(ProcessSettings):
    """Everything that differs between places. Read from `VEILIG_...`; `docs/settings.md` lists each field."""

    kafka_idempotence: bool = Field(True, description="Idempotent producer; the embedded broker has none.")
    kafka_end_offsets: bool = Field(
        True, description="The broker tells rightly where a topic ends; the embedded one does not: no consumer lag."
    )
    kafka_replication: int = Field(3, ge=1, description="Replicas of a topic; 1 where there is one broker.")
    kafka_create_topics: bool = Field(False, description="Create missing topics at start.")
    instance: str = Field(
        "", description="Name of this process among its equals; with it a restart takes its partitions back at once."
    )
    broker_forgets: bool = Field(
        False, description="The broker keeps nothing over a restart: publish open cases again when it is empty."
    )
    secrets_file: Path | None = Field(
        None,
        description="JSON file with `reference_key`, `partner_key` (64 hexadecimal digits each) and `wrapping_keys`.",
    )
    wrapping_keys_dir: Path | None = Field(
        None, description="Folder with a JSON file of wrapping keys per controller; it goes before `wrapping_keys`."
    )
    oin: str = Field(NOBODYS_OIN, pattern=r"^\d{20}$", description="Organisation number in the source of each event.")
    schema_url: str = Field(
        "https://veiligbestuur.example/schemas", description="Where the JSON Schemas of the events are published."
    )
    municipalities: tuple[str, ...] = Field(
        (), description='CBS codes of municipalities with a topic of their own, as JSON: `["9901"]`.'
    )
    organisations_file: Path | None = Field(
        None, description="TOML file: of each municipality its police unit and its rota of handlers per office."
    )
    issuer: str = Field(
        "", description="OpenID Connect issuer whose tokens count; in local mode without it: the built-in one."
    )
    jwks_file: Path | None = Field(
        None, description="JSON file with the issuer's public keys (JWKS), where it cannot be asked for them."
    )
    audience: str = Field("veilig-bestuur", min_length=1, description="What a token must be meant for (`aud`).")
    token_algorithms: tuple[Literal["RS256", "PS256", "ES256"], ...] = Field(
        ("RS256", "PS256", "ES256"), min_length=1, description="Signatures that count, as JSON."
    )
    least_level: Literal["low", "substantial", "high"] = Field(
        "substantial", description="Least level of assurance (`acr`) of a token or sign-in, in words of eIDAS."
    )
    claim_role: str = Field("role", description="Claim with the one role that a token is for.")
    claim_account: str = Field("account", description="Claim with the account id, which is no name.")
    claim_municipality: str = Field("municipality", description="Claim with the CBS code of a municipal handler.")
    claim_unit: str = Field("unit", description="Claim with the police unit or team of the account.")
    client_id: str = Field("veilig-bestuur-pages", description="What the issuer knows our pages by.")
    client_secret_file: Path | None = Field(
        None, description="File with the secret of our pages at the issuer (client_secret_basic)."
    )
    client_key_file: Path | None = Field(
        None, description="PEM file with the key of our pages at the issuer (private_key_jwt); goes before the secret."
    )
    session_idle_minutes: float = Field(30.0, gt=0, description="A session unused for so many minutes ends.")
    session_hours: float = Field(10.0, gt=0, description="A session ends after so many hours, used or not.")
    officer_mail: str = Field("", description="Mail address of the data protection officer of police and OM.")
    mail_from: str = Field("noreply@veiligbestuur.example", description="Sender of our mail; it should tell nothing.")
    smtp_host: str = Field("", description="Mail relay (SMTP); outside local mode intake and assessment need one.")
    smtp_port: int = Field(587, description="Its port.")
    smtp_start_tls: bool = Field(True, description="Mail goes over TLS, or not at all.")
    smtp_user: str = Field("", description="Account at the relay, if it wants one.")
    smtp_password_file: Path | None = Field(None, description="File with the password of that account.")
    security_contact: str = Field(
        "mailto:security@veiligbestuur.example", description="Where weaknesses can be told, in `security.txt`."
    )
    line_url: str = Field(
        "/gesprek/",
        description="Where the door to the confidential line leads; best a host of its own.",
    )
    design_folder: Path | None = Field(
        None, description="Folder with the packages of the pages' look; not set: `.cache/design` of the project."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of our own reverse proxies, comma separated; only these are believed about who called.",
    )
    rate_limit_factor: float | None = Field(
        None, gt=0, description="Multiplies every limit in `shared/web/limits.toml`. Not set: 1, in local mode 1000."
    )
    lease_seconds: float = Field(30.0, gt=0, description="How long a relay may hold a case's outbox, in seconds.")
    sweep_seconds: float = Field(1.0, gt=0, description="Pause between looks for outboxes left by a crash.")
    clock_tick_seconds: float = Field(0.25, gt=0, description="Pause between looks for deadlines that passed.")
    hold_seconds: float = Field(
        5.0, gt=0, description="Longest pause between tries while database or broker are away, in seconds."
    )
    seal_seconds: float = Field(60.0, gt=0, description="Pause between sealings of the logs, in seconds.")
    traces_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Where traces go: OTLP over HTTP, such as `http://collector:4318/v1/traces`; empty: nowhere.",
    )

    @model_validator(mode="after")
    def _fit_for_real_data(self) -> Settings:
        if self.local:
            return self
        if self.secrets_file is None:
            raise ValueError("VEILIG_SECRETS_FILE is needed outside local mode: there are no default keys")
        check_keys(self.keys().named())
        if self.oin == NOBODYS_OIN:
            raise ValueError("VEILIG_OIN is needed outside local mode: twenty zeros are nobody's number")
        if self.mongo_url_file is None and urlsplit(self.mongo_url.get_secret_value()).password:
            raise ValueError("a MongoDB address with a password comes from VEILIG_MONGO_URL_FILE outside local mode")
        return self

    @model_validator(mode="after")
    def _needs_issuer(self) -> Settings:
        if self.audience == self.client_id:
            raise ValueError("VEILIG_AUDIENCE and VEILIG_CLIENT_ID must differ: a proof of sign-in is not a token")
        if self.local:
            return self
        if not self.issuer.startswith("https://"):
            raise ValueError("VEILIG_ISSUER is needed outside local mode, and begins with https://")
        if self.issuer.rstrip("/") == self.built_in_issuer:
            raise ValueError("VEILIG_ISSUER is the built-in sign-in with example people, which is for local mode only")
        return self

    @property
    def built_in_issuer(self) -> str:
        """Where local mode has its own sign-in with example people."""
        return f"{self.public_url.rstrip('/')}/identity"

    @property
    def issuer_url(self) -> str:
        """The issuer whose tokens count."""
        return self.issuer or self.built_in_issuer

    def keys(self) -> Keys:
        """The keys from the secrets file; in local mode without a file, new ones for this process.

        Raises `ValueError` for a key of another length.
        """
        if self.secrets_file is None:
            return Keys(secrets.token_bytes(32), secrets.token_bytes(32), self._wrapping({}))
        try:
            found = json.loads(_read(self.secrets_file, "VEILIG_SECRETS_FILE"))
            wrapping = self._wrapping(found.get("wrapping_keys", {}))
            return Keys(bytes.fromhex(found["reference_key"]), bytes.fromhex(found["partner_key"]), wrapping)
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
            # The text of the error may hold a part of a key.
            raise ValueError("VEILIG_SECRETS_FILE is not JSON with reference_key and partner_key") from None

    def _wrapping(self, found: dict[str, dict[str, str]]) -> Wrapping:
        files = sorted(self.wrapping_keys_dir.glob("*.json")) if self.wrapping_keys_dir else []
        known = found | {file.stem: json.loads(_read(file, "VEILIG_WRAPPING_KEYS_DIR")) for file in files}
        return {
            name: {int(version): bytes.fromhex(key) for version, key in versions.items()}
            for name, versions in known.items()
        }


Wrapping = Mapping[str, Mapping[int, bytes]]
"""Controller -> version -> wrapping key. The highest version wraps; the others still unwrap."""


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file of {setting} cannot be read") from None


class Keys:
    """`reference`: makes our own document ids. `partner`: root of the partners' keys. Never printed.

    `wrapping`: of the controllers whose modules run here.
    """

    def __init__(self, reference: bytes, partner: bytes, wrapping: Wrapping | None = None) -> None:
        if len(reference) != 32 or len(partner) != 32:
            raise ValueError("reference_key and partner_key must have 64 hexadecimal digits each")
        self.reference = reference
        self.partner = partner
        self.wrapping: Wrapping = wrapping or {}
        if any(len(key) != 32 for key in self.named().values()):
            raise ValueError("each wrapping key must have 64 hexadecimal digits")

    def named(self) -> dict[str, bytes]:
        """Every key by a name that may be told."""
        wrapping = {
            f"the wrapping key {version} of {controller}": key
            for controller, versions in self.wrapping.items()
            for version, key in versions.items()
        }
        return {"reference_key": self.reference, "partner_key": self.partner} | wrapping


def utc_now() -> datetime:
    """Now, in UTC. Leases and tokens use this one, which nobody can move."""
    return datetime.now(UTC)


class Clock:
    """The time that rules go by (UTC): real time plus an offset that only local mode may move forward."""

    def __init__(self, *, movable: bool = False, real: Callable[[], datetime] = utc_now) -> None:
        self._movable = movable
        self._real = real
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """Now, with the offset."""
        return self._real() + self.offset

    def set_offset(self, offset: timedelta) -> None:
        """Moves the clock. Raises `PermissionError` outside local mode and when time would go back."""
        if not self._movable:
            raise PermissionError("the clock can only be moved in local mode")
        if offset < self.offset:
            raise PermissionError("the clock cannot go back")
        self.offset = offset
