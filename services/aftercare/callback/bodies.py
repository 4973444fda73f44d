"""What people send about care. There is no field for what was said (R-IVP-09)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from services.aftercare.callback.care import Person, Whom
from shared.contracts.vocabulary import CareProgress, SupportForm
from shared.web.http import Body


class PersonBody(Body):
    """What the IVP asks of a person; each field may follow later (R-IVP-07)."""

    name: str = Field("", max_length=200)
    address: str = Field("", max_length=400)
    function: str = Field("", max_length=100, description="Function or office, such as: wethouder.")
    phone: str = Field("", max_length=40, description="A number on which this person can be reached.")

    def person(self) -> Person:
        """As the domain knows it."""
        return Person(self.name, self.address, self.function, self.phone)


class CallbackBody(PersonBody):
    """Who must be called back: the fields on top are those of the person it is about. One phone number is enough."""

    caller: PersonBody | None = Field(None, description="Who calls or asks for that person, such as a manager.")
    ring_first: Whom | None = Field(None, description="Whose number; without: the caller's, if there is one.")
    case: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]{32,128}$",
        description="From the receipt of the report, or the IVP's own reference. Without: a new case.",
    )  # fmt: skip
    called_at: AwareDatetime | None = Field(None, description="When the alarm number was called; the IVP's to say.")

    def first(self, caller: Person | None) -> Whom:
        """Whom to ring first."""
        if self.ring_first is not None:
            return self.ring_first
        return Whom.CALLER if caller is not None and caller.phone else Whom.VICTIM


class DetailsBody(Body):
    """What was not told at once."""

    victim: PersonBody = PersonBody()
    caller: PersonBody | None = None
    ring_first: Whom | None = None


class ContactBody(Body):
    """When contact was made, and with whom. Without: now, and with whom is rung first."""

    made_at: AwareDatetime | None = None
    made_with: Whom | None = None


class WorkerBody(Body):
    """The care worker: registration number in the BIG register (R-ACT-14) and account. Without account: your own."""

    big: str = Field(pattern=r"^\d{11}$", description="BIG number, 11 digits.")
    account: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$")


class SupportBody(Body):
    """What was agreed on."""

    form: SupportForm


class ProgressBody(Body):
    """What the caller was told."""

    progress: CareProgress


class Matter(StrEnum):
    """What somebody looks for a number for."""

    ACUTE = "acute"
    QUESTION = "question"
