"""Who learns what. The whole table stands below as it was agreed: a change of it must show in a diff here too."""

from __future__ import annotations

import pytest

from deploy.contracts.examples import MOMENT, example
from shared.contracts import aftercare, assessment, funding
from shared.contracts.assessment import AdvisedMeasure, MeasuresAdvised
from shared.contracts.audiences import GRANTS, KINDS, REFERENCES, copies, topic_of
from shared.contracts.topics import HOME
from shared.contracts.vocabulary import Addressee, MeasureType, Place, Urgency

JOINED = frozenset({"9901"})

AGREED = """
AftercareAccepted -> ivp: accepted_at
EmployerInvoiced -> municipality (invoices): invoice, month, amount_cents
FundingDeclined -> municipality: request
FundingGranted -> municipality: request, granted_cents
FundingRequested -> bzk: request, municipality, office, channel, lines(type, place, amount_cents), total_cents, \
missing, continuation
FundingSettled -> municipality: request, settled_cents
FundingSupplementAsked -> municipality: request
FundingSupplemented -> bzk: request, lines(type, place, amount_cents), total_cents, missing
FundingWithdrawn -> bzk: request
IvpCallbackDue -> ivp: due_at
IvpCallbackMissed -> ivp: due_at
MeasuresAdvised -> municipality: lines(measure, type, place, above_pkvw, urgency, executor) \
where addressee = municipality
MeasuresScaledDown -> municipality: scaled_down_at
SupplementReminderDue -> municipality: request
VangnetQuestionAnswered -> municipality: question
VangnetQuestionAsked -> bzk: question, municipality, channel
"""


def readable(event, grant):
    shown = [f"{field}({', '.join(grant.line_fields)})" if field == "lines" else field for field in grant.fields]
    only = f" where addressee = {grant.only_addressee}" if grant.only_addressee else ""
    partner = grant.partner if grant.purpose == "measures" else f"{grant.partner} ({grant.purpose})"
    return f"{event.__name__} -> {partner}: {', '.join(shown)}{only}"


def advice(*addressees, municipality="9901"):
    lines = tuple(
        AdvisedMeasure(
            measure=f"m-{number}",
            type=MeasureType.ALARM,
            place=Place.HOME,
            above_pkvw=True,
            addressee=addressee,
            urgency=Urgency.ACUTE,
        )
        for number, addressee in enumerate(addressees)
    )
    return MeasuresAdvised(case="c", municipality=municipality, advised_at=MOMENT, lines=lines)


