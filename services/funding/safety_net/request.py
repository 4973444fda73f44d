"""What the safety net keeps: of one case its facts and request, or one question. Only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.vocabulary import Channel, Continuation, MeasureType, Office, Payer, Place


class Answer(StrEnum):
    """To a question that the municipality is asked. Who does not know says so."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RequestState(StrEnum):
    """Where a request stands."""

    TO_BE_COMPLETED = "to-be-completed"
    IN_TREATMENT = "in-treatment"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    PAID = "paid"


class Phase(StrEnum):
    """On which of the ministry's lists a document stands."""

    TO_DECIDE = "to-decide"
    TO_SETTLE = "to-settle"
    TO_PAY = "to-pay"
    PAID = "paid"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    TO_ANSWER = "to-answer"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Line:
    """A classified cost line, as funding's own event told it last. Euro cents."""

    id: str
    type: MeasureType
    place: Place
    payer: Payer
    above_pkvw: bool
    amount_cents: int
    eligible: bool = False
    actual_cents: int | None = None

    @property
    def asked_for(self) -> bool:
        """Above PKVW, for the municipality, and by its rule or handler one for the safety net; care never (Q-6)."""
        municipal = self.above_pkvw and self.payer is Payer.MUNICIPALITY
        return municipal and self.eligible and self.type is not MeasureType.CARE


@dataclass(frozen=True)
class Motivation:
    """Why the costs are disproportionate, as written at a moment. `text` stays in this service."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """What somebody wrote. `by`: an account. The text stays in this service."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """A person's decision (INV-10). `granted_cents` is None when declined.

    `on_behalf_of`: the account of who decided by word of mouth, when `decided_by` only wrote it down.
    """

    granted_cents: int | None
    reason: str
    decided_by: str
    decided_at: datetime
    conditions: str = ""
    on_behalf_of: str | None = None
    confirmed_at: datetime | None = None

    @property
    def confirmed(self) -> bool:
        """False for an oral decision that its maker has not confirmed. It counts all the same."""
        return self.on_behalf_of is None or self.confirmed_at is not None

    @property
    def makers(self) -> tuple[str, ...]:
        """The accounts that had a hand in it."""
        return tuple(one for one in (self.decided_by, self.on_behalf_of) if one)


@dataclass(frozen=True)
class Settlement:
    """What is paid in the end (S-VAN-14). Corrections add."""

    amount_cents: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Budget:
    """What the municipality says of its means and of the threat; all of it optional (R-VAN-08, R-VAN-18, R-BUD-01).

    Acute and serious is asked and shown, never computed from.
    """

    budget_cents: int | None = None
    reservation: Answer = Answer.UNKNOWN
    acute_and_serious: Answer = Answer.UNKNOWN
    words: str = ""


@dataclass(frozen=True)
class Request:
    """A request of the municipality. Everything written is only ever added to.

    `target`: when a decision is due, also after the reminder. `noted_by`: the ministry's account that noted a call.
    """

    id: str
    channel: Channel
    motivations: tuple[Motivation, ...]
    requested_at: datetime
    target: datetime
    decide_before: datetime | None
    acknowledge_before: datetime | None
    budgets: tuple[Budget, ...] = ()
    continuation: Continuation | None = None
    noted_by: str | None = None
    acknowledged_at: datetime | None = None
    asked: tuple[Note, ...] = ()
    supplement_before: datetime | None = None
    assessments: tuple[Note, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    objections: tuple[Motivation, ...] = ()
    withdrawn: Motivation | None = None
    settlements: tuple[Settlement, ...] = ()
    paid: Note | None = None

    @property
    def motivation(self) -> str:
        """The one that counts: the last; empty when there is none yet."""
        return self.motivations[-1].text if self.motivations else ""

    @property
    def budget(self) -> Budget:
        """What was said last."""
        return self.budgets[-1] if self.budgets else Budget()

    @property
    def outcome(self) -> Outcome | None:
        """The decision that counts: the last."""
        return self.outcomes[-1] if self.outcomes else None

    @property
    def objected(self) -> bool:
        """Whether an objection waits for a new decision."""
        return bool(self.outcomes) and len(self.objections) == len(self.outcomes)

    @property
    def open(self) -> bool:
        """Whether somebody at the ministry must decide."""
        return self.withdrawn is None and (not self.outcomes or self.objected)

    @property
    def waits_for_its_case(self) -> bool:
        """A call that the ministry noted and did not decide on: it gives way to a request for the case itself."""
        return self.noted_by is not None and self.open and not self.objected


@dataclass(frozen=True)
class Question:
    """A municipality's question; no case is needed (R-VAN-13). The words stay in this service."""

    text: str
    channel: Channel
    asked_by: str
    asked_at: datetime
    noted: bool = False
    answers: tuple[Note, ...] = ()


