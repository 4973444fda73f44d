"""Tells the data protection officer that glass was broken: a mail that holds nothing of anybody, sent until it arrives.

What is not told yet stands in the record itself, so nothing is lost while the mail server is away, and who starts again
goes on. Two services may look at the same time: who claims a record first tells it. After a crash it may be told twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol
from zoneinfo import ZoneInfo

import aiosmtplib

from shared.privacy.own_reads import ANOTHER, ROLES
from shared.runtime import logs
from shared.runtime.environment import Settings, UnfitSetting, utc_now
from shared.runtime.mongo import AWAY, Collection, Document

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLAIM = timedelta(minutes=2)
"""How long one who tells keeps the others from telling it too."""
LOOK_SECONDS = 5.0
"""Pause between looks for what was not told yet."""
ANSWER_SECONDS = 30.0
SUBJECT = "Veilig Bestuur: inzage zonder toewijzing"

log = logs.logger(__name__)


class Post(Protocol):
    """How the officer is reached. Raises `OSError` or `aiosmtplib.SMTPException` while that cannot be."""

    async def send(self, subject: str, text: str) -> None: ...


class Mail:
    """By mail, through the relay of the place."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        file = settings.smtp_password_file
        try:
            self._password = file.read_text().strip() if file else None
        except OSError:
            raise UnfitSetting("VEILIG_SMTP_PASSWORD_FILE: there is no password to read") from None

    async def send(self, subject: str, text: str) -> None:
        """Returns when the relay has it."""
        settings, message = self._settings, EmailMessage()
        message["From"], message["To"], message["Subject"] = settings.mail_from, settings.officer_mail, subject
        message.set_content(text)
        await aiosmtplib.send(
            message, hostname=settings.smtp_host, port=settings.smtp_port, timeout=ANSWER_SECONDS,
            start_tls=settings.smtp_start_tls, username=settings.smtp_user or None, password=self._password,
        )  # fmt: skip


class OnlyLogged:
    """In the local demonstration nobody has a mail server: the log says that somebody would be told."""

    async def send(self, subject: str, text: str) -> None:
        """Nothing of the message is logged."""
        log.warning("officer_would_be_told")


def post_of(settings: Settings) -> Post:
    """How the officer of this place is reached. Raises `UnfitSetting` where that is not known and must be."""
    if settings.officer_mail and settings.smtp_host:
        return Mail(settings)
    if settings.local:
        return OnlyLogged()
    raise UnfitSetting(
        "VEILIG_OFFICER_MAIL and VEILIG_SMTP_HOST are needed: the data protection officer must be told of break-glass"
    )


class Telling:
    """Tells what was broken at one controller. `glasses`: the collection of break-glass; `where`: of the list."""

    def __init__(
        self, glasses: Collection, post: Post, where: str, *, now: Callable[[], datetime] = utc_now,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:  # fmt: skip
        self._glasses, self._post, self._where = glasses, post, where
        self._now, self._look_seconds = now, look_seconds

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            try:
                await self.tell()
            except Exception as error:  # this loop must never end by itself: the next look is on its way
                write = log.warning if isinstance(error, AWAY) else log.error
                write("telling_waits", error=type(error).__name__)
            await asyncio.sleep(self._look_seconds)

    async def tell(self) -> int:
        """Tells all that was not told yet; returns how many. What cannot be sent now stays to be told."""
        count = 0
        for glass in await self._glasses.find({"told_at": None}).sort("broken_at", 1).to_list(100):
            if await self._claim(glass):
                try:
                    await self._post.send(SUBJECT, message(glass, self._where))
                except Exception as error:  # whatever is wrong with the post, it stays to be told
                    log.error("officer_not_told", error=type(error).__name__)
                    return count  # the claim ends by itself
                await self._glasses.update_one({"_id": glass["_id"]}, {"$set": {"told_at": self._now()}})
                count += 1
        return count

    async def _claim(self, glass: Document) -> bool:
        now = self._now()
        if glass.get("claimed_until") and glass["claimed_until"] > now:
            return False
        where = {"_id": glass["_id"], "claimed_until": glass.get("claimed_until")}
        return (await self._glasses.update_one(where, {"$set": {"claimed_until": now + CLAIM}})).matched_count == 1


def message(glass: Document, where: str) -> str:
    """What the officer reads: when and which role. No case, no account, no reason."""
    at = glass["broken_at"].astimezone(AMSTERDAM)
    return (
        f"Op {at:%d-%m-%Y} om {at:%H.%M} uur keek iemand in een zaak die niet aan die persoon was toegewezen.\n"
        f"Rol: {ROLES.get(glass['role'], ANOTHER)}.\n\n"
        f"De reden staat in de lijst. Log in en open: {where}\n"
        "In dit bericht staan geen gegevens van mensen.\n"
    )
