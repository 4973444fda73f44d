"""What was shared with whom follows from what happened and the table of who learns what."""

from __future__ import annotations

from services.intake.front.sharing import Shared, shared
from shared.contracts.aftercare import AftercareAccepted, AftercareTriggered, EmployerInvoiced
from shared.contracts.assessment import MeasuresAdvised
from shared.contracts.envelope import Event
from shared.contracts.funding import FundingRequested

EARLY, LATE = "2016-03-14T20:40:00Z", "2016-03-20T08:00:00Z"


def told(event: type[Event], at: str = EARLY) -> dict[str, str]:
    return {"event": event.type_name(), "at": at}


def test_each_partner_that_got_something_is_named_with_the_moment() -> None:
    found = shared([told(FundingRequested, LATE), told(AftercareAccepted)], advised_to_town=False)
    assert found == [Shared(EARLY, "aftercare-accepted", "ivp"), Shared(LATE, "funding-requested", "bzk")]


def test_advice_for_the_person_alone_goes_to_no_municipality() -> None:
    assert shared([told(MeasuresAdvised)], advised_to_town=False) == []
    assert shared([told(MeasuresAdvised)], advised_to_town=True) == [Shared(EARLY, "measures-advised", "municipality")]


def test_what_no_partner_gets_and_bills_are_not_named() -> None:
    """An offer of care reaches nobody, and a bill holds no case (INV-6)."""
    assert shared([told(AftercareTriggered), told(EmployerInvoiced)], advised_to_town=True) == []
