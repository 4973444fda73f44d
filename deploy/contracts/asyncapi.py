"""AsyncAPI 3.0 documents: one per service and one per kind of partner.

What is sent comes from the tables of topics and grants, what is received from the subscriptions of the services as they
are wired. FastStream's own generator knows the second only: our relay publishes beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deploy.contracts import schemas
from deploy.contracts.examples import PARTS, SCHEMAS, SERVICES, partner_samples, sample
from deploy.contracts.subscriptions import Reading, readings
from shared.contracts.audiences import GRANTS, KINDS, Grant, topic_of
from shared.contracts.envelope import CONTENT_TYPE, Event
from shared.contracts.promises import PARTNER_PROMISES, PROMISES, RELEASE
from shared.contracts.topics import CONTENTS, DEAD_LETTERS, HOME, Topic, replay_topic

Document = dict[str, Any]

BINDING = "0.5.0"
MEDIA_TYPE = CONTENT_TYPE.split(";")[0]
NAMES = {"municipality": "a municipality", "bzk": "the ministry (BZK)", "ivp": "the care provider (IVP)"}
CONTACT = {"name": "Maintainers of Veilig Bestuur", "url": SERVICES, "email": "contact@veiligbestuur.example"}
"""A placeholder until the project has a home."""
CODE = {
    "description": "CBS code of the municipality: four digits.",
    "examples": ["9901"],
}


@dataclass(frozen=True)
class Message:
    """One type on one kind of topic. `kind`: of the partner whose copy it is, or nothing."""

    event: type[Event]
    kind: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.event.__name__}" if self.kind else self.event.__name__

    @property
    def schema_path(self) -> str:
        return schemas.path_of(self.event, self.kind)

    def samples(self) -> dict[str, Any]:
        """Its samples by part."""
        if not self.kind:
            return {part: sample(self.event, part) for part in PARTS}
        return {part: partner_samples(self.event, part)[self.kind] for part in PARTS}


Contents = dict[Topic, tuple[Message, ...]]


def documents() -> dict[str, Document]:
    """All documents by the name of their audience."""
    read = readings()
    found = {name: service_document(name, [one for one in read if one.service == name]) for name in services()}
    return found | {kind: partner_document(kind) for kind in KINDS}


def services() -> tuple[str, ...]:
    """The names of the services, in the order of the chain."""
    return tuple(dict.fromkeys(topic.name.split(".")[0] for topic in CONTENTS))


def grants(kind: str) -> list[tuple[type[Event], Grant]]:
    """What a kind of partner gets."""
    return [(event, grant) for event, granted in GRANTS.items() for grant in granted if grant.partner == kind]


def copies_by_topic(kind: str, service: str = "") -> Contents:
    """The partner's topics with what is on them; of one service, or of all."""
    found: Contents = {}
    for event, grant in grants(kind):
        if HOME[event].name.startswith(service):
            topic = topic_of(grant, "{code}")
            found[topic] = (*found.get(topic, ()), Message(event, kind))
    return found


def partner_document(kind: str) -> Document:
    """What one kind of partner receives, seen from the partner."""
    contents = copies_by_topic(kind)
    text = f"What {NAMES[kind]} receives, and on which topics. Written from the reader's side: you receive."
    document = _head(kind, f"Veilig Bestuur for {NAMES[kind]}", text, (*PARTNER_PROMISES, *PROMISES))
    document["channels"] = dict(_channel(topic, messages) for topic, messages in contents.items())
    group = {
        "type": "string",
        "description": "Your own group: any name that starts with the prefix you get with your account.",
    }
    document["operations"] = {
        f"receive-{_id(topic)}": _operation("receive", topic, messages, "Read", _purpose(topic), group)
        for topic, messages in contents.items()
    }
    return document | {"components": _components(message for one in contents.values() for message in one)}


def service_document(name: str, reads: list[Reading]) -> Document:
    """What one service sends and receives."""
    sends: Contents = {
        topic: tuple(Message(event) for event in events)
        for topic, events in CONTENTS.items()
        if topic.name.startswith(f"{name}.")
    }
    for kind in KINDS:
        sends |= copies_by_topic(kind, f"{name}.")
    text = f"What the service {name} sends, also to partners, and what it reads."
    document = _head(name, f"Veilig Bestuur: {name}", text, PROMISES)
    channels: Contents = dict(sends)
    for one in reads:
        there = channels.get(one.topic, ())
        channels[one.topic] = tuple(dict.fromkeys((*there, *map(Message, one.events))))
        channels[replay_topic(one.group)] = tuple(map(Message, one.events))
    document["channels"] = dict(_channel(topic, messages) for topic, messages in channels.items())
    document["channels"][_id(DEAD_LETTERS)] = _dead_letter_channel()
    document["operations"] = (
        {
            f"send-{_id(topic)}": _operation("send", topic, messages, "Send", _purpose(topic))
            for topic, messages in sends.items()
        }
        | _receiving(reads)
        | {"send-dead-letters": _dead_letter_operation()}
    )
    components = _components(message for one in channels.values() for message in one)
    components["messages"]["DeadLetter"] = DEAD_LETTER
    return document | {"components": components}


