"""The data protection officer is told that glass was broken: by real mail, once, without anything of anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller as Server
from aiosmtpd.handlers import Message as Handler

from shared.privacy.officer import CLAIM, OnlyLogged, Post, Telling, post_of
from shared.runtime.environment import Settings, UnfitSetting
from shared.runtime.mongo import Collection, Database
from tests.access.signing import local_settings
from tests.stack import free_port

BROKEN_AT = datetime(2016, 3, 14, 20, 40, tzinfo=UTC)
REASON, CASE, ACTOR = "kanarie-reden", "c" * 32, "kanarie-agent"
WHERE = "https://veiligbestuur.example/intake/v1/break-glasses"


class Inbox(Handler):
    """A mail server that keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.arrived.append(message)


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server on a port of its own."""
    kept = Inbox()
    server = Server(kept, hostname="127.0.0.1", port=(port := free_port()))
    server.start()
    yield kept, port
    server.stop()


class Clock:
    """A moment that the test moves."""

    def __init__(self) -> None:
        self.now = BROKEN_AT

    def __call__(self) -> datetime:
        return self.now


class Away:
    """A relay that does not answer."""

    async def send(self, subject: str, text: str) -> None:
        raise ConnectionRefusedError


def mailing(port: int) -> Post:
    return post_of(local_settings(
        officer_mail="fg@politie.example", smtp_host="127.0.0.1", smtp_port=port, smtp_start_tls=False
    ))  # fmt: skip


async def glasses(database: Database, *numbers: str) -> Collection:
    """Records of glass that was broken."""
    kept = database.collection("log.police", "break-glass")
    for number in numbers:
        await kept.insert_one(
            {"_id": number, "module": "intake.reporting", "case": CASE, "actor": ACTOR, "role": "police",
             "reason": REASON, "broken_at": BROKEN_AT, "until": BROKEN_AT + timedelta(hours=1)}
        )  # fmt: skip
    return kept


async def test_each_time_is_told_once_and_names_nobody(database: Database, inbox: tuple[Inbox, int]) -> None:
    kept, port = inbox
    telling = Telling(await glasses(database, "g1", "g2"), mailing(port), WHERE)
    assert await telling.tell() == 2
    assert await telling.tell() == 0
    assert len(kept.arrived) == 2 and kept.arrived[0]["To"] == "fg@politie.example"
    text = kept.arrived[0].get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "14-03-2016 om 21.40 uur" in text and "Rol: politie." in text and WHERE in text
    assert not [one for one in (REASON, CASE, ACTOR) if one in kept.arrived[0].as_string()]


async def test_what_cannot_be_sent_is_told_later(database: Database, inbox: tuple[Inbox, int]) -> None:
    (kept, port), clock, stored = inbox, Clock(), await glasses(database, "g1")
    assert await Telling(stored, Away(), WHERE, now=clock).tell() == 0
    again = Telling(stored, mailing(port), WHERE, now=clock)
    assert await again.tell() == 0, "whoever was telling it may still be at it"
    clock.now += CLAIM
    assert await again.tell() == 1 and len(kept.arrived) == 1


async def test_of_two_who_look_at_the_same_time_one_tells(database: Database, inbox: tuple[Inbox, int]) -> None:
    (kept, port), stored = inbox, await glasses(database, "g1")
    one, other = Telling(stored, mailing(port), WHERE), Telling(stored, mailing(port), WHERE)
    (glass,) = await stored.find({}).to_list(1)
    assert await one._claim(glass) and not await other._claim(glass)
    assert await other.tell() == 0 and not kept.arrived


def production(tmp_path: Path, **other: Any) -> Settings:
    return local_settings().model_copy(update={"environment": "production"} | other)


def test_outside_local_mode_somebody_must_be_told(tmp_path: Path) -> None:
    with pytest.raises(UnfitSetting, match="VEILIG_OFFICER_MAIL and VEILIG_SMTP_HOST"):
        post_of(production(tmp_path))
    assert isinstance(post_of(local_settings()), OnlyLogged)


def test_a_password_that_is_not_there_is_said(tmp_path: Path) -> None:
    given = {"officer_mail": "fg@politie.example", "smtp_host": "mail.example", "smtp_password_file": tmp_path / "no"}
    with pytest.raises(UnfitSetting, match="VEILIG_SMTP_PASSWORD_FILE"):
        post_of(production(tmp_path, **given))


class Broken:
    """A post that fails in a way nobody thought of, so many times; then it takes."""

    def __init__(self, times: int) -> None:
        self.times, self.took = times, asyncio.Event()

    async def send(self, subject: str, text: str) -> None:
        if self.times:
            self.times -= 1
            raise RuntimeError("whatever")
        self.took.set()


async def test_whatever_goes_wrong_the_loop_goes_on_until_it_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, clock, post = await glasses(database, "g1"), Clock(), Broken(2)

    def later() -> datetime:
        clock.now += CLAIM  # each look is one claim later
        return clock.now

    telling, tell, errors = Telling(stored, post, WHERE, now=later, look_seconds=0.0), Telling.tell, [ValueError("odd")]

    async def sometimes(self: Telling) -> int:
        if errors:
            raise errors.pop()
        return await tell(self)

    monkeypatch.setattr(Telling, "tell", sometimes)
    running = asyncio.create_task(telling.run())
    try:
        async with asyncio.timeout(20):
            await post.took.wait()
    finally:
        while not running.done():  # a driver may take a cancellation for a broken connection
            running.cancel()
            await asyncio.wait([running], timeout=1)
    assert post.times == 0 and not errors
