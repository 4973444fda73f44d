"""What people send to the Vertrouwenslijn. No field about the caller is needed."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from services.aftercare.confidential_line.contact import About, Audience, Chosen, Peer, Window
from shared.web.http import Body

WORDS = 5_000
CBS = r"^(\d{4})?$"


class MessageBody(Body):
    """A message."""

    text: str = Field(min_length=1, max_length=WORDS)


class AboutBody(Body):
    """All of it may stay empty, and what was filled in may be emptied again."""

    name: str = Field("", max_length=200, description="Optional. Any name, also an invented one.")
    municipality: str = Field("", pattern=CBS, description="Optional. CBS code; keeps peers from there away.")
    group: str = Field("", max_length=100, description="Optional. Council group; keeps peers of it away.")
    audience: Audience | None = Field(None, description="Optional. For whom the line is.")
    near_is_fine: bool = Field(False, description="A peer from the own municipality or group is fine.")

    def about(self) -> About:
        """As the domain knows it."""
        return About(self.name, self.municipality, self.group, self.audience, self.near_is_fine)


class CallbackBody(Body):
    """When to ring, on one day and within opening hours. The number is forgotten after the call."""

    phone: str = Field(min_length=1, max_length=40)
    begins: AwareDatetime
    ends: AwareDatetime

    def window(self) -> Window:
        """As the domain knows it."""
        return Window(self.phone, self.begins, self.ends)


class AnswerBody(Body):
    """Yes or no to what was proposed."""

    agreed: bool
    elsewhere: bool = Field(False, description="Where the peer is from was read; it is not the own place or group.")


class HandOverBody(Body):
    """What goes along to a report. Nothing that is not named here."""

    consent: bool = Field(description="Explicitly yes.")
    chosen: list[Chosen] = Field([], max_length=len(Chosen))
    messages: list[int] = Field([], max_length=100, description="With `words`: numbers of own messages.")


class PeerBody(Body):
    """Somebody of the network. Where from is needed, so that the caller can say no."""

    name: str = Field(min_length=1, max_length=100, description="First name or office.")
    municipality: str = Field(pattern=r"^\d{4}$", description="CBS code.")
    group: str = Field(min_length=1, max_length=100, description="Council group, or `geen`.")

    def peer(self) -> Peer:
        """As the domain knows it."""
        return Peer(self.name, self.municipality, self.group)


class TransferBody(Body):
    """Account of the other confidant."""

    to: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
