"""References per partner: readable by their owner, useless to everybody else."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.contracts.examples import MOMENT, SCHEMAS, envelope, example
from shared.contracts import audiences
from shared.contracts.audiences import Grant
from shared.contracts.envelope import as_z, to_record
from shared.contracts.fields import MEANINGS
from shared.contracts.topics import EVENTS, HOME
from shared.privacy.references import PartnerCopies, References, to_the_minute

KEY = bytes(range(32))
PARTNERS = ("bzk", "ivp", "municipality:9901", "municipality:9902")
DETAIL = "https://veiligbestuur.example/service/v1"
CASE = "c0ffee00c0ffee00c0ffee00c0ffee00"

partners = st.sampled_from(PARTNERS)
texts = st.text(min_size=1, max_size=64)


def references(key=KEY):
    return References(key)


@settings(deadline=None)
@given(partners, texts)
def test_the_owner_opens_what_it_sealed(partner, value):
    sealed = references().seal(partner, value)
    assert references().open(partner, sealed) == value
    assert value not in sealed or len(value) < 8
    assert sealed.isascii()
    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@settings(deadline=None)
@given(partners, partners, texts)
def test_only_the_same_partner_opens_a_reference(one, other, value):
    sealed = references().seal(one, value)
    assert references().open(other, sealed) == (value if one == other else None)


@settings(deadline=None)
@given(partners, partners, texts, texts)
def test_references_are_equal_exactly_when_partner_and_value_are(one, other, value, another):
    same = (one, value) == (other, another)
    assert (references().seal(one, value) == references().seal(other, another)) is same
    assert (references().mark(one, "id", value) == references().mark(other, "id", another)) is same


def test_another_root_key_opens_nothing_and_marks_differently():
    sealed = references().seal("bzk", CASE)
    other = references(bytes(32))
    assert other.open("bzk", sealed) is None
    assert other.seal("bzk", CASE) != sealed
    assert other.mark("bzk", "id", CASE) != references().mark("bzk", "id", CASE)


@pytest.mark.parametrize(
    "garbage",
    ["", "a", "abc", "!!", "=====", "é", "💥", "\x00", "A" * 21, "A" * 4_000, "../../etc", CASE, " ", "‮"],
    ids=repr,
)
def test_garbage_opens_to_nothing(garbage):
    """Not an error: a stranger learns only that it is not a reference."""
    assert references().open("bzk", garbage) is None


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_text_is_sent_opens_to_nothing(text):
    assert references().open("bzk", text) is None


@settings(deadline=None)
@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_reference_with_one_changed_byte_opens_to_nothing(place, change):
    sealed = references().seal("bzk", CASE)
    raw = bytearray(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    raw[place % len(raw)] ^= change
    assert references().open("bzk", base64.urlsafe_b64encode(raw).decode().rstrip("=")) is None


def test_marks_differ_per_purpose_and_are_thirty_two_hexadecimal_digits():
    marks = {references().mark("bzk", purpose, CASE) for purpose in ("id", "subject", "key")}
    assert len(marks) == 3
    assert all(len(mark) == 32 and set(mark) <= set("0123456789abcdef") for mark in marks)


def test_references_stay_the_same_from_release_to_release():
    """Partners keep them in their own files: changing how they are made breaks every link."""
    assert references().seal("bzk", "case") == references().seal("bzk", "case")
    assert references().open("bzk", RELEASED_SEAL) == "case"
    assert references().mark("bzk", "id", "case") == RELEASED_MARK


RELEASED_SEAL = "N6Gsa1yh0eD7cJNRK5WgJbJPSns"
RELEASED_MARK = "ccbbf5f83972b5a135fee08a693b395b"
EARLIEST, LATEST = datetime.fromisoformat("2016-01-01"), datetime.fromisoformat("2030-01-01")


@settings(deadline=None)
@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)))
def test_times_are_cut_to_the_minute_never_rounded_up(moment):
    cut = to_the_minute(moment)
    assert (cut.second, cut.microsecond) == (0, 0)
    assert timedelta(0) <= moment - cut < timedelta(minutes=1)


def fan_out(event, municipalities=("9901",)):
    return PartnerCopies(references(), municipalities, DETAIL)(envelope(event), event)


def values(value):
    """All values in a JSON document, at any depth."""
    if isinstance(value, dict):
        return set().union(*map(values, value.values()))
    return set().union(*map(values, value)) if isinstance(value, list) else {value}


def seen_by(record):
    """Everything that a reader of the topic sees, but for the topic's name."""
    return values(json.loads(record.body)) | set(record.headers.values()) | {record.key, record.id, record.type}


PUBLIC = {"1.0", "application/json", "application/cloudevents+json; charset=UTF-8", DETAIL, "2016-03-13T01:10:00Z"}
EVERYBODY = {"bzk": "partner.bzk.safety-net", "ivp": "partner.ivp.callbacks"}


