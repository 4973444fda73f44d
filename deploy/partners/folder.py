"""The folder that a partner gets: how to connect, what will come, and a running reader in three languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.contracts import schemas
from deploy.contracts.asyncapi import partner_document
from deploy.contracts.examples import SCHEMAS
from deploy.contracts.published import samples
from deploy.docker.certificates import Pair
from deploy.partners import rules
from deploy.partners.authority import PRIVATE, PUBLIC, write, write_pair
from deploy.partners.forwarder.domain import PAUSES
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.signing import TAG
from shared.contracts.audiences import GRANTS, topic_of
from shared.contracts.envelope import Event

KIT = Path(__file__).with_name("kit")
HTTP_KIT = KIT / "http"
ANY = "{code}"
NEVER = "until it is taken away"


@dataclass(frozen=True)
class Partner:
    """Who reads. `id`: as in `rules.topics_of`; `account`: as the broker knows it."""

    id: str
    account: str

    @property
    def kind(self) -> str:
        """`municipality`, `bzk` or `ivp`."""
        return self.id.partition(":")[0]

    @property
    def code(self) -> str:
        """CBS code, of a municipality."""
        return self.id.split(":")[1] if ":" in self.id else ""

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads."""
        return tuple(topic.name for topic in rules.topics_of(self.id))

    @property
    def group(self) -> str:
        """A group that it may use."""
        return f"{rules.group_prefix(self.id)}reader"


@dataclass(frozen=True)
class Credential:
    """How the broker knows the partner: `pair` of ours, a `password`, or neither: a certificate of its own."""

    pair: Pair | None = None
    password: str = ""


def write_kit(folder: Path, partner: Partner, credential: Credential, *, address: str, authority: str) -> None:
    """Writes the folder. `authority`: PEM of who vouches for the broker. Raises `FileExistsError`."""
    folder.mkdir(parents=True, mode=0o700)
    write(folder / "broker-ca.crt", authority, PUBLIC)
    _write_credential(folder, credential)
    write(folder / "connection.properties", _properties(partner, credential, address), PUBLIC)
    _write_contracts(folder, partner)
    words = _words(partner, credential, address)
    for file in _files(KIT):
        if HTTP_KIT not in file.parents:
            write(folder / file.relative_to(KIT), _filled(file, words), PUBLIC)


def write_http_kit(folder: Path, partner: Partner, *, url: str, keys: str, origin: str) -> None:
    """Writes the folder of a partner that gets its events over HTTP, in the place of an earlier one.

    `keys`: our public keys, as JWKS; `origin`: who we say we are when we ask for its consent. Nothing in it is secret.
    """
    remove_kit(folder)
    folder.mkdir(parents=True, mode=0o700)
    _write_contracts(folder, partner)
    write(folder / "signing-keys.json", keys, PUBLIC)
    said = {"url": url, "origin": origin, "tag": TAG}
    write(folder / "forwarding.properties", "".join(f"{name}={value}\n" for name, value in said.items()), PUBLIC)
    seconds = ForwarderSettings.model_fields["forward_seconds"].default
    words = said | {
        "partner": partner.id, "tries": str(len(PAUSES) + 1), "seconds": f"{seconds:g}",
        "days": str(sum(PAUSES, timedelta(0)).days),
    }  # fmt: skip
    for file in _files(HTTP_KIT):
        write(folder / file.relative_to(HTTP_KIT), _filled(file, words), PUBLIC)


def _files(kit: Path) -> list[Path]:
    return sorted(one for one in kit.rglob("*") if one.is_file() and "__pycache__" not in one.parts)


def _filled(file: Path, words: Mapping[str, str]) -> str:
    text = file.read_text()
    if file.suffix in (".md", ".sh"):
        for name, value in words.items():
            text = text.replace("{" + name + "}", value)
    return text


def renew_credential(folder: Path, credential: Credential) -> None:
    """Another key or password in a folder that is there."""
    for name in ("client.crt", "client.key", "client.pem", "password.txt"):
        (folder / name).unlink(missing_ok=True)
    _write_credential(folder, credential)


def remove_kit(folder: Path) -> None:
    """Throws the folder away, with the key in it."""
    if folder.is_dir():
        shutil.rmtree(folder)


