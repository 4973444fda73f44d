"""What makes a write happen once, however often it is sent."""

from __future__ import annotations

from pydantic import BaseModel

from shared.access.roles import Caller
from shared.runtime.cases import Handled


class Once(BaseModel):
    """The Idempotency-Key of a request and a digest of its body."""

    key: str
    digest: str

    def handled(self, caller: Caller) -> Handled:
        """What the inbox of the case remembers of this request."""
        return Handled(f"http:{caller.actor}:{self.key}", self.digest)