def _receiving(reads: list[Reading]) -> Document:
    found = {}
    for one in reads:
        messages, group = tuple(map(Message, one.events)), {"type": "string", "enum": [one.group]}
        text = f"Other types on this topic are acknowledged and counted. Group {one.group}."
        found[f"receive-{_dashed(one.group)}"] = _operation("receive", one.topic, messages, "Read", text, group)
        again = replay_topic(one.group)
        text = "Dead letters that somebody had sent again to this subscription alone."
        found[f"receive-again-{_dashed(one.group)}"] = _operation("receive", again, messages, "Read again", text, group)
    return found


def _dashed(name: str) -> str:
    return name.replace(".", "-").replace("{code}", "code")


def _id(topic: Topic) -> str:
    return _dashed(topic.name)


def _purpose(topic: Topic) -> str:
    if topic.name.startswith("partner."):
        return "A topic of this partner alone, under references of its own."
    if topic.name.endswith(".restricted"):
        return "For as few readers as can be: it holds what a decision was."
    return "For our own services only."


def _head(name: str, title: str, text: str, promises: Iterable[tuple[str, str]]) -> Document:
    description = "\n\n".join([text, *(f"**{about}.** {promise}" for about, promise in promises)])
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:veiligbestuur:asyncapi:{name}",
        "info": {
            "title": title,
            "version": RELEASE,
            "description": description,
            "contact": CONTACT,
            "license": {"name": "EUPL-1.2", "url": "https://joinup.ec.europa.eu/licence/eupl-12"},
            "tags": [{"name": tag, "description": about} for tag, about in TAGS],
            "externalDocs": {"url": f"{SERVICES}/events", "description": "Every event, with samples and a consumer"},
        },
        "defaultContentType": MEDIA_TYPE,
        "servers": SERVERS,
    }


TAGS = (
    ("cloudevents", "CloudEvents 1.0, NL GOV profile 1.1, structured mode"),
    ("kafka", "Over Apache Kafka"),
)

SERVERS: Document = {
    "production": {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "Kafka with TLS; each reader has an account that may read its own topics only.",
        "variables": {
            "bootstrap": {
                "default": "kafka.veiligbestuur.example:9093",
                "description": "Address that you were given with your account.",
            }
        },
        "security": [{"$ref": "#/components/securitySchemes/account"}],
        "tags": [{"name": "kafka"}],
    },
    "local": {
        "host": "127.0.0.1:{port}",
        "protocol": "kafka",
        "description": "The stack that `make run` starts, for trying out: no account, no TLS.",
        "variables": {"port": {"default": "19092", "description": "Port of the local broker."}},
        "tags": [{"name": "kafka"}],
    },
}


def _channel(topic: Topic, messages: tuple[Message, ...]) -> tuple[str, Document]:
    channel: Document = {
        "address": topic.name,
        "title": topic.name,
        "summary": f"{len(messages)} type{'s' if len(messages) > 1 else ''} of events",
        "description": _purpose(topic),
        "messages": {one.key: {"$ref": f"#/components/messages/{one.key}"} for one in messages},
        "bindings": _topic_binding(topic),
    }
    if "{code}" in topic.name:
        channel["parameters"] = {"code": CODE}
    return _id(topic), channel


def _topic_binding(topic: Topic) -> Document:
    configuration = {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms}
    binding = {"partitions": topic.partitions, "topicConfiguration": configuration, "bindingVersion": BINDING}
    return {"kafka": {"topic": topic.name} | binding}


def _operation(
    action: str, topic: Topic, messages: tuple[Message, ...], verb: str, text: str, group: Document | None = None
) -> Document:
    channel = f"#/channels/{_id(topic)}"
    operation: Document = {
        "action": action,
        "channel": {"$ref": channel},
        "title": f"{verb} {topic.name}",
        "summary": f"{verb} {', '.join(one.event.__name__ for one in messages)}",
        "description": text,
        "tags": [{"name": "cloudevents"}],
        "messages": [{"$ref": f"{channel}/messages/{one.key}"} for one in messages],
    }
    if group:
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
    return operation


