"""What people send about a weighing, with the limits of each field."""

# No `from __future__ import annotations` here: pydantic must find these names when a body is made.

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.assessment.weighing.record import Mark, Marks
from shared.contracts.vocabulary import Authority, LevelClass, ReopenReason, TargetType, ThreatProduct
from shared.web.http import Body

Reason = Annotated[str, Field(min_length=1, max_length=20_000, description="Why. Stays with police and OM.")]
DecidedAt = Annotated[AwareDatetime | None, Field(description="When it was decided; without it: now.")]


class MarksBody(Body):
    """Marks of an assessor, each optional. They lead to a suggestion beside the choice, never to a level."""

    severity: Mark | None = None
    likelihood: Mark | None = None
    resistance: Mark | None = Field(None, description="How well person and employer can resist it.")

    def marks(self) -> Marks:
        """As the domain knows them."""
        return Marks(self.severity, self.likelihood, self.resistance)


class FirstWeighingBody(Body):
    """RCCB's conclusion, with what is known of threat and of risk apart (R-SBB-02, R-SBB-16)."""

    qualifies: bool
    target: TargetType
    reason: Reason
    threat: str = Field("", max_length=20_000, description="What is known of the threat.")
    risk: str = Field("", max_length=20_000, description="What is known of the risk.")
    marks: MarksBody = MarksBody()
    decided_at: DecidedAt = None


class DecisionBody(Body):
    """The decision. A colleague who writes down an oral one says on whose behalf, and if known by which account."""

    measures_needed: bool
    level: LevelClass = Field(description="Chosen by who decides, never computed.")
    reason: Reason
    decided_at: DecidedAt = None
    on_behalf_of: Authority | None = Field(None, description="Oral decision: who took it.")
    decided_by: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$", description="Oral: account id, no name.")


class AuthorityBody(Body):
    """Who decides about an object or service, and why they."""

    authority: Authority
    reason: Reason


class InterpretationBody(Body):
    """What the HOvJ wants to know."""

    reason: Reason


class ProductBody(Body):
    """An analysis: kind, reference and date. Its content stays where it was made."""

    kind: ThreatProduct
    reference: str = Field(min_length=1, max_length=100, description="Number of the analysis with its maker.")
    dated_on: date
    marks: MarksBody = MarksBody()


class ReopenBody(Body):
    """Why the case is weighed anew."""

    reason: ReopenReason
    words: str = Field(min_length=1, max_length=20_000)
