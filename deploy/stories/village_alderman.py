"""The village alderman (E2E-1): stones through a window after an evening about asylum reception.

One report travels through all four services: care the same night, weighing, decision, measures, costs, the safety
net, review after thirty days, the end of measures after ninety, a call that is missed once, and the end of care.
At no moment does money delay a measure.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.stories.checks import Promise, check_bus
from deploy.stories.stage import AMSTERDAM, PATIENCE, Person, Stage, expect, next_evening
from deploy.stories.witness import Received, Witness
from shared.contracts.topics import AFTERCARE_INVOICES

MUNICIPALITY = "9901"
CANARIES = {
    "name": "Wethouder Voorbeeld-Kanarie",
    "phone": "0600000117",
    "address": "Verzonnenlaan 117, Voorbeelddorp",
    "narrative": "Om 21.15 uur vlogen er stenen door ons voorraam (kanarie-117).",
    "reason": "Redenering van de politie, kanarie-118.",
    "police_reference": "PL-KANARIE-119",
    "motivation": "De kosten zijn voor onze gemeente onevenredig, kanarie-120.",
}
"""Invented personal data; none of it may ever be on the bus."""

COSTS = {"alarm": (150_000, 1_400_000), "reinforced-glass": (0, 2_400_000)}
"""Euro cents up to the PKVW level and above it: 38,000 euros above."""


@dataclass
class Outcome:
    """What the story found: views by role, events in order of arrival, promises."""

    case: str
    views: list[tuple[str, str, Any]]
    events: list[Received]
    promises: list[Promise]
    states: dict[str, Any] = field(default_factory=dict)
    """How each service's case ended, without references and moments."""


