"""What people, police and other services may tell a report. Moments in UTC; terms come from the policy of the day.

`account` is the account that acts; `person` its opaque reference, by which earlier reports of a victim are found;
`earlier` the cases of that person that were reported before (R-MEL-10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.intake.reporting.incident import Company, Doubt, Evidence, Incident
from shared.contracts.vocabulary import FilingAdvice, SignalOutcome, Tie


@dataclass(frozen=True)
class RecordSignal:
    """R-MEL-01. The person writes down unease."""

    case: str
    incident: Incident
    at: datetime
    judge_within: timedelta
    account: str | None = None
    person: str | None = None


@dataclass(frozen=True)
class ReportIncident:
    """R-MEL-03. A melding; a wish for aangifte is a wish, no aangifte (S-MEL-01).

    `noted_by`: the account of the police, when they wrote down a call.
    """

    case: str
    incident: Incident
    at: datetime
    receipt_within: timedelta
    aangifte_wished: bool = False
    account: str | None = None
    person: str | None = None
    earlier: tuple[str, ...] = ()
    noted_by: str | None = None


@dataclass(frozen=True)
class ReportDoubt:
    """R-MEL-06, S-MEL-02. The person tells what happened and doubts: the local police are asked for a talk."""

    case: str
    incident: Incident
    doubt: Doubt
    at: datetime
    follow_up_after: timedelta
    account: str | None = None
    person: str | None = None


@dataclass(frozen=True)
class JudgeSignal:
    """R-MEL-14. The person says what to do with a signal, why, and with whom that was decided."""

    outcome: SignalOutcome
    reason: str
    company: Company
    account: str
    at: datetime
    receipt_within: timedelta
    follow_up_after: timedelta
    aangifte_wished: bool = False
    doubt: Doubt | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class MakeMelding:
    """The victim makes a melding of a talk, or of a signal: then with a reason, for that is a judgement."""

    at: datetime
    receipt_within: timedelta
    aangifte_wished: bool = False
    reason: str = ""
    account: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestTalk:
    """The person asks for a talk with the local police, also beside a melding (R-MEL-07). No doubt: just to talk."""

    at: datetime
    follow_up_after: timedelta
    doubt: Doubt | None = None


@dataclass(frozen=True)
class LetRest:
    """The person does nothing more with it after, or instead of, a talk; that may change any time."""

    at: datetime


@dataclass(frozen=True)
class SetFollowUp:
    """The person switches the question after a doubt off or on again."""

    wanted: bool
    at: datetime
    after: timedelta


@dataclass(frozen=True)
class WishAangifte:
    """The person wishes the police to take an aangifte of a melding, or no longer does."""

    wished: bool
    at: datetime


@dataclass(frozen=True)
class Withdraw:
    """The person takes it back, with a reason; before an aangifte only. A mutatie stays."""

    reason: str
    account: str
    at: datetime


@dataclass(frozen=True)
class AddEvidence:
    """The person, the reporter or the police add what is known of a piece of evidence."""

    evidence: Evidence


@dataclass(frozen=True)
class AddCustody:
    """The police note what was done with a piece of evidence."""

    sha256: str
    by: str
    words: str
    at: datetime


@dataclass(frozen=True)
class LinkIncidents:
    """The victim or the police say that an earlier case belongs to this one. `reported`: that case was reported."""

    earlier: str
    reported: bool
    at: datetime


@dataclass(frozen=True)
class RecordTalk:
    """The police: the talk took place at `held_at`, which may lie before `at`, the moment of noting."""

    held_at: datetime
    at: datetime


@dataclass(frozen=True)
class AdviseFiling:
    """The police advise to file or not; the person chooses (R-MEL-08)."""

    advice: FilingAdvice
    words: str
    at: datetime


@dataclass(frozen=True)
class RegisterMutatie:
    """The police stored it as mutatie (R-MEL-09). `reference` is the police's own and stays here."""

    reference: str
    registered_on: date


@dataclass(frozen=True)
class ConfirmAangifte:
    """The police confirm that the person made an aangifte with them. `reference` is their own and stays here."""

    reference: str
    filed_on: date
    at: datetime
    criminal_track_on: date | None = None


@dataclass(frozen=True)
class OpenCriminalTrack:
    """The police opened a criminal investigation, beside the protection (R-MEL-11)."""

    opened_on: date


@dataclass(frozen=True)
class RecordVictimTold:
    """Somebody told the victim that a report was made about them (S-MEL-06)."""

    at: datetime


@dataclass(frozen=True)
class NoteChosen:
    """Fact: the victim trusts somebody with the case or keeps them out of it from now on, or no longer."""

    case: str
    account: str
    relation: Tie
    holds: bool
    at: datetime


@dataclass(frozen=True)
class NoteWeighingOpened:
    """Fact: RCCB received the report."""

    case: str
    at: datetime


@dataclass(frozen=True)
class NoteFirstWeighing:
    """Fact: RCCB concluded the first weighing."""

    case: str
    qualifies: bool


ByVictim = JudgeSignal | MakeMelding | RequestTalk | LetRest | SetFollowUp | WishAangifte | Withdraw
"""Acts on an own case. Whoever does one knows of the case."""
Starting = RecordSignal | ReportIncident | ReportDoubt
ByPolice = RecordTalk | AdviseFiling | RegisterMutatie | ConfirmAangifte | OpenCriminalTrack | RecordVictimTold
Adding = AddEvidence | AddCustody | LinkIncidents
Fact = NoteWeighingOpened | NoteFirstWeighing | NoteChosen
