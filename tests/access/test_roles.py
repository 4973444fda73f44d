"""Who is calling: nobody is 401, the wrong role or no municipality is 403, and each is in one place."""

from __future__ import annotations

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient

from shared.access.gate import Door, issuer_of
from shared.access.identity import Verifier, rules_of
from shared.access.roles import Caller, Role, calls_as, perhaps_calls_as
from shared.web.document import document
from tests.access.signing import claims, local_settings, sign, signed

app = FastAPI()


class NoSessions:
    """Nobody signed in on our pages."""

    async def find(self, _: str) -> None:
        return None


SETTINGS = local_settings()
app.state.gate = Door(Verifier(issuer_of(SETTINGS), rules_of(SETTINGS)), NoSessions(), "session")


@app.get("/police")
def police(caller: Caller = Depends(calls_as(Role.POLICE, Role.RCCB))) -> Caller:
    return caller


@app.get("/municipal")
def municipal(caller: Caller = Depends(calls_as(Role.MUNICIPALITY))) -> Caller:
    return caller


@app.get("/nobody")
def nobody(caller: Caller = Depends(calls_as())) -> str:
    return caller.actor


@app.post("/anybody")
async def anybody(request: Request, caller: Caller | None = Depends(perhaps_calls_as(Role.OFFICE_HOLDER))) -> str:
    return caller.actor if caller else "nobody"


client = TestClient(app)


def status(path, headers):
    return client.get(path, headers=headers).status_code


@pytest.mark.parametrize("role", ["police", "rccb"])
def test_an_allowed_role_comes_in_as_itself(role):
    answer = client.get("/police", headers=signed(role, "agent-7", unit="eenheid-oost"))
    assert answer.json() == {
        "role": role, "actor": "agent-7", "municipality": "", "unit": "eenheid-oost", "level": "substantial",
    }  # fmt: skip


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.POLICE, Role.RCCB)])
def test_every_other_role_is_refused(role):
    assert status("/police", signed(role, "agent-7", "9901")) == 403


@pytest.mark.parametrize("role", ["", "POLICE", "police,rccb", "mayor", "Role.POLICE", None, 7, ["police"], {"a": 1}])
def test_a_role_that_is_not_one_of_ours_is_refused(role):
    token = sign(claims("police", "agent-7", role=role))
    assert status("/police", {"Authorization": f"Bearer {token}"}) == 403


def test_without_credentials_one_is_not_signed_in_and_is_told_how():
    answer = client.get("/police")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "headers",
    [{"Role": "police", "Actor": "agent-7"}, {"X-Role": "police"}, {"Cookie": "session=x"}, {"Cookie": "Role=police"}],
    ids=str,
)
def test_what_anybody_can_write_down_says_nothing(headers):
    assert status("/police", headers) == 401


def test_a_municipal_handler_has_a_municipality():
    assert status("/municipal", signed("municipality", "handler-1")) == 403
    answer = client.get("/municipal", headers=signed("municipality", "handler-1", "9901"))
    assert (answer.json()["role"], answer.json()["municipality"]) == ("municipality", "9901")


def test_a_municipality_does_not_make_another_role_municipal():
    assert status("/municipal", signed("police", "agent-7", "9901")) == 403


@pytest.mark.parametrize("role", Role)
def test_a_route_for_nobody_lets_nobody_in(role):
    assert status("/nobody", signed(role, "agent-7", "9901")) == 403


@pytest.mark.parametrize(
    "other",
    [{"account": "A. Voorbeeld"}, {"account": "a" * 41}, {"account": ""}, {"account": None}, {"account": 7},
     {"account": "agent-7\n"}, {"municipality": "990"}, {"municipality": "99011"}, {"municipality": "utrecht"},
     {"municipality": "٩٩٠١"}, {"municipality": 9901}, {"unit": "Team Noord"}, {"unit": ["a"]}],
    ids=str,
)  # fmt: skip
def test_an_account_is_no_name_and_a_municipality_is_a_cbs_code(other):
    def asked(**more):
        token = sign(claims("municipality", "handler-1", "9901", **more))
        return status("/municipal", {"Authorization": f"Bearer {token}"})

    assert asked() == 200
    assert asked(**other) == 401


def test_what_anybody_may_do_knows_who_signed_in_and_refuses_what_does_not_count():
    assert client.post("/anybody").json() == "nobody"
    assert client.post("/anybody", headers=signed("office-holder", "wethouder-1")).json() == "wethouder-1"
    assert client.post("/anybody", headers=signed("bzk")).status_code == 403
    assert client.post("/anybody", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.post("/anybody", headers={"Cookie": "session=ended"}).json() == "nobody", "ended is as none"


def test_the_document_says_where_one_must_sign_in_and_where_one_may():
    written = document("Roles", "https://veilig.example/v1", app.router.routes)
    assert written["paths"]["/police"]["get"]["security"] == [{"Token": []}, {"Session": []}]
    assert written["paths"]["/anybody"]["post"]["security"] == [{}, {"Token": []}, {"Session": []}]
    schemes = written["components"]["securitySchemes"]
    assert {name: one["type"] for name, one in schemes.items()} == {"Token": "http", "Session": "apiKey"}
    assert schemes["Token"]["scheme"] == "bearer" and schemes["Session"]["in"] == "cookie"


def test_an_app_without_a_gate_lets_nobody_in():
    bare = FastAPI()
    bare.get("/")(nobody)
    with pytest.raises(AttributeError):
        TestClient(bare).get("/", headers=signed("police"))
