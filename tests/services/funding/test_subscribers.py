"""What funding does with what it hears, without a broker: each event straight to its handler."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.local.temporary import Mongo
from services.funding.app import COSTS, SAFETY_NET, build
from services.funding.cost_allocation import subscribers as costs_subscribers
from services.funding.safety_net import subscribers as net_subscribers
from shared.contracts.aftercare import EmployerInvoiced
from shared.contracts.assessment import AdvisedMeasure, MeasuresAdvised
from shared.contracts.envelope import Envelope, Event, dataschema
from shared.contracts.funding import CostLineClassified, CostLineReclassified
from shared.contracts.intake import AangifteFiled, IncidentReported
from shared.contracts.vocabulary import Executor, MeasureType, Payer, Place
from tests.given import utc
from tests.services.serving import Served, serve

AT = utc("2016-04-01", "09:00")


@dataclass
class Heard:
    """Stands for the bus: keeps the handlers, and hands them events."""

    handlers: dict[type[Event], list[Callable[[Any], Any]]] = field(default_factory=dict)

    def subscription(self, *_: object) -> Heard:
        return self

    def on(self, event: type[Event]) -> Callable[[Any], Any]:
        return lambda handler: self.handlers.setdefault(event, []).append(handler)

    async def hears(self, event: Event, *, times: int = 1) -> None:
        name = event.type_name()
        envelope = Envelope[Any](
            id=uuid.uuid4().hex, source="test", type=name, time=AT, subject=event.case, data=event,
            dataschema=dataschema(name, "http://test"),
        )  # fmt: skip
        for _ in range(times):
            for handler in self.handlers[type(event)]:
                await handler(envelope)


@pytest.fixture
async def funding(mongo: Mongo) -> AsyncIterator[tuple[Served, Heard]]:
    async with serve(build, mongo) as served:
        heard = Heard()
        costs_subscribers.subscribe(heard, served.cases(COSTS))
        net_subscribers.subscribe(heard, served.cases(SAFETY_NET))
        yield served, heard


async def state(served: Served, module: Any, case: str) -> Any:
    cases = served.cases(module)
    return await cases.load(cases.id_for(case))


def reported(case: str) -> IncidentReported:
    return IncidentReported(
        case=case, report_type="melding", kind="threat", office="alderman", municipality="9901", urgency="acute",
        impact="limited", reporter_is_victim=True, reported_at=AT,
    )  # fmt: skip


LINE = {
    "line": "l-1", "measure": "m-1", "type": "alarm", "place": "home", "payer": "municipality", "rule": "K2",
    "rule_version": "2016.1", "above_pkvw": True, "amount_cents": 100, "eligible": True,
}  # fmt: skip


def line(event: type[Event], case: str, **more: Any) -> Event:
    return event.model_validate({"case": case} | LINE | more)


@pytest.mark.parametrize(("month", "payer"), [("2016-03", Payer.MUNICIPALITY), ("2016-02", None)])
async def test_a_bill_of_the_ivp_is_a_case_of_its_own_by_the_rules_of_its_month(funding, month, payer):
    """K8, R-KST-06, R-KST-07, Q-6: told twice, it is one line, and no request can ever have it."""
    served, heard = funding
    bill = EmployerInvoiced(case="bill-1", invoice="bill-1", municipality="9901", month=month, amount_cents=120_000)
    await heard.hears(bill, times=2)
    costs = await state(served, COSTS, "bill-1")
    (found,) = costs.lines
    assert (found.payer, found.type, found.place, found.amount_cents) == (
        payer,
        MeasureType.CARE,
        Place.UNKNOWN,
        120_000,
    )
    assert costs.municipality == "9901"
    assert found.judge_before == (None if payer else utc("2016-04-05", "09:00"))
    await heard.hears(line(CostLineClassified, "bill-1", type="care", rule="K8", above_pkvw=False, eligible=False))
    assert (await state(served, SAFETY_NET, "bill-1")).requested_lines == ()


async def test_a_corrected_bill_costs_what_is_left_to_pay(funding):
    """INV-4, INV-11: the correction is a line beside it, also when it arrives first or twice."""
    served, heard = funding
    bill = EmployerInvoiced(case="bill-2", invoice="bill-2", municipality="9901", month="2016-03", amount_cents=120_000)
    credit = bill.model_copy(update={"invoice": "credit-1", "amount_cents": -20_000})
    await heard.hears(credit, times=2)
    await heard.hears(bill)
    costs = await state(served, COSTS, "bill-2")
    assert {(one.measure, one.amount_cents) for one in costs.lines} == {("bill-2", 120_000), ("credit-1", -20_000)}
    assert {one.payer for one in costs.lines} == {Payer.MUNICIPALITY}


async def test_advice_is_known_with_addressee_and_executor(funding):
    served, heard = funding
    measure = AdvisedMeasure(
        measure="m-1", type="camera", place="home", above_pkvw=True, addressee="municipality", urgency="acute",
        executor="police",
    )  # fmt: skip
    await heard.hears(MeasuresAdvised(case="c-1", municipality="9901", advised_at=AT, lines=(measure,)))
    costs, net = await state(served, COSTS, "c-1"), await state(served, SAFETY_NET, "c-1")
    assert [(one.executor, one.by_the_state) for one in costs.measures] == [(Executor.POLICE, True)]
    assert net.advised_at == AT


async def test_a_reclassified_line_replaces_what_the_safety_net_knew(funding):
    """R-KST-01, S-VAN-14."""
    served, heard = funding
    await heard.hears(reported("c-2"))
    await heard.hears(AangifteFiled(case="c-2", filed_on=AT.date()))
    await heard.hears(line(CostLineClassified, "c-2"))
    await heard.hears(line(CostLineClassified, "c-2", actual_cents=90))
    known = await state(served, SAFETY_NET, "c-2")
    assert (known.municipality, known.aangifte_on, known.actual_cents) == ("9901", AT.date(), 90)
    await heard.hears(line(CostLineReclassified, "c-2", payer="person", eligible=False))
    assert (await state(served, SAFETY_NET, "c-2")).requested_lines == ()
    assert (await state(served, COSTS, "c-2")).reported_in == "9901"
