"""What was shared with whom, as the person may know it: the table of who learns what, laid over what happened.

Nothing is stored for it, so it can never say something else than what was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.audiences import GRANTS

PARTNERS = {
    name: tuple(grant.partner for grant in grants if grant.purpose == "measures")
    for name, grants in ((event.type_name(), grants) for event, grants in GRANTS.items())
}
"""Per event type the kinds of partners that get something of it about a case. Bills hold no case."""
ADVICE = "measures-advised"


@dataclass(frozen=True)
class Shared:
    """Something of the case went to a partner: at which moment (UTC, as text), what happened, and to whom."""

    at: str
    event: str
    partner: str


def shared(events: Iterable[Mapping[str, Any]], *, advised_to_town: bool) -> list[Shared]:
    """What was shared, the oldest first. `events`: of a timeline; `advised_to_town`: some advice was for it at all."""
    found = []
    for one in events:
        name = one["event"].rsplit(".", 2)[1]
        if name == ADVICE and not advised_to_town:
            continue
        found += [Shared(one["at"], name, partner) for partner in PARTNERS.get(one["event"], ())]
    return sorted(found, key=lambda one: (one.at, one.event, one.partner))
