"""Who is calling: the wrong role, no role, no account or no municipality is no."""

from __future__ import annotations

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient

from shared.access.roles import Caller, Role, calls_as

app = FastAPI()


@app.get("/police")
def police(caller: Caller = Depends(calls_as(Role.POLICE, Role.RCCB))) -> dict[str, str]:
    return {"role": caller.role, "actor": caller.actor, "municipality": caller.municipality}


@app.get("/municipal")
def municipal(caller: Caller = Depends(calls_as(Role.MUNICIPALITY))) -> dict[str, str]:
    return {"role": caller.role, "actor": caller.actor, "municipality": caller.municipality}


@app.get("/nobody")
def nobody(caller: Caller = Depends(calls_as())) -> str:
    return caller.actor


client = TestClient(app)


def status(path, **headers):
    return client.get(path, headers=headers).status_code


@pytest.mark.parametrize("role", ["police", "rccb"])
def test_an_allowed_role_comes_in_as_itself(role):
    answer = client.get("/police", headers={"Role": role, "Actor": "agent-7"})
    assert (answer.status_code, answer.json()) == (200, {"role": role, "actor": "agent-7", "municipality": ""})


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.POLICE, Role.RCCB)])
def test_every_other_role_is_refused(role):
    assert status("/police", Role=role, Actor="agent-7", Municipality="9901") == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Role": "police"},
        {"Actor": "agent-7"},
        {"Role": "police", "Actor": ""},
        {"Role": "", "Actor": "agent-7"},
        {"Role": "POLICE", "Actor": "agent-7"},
        {"Role": "police,rccb", "Actor": "agent-7"},
        {"Role": "mayor", "Actor": "agent-7"},
        {"Role": "Role.POLICE", "Actor": "agent-7"},
    ],
    ids=str,
)
def test_without_a_known_role_and_an_account_nobody_comes_in(headers):
    answer = client.get("/police", headers=headers)
    assert answer.status_code == 403
    assert "mag dit niet" in answer.json()["detail"]


def test_a_municipal_handler_names_the_municipality():
    assert status("/municipal", Role="municipality", Actor="handler-1") == 403
    answer = client.get("/municipal", headers={"Role": "municipality", "Actor": "handler-1", "Municipality": "9901"})
    assert answer.json() == {"role": "municipality", "actor": "handler-1", "municipality": "9901"}


def test_a_municipality_does_not_make_another_role_municipal():
    assert status("/municipal", Role="police", Actor="agent-7", Municipality="9901") == 403


@pytest.mark.parametrize("role", Role)
def test_a_route_for_nobody_lets_nobody_in(role):
    assert status("/nobody", Role=role, Actor="agent-7", Municipality="9901") == 403


@pytest.mark.parametrize(
    "headers",
    [{"Actor": "A. Voorbeeld"}, {"Actor": "a" * 41}, {"Municipality": "990"}, {"Municipality": "99011"},
     {"Municipality": "utrecht"}],
    ids=str,
)  # fmt: skip
def test_an_account_is_no_name_and_a_municipality_is_a_cbs_code(headers):
    right = {"Role": "municipality", "Actor": "handler-1", "Municipality": "9901"}
    assert status("/municipal", **right) == 200
    assert status("/municipal", **right | headers) == 422


def test_called_directly_it_refuses_too():
    check = calls_as(Role.BZK)
    assert check(role="bzk", actor="bzk-3", municipality="") == Caller(Role.BZK, "bzk-3")
    with pytest.raises(HTTPException) as refusal:
        check(role="ivp", actor="ivp-1", municipality="")
    assert refusal.value.status_code == 403
    assert "ivp-1" not in refusal.value.detail
