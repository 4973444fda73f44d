"""CloudEvents and the NL GOV profile, as numbered checks: CE-1 envelope, CE-2 nlgov, CE-3 canary, CE-4 roundtrip, CE-5
size, CE-6 idempotent. CE-7 is in `test_catalogue.py`. The official SDK judges beside our own schema.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_binary_event, to_structured_event
from cloudevents.core.exceptions import CloudEventValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.contracts import examples
from deploy.contracts.compatibility import misfits, schema_path
from deploy.contracts.published import samples
from deploy.contracts.schemas import ENVELOPE_PATH, all_schemas
from shared.contracts.decisions import Refused
from shared.contracts.envelope import CONTENT_TYPE, LARGEST_MESSAGE, Envelope, Record, to_record
from shared.contracts.fields import MEANINGS
from shared.contracts.topics import HOME
from shared.privacy.references import PartnerCopies, References
from tests.runtime.toy import Bench
from tests.services.subjects import pasts
from tests.services.test_every_module import SUBJECTS

SAMPLES = samples()
SCHEMAS = all_schemas(examples.SCHEMAS)
every_sample = pytest.mark.parametrize("path", SAMPLES)
every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


def record_of(body):
    """A sample as it is on Kafka."""
    return to_record(Envelope.model_validate(body), topic="t", key=body["subject"])


def message_of(record: Record) -> KafkaMessage:
    headers = {name: value.encode() for name, value in record.headers.items()}
    return KafkaMessage(headers, record.key.encode(), record.body.encode())


# CE-1


@every_sample
def test_ce_1_envelope_fits_the_profile_and_data_its_dataschema(path):
    body = SAMPLES[path]
    assert misfits(SCHEMAS[ENVELOPE_PATH], body) == []
    assert misfits(SCHEMAS[schema_path(body)], body["data"]) == []
    assert from_kafka_event(message_of(record_of(body))).get_data() == body["data"]


@pytest.mark.parametrize("attribute", list(Envelope.model_fields))
def test_ce_1_envelope_without_an_attribute_is_refused(attribute):
    """The official SDK fills in an id and a specversion that are missing; for the rest it judges the same."""
    body = {name: value for name, value in next(iter(SAMPLES.values())).items() if name != attribute}
    assert misfits(SCHEMAS[ENVELOPE_PATH], body) == ["the object: required"]
    if attribute in ("source", "type"):
        record = Record("i", "t", "k", "t", json.dumps(body), {"content-type": CONTENT_TYPE})
        with pytest.raises(CloudEventValidationError):
            from_kafka_event(message_of(record))


# CE-2


@every_sample
def test_ce_2_nlgov_attributes(path):
    """Names lower-case and short; source with an OIN; type reversed domain and one version; time in UTC with a Z."""
    body = SAMPLES[path]
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in body)
    assert re.fullmatch(r"urn:nld:oin:\d{20}:systeem:[a-z0-9-]+", body["source"])
    assert re.fullmatch(r"nl\.[a-z0-9-]+(\.[a-z0-9-]+)+\.v[1-9]\d*", body["type"])
    assert len(re.findall(r"\.v\d+", body["type"])) == 1
    assert body["time"].endswith("Z")
    assert datetime.fromisoformat(body["time"]).tzinfo == UTC
    assert body["dataschema"].startswith("https://")


@pytest.mark.parametrize(
    ("attribute", "wrong"),
    [
        ("source", "urn:nld:oin:123:systeem:intake"),
        ("source", "urn:nld:oin:00000000000000000000:systeem:Intake"),
        ("source", "https://veiligbestuur.example/intake"),
        ("type", "IncidentReported"),
        ("type", "nl.veiligbestuur.incidents.incident-reported"),
        ("type", "nl.veiligbestuur.incidents.incident-reported.v0"),
        ("time", "2016-03-13T01:10:30+01:00"),
        ("time", "2016-03-13T01:10:30"),
        ("time", "2016-03-13"),
        ("specversion", "0.3"),
        ("datacontenttype", "text/xml"),
        ("dataschema", "/schemas/incidents.incident-reported/v1.json"),
        ("subject", ""),
        ("subject", "x" * 65),
        ("id", ""),
        ("data", "text"),
        ("data", None),
        ("traceParent", "00"),
        ("a" * 21, "x"),
        ("with-dash", "x"),
    ],
)
def test_ce_2_nlgov_schema_refuses_what_the_profile_forbids(attribute, wrong):
    body = next(iter(SAMPLES.values()))
    assert misfits(SCHEMAS[ENVELOPE_PATH], body | {attribute: wrong})


# CE-3

PERSONAL = {
    "e-mail": r"[\w.+-]+@[\w-]+\.[\w.]+",
    "phone": r"(?<![\w])(?:\+31|0031|0)[1-9](?:[ -]?\d){8}(?!\w)",
    "IBAN": r"\b[A-Z]{2}\d{2}[A-Z]{4}\d{10}\b",
    "postcode": r"\b[1-9]\d{3} ?[A-Z]{2}\b",
}


def is_bsn(digits: str) -> bool:
    """Whether nine digits pass the test of a citizen service number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def personal(text: str) -> list[str]:
    """What looks like data of a person."""
    found = [kind for kind, pattern in PERSONAL.items() if re.search(pattern, text)]
    return found + ["BSN" for digits in re.findall(r"\b\d{9}\b", text) if is_bsn(digits)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("jan@voorbeeld.nl", "e-mail"),
        ("bel 06-12345678", "phone"),
        ("+31612345678", "phone"),
        ("NL91ABNA0417164300", "IBAN"),
        ("1234 AB", "postcode"),
        ("bsn 111222333", "BSN"),
    ],
)
def test_ce_3_canary_search_finds_what_it_should(text, kind):
    assert personal(text) == [kind]
    assert personal("123456789 c0ffee00 2016-03-13T01:10:30Z") == []