def vocabulary(event):
    """Values that are the same for every case."""
    body = json.loads(to_record(envelope(event), topic="t", key="k").body)
    return PUBLIC | {body["source"], body["type"]}


WORDS = {name: about.example for name, about in MEANINGS.items() if about.example}
OURS = ("case", "measure", "line", "request", "question", "invoice", "earlier", "person")


@pytest.mark.parametrize("event", audiences.GRANTS, ids=lambda event: event.__name__)
def test_a_partner_sees_no_identifier_of_ours(event):
    for record in fan_out(example(event, complete=True)):
        seen = seen_by(record)
        for name in OURS:
            assert WORDS[name] not in seen
            assert WORDS[name] not in record.body
        assert envelope(example(event, complete=True)).id not in seen


@pytest.mark.parametrize("event", audiences.GRANTS, ids=lambda event: event.__name__)
def test_a_partner_s_record_is_a_whole_cloudevent_under_its_own_references(event):
    one = example(event, complete=True)
    (record,) = fan_out(one)
    (copy,) = audiences.copies(one, frozenset({"9901"}))
    body = json.loads(record.body)
    own = references()
    assert record.topic == copy.topic.name
    assert body["id"] == record.id == own.mark(copy.partner, "id", envelope(one).id)
    assert body["subject"] == record.key == own.mark(copy.partner, "subject", one.case)
    assert body["time"] == "2016-03-13T01:10:00Z"
    assert body["type"] == record.type == event.type_name()
    assert body["data"]["detail"] == DETAIL
    assert own.open(copy.partner, body["data"]["case"]) == one.case
    for name in ("request", "question", "invoice"):
        if name in body["data"]:
            assert own.open(copy.partner, body["data"][name]) == WORDS[name]
    assert body["dataschema"].endswith(envelope(one).dataschema.removeprefix(SCHEMAS))
    assert body["dataschema"].startswith(f"{SCHEMAS}/partners/{copy.kind}/")
    for line in body["data"].get("lines", ()):
        if "measure" in line:
            assert own.open(copy.partner, line["measure"]) == WORDS["measure"]
    assert set(body["data"]) == {*copy.data, "case", "detail"}


@pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
def test_two_partners_records_of_one_event_share_no_identifier(event, monkeypatch):
    """Granted to everybody, references and texts included, the records can still not be joined on a value."""
    granted = tuple(name for name in audiences.REFERENCES if name in event.model_fields)
    monkeypatch.setitem(audiences.GRANTS, event, tuple(Grant(partner, granted) for partner in EVERYBODY))
    one = example(event, complete=True)
    first, second = fan_out(one)
    assert (first.topic, second.topic) == tuple(EVERYBODY.values())
    assert seen_by(first) & seen_by(second) == vocabulary(one)


def reader(record):
    """Whose topic it is: a municipality has more than one."""
    return record.topic.rpartition(".")[0]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(list(audiences.GRANTS)),
    st.sampled_from(list(audiences.GRANTS)),
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.text("0123456789abcdef", min_size=32, max_size=32),
)
def test_records_about_one_case_on_topics_of_different_partners_share_no_identifier(one, other, case, line):
    """Whatever the events and references, as the table is now."""
    records = []
    for event in (one, other):
        own = {name: line for name in audiences.REFERENCES if name in event.model_fields}
        made = example(event, complete=True).model_copy(update={"case": case} | own)
        records.extend(fan_out(made))
    first, second = records
    shared = seen_by(first) & seen_by(second)
    identifiers = {value for value in shared if isinstance(value, str) and len(value) >= 22 and value not in PUBLIC}
    identifiers -= {value for value in identifiers if value.startswith(("https://", "nl.veiligbestuur.", "urn:nld:"))}
    if reader(first) == reader(second):
        assert first.key == second.key
        assert json.loads(first.body)["data"]["case"] == json.loads(second.body)["data"]["case"]
    else:
        assert identifiers - {as_z(MOMENT)} == set(), "all samples happen at one moment; nothing else may be the same"


def test_no_moment_goes_to_two_kinds_of_partners():
    """Moments in data are exact: one that two partners get would join their streams."""
    for event, grants in audiences.GRANTS.items():
        moments = [name for grant in grants for name in grant.fields if name.endswith(("_at", "_on"))]
        assert len(moments) == len(set(moments)), event


def test_the_same_event_sent_again_is_the_same_record():
    """Republishing must not make a second event."""
    event = example(EVENTS["nl.veiligbestuur.measures.measures-advised.v1"], complete=True)
    assert fan_out(event) == fan_out(event)


def test_without_a_joined_municipality_there_is_no_record():
    event = example(EVENTS["nl.veiligbestuur.measures.measures-advised.v1"], complete=True)
    assert len(fan_out(event)) == 1
    assert fan_out(event, municipalities=("9902",)) == ()
    assert MOMENT.second != 0  # the cut of times above is not a coincidence
