"""What a scenario stands on: a running stack, people with roles, and a plain consumer of all topics.

A scenario sees what users and partners see: HTTP and topics. The stack and its clock are shared by all scenarios, so
each makes cases and accounts of its own, and the clock only goes forward.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.stories.stage import Person, Stage, expect
from deploy.stories.witness import Received, Witness

TOWN, OTHER_TOWN = "9901", "9902"


@dataclass
class Scene:
    """One stack, as scenarios use it."""

    name: str
    stage: Stage
    witness: Witness
    data: Path
    """Where the stack keeps everything: database files, logs, keys."""
    mongo: str
    """Address of its database."""

    def person(self, role: str, municipality: str = "") -> Person:
        """Somebody with an account of their own; a municipal handler is the one on the rota, of `TOWN` unless told."""
        if role != "municipality":
            return Person(self.stage, role, f"{role}-{uuid.uuid4().hex[:12]}", municipality)
        return self.handler(municipality or TOWN)

    def handler(self, municipality: str = TOWN, *, deputy: bool = False) -> Person:
        """Who handles for an alderman in the example's rota, or the deputy (deploy/local/organisations.toml)."""
        account = f"{'griffier' if deputy else 'secretaris'}-{municipality[-1]}"
        return Person(self.stage, "municipality", account, municipality)

    def officer(self, role: str, municipality: str = TOWN) -> Person:
        """Somebody of police or OM, of the unit of a municipality (deploy/local/organisations.toml)."""
        return replace(self.person(role), unit="eenheid-oost" if municipality == TOWN else "eenheid-west")

    async def now(self) -> datetime:
        """The stack's time, in Amsterdam."""
        return await self.stage.now()

    async def later(self, **by: float) -> datetime:
        """Moves the clock, e.g. `later(minutes=30)`; returns the new time."""
        moment = await self.stage.now() + timedelta(**by)
        await self.stage.until(moment)
        return moment

    async def hears(self, case: str, *names: str, topic: str | None = None) -> list[Received]:
        """Waits until every one of these events (kebab case, each as often as given) about the case is on a topic.

        Returns all events about the case, or those on `topic`, so that a test may also say what is not there.
        `case`: the internal reference, or on a partner's topic the partner's own.
        """

        async def seen() -> list[Received]:
            return [one for one in self.witness.about({case}) if topic in (None, one.topic)]

        def all_there(found: list[Received]) -> bool:
            there = [one.name for one in found]
            return all(there.count(name) >= names.count(name) for name in names)

        return await self.stage.eventually(f"{', '.join(names)} on the bus", seen, all_there)

    async def eventually(self, who: Person, path: str, good: Any, what: str) -> Any:
        """Reads as `who` until the answer's body is `good` (a function); returns the body."""

        async def look() -> Any:
            answer = await who.looks(path)
            return answer.body if answer.status == 200 else None

        return await self.stage.eventually(what, look, lambda body: body is not None and good(body))


REPORTER = {"name": "B. Voorbeeld", "phone": "0611111111", "relation": "leidinggevende"}
"""Who reports for somebody else; invented."""
REPORT: dict[str, Any] = {
    "kind": "threat",
    "office": "alderman",
    "municipality": TOWN,
    "urgency": "acute",
    "impact": "far-reaching",
    "narrative": "Er lag een dreigbrief in de bus.",
    "victim": {"name": "A. Voorbeeld", "phone": "0600000000", "address": "Voorbeeldstraat 1"},
}
"""A report as an alderman makes it; invented."""


async def report(scene: Scene, who: Person | None = None, **other: Any) -> str:
    """A melding; returns the case."""
    who = who or scene.person("office-holder")
    receipt = await who.does("/intake/v1/reports", REPORT | other)
    case: str = receipt["case"]
    return case


async def weighing_of(scene: Scene, case: str) -> str:
    """Waits until RCCB has the case; returns the id of its weighing."""
    rccb = scene.person("rccb")
    path = "/assessment/v1/weighings?pageSize=100"
    rows = await scene.eventually(rccb, path, lambda rows: any(r["case"] == case for r in rows), "RCCB has the case")
    found: str = next(row["id"] for row in rows if row["case"] == case)
    return found


async def weigh(scene: Scene, case: str, *, qualifies: bool = True, target: str = "person") -> str:
    """RCCB's first weighing; returns the id of the weighing."""
    weighing = await weighing_of(scene, case)
    body = {"qualifies": qualifies, "target": target, "reason": "Afweging van de politie."}
    await scene.person("rccb").does(f"/assessment/v1/weighings/{weighing}/first-weighing", body)
    return weighing


async def decide(scene: Scene, weighing: str, *, measures_needed: bool = True) -> None:
    """The HOvJ's decision."""
    body = {"measures_needed": measures_needed, "level": "high", "reason": "Afweging van de officier."}
    await scene.person("hovj").does(f"/assessment/v1/weighings/{weighing}/decision", body)


def line(kind: str = "alarm", **other: Any) -> dict[str, Any]:
    """One advised measure: at home, above PKVW, for the municipality, unless told otherwise."""
    return {
        "type": kind, "place": "home", "above_pkvw": True, "addressee": "municipality", "urgency": "acute",
    } | other  # fmt: skip


async def advise(scene: Scene, case: str, *lines: dict[str, Any], town: str = TOWN) -> None:
    """Advice of RCCB, once measures know the case."""
    rccb = scene.officer("rccb", town)
    await scene.stage.eventually(
        "measures know the case",
        lambda: rccb.looks(f"/assessment/v1/measures/{case}"),
        lambda answer: answer.status == 200 and answer.body["municipality"],
    )
    before = await _on_screens(scene)
    given = list(lines) or [line()]
    await rccb.does(f"/assessment/v1/measures/{case}/advice", {"lines": given})
    municipal = sum(one["addressee"] == "municipality" for one in given)
    await scene.stage.eventually(
        "the handler of the case sees the advice",
        lambda: _on_screens(scene),
        lambda rows: len(rows - before) >= municipal,
    )


async def _on_screens(scene: Scene) -> set[str]:
    """The measures that handlers see; a handler sees a case once the event that assigned it arrived."""
    seen: set[str] = set()
    for town in (TOWN, OTHER_TOWN):
        for deputy in (False, True):
            rows = await scene.handler(town, deputy=deputy).sees("/assessment/v1/advice?pageSize=100")
            seen |= {row["measure"] for row in rows}
    return seen


async def take_over(scene: Scene, case: str, victim: Person) -> None:
    """The victim of what somebody else reported makes the case their own: the code by telephone, and police ring."""
    police = scene.person("police")
    code = (await police.sees(f"/intake/v1/reports/{case}"))["claim_code"]
    await victim.does(f"/intake/v1/claims/{case}", {"code": code})
    await police.does(f"/intake/v1/claims/{case}/confirmations")


__all__ = [
    "OTHER_TOWN", "REPORT", "REPORTER", "TOWN", "Scene", "advise", "decide", "expect", "line", "report", "take_over",
    "weigh", "weighing_of",
]  # fmt: skip
