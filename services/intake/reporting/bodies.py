"""What people send over HTTP: bodies of requests, with the limits of each field."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.intake.reporting.incident import Company, Doubt, Effects, Facts, Incident, Medium, Person, Reporter
from shared.contracts.vocabulary import DoubtReason, FilingAdvice, Impact, IncidentKind, Office, SignalOutcome, Urgency
from shared.web.http import Body

WORDS = 5_000
LINE = 1_000


class AangifteIntent(StrEnum):
    """Three equal choices (R-MEL-06)."""

    YES = "yes"
    NO = "no"
    DOUBT = "doubt"


class PersonBody(Body):
    """A person's contact data."""

    name: str = Field(min_length=1, max_length=200)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=400)

    def person(self) -> Person:
        """As the domain knows it."""
        return Person(self.name, self.phone, self.address)


class ReporterBody(PersonBody):
    """Somebody who reports for the victim (R-ACT-13)."""

    relation: str = Field(min_length=1, max_length=100)


class FactsBody(Body):
    """The seven W's; each may be left open."""

    who: str = Field("", max_length=LINE)
    what: str = Field("", max_length=LINE)
    where: str = Field("", max_length=LINE)
    with_what: str = Field("", max_length=LINE)
    how: str = Field("", max_length=LINE)
    when: str = Field("", max_length=LINE)
    why: str = Field("", max_length=LINE)


class EffectsBody(Body):
    """What it does to the person (R-MEL-20, R-MEL-21, R-MEL-22); stays in intake."""

    health: bool = Field(False, description="Physical complaints or stress.")
    functioning: bool = Field(False, description="Work suffers.")
    surroundings: bool = Field(False, description="Family or surroundings are touched.")
    pressure_on_decisions: bool = Field(False, description="It weighs on decisions.")
    not_standing_again: bool = Field(False, description="Thinks of not standing for election again.")
    avoiding_decisions: bool = Field(False, description="Avoids hard decisions or debates.")
    words: str = Field("", max_length=WORDS, description="In own words.")


class DoubtBody(Body):
    """Doubt about an aangifte (R-MEL-06). Reasons and words are free to leave out, and stay in intake."""

    doubt_reasons: list[DoubtReason] = Field([], max_length=len(DoubtReason))
    doubt_words: str = Field("", max_length=WORDS)

    def doubt(self) -> Doubt:
        """As the domain knows it."""
        return Doubt(tuple(dict.fromkeys(self.doubt_reasons)), self.doubt_words)


class ReportBody(DoubtBody):
    """A signal, a doubt or a melding."""

    kind: IncidentKind
    office: Office
    municipality: str = Field(pattern=r"^\d{4}$", description="CBS code.")
    urgency: Urgency = Urgency.OTHER
    impact: Impact = Impact.LIMITED
    narrative: str = Field("", max_length=20_000)
    victim: PersonBody
    family: bool = Field(False, description="The victim is a family member of the office holder (R-ACT-03).")
    reporter: ReporterBody | None = None
    context: str | None = Field(None, pattern="^asielinstroom$")
    medium: Medium | None = None
    facts: FactsBody = FactsBody()
    witnesses: list[Annotated[str, Field(max_length=LINE)]] = Field([], max_length=50)
    effects: EffectsBody = EffectsBody()
    share_address: bool = Field(False, description="The municipality may know the address to carry out measures.")
    signal_only: bool = Field(False, description="Unease only; it stays with the person (R-MEL-01).")
    aangifte_wished: bool = Field(False, description="The same as `aangifte_intent` yes.")
    aangifte_intent: AangifteIntent | None = Field(None, description="Doubt asks the local police for a talk.")

    @property
    def wishes_aangifte(self) -> bool:
        """A wish, no aangifte (S-MEL-01)."""
        return self.aangifte_wished or self.aangifte_intent is AangifteIntent.YES

    @property
    def doubts(self) -> bool:
        """S-MEL-02."""
        return self.aangifte_intent is AangifteIntent.DOUBT

    def incident(self) -> Incident:
        """As the domain knows it."""
        return Incident(
            kind=self.kind,
            office=self.office,
            municipality=self.municipality,
            urgency=self.urgency,
            impact=self.impact,
            narrative=self.narrative,
            victim=self.victim.person(),
            reporter=Reporter(self.reporter.person(), self.reporter.relation) if self.reporter else None,
            context=self.context,
            family=self.family,
            medium=self.medium,
            facts=Facts(**self.facts.model_dump()),
            witnesses=tuple(self.witnesses),
            effects=Effects(**self.effects.model_dump()),
            address_shared=self.share_address,
        )


