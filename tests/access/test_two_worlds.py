"""Two worlds that differ only in what a role may not know give that role the same bytes.

Both worlds have the same keys and the same moment, so that ids and moments are the same too: nothing is left out of
the comparison but the `Date` of the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI

from deploy.local.temporary import Mongo
from services.assessment import app as assessment
from services.assessment.measures import commands as measuring
from services.assessment.measures.record import Measure
from services.funding import app as funding
from services.funding.cost_allocation import commands as costs
from services.intake import app as intake
from shared.access.roles import Role
from shared.access.ties import NoteCase, NoteTie
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import Addressee, MeasureType, Office, Place, Tie, Urgency
from shared.privacy import processing_log
from shared.runtime.cases import Act, Handled
from shared.runtime.environment import Settings
from tests.access.people import OTHER_TOWN, OTHER_UNIT, OWN, PEOPLE, TOWN, UNASKED, WROTE, Who
from tests.access.rich import (
    DAY,
    HOUR,
    RICH,
    Rich,
    fill_aftercare,
    fill_assessment,
    fill_funding,
    learn,
    somebody,
    tie_everybody,
)
from tests.access.test_cells import OPEN, bare, filled_in, routes_of
from tests.services.funding.cost_allocation.test_domain import GLASS, GUARD
from tests.services.serving import START, Served, serve

CASES = ("1a" * 16, "1b" * 16, "1c" * 16)
ONE = CASES[0]
World = Callable[[Served], Awaitable[Any]]
Seen = dict[str, tuple[int, bytes, list[tuple[str, str]]]]

COLLEAGUES = (
    Who(Role.MUNICIPALITY, "same municipality", "collega-1", case=ONE, municipality=TOWN),
    Who(Role.MUNICIPALITY, "other municipality", "secretaris-2", case=ONE, municipality=OTHER_TOWN),
    Who(Role.CONTROLLER, "other municipality", "controller-2", case=ONE, municipality=OTHER_TOWN),
    Who(Role.COUNCIL, "same municipality", "raad-1", case=ONE, municipality=TOWN),
    Who(Role.COUNCIL, "other municipality", "raad-2", case=ONE, municipality=OTHER_TOWN),
    Who(Role.RCCB, "other unit", "rccb-2", case=ONE, unit=OTHER_UNIT),
    Who(Role.HOVJ, "other unit", "hovj-2", case=ONE, unit=OTHER_UNIT),
    Who(Role.OFFICE_HOLDER, "nobody", "ander-1", case=ONE),
    Who(Role.REPORTER, "nobody", "ander-2", case=ONE),
    Who(Role.AUDITOR, "nobody", "auditor-1", case=ONE, municipality=TOWN),
)
"""Those for whom there is no case, whatever there is."""
ON_THE_ROTA = (
    Who(Role.MUNICIPALITY, "on the rota, not assigned", "griffier-1", case=ONE, municipality=TOWN),
    Who(Role.CONTROLLER, "same municipality", "controller-1", case=ONE, municipality=TOWN),
)
"""Those who may know totals of their municipality, and nothing else of it."""
TOTALS = {"/costs/totals", "/requests/totals"}


async def everything(served: Served, who: Who, *without: str) -> Seen:
    """All that somebody can read, by path; `without`: paths that are left out."""
    seen = {}
    for path, operation in routes_of(served, "get"):
        if path in OPEN or path in without:
            continue
        for url in filled_in(served, path, operation, who, "none"):
            seen[url] = bare(await served.client.get(url, headers=who.headers()))
    assert seen
    return seen


async def know_ties(served: Served, *cases: str, handler: str = "secretaris-1") -> None:
    """Whose the cases are and who handles them."""
    ties = served.app.state.admission.ties
    for case in cases:
        facts = (
            NoteCase(case, TOWN, Office.ALDERMAN, own=served.account("iemand-1")),
            NoteTie(case, served.account(handler), Tie.ASSIGNED, True),
        )
        for number, fact in enumerate(facts):
            await ties.update(ties.id_for(case), fact, handled=Handled(f"{case}-{number}"), act=Act("test"))


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads what at which minute is told to the person: both worlds are read at the same one."""
    monkeypatch.setattr(processing_log, "utc_now", lambda: START)
    monkeypatch.setattr(processing_log, "current", lambda: None)


async def seen_in(mongo: Mongo, rich: Rich, world: World, people: tuple[Who, ...], *without: str) -> list[Seen]:
    """What these people see of a service in a world."""
    async with serve(rich.build, mongo) as served:
        await world(served)
        return [await everything(served, who, *without) for who in people]


def same(people: tuple[Who, ...], one: list[Seen], other: list[Seen]) -> None:
    """Fails with who sees a difference where, and nothing of what."""
    found = [
        f"{who}: GET {path}"
        for who, here, there in zip(people, one, other, strict=True)
        for path in here
        if here[path] != there[path]
    ]
    assert not found, "\n".join(found)


RICHES = {rich.name: rich for rich in RICH}
FILLS: dict[str, Callable[..., Awaitable[None]]] = {
    "assessment": fill_assessment,
    "funding": lambda served, cases: fill_funding(served, cases, cases),
}