def outside(record: Record) -> str:
    """What anybody may log: key, headers and attributes, without data."""
    attributes = {name: value for name, value in json.loads(record.body).items() if name != "data"}
    return json.dumps([record.key, record.headers, attributes])


@every_sample
def test_ce_3_canary_nothing_personal_in_envelope_headers_or_key(path):
    assert personal(outside(record_of(SAMPLES[path]))) == []


CANARY = "Kanarie 06-12345678 kanarie@voorbeeld.example"
OPAQUE = {name for name, about in MEANINGS.items() if about.longest} | {"id", "version"}
"""Fields of commands that hold references, codes or names and days of rules, and may travel."""


def with_canaries(command):
    """The command with a marked text in every text field that is not opaque."""
    if isinstance(command, tuple):
        return tuple(with_canaries(one) for one in command)
    if not dataclasses.is_dataclass(command) or isinstance(command, type):
        return command
    changed = {}
    for field in dataclasses.fields(command):
        value = getattr(command, field.name)
        if type(value) is str:
            changed[field.name] = value if field.name in OPAQUE else CANARY
        else:
            changed[field.name] = with_canaries(value)
    return dataclasses.replace(command, **changed)


@every_subject
def test_ce_3_canary_texts_of_people_reach_no_record(subject):
    """Whatever people type in any field of any command, no event and no partner's copy holds it."""
    fan_out = PartnerCopies(References(bytes(32)), ("9901", "9902"), "https://veiligbestuur.example/x/v1")

    @settings(deadline=None, max_examples=80)
    @given(pasts(subject))
    def holds(steps):
        state = None
        for step in steps:
            if isinstance(step, int):
                continue
            try:
                decision = subject.domain.decide(state, with_canaries(step))
            except Refused:
                continue
            state = decision.state
            for event in decision.events:
                envelope = examples.envelope(event)
                internal = to_record(envelope, topic=HOME[type(event)].name, key=event.case)
                for record in (internal, *fan_out(envelope, event)):
                    assert "anarie" not in record.body + record.key + str(record.headers)

    holds()