class VillageAlderman:
    """The people of the story and what they do, in order. `say` gets each step with its moment."""

    def __init__(self, stage: Stage, witness: Witness, say: Callable[[datetime, str], None]) -> None:
        self.stage, self.witness, self._say = stage, witness, say
        # A new account each time it is told: a second report of one account would be linked to the first (R-MEL-10).
        self.alderman = Person(stage, "office-holder", f"account-{uuid.uuid4().hex[:12]}")
        self.police = Person(stage, "police", "agent-12")
        self.rccb = Person(stage, "rccb", "rccb-3")
        self.hovj = Person(stage, "hovj", "hovj-1")
        self.municipality = Person(stage, "municipality", "secretaris-1", MUNICIPALITY)
        self.neighbour = Person(stage, "municipality", "secretaris-2", "9902")
        self.ministry = Person(stage, "bzk", "bzk-7")
        self.care = Person(stage, "ivp", "ivp-5")
        self.care_bills = Person(stage, "ivp-billing", "ivp-9")
        self.case = self.weighing = self.town_ref = self.ministry_ref = self.care_ref = ""
        self.bill_refs: set[str] = set()
        self.promises: list[Promise] = []

    async def play(self) -> Outcome:
        """Plays the story. Raises `Broken` at the first expectation that does not hold."""
        evening = next_evening(await self.stage.now(), 21, 40)
        await self._report(evening)
        await self._care_tonight(evening)
        await self._weigh(evening)
        await self._advise(evening)
        await self._pay(evening)
        await self._review_and_end(evening)
        await self._missed_call(evening)
        await self._bill(evening)
        return await self._look_back()

    async def _at(self, moment: datetime, sentence: str) -> None:
        await self.stage.until(moment)
        self._say(moment, sentence)

    def _kept(self, promise: str, how: str) -> None:
        self.promises.append(Promise(promise, True, how))

    async def _report(self, evening: datetime) -> None:
        await self._at(evening, "Stones through the window. The first screen says: in danger, call 112.")
        start = await self.stage.call("GET", "/")
        expect("112" in start.body["banner"], "112 comes before any field", start.body["banner"])
        self._say(evening, "The alderman reports it himself; his answer gets lost, so the same report is sent twice.")
        report = {
            "kind": "violence", "office": "alderman", "municipality": MUNICIPALITY, "urgency": "acute",
            "impact": "far-reaching", "narrative": CANARIES["narrative"], "context": "asielinstroom",
            "aangifte_wished": True,
            "victim": {name: CANARIES[name] for name in ("name", "phone", "address")},
        }  # fmt: skip
        receipt = await self.alderman.does("/intake/v1/reports", report, times=2)
        self.case = receipt["case"]
        expect("géén aangifte" in receipt["message"], "wishing aangifte is not aangifte", receipt["message"])
        seen = await self.stage.eventually(
            "RCCB has the report",
            lambda: self.alderman.sees(f"/intake/v1/reports/{self.case}"),
            lambda view: view["rccb_notified_at"],
        )
        self._kept("Every report reaches RCCB (R-MEL-05)", f"received {_clock(seen['rccb_notified_at'])}")

    async def _care_tonight(self, evening: datetime) -> None:
        board = f"/aftercare/v1/callbacks/{self.case}"
        await self.stage.eventually(
            "care is offered at once", lambda: self.alderman.looks(board), lambda answer: answer.status == 200
        )
        before = {row["case"] for row in await self.care.sees("/aftercare/v1/offers")}
        await self._at(evening + timedelta(minutes=1), "He calls the alarm number; one phone number is enough.")
        asked = await self.care.does(
            "/aftercare/v1/callbacks", {"case": self.case, "phone": CANARIES["phone"]}, times=2
        )
        due = datetime.fromisoformat(asked["due_at"])
        rows = await self.care.sees("/aftercare/v1/callbacks")
        row = next(row for row in rows if row["phone"] == CANARIES["phone"] and row["due_at"] == asked["due_at"])
        self.stage.views.append(("ivp", "the board: who must be called, minutes left", [row]))
        self.care_ref = row["case"]
        expect(self.care_ref not in before, "the IVP sees nobody before an own call (R-IVP-09)")
        expect(row["minutes_left"] > 25, "the board counts down from thirty minutes", row["minutes_left"])
        refused = await self.municipality.looks("/aftercare/v1/callbacks")
        expect(refused.status == 403, "the municipality sees nothing of care", refused.status)
        await self._at(evening + timedelta(minutes=10), "The care worker rings; nobody answers. The clock goes on.")
        tried = await self.care.does(f"/aftercare/v1/callbacks/{self.care_ref}/attempts")
        expect(tried["status"] == "to-call", "an unanswered attempt does not stop the clock", tried["status"])
        await self._at(evening + timedelta(minutes=25), "The care worker rings again, and they talk.")
        made = await self.care.does(f"/aftercare/v1/callbacks/{self.care_ref}/contact", {})
        expect(made["status"] == "called" and not made["missed"], "contact stops the clock", made["status"])
        expect(datetime.fromisoformat(made["made_at"]) <= due, "the call is in time", made["made_at"])
        self._kept("Called back within 30 minutes (R-IVP-04)", f"asked 21:41, contact {_clock(made['made_at'])}")

    async def _weigh(self, evening: datetime) -> None:
        await self._at(evening + timedelta(minutes=45), "RCCB weighs: this qualifies for measures.")
        rows = await self.stage.eventually(
            "RCCB finds the case on its list",
            lambda: self.rccb.sees("/assessment/v1/weighings"),
            lambda rows: any(row["case"] == self.case for row in rows),
        )
        self.weighing = next(row["id"] for row in rows if row["case"] == self.case)
        path = f"/assessment/v1/weighings/{self.weighing}"
        too_early = {"measures_needed": True, "level": "high", "reason": CANARIES["reason"]}
        await self.hovj.is_refused(f"{path}/decision", too_early)
        weighed = {"qualifies": True, "target": "person", "reason": CANARIES["reason"]}
        first = await self.rccb.does(f"{path}/first-weighing", weighed, times=2)
        expect(not first["overdue"], "the first weighing is in time")
        self._kept("First weighing within an hour when acute", _clock(first["first_weighing"]["recorded_at"]))
        morning = evening + timedelta(hours=11)
        await self._at(morning, "Next morning the alderman goes to the police; they confirm his aangifte.")
        filed = {"reference": CANARIES["police_reference"], "filed_on": morning.date().isoformat()}
        confirmed = await self.police.does(f"/intake/v1/reports/{self.case}/aangifte", filed, times=2)
        expect(confirmed["type"] == "aangifte", "only the police make it an aangifte", confirmed["type"])
        await self._at(morning + timedelta(hours=2), "The public prosecutor (HOvJ) decides: measures are needed.")
        await self.hovj.does(f"{path}/decision", too_early, times=2)

    async def _advise(self, evening: datetime) -> None:
        await self._at(evening + timedelta(hours=15), "Police advise the municipality (alarm, glass) and him (locks).")
        path = f"/assessment/v1/measures/{self.case}"
        await self.stage.eventually(
            "the case is known where measures are advised",
            lambda: self.rccb.looks(path),
            lambda answer: answer.status == 200 and answer.body["municipality"] and answer.body["measures_needed"],
        )
        lines = [
            {"type": "locks", "place": "home", "above_pkvw": False, "addressee": "person"},
            {"type": "alarm", "place": "home", "above_pkvw": True, "addressee": "municipality"},
            {"type": "reinforced-glass", "place": "home", "above_pkvw": True, "addressee": "municipality"},
        ]
        earlier = {row["case"] for row in await self.municipality.sees("/assessment/v1/advice")}
        await self.rccb.does(f"{path}/advice", {"lines": lines}, times=2)
        seen_by_police = await self.rccb.sees(path)
        expect(len(seen_by_police["measures"]) == 3, "advice given twice by accident is one advice")
        rows = await self.stage.eventually(
            "the advice is there for who handles it at the municipality",
            lambda: self.municipality.looks("/assessment/v1/advice"),
            lambda answer: answer.status == 200 and any(row["case"] not in earlier for row in answer.body),
        )
        self.town_ref = next(row["case"] for row in rows.body if row["case"] not in earlier)
        advice = await self._own_advice()
        self.stage.views.append(("municipality", "what we must carry out", advice))
        expect(len(advice) == 2, "the municipality sees only what is addressed to it", len(advice))
        other = await self.neighbour.sees("/assessment/v1/advice")
        expect(all(row["case"] != self.town_ref for row in other), "another municipality sees nothing")
        for line, days in zip(advice, (3, 4), strict=True):
            await self._at(evening + timedelta(days=days), f"The municipality has put in place: {line['type']}.")
            done = {"case": line["case"], "measure": line["measure"]}
            await self.municipality.does("/assessment/v1/advice/implemented", done, times=2)
        advice = await self._own_advice()
        expect(all(row["state"] == "implemented" for row in advice), "both measures are in place")
        after = await self.rccb.sees(path)
        expect(not after["advice_unanswered"], "the municipality followed the advice in time")
        self._kept("Advice followed up within 5 working days (S-SBB-07)", "alarm on day 3, glass on day 4")

    async def _own_advice(self) -> list[dict[str, Any]]:
        rows = await self.municipality.sees("/assessment/v1/advice")
        return [row for row in rows if row["case"] == self.town_ref]

    async def _pay(self, evening: datetime) -> None:
        await self._at(evening + timedelta(days=5), "Only now money: the municipality enters what it cost.")
        lines: list[dict[str, Any]] = []
        for row in await self._own_advice():
            below, above = COSTS[row["type"]]
            body = {
                "case": row["case"],
                "measure": row["measure"],
                "up_to_pkvw_cents": below,
                "above_pkvw_cents": above,
            }
            lines = (await self._costs(body))["lines"]
        payers = sorted((line["rule"], line["payer"], line["amount_cents"]) for line in lines)
        expected = [("K1", "person", 150_000), ("K2", "municipality", 1_400_000), ("K2", "municipality", 2_400_000)]
        expect(payers == expected, "who pays follows K1 and K2", payers)
        self.stage.views.append(("municipality", "who pays which line", lines))
        await self._at(evening + timedelta(days=6), "It phones the ministry's safety net; the form follows.")
        earlier = {row["case"] for row in await self.ministry.sees("/funding/v1/requests")}
        await self.stage.eventually(
            "the safety net knows aangifte, advice and both cost lines",
            lambda: self.municipality.looks(f"/funding/v1/requests/{self.town_ref}/checks"),
            lambda answer: answer.status == 200 and answer.body["eligible_cents"] == 3_800_000,
        )
        asked = await self.municipality.does(
            "/funding/v1/requests", {"case": self.town_ref, "channel": "phone"}, times=2
        )
        expect(asked["status"] == "to-be-completed", "what is missing makes it incomplete, never rejected")
        expect(asked["missing"] == ["motivation"], "only the motivation is missing", asked["missing"])
        complete = await self._supplemented()
        expect(complete["eligible_cents"] == 3_800_000, "38,000 euros are above PKVW", complete["eligible_cents"])
        rows = [row for row in await self.ministry.sees("/funding/v1/requests") if row["case"] not in earlier]
        self.stage.views.append(("bzk", "requests, without name, address or threat", rows))
        self.ministry_ref = rows[0]["case"]
        path = f"/funding/v1/requests/{self.ministry_ref}"
        await self.ministry.does(f"{path}/acknowledgement", times=2)
        self._kept("The ministry says that the request arrived", "the same day")
        await self._decided(evening, path)

    async def _decided(self, evening: datetime, path: str) -> None:
        await self._at(evening + timedelta(days=10), "A person at the ministry decides: 30,000 of 38,000 euros.")
        await self.ministry.is_refused(f"{path}/grant", {"amount_cents": 3_800_001, "reason": "Te veel."})
        grant = {"amount_cents": 3_000_000, "reason": CANARIES["reason"]}
        granted = await self.ministry.does(f"{path}/grant", grant, times=2)
        expect(granted["status"] == "granted", "the ministry granted part", granted["status"])
        self._kept("The ministry decides within 14 days", "requested on day 6, granted on day 10")

    async def _costs(self, body: dict[str, Any]) -> Any:
        """Funding hears of the advice on its own time; until then it does not know the measure."""
        known = f"/funding/v1/costs/{self.town_ref}"
        await self.stage.eventually(
            "funding knows the advised measures",
            lambda: self.municipality.looks(known), lambda answer: answer.status == 200,
        )  # fmt: skip
        return await self.municipality.does("/funding/v1/costs", body, times=2)

    async def _supplemented(self) -> Any:
        path = f"/funding/v1/requests/{self.town_ref}"
        motivation = {"motivation": CANARIES["motivation"]}
        complete = await self.municipality.does(f"{path}/supplement", motivation, times=2)
        expect(complete["status"] == "in-treatment", "the request is complete", complete["missing"])
        return complete

    async def _review_and_end(self, evening: datetime) -> None:
        path = f"/assessment/v1/measures/{self.case}"
        await self._at(evening + timedelta(days=31), "Thirty days on, the measures must be looked at again.")
        due = await self.stage.eventually(
            "the review is due", lambda: self.rccb.sees(path), lambda view: view["review_due"]
        )
        states = {measure["state"] for measure in due["measures"]}
        expect("scaled-down" not in states, "a review date ends nothing by itself", states)
        self._kept("Measures are looked at again after 30 days", "review due, measures in place")
        await self.rccb.does(f"{path}/review", times=2)
        await self._at(evening + timedelta(days=62), "Thirty days later again.")
        await self.stage.eventually(
            "the second review is due", lambda: self.rccb.sees(path), lambda view: view["review_due"]
        )
        await self._at(evening + timedelta(days=80), "He is told ten days beforehand that the measures will end.")
        ends = {"ends_at": (evening + timedelta(days=90)).isoformat()}
        await self.rccb.does(f"{path}/announcement", ends, times=2)
        own = await self.alderman.sees(f"/assessment/v1/my-measures/{self.case}", show="my measures")
        expect(own["alerts"], "he reads when the measures end", own["alerts"])
        self._kept("The end of measures is told in advance (S-SBB-14)", "told on day 80, ended on day 90")
        await self._at(evening + timedelta(days=90), "After ninety days police end the measures, with a reason.")
        await self.rccb.does(f"{path}/scale-down", {"reason": CANARIES["reason"]}, times=2)
        rows = await self.stage.eventually(
            "care is offered again when measures end",
            lambda: self.care.sees("/aftercare/v1/offers"),
            lambda rows: any(row["case"] == self.care_ref and row["offers"] == 2 for row in rows),
        )
        expect(rows, "the IVP sees the new offer")
        self._kept("Care is offered again when measures end (S-SBB-14)", "offered on day 90")

    async def _missed_call(self, evening: datetime) -> None:
        night = (evening + timedelta(days=91)).replace(hour=2, minute=10)
        await self._at(night, "A bad night: he calls the alarm number again, and nobody rings back.")
        body = {"case": self.case, "phone": CANARIES["phone"]}
        await self.care.does("/aftercare/v1/callbacks", body, times=2)
        steps = (
            (21, "warned", "After 20 minutes the worker is warned.", lambda row: row["warned"]),
            (26, "escalated", "After 25 minutes the next worker is rung.", lambda row: row["escalated_minutes"] == 25),
            (
                31,
                "missed",
                "After 30 minutes the promise is broken: the coordinator is rung.",
                lambda row: row["missed"],
            ),
        )
        for minutes, what, sentence, good in steps:
            await self._at(night + timedelta(minutes=minutes), sentence)
            await self.stage.eventually(f"the call is {what}", self._care_row, good)
        own = await self.alderman.sees(f"/aftercare/v1/callbacks/{self.case}", show="my call")
        expect("spijt" in own["message"] and "0418" in own["message"], "an apology, with the number", own["message"])
        await self._at(night + timedelta(minutes=42), "The coordinator reaches him. The miss stays in the figures.")
        made = await self.care.does(f"/aftercare/v1/callbacks/{self.care_ref}/contact", {}, times=2)
        expect(made["missed"], "the miss stays although contact was made")
        self.promises.append(Promise("Called back within 30 minutes (R-IVP-04)", False, "asked 02:10, contact 02:52"))
        self._kept("A missed call is told once and escalated (S-IVP-02)", "25 and 30 minutes, then contact")
        await self._at(night + timedelta(days=3), "Care is closed.")
        closed = await self.care.does(f"/aftercare/v1/callbacks/{self.care_ref}/close", times=2)
        expect(closed["status"] == "closed", "care is closed", closed["status"])

    async def _bill(self, evening: datetime) -> None:
        first = (evening + timedelta(days=94)).replace(day=1, hour=9, minute=0)
        await self._at(max(first, evening + timedelta(days=95)), "The IVP bills the municipality for a month: no name.")
        month = evening.strftime("%Y-%m")
        bill = {"municipality": MUNICIPALITY, "month": month, "amount_cents": 120_000}
        await self.care_bills.does("/aftercare/v1/invoices", bill, times=2)
        bills = await self.municipality.sees("/aftercare/v1/invoices")
        own = [one for one in bills if one["month"] == month]
        expect(len(own) == 1, "the municipality reads its bill, once", len(own))
        self.stage.views.append(("municipality", "the bill of the IVP: a month and an amount", own))
        internal = await self.stage.eventually(
            "the bill is on the bus", lambda: self._told_of_bill(month), bool, self.witness.look_again
        )
        # A bill is a case of its own: nothing leads from it to the alderman's.
        self.bill_refs = {own[0]["case"], *internal}

    async def _told_of_bill(self, month: str) -> set[str]:
        bills = [one for one in self.witness.once() if one.topic == AFTERCARE_INVOICES.name]
        return {one.data["case"] for one in bills if one.data["month"] == month}

    async def _care_row(self) -> dict[str, Any]:
        rows: list[dict[str, Any]] = await self.care.sees("/aftercare/v1/callbacks")
        return next(row for row in rows if row["case"] == self.care_ref)

    async def _look_back(self) -> Outcome:
        stage = self.stage
        report = await self.alderman.sees(f"/intake/v1/reports/{self.case}", show="my report")
        weighing = await self.hovj.sees(f"/assessment/v1/weighings/{self.weighing}", show="weighing and decision")
        await self.police.sees(f"/intake/v1/reports/{self.case}", show="the report")
        measures = await self.rccb.sees(f"/assessment/v1/measures/{self.case}", show="all measures")
        request = await self.municipality.sees(f"/funding/v1/requests/{self.town_ref}", show="our request")
        care = await self.alderman.sees(f"/aftercare/v1/callbacks/{self.case}")
        references = {self.case, self.town_ref, self.ministry_ref, self.care_ref} | self.bill_refs
        events = await check_bus(stage, self.witness, references, tuple(CANARIES.values()))
        self._kept("Money never delays a measure (INV-1)", "in place on day 4, money asked on day 6")
        self._kept("Nothing personal on the bus", f"{len(events)} events, no canary, no value shared by two partners")
        states = {
            "report": (report["type"], report["qualifies"], report["rccb_overdue"]),
            "weighing": (weighing["overdue"], weighing["decision"]["level"], weighing["next_step"]),
            "measures": [(line["type"], line["state"]) for line in measures["measures"]],
            "request": (request["status"], request["eligible_cents"], request["outcome"]["granted_cents"]),
            "care": (care["status"], care["missed"]),
        }
        return Outcome(self.case, stage.views, events, self.promises, states)


def _clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(AMSTERDAM).strftime("%H:%M")


async def tell(url: str, say: Callable[[datetime, str], None], patience: float = PATIENCE) -> Outcome:
    """Plays the story on the stack at `url`. Raises `Broken` at the first expectation that does not hold."""
    async with Stage(url, patience) as stage:
        start = (await stage.call("GET", "/")).body
        async with Witness(start["kafka"], tuple(start["municipalities"])) as witness:
            return await VillageAlderman(stage, witness, say).play()
