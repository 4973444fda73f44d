"""CloudEvents on the bus: the NL GOV attributes, times in UTC, tolerant reading, errors that repeat nothing."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from pydantic import BaseModel, ValidationError

from deploy.contracts.examples import MOMENT, SCHEMAS, envelope, example
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.envelope import CONTENT_TYPE, LARGEST_MESSAGE, Envelope, dataschema, to_record
from shared.contracts.topics import EVENTS, HOME

every_event = pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
SECRET = "Voorbeeldstraat 1"


def record_of(event):
    one = example(event, complete=True)
    return to_record(envelope(one), topic=HOME[event].name, key=one.case)


@every_event
def test_a_record_is_a_cloudevent_that_the_official_parser_reads(event):
    record = record_of(event)
    headers = {name: value.encode() for name, value in record.headers.items()}
    read = from_kafka(KafkaMessage(headers, record.key.encode(), record.body.encode()), JSONFormat())
    assert read.get_specversion() == "1.0"
    assert read.get_id() == record.id
    assert read.get_type() == event.type_name()
    assert read.get_source() == json.loads(record.body)["source"]
    assert read.get_subject() == record.key
    assert read.get_time() == MOMENT
    assert read.get_datacontenttype() == "application/json"
    assert read.get_dataschema().endswith("/v1.json")
    assert read.get_data() == example(event, complete=True).data()


@every_event
def test_a_record_has_exactly_the_attributes_of_the_profile(event):
    """NL GOV profile 1.1; anything more would be an extension nobody asked for."""
    names = {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "data"}
    assert set(json.loads(record_of(event).body)) == names
    assert set(record_of(event).headers) == {"content-type"}
    assert all(isinstance(value, str) for value in record_of(event).headers.values())


@every_event
def test_a_full_event_is_far_below_the_largest_message(event):
    assert len(record_of(event).body.encode()) < LARGEST_MESSAGE / 8


def test_the_content_type_is_structured_json():
    assert CONTENT_TYPE == "application/cloudevents+json; charset=UTF-8"


@every_event
def test_type_names_are_reverse_domain_plural_kebab_and_version(event):
    assert re.fullmatch(r"nl\.veiligbestuur\.[a-z]+(-[a-z]+)*s\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", event.type_name())


def test_a_type_name_follows_the_class_name():
    assert intake.IncidentReported.type_name() == "nl.veiligbestuur.incidents.incident-reported.v1"
    assert aftercare.IvpCallbackDue.type_name() == "nl.veiligbestuur.care-cases.ivp-callback-due.v1"


def test_the_schema_of_a_type_has_an_address():
    address = dataschema("nl.veiligbestuur.incidents.incident-reported.v1", SCHEMAS)
    assert address == "https://veiligbestuur.example/schemas/incidents.incident-reported/v1.json"


def strings(value):
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


@every_event
def test_every_moment_on_the_wire_ends_with_z(event):
    moments = [text for text in strings(json.loads(record_of(event).body)) if "T" in text and ":" in text[10:]]
    moments = [text for text in moments if re.match(r"\d{4}-\d\d-\d\dT", text)]
    assert moments
    assert all(text.endswith("Z") for text in moments)


@pytest.mark.parametrize("hours", [1, 2, -5])
def test_a_moment_with_another_zone_goes_out_in_utc_with_a_z(hours):
    """A decision's moment comes from a form, with the zone of the form."""
    local = datetime(2016, 3, 13, 2, 31, tzinfo=timezone(timedelta(hours=hours)))
    event = aftercare.IvpCallbackMade(case="c", made_at=local, in_time=True)
    expected = f"2016-03-13T{2 - hours:02}:31:00Z"
    assert event.data()["made_at"] == expected
    sent = envelope(event).model_copy(update={"time": local})
    assert json.loads(to_record(sent, topic="t", key="c").body)["time"] == expected


def test_a_naive_moment_is_refused():
    naive = datetime.fromisoformat("2016-03-13T02:31:00")
    with pytest.raises(ValidationError, match="time zone"):
        aftercare.IvpCallbackMissed(case="c", due_at=naive)
    body = json.loads(record_of(aftercare.IvpCallbackMissed).body) | {"time": "2016-03-13T02:31:00"}
    with pytest.raises(ValidationError, match="time zone"):
        Envelope[aftercare.IvpCallbackMissed].model_validate(body)


@every_event
def test_unknown_fields_are_tolerated_when_reading(event):
    """Consumers live longer than versions."""
    body = json.loads(record_of(event).body)
    read = Envelope[event].model_validate_json(json.dumps(body))
    more = body | {"traceparent": "00-0", "data": body["data"] | {"brand_new": "x"}}
    assert Envelope[event].model_validate_json(json.dumps(more)) == read
    assert read.data == example(event, complete=True)


