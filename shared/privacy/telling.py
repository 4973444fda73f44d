"""Tells the data protection officer of each break-glass, by a message without personal data.

The record itself says whether the officer was told, so nothing is lost while the mail server is away. Any number of
processes may tell: a conditional update decides who sends. One that is stopped between sending and marking lets
another send again, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from shared.contracts.working_days import AMSTERDAM
from shared.privacy.break_glass import Glasses, Untold
from shared.privacy.officers import Officer
from shared.runtime import logs
from shared.runtime.mongo import AWAY

ROLES = {"police": "politie", "rccb": "RCCB", "hovj": "HOvJ"}
"""As people say them; another role as it is."""
SUBJECT = "Break-glass: iemand keek zonder toewijzing in een dossier"
TEXT = """\
Iemand heeft een dossier bekeken dat niet aan die persoon was toegewezen.

Rol:            {role}
Dienst:         {service}
Vanaf:          {begins}
Tot:            {ends}
Kenmerk:        {number}

Wie het was, welk dossier het is en waarom, staat in de lijst. Zoek daar het kenmerk op:
{link}

In dit bericht staan geen namen en niets uit het dossier. Het is automatisch verstuurd.
"""

LEASE = timedelta(minutes=2)
"""How long whoever sends has for it; far longer than a message may take."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
"""Between tries, each pause twice the one before."""

log = logs.logger(__name__)


def letter(untold: Untold, officer: Officer, list_at: str, now: datetime) -> EmailMessage:
    """What the officer gets. `list_at`: address of the services; the reason, the case and the account stay there."""
    service = untold.module.partition(".")[0]
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = officer.sender, officer.address, SUBJECT
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<break-glass-{untold.id}@{officer.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    text = TEXT.format(
        role=ROLES.get(untold.role, untold.role), service=service, begins=_moment(untold.broken_at),
        ends=_moment(untold.until), number=untold.id, link=f"{list_at.rstrip('/')}/{service}/v1/break-glasses",
    )  # fmt: skip
    message.set_content(text, cte="7bit")
    return message


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y om %H.%M uur}"


def pause(tries: int) -> timedelta:
    """How long to wait after this many tries."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 16)), LONGEST_PAUSE)


class Telling:
    """The loop. `list_at`: where the officer can read the list."""

    def __init__(self, glasses: Glasses, officer: Officer, list_at: str, *, seconds: float = 5.0) -> None:
        self._glasses, self._officer, self._list_at, self._seconds = glasses, officer, list_at, seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                await self.once()
            except Exception as error:  # this loop must never end by itself
                write = log.warning if isinstance(error, AWAY) else log.error
                write("telling_waits", error=type(error).__name__)
            await asyncio.sleep(self._seconds)

    async def once(self) -> int:
        """Tells of what the officer does not know yet and may be tried now; returns how many were told."""
        return sum([await self._tell(untold) for untold in await self._glasses.untold()])

    async def _tell(self, untold: Untold) -> bool:
        now = self._glasses.now()
        if not await self._glasses.claim(untold, now + LEASE):
            return False  # another process sends it, or did
        tries = untold.tries + 1
        try:
            await self._officer.post.send(letter(untold, self._officer, self._list_at, now))
        except Exception as error:  # whatever is wrong with the post: it is tried until it works
            log.error("officer_not_told", module=untold.module, error=type(error).__name__, attempt=tries)
            await self._glasses.postpone(untold, self._glasses.now() + pause(tries))
            return False
        await self._glasses.told(untold)
        log.info("officer_told", module=untold.module, attempt=tries)
        return True