def with_cases(name: str, *cases: str) -> World:
    """A world with these cases of one municipality, all of one handler."""

    async def world(served: Served) -> None:
        await know_ties(served, *cases)
        await FILLS[name](served, cases)

    return world


@pytest.mark.parametrize("name", sorted(FILLS))
async def test_whoever_is_not_on_a_case_sees_the_same_for_none_one_and_three(mongo: Mongo, name: str) -> None:
    """A handler who is not assigned, another municipality, the council, another unit: counts, lists, codes, headers."""
    rich, nobody = RICHES[name], COLLEAGUES + ON_THE_ROTA
    none, one, three = [
        await seen_in(mongo, rich, with_cases(name, *CASES[:number]), COLLEAGUES) for number in (0, 1, 3)
    ]
    same(COLLEAGUES, none, one)
    same(COLLEAGUES, none, three)
    assert len(nobody) == len(COLLEAGUES) + 2


@pytest.mark.parametrize("name", sorted(FILLS))
async def test_the_rota_and_the_controller_see_totals_and_no_difference_beside_them(mongo: Mongo, name: str) -> None:
    rich = RICHES[name]
    none, three = [
        await seen_in(mongo, rich, with_cases(name, *CASES[:number]), ON_THE_ROTA, *TOTALS) for number in (0, 3)
    ]
    same(ON_THE_ROTA, none, three)


async def test_the_comparison_sees_a_difference_where_there_is_one(mongo: Mongo) -> None:
    """Who handles the case does see it: otherwise the tests above would compare nothing with nothing."""
    handler = (Who(Role.MUNICIPALITY, "assigned", "secretaris-1", case=ONE, municipality=TOWN),)
    for name in sorted(FILLS):
        none, one = [
            await seen_in(mongo, RICHES[name], with_cases(name, *CASES[:number]), handler) for number in (0, 1)
        ]
        with pytest.raises(AssertionError, match="GET"):
            same(handler, none, one)


KEPT_OUT = tuple(who for who in PEOPLE if "excluded" in who.label)


@pytest.mark.parametrize("rich", RICH, ids=[rich.name for rich in RICH])
async def test_who_is_kept_out_lives_in_a_world_without_the_case(mongo: Mongo, rich: Rich) -> None:
    """Also in lists, counts, totals and figures."""

    async def without(served: Served) -> None:
        await tie_everybody(served)
        await rich.always(served)

    async def with_them(served: Served) -> None:
        await without(served)
        await tie_everybody(served, OWN, WROTE, UNASKED)
        await rich.fill(served)

    same(KEPT_OUT, await seen_in(mongo, rich, without, KEPT_OUT), await seen_in(mongo, rich, with_them, KEPT_OUT))


PERSON = {"name": "A. Voorbeeld", "phone": "0600000000", "address": "Voorbeeldstraat 1"}
FOR_OTHER = {
    "kind": "threat", "office": "alderman", "municipality": TOWN, "victim": PERSON, "narrative": "Ik zag een brief.",
    "reporter": {"name": "B. Voorbeeld", "relation": "leidinggevende"},
}  # fmt: skip
COLLEAGUE = Who(Role.REPORTER, "wrote", "collega-2")


@pytest.mark.parametrize("role", [Role.REPORTER, Role.OFFICE_HOLDER])
async def test_who_reports_for_somebody_gets_the_same_receipt_whatever_is_there_about_them(
    mongo: Mongo, role: Role
) -> None:
    """R-MEL-10: no colleague finds out by reporting "for" somebody."""
    who, key = Who(role, "wrote", "collega-2"), {"Idempotency-Key": "melding-voor-een-ander"}
    found = []
    for known in (False, True):
        async with serve(intake.build, mongo) as served:
            if known:
                own = somebody("office-holder", "own")
                body = {name: value for name, value in FOR_OTHER.items() if name != "reporter"}
                for number in range(3):
                    headers = own.headers() | {"Idempotency-Key": f"eigen-melding-{number}"}
                    assert (await served.client.post("/v1/reports", json=body, headers=headers)).status_code == 201
            receipt = await served.client.post("/v1/reports", json=FOR_OTHER, headers=who.headers() | key)
            assert receipt.status_code == 201, receipt.text
            again = await served.client.post("/v1/reports", json=FOR_OTHER, headers=who.headers() | key)
            case = receipt.json()["case"]
            looks = [
                await served.client.get(f"/v1/{path}/{case}", headers=who.headers())
                for path in ("reports", "timelines")
            ]
            found.append([bare(one) for one in (receipt, again, *looks)])
    assert found[0] == found[1]


STATE = [{"type": "camera", "place": "home", "reason": "Kanarie."}]
PARTNERS = (
    Who(Role.MUNICIPALITY, "assigned", "secretaris-1", case=ONE, municipality=TOWN),
    Who(Role.BZK, "pseudonym", "bzk-1", case=ONE),
    *COLLEAGUES,
    *ON_THE_ROTA,
)


