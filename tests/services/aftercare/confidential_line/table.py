"""Every state of a contact × every act, for a domain expert to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.aftercare.confidential_line.domain import decide
from tests.services.aftercare.confidential_line import test_domain as known
from tests.services.aftercare.confidential_line.test_domain import (
    ABOUT,
    ADVICE,
    ANOTHER,
    BY_PHONE,
    CLOSE,
    CLOSE_BY_CONFIDANT,
    FORGET,
    HELLO,
    NO,
    OFFER_OTHER,
    OFFER_PEER,
    OPEN,
    OTHER,
    RANG,
    REPLY,
    RING,
    TAKE,
    TAKE_ALONG,
    TALKING,
    TERM,
    YES,
    expired,
)
from tests.tables import Table

TABLE = Table(
    folder=Path(__file__).parent,
    title="The confidential line: a contact",
    decide=decide,
    name_of=lambda state: "unknown" if state is None else state.state.value,
    states={
        "unknown": (),
        "opened": (OPEN,),
        "opened, a message waits": (OPEN, HELLO),
        "opened, wants to be rung": (OPEN, RING),
        "talking, opened on the telephone": (BY_PHONE,),
        "talking": TALKING,
        "talking, wants to be rung": (*TALKING, RING),
        "talking, a peer was proposed": (*TALKING, OFFER_PEER),
        "talking, another confidant was proposed": (*TALKING, OFFER_OTHER),
        "talking, waits for another confidant": (*TALKING, ANOTHER),
        "advised": (*TALKING, ADVICE),
        "network": (*TALKING, OFFER_PEER, YES),
        "handed-over": (*TALKING, TAKE_ALONG),
        "closed": (*TALKING, CLOSE),
        "destroyed": (*TALKING, FORGET),
    },
    commands={
        "open": (OPEN, "Somebody opens a contact"),
        "open-by-phone": (BY_PHONE, "A confidant opens a contact for somebody on the telephone"),
        "message": (HELLO, "The caller leaves a message"),
        "about": (ABOUT, "The caller tells something of themselves"),
        "callback": (RING, "The caller asks to be rung within a time span"),
        "take": (TAKE, "A confidant takes it"),
        "take-by-other": (replace(TAKE, by=OTHER), "Another confidant takes it"),
        "reply": (REPLY, "The confidant answers"),
        "rang": (RANG, "The confidant rang"),
        "advise": (ADVICE, "The confidant gives advice"),
        "propose-peer": (OFFER_PEER, "The confidant proposes somebody of the network"),
        "propose-transfer": (OFFER_OTHER, "The confidant proposes another confidant"),
        "yes": (YES, "The caller agrees, and says that the peer is from elsewhere"),
        "no": (NO, "The caller does not agree"),
        "another": (ANOTHER, "The caller wants another confidant"),
        "take-along": (TAKE_ALONG, "The caller takes a report along, with name and first message"),
        "take-along-without-consent": (replace(TAKE_ALONG, consent=False), "The same without consent"),
        "close": (CLOSE, "The caller ends it"),
        "close-by-confidant": (CLOSE_BY_CONFIDANT, "The confidant ends it"),
        "forget": (FORGET, "The caller wants everything destroyed"),
        "term-passed": (expired(TERM), "The day after 19 June 2016 begins"),
        "first-term-passed": (expired(known.TOMORROW), "The day after 20 March 2016 begins"),
    },
)  # fmt: skip
