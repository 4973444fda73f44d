"""The JSON Schemas: open, explained, and true of what is sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from deploy.contracts import examples
from deploy.contracts.compatibility import misfits, schema_path
from deploy.contracts.published import samples
from deploy.contracts.schemas import ENVELOPE_PATH, all_schemas, object_schema, path_of, prose
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.decisions import Refused
from shared.contracts.envelope import Envelope, Event, dataschema, partner_dataschema
from shared.contracts.fields import MEANINGS, OWN_MEANINGS, meaning
from shared.contracts.topics import HOME
from shared.contracts.vocabulary import Growing
from shared.privacy.references import PartnerCopies, References
from tests.services.subjects import pasts
from tests.services.test_every_module import SUBJECTS

SCHEMAS = all_schemas(examples.SCHEMAS)
SAMPLES = samples()
every_schema = pytest.mark.parametrize("path", SCHEMAS)
every_event = pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)


def places(schema, at=""):
    """Every schema inside a schema, by where it stands; itself first."""
    yield at, schema
    for name, one in schema.get("properties", {}).items():
        yield from places(one, f"{at}.{name}")
    if "items" in schema:
        yield from places(schema["items"], f"{at}[]")


@every_schema
def test_a_schema_is_a_good_one_of_2020_12_and_of_draft_07(path):
    """The second because AsyncAPI quotes it."""
    Draft202012Validator.check_schema(SCHEMAS[path])
    Draft7Validator.check_schema(SCHEMAS[path])
    assert SCHEMAS[path]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@every_schema
def test_a_schema_is_open_at_every_depth(path):
    """Readers of this version must go on when a field is added."""
    for at, one in places(SCHEMAS[path]):
        assert not {"additionalProperties", "unevaluatedProperties", "$ref", "anyOf", "oneOf"} & set(one), at


@every_schema
def test_every_field_says_what_it_means_and_every_text_and_list_how_long_it_may_be(path):
    for at, one in places(SCHEMAS[path]):
        if not at.endswith("[]"):
            assert one["description"].endswith("."), at
        if one["type"] == "string" and not {"enum", "const", "format"} & set(one):
            assert 0 < one["maxLength"] <= 200, at
        if one["type"] == "array":
            assert 0 < one["maxItems"] <= 500, at
        if at.endswith("_cents"):
            assert "whole euro cents" in one["description"], at
        if at.endswith("_at"):
            assert one["format"] == "date-time", at
            assert "UTC" in one["description"], at
        if at.endswith("minutes"):
            assert "Minutes" in one["description"], at


@every_event
def test_the_address_of_a_schema_is_the_dataschema_of_its_messages(event):
    whole = dataschema(event.type_name(), examples.SCHEMAS)
    assert SCHEMAS[path_of(event)]["$id"] == whole
    for kind in examples.partner_samples(event, "complete"):
        assert SCHEMAS[path_of(event, kind)]["$id"] == partner_dataschema(whole, kind)


@every_event
def test_required_in_the_schema_is_required_in_the_model(event):
    assert SCHEMAS[path_of(event)]["required"] == [
        name for name, field in event.model_fields.items() if field.is_required()
    ]
    assert list(SCHEMAS[path_of(event)]["properties"]) == list(event.model_fields)


@every_event
def test_what_the_schema_forbids_the_model_forbids_and_the_other_way_round(event):
    """Each field given a value of each wrong kind: schema and model agree that it is wrong."""
    schema, right = SCHEMAS[path_of(event)], examples.sample(event, "complete")["data"]
    for name in schema["properties"]:
        for wrong in ({}, ["x", 1]):
            data = right | {name: wrong}
            with pytest.raises(ValueError, match=name):
                event.model_validate_json(json.dumps(data))
            assert misfits(schema, data), name


def test_growing_lists_are_texts_with_their_words_and_closed_ones_are_enums():
    incident = SCHEMAS[path_of(intake.IncidentReported)]["properties"]
    assert incident["office"]["x-known-words"] == ["mayor", "alderman", "councillor"]
    assert "enum" not in incident["office"]
    assert incident["urgency"]["enum"] == ["acute", "other"]
    line = SCHEMAS[path_of(assessment.MeasuresAdvised)]["properties"]["lines"]["items"]["properties"]
    assert "reinforced-glass" in line["type"]["x-known-words"]
    assert line["executor"]["enum"] == ["person", "municipality", "police", "om"]


def test_nobody_is_told_to_expect_the_word_unknown():
    """It is what a reader makes of a word it does not know; we never send it."""
    words = [
        word
        for schema in SCHEMAS.values()
        for _, one in places(schema)
        for word in (*one.get("enum", ()), *one.get("x-known-words", ()))
    ]
    assert len(words) > 100
    assert "unknown" not in words
    assert all("unknown" in {word.value for word in growing} for growing in Growing.__subclasses__())


def test_requirement_ids_are_apart_from_the_text():
    text, ids = prose(intake.IncidentReported)
    assert text.startswith("A melding was made; the chain starts. Who it is about is not in it.")
    assert {"R-MEL-03", "R-MEL-05"} <= set(ids)
    assert not [path for path, schema in SCHEMAS.items() if "(R-" in schema["description"]]


def test_a_field_that_nobody_explained_cannot_be_published():
    class WindowBroken(Event):
        """A window broke."""

        how: str

    with pytest.raises(LookupError, match=r"WindowBroken.how: say what it means in shared/contracts/fields.py"):
        object_schema(WindowBroken)


def test_a_text_without_a_longest_length_cannot_be_published(monkeypatch):
    monkeypatch.setitem(OWN_MEANINGS, ("FundingSettled", "request"), MEANINGS["urgency"])
    with pytest.raises(LookupError, match=r"FundingSettled.request: say how long"):
        object_schema(funding.FundingSettled)


def test_no_meaning_is_left_of_a_field_that_is_gone():
    fields = {
        name
        for model in (*HOME, assessment.AdvisedMeasure, funding.RequestedLine)
        for name in model.model_fields
        if meaning(model.__name__, name)
    }
    assert set(MEANINGS) == fields
    models = {model.__name__: model for model in HOME}
    assert all(field in models[model].model_fields for model, field in OWN_MEANINGS)


@pytest.mark.parametrize("path", SAMPLES)
def test_a_sample_fits_the_schema_it_names_and_the_envelope(path):
    body = SAMPLES[path]
    assert misfits(SCHEMAS[schema_path(body)], body["data"]) == []
    assert misfits(SCHEMAS[ENVELOPE_PATH], body) == []
    assert ("partners/" in body["dataschema"]) == path.startswith("partners/")


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.startswith("partners/") and "complete" in path])
def test_a_partner_s_complete_sample_shows_every_granted_field(path):
    body = SAMPLES[path]
    for (at, one), data in zip(
        [(at, one) for at, one in places(SCHEMAS[schema_path(body)]) if "properties" in one],
        [body["data"], *body["data"].get("lines", ())],
        strict=True,
    ):
        assert set(data) == set(one["properties"]), at


def test_a_partner_s_schema_has_nothing_of_the_rest_of_the_event():
    whole = SCHEMAS[path_of(funding.FundingRequested)]["properties"]
    cut = SCHEMAS[path_of(funding.FundingRequested, "bzk")]
    assert set(whole) - set(cut["properties"]) == {"requested_at"}
    assert set(SCHEMAS[path_of(aftercare.IvpCallbackDue, "ivp")]["properties"]) == {"case", "due_at", "detail"}
    lines = SCHEMAS[path_of(assessment.MeasuresAdvised, "municipality")]["properties"]["lines"]["items"]
    assert "addressee" not in lines["properties"]
    assert "addressee" not in lines["required"]


def test_the_envelope_s_schema_has_the_attributes_of_the_model():
    schema = SCHEMAS[ENVELOPE_PATH]
    assert set(schema["properties"]) == set(schema["required"]) == set(Envelope.model_fields)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_whatever_the_modules_decide_fits_the_published_schemas(subject):
    """The truth about a contract: every event of every module, after any past, and each of its partner copies."""
    fan_out = PartnerCopies(References(bytes(32)), ("9901", "9902"), "https://veiligbestuur.example/x/v1")
    told = set()

    @settings(deadline=None, max_examples=60)
    @given(pasts(subject), st.data())
    def holds(steps, data):
        state = None
        for command in [step for step in steps if not isinstance(step, int)] + [data.draw(subject.commands)]:
            try:
                decision = subject.domain.decide(state, command)
            except Refused:
                continue
            state = decision.state
            for event in decision.events:
                told.add(type(event))
                sent = json.loads(json.dumps(event.data()))
                assert misfits(SCHEMAS[path_of(type(event))], sent) == [], event
                for record in fan_out(examples.envelope(event), event):
                    body = json.loads(record.body)
                    assert misfits(SCHEMAS[schema_path(body)], body["data"]) == [], record.topic

    holds()
    assert told
