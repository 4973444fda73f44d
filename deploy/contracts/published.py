"""The samples and the index that are published beside the schemas."""

from __future__ import annotations

from typing import Any

from deploy.contracts import schemas
from deploy.contracts.examples import PARTS, partner_samples, sample
from shared.contracts.audiences import GRANTS, topic_of
from shared.contracts.envelope import Event
from shared.contracts.promises import RELEASE
from shared.contracts.topics import HOME, internal_topics, partner_topics

ANY = "{code}"
"""Stands for the CBS code in a municipality's topics."""


def samples() -> dict[str, dict[str, Any]]:
    """Two of each event, and two of each partner's copy."""
    found = {}
    for event in HOME:
        for part in PARTS:
            found[f"{event.type_name()}.{part}.json"] = sample(event, part)
            for kind, one in partner_samples(event, part).items():
                found[f"partners/{kind}/{event.type_name()}.{part}.json"] = one
    return found


def index() -> dict[str, Any]:
    """What there is and where: the list that pages and tools start from."""
    return {
        "release": RELEASE,
        "envelope": schemas.ENVELOPE_PATH,
        "events": [_entry(event) for event in HOME],
        "topics": topics(),
    }


def topics() -> dict[str, dict[str, int]]:
    """Every topic with what never changes about it."""
    all_of_them = (*internal_topics(), *partner_topics((ANY,)))
    return {
        topic.name: {"partitions": topic.partitions, "retention_days": topic.retention_ms // 86_400_000}
        for topic in all_of_them
    }


def _entry(event: type[Event]) -> dict[str, Any]:
    topic = HOME[event].name
    return {
        "type": event.type_name(),
        "name": event.__name__,
        "service": topic.split(".")[0],
        "topic": topic,
        "schema": schemas.path_of(event),
        "partners": [
            {
                "kind": grant.partner,
                "topic": topic_of(grant, ANY).name,
                "schema": schemas.path_of(event, grant.partner),
            }
            for grant in GRANTS.get(event, ())
        ],
    }
