"""What a service with secrets needs to start: a controller, and outside local mode that one's wrapping key."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.aftercare.app import build as aftercare
from services.intake.app import REPORTING
from services.intake.app import build as intake
from shared.privacy.controllers import Controller
from shared.privacy.keyring import keys_of
from shared.privacy.vaults import Vaults, wrapping_keys
from shared.runtime.cases import Cases, Handled
from shared.runtime.environment import Keys, Settings
from shared.runtime.mongo import Database
from shared.runtime.service import Unprotected
from tests.access.signing import ISSUER, jwks_file
from tests.privacy.secret_toy import MODULE
from tests.stack import ROOT

OIN = "00000001234567890000"
MAIL = {"officer_mail": "fg@politie.example", "smtp_host": "mail.example"}


def settings(folder: Path, *controllers: str) -> Settings:
    keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)}
    wrapping = {name: {"1": secrets.token_hex(32)} for name in controllers}
    file = folder / "secrets.json"
    file.write_text(json.dumps(keys | {"wrapping_keys": wrapping}))
    place = {"environment": "production", "secrets_file": file, "issuer": ISSUER, "jwks_file": jwks_file(), "oin": OIN}
    return Settings.model_validate(place | MAIL)


async def test_outside_local_mode_a_service_needs_the_wrapping_keys_of_its_own_controllers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no wrapping key of police"):
        intake(settings(tmp_path, "ivp"))
    app = intake(settings(tmp_path, "police"))
    await app.state.service.database.close()
    with pytest.raises(ValueError, match="no wrapping key of ivp"):
        aftercare(settings(tmp_path, "police"))


def test_without_its_key_the_process_ends_with_a_sentence(tmp_path: Path) -> None:
    file = settings(tmp_path, "ivp").secrets_file
    environment = {
        "VEILIG_ENVIRONMENT": "production", "VEILIG_SECRETS_FILE": str(file), "PYTHONPATH": str(ROOT),
        "VEILIG_ISSUER": ISSUER, "VEILIG_JWKS_FILE": str(jwks_file()), "VEILIG_OIN": OIN,
    } | {f"VEILIG_{name.upper()}": value for name, value in MAIL.items()}  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-m", "services.intake"], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr == "This cannot start: there is no wrapping key of police: see docs/settings.md\n"


def test_in_local_mode_without_any_one_follows_from_the_reference_key() -> None:
    one, other = Keys(b"r" * 32, b"p" * 32), Keys(b"s" * 32, b"p" * 32)
    assert wrapping_keys(one, Controller.IVP, local=True) == wrapping_keys(one, Controller.IVP, local=True)
    found = {wrapping_keys(keys, who, local=True)[1] for keys in (one, other) for who in Controller}
    assert len(found) == 2 * len(Controller)
    assert wrapping_keys(one, Controller.IVP, local=False) == {}


async def test_secrets_without_a_controller_or_without_protection_cannot_be_stored(database: Database) -> None:
    vaults = Vaults(Keys(b"r" * 32, b"p" * 32), local=True)
    with pytest.raises(ValueError, match="nobody answers for the secrets of toy"):
        vaults.around(database, MODULE)
    with pytest.raises(ValueError, match="nothing to seal them with"):
        Unprotected().around(database, MODULE)
    assert Unprotected().around(database, replace(MODULE, secrets=())) is not None


async def test_what_stood_there_before_is_sealed_at_the_first_start_only(database: Database) -> None:
    raw = database.collection(REPORTING.name)
    state: dict[str, Any] = {"case": "a", "incident": {"narrative": "oud-kanarie"}}
    await raw.insert_one({"_id": "a", "version": 1, "state": state})
    vaults = Vaults(Keys(b"r" * 32, b"p" * 32), local=True)
    sealed = vaults.around(database, REPORTING)
    await vaults.prepare()
    assert "oud-kanarie" not in str(await raw.find_one({"_id": "a"}))
    assert await sealed.find_one({"_id": "a"}, {"state": 1}) == {"_id": "a", "state": state}
    assert await keys_of(database, Controller.POLICE).count_documents({}) == 1
    await raw.insert_one({"_id": "b", "version": 1, "state": state})
    await vaults.prepare()
    assert "oud-kanarie" in str(await raw.find_one({"_id": "b"})), (
        "later plain text is not ours, and is not taken for it"
    )


def test_the_digest_of_a_body_in_the_inbox_cannot_be_tried_out() -> None:
    """Of a phone number there are few: whoever has the database would find it from a plain digest."""
    one = Cases(MODULE, None, key=b"k" * 32, clock=None, origin=None)  # type: ignore[arg-type]
    other = Cases(MODULE, None, key=b"l" * 32, clock=None, origin=None)  # type: ignore[arg-type]
    handled = Handled("http:me:key-1", "0123456789abcdef")
    assert one._unguessable(handled).digest not in (handled.digest, other._unguessable(handled).digest)
    assert one._unguessable(handled) == one._unguessable(handled)
    assert one._unguessable(Handled("urn:x:1")) == Handled("urn:x:1")