def _write_credential(folder: Path, credential: Credential) -> None:
    if credential.pair is not None:
        write_pair(folder, "client", credential.pair)
        both = credential.pair.key_pem + credential.pair.certificate_pem
        write(folder / "client.pem", both, PRIVATE)
    if credential.password:
        write(folder / "password.txt", credential.password, PRIVATE)


def _properties(partner: Partner, credential: Credential, address: str) -> str:
    lines = {
        "bootstrap.servers": address,
        "topics": ",".join(partner.topics),
        "group.id": partner.group,
        "account": partner.account,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "@FOLDER@/broker-ca.crt",
    }
    if credential.password:
        lines |= {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512"}
    else:
        lines |= {
            "security.protocol": "SSL", "ssl.keystore.type": "PEM", "ssl.keystore.location": "@FOLDER@/client.pem",
        }  # fmt: skip
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    return f"# For clients in Java; the readers here put the place of this folder for @FOLDER@.\n{text}"


def _words(partner: Partner, credential: Credential, address: str) -> dict[str, str]:
    kcat = "-X security.protocol=ssl -X ssl.certificate.location=client.crt -X ssl.key.location=client.key"
    told, until = "`client.crt`, `client.key`, `client.pem`: your certificate and key.", NEVER
    if credential.password:
        kcat = (
            "-X security.protocol=sasl_ssl -X sasl.mechanism=SCRAM-SHA-512 "
            f'-X sasl.username={partner.account} -X sasl.password="$(cat password.txt)"'
        )
        told = "`password.txt`: the password of your account. kcat can use it from librdkafka 2.6.1 on (`kcat -V`)."
    elif credential.pair is None:
        told = "Put your own certificate and key here, as `client.crt`, `client.key`, and both in `client.pem`."
    else:
        until = _day(credential.pair.certificate.not_valid_after_utc)
    return {
        "partner": partner.id, "address": address, "topics": ", ".join(f"`{one}`" for one in partner.topics),
        "prefix": rules.group_prefix(partner.id), "first": partner.topics[0], "kcat": kcat, "credential": told,
        "until": until,
    }  # fmt: skip


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _events(partner: Partner) -> Sequence[type[Event]]:
    return [
        event for event, grants in GRANTS.items() for grant in grants
        if grant.partner == partner.kind and topic_of(grant, partner.code).name in partner.topics
    ]  # fmt: skip


def _write_contracts(folder: Path, partner: Partner) -> None:
    """Of this partner's topics alone: the document, the schemas, the samples, and a list of them."""
    document = partner_document(partner.kind)
    document["channels"] = {
        name: _of_code(channel, partner.code) for name, channel in document["channels"].items()
        if channel["address"].replace(ANY, partner.code) in partner.topics
    }  # fmt: skip
    document["operations"] = {
        name: one for name, one in document["operations"].items()
        if one["channel"]["$ref"].rsplit("/", 1)[1] in document["channels"]
    }  # fmt: skip
    used = {key for channel in document["channels"].values() for key in channel["messages"]}
    messages, described = document["components"]["messages"], document["components"]["schemas"]
    document["components"]["messages"] = {key: one for key, one in messages.items() if key in used}
    document["components"]["schemas"] = {key: one for key, one in described.items() if key in (*used, "Envelope")}
    _json(folder / "asyncapi.json", document)
    all_schemas, all_samples, listed = schemas.all_schemas(SCHEMAS), samples(), []
    for event in _events(partner):
        path = schemas.path_of(event, partner.kind)
        _json(folder / "schemas" / path, all_schemas[path])
        listed.append({"type": event.type_name(), "schema": path})
        for name, one in all_samples.items():
            if name.startswith(f"partners/{partner.kind}/{event.type_name()}."):
                _json(folder / "samples" / name.rsplit("/", 1)[1], one)
    _json(folder / "schemas" / schemas.ENVELOPE_PATH, all_schemas[schemas.ENVELOPE_PATH])
    _json(folder / "events.json", listed)


def _of_code(channel: dict[str, Any], code: str) -> dict[str, Any]:
    text = json.dumps({name: value for name, value in channel.items() if name != "parameters"})
    found: dict[str, Any] = json.loads(text.replace(ANY, code))
    return found


def _json(file: Path, content: Any) -> None:
    write(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n", PUBLIC)
