"""What the services really read: asked from the services as they are wired, not from a list beside them."""

from __future__ import annotations

from dataclasses import dataclass

from services.aftercare.app import build as aftercare
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.app import build as intake
from shared.contracts.envelope import Event
from shared.contracts.topics import Topic
from shared.runtime.environment import Settings

BUILDERS = {"intake": intake, "assessment": assessment, "funding": funding, "aftercare": aftercare}


@dataclass(frozen=True)
class Reading:
    """One subscription: which service and Kafka group reads which types of which topic."""

    service: str
    topic: Topic
    group: str
    events: tuple[type[Event], ...]


def readings() -> list[Reading]:
    """All subscriptions, in the order they were made. Nothing is connected to."""
    settings = Settings.model_validate({"environment": "local"})
    return [
        Reading(name, one.topic, one.group, tuple(one.events))
        for name, build in BUILDERS.items()
        for one in build(settings).state.service.bus.subscriptions
    ]