def with_state_measures(taken: bool, *, first: bool, acute: bool) -> World:
    """Advice to the municipality, and perhaps measures of the State, before or after it, acute or not."""

    async def take(served: Served) -> None:
        rccb = Who(Role.RCCB, "own unit", "rccb-1", unit="eenheid-oost")
        headers = rccb.headers() | {"Idempotency-Key": "maatregel-van-het-rijk"}
        body = {"measures": STATE, "acute": acute}
        answer = await served.client.post(f"/v1/measures/{ONE}/state-measures", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def world(served: Served) -> None:
        await know_ties(served, ONE)
        glass = Measure("glass", MeasureType.REINFORCED_GLASS, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.OTHER)
        facts = (
            measuring.NoteIncident(ONE, TOWN, Office.ALDERMAN), measuring.NoteFirstWeighing(ONE, True, START),
            measuring.NoteAssessment(ONE, True, START),
        )  # fmt: skip
        await learn(served, assessment.MEASURES, ONE, *facts)
        if taken and first:
            await take(served)
        advice = measuring.AdviseMeasures((glass,), START, measuring.AnswerTerms(HOUR, DAY), 30 * DAY)
        await learn(served, assessment.MEASURES, ONE, advice)
        if taken and not first:
            await take(served)
        await ends(served, "glass")
        if taken:
            await ends(served, *(await running(served)))

    return world


async def running(served: Served) -> tuple[str, ...]:
    """The measures that were not ended, when their review came first."""
    cases = served.cases(assessment.MEASURES)
    state = await cases.load(cases.id_for(ONE))
    assert state is not None and state.review_at is not None
    await learn(served, assessment.MEASURES, ONE, DeadlinePassed("review", state.review_at, state.review_at))
    return state.running_ids


async def ends(served: Served, *measures: str) -> None:
    """These end, announced before."""
    told = measuring.AnnounceScaleDown(START + 8 * DAY, START, DAY, measures)
    end = measuring.ScaleDown("Kanarie.", START + 8 * DAY, measures)
    await learn(served, assessment.MEASURES, ONE, told, end)


@pytest.mark.parametrize("acute", [False, True])
@pytest.mark.parametrize("first", [False, True])
async def test_what_the_state_does_leaves_no_trace_at_the_municipality(mongo: Mongo, first: bool, acute: bool) -> None:
    """Issue 4, 7: not in lists, dates or timelines."""
    rich = RICHES["assessment"]
    without, with_it = [
        await seen_in(mongo, rich, with_state_measures(taken, first=first, acute=acute), PARTNERS)
        for taken in (False, True)
    ]
    same(PARTNERS, without, with_it)
    told = [
        await partners_heard(mongo, with_state_measures(taken, first=first, acute=acute)) for taken in (False, True)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 2, "the advice and the end of what was advised"


async def partners_heard(mongo: Mongo, world: World) -> list[tuple[str, str]]:
    """Topic and type of what waits in the outbox for partners."""

    def joined(settings: Settings, **more: Any) -> FastAPI:
        return assessment.build(settings.model_copy(update={"municipalities": (TOWN,)}), **more)

    async with serve(joined, mongo) as served:
        await world(served)
        found = await served.cases(assessment.MEASURES).collection.find({}, {"outbox": 1}).to_list(None)
        entries = [entry for document in found for entry in document["outbox"]]
        return [(entry["topic"], entry["type"]) for entry in entries if entry["topic"].startswith("partner.")]


async def test_what_the_state_does_leaves_no_trace_in_funding(mongo: Mongo) -> None:
    """Not for the municipality, its controller, BZK or the person."""

    def world(*measures: Any) -> World:
        async def fill(served: Served) -> None:
            await know_ties(served, ONE)
            await learn(
                served, funding.COSTS, ONE, costs.NoteIncident(ONE, TOWN), costs.NoteAdvice(ONE, TOWN, measures)
            )

        return fill

    people = (*PARTNERS, Who(Role.OFFICE_HOLDER, "own", "iemand-1", case=ONE))
    rich = RICHES["funding"]
    same(
        people,
        await seen_in(mongo, rich, world(GLASS), people),
        await seen_in(mongo, rich, world(GLASS, GUARD), people),
    )


OUTSIDERS = (
    *PARTNERS,
    *(
        Who(role, "own unit", f"{role}-1", case=ONE, unit="eenheid-oost")
        for role in (Role.POLICE, Role.RCCB, Role.HOVJ)
    ),
)


async def test_whether_care_was_asked_for_is_seen_by_nobody_but_the_person_and_the_ivp(mongo: Mongo) -> None:
    """Police, OM, municipality, BZK, colleagues: the fact of care is health data."""

    async def nothing(served: Served) -> None:
        await know_ties(served, ONE)

    async def asked(served: Served) -> None:
        await know_ties(served, ONE)
        await fill_aftercare(served, (ONE,))

    rich = RICHES["aftercare"]
    same(
        OUTSIDERS,
        await seen_in(mongo, rich, nothing, OUTSIDERS),
        await seen_in(mongo, rich, asked, OUTSIDERS),
    )
