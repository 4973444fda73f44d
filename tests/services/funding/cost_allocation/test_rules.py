"""The table K1 to K10, row by row and for every line there can be."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from services.funding.cost_allocation.costs import Answer, CostLine, Kind, Origin
from services.funding.cost_allocation.domain import classify
from services.funding.cost_allocation.policy import rules_on, terms_on, texts_on
from shared.contracts.vocabulary import MeasureType, Payer, Place
from tests.given import utc

DAY = date(2016, 3, 21)
AT = utc("2016-03-21", "14:00")
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
ALARM, CARE, TRAINING = MeasureType.ALARM, MeasureType.CARE, MeasureType.TRAINING
ADVISED, WISH = Origin.ADVISED, Origin.OWN_WISH


def classified(
    place, above, origin=ADVISED, *, kind=ALARM, additional=UNKNOWN, employers_care=UNKNOWN, day=DAY
):  # fmt: skip
    line = CostLine(
        "l", "m", kind, place, origin, 1, above, "a", AT, additional=additional, employers_care=employers_care
    )
    found = classify(line, rules_on(day), AT)
    one = found.classification
    return (one.payer.value, one.rule, one.eligible) if one else ("a person decides", None, False)


HANDLER = ("a person decides", None, False)
ROWS = [
    ("K1: home, up to PKVW, advised", (Place.HOME, False), {}, ("person", "K1", False)),
    ("K1: home, up to PKVW, own wish", (Place.HOME, False, WISH), {}, ("person", "K1", False)),
    ("K2: home, above PKVW, advised", (Place.HOME, True), {}, ("municipality", "K2", True)),
    ("K2: and said to be employer's care", (Place.HOME, True), {"employers_care": YES}, ("municipality", "K2", True)),
    ("K3: home, above PKVW, own wish", (Place.HOME, True, WISH), {}, ("person", "K3", False)),
    ("K4: work, regular", (Place.WORK, True), {"additional": NO}, ("municipality", "K4", False)),
    ("K4: work, regular, own wish", (Place.WORK, False, WISH), {"additional": NO}, ("municipality", "K4", False)),
    ("K5: work, additional, advised", (Place.WORK, True), {"additional": YES}, ("municipality", "K5", True)),
    ("K5: transport", (Place.TRANSPORT, True), {"additional": YES}, ("municipality", "K5", True)),
    ("K5: not above PKVW", (Place.WORK, False), {"additional": YES}, ("municipality", "K5", False)),
    ("K6: home, no employer's care", (Place.HOME, True), {"employers_care": NO}, ("person", "K6", False)),
    ("K6: transport", (Place.TRANSPORT, True), {"employers_care": NO}, ("person", "K6", False)),
    ("K6: online", (Place.ONLINE, True), {"employers_care": NO}, ("person", "K6", False)),
    ("K8: care", (Place.UNKNOWN, False, Origin.INVOICED), {"kind": CARE}, ("municipality", "K8", False)),
    ("K9: training", (Place.UNKNOWN, False, Origin.OFFERED), {"kind": TRAINING}, ("bzk", "K9", False)),
    ("K10: official residence", (Place.OFFICIAL_RESIDENCE, True), {}, HANDLER),
    ("nobody said if it is additional", (Place.WORK, True), {}, HANDLER),
    ("additional at work, own wish", (Place.WORK, True, WISH), {"additional": YES}, HANDLER),
    ("online", (Place.ONLINE, True), {"employers_care": YES}, HANDLER),
    ("a place we do not know yet", (Place.UNKNOWN, True), {"additional": YES}, HANDLER),
    ("care that was advised", (Place.HOME, True), {"kind": CARE}, HANDLER),
    ("training that somebody wants", (Place.HOME, True, WISH), {"kind": TRAINING}, HANDLER),
]


@pytest.mark.parametrize(("line", "more", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_row_of_the_table(line, more, expected):
    """Decision table of KST, R-KST-01 to R-KST-09."""
    assert classified(*line, **more) == expected


def test_whatever_the_line_only_an_advised_one_above_pkvw_for_the_municipality_is_eligible():
    """INV-5, S-KST-05, Q-6: over every line that there can be."""
    seen = set()
    every = product(Place, (True, False), Origin, MeasureType, Answer, Answer)
    for place, above, origin, kind, additional, care in every:
        payer, rule, eligible = classified(place, above, origin, kind=kind, additional=additional, employers_care=care)
        seen.add(rule)
        if eligible:
            assert (payer, above, origin) == ("municipality", True, ADVISED)
            assert kind not in (CARE, TRAINING)
    assert seen == {None, "K1", "K2", "K3", "K4", "K5", "K6", "K8", "K9"}


@pytest.mark.parametrize(
    ("day", "version"),
    [(date(2014, 12, 31), None), (date(2015, 1, 1), "2015.1"), (date(2016, 3, 13), "2015.1"),
     (date(2016, 3, 14), "2016.1"), (date(2026, 1, 1), "2016.1")],
)  # fmt: skip
def test_the_training_offer_holds_by_its_dates(day, version):
    """K9, R-KST-08, R-KST-09, Q-3."""
    found = {rule.id: rule for rule in rules_on(day)}.get("K9")
    assert (found and (found.version, found.payer)) == (version and (version, Payer.BZK))


def test_care_is_paid_from_the_first_month_of_the_ivp():
    """K8 is dated: 1 March 2016."""
    assert classified(Place.UNKNOWN, False, Origin.INVOICED, kind=CARE, day=date(2016, 2, 29)) == HANDLER


def test_what_the_state_pays_is_a_text_and_no_rule():
    """K7, S-KST-04."""
    assert [rule.id for rule in rules_on(DAY)] == ["K1", "K2", "K3", "K4", "K5", "K6", "K8", "K9", "K10"]
    texts = texts_on(DAY)
    assert "betaalt het Rijk" in texts[0]
    assert "www.politiekeurmerk.nl" in texts[1]  # R-KST-11
    assert "onderhandelen" in texts[2]  # R-KST-10
    assert len(texts_on(date(2014, 7, 1))) == 2


def test_a_payer_is_reminded_of_after_two_working_days():
    """Timer of KST: Thursday before Easter 2016 to Wednesday after it (Good Friday and Easter Monday are days off)."""
    assert terms_on(DAY).judge_before(utc("2016-03-24", "09:00")) == utc("2016-03-30", "08:00")  # summer time began


def test_kinds_are_those_of_the_rules():
    assert {kind for rule in rules_on(DAY) for kind in rule.kind} == set(Kind)