class CalledBody(Body):
    """Whom a call is about, as far as that was said."""

    name: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=400)


class CallBody(Body):
    """A report by telephone, as the police note it while it lasts: three fields are needed."""

    kind: IncidentKind
    office: Office
    municipality: str = Field(pattern=r"^\d{4}$", description="CBS code.")
    urgency: Urgency = Urgency.OTHER
    narrative: str = Field("", max_length=20_000)
    victim: CalledBody = CalledBody()
    reporter: ReporterBody | None = Field(None, description="Who called, when that is somebody else.")
    aangifte_wished: bool = False

    def incident(self) -> Incident:
        """As the domain knows it."""
        return Incident(
            kind=self.kind,
            office=self.office,
            municipality=self.municipality,
            urgency=self.urgency,
            impact=Impact.LIMITED,
            narrative=self.narrative,
            victim=Person(self.victim.name, self.victim.phone, self.victim.address),
            reporter=Reporter(self.reporter.person(), self.reporter.relation) if self.reporter else None,
        )


class JudgementBody(DoubtBody):
    """What the person decides about a signal, why, and with whom (R-MEL-14)."""

    outcome: SignalOutcome
    reason: str = Field(min_length=1, max_length=WORDS)
    company: Company = Company.ALONE
    aangifte_wished: bool = False


class MeldingBody(Body):
    """With or without a wish for aangifte. A signal needs a reason; a talk does not."""

    aangifte_wished: bool = False
    reason: str = Field("", max_length=WORDS)


class TalkBody(DoubtBody):
    """A talk with the local police; with doubt, or just to talk."""

    doubts: bool = False


class FollowUpBody(Body):
    """Whether the person wants to be asked about a doubt after some days."""

    wanted: bool


class WishBody(Body):
    """Whether the person wishes the police to take an aangifte."""

    wished: bool


class WithdrawalBody(Body):
    """Why the person takes it back."""

    reason: str = Field(min_length=1, max_length=WORDS)


class EvidenceBody(Body):
    """What is known of a piece of evidence; the file itself may be sent afterwards."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the file, in hexadecimal digits.")
    medium: Medium
    size_bytes: int = Field(ge=0, le=2**40)
    source: str = Field(min_length=1, max_length=LINE, description="Where it comes from, in words.")
    made_at: AwareDatetime | None = Field(None, description="When the photo, letter or message was made.")


class CustodyBody(Body):
    """What was done with a piece of evidence."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    words: str = Field(min_length=1, max_length=LINE)


class LinkBody(Body):
    """The reference of a case that belongs with this one."""

    earlier: str = Field(pattern="^[0-9a-f]{32}$")


class ConsultationBody(Body):
    """When the talk took place. Without: now."""

    held_at: AwareDatetime | None = None


class AdviceBody(Body):
    """What the police advise; the person chooses (R-MEL-08)."""

    advice: FilingAdvice
    words: str = Field("", max_length=WORDS, description="Why, for the person.")


class MutatieBody(Body):
    """The police's record. The reference is their own and stays here."""

    reference: str = Field(min_length=1, max_length=60)
    registered_on: date


class AangifteBody(Body):
    """The police's confirmation, with or without a criminal investigation."""

    reference: str = Field(min_length=1, max_length=60)
    filed_on: date
    criminal_track_on: date | None = None


class CriminalTrackBody(Body):
    """When the police opened a criminal investigation (R-MEL-11)."""

    opened_on: date
