"""The AsyncAPI documents: linted without a warning, whole, true of the wiring; a partner's holds its own alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from deploy.contracts import asyncapi
from deploy.contracts.generate import FOLDER
from deploy.contracts.subscriptions import BUILDERS, readings
from deploy.lint.spectral import spectral, why_not
from shared.contracts.audiences import GRANTS, KINDS
from shared.contracts.promises import PARTNER_PROMISES, PROMISES, RELEASE
from shared.contracts.topics import DEAD_LETTERS_HANDLED, HOME, internal_topics, partner_topics, replay_topic
from shared.runtime.environment import Settings
from tests import backends

RULES = Path(asyncapi.__file__).with_name("asyncapi.spectral.yaml")
AUDIENCES = (*BUILDERS, *KINDS)
DOCUMENTS = {name: json.loads((FOLDER / "asyncapi" / f"{name}.json").read_text()) for name in AUDIENCES}
every_document = pytest.mark.parametrize("name", AUDIENCES)


@pytest.fixture(scope="module")
def lint():
    """The linter; its absence is a failure in CI and a skip with the reason elsewhere."""
    reason = why_not()
    if reason:
        backends.missing(reason)
    return lambda document: [str(found) for found in spectral(document, RULES)]


@every_document
def test_a_document_has_no_warning(name, lint):
    assert lint(FOLDER / "asyncapi" / f"{name}.json") == []


def a_dangling_reference(document):
    next(iter(document["channels"].values()))["messages"]["Gone"] = {"$ref": "#/components/messages/Gone"}


def no_description(document):
    del next(iter(document["operations"].values()))["description"]


def no_contact(document):
    del document["info"]["contact"]


def an_action_that_does_not_exist(document):
    next(iter(document["operations"].values()))["action"] = "publish"


@pytest.mark.parametrize(
    ("breaking", "rule"),
    [
        (a_dangling_reference, "invalid-ref"),
        (no_description, "asyncapi-3-operation-description"),
        (no_contact, "asyncapi-info-contact"),
        (an_action_that_does_not_exist, "asyncapi-3-document-resolved"),
    ],
)
def test_the_linter_shows_a_broken_document(breaking, rule, lint, tmp_path):
    document = copy.deepcopy(DOCUMENTS["ivp"])
    breaking(document)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(document))
    assert [found for found in lint(path) if f" {rule} " in found]


def references(value):
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def at(document, reference):
    """What a reference points at."""
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@every_document
def test_every_reference_points_into_the_document(name):
    """No other host is needed to read it."""
    document = DOCUMENTS[name]
    for reference in references(document):
        assert reference.startswith("#/")
        assert at(document, reference)


@every_document
def test_an_operation_has_messages_of_its_own_channel_only(name):
    document = DOCUMENTS[name]
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


@every_document
def test_every_example_fits_payload_and_headers(name):
    document = DOCUMENTS[name]
    for message in document["components"]["messages"].values():
        payload = Draft7Validator(message["payload"] | {"components": document["components"]})
        traits = [at(document, one["$ref"]) for one in message.get("traits", ())]
        headers = Draft7Validator(next(one["headers"] for one in (message, *traits) if "headers" in one))
        for one in message["examples"]:
            payload.validate(one["payload"])
            headers.validate(one["headers"])
        assert message["name"] == "dead-letter" or not payload.is_valid(one["payload"] | {"type": "another.type.v1"})


@every_document
def test_a_document_says_what_a_reader_needs(name):
    document = DOCUMENTS[name]
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["version"] == RELEASE
    assert document["defaultContentType"] == "application/cloudevents+json"
    assert document["info"]["license"]["name"] == "EUPL-1.2"
    for about, text in (*PROMISES, *(PARTNER_PROMISES if name in KINDS else ())):
        assert f"**{about}.** {text}" in document["info"]["description"]
    for server in document["servers"].values():
        assert server["variables"]
    assert document["servers"]["production"]["protocol"] == "kafka-secure"
    assert document["components"]["securitySchemes"]["account"]["type"] == "scramSha512"
    for channel in document["channels"].values():
        assert channel["bindings"]["kafka"]["partitions"] >= 1
    for operation in document["operations"].values():
        if operation["action"] == "receive":
            assert operation["bindings"]["kafka"]["groupId"]["type"] == "string"
        assert operation["description"].endswith(".")


def sent(name):
    """Topic and type of everything a document says is sent."""
    document = DOCUMENTS[name]
    return {
        (at(document, operation["channel"]["$ref"])["address"], at(document, message["$ref"])["$ref"].split("/")[-1])
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }


def test_every_event_is_sent_by_its_own_service_on_its_own_topic():
    for event, topic in HOME.items():
        senders = [name for name in BUILDERS if (topic.name, event.__name__) in sent(name)]
        assert senders == [topic.name.split(".")[0]]


def test_every_grant_is_sent_by_the_service_of_its_event_and_received_by_its_partner():
    for event, grants in GRANTS.items():
        for grant in grants:
            key = f"{grant.partner}.{event.__name__}"
            assert key in {message for _, message in sent(HOME[event].name.split(".")[0])}
            assert key in DOCUMENTS[grant.partner]["components"]["messages"]


def test_the_topics_of_the_documents_are_all_topics_there_are():
    """AS-6: none is missing, none is made up. Nobody but the command line writes what was done with dead letters."""
    documented = {channel["address"] for document in DOCUMENTS.values() for channel in document["channels"].values()}
    topics = {topic.name for topic in (*internal_topics(), *partner_topics(("{code}",)))} - {DEAD_LETTERS_HANDLED.name}
    assert documented == topics | {replay_topic(one.group).name for one in readings()}


@pytest.mark.parametrize("name", BUILDERS)
def test_a_service_receives_exactly_what_faststream_subscribes_to(name):
    """The second opinion: topics and groups as FastStream itself has them."""
    settings = Settings.model_validate({"environment": "local"})
    subscribers = BUILDERS[name](settings).state.service.bus.broker.subscribers
    wired = {(topic, one.group_id) for one in subscribers for topic in one.topic_names}
    document = DOCUMENTS[name]
    told = {
        (at(document, one["channel"]["$ref"])["address"], one["bindings"]["kafka"]["groupId"]["enum"][0])
        for one in document["operations"].values()
        if one["action"] == "receive"
    }
    assert told == wired


@pytest.mark.parametrize("kind", KINDS)
def test_a_partner_s_document_holds_nothing_but_its_own(kind):
    """Its topics, its messages, its fields; it only receives."""
    document = DOCUMENTS[kind]
    granted = {event: grant for event, grants in GRANTS.items() for grant in grants if grant.partner == kind}
    assert {channel["address"].split(".")[1] for channel in document["channels"].values()} == {kind}
    assert {operation["action"] for operation in document["operations"].values()} == {"receive"}
    assert set(document["components"]["messages"]) == {f"{kind}.{event.__name__}" for event in granted}
    for event, grant in granted.items():
        schema = document["components"]["schemas"][f"{kind}.{event.__name__}"]
        assert set(schema["properties"]) == {*grant.fields, "case", "detail"}
    text = json.dumps(document)
    internal = {topic.name for topic in internal_topics()} - {"dead-letters"}
    assert not [name for name in internal if f'"{name}"' in text]
    assert not [other for other in KINDS if other != kind and f"partner.{other}" in text]
    assert not [other for other in KINDS if other != kind and f"partners/{other}" in text]
