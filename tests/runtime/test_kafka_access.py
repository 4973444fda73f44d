"""Kafka's settings: what is missing is said in a sentence that names the setting and never a secret."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import ValidationError

from deploy.cli.connection import Exit
from deploy.partners import files
from shared.runtime.kafka_access import KafkaAccess
from tests.deploy.commands import veilig

PASSWORD = "voorbeeld-wachtwoord"
TLS = {"kafka_security": "tls", "kafka_ca_file": "internal-ca.crt", "kafka_cert_file": "intake.crt",
       "kafka_key_file": "intake.key"}  # fmt: skip
SCRAM = {"kafka_security": "scram", "kafka_ca_file": "internal-ca.crt", "kafka_user": "intake",
         "kafka_password_file": "password"}  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    files.make_keys(folder, ("localhost",), datetime.now(UTC))
    (folder / "password").write_text(f"{PASSWORD}\n")
    return folder


def access(keys: Path, given: dict[str, str]) -> KafkaAccess:
    """Settings with the names of files in this folder."""
    found = {name: str(keys / value) if name.endswith("_file") else value for name, value in given.items()}
    return KafkaAccess.model_validate(found | {"kafka_bootstrap_servers": "kafka:9093"})


def test_without_anything_a_client_connects_as_to_the_local_broker() -> None:
    assert KafkaAccess().client() == {"bootstrap_servers": "127.0.0.1:19092"}


def test_with_a_certificate_both_sides_are_checked(keys: Path) -> None:
    options = access(keys, TLS).client()
    context = options.pop("ssl_context")
    assert options == {"bootstrap_servers": "kafka:9093", "security_protocol": "SSL"}
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname, "a broker of another name is refused"
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_with_a_password_the_broker_is_checked_too_and_the_end_of_the_line_is_no_part_of_it(keys: Path) -> None:
    options = access(keys, SCRAM).client()
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert options["security_protocol"] == "SASL_SSL" and options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("intake", PASSWORD)


@pytest.mark.parametrize(
    ("given", "name"),
    [(given, name) for given in (TLS, SCRAM) for name in given if name != "kafka_security"],
    ids=lambda one: one if isinstance(one, str) else one["kafka_security"],
)
def test_what_is_missing_is_named(keys: Path, given: dict[str, str], name: str) -> None:
    without = {key: value for key, value in given.items() if key != name}
    with pytest.raises(ValidationError, match=rf"VEILIG_{name.upper()} is needed with VEILIG_KAFKA_SECURITY="):
        access(keys, without)
    if name.endswith("_file"):
        with pytest.raises(ValidationError, match=rf"the file of VEILIG_{name.upper()} cannot be read"):
            access(keys, given | {name: "not-there"})


def test_files_that_do_not_belong_together_are_refused_without_telling_what_is_in_them(keys: Path) -> None:
    for wrong in ({"kafka_key_file": "funding.key"}, {"kafka_cert_file": "password"}, {"kafka_ca_file": "password"}):
        with pytest.raises(ValueError, match="do not fit together") as told:
            access(keys, TLS | wrong).client()
        assert PASSWORD not in str(told.value)


def test_a_key_behind_a_passphrase_is_refused_and_nobody_is_asked_for_it(keys: Path, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key((keys / "intake.key").read_bytes(), None)
    sealed = tmp_path / "sealed.key"
    sealed.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )  # fmt: skip
    with pytest.raises(ValueError, match="do not fit together"):
        access(keys, TLS | {"kafka_key_file": str(sealed)}).client()


@pytest.mark.parametrize(
    "command", [("dead-letters", "list"), ("tail",), ("partner", "list"), ("acls", "apply"), ("init",)]
)
@pytest.mark.parametrize(
    "environment",
    [{"VEILIG_KAFKA_SECURITY": "tls"},
     {"VEILIG_KAFKA_SECURITY": "tls", "VEILIG_KAFKA_CA_FILE": "password", "VEILIG_KAFKA_CERT_FILE": "intake.crt",
      "VEILIG_KAFKA_KEY_FILE": "intake.key"}],
    ids=["missing", "unfit"],
)  # fmt: skip
async def test_a_command_says_it_in_one_sentence(
    keys: Path, command: tuple[str, ...], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    for name, value in environment.items():
        monkeypatch.setenv(name, str(keys / value) if name.endswith("_FILE") else value)
    ended = await veilig(*command)
    assert ended.status == Exit.WRONG_INPUT, ended.out + ended.err
    assert len(ended.err.strip().splitlines()) == 1 and ended.err.startswith("The settings do not fit: ")
