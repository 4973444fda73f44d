"""Settings, each documented, and the clock that only local mode may move."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from deploy.partners.forwarder.settings import ForwarderSettings
from services.aftercare.confidential_line.settings import LineSettings
from shared.runtime.environment import Clock, Keys, Settings
from shared.runtime.strength import check_keys
from tests.stack import ROOT

DOCUMENTED = (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default_and_meaning(name: str) -> None:
    field = Settings.model_fields[name]
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    shown = '""' if default == "" else default
    assert f"| `VEILIG_{name.upper()}` | `{shown}` | {field.description} |" in DOCUMENTED


@pytest.mark.parametrize("name", LineSettings.model_fields)
def test_every_setting_of_the_confidential_line_is_documented_too(name: str) -> None:
    field = LineSettings.model_fields[name]
    shown = '""' if field.default == "" else field.default
    assert f"| `VEILIG_LINE_{name.upper()}` | `{shown}` | {field.description} |" in DOCUMENTED


def test_nothing_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(r"VEILIG_[A-Z_]+", DOCUMENTED))
    ours = {f"VEILIG_{name.upper()}" for name in Settings.model_fields}
    ours |= {f"VEILIG_{name.upper()}" for name in ForwarderSettings.model_fields}
    line = {f"VEILIG_LINE_{name.upper()}" for name in LineSettings.model_fields}
    assert named - {"VEILIG_LINE_", "VEILIG_KAFKA_", "VEILIG_FORWARD_"} == ours | line


@pytest.mark.parametrize("name", ForwarderSettings.model_fields)
def test_every_setting_of_the_forwarder_is_documented_and_means_what_it_means_elsewhere(name: str) -> None:
    field = ForwarderSettings.model_fields[name]
    if name in Settings.model_fields:
        there = Settings.model_fields[name]
        assert (field.default, field.description) == (there.default, there.description)
        assert f"`VEILIG_{name.upper()}`" in DOCUMENTED
    else:
        assert f"| `VEILIG_{name.upper()}` | `{field.default}` | {field.description} |" in DOCUMENTED


def test_outside_local_mode_there_are_no_default_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILIG_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="VEILIG_SECRETS_FILE"):
        Settings()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"issuer": ""}, {"issuer": "http://issuer.example"}, {"issuer": "issuer.example"},
     {"public_url": "https://veilig.example/", "issuer": "https://veilig.example/identity"},
     {"public_url": "https://veilig.example", "issuer": "https://veilig.example/identity/"},
     {"issuer": "https://issuer.example", "audience": "us", "client_id": "us"}],
    ids=str,
)  # fmt: skip
def test_outside_local_mode_an_issuer_is_needed_and_never_the_built_in_one(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValidationError, match=r"VEILIG_ISSUER|VEILIG_AUDIENCE"):
        Settings(**{name: value for name, value in real(tmp_path).items() if name != "issuer"} | wrong)


def test_in_local_mode_the_issuer_is_the_built_in_one_unless_told_otherwise() -> None:
    assert Settings(environment="local").issuer_url == "http://127.0.0.1:8080/identity"
    assert Settings(environment="local", issuer="https://issuer.example").issuer_url == "https://issuer.example"


def test_keys_come_from_a_file_and_are_never_printed(tmp_path: Path) -> None:
    key = secrets.token_hex(32)
    settings = Settings(**real(tmp_path, reference_key=key))
    assert settings.keys().reference == bytes.fromhex(key)
    assert key[:16] not in repr(settings.keys()) + repr(settings)
    with pytest.raises(ValueError, match="64 hexadecimal"):
        Keys(b"short", b"k" * 32)


def real(folder: Path, **more: Any) -> dict[str, Any]:
    """Settings that are good enough for real data."""
    file = folder / "secrets.json"
    file.write_text(json.dumps({"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)} | more))
    place = {"oin": "00000001234567890000", "issuer": "https://issuer.example"}
    return {"environment": "production", "secrets_file": file} | place


WEAK = {
    "zeros": "00" * 32,
    "a repeated byte": "ab" * 32,
    "as in tests": (b"r" * 32).hex(),
    "a row": bytes(range(32)).hex(),
    "a row downwards": bytes(range(200, 168, -1)).hex(),
    "a repeated piece": "0123456789abcdef" * 4,
    "a sentence": b"dit is een heel lange zin, hoor!".hex(),
    "a word from an example": (b"\x01\xff\x92\x80 CHANGE me " + bytes(range(1, 37, 2))).hex()[:64],
}


@pytest.mark.parametrize("name", ["reference_key", "partner_key"])
@pytest.mark.parametrize("weak", WEAK.values(), ids=WEAK)
def test_a_weak_key_is_refused_outside_local_mode_and_not_repeated(tmp_path: Path, name: str, weak: str) -> None:
    given = real(tmp_path, **{name: weak})
    with pytest.raises(ValidationError, match=name) as refused:
        Settings(**given)
    assert weak[:16] not in str(refused.value)
    assert Settings(**given | {"environment": "local"}).keys()


def test_a_short_key_no_key_and_two_equal_keys_are_refused(tmp_path: Path) -> None:
    key = secrets.token_hex(32)
    for wrong in ({"partner_key": key[:62]}, {"partner_key": ""}, {"partner_key": key, "reference_key": key}):
        with pytest.raises(ValidationError, match=r"64 hexadecimal|must not be the same"):
            Settings(**real(tmp_path, **wrong))
    (tmp_path / "secrets.json").write_text('{"reference_key": "' + key)
    with pytest.raises(ValidationError, match="is not JSON") as refused:
        Settings(environment="production", secrets_file=tmp_path / "secrets.json")
    assert key[:16] not in str(refused.value)
    with pytest.raises(ValidationError, match="cannot be read"):
        Settings(environment="production", secrets_file=tmp_path / "nowhere.json")


def test_random_keys_are_taken(tmp_path: Path) -> None:
    for _ in range(200):
        check_keys({"one": secrets.token_bytes(32), "other": secrets.token_bytes(32)})
    assert Settings(**real(tmp_path))


def test_the_organisation_number_of_nobody_is_refused_outside_local_mode(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="VEILIG_OIN"):
        Settings(**real(tmp_path) | {"oin": "0" * 20})
    assert Settings(environment="local").oin == "0" * 20


def test_a_password_of_the_database_comes_from_a_file_outside_local_mode(tmp_path: Path) -> None:
    address = "mongodb://user:kanarie@database.example/?w=majority"
    with pytest.raises(ValidationError, match="VEILIG_MONGO_URL_FILE") as refused:
        Settings(**real(tmp_path) | {"mongo_url": address})
    assert "kanarie" not in str(refused.value)
    file = tmp_path / "address"
    file.write_text(address + "\n")
    settings = Settings(**real(tmp_path) | {"mongo_url_file": file})
    assert settings.mongo_url.get_secret_value() == address and "kanarie" not in repr(settings)
    assert Settings(**real(tmp_path) | {"mongo_url": "mongodb://database.example/"})


@pytest.mark.parametrize("weak", WEAK.values(), ids=WEAK)
def test_a_weak_wrapping_key_is_refused_outside_local_mode(tmp_path: Path, weak: str) -> None:
    with pytest.raises(ValidationError, match="wrapping key 2 of police"):
        Settings(**real(tmp_path, wrapping_keys={"police": {"1": secrets.token_hex(32), "2": weak}}))


def test_one_key_for_two_things_is_refused(tmp_path: Path) -> None:
    one = secrets.token_hex(32)
    with pytest.raises(ValidationError, match="must not be the same"):
        Settings(**real(tmp_path, wrapping_keys={"police": {"1": one}, "ivp": {"1": one}}))


def test_a_controllers_wrapping_keys_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    folder, old, new = tmp_path / "keys", secrets.token_hex(32), secrets.token_hex(32)
    folder.mkdir()
    (folder / "police.json").write_text(json.dumps({"1": old, "2": new}))
    given = {"police": {"1": secrets.token_hex(32)}, "ivp": {"3": secrets.token_hex(32)}}
    settings = real(tmp_path, wrapping_keys=given) | {"wrapping_keys_dir": folder}
    keys = Settings(**settings).keys()
    assert keys.wrapping["police"] == {1: bytes.fromhex(old), 2: bytes.fromhex(new)}
    assert set(keys.wrapping["ivp"]) == {3}
    (folder / "ivp.json").write_text(json.dumps({"1": "abcd"}))
    with pytest.raises(ValidationError, match="64 hexadecimal"):
        Settings(**settings)


def test_the_database_address_with_its_password_is_not_printed() -> None:
    settings = Settings(environment="local", mongo_url="mongodb://u:kanarie@x/")  # type: ignore[arg-type]
    assert "kanarie" not in repr(settings) and "kanarie" not in str(settings.model_dump())


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILIG_ENVIRONMENT", "local")
    monkeypatch.setenv("VEILIG_PORT", "kanarie")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert "port" in str(error.value) and "kanarie" not in str(error.value)


def test_the_clock_moves_in_local_mode_only_and_never_back() -> None:
    with pytest.raises(PermissionError):
        Clock(movable=False).set_offset(timedelta(days=1))
    clock = Clock(movable=True)
    clock.set_offset(timedelta(days=1))
    assert clock.now() - Clock().now() > timedelta(hours=23)
    with pytest.raises(PermissionError):
        clock.set_offset(timedelta(hours=1))
