"""What the municipality, BZK and the person see of a request or a question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.funding.safety_net.domain import decide
from services.funding.safety_net.policy import continuation_on, terms_on
from services.funding.safety_net.queries import for_person, precedent, question, view
from services.funding.safety_net.request import RequestState
from shared.contracts.vocabulary import Continuation
from shared.privacy.references import References
from tests.given import given, utc
from tests.services.funding.safety_net.test_domain import (
    ACTUAL_COST,
    ANSWER,
    ASK_MORE,
    ASSESS,
    BUDGET,
    CALL,
    CASE,
    CONFIRM,
    DECLINE,
    FACTS,
    GRANT,
    LATER,
    OBJECT,
    ORAL,
    PAY,
    QUESTION,
    REQUEST,
    SETTLE,
    SUPPLEMENT,
    WITHDRAW,
)

REFERENCES = References(b"p" * 32)
TOWN, BZK = "municipality:9901", "bzk"
both = pytest.mark.parametrize("partner", [TOWN, BZK])


def seen(partner, *past):
    return view(given(decide, *FACTS, *past).state, partner, REFERENCES)


@pytest.mark.parametrize(("decision", "cents"), [(GRANT, 3_000_000), (DECLINE, None)])
def test_the_municipality_reads_the_outcome_and_not_who_decided(decision, cents):
    """An account of the ministry, and what it wrote for itself, is nothing for a municipality."""
    row = seen(TOWN, REQUEST, ASSESS, ASK_MORE, decision)
    assert row["outcome"] == {
        "granted_cents": cents, "reason": decision.reason, "conditions": "", "decided_at": LATER, "confirmed": True,
    }  # fmt: skip
    assert "bzk-3" not in str(row)
    assert "Vier procent" not in str(row)
    assert row["asked"] == [{"text": "Hoe groot is de begroting?", "at": LATER}]


@pytest.mark.parametrize("decision", [GRANT, DECLINE, ORAL])
def test_the_ministry_reads_who_decided(decision):
    """INV-10."""
    row = seen(BZK, REQUEST, ASSESS, decision)
    assert row["outcome"]["decided_by"] == "bzk-3"
    assert row["outcome"]["on_behalf_of"] == getattr(decision, "on_behalf_of", None)
    assert row["assessments"][0]["by"] == "bzk-3"
    assert (row["municipality"], row["office"]) == ("9901", "alderman")


@both
def test_an_oral_decision_shows_whether_it_was_confirmed(partner):
    """INV-10: unconfirmed is visible."""
    assert not seen(partner, REQUEST, ORAL)["outcome"]["confirmed"]
    assert seen(partner, REQUEST, ORAL, CONFIRM)["outcome"]["confirmed"]


@both
def test_without_a_decision_there_is_no_outcome(partner):
    row = seen(partner, REQUEST)
    assert (row["outcome"], row["municipal_cents"], row["asked_cents"]) == (None, None, 4_500_000)


@both
def test_both_read_the_motivation_and_the_figures_that_count(partner):
    """R-VAN-08, R-VAN-18."""
    assert seen(partner, CALL)["motivation"] == ""
    assert seen(partner, REQUEST, replace(SUPPLEMENT, motivation="Anders."))["motivation"] == "Anders."
    row = seen(partner, replace(REQUEST, budget=BUDGET))
    assert (row["budget_cents"], row["reservation"], row["acute_and_serious"]) == (900_000_000, "no", "yes")


@both
def test_what_is_not_granted_stays_municipal_and_both_are_shown(partner):
    """S-VAN-08."""
    row = seen(partner, REQUEST, GRANT)
    assert (row["outcome"]["granted_cents"], row["municipal_cents"]) == (3_000_000, 1_500_000)
    assert seen(partner, REQUEST, DECLINE)["municipal_cents"] == 4_500_000
    row = seen(partner, REQUEST, GRANT, ACTUAL_COST, SETTLE, PAY)
    assert (row["settled_cents"], row["status"], row["paid_at"]) == (2_800_000, RequestState.PAID, LATER)


@both
def test_an_objection_shows_both_decisions(partner):
    """INV-11."""
    row = seen(partner, REQUEST, DECLINE, OBJECT)
    assert (row["objection"], row["objections"][0]["text"]) == (True, "Het is wel te veel.")
    row = seen(partner, REQUEST, DECLINE, OBJECT, replace(GRANT, decided_by="bzk-4"))
    assert [one["granted_cents"] for one in (*row["earlier_outcomes"], row["outcome"])] == [None, 3_000_000]


@both
def test_references_are_the_partners_own(partner):
    row = seen(partner, REQUEST)
    assert REFERENCES.open(partner, row["case"]) == CASE
    assert REFERENCES.open(partner, row["request"]) == "r-1"


@pytest.mark.parametrize(
    ("at", "words"),
    [("2016-12-31", "2016 is het jaar"), ("2017-01-01", "voortzetting nog niet besloten")],
)
def test_from_2017_a_request_says_that_nothing_is_decided_about_continuation(at, words):
    """S-VAN-15: by the day in Amsterdam."""
    asked = replace(REQUEST, at=utc(at, "09:00"))
    assert words in seen(BZK, asked)["continuation"]
    new_year = replace(REQUEST, at=utc("2016-12-31", "23:30"))
    assert seen(TOWN, new_year)["continuation"] == "voortzetting nog niet besloten"


def test_continuation_is_a_dated_row_and_only_a_row_ends_the_safety_net(tmp_path):
    """S-VAN-15, R-VAN-01, R-VAN-11: until somebody decides, it goes on."""
    assert continuation_on(utc("2016-03-14").date()).state is None
    assert continuation_on(utc("2026-11-24").date()).state is Continuation.UNDECIDED
    rows = tmp_path / "policy.toml"
    rows.write_text('[[continuation]]\nfrom = 2016-01-01\nwords = "proef"\n'
                    '[[continuation]]\nfrom = 2018-01-01\nstate = "none"\nwords = "gestopt"\n')  # fmt: skip
    assert continuation_on(utc("2017-12-31").date(), rows).state is None
    assert continuation_on(utc("2018-01-01").date(), rows).state is Continuation.NONE


def test_terms_count_working_days_and_acute_is_the_same_day():
    """§3.3: 1 and 10 working days; 5 for a supplement; acute the same day (Friday before Whit Monday 2016)."""
    terms, friday = terms_on(utc("2016-05-13").date()), utc("2016-05-13", "11:00")
    assert terms.acknowledge_before(friday, acute=False) == utc("2016-05-17", "11:00")
    assert terms.acknowledge_before(friday, acute=True) == utc("2016-05-13", "22:00")
    assert terms.supplement_before(friday) == utc("2016-05-23", "11:00")
    assert terms.decide_before(friday) == utc("2016-05-30", "11:00")


STATES = [
    ((), "nog niet"), ((CALL,), "aangevuld"), ((REQUEST,), "bekijkt"), ((REQUEST, GRANT), "betaalt mee"),
    ((REQUEST, DECLINE), "betaalt niet mee"), ((REQUEST, WITHDRAW), "ingetrokken"),
    ((REQUEST, GRANT, ACTUAL_COST, SETTLE), "betaalt mee"), ((REQUEST, GRANT, ACTUAL_COST, SETTLE, PAY), "meebetaald"),
]  # fmt: skip


@pytest.mark.parametrize(("past", "words"), STATES)
def test_the_person_reads_how_it_stands_and_that_measures_go_on(past, words):
    """R-KST-10, R-VAN-16, S-VAN-11: no amounts, no reasons."""
    shown = for_person(given(decide, *FACTS, *past).state)
    assert words in shown["message"]
    assert shown["message"].endswith("Uw maatregelen gaan door, wat er ook besloten wordt.")
    assert set(shown) == {"case", "status", "requested_at", "message"}


def test_a_precedent_has_reasons_and_amounts_and_leads_to_nobody():
    """R-EVA-04: pseudonymous."""
    past = (*FACTS, REQUEST, ASSESS, replace(GRANT, conditions="Stuur de rekening."), ACTUAL_COST, SETTLE)
    row = precedent(given(decide, *past).state, REFERENCES)
    assert (row["asked_cents"], row["granted_cents"], row["settled_cents"]) == (4_500_000, 3_000_000, 2_800_000)
    assert (row["reason"], row["year"]) == ("Onevenredig beslag.", 2016)
    assert row["assessments"] == ["Vier procent van de begroting."]
    assert not {"municipality", "office", "case", "request", "motivation"} & set(row)
    assert not {"9901", "alderman", CASE, "r-1", REFERENCES.seal(BZK, CASE)} & set(map(str, row.values()))
    assert REFERENCES.open(BZK, row["precedent"]) is None


def test_a_question_shows_its_answer_and_not_who_answered():
    """R-VAN-13."""
    state = given(decide, QUESTION, ANSWER).state
    row = question(state, TOWN, REFERENCES)
    assert row["answers"] == [{"text": "Extra beveiliging.", "at": LATER}]
    assert REFERENCES.open(TOWN, row["question"]) == "q-1"
    assert question(state, BZK, REFERENCES)["answers"][0]["by"] == "bzk-3"
