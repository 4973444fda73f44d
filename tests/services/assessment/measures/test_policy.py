"""The dated rules of measures beside their terms."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.assessment.measures.policy import handler_on, payer_words, payers_on, terms_on, tips_on
from shared.contracts.vocabulary import Office, Place

DAY = date(2016, 3, 14)


def test_acute_measures_are_looked_at_sooner_and_a_new_incident_sooner_still():
    """§3.3, S-SBB-11."""
    terms = terms_on(DAY)
    assert terms.linked_review_within < terms.review_acute_after < terms.review_after
    assert terms.notice == timedelta(days=7)
    assert set(terms.last_resort) <= set(terms.state_measures)


@pytest.mark.parametrize(
    ("place", "above", "who"),
    [
        (Place.HOME, False, "De persoon"), (Place.HOME, True, "De gemeente"), (Place.WORK, False, "De gemeente"),
        (Place.TRANSPORT, True, "De gemeente"), (Place.OFFICIAL_RESIDENCE, True, None), (Place.UNKNOWN, True, None),
    ],
)  # fmt: skip
def test_who_pays_is_said_only_where_somebody_wrote_it_down(place, above, who):
    """R-KST-01, R-KST-03, K10: for an official residence a person must look."""
    words = payer_words(DAY, place, above)
    assert (words is None) if who is None else who.lower() in words.lower()
    assert "betalen hiervoor niets" in payers_on(DAY).state


def test_a_person_can_always_do_something():
    """R-SBB-11; the rows are advice."""
    assert [tip.name for tip in tips_on(DAY)] == ["Uw eigen veiligheid", "Politiekeurmerk Veilig Wonen"]


def test_an_office_that_we_do_not_know_has_no_handler_yet():
    assert handler_on(DAY, Office.MAYOR) == "gemeentesecretaris"
    assert handler_on(DAY, Office.UNKNOWN) is None
    assert handler_on(DAY, None) is None
