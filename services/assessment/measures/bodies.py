"""What people send about measures, with the limits of each field."""

# No `from __future__ import annotations` here: pydantic must find these names when a body is made.

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Place, Urgency
from shared.web.http import Body

Reason = Annotated[str, Field(min_length=1, max_length=5_000, description="Why. Stays with police and OM.")]
Reference = Annotated[str, Field(min_length=1, max_length=400)]
Chosen = Annotated[tuple[Reference, ...], Field(max_length=100, description="Which; without: all that run.")]


class LineBody(Body):
    """One advised measure. Without `executor`: the addressee carries it out."""

    type: MeasureType
    place: Place
    above_pkvw: bool = Field(description="Above the level of the police label for safe living (PKVW).")
    addressee: Addressee
    urgency: Urgency = Urgency.OTHER
    executor: Executor | None = None


class AdviceBody(Body):
    """Advice of police or OM; at least one measure."""

    lines: list[LineBody] = Field(min_length=1, max_length=50)


class StateMeasureBody(Body):
    """A measure that police or OM take themselves. The last resort asks why lighter means do not suffice."""

    type: MeasureType
    place: Place
    executor: Executor = Executor.POLICE
    reason: Reason
    lighter_insufficient: str = Field("", max_length=5_000, description="Why lighter means do not suffice.")
    told: bool = Field(True, description="Whether the person may know of it.")
    taken_at: AwareDatetime | None = Field(None, description="Without it: now.")


class StateMeasuresBody(Body):
    """What was taken. `acute`: done already in acute danger, to be confirmed later."""

    measures: list[StateMeasureBody] = Field(min_length=1, max_length=20)
    acute: bool = False


class ReviewBody(Body):
    """When to look again, sooner than usual."""

    next_days: int | None = Field(None, ge=1, le=30)


class AnnouncementBody(Body):
    """When the measures end, as the person was told."""

    ends_at: AwareDatetime
    measures: Chosen = ()


class ScaleDownBody(Body):
    """Why the measures end."""

    reason: Reason
    measures: Chosen = ()


class OneBody(Body):
    """Which measure: the reference from the topic or the list, and the case's reference."""

    case: Reference
    measure: Reference


class DeclineBody(OneBody):
    """Which measure will not be carried out, and why."""

    reason: Reason


class OwnBody(Body):
    """Which of the person's own measures."""

    measure: Reference


class OwnDeclineBody(OwnBody):
    """The person need not say why."""

    reason: str = Field("", max_length=5_000)