def names(value):
    """All field names, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


def test_the_table_is_the_agreed_one():
    found = sorted(readable(event, grant) for event, grants in GRANTS.items() for grant in grants)
    assert found == AGREED.strip().splitlines()


@pytest.mark.parametrize("event", GRANTS, ids=lambda event: event.__name__)
def test_every_granted_field_exists_on_the_event(event):
    for grant in GRANTS[event]:
        assert set(grant.fields) <= set(event.model_fields)
        assert len(set(grant.fields)) == len(grant.fields)
        assert bool(grant.line_fields) == ("lines" in grant.fields)
        if grant.line_fields:
            (line,) = (one for one in event.model_fields["lines"].annotation.__args__ if one is not Ellipsis)
            assert set(grant.line_fields) <= set(line.model_fields)
        if grant.partner == "municipality":
            assert "municipality" in event.model_fields


@pytest.mark.parametrize("event", GRANTS, ids=lambda event: event.__name__)
def test_a_copy_holds_what_was_granted_and_nothing_else(event):
    grants = GRANTS[event]
    made = copies(example(event, complete=True), JOINED)
    assert len(made) == len(grants)
    for copy, grant in zip(made, grants, strict=True):
        assert set(copy.data) == set(grant.fields)
        for line in copy.data.get("lines", ()):
            assert set(line) == set(grant.line_fields)
        assert copy.references == REFERENCES


@pytest.mark.parametrize("event", [one for one in HOME if one not in GRANTS], ids=lambda event: event.__name__)
def test_an_event_that_was_not_granted_reaches_no_partner(event):
    assert copies(example(event, complete=True), JOINED) == ()


def test_a_municipality_gets_only_the_lines_that_are_addressed_to_it():
    """S-SBB-06: measure, place, urgency; not what the person was advised."""
    (copy,) = copies(advice(Addressee.PERSON, Addressee.MUNICIPALITY, Addressee.PERSON), JOINED)
    assert [line["measure"] for line in copy.data["lines"]] == ["m-1"]
    assert (copy.partner, copy.topic.name) == ("municipality:9901", "partner.municipality.9901.measures")


def test_advice_to_the_person_alone_tells_the_municipality_nothing():
    """Not even that there was advice."""
    assert copies(advice(Addressee.PERSON), JOINED) == ()


@pytest.mark.parametrize(
    "event",
    [
        advice(Addressee.MUNICIPALITY, municipality="9902"),
        funding.FundingGranted(case="c", request="r", municipality="9902", granted_cents=1, decided_at=MOMENT),
        funding.FundingDeclined(case="c", request="r", municipality="9902", decided_at=MOMENT),
        funding.FundingDeclined(case="c", request="r", municipality="", decided_at=MOMENT),
    ],
    ids=["advice", "granted", "declined", "without municipality"],
)
def test_a_municipality_that_has_not_joined_gets_no_copy(event):
    assert copies(event, JOINED) == ()
    assert copies(event, frozenset()) == ()


def test_each_municipality_gets_its_own():
    both = frozenset({"9901", "9902"})
    for code in both:
        (copy,) = copies(advice(Addressee.MUNICIPALITY, municipality=code), both)
        assert copy.topic.name == f"partner.municipality.{code}.measures"


NEVER = {
    "ivp": {"level", "municipality", "office", "lines", "request", "total_cents", "context", "qualifies", "kind"},
    "bzk": {"level", "measure", "line", "kind", "context", "reason", "impact", "addressee", "qualifies", "urgency"},
    "municipality": {"level", "kind", "context", "reason", "impact", "qualifies", "addressee", "office", "due_at"},
}
PRIVATE = {"case", "name", "phone", "address", "narrative", "victim", "reporter", "motivation", "source", "assessor"}


@pytest.mark.parametrize("partner", NEVER)
def test_what_a_partner_never_learns(partner):
    """§3.2: BZK, council and IVP nothing of the assessment; IVP nothing of place or money; BZK no single measure."""
    seen = set()
    for event in HOME:
        for copy in copies(example(event, complete=True), JOINED):
            if copy.kind == partner:
                seen |= names(copy.data)
    assert seen
    assert not seen & (NEVER[partner] | PRIVATE)


def test_nobody_outside_learns_of_care_but_the_ivp():
    """R-IVP-09, §3.2 "Fact of IVP use". The bill goes to a municipality, but leads to no case."""
    for event in HOME:
        if event.__module__ == aftercare.__name__ and event is not aftercare.EmployerInvoiced:
            assert {grant.partner for grant in GRANTS.get(event, ())} <= {"ivp"}


def test_the_ivp_learns_of_a_case_only_when_the_person_wants_care():
    """R-IVP-09: an offer that the person may decline is not told to the care provider."""
    assert aftercare.AftercareTriggered not in GRANTS
    assert aftercare.AftercareDeclined not in GRANTS


def test_bills_go_to_a_topic_of_their_own():
    """Who handles a municipality's bills need not read its measures, and the other way round."""
    event = example(aftercare.EmployerInvoiced, complete=True)
    (bill,) = copies(event, JOINED)
    assert (bill.partner, bill.topic.name) == ("municipality:9901", "partner.municipality.9901.invoices")
    (measures,) = copies(advice(Addressee.MUNICIPALITY), JOINED)
    assert measures.topic != bill.topic


def test_a_kind_of_partner_gets_an_event_once():
    """Its copy has one schema."""
    for grants in GRANTS.values():
        kinds = [grant.partner for grant in grants]
        assert len(kinds) == len(set(kinds))
        assert set(kinds) <= set(KINDS)


def test_every_grant_has_a_topic():
    for grants in GRANTS.values():
        for grant in grants:
            assert topic_of(grant, "9901").name.startswith(f"partner.{grant.partner}.")


def test_no_partner_learns_of_weighing_or_decision():
    for event in (
        assessment.WeighingOpened,
        assessment.FirstWeighingConcluded,
        assessment.FirstWeighingOverdue,
        assessment.ThreatAssessed,
    ):
        assert event not in GRANTS


def test_office_and_municipality_travel_together_to_bzk_alone():
    """INV-6: there is one mayor."""
    both = [
        grant.partner
        for grants in GRANTS.values()
        for grant in grants
        if {"office", "municipality"} <= set(grant.fields)
    ]
    assert both == ["bzk"]


def test_a_copy_leaves_the_event_as_it_was():
    event = advice(Addressee.PERSON, Addressee.MUNICIPALITY)
    before = event.model_dump()
    copies(event, JOINED)
    assert event.model_dump() == before
