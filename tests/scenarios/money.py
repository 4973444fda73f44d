"""What scenarios about money stand on: a case with advice, its costs, and a request at the ministry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from deploy.stories.stage import Person
from tests.scenarios.scene import TOWN, Scene, advise, line, report

BZK_TOPIC = "partner.bzk.safety-net"


@dataclass
class Money:
    """A case, its person, and a handler of its municipality with the municipality's references."""

    scene: Scene
    case: str
    person: Person
    handler: Person
    town: str = ""
    """The municipality's reference of the case; empty when it was advised nothing."""
    measures: dict[str, str] = field(default_factory=dict)
    """The municipality's reference of each advised measure, by type."""

    async def enters(self, kind: str, *, up_to: int = 0, above: int = 0, **more: Any) -> list[dict[str, Any]]:
        """The municipality enters what a measure costs; returns its lines."""
        body = {
            "case": self.town, "measure": self.measures[kind], "up_to_pkvw_cents": up_to, "above_pkvw_cents": above,
        }  # fmt: skip
        seen: dict[str, Any] = await self.handler.does("/funding/v1/costs", body | more)
        return list(seen["lines"])

    async def has(self, cents: int, *missing: str) -> None:
        """Waits until the safety net knows of so much, and lacks these things only."""
        await self.scene.eventually(
            self.handler,
            f"/funding/v1/requests/{self.town}/checks",
            lambda seen: (
                sum(one["amount_cents"] for one in seen["lines"]) == cents and seen["missing"] == list(missing)
            ),
            f"the safety net knows {cents} cents and lacks {missing}",
        )

    async def asks(self, **more: Any) -> tuple[Person, str]:
        """The municipality asks; returns somebody at the ministry, and the ministry's address of the request."""
        ministry = self.scene.person("bzk")
        listed = "/funding/v1/requests?pageSize=100"
        earlier = {row["case"] for row in await ministry.sees(listed)}
        body = {"case": self.town, "motivation": "Dit is voor onze gemeente te veel."} | more
        await self.handler.does("/funding/v1/requests", body)
        (new,) = [row for row in await ministry.sees(listed) if row["case"] not in earlier]
        return ministry, f"/funding/v1/requests/{new['case']}"

    async def sees(self) -> dict[str, Any]:
        """The request, as the municipality sees it."""
        seen: dict[str, Any] = await self.handler.sees(f"/funding/v1/requests/{self.town}")
        return seen


async def advised(scene: Scene, *lines: dict[str, Any], aangifte: bool = True, town: str = TOWN) -> Money:
    """A case with advice that funding knows of, and an aangifte unless told otherwise."""
    person, handler = scene.person("office-holder"), scene.person("municipality", town)
    earlier = {row["case"] for row in await handler.sees("/assessment/v1/advice?pageSize=100")}
    money = Money(scene, await report(scene, person, municipality=town), person, handler)
    if aangifte:
        filed = {"reference": "PL-0000", "filed_on": (await scene.now()).date().isoformat()}
        await scene.officer("police", town).does(f"/intake/v1/reports/{money.case}/aangifte", filed)
    lines = lines or (line("reinforced-glass"),)
    await advise(scene, money.case, *lines, town=town)
    for row in await handler.sees("/assessment/v1/advice?pageSize=100"):
        if row["case"] not in earlier:
            money.town = row["case"]
            money.measures[row["type"]] = row["measure"]
    await scene.eventually(
        person, f"/funding/v1/costs/{money.case}", lambda seen: seen["measures"], "funding knows the advice"
    )
    if money.town:
        await scene.eventually(handler, f"/funding/v1/costs/{money.town}", bool, "funding knows the handler")
    return money


async def with_costs(scene: Scene, cents: int = 4_500_000, *, town: str = TOWN) -> Money:
    """A case with everything that a request needs but the motivation: so much above PKVW, of the municipality."""
    money = await advised(scene, town=town)
    await money.enters("reinforced-glass", above=cents)
    await money.has(cents, "motivation")
    return money
