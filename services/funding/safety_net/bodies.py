"""What people send over HTTP: bodies of requests, with the limits of each field."""

from __future__ import annotations

from pydantic import Field

from services.funding.safety_net.request import Answer, Budget
from shared.contracts.vocabulary import Channel
from shared.web.http import Body

WORDS = 20_000
REFERENCE = 200
MOST_CENTS = 10**14
CODE = r"^\d{4}$"
PAID_NOTE = 200
"""Characters of a note for the books."""
ACCOUNT = r"^[a-z0-9-]{1,40}$"


class BudgetBody(Body):
    """What the municipality says of its means and of the threat; all of it may be left out."""

    budget_cents: int | None = Field(None, ge=0, le=MOST_CENTS, description="The municipal budget of the year.")
    reservation: Answer = Field(Answer.UNKNOWN, description="Was an amount for security reserved?")
    acute_and_serious: Answer = Field(Answer.UNKNOWN, description="Is the threat acute and serious? (R-VAN-18)")
    words: str = Field("", max_length=WORDS, description="More about it; no names.")

    def budget(self) -> Budget | None:
        """As the domain knows it; None when nothing was said."""
        said = Budget(self.budget_cents, self.reservation, self.acute_and_serious, self.words)
        return None if said == Budget() else said


class RequestBody(BudgetBody):
    """A request, or the note of a phone call. A municipality names its case; the ministry names the municipality."""

    case: str = Field("", max_length=REFERENCE)
    municipality: str = Field("", pattern=rf"{CODE}|^$", description="Only for the ministry: who called.")
    channel: Channel = Channel.FORM
    motivation: str = Field("", max_length=WORDS)
    noted: str = Field("", max_length=REFERENCE, description="The request that the ministry noted from a call.")


class SupplementBody(BudgetBody):
    """Why the costs are disproportionate for this municipality, or its figures."""

    motivation: str = Field("", max_length=WORDS)


class ReasonBody(Body):
    """Why."""

    reason: str = Field(min_length=1, max_length=WORDS)


class TextBody(Body):
    """What is asked, answered or noted; no names."""

    text: str = Field(min_length=1, max_length=WORDS)


class QuestionBody(TextBody):
    """A question about the safety net; no case is needed. The ministry names the municipality that called."""

    channel: Channel = Channel.FORM
    municipality: str = Field("", pattern=rf"{CODE}|^$", description="Only for the ministry: who called.")


class DecisionBody(ReasonBody):
    """A decision. `on_behalf_of`: the account of a colleague who decided by word of mouth."""

    on_behalf_of: str | None = Field(None, pattern=ACCOUNT)


class GrantBody(DecisionBody):
    """Whole euro cents."""

    amount_cents: int = Field(gt=0)
    conditions: str = Field("", max_length=WORDS)


class SettlementBody(ReasonBody):
    """Whole euro cents; 0 when nothing was made."""

    amount_cents: int = Field(ge=0)


class PaidBody(Body):
    """A note for the books."""

    text: str = Field("", max_length=PAID_NOTE)
