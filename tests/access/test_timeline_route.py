"""`GET /v1/timelines/{case}` over HTTP: what is not for the caller is answered as if it did not exist."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from deploy.local.temporary import Mongo
from services.intake.app import REPORTING
from services.intake.reporting import queries as reporting_queries
from services.intake.reporting import routes as reporting_routes
from shared.access.matrix import DataClass
from shared.access.relations import Known
from shared.access.roles import Role
from shared.access.ties import NoteTie
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.decisions import Decision
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Tie
from shared.privacy.references import References
from shared.runtime.cases import Act, Handled, Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_walled
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire
from tests.access.signing import signed
from tests.services.serving import KEYS, Served, serve
from tests.stack import REPORT

AT = datetime(2016, 3, 14, 2, 10, 30, tzinfo=UTC)
CASE = "c0ffee" * 5
REFERENCES = References(KEYS.partner)
OF_TOWN = (Role.MUNICIPALITY, Role.CONTROLLER, Role.COUNCIL)


@dataclass(frozen=True)
class Told:
    """A case that only remembers what was told."""


@dataclass(frozen=True)
class Tell:
    """Tells these events."""

    events: tuple[Event, ...]


def decide(state: Told | None, command: Tell) -> Decision[Told]:
    return Decision(Told(), command.events)


NAMES = ("assessment.measures", "aftercare.callback")
ONE, OTHER = (Module[Told](name, Told, decide, lambda _: (), lambda _: False) for name in NAMES)


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """Two toy modules in the place of measures and care, and the real reporting; wired as a service wires its own."""
    wired = wire("intake", settings, keys, clock)
    service, admission = wired.service, wired.admission
    one, other, reporting = service.cases(ONE), service.cases(OTHER), service.cases(REPORTING)
    client = Known(client=True, municipality="9901")
    return build_walled(
        wired, "Timelines", reporting_routes.routes(reporting_routes.Desk(reporting, admission)),
        timeline_routes(
            service, admission, Part(one, one.id_for, DataClass.MEASURES, lambda _state, _caller: client),
            Part(other, other.id_for, DataClass.CARE_FACT, lambda _state, _caller: client),
            Part(reporting, str, DataClass.NARRATIVE, reporting_queries.known, reporting_queries.view_role),
        ),
    )  # fmt: skip


@pytest.fixture
async def served(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as made:
        yield made


async def tell(served: Served, *events: Event, module: Any = ONE, municipality: str = "9901") -> None:
    cases = served.cases(module)
    command = Tell(events)
    await served.tie(CASE, town=municipality)
    await cases.update(cases.id_for(CASE), command, handled=Handled(uuid.uuid4().hex), act=Act("account-7", "why"))


async def read(served: Served, role: Role, case: str = CASE, code: str = "9901") -> httpx2.Response:
    return await served.get(f"/v1/timelines/{case}", role, code if role in OF_TOWN else "")


def sealed(partner: str) -> str:
    return REFERENCES.seal(partner, CASE)


GRANTED = funding.FundingGranted(case=CASE, request="r" * 32, municipality="9901", granted_cents=100, decided_at=AT)
OPENED = assessment.WeighingOpened(case=CASE, opened_at=AT)
CALLED = aftercare.IvpCallbackDue(case=CASE, called_at=AT, due_at=AT)
ADVISED = assessment.MeasuresAdvised(case=CASE, municipality="9901", advised_at=AT, lines=())
SIGNAL = intake.SignalRecorded(case=CASE, kind="threat", recorded_at=AT)


async def test_each_role_gets_its_own_events_merged_in_order_of_time(served: Served) -> None:
    await tell(served, OPENED)
    served.time.now = served.time.now.replace(minute=20)
    await tell(served, CALLED, module=OTHER)
    served.time.now = served.time.now.replace(minute=30)
    await tell(served, GRANTED)
    answer = (await read(served, Role.OFFICE_HOLDER)).json()
    assert (answer["case"], answer["service"]) == (CASE, "intake")
    assert [one["event"].split(".")[3] for one in answer["events"]] == ["ivp-callback-due", "funding-granted"]
    assert answer["events"][0]["at"] == "2016-03-14T02:20:00Z"
    assert [one["event"].split(".")[3] for one in (await read(served, Role.RCCB)).json()["events"]] == [
        "weighing-opened"
    ]


async def test_partners_ask_by_their_own_reference_and_get_minutes(served: Served) -> None:
    served.time.now = AT
    await tell(served, GRANTED)
    await tell(served, CALLED, module=OTHER)
    for role, partner in ((Role.BZK, "bzk"), (Role.MUNICIPALITY, "municipality:9901"), (Role.IVP, "ivp")):
        answer = await read(served, role, sealed(partner))
        assert answer.status_code == 200, role
        assert answer.json()["case"] == sealed(partner)
        assert [one["at"] for one in answer.json()["events"]] == ["2016-03-14T02:10:00Z"]
        assert CASE not in answer.text and "r" * 32 not in answer.text


async def test_a_reference_of_another_partner_or_of_ours_opens_nothing(served: Served) -> None:
    await tell(served, GRANTED, CALLED)
    for role, own in ((Role.BZK, "bzk"), (Role.MUNICIPALITY, "municipality:9901"), (Role.IVP, "ivp")):
        for reference in {sealed(one) for one in ("bzk", "ivp", "municipality:9901", "municipality:9902")} | {CASE}:
            if reference != sealed(own):
                assert (await read(served, role, reference)).status_code == 404, (role, own)
    for reference in ("bzk", "ivp", "municipality:9901"):
        assert (await read(served, Role.OFFICE_HOLDER, sealed(reference))).status_code == 404


async def test_a_municipality_never_sees_a_case_of_another_even_with_a_reference(served: Served) -> None:
    await tell(served, GRANTED, municipality="9902")
    assert (await read(served, Role.MUNICIPALITY, sealed("municipality:9901"))).status_code == 404
    assert (await read(served, Role.BZK, sealed("bzk"))).status_code == 200


async def test_a_case_one_may_see_nothing_of_is_answered_as_an_unknown_one(served: Served) -> None:
    await tell(served, SIGNAL)
    unknown = await read(served, Role.POLICE, "0" * 30)
    assert unknown.status_code == 404
    for role in set(Role) - {Role.OFFICE_HOLDER}:
        partner = {Role.MUNICIPALITY: "municipality:9901", Role.BZK: "bzk", Role.IVP: "ivp"}.get(role)
        answer = await read(served, role, sealed(partner) if partner else CASE)
        assert (answer.status_code, answer.content) == (404, unknown.content), role
    assert (await read(served, Role.OFFICE_HOLDER)).status_code == 200


async def test_nobody_is_told_who_did_it_or_why(served: Served) -> None:
    await tell(served, SIGNAL, OPENED, GRANTED, CALLED)
    for role, case in ((Role.OFFICE_HOLDER, CASE), (Role.RCCB, CASE), (Role.HOVJ, CASE), (Role.BZK, sealed("bzk"))):
        answer = await read(served, role, case)
        assert answer.status_code == 200
        assert all(one.keys() == {"event", "at", "fields"} for one in answer.json()["events"])
        assert "account-7" not in answer.text and "why" not in answer.text


async def test_a_case_of_somebody_else_is_not_there(served: Served) -> None:
    await tell(served, CALLED, module=OTHER)
    path, headers = f"/v1/timelines/{CASE}", signed("office-holder", "account-2")
    assert (await served.client.get(path, headers=headers)).status_code == 404
    assert (await served.client.get(path, headers=signed("office-holder"))).status_code == 200


async def test_somebody_trusted_sees_measures_and_nothing_of_care(served: Served) -> None:
    await tell(served, ADVISED)
    await tell(served, CALLED, module=OTHER)
    account = served.app.state.admission.account("griffier-9")
    await served.tie(CASE, NoteTie(CASE, account, Tie.TRUSTED, True))
    answer = await served.client.get(f"/v1/timelines/{CASE}", headers=signed("office-holder", "griffier-9"))
    assert [one["event"].split(".")[3] for one in answer.json()["events"]] == ["measures-advised"]


@pytest.mark.parametrize("role", [Role.OFFICE_HOLDER, Role.RCCB, Role.MUNICIPALITY, Role.BZK, Role.IVP])
async def test_who_is_kept_out_sees_what_a_stranger_sees(served: Served, role: Role) -> None:
    await tell(served, GRANTED, OPENED)
    await tell(served, CALLED, module=OTHER)
    partner = {Role.MUNICIPALITY: "municipality:9901", Role.BZK: "bzk", Role.IVP: "ivp"}.get(role)
    case = sealed(partner) if partner else CASE
    assert (await read(served, role, case)).status_code == 200
    unknown = await read(served, role, "0" * 30)
    account = served.app.state.admission.account("account-1")
    await served.tie(CASE, NoteTie(CASE, account, Tie.EXCLUDED, True), own="somebody-else")
    answer = await read(served, role, case)
    assert (answer.status_code, answer.content, answer.headers.get("etag", "")) == (
        404, unknown.content, unknown.headers.get("etag", ""),
    )  # fmt: skip


async def test_without_a_role_nobody_comes_in(served: Served) -> None:
    await tell(served, SIGNAL)
    for headers, status in (({}, 401), (signed("office-holder", ""), 401), (signed("mayor"), 403)):
        assert (await served.client.get(f"/v1/timelines/{CASE}", headers=headers)).status_code == status


async def test_of_a_real_report_the_person_sees_it_all_and_a_stranger_nothing(served: Served) -> None:
    created = await served.post("/v1/reports", "office-holder", REPORT)
    case = created.json()["case"]
    [one] = (await read(served, Role.OFFICE_HOLDER, case)).json()["events"]
    assert one["event"].endswith("incident-reported.v1") and one["fields"]["kind"] == "threat"
    assert "Voorbeeld" not in str(one)
    headers = signed("office-holder", "somebody-else")
    assert (await served.client.get(f"/v1/timelines/{case}", headers=headers)).status_code == 404
    assert (await read(served, Role.REPORTER, case)).status_code == 404
    assert (await read(served, Role.POLICE, case)).status_code == 200


async def test_of_a_real_signal_only_the_person_sees_something(served: Served) -> None:
    created = await served.post("/v1/reports", "office-holder", REPORT | {"signal_only": True})
    case = created.json()["case"]
    assert (await read(served, Role.OFFICE_HOLDER, case)).status_code == 200
    for role in (Role.REPORTER, Role.POLICE, Role.RCCB, Role.HOVJ):
        assert (await read(served, role, case)).status_code == 404, role
