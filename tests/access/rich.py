"""Cases in which everything is filled in, one set for each service, with values that can be found again.

A mark is a piece of an answer, `"name":value`, that can only come from this case; it is of one class of data.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI

from services.aftercare import app as aftercare
from services.aftercare.callback import commands as care
from services.aftercare.callback.care import Person as Client
from services.aftercare.callback.care import Whom
from services.aftercare.callback.policy import terms_on as care_terms
from services.assessment import app as assessment
from services.assessment.measures import commands as measuring
from services.assessment.measures.record import Measure, StateMeasure
from services.assessment.weighing import commands as weighing
from services.funding import app as funding
from services.funding.cost_allocation import commands as costs
from services.funding.safety_net import commands as net
from services.intake import app as intake
from services.intake.reporting import commands as reporting
from services.intake.reporting.incident import (
    Custody,
    Doubt,
    Effects,
    Evidence,
    Facts,
    Incident,
    Medium,
    Person,
    Reporter,
)
from shared.access.matrix import DataClass
from shared.access.ties import NoteCase
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import (
    Addressee,
    Authority,
    CareProgress,
    DoubtReason,
    Executor,
    FilingAdvice,
    Impact,
    IncidentKind,
    LevelClass,
    MeasureType,
    Office,
    Place,
    SupportForm,
    TargetType,
    ThreatProduct,
    Urgency,
)
from shared.privacy.sealed_files import sha256
from shared.runtime.cases import Act, Handled, Module
from tests.access.people import OWN, PEOPLE, TOWN, UNASKED, WROTE, Who
from tests.access.signing import signed
from tests.services.funding.cost_allocation.test_domain import CAR, GLASS, GUARD, LOCKS
from tests.services.funding.safety_net.test_domain import AANGIFTE, ADVICE
from tests.services.funding.safety_net.test_domain import GLASS as GLASS_LINE
from tests.services.serving import START, Served

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FILE = b"CEL-narrative-file: een dreigbrief, plainly invented.\n"
BOTH = (OWN, WROTE)
Marks = dict[str, DataClass]


@dataclass(frozen=True)
class Rich:
    """A service, what fills it, and which pieces of its answers are of which class, beside the CEL-… texts."""

    name: str
    build: Callable[..., FastAPI]
    always: Callable[[Served], Any]
    """What is there in every world: bills and questions, which belong to no case."""
    fill: Callable[[Served], Any]
    marks: Marks


async def sent(served: Served, path: str, who: Who | None, body: Any, role: str = "") -> dict[str, Any]:
    """Something that is done over HTTP and must succeed; returns the answer."""
    # The same act has the same key in every world, and so the same ids.
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"{path} {body}").hex
    headers = (who.headers() if who else signed(role)) | {"Idempotency-Key": key}
    answer = await served.client.post(f"/v1{path}", json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def somebody(role: str, label: str) -> Who:
    """One of `PEOPLE`."""
    return next(who for who in PEOPLE if (who.role, who.label) == (role, label))


async def tie_everybody(served: Served, *cases: str) -> None:
    """Says who stands where to these cases; handlers are assigned by name, as after a hand-over."""
    ties = served.app.state.admission.ties
    facts: list[Any] = [NoteCase(case, TOWN, Office.ALDERMAN) for case in cases]
    facts += [fact for who in PEOPLE for fact in who.facts(served.account(who.actor), cases)]
    for fact in facts:
        await ties.update(ties.id_for(fact.case), fact, handled=Handled(uuid.uuid4().hex), act=Act("test"))


async def learn(served: Served, module: Module[Any], case: str, *commands: Any) -> None:
    """Facts and acts of a case; nobody is tied to it by this."""
    cases = served.cases(module)
    for command in commands:
        await cases.update(cases.id_for(case), command, handled=Handled(uuid.uuid4().hex), act=Act("test"))


async def nothing(served: Served) -> None:
    """This service keeps nothing that belongs to no case."""


def _incident(reporter: Reporter | None) -> Incident:
    words = {name: f"CEL-narrative-{name}" for name in Facts.__dataclass_fields__}
    return Incident(
        IncidentKind.THREAT, Office.ALDERMAN, TOWN, Urgency.ACUTE, Impact.FAR_REACHING, "CEL-narrative-verhaal",
        Person("CEL-identity-naam", "CEL-identity-telefoon", "CEL-address-huis"), reporter, medium=Medium.LETTER,
        facts=Facts(**words), witnesses=("CEL-narrative-getuige",), effects=Effects(words="CEL-narrative-gevolg"),
    )  # fmt: skip


def _evidence(number: str, adder: str) -> Evidence:
    digest = sha256(FILE) if number == "1" else number * 64
    custody = (Custody(adder, "CEL-narrative-toegevoegd", START),)
    return Evidence(digest, Medium.LETTER, len(FILE), "CEL-narrative-bron", custody, START)


async def fill_intake(served: Served) -> None:
    """A melding with talk, advice, mutatie and evidence; and one that a manager made for somebody else."""
    mine, wrote = somebody("office-holder", "own"), somebody("reporter", "wrote")
    other = Reporter(Person("CEL-identity-melder", "CEL-identity-nummer", "CEL-address-melder"), "CEL-identity-band")
    reports = served.cases(intake.REPORTING)
    doubt = Doubt((DoubtReason.COSTS,), "CEL-narrative-twijfel")
    for case, who, reporter in ((OWN, mine, None), (WROTE, wrote, other)):
        report = reporting.ReportIncident(
            case, _incident(reporter), START, HOUR, True, who.actor, served.account(who.actor)
        )
        facts = (
            report, reporting.NoteWeighingOpened(case, START), reporting.NoteFirstWeighing(case, True),
            reporting.RequestTalk(START, 3 * DAY, doubt), reporting.RecordTalk(START, START),
            reporting.AdviseFiling(FilingAdvice.FILE, "CEL-narrative-advies", START),
            reporting.RegisterMutatie("CEL-narrative-mutatie", date(2016, 3, 14)),
            reporting.AddEvidence(_evidence("1", who.actor)), reporting.AddEvidence(_evidence("2", "agent-1")),
        )  # fmt: skip
        for fact in facts:
            await reports.update(case, fact, handled=Handled(uuid.uuid4().hex), act=Act("test"))
        headers = who.headers() | {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/octet-stream"}
        path = f"/v1/reports/{case}/evidence/{sha256(FILE)}"
        stored = await served.client.put(path, content=FILE, headers=headers)
        assert stored.status_code == 200, stored.text


async def fill_assessment(served: Served, cases: tuple[str, ...] = BOTH) -> None:
    """Weighed, decided by word of mouth, advised, declined, taken, and due to be looked at again."""
    for case in cases:
        await learn(served, assessment.WEIGHING, case, *_weighed(case))
        await _advised_and_taken(served, case)


def _weighed(case: str) -> tuple[Any, ...]:
    oral = weighing.Oral(Authority.HOVJ, "rccb-9", DAY)
    return (
        weighing.OpenWeighing(
            case, Office.ALDERMAN, IncidentKind.THREAT, Urgency.ACUTE, START, HOUR, f"person-{case}", TOWN
        ),
        weighing.NoteAangifte(case, date(2016, 3, 14)), weighing.NoteMutatie(case, date(2016, 3, 14)),
        weighing.ConcludeFirstWeighing(
            True, TargetType.PERSON, "CEL-assessment-weging", "rccb-9", START, START, threat="CEL-assessment-dreiging",
            risk="CEL-assessment-risico",
        ),
        weighing.OrderInterpretation("CEL-assessment-duiding", "hovj-9", START, DAY),
        weighing.RecordThreatProduct(
            ThreatProduct.THREAT_ANALYSIS, "CEL-assessment-product", date(2016, 3, 14), "rccb-9", START,
            date(2016, 3, 14),
        ),
        weighing.DecideOnMeasures(
            True, LevelClass.HIGH, "CEL-assessment-beslissing", "hovj-9", START, START, oral=oral
        ),
    )  # fmt: skip


async def _advised_and_taken(served: Served, case: str) -> None:
    glass = Measure(
        f"glass-{case}", MeasureType.REINFORCED_GLASS, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.ACUTE
    )
    locks = Measure(f"locks-{case}", MeasureType.LOCKS, Place.HOME, False, Addressee.PERSON, Urgency.OTHER)
    taken = StateMeasure(
        f"camera-{case}", MeasureType.CAMERA, Place.HOME, Executor.POLICE, "CEL-assessment-staat", START, START,
        lighter="CEL-assessment-lichter",
    )  # fmt: skip
    await learn(
        served, assessment.MEASURES, case, measuring.NoteIncident(case, TOWN, Office.ALDERMAN),
        measuring.NoteFirstWeighing(case, True, START), measuring.NoteAssessment(case, True, START),
        measuring.AdviseMeasures((glass, locks), START, measuring.AnswerTerms(HOUR, DAY), 7 * DAY),
        measuring.Decline(glass.id, TOWN, "CEL-assessment-weigering", START),
        measuring.TakeStateMeasures((taken,), False, START, (MeasureType.CAMERA,), (), 7 * DAY, DAY),
    )  # fmt: skip
    cases = served.cases(assessment.MEASURES)
    state = await cases.load(cases.id_for(case))
    assert state is not None and state.review_at is not None
    await learn(served, assessment.MEASURES, case, DeadlinePassed("review", state.review_at, state.review_at))


async def ask_bzk(served: Served) -> None:
    """A question to BZK, which belongs to no case."""
    handler = somebody("municipality", "assigned")
    await sent(served, "/questions", handler, {"text": "CEL-costs-vraag"})


async def fill_funding(served: Served, cases: tuple[str, ...] = BOTH, asking: tuple[str, ...] = (OWN,)) -> None:
    """Costs that are disputed, and a request that was assessed and granted, in the cases that ask."""
    handler, ministry = somebody("municipality", "assigned"), somebody("bzk", "pseudonym")
    seal = served.app.state.admission.references.seal
    for case in cases:
        line = replace(GLASS_LINE, type=MeasureType.ALARM)
        facts = (net.NoteIncident(case, TOWN, Office.ALDERMAN), AANGIFTE, ADVICE, net.NoteCostLine(case, line))
        await learn(served, funding.SAFETY_NET, case, *(replace(fact, case=case) for fact in facts))
        known = (costs.NoteIncident(case, TOWN), costs.NoteAdvice(case, TOWN, (CAR, GLASS, GUARD, LOCKS)))
        await learn(served, funding.COSTS, case, *known)
    for case in asking:
        await _asked_for_money(served, handler, ministry, seal(f"municipality:{TOWN}", case), seal("bzk", case))


async def _asked_for_money(served: Served, handler: Who, ministry: Who, town: str, bzk: str) -> None:
    seal = served.app.state.admission.references.seal
    bill = {"case": town, "measure": seal(f"municipality:{TOWN}", "m-glass"), "above_pkvw_cents": 4_567_891}
    entered = await sent(served, "/costs", handler, bill | {"invoice": "CEL-costs-nota"})
    dispute = {"line": entered["lines"][0]["line"], "reason": "CEL-costs-geschil"}
    await sent(served, f"/costs/{town}/disputes", handler, dispute)
    await sent(served, "/requests", handler, {"case": town, "motivation": "CEL-costs-motivering"})
    await sent(served, f"/requests/{bzk}/assessments", ministry, {"reason": "CEL-costs-weging"})
    await sent(served, f"/requests/{bzk}/grant", ministry, {"amount_cents": 4_000_000, "reason": "CEL-costs-besluit"})


async def bill_a_month(served: Served) -> None:
    """A bill of the IVP, which belongs to no case."""
    body = {"municipality": TOWN, "month": "2016-02", "amount_cents": 7_654_321}
    await sent(served, "/invoices", None, body, "ivp-billing")


def _client(name: str) -> Client:
    return Client(f"CEL-identity-{name}", f"CEL-address-{name}", f"CEL-identity-functie-{name}", f"CEL-identity-{name}")


async def fill_aftercare(served: Served, cases: tuple[str, ...] = BOTH) -> None:
    """Care that was asked for by phone by somebody else, with a worker; and a case in which nobody asked."""
    for case in cases:
        terms = care_terms(START.date())
        request = care.RequestCallback(
            case, _client("client"), _client("beller"), Whom.VICTIM, True, START, START, terms
        )
        await learn(
            served, aftercare.CALLBACK, case, care.NoteIncident(case, Impact.ACUTE, START), request,
            care.AssignCareWorker("19012345678", "ivp-1", START), care.RecordContact(START + HOUR, START + HOUR),
            care.PlanSupport(SupportForm.PHONE, START + HOUR),
            care.ReportProgress(CareProgress.CONTACT_MADE, START + HOUR), care.NoteScaledDown(case, START + DAY),
        )  # fmt: skip
    await learn(served, aftercare.CALLBACK, UNASKED, care.NoteIncident(UNASKED, Impact.ACUTE, START))


GLASS_ROW, CAMERA_ROW = '"type":"reinforced-glass"', '"type":"camera"'
RICH = (
    Rich("intake", intake.build, nothing, fill_intake, {'"qualifies":true': DataClass.ASSESSMENT}),
    Rich(
        "assessment", assessment.build, nothing, fill_assessment,
        {
            GLASS_ROW: DataClass.MEASURES, CAMERA_ROW: DataClass.MEASURES, '"running":': DataClass.MEASURES,
            '"measures_needed":true': DataClass.ASSESSMENT, '"payer":"De gemeente betaalt': DataClass.COSTS,
            '"kind":"threat"': DataClass.NARRATIVE,
        },
    ),
    Rich(
        "funding", funding.build, ask_bzk, fill_funding,
        {
            ":4567891": DataClass.COSTS, ":4500000": DataClass.COSTS, ":4000000": DataClass.COSTS,
            '"payer":"municipality"': DataClass.COSTS, '"status":"granted"': DataClass.COSTS,
            '"office":"alderman"': DataClass.IDENTITY, '"type":"alarm"': DataClass.MEASURES,
        },
    ),
    Rich(
        "aftercare", aftercare.build, bill_a_month, fill_aftercare,
        {
            ":7654321": DataClass.COSTS, '"big":"19012345678"': DataClass.CARE_FACT,
            '"due_at":"2016-03-14T02:40': DataClass.CARE_FACT, '"progress":"contact-made"': DataClass.CARE_FACT,
            '"offered_at":"2016-03': DataClass.CARE_FACT,
        },
    ),
)  # fmt: skip
"""Every service behind the wall. The confidential line has a wall of its own."""
