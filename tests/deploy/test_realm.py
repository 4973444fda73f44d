"""The realm for Keycloak says what the services expect of an issuer; the file beside it is that realm."""

from __future__ import annotations

import json
import re

import pytest

from deploy.identity import people, realm
from services.aftercare.confidential_line.settings import LineSettings
from shared.access.roles import Role
from shared.runtime.environment import Settings

MADE = realm.realm(realm.EXAMPLE)
SETTINGS = Settings.model_validate({"environment": "local"})
PROFILE = json.loads(
    MADE["components"]["org.keycloak.userprofile.UserProfileProvider"][0]["config"]["kc.user.profile.config"][0]
)
FIELDS = {one["name"]: one for one in PROFILE["attributes"]}


def fits(name: str, value: str) -> bool:
    return re.fullmatch(FIELDS[name]["validations"]["pattern"]["pattern"], value) is not None


def test_the_file_is_what_the_code_makes() -> None:
    assert json.loads(realm.FILE.read_text()) == MADE, "python -m deploy.identity.realm"


def test_nobody_and_nothing_secret_is_in_it() -> None:
    assert "users" not in MADE
    for client in MADE["clients"]:
        assert not client["publicClient"] and "secret" not in client
        assert "jwt.credential.certificate" not in client["attributes"]


@pytest.mark.parametrize("client", MADE["clients"], ids=lambda client: client["clientId"])
def test_a_client_signs_people_in_at_one_address_with_a_key_and_pkce(client: dict) -> None:
    under = {SETTINGS.client_id: "", "veilig-bestuur-desk": LineSettings().desk_path}[client["clientId"]]
    assert client["redirectUris"] == [f"{realm.EXAMPLE}{under}/sign-in/callback"]
    assert client["clientAuthenticatorType"] == "client-jwt"
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not client["directAccessGrantsEnabled"] and not client["implicitFlowEnabled"]
    claims = {one["config"].get("claim.name") for one in client["protocolMappers"]} - {None}
    assert claims == {SETTINGS.claim_role, SETTINGS.claim_account, SETTINGS.claim_municipality, SETTINGS.claim_unit}
    audience = [one["config"].get("included.custom.audience") for one in client["protocolMappers"]]
    assert SETTINGS.audience in audience and SETTINGS.audience != client["clientId"]


def test_only_an_administrator_writes_who_somebody_is() -> None:
    for field in FIELDS.values():
        assert field["permissions"]["edit"] == ["admin"]
    assert "unmanagedAttributePolicy" not in PROFILE, "what is not named cannot be set"


def test_a_role_is_one_that_the_services_know() -> None:
    assert all(fits("role", role) for role in Role)
    assert not fits("role", "king") and not fits("role", "police|rccb")
    for example in people.people():
        who = example.who
        assert fits("account", who.account) and fits("municipality", who.municipality) and fits("unit", who.unit)
    assert not fits("account", "Jan de Vries")


def test_substantial_takes_a_second_factor() -> None:
    levels = json.loads(MADE["attributes"]["acr.loa.map"])
    asked = {one["alias"]: int(one["config"]["loa-condition-level"]) for one in MADE["authenticatorConfig"]}
    forms = {
        flow["alias"]: [step["authenticator"] for step in flow["authenticationExecutions"] if "authenticator" in step]
        for flow in MADE["authenticationFlows"]
    }
    at = {level: [flow for flow in asked if asked[flow] == number] for level, number in levels.items()}
    assert "auth-username-password-form" in forms[at["low"][0]]
    assert "auth-otp-form" in forms[at[SETTINGS.least_level][0]]
    assert MADE["browserFlow"] in forms


def test_tokens_are_signed_as_the_services_take_them() -> None:
    assert MADE["defaultSignatureAlgorithm"] in SETTINGS.token_algorithms
    assert realm.issuer(realm.EXAMPLE) == f"{realm.EXAMPLE}/inloggen/realms/{MADE['realm']}"
    assert (
        realm.issuer(realm.EXAMPLE)
        != Settings.model_validate({"environment": "local", "public_url": realm.EXAMPLE}).built_in_issuer
    )
