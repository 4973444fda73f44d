"""Asks all services what a person may see of one case, with the person's own credentials. Nothing of it is stored.

Each service lets in, cuts and logs by itself, so what comes back is what the person would get by asking there. This is
the one place where a service speaks to others without events: gathering by events would put the fact of care in intake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

import httpx2
from fastapi import Request

from shared.access.relations import Known
from shared.access.roles import Caller
from shared.runtime import logs

PATIENCE_SECONDS = 2.0
"""How long a page waits for another service."""
CREDENTIALS = ("authorization", "cookie")
SERVICES = ("intake", "assessment", "funding", "aftercare")

PARTS: dict[str, str] = {
    "report": "/intake/v1/reports/{case}",
    "measures": "/assessment/v1/my-measures/{case}",
    "costs": "/funding/v1/costs/{case}",
    "request": "/funding/v1/requests/{case}",
    "care": "/aftercare/v1/callbacks/{case}",
}
PARTS |= {f"timeline_{service}": f"/{service}/v1/timelines/{{case}}" for service in SERVICES}
TOLD = tuple(PARTS)
"""What the page of a dossier shows; who looked has a page of its own, for it is asked seldom and costs most."""
READS = {f"reads_{service}": f"/{service}/v1/reads/{{case}}" for service in SERVICES}
PARTS |= READS
"""Name of each part of a dossier -> where it is asked."""

log = logs.logger(__name__)


class Found(StrEnum):
    """What came of asking."""

    THERE = "there"
    NOTHING = "nothing"
    AWAY = "away"


@dataclass(frozen=True)
class Part:
    """One answer. `shown`: the service's own view, when there is one."""

    found: Found
    shown: Any = None


Client = Callable[[], httpx2.AsyncClient]


class Own(Protocol):
    """What reporting knows of whose a case is, before and without any event."""

    async def known_of(self, case: str, caller: Caller) -> Known:
        """How the report itself says that the caller stands to it."""

    async def own_cases(self, caller: Caller) -> Sequence[str]:
        """The caller's own cases, the newest first."""


class Halfway(Protocol):
    """What reporting knows of reports that are not sent yet."""

    async def kept_until(self, caller: Caller) -> date | None:
        """The day from which what the caller keeps is no longer there; None when there is nothing."""


class Gatherer:
    """Asks the services at `address` (scheme and host). `client`: makes the HTTP client."""

    def __init__(self, address: str, client: Client) -> None:
        self.client = client
        self._address = address.rstrip("/")

    async def gather(
        self, request: Request, case: str, *, seconds: float = PATIENCE_SECONDS, only: Collection[str] = PARTS
    ) -> dict[str, Part]:
        """Parts of the dossier of a case, asked at the same time, as whoever sent this request."""
        own = {name: request.headers[name] for name in CREDENTIALS if name in request.headers}
        headers = own | {"Accept": "application/json"}
        async with self.client() as client:
            asked = (self._ask(client, PARTS[name].format(case=case), headers, seconds) for name in only)
            return dict(zip(only, await asyncio.gather(*asked), strict=True))

    async def _ask(self, client: httpx2.AsyncClient, path: str, headers: Mapping[str, str], seconds: float) -> Part:
        try:
            answer = await client.get(self._address + path, headers=dict(headers), timeout=seconds)
            if answer.status_code == 200:
                return Part(Found.THERE, answer.json())
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("part_of_dossier_away", error=type(error).__name__)
            return Part(Found.AWAY)
        # Not there and not for this person are the same answer (404), and a role that has no such part gets 403.
        return Part(Found.NOTHING if answer.status_code in (403, 404) else Found.AWAY)