# CE-4


@every_sample
def test_ce_4_roundtrip_between_structured_and_binary_with_the_official_sdk(path):
    """And back: nothing is lost either way, and the key is the subject in both."""
    record = record_of(SAMPLES[path])
    message = message_of(record)
    event = from_kafka_event(KafkaMessage(message.headers, None, message.value))
    with_key = from_kafka_event(message).get_attributes()
    assert with_key == event.get_attributes() | {"partitionkey": record.key}, "the SDK makes one of the key"
    binary = to_binary_event(event, key_mapper=lambda one: one.get_subject())
    assert binary.headers["content-type"] == b"application/json"
    assert binary.headers["ce_type"].decode() == record.type
    assert binary.headers["ce_id"].decode() == record.id
    assert "ce_datacontenttype" not in binary.headers
    assert binary.key in (record.key, record.key.encode())
    again = from_kafka_event(KafkaMessage(binary.headers, None, binary.value))
    assert (again.get_attributes(), again.get_data()) == (event.get_attributes(), event.get_data())
    structured = to_structured_event(again, key_mapper=lambda one: one.get_subject())
    assert json.loads(structured.value) == json.loads(record.body)
    assert structured.headers["content-type"].startswith(b"application/cloudevents+json")


# CE-5


def longest(schema):
    """The largest value that fits a schema."""
    if "properties" in schema:
        return {name: longest(one) for name, one in schema["properties"].items()}
    if "items" in schema:
        return [longest(schema["items"])] * schema["maxItems"]
    if "enum" in schema:
        return max(schema["enum"], key=len)
    if "format" in schema:
        return "2016-03-13T01:10:30.250000Z" if schema["format"] == "date-time" else "2016-03-13"
    if "pattern" in schema:
        known = {r"^\d{4}$": "9901", "^https?://": f"https://{'x' * 192}", r"^\d{4}-W\d{2}$": "2016-W11"}
        return known.get(schema["pattern"], "2016-03")
    return {"string": "x" * schema.get("maxLength", 0), "integer": -(10**15), "boolean": False}[schema["type"]]


@pytest.mark.parametrize("path", [path for path in SCHEMAS if path != ENVELOPE_PATH])
def test_ce_5_size_with_the_longest_fields_is_below_64_kib(path):
    """NL GOV: intermediaries must forward events of 64 KiB or less."""
    data = longest(SCHEMAS[path])
    assert misfits(SCHEMAS[path], data) == []
    body = next(iter(SAMPLES.values())) | {"data": data, "id": "x" * 64, "subject": "x" * 64}
    attributes = body | {"source": "x" * 100, "type": "x" * 100, "dataschema": "x" * 300}
    record = record_of(attributes)
    assert len(record.body.encode()) + len(record.key) < LARGEST_MESSAGE == 65_536


# CE-6


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(list(HOME)))
def test_ce_6_idempotent_an_event_made_into_records_again_has_the_same_ids(event):
    one = examples.example(event, complete=True)
    fan_out = PartnerCopies(References(bytes(32)), ("9901",), "https://veiligbestuur.example/x/v1")
    assert fan_out(examples.envelope(one), one) == fan_out(examples.envelope(one), one)


async def test_ce_6_idempotent_redelivery_keeps_the_id_and_the_second_handling_does_nothing(database):
    """The inbox goes by source and id."""
    bench = Bench(database)
    await bench.add(1, "urn:nld:oin:00000000000000000000:systeem:intake:e1", events=2)
    await bench.send_fresh()
    first = bench.sent.once()
    after = (await bench.document())["version"]
    await bench.add(1, "urn:nld:oin:00000000000000000000:systeem:intake:e1", events=2)
    assert (await bench.document())["version"] == after
    bench.sent.records.clear()
    bench.time.pass_by(minutes=1)
    assert await bench.relay.republish() == 1
    assert bench.sent.once() == first
