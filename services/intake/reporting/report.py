"""The state of one case, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.intake.reporting.incident import Doubt, Evidence, Incident, Judgement, Mutatie, Talk
from shared.contracts.vocabulary import ReportType, Tie


@dataclass(frozen=True)
class Chosen:
    """Somebody whom the victim trusts with the case, or keeps out of it. `account`: as the victim typed it."""

    account: str
    relation: Tie
    at: datetime


class Waiting(StrEnum):
    """What the police have to do in a case."""

    RCCB_RECEIPT = "rccb-receipt"
    TALK = "talk"
    TELL_VICTIM = "tell-victim"
    AANGIFTE = "aangifte"


@dataclass(frozen=True)
class Report:
    """One case. Moments in UTC; `None` means: not (yet). What is a tuple only grows (INV-11)."""

    case: str
    type: ReportType | None = None
    incident: Incident | None = None
    owner: str | None = None
    """The account of the victim, when the victim wrote this."""
    sent_by: str | None = None
    """The account of a reporter who is not the victim."""
    person: str | None = None
    """Opaque reference of the victim's account, when the victim wrote this."""
    writer: str | None = None
    """That of the account of a reporter who is not the victim."""
    noted_by: str | None = None
    """The account of the police that wrote it down, when it was told by telephone."""
    recorded_at: datetime | None = None
    reported_at: datetime | None = None
    victim_told_at: datetime | None = None
    rested_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None
    judgements: tuple[Judgement, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    talks: tuple[Talk, ...] = ()
    aangifte_wished: bool = False
    aangifte_wished_at: datetime | None = None
    aangifte_reference: str | None = None
    aangifte_on: date | None = None
    criminal_track_on: date | None = None
    mutaties: tuple[Mutatie, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    linked: tuple[str, ...] = ()
    """Earlier cases that belong to this one, reported or not."""
    linked_reported: tuple[str, ...] = ()
    rccb_notified_at: datetime | None = None
    weighing_opened_at: datetime | None = None
    rccb_overdue: bool = False
    receipt_missed_at: datetime | None = None
    prompted_at: datetime | None = None
    followed_up_at: datetime | None = None
    follow_up_off: bool = False
    judge_before: datetime | None = None
    follow_up_before: datetime | None = None
    receipt_before: datetime | None = None
    waits_since: datetime | None = None
    """Since when the police have something to do here; the first of `waits_for`."""
    qualifies: bool | None = None
    chosen: tuple[Chosen, ...] = ()
    """Whom the victim trusts or keeps out now, to show it again: who may look follows from the ties alone."""


SECRETS = (
    "incident.narrative",
    *(f"incident.victim.{name}" for name in ("name", "phone", "address")),
    *(f"incident.reporter.person.{name}" for name in ("name", "phone", "address")),
    "incident.reporter.relation",
    *(f"incident.facts.{name}" for name in ("who", "what", "where", "with_what", "how", "when", "why")),
    "incident.witnesses[]",
    "incident.effects.words",
    "withdrawal_reason",
    "judgements[].reason",
    "doubts[].words",
    "talks[].advice[].words",
    "aangifte_reference",
    "mutaties[].reference",
    "evidence[].source",
    "evidence[].custody[].words",
    "chosen[].account",
)
"""What is only stored sealed: who it is, how to reach them, everything in own words, the police's own numbers,
and whom the victim trusts or keeps out."""


def chose(state: Report, account: str, relation: Tie, holds: bool, at: datetime) -> Report:
    """What the victim chose last of this account counts; what holds already keeps its moment."""
    same = next((one for one in state.chosen if (one.account, one.relation) == (account, relation)), None)
    if (same is not None) == holds:
        return state
    others = tuple(one for one in state.chosen if one is not same)
    return replace(state, chosen=(*others, Chosen(account, relation, at)) if holds else others)


def told(state: Report, at: datetime) -> Report:
    by_other = state.incident is not None and state.incident.reporter is not None
    return replace(state, victim_told_at=at) if by_other and state.victim_told_at is None else state


def without_open_talk(state: Report, at: datetime) -> Report:
    talk = open_talk(state)
    return state if talk is None else replace(state, talks=(*state.talks[:-1], replace(talk, dropped_at=at)))


def open_talk(state: Report) -> Talk | None:
    """The talk with the local police that was asked for and must still take place."""
    talk = state.talks[-1] if state.talks else None
    return talk if talk is not None and talk.held_at is None and talk.dropped_at is None else None


def waits_for(state: Report) -> tuple[tuple[Waiting, datetime], ...]:
    """What the police have to do here, and since when. A missing thing is somebody's work, never nobody's."""
    if state.withdrawn_at is not None:
        return ()
    talk = open_talk(state)
    unanswered = state.rccb_notified_at is None
    by_other = state.incident is not None and state.incident.reporter is not None
    found = (
        (Waiting.RCCB_RECEIPT, state.receipt_missed_at if unanswered else None),
        (Waiting.TALK, talk.requested_at if talk else None),
        (Waiting.TELL_VICTIM, state.reported_at if by_other and state.victim_told_at is None else None),
        (Waiting.AANGIFTE, state.aangifte_wished_at if state.type is ReportType.MELDING else None),
    )
    return tuple((name, since) for name, since in found if since is not None)


def police_may_read(state: Report) -> bool:
    """What was reported, talked about or recorded by them, or is to be talked about. Never a mere signal (R-MEL-14)."""
    met = any(talk.held_at is not None for talk in state.talks)
    return state.reported_at is not None or met or open_talk(state) is not None
