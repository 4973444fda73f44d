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

from shared.runtime.environment import Clock, Keys, Settings
from tests.stack import ROOT

DOCUMENTED = (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default_and_meaning(name: str) -> None:
    field = Settings.model_fields[name]
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    shown = '""' if default == "" else default
    assert f"| `VEILIG_{name.upper()}` | `{shown}` | {field.description} |" in DOCUMENTED


def test_nothing_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(r"VEILIG_[A-Z_]+", DOCUMENTED))
    assert named == {f"VEILIG_{name.upper()}" for name in Settings.model_fields}


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
        Settings(environment="production", secrets_file=tmp_path, **wrong)  # type: ignore[arg-type]


def test_in_local_mode_the_issuer_is_the_built_in_one_unless_told_otherwise() -> None:
    assert Settings(environment="local").issuer_url == "http://127.0.0.1:8080/identity"
    assert Settings(environment="local", issuer="https://issuer.example").issuer_url == "https://issuer.example"


def test_keys_come_from_a_file_and_are_never_printed(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    reference = secrets.token_hex(32)
    file.write_text(json.dumps({"reference_key": reference, "partner_key": secrets.token_hex(32)}))
    settings = Settings(environment="production", secrets_file=file, issuer="https://issuer.example")
    assert settings.keys().reference == bytes.fromhex(reference)
    assert reference[:16] not in repr(settings.keys())
    with pytest.raises(ValueError, match="64 hexadecimal"):
        Keys(b"short", b"k" * 32)


def fresh(**more: Any) -> dict[str, Any]:
    return {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)} | more


COUNTED = bytes(range(32)).hex()
EXAMPLES = [
    {"reference_key": "0" * 64}, {"partner_key": "f" * 64}, {"reference_key": "0123" * 16}, {"partner_key": COUNTED},
    {"wrapping_keys": {"police": {"1": "0" * 64}}}, {"wrapping_keys": {"ivp": {"1": "9e" * 32, "2": COUNTED}}},
]  # fmt: skip


@pytest.mark.parametrize("wrong", EXAMPLES, ids=str)
def test_outside_local_mode_a_key_that_looks_like_an_example_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps(fresh() | wrong))
    with pytest.raises(ValueError, match="looks like an example") as error:
        Settings(environment="production", secrets_file=file).keys()
    assert "0000" not in str(error.value)
    Settings(environment="local", secrets_file=file).keys()


def test_one_key_for_two_things_is_refused(tmp_path: Path) -> None:
    file, one = tmp_path / "secrets.json", secrets.token_hex(32)
    file.write_text(json.dumps(fresh(wrapping_keys={"police": {"1": one}, "ivp": {"1": one}})))
    with pytest.raises(ValueError, match="are the same"):
        Settings(environment="production", secrets_file=file).keys()


def test_a_controllers_wrapping_keys_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    folder, old, new = tmp_path / "keys", secrets.token_hex(32), secrets.token_hex(32)
    folder.mkdir()
    (folder / "police.json").write_text(json.dumps({"1": old, "2": new}))
    file = tmp_path / "secrets.json"
    given = {"police": {"1": secrets.token_hex(32)}, "ivp": {"3": secrets.token_hex(32)}}
    file.write_text(json.dumps(fresh(wrapping_keys=given)))
    keys = Settings(environment="production", secrets_file=file, wrapping_keys_dir=folder).keys()
    assert keys.wrapping["police"] == {1: bytes.fromhex(old), 2: bytes.fromhex(new)}
    assert set(keys.wrapping["ivp"]) == {3}
    (folder / "ivp.json").write_text(json.dumps({"1": "abcd"}))
    with pytest.raises(ValueError, match="64 hexadecimal"):
        Settings(environment="production", secrets_file=file, wrapping_keys_dir=folder).keys()


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
