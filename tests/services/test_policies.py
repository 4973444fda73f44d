"""Dated values: they parse, and the choice goes by the day."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.aftercare.callback import policy as callback
from services.aftercare.confidential_line import policy as confidential_line
from services.assessment.measures import policy as measures
from services.assessment.weighing import policy as weighing
from services.funding.cost_allocation import policy as costs
from services.funding.safety_net import policy as safety_net
from services.intake.guidance import policy as guidance
from services.intake.reporting import policy as reporting
from shared.contracts.vocabulary import Payer, Place, Urgency

ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)
FIRST_DAYS = {
    reporting: date(2016, 3, 1),
    weighing: date(2015, 1, 1),
    measures: date(2015, 1, 1),
    costs: date(2014, 7, 1),
    safety_net: date(2016, 1, 1),
    callback: date(2016, 3, 1),
    confidential_line: date(2016, 3, 14),
}
every_policy = pytest.mark.parametrize(
    ("policy", "first"), FIRST_DAYS.items(), ids=lambda one: getattr(one, "__name__", str(one))
)
hours = timedelta(hours=1)


def rows(module, table="terms"):
    return tomllib.loads(Path(module.__file__).with_name("policy.toml").read_text())[table]


def test_every_policy_file_of_the_services_is_tested_here():
    files = set(ROOT.glob("services/*/*/policy.toml"))
    assert files == {Path(module.__file__).with_name("policy.toml") for module in (*FIRST_DAYS, guidance)}


def test_help_lines_hold_from_their_first_day_and_not_the_day_before():
    first = date(2016, 3, 1)
    assert {row["from"] for table in ("lines", "instruments") for row in rows(guidance, table)} == {first}
    assert guidance.lines_on(first) and guidance.instruments_on(first)
    assert not guidance.lines_on(first - DAY) and not guidance.instruments_on(first - DAY)


@every_policy
def test_every_row_parses_and_no_two_start_on_the_same_day(policy, first):
    starts = [policy.Terms.model_validate(row).valid_from for row in rows(policy)]
    assert min(starts) == first
    assert len(starts) == len(set(starts))


@every_policy
def test_a_term_holds_on_its_first_day_and_not_the_day_before(policy, first):
    assert policy.terms_on(first).valid_from == first
    with pytest.raises(LookupError, match=str(first - DAY)):
        policy.terms_on(first - DAY)


@every_policy
def test_a_misspelled_value_is_an_error_not_a_default(policy, first):
    with pytest.raises(ValidationError):
        policy.Terms.model_validate(rows(policy)[0] | {"hourz": 1})


def test_the_newest_term_that_started_holds(tmp_path):
    """Rules go by the date of the decision; the order in the file does not matter."""
    path = tmp_path / "policy.toml"
    row = "[[terms]]\nfrom = {}\nsignal_unjudged_hours = {}\n"
    row += "doubt_follow_up_days = 3\nrccb_receipt_acute_hours = 1\nrccb_receipt_other_hours = 24\n"
    path.write_text(row.format("2018-01-01", 12) + row.format("2016-03-01", 24))
    chosen = [
        reporting.terms_on(day, path).signal_unjudged_hours
        for day in (date(2016, 3, 1), date(2017, 12, 31), date(2018, 1, 1), date(2020, 1, 1))
    ]
    assert chosen == [24, 24, 12, 12]


def test_a_signal_is_judged_within_a_day_and_rccb_answers_within_an_hour_when_acute():
    """R-MEL-14, R-MEL-05, §3.3."""
    terms = reporting.terms_on(date(2016, 3, 14))
    assert terms.signal_unjudged == 24 * hours
    assert terms.rccb_receipt(Urgency.ACUTE) == hours
    assert terms.rccb_receipt(Urgency.OTHER) == 24 * hours


def test_the_first_weighing_takes_an_hour_when_acute_and_a_day_otherwise():
    """Timers of SBB."""
    terms = weighing.terms_on(date(2016, 3, 14))
    assert terms.weigh_within(Urgency.ACUTE) == hours
    assert terms.weigh_within(Urgency.OTHER) == 24 * hours


def test_a_municipality_answers_within_a_day_when_acute_and_measures_are_reviewed_after_thirty_days():
    """§3.3: 24 hours acute, five working days otherwise, thirty days for review."""
    terms = measures.terms_on(date(2016, 3, 14))
    thursday = datetime(2016, 3, 24, 9, tzinfo=UTC)
    assert terms.answer_within(Urgency.ACUTE, thursday) == 24 * hours
    # Good Friday and Easter Monday are days off, and summer time began: Monday 4 April, the same clock time.
    assert thursday + terms.answer_within(Urgency.OTHER, thursday) == datetime(2016, 4, 4, 8, tzinfo=UTC)
    assert terms.review_after == 30 * DAY


def test_bzk_aims_to_decide_in_ten_working_days():
    """§3.3."""
    monday = datetime(2016, 4, 4, 11, tzinfo=UTC)
    assert safety_net.terms_on(date(2016, 4, 4)).decide_before(monday) == monday + 14 * DAY


def test_the_ivp_calls_back_within_thirty_minutes_from_1_march_2016():
    """R-IVP-01, R-IVP-04."""
    terms = callback.terms_on(date(2016, 3, 1))
    assert (terms.warn_minutes, terms.escalate_minutes, terms.call_back_minutes) == (20, 25, 30)
    for row in rows(callback):
        one = callback.Terms.model_validate(row)
        assert 0 < one.warn_minutes < one.escalate_minutes < one.call_back_minutes


def test_who_pays_parses_and_holds_from_the_circular_of_1_july_2014():
    """R-KST-04."""
    first = date(2014, 7, 1)
    assert [rule.id for rule in costs.rules_on(first)] == ["K1", "K2", "K3", "K4", "K5", "K6", "K10"]
    assert costs.rules_on(first - DAY) == ()
    assert len(rows(costs, "rules")) == len({(row["id"], row["from"]) for row in rows(costs, "rules")})


def test_k1_and_k2_say_who_pays_at_home():
    """Decision table of KST: K1 person up to the PKVW level, K2 municipality above it."""
    rules = {rule.id: rule for rule in costs.rules_on(date(2016, 3, 14))}
    k1, k2 = rules["K1"], rules["K2"]
    assert (k1.place, k1.above_pkvw, k1.payer) == ((Place.HOME,), False, Payer.PERSON)
    assert (k2.place, k2.above_pkvw, k2.payer) == ((Place.HOME,), True, Payer.MUNICIPALITY)
    assert all(rule.version and rule.reason for rule in rules.values())


def test_a_newer_version_of_a_rule_replaces_the_older_one_from_its_day(monkeypatch, tmp_path):
    text = costs.FILE.read_text()
    k2 = next(f"[[rules]]{row}" for row in text.split("[[rules]]") if 'id = "K2"' in row)
    newer = k2.replace("from = 2014-07-01", "from = 2024-01-01").replace('version = "2016.1"', 'version = "2024.1"')
    file = tmp_path / "policy.toml"
    file.write_text(f"{k2}\n{newer}")
    monkeypatch.setattr(costs, "FILE", file)
    assert [rule.version for rule in costs.rules_on(date(2023, 12, 31))] == ["2016.1"]
    assert [rule.version for rule in costs.rules_on(date(2024, 1, 1))] == ["2024.1"]
