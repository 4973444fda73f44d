"""Settings, each documented, and the clock that only local mode may move."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from services.aftercare.confidential_line.settings import LineSettings
from shared.runtime.environment import Clock, Keys, Settings
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
    assert named - {"VEILIG_LINE_"} == ours | {f"VEILIG_LINE_{name.upper()}" for name in LineSettings.model_fields}


def test_outside_local_mode_there_are_no_default_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILIG_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="VEILIG_SECRETS_FILE"):
        Settings()


def test_keys_come_from_a_file_and_are_never_printed(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"reference_key": "ab" * 32, "partner_key": "cd" * 32}))
    settings = Settings(environment="production", secrets_file=file)
    assert settings.keys().reference == b"\xab" * 32
    assert "ab" * 8 not in repr(settings.keys())
    with pytest.raises(ValueError, match="64 hexadecimal"):
        Keys(b"short", b"k" * 32)


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