def models(model):
    nested = [one for field in model.model_fields.values() for one in getattr(field.annotation, "__args__", ())]
    return [model, *(one for one in nested if isinstance(one, type) and issubclass(one, BaseModel))]


@every_event
def test_no_model_repeats_its_input_in_errors(event):
    """What was sent can be personal: an error names the field, never the value."""
    for model in (*models(event), Envelope[event]):
        with pytest.raises(ValidationError) as error:
            model.model_validate({name: [SECRET] for name in model.model_fields})
        assert SECRET not in str(error.value)
        assert SECRET not in repr(error.value)
        assert model.model_config["frozen"]


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        (intake.IncidentReported, {"kind": 7}),
        (intake.IncidentReported, {"urgency": "soon"}),
        (intake.IncidentReported, {"report_type": None}),
        (intake.IncidentReported, {"reporter_is_victim": "misschien"}),
        (intake.IncidentReported, {"municipality": 9901}),
        (intake.AangifteFiled, {"filed_on": "gisteren"}),
        (assessment.ThreatAssessed, {"level": "zeer hoog"}),
        (assessment.MeasuresAdvised, {"lines": ({"measure": "m"},)}),
        (funding.FundingGranted, {"granted_cents": 0.5}),
        (funding.FundingGranted, {"granted_cents": "veel"}),
        (funding.CostLineClassified, {"payer": "nobody"}),
        (aftercare.IvpCallbackDue, {"due_at": "over een half uur"}),
        (aftercare.AftercareTriggered, {"case": None}),
    ],
    ids=str,
)
def test_a_producer_that_gives_a_wrong_type_fails(event, wrong):
    right = {name: getattr(example(event, complete=True), name) for name in event.model_fields}
    assert event(**right) == example(event, complete=True)
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        event(**right | wrong)


@pytest.mark.parametrize("word", ["of-a-later-version", "", "MAYOR"])
def test_a_word_that_a_growing_list_does_not_have_is_read_as_unknown(word):
    """A list that may grow within a version must not stop who reads an older one."""
    body = json.loads(record_of(intake.IncidentReported).body)
    body["data"] |= {"office": word, "kind": word}
    read = Envelope[intake.IncidentReported].model_validate_json(json.dumps(body)).data
    assert (read.office, read.kind) == ("unknown", "unknown")


@pytest.mark.parametrize("word", ["of-a-later-version", "unknown"])
def test_a_word_that_a_closed_list_does_not_have_is_refused(word):
    body = json.loads(record_of(intake.IncidentReported).body)
    body["data"] |= {"urgency": word}
    with pytest.raises(ValidationError, match="urgency"):
        Envelope[intake.IncidentReported].model_validate_json(json.dumps(body))


@every_event
def test_a_producer_that_forgets_a_required_field_fails(event):
    right = {name: getattr(example(event, complete=True), name) for name in event.model_fields}
    for name, field in event.model_fields.items():
        if field.is_required():
            with pytest.raises(ValidationError, match=name):
                event(**{key: value for key, value in right.items() if key != name})


def test_what_is_not_known_is_left_out():
    event = aftercare.AftercareTriggered(case="c", reason="request", triggered_at=MOMENT)
    assert event.data() == {"case": "c", "reason": "request", "triggered_at": "2016-03-13T01:10:30.250000Z"}


def test_source_and_id_together_are_what_an_inbox_remembers():
    sent = envelope(example(intake.AangifteFiled, complete=True))
    assert sent.handled_id == f"{sent.source}:{sent.id}"
    assert sent.model_copy(update={"source": "urn:other"}).handled_id != sent.handled_id


def test_text_is_not_escaped_so_that_people_can_read_a_record():
    event = example(intake.RccbNotified, complete=True)
    sent = envelope(event, data=event.data() | {"context": "één"})
    assert "één" in to_record(sent, topic="t", key="k").body


@every_event
def test_no_event_has_room_for_a_name_an_address_or_a_story(event):
    """INV-6: the only texts are references, codes and fixed words. A new text field must be named here, and meant."""
    references = {
        "case",
        "measure",
        "line",
        "request",
        "question",
        "invoice",
        "earlier",
        "person",
        "reporter",
        "account",
    }
    allowed = references | {"municipality", "month", "week", "rule", "rule_version", "missing", "context"}
    for model in models(event):
        texts = {name for name, field in model.model_fields.items() if _is_free_text(field.annotation)}
        assert texts <= allowed


def _is_free_text(kind):
    return kind is str or any(_is_free_text(one) for one in getattr(kind, "__args__", ()))


def test_moments_that_are_equal_read_back_equal():
    event = example(intake.RccbNotified, complete=True)
    body = record_of(intake.RccbNotified).body
    assert Envelope[EVENTS[event.type_name()]].model_validate_json(body).data.notified_at == MOMENT.astimezone(UTC)
