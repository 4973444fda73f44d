"""Views of requests: the municipality its own, BZK without name, address, narrative or threat (S-VAN-13)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.funding.safety_net.domain import Outcome, SafetyNet
from shared.privacy.references import References
from shared.runtime.cases import Cases

MOST = 100


def view(net: SafetyNet, partner: str, references: References) -> dict[str, Any]:
    """A request under the partner's own references."""
    request = net.request
    assert request is not None
    row: dict[str, Any] = {
        "case": references.seal(partner, net.case),
        "request": references.seal(partner, request.id),
        "status": net.status,
        "channel": request.channel,
        "requested_at": request.requested_at,
        "missing": net.missing,
        "lines": [
            {"type": line.type, "place": line.place, "amount_cents": line.amount_cents} for line in net.requested_lines
        ],
        "eligible_cents": net.eligible_cents,
        "motivation": request.motivation,
        "outcome": request.outcome and _outcome(request.outcome, partner),
    }
    if partner == "bzk":
        row |= {"municipality": net.municipality, "office": net.office, "decide_before": request.decide_before}
    return row


def _outcome(outcome: Outcome, partner: str) -> dict[str, Any]:
    shown = asdict(outcome)
    if partner != "bzk":
        shown.pop("decided_by")  # an account of the ministry
    return shown


UNDECIDED = {"state.request": {"$ne": None}, "state.request.outcome": None}


async def requests(cases: Cases[SafetyNet], references: References) -> list[dict[str, Any]]:
    """What waits for a decision at BZK, the longest waiting first; at most a hundred."""
    found = cases.collection.find(UNDECIDED, {"state": 1}).sort("state.request.requested_at").limit(MOST)
    return [view(cases.read(document), "bzk", references) for document in await found.to_list(MOST)]
