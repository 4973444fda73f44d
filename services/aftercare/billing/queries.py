"""Bills as the IVP and the municipality see them: month and amount, no person, no case, no number of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aftercare.billing.domain import Bill
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.web.narrowing import Way, by_town


def ways(towns: Mapping[str, str]) -> tuple[Way, ...]:
    """How the list is narrowed. `towns`: the name of each municipality; empty for a municipality itself."""
    year = Way("year", "jaar", "Welk jaar?", lambda row: (row["month"][:4],), str)
    return (year, by_town(towns)) if towns else (year,)


def view(bill: Bill, partner: str, references: References) -> dict[str, Any]:
    """One bill under the partner's own references: `ivp` or `municipality:<CBS code>`."""
    return {
        "case": references.seal(partner, bill.case),
        "municipality": bill.municipality,
        "month": bill.month,
        "total_cents": bill.total_cents,
        "invoices": [
            {"invoice": references.seal(partner, one.id), "amount_cents": one.amount_cents} for one in bill.invoices
        ],
    }


async def bills(
    cases: Cases[Bill], partner: str, municipality: str | None, references: References, skip: int, limit: int
) -> list[dict[str, Any]]:
    """The bills of one municipality, or of all (None), the newest month first."""
    wanted = {} if municipality is None else {"state.municipality": municipality}
    found = cases.collection.find(wanted, {"state": 1}).sort("state.month", -1).limit(skip + limit)
    rows = await found.to_list(skip + limit)
    return [view(cases.read(document), partner, references) for document in rows[skip:]]