def _components(messages: Iterable[Message]) -> Document:
    used = dict.fromkeys(messages)
    return {
        "messages": {one.key: _message(one) for one in used},
        "schemas": {"Envelope": _quoted(schemas.envelope_schema(SCHEMAS))} | {one.key: _data(one) for one in used},
        "messageTraits": {"structured": TRAIT},
        "securitySchemes": {
            "account": {
                "type": "scramSha512",
                "description": "SASL over TLS. You get the account when you join.",
            }
        },
    }


TRAIT: Document = {
    "contentType": MEDIA_TYPE,
    "headers": {
        "type": "object",
        "properties": {"content-type": {"type": "string", "const": CONTENT_TYPE, "description": "All is in the body."}},
        "required": ["content-type"],
    },
    "tags": [{"name": "cloudevents"}],
    "bindings": {
        "kafka": {
            "key": {"type": "string", "maxLength": 64, "description": "The same as subject."},
            "bindingVersion": BINDING,
        }
    },
}


def _message(one: Message) -> Document:
    text, _ = schemas.prose(one.event)
    address = f"{SCHEMAS}/{one.schema_path}"
    own = {"type": {"const": one.event.type_name()}, "data": {"$ref": f"#/components/schemas/{one.key}"}}
    return {
        "name": one.event.type_name(),
        "title": one.event.__name__,
        "summary": text.split(". ")[0].removesuffix(".") + ".",
        "description": text,
        "traits": [{"$ref": "#/components/messageTraits/structured"}],
        "contentType": MEDIA_TYPE,
        "externalDocs": {"url": address, "description": "JSON Schema of data"},
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"}, {"type": "object", "properties": own}]},
        "examples": [
            {"name": part, "summary": about, "headers": {"content-type": CONTENT_TYPE}, "payload": one.samples()[part]}
            for part, about in (("complete", "Everything filled in"), ("only-required", "Nothing but what is required"))
        ],
    }


def _data(one: Message) -> Document:
    return _quoted(
        next(
            schemas.partner_schema(event, grant, SCHEMAS)
            for event, grant in grants(one.kind)
            if event is one.event
        )
        if one.kind
        else schemas.event_schema(one.event, SCHEMAS)
    )  # fmt: skip


def _quoted(schema: Document) -> Document:
    """As part of another document: without a dialect or address of its own."""
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id")}


DEAD_LETTER: Document = {
    "name": "dead-letter",
    "title": "DeadLetter",
    "summary": "A record that failed the same way three times, unchanged.",
    "description": "Key, body and headers are those of the record; the headers dl_... say where it came from.",
    "contentType": MEDIA_TYPE,
    "headers": {
        "type": "object",
        "properties": {
            "dl_subscription": {"type": "string", "description": "The subscription that failed."},
            "dl_error": {"type": "string", "description": "Class of the error, never its text."},
            "dl_topic": {"type": "string", "description": "Topic it was on."},
            "dl_partition": {"type": "string", "description": "Partition it was on."},
            "dl_offset": {"type": "string", "description": "Its offset there."},
        },
        "required": ["dl_subscription", "dl_error", "dl_topic", "dl_partition", "dl_offset"],
    },
    "payload": {"description": "Whatever it was."},
    "examples": [
        {
            "name": "broken",
            "summary": "Not a CloudEvent",
            "headers": {
                "dl_subscription": "aftercare.callback.reports",
                "dl_error": "ValidationError",
                "dl_topic": "intake.reporting",
                "dl_partition": "0",
                "dl_offset": "41",
            },
            "payload": {},
        }
    ],
}


def _dead_letter_channel() -> Document:
    return {
        "address": DEAD_LETTERS.name,
        "title": DEAD_LETTERS.name,
        "summary": "What could not be handled",
        "description": "For as few readers as the most restricted topic: a dead letter may come from there.",
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
        "bindings": _topic_binding(DEAD_LETTERS),
    }


def _dead_letter_operation() -> Document:
    channel = f"#/channels/{_id(DEAD_LETTERS)}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "title": "Set aside",
        "summary": "Send a record that cannot be handled to the dead letters",
        "description": "After the same error three times. Nothing is dropped.",
        "tags": [{"name": "kafka"}],
        "messages": [{"$ref": f"{channel}/messages/DeadLetter"}],
    }
