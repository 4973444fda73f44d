"""What is due on which day, by the dated terms: keep, remind, forget; a hold wins."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.working_days import months_later
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.retention import (
    READ,
    Facts,
    Forget,
    Keep,
    Remind,
    Term,
    Why,
    due,
    facts_of,
    found,
    term_of,
    terms_on,
)

SINCE = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)
YEAR = Term.model_validate(
    {"from": date(2016, 3, 1), "module": "intake.reporting", "class": "signal", "keep_months": 12, "remind_days": 30,
     "counts_from": "last-event", "why": "Een jaar."}
)  # fmt: skip
CLOSED = YEAR.model_copy(update={"counts_from": "closing"})


def on(day: str, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        (on("2016-03-14"), Keep(Why.TERM, date(2017, 3, 14))),
        (on("2017-02-11", "22:59"), Keep(Why.TERM, date(2017, 3, 14))),
        (on("2017-02-11", "23:01"), Remind(date(2017, 3, 14))),
        (on("2017-03-13", "22:59"), Remind(date(2017, 3, 14))),
        (on("2017-03-13", "23:01"), Forget(date(2017, 3, 14))),
        (on("2027-01-01"), Forget(date(2017, 3, 14))),
    ],
)
def test_the_day_of_the_reminder_and_the_day_it_goes_are_two_days_of_amsterdam(
    now: datetime, answer: Keep | Remind | Forget
) -> None:
    assert due(Facts("a", SINCE), YEAR, now) == answer


@pytest.mark.parametrize("now", [on("2017-02-20"), on("2017-03-14"), on("2030-01-01")])
def test_a_hold_wins_and_so_does_what_is_still_due(now: datetime) -> None:
    assert due(Facts("a", SINCE, held=True), YEAR, now) == Keep(Why.HELD, date(2017, 3, 14))
    assert due(Facts("a", SINCE, held=True, waits=True), YEAR, now) == Keep(Why.HELD, date(2017, 3, 14))
    assert due(Facts("a", SINCE, waits=True), YEAR, now) == Keep(Why.WAITS, date(2017, 3, 14))


def test_where_it_counts_from_closing_an_open_case_stays_for_ever() -> None:
    assert due(Facts("a", SINCE), CLOSED, on("2099-01-01")) == Keep(Why.OPEN)
    assert due(Facts("a", SINCE, closed=True), CLOSED, on("2017-03-14")) == Forget(date(2017, 3, 14))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 240))
def test_a_month_later_is_the_same_day_or_the_last_one(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@given(st.integers(0, 900), st.booleans(), st.booleans(), st.booleans())
def test_nothing_goes_before_its_day_and_never_what_is_held(days: int, closed: bool, waits: bool, held: bool) -> None:
    facts = Facts("a", SINCE, closed, waits, held)
    for term in (YEAR, CLOSED):
        if isinstance(due(facts, term, SINCE + timedelta(days=days)), Forget):
            assert days >= 365 and not held and not waits and (closed or term is YEAR)


# What a stored document says


def document(**more: object) -> dict[str, object]:
    return {"_id": "a", "saved_at": on("2016-06-01"), "closed": False, "state": {}} | more


@pytest.mark.parametrize("more", [{"keep_days": 14}, {"keep_months": 0}])
def test_a_term_is_in_months_or_in_days_and_never_in_both_or_neither(more: dict[str, int]) -> None:
    fields = YEAR.model_dump(by_alias=True) | more
    with pytest.raises(ValueError, match="in months or in days"):
        Term.model_validate(fields)
    days = Term.model_validate(fields | {"keep_months": 0, "keep_days": 14})
    assert days.ends_on(SINCE) == date(2016, 3, 28)


def test_it_counts_from_the_last_event_and_not_from_the_last_save() -> None:
    """Looking at a file saves a custody line; that must not keep the case longer."""
    history = [{"recorded_at": on("2016-03-14")}, {"recorded_at": on("2016-04-01")}]
    assert facts_of(document(history=history)).since == on("2016-04-01")
    assert facts_of(document()).since == on("2016-06-01"), "without events: the save"
    assert facts_of(document(history=[])).since == on("2016-06-01")


def test_what_waits_is_seen() -> None:
    assert not facts_of(document()).waits
    assert facts_of(document(due_at=on("2030-01-01"))).waits and facts_of(document(pending=True)).waits


@pytest.mark.parametrize(
    ("state", "there"),
    [({}, False), ({"a": None}, False), ({"a": []}, False), ({"a": ""}, False), ({"a": {"b": None}}, False),
     ({"a": {"b": 1}}, True), ({"a": {"b": [0]}}, True), ({"a": "sealed"}, False)],
)  # fmt: skip
def test_whether_something_is_there(state: dict[str, object], there: bool) -> None:
    assert found({"state": state}, "state.a.b") is there


# The terms themselves


def test_every_module_has_a_term_for_everything_it_keeps() -> None:
    """The last class of each module fits whatever is left."""
    terms = terms_on(date(2016, 3, 14))
    kept = {module for module in CONTROLLERS if not module.endswith(".access")}  # accounts by reference, no texts
    assert {term.module for term in terms} == kept
    for module in kept:
        last = [term for term in terms if term.module == module][-1]
        assert not last.has and not last.lacks, module
        assert term_of(terms, module, {"state": {}}) == last


def test_the_terms_of_q_10_and_of_accounts() -> None:
    months = {(term.module, term.name): term.keep_months for term in terms_on(date(2016, 3, 14))}
    assert months["intake.reporting", "signal"] == 12
    assert months["intake.reporting", "case"] == months["assessment.weighing", "case"] == 60
    assert months["aftercare.confidential_line", "contact"] == 3
    assert months["funding.safety_net", "request"] == months["aftercare.billing", "invoice"] == 84


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ({}, "signal"), ({"reported_at": "2016-03-14T00:00:00Z"}, "case"),
        ({"reported_at": "2016-03-14T00:00:00Z", "withdrawn_at": "2016-03-15T00:00:00Z"}, "withdrawn"),
        ({"withdrawn_at": "2016-03-15T00:00:00Z", "mutaties": [{"reference": "PL-1"}]}, "mutatie"),
        ({"mutaties": []}, "signal"),
    ],
)  # fmt: skip
def test_the_class_of_a_report(state: dict[str, object], name: str) -> None:
    term = term_of(terms_on(date(2016, 3, 14)), "intake.reporting", {"state": state})
    assert term is not None and term.name == name


def test_a_term_is_dated_and_before_the_first_nothing_is_due(tmp_path: Path) -> None:
    row = (
        '[[terms]]\nfrom = {day}\nmodule = "intake.reporting"\nclass = "signal"\nkeep_months = {months}\n'
        'remind_days = 30\ncounts_from = "last-event"\nwhy = "Zo."\n'
    )
    file = tmp_path / "retention.toml"
    file.write_text(row.format(day="2016-03-01", months=12) + row.format(day="2018-01-01", months=6))
    assert terms_on(date(2016, 2, 1), file) == ()
    assert [term.keep_months for term in terms_on(date(2017, 12, 31), file)] == [12]
    (term,) = terms_on(date(2018, 1, 1), file)
    assert (term.keep_months, term.row) == (6, "intake.reporting signal 2018-01-01")


def test_what_is_read_of_a_document_is_nothing_about_a_person() -> None:
    paths = {path for term in terms_on(date(2016, 3, 14)) for path in (*term.has, *term.lacks)}
    assert not any("incident" in path or "victim" in path for path in (*paths, *READ))