@dataclass(frozen=True)
class SafetyNet:
    """What the safety net knows of one case; or a question, or a call without a case, which are cases of their own."""

    case: str
    municipality: str | None = None
    office: Office | None = None
    aangifte_on: date | None = None
    advised_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    request: Request | None = None
    earlier: tuple[Request, ...] = ()
    """Requests that were withdrawn."""
    question: Question | None = None
    phase: Phase | None = None
    """Follows from the rest; kept for the lists."""
    due_by: datetime | None = None
    """By what the lists are sorted: when it is due, or since when it waits."""

    @property
    def without_case(self) -> bool:
        """A question, or the note of a call that named no case."""
        noted = self.request is not None and self.request.noted_by is not None
        return self.question is not None or (noted and self.office is None and self.aangifte_on is None)

    @property
    def requested_lines(self) -> tuple[Line, ...]:
        """What the safety net may pay for (R-VAN-07)."""
        return tuple(line for line in self.lines if line.asked_for)

    @property
    def requested_cents(self) -> int:
        """Sum of those."""
        return sum(line.amount_cents for line in self.requested_lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the request still lacks (R-VAN-05, R-VAN-08)."""
        checks = (
            ("aangifte", self.aangifte_on is not None),
            ("advice", self.advised_at is not None),
            ("cost-lines", bool(self.requested_lines)),
            ("motivation", bool(self.request and self.request.motivation)),
        )
        return tuple(name for name, there in checks if not there)

    @property
    def eligible_cents(self) -> int:
        """The most that can be granted (INV-5): nothing without aangifte and advice."""
        if self.aangifte_on is None or self.advised_at is None:
            return 0
        return self.requested_cents

    @property
    def actual_cents(self) -> int | None:
        """What the eligible lines cost in the end; None as long as one of them is not known (S-VAN-14)."""
        actual = [line.actual_cents for line in self.requested_lines if line.actual_cents is not None]
        return sum(actual) if actual and len(actual) == len(self.requested_lines) else None

    @property
    def status(self) -> RequestState | None:
        """Where the request stands; None without one."""
        request = self.request
        if request is None:
            return None
        if request.withdrawn is not None:
            return RequestState.WITHDRAWN
        if request.open:
            return RequestState.TO_BE_COMPLETED if self.missing else RequestState.IN_TREATMENT
        if request.settlements:
            return RequestState.PAID if request.paid else RequestState.SETTLED
        declined = request.outcome is None or request.outcome.granted_cents is None
        return RequestState.DECLINED if declined else RequestState.GRANTED


_WRITTEN = (
    "motivations[].text",
    "budgets[].words",
    "asked[].text",
    "assessments[].text",
    "outcomes[].reason",
    "outcomes[].conditions",
    "objections[].text",
    "withdrawn.text",
    "settlements[].reason",
    "paid.text",
)
SECRETS = (
    *(f"request.{name}" for name in _WRITTEN),
    *(f"earlier[].{name}" for name in _WRITTEN),
    "question.text",
    "question.answers[].text",
)
"""What is only stored sealed: everything that a person wrote."""
