"""The realm of a Keycloak that this place runs itself, made from what the services expect of any issuer.

`veilig-realm.json` beside this file is what `realm()` gives for an example address; a test holds them equal. Nobody is
in it: people and their accounts come from the organisation. A role, an account and the rest are attributes that only an
administrator can write. `substantial` takes a password and a second factor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.access.identity import ACCOUNT, MUNICIPALITY, UNIT
from shared.access.roles import Role
from shared.runtime.environment import Settings

NAME = "veilig"
PATH = "/inloggen"
"""Where the proxy serves Keycloak; other than `/identity`, which is the example's."""
EXAMPLE = "https://veilig.example"
FILE = Path(__file__).with_name("veilig-realm.json")
HERE = Settings.model_validate({"environment": "local"})
"""The names that the services go by when nothing else is set."""

ATTRIBUTES: dict[str, tuple[str, str]] = {
    HERE.claim_role: ("Rol", "|".join(Role)),
    HERE.claim_account: ("Account, zonder betekenis", ACCOUNT.pattern),
    HERE.claim_municipality: ("Gemeente (CBS-code)", MUNICIPALITY.pattern),
    HERE.claim_unit: ("Eenheid of team", UNIT.pattern),
}
"""Each claim, what an administrator reads beside it, and what it may be."""
NEEDED = (HERE.claim_role, HERE.claim_account)

BROWSER, FORMS, PASSWORD, SECOND = "veilig browser", "veilig forms", "veilig password", "veilig second factor"
CLIENTS: dict[str, str] = {HERE.client_id: "", "veilig-bestuur-desk": "/balie"}
"""Each client, and the path its sign-in stands under. The confidants' desk is a client, with a key, of its own."""

Json = dict[str, Any]


def issuer(public_url: str) -> str:
    """The address of this realm behind the proxy."""
    return f"{public_url.rstrip('/')}{PATH}/realms/{NAME}"


def realm(public_url: str, certificates: Mapping[str, str] | None = None) -> Json:
    """The realm, as Keycloak imports it.

    `certificates`: per client that of the key it shows, base64 without its frame.
    """
    known = certificates or {}
    return {
        "realm": NAME,
        "displayName": "Veilig Bestuur",
        "enabled": True,
        "sslRequired": "all",
        "registrationAllowed": False,
        "resetPasswordAllowed": False,
        "rememberMe": False,
        "loginWithEmailAllowed": False,
        "duplicateEmailsAllowed": True,
        "bruteForceProtected": True,
        "internationalizationEnabled": True,
        "supportedLocales": ["nl", "en"],
        "defaultLocale": "nl",
        "defaultSignatureAlgorithm": "PS256",
        "accessTokenLifespan": 600,
        "ssoSessionIdleTimeout": 1800,
        "ssoSessionMaxLifespan": 36000,
        "passwordPolicy": "length(14) and notUsername(undefined) and passwordHistory(5)",
        "eventsEnabled": True,
        "adminEventsEnabled": True,
        "attributes": {"acr.loa.map": json.dumps({"low": 1, "substantial": 2})},
        "browserFlow": BROWSER,
        "authenticationFlows": _flows(),
        "authenticatorConfig": [_level(PASSWORD, 1), _level(SECOND, 2)],
        "clients": [
            _client(name, f"{public_url.rstrip('/')}{under}/sign-in/callback", known.get(name, ""))
            for name, under in CLIENTS.items()
        ],
        "components": {"org.keycloak.userprofile.UserProfileProvider": [_profile()]},
    }


def _client(name: str, redirect: str, certificate: str) -> Json:
    known = {"jwt.credential.certificate": certificate} if certificate else {}
    return {
        "clientId": name,
        "name": "Veilig Bestuur",
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "clientAuthenticatorType": "client-jwt",
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": False,
        "redirectUris": [redirect],
        "webOrigins": [],
        "defaultClientScopes": ["basic", "acr"],
        "optionalClientScopes": [],
        "attributes": {"pkce.code.challenge.method": "S256", "token.endpoint.auth.signing.alg": "ES256"} | known,
        "protocolMappers": [_audience(), *map(_mapper, ATTRIBUTES)],
    }


def _audience() -> Json:
    config = {"included.custom.audience": HERE.audience, "access.token.claim": "true", "id.token.claim": "false"}
    return _mapped("audience", "oidc-audience-mapper", config)


def _mapper(claim: str) -> Json:
    config = {"user.attribute": claim, "claim.name": claim, "jsonType.label": "String", "access.token.claim": "true",
              "id.token.claim": "true", "userinfo.token.claim": "false"}  # fmt: skip
    return _mapped(claim, "oidc-usermodel-attribute-mapper", config)


def _mapped(name: str, kind: str, config: Json) -> Json:
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}


def _profile() -> Json:
    admin = {"view": ["admin"], "edit": ["admin"]}
    attributes: list[Json] = [{"name": "username", "permissions": admin, "validations": {"length": {"max": 255}}}]
    # Keycloak knows these two and wants them named; nothing of ours reads them.
    attributes += [{"name": "email", "permissions": admin, "validations": {"email": {}}}]
    for name, (title, pattern) in ATTRIBUTES.items():
        one: Json = {
            "name": name, "displayName": title, "permissions": admin,
            "validations": {"pattern": {"pattern": f"^({pattern})$", "error-message": "Dit past niet."}},
        }  # fmt: skip
        attributes.append(one | ({"required": {"roles": ["admin"]}} if name in NEEDED else {}))
    # Without a policy, attributes that are not named here cannot be set.
    told = json.dumps({"attributes": attributes}, ensure_ascii=False)
    return {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [told]}}


def _level(flow: str, level: int) -> Json:
    # What was shown counts as long as a session may last.
    return {"alias": flow, "config": {"loa-condition-level": str(level), "loa-max-age": "36000"}}


def _flows() -> list[Json]:
    return [
        _flow(BROWSER, True, _step("auth-cookie", "ALTERNATIVE", 10), _part(FORMS, "ALTERNATIVE", 20)),
        _flow(FORMS, False, _part(PASSWORD, "CONDITIONAL", 10), _part(SECOND, "CONDITIONAL", 20)),
        *(
            _flow(flow, False, _step("conditional-level-of-authentication", "REQUIRED", 10, flow),
                  _step(form, "REQUIRED", 20))
            for flow, form in ((PASSWORD, "auth-username-password-form"), (SECOND, "auth-otp-form"))
        ),
    ]  # fmt: skip


def _flow(alias: str, top: bool, *executions: Json) -> Json:
    return {"alias": alias, "providerId": "basic-flow", "topLevel": top, "builtIn": False,
            "authenticationExecutions": list(executions)}  # fmt: skip


def _step(authenticator: str, requirement: str, priority: int, config: str = "") -> Json:
    more = {"authenticatorConfig": config} if config else {}
    return {"authenticator": authenticator, "authenticatorFlow": False, "requirement": requirement,
            "priority": priority} | more  # fmt: skip


def _part(flow: str, requirement: str, priority: int) -> Json:
    return {"flowAlias": flow, "authenticatorFlow": True, "requirement": requirement, "priority": priority}


if __name__ == "__main__":
    FILE.write_text(json.dumps(realm(EXAMPLE), indent=2, ensure_ascii=False) + "\n")
