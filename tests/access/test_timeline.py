"""Who sees what on a timeline: every event is judged for every role, and nobody sees more than the table says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.access.roles import Role
from shared.access.timeline import COLUMNS, GRANTED, LINE, entries_for, services_of
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    ASSESSMENT_RESTRICTED,
    ASSESSMENT_STATE_MEASURES,
    FUNDING_SAFETY_NET,
    HOME,
    INTAKE_OWN,
    INTAKE_REPORTING,
)

IDENTIFIERS = {"case", "person", "earlier", "line", "request", "question", "invoice"}
AT = datetime(2016, 3, 14, 2, 10, 30, tzinfo=UTC)


def test_every_event_is_judged_for_every_role() -> None:
    """A new event or role fails here until somebody fills in its row or column."""
    assert set(GRANTED) == set(HOME)
    assert len(COLUMNS) == len(set(COLUMNS))
    for role in set(Role) - set(COLUMNS):
        assert not seen_by(role), role


@pytest.mark.parametrize("event", GRANTED, ids=lambda event: event.__name__)
def test_only_fields_that_exist_are_granted_and_never_one_that_points_at_something(event: type[Event]) -> None:
    granted = {field for names in GRANTED[event].values() for field in names}
    assert granted <= set(event.model_fields) - IDENTIFIERS


def seen_by(role: Role) -> set[type[Event]]:
    return {event for event, roles in GRANTED.items() if role in roles}


RESTRICTED = {event for event, home in HOME.items() if home in (ASSESSMENT_RESTRICTED, ASSESSMENT_STATE_MEASURES)}
OWN = {event for event, home in HOME.items() if home is INTAKE_OWN}


def of(*services: str) -> set[type[Event]]:
    return {event for event, home in HOME.items() if home.name.split(".")[0] in services}


def test_the_restricted_topics_are_for_the_weighing_roles_alone() -> None:
    for role in set(Role) - {Role.RCCB, Role.HOVJ}:
        assert not seen_by(role) & RESTRICTED, role
    assert seen_by(Role.RCCB) == seen_by(Role.HOVJ) >= RESTRICTED


def test_what_stays_with_the_person_is_seen_by_nobody_else_but_the_talk_by_the_police() -> None:
    talk = {intake.TalkRequested, intake.PoliceConsulted, intake.FilingAdvised}
    for role in set(Role) - {Role.OFFICE_HOLDER}:
        assert seen_by(role) & OWN == (talk if role is Role.POLICE else set()), role


def test_each_role_stays_within_its_own_part_of_the_chain() -> None:
    nobody = {intake.RelationChanged, assessment.HandlerAssigned}
    own = {intake.SignalRecorded, intake.SignalJudged, intake.CaseShredded}
    assert seen_by(Role.POLICE) == of("intake") - nobody - own
    assert seen_by(Role.RCCB) == of("intake", "assessment") - OWN - nobody
    assert seen_by(Role.MUNICIPALITY) <= of("assessment", "funding")
    assert seen_by(Role.BZK) == {event for event, home in HOME.items() if home is FUNDING_SAFETY_NET}
    assert seen_by(Role.IVP) == of("aftercare") - {aftercare.EmployerInvoiced, aftercare.ConfidentialContactCounted}
    assert not seen_by(Role.CONFIDANT), "a case is nothing to the Vertrouwenslijn"
    assert seen_by(Role.REPORTER) == {
        intake.IncidentReported, intake.RccbNotified, intake.RccbReceiptOverdue, aftercare.ProgressReported,
    }  # fmt: skip
    assert not seen_by(Role.OFFICE_HOLDER) & (RESTRICTED | {event for event in HOME if "weighing" in HOME[event].name})


def test_nobody_sees_a_bill_on_a_timeline() -> None:
    """S-IVP-06: no bill leads to a case."""
    assert GRANTED[aftercare.EmployerInvoiced] == {}


def test_nobody_sees_the_count_of_the_confidential_line_on_a_timeline() -> None:
    """INV-8."""
    assert GRANTED[aftercare.ConfidentialContactCounted] == {}
    assert {role for role in Role if not services_of(role)} == set(Role) - set(COLUMNS)


def test_office_and_municipality_stand_together_for_police_om_and_the_person_alone() -> None:
    """INV-6: together they name the person."""
    for event, roles in GRANTED.items():
        for role, names in roles.items():
            if {"office", "municipality"} & set(names):
                assert HOME[event] is INTAKE_REPORTING
                assert role in (Role.OFFICE_HOLDER, Role.POLICE, Role.RCCB, Role.HOVJ)


def test_a_line_shows_no_identifier() -> None:
    assert not set(LINE) & {"measure", "line"}
    for model in (assessment.AdvisedMeasure, funding.RequestedLine):
        assert set(model.model_fields) - {"measure"} <= set(LINE)


def test_a_role_is_asked_for_only_where_it_may_see_something() -> None:
    assert {role: services_of(role) for role in (Role.BZK, Role.MUNICIPALITY, Role.REPORTER)} == {
        Role.BZK: ("funding",), Role.MUNICIPALITY: ("assessment", "funding"), Role.REPORTER: ("intake", "aftercare"),
    }  # fmt: skip


# A history and what comes of it


def history(*events: Event) -> list[dict[str, Any]]:
    return [
        {"type": event.type_name(), "data": event.data(), "at": AT + timedelta(minutes=number), "actor": "account-7"}
        for number, event in enumerate(events)
    ]


def line(measure: str, addressee: str, **other: Any) -> dict[str, Any]:
    return {
        "measure": measure, "type": "alarm", "place": "home", "above_pkvw": True, "addressee": addressee,
        "urgency": "acute",
    } | other  # fmt: skip


def advised(*lines: dict[str, Any]) -> Event:
    return assessment.MeasuresAdvised.model_validate(
        {"case": "c", "municipality": "9901", "advised_at": AT, "lines": lines}
    )


def names(role: Role, *events: Event) -> list[str]:
    return [entry.event.split(".")[-2] for entry in entries_for(role, history(*events))]


TO_BOTH = advised(line("m1", "municipality"), line("m2", "person", type="locks"))
PLACED = [assessment.MeasureImplemented(case="c", measure=measure, implemented_at=AT) for measure in ("m1", "m2")]


def test_a_municipality_sees_the_measures_addressed_to_it_and_not_those_to_the_person() -> None:
    """S-SBB-06."""
    found = entries_for(Role.MUNICIPALITY, history(TO_BOTH, *PLACED))
    [advice, placed] = [entry.fields for entry in found]
    assert [one["type"] for one in advice["lines"]] == ["alarm"]
    assert placed["measure"] == {"type": "alarm", "place": "home"}
    assert "m1" not in str(found) and "account-7" not in str(found)


def test_rccb_and_the_person_see_all_measures() -> None:
    for role in (Role.RCCB, Role.OFFICE_HOLDER):
        [advice, _, placed] = [entry.fields for entry in entries_for(role, history(TO_BOTH, *PLACED))]
        assert [one["type"] for one in advice["lines"]] == ["alarm", "locks"]
        assert placed["measure"]["type"] == "locks"


def test_before_the_first_measure_addressed_to_it_a_case_is_nothing_to_a_municipality() -> None:
    ended = assessment.MeasuresScaledDown(case="c", scaled_down_at=AT, municipality="9901")
    due = assessment.MeasureReviewDue(case="c", due_at=AT)
    assert names(Role.MUNICIPALITY, advised(line("m2", "person")), due, PLACED[1], ended) == []
    assert names(Role.MUNICIPALITY, TO_BOTH, due, ended) == ["measures-advised", "measures-scaled-down"]


def test_the_end_of_what_the_state_or_the_person_did_is_not_on_the_timeline_of_a_municipality() -> None:
    """It has no municipality on it; nor does a moment of review, which measures of the State bring forward."""
    ended = assessment.MeasuresScaledDown(case="c", scaled_down_at=AT)
    assert names(Role.MUNICIPALITY, TO_BOTH, ended) == ["measures-advised"]
    assert names(Role.OFFICE_HOLDER, TO_BOTH, ended) == ["measures-advised", "measures-scaled-down"]


def test_the_care_provider_sees_a_case_only_after_acceptance_or_a_call() -> None:
    """R-IVP-09."""
    offered = aftercare.AftercareTriggered(case="c", reason="acute-incident", triggered_at=AT)
    declined = aftercare.AftercareDeclined(case="c", declined_at=AT)
    called = aftercare.IvpCallbackDue(case="c", called_at=AT, due_at=AT)
    assert names(Role.IVP, offered, declined) == []
    assert names(Role.IVP, offered, called) == ["aftercare-triggered", "ivp-callback-due"]
    assert names(Role.IVP, offered, aftercare.AftercareAccepted(case="c", accepted_at=AT))[0] == "aftercare-triggered"
    assert len(names(Role.OFFICE_HOLDER, offered, declined)) == 2


def test_the_person_sees_that_money_moves_and_no_amounts() -> None:
    decided = funding.FundingGranted(case="c", request="r", municipality="9901", granted_cents=100, decided_at=AT)
    [own] = entries_for(Role.OFFICE_HOLDER, history(decided))
    assert own.fields == {"decided_at": "2016-03-14T02:10:30Z"}
    [town] = entries_for(Role.MUNICIPALITY, history(decided))
    assert town.fields["granted_cents"] == 100


def test_a_request_without_lines_is_shown_all_the_same() -> None:
    supplemented = funding.FundingSupplemented(case="c", request="r", lines=(), total_cents=0, missing=("aangifte",))
    [one] = entries_for(Role.BZK, history(supplemented))
    assert one.fields == {"lines": [], "total_cents": 0, "missing": ["aangifte"]}


def test_an_event_that_is_no_longer_known_is_not_shown() -> None:
    entry = {"type": "nl.veiligbestuur.cases.long-ago.v1", "data": {"case": "c", "name": "kanarie"}, "at": AT}
    for role in Role:
        assert entries_for(role, [entry]) == []


def test_the_fields_of_the_table_hold_no_reason_of_a_person() -> None:
    reasons = [event for event, roles in GRANTED.items() if any("reason" in names for names in roles.values())]
    for event in reasons:
        assert event.model_fields["reason"].annotation is not str, event
