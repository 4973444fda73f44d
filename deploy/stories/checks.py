"""What must hold of the events of a story, whoever broker and database are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.stories.stage import Broken, Stage, expect
from deploy.stories.witness import REQUIRED, Received, Witness

EXPECTED = {
    "intake.reporting": ("incident-reported", "rccb-notified", "aangifte-filed"),
    "assessment.weighing": ("weighing-opened", "first-weighing-concluded"),
    "assessment.weighing.restricted": ("threat-assessed",),
    "assessment.measures": (
        "measures-advised", "measure-implemented", "measure-implemented", "measure-review-due", "measures-reviewed",
        "measure-review-due", "scale-down-announced", "measures-scaled-down",
    ),
    "funding.cost-allocation": ("cost-line-classified",) * 4,
    "funding.safety-net": ("funding-requested", "funding-supplemented", "funding-granted"),
    "aftercare.callback": (
        "aftercare-triggered", "aftercare-accepted", "ivp-callback-due", "ivp-callback-attempted",
        "ivp-callback-made", "aftercare-triggered", "aftercare-accepted", "ivp-callback-due",
        "ivp-callback-escalated", "ivp-callback-missed", "ivp-callback-escalated", "ivp-callback-made",
        "aftercare-closed",
    ),
    "aftercare.callback.invoices": ("employer-invoiced",),
    "partner.municipality.9901.invoices": ("employer-invoiced",),
    "partner.municipality.9901.measures": ("measures-advised", "funding-granted", "measures-scaled-down"),
    "partner.bzk.safety-net": ("funding-requested", "funding-supplemented"),
    "partner.ivp.callbacks": (
        "aftercare-accepted", "ivp-callback-due", "aftercare-accepted", "ivp-callback-due", "ivp-callback-missed",
    ),
}  # fmt: skip
"""Every event of the story, in order within its topic: all of one case, so all under one key, and the IVP's bill."""

MOMENT = re.compile(r"^\d{4}-\d\d(-\d\d(T.*)?)?$")
REFERENCE = re.compile(r"^[A-Za-z0-9_-]{32,}(-\d+)?$")


@dataclass(frozen=True)
class Promise:
    """A promise to somebody, and whether it was kept."""

    text: str
    kept: bool
    how: str


async def check_bus(stage: Stage, witness: Witness, references: set[str], canaries: tuple[str, ...]) -> list[Received]:
    """Waits for all events of the case and checks them; returns them. Raises `Broken` with the first that is wrong."""
    wanted = {topic: list(names) for topic, names in EXPECTED.items()}
    for last in (False, True):
        try:
            await stage.eventually(
                "every event of the story on its topic", lambda: _by_topic(witness, references), lambda by: by == wanted
            )
            break
        except Broken:
            if last:
                raise Broken(_difference(wanted, await _by_topic(witness, references))) from None
            await witness.look_again()
    events = witness.about(references)
    for event in events:
        _check_envelope(event)
    _check_canaries(witness.received, canaries)
    _check_partners(witness.once())
    return events


async def _by_topic(witness: Witness, references: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for event in witness.about(references):
        found[event.topic].append(event.name)
    return dict(found)


def _difference(wanted: dict[str, list[str]], found: dict[str, list[str]]) -> str:
    for topic in sorted(wanted.keys() | found.keys()):
        if wanted.get(topic) != found.get(topic):
            return f"expected on {topic}: {wanted.get(topic)}; there was: {found.get(topic)}"
    return "all events are there"


def _check_envelope(event: Received) -> None:
    missing = [name for name in REQUIRED if not event.body.get(name)]
    expect(not missing, f"{event.name} on {event.topic} is a complete CloudEvent", missing)
    expect(event.body["specversion"] == "1.0", "CloudEvents 1.0", event.body["specversion"])
    content_type = event.headers.get("content-type", "")
    expect(content_type.startswith("application/cloudevents+json"), "structured CloudEvents", content_type)
    if event.is_partner:
        expect(event.body["time"].endswith(":00Z"), "times for partners are cut to the minute", event.body["time"])


def _check_canaries(received: list[Received], canaries: tuple[str, ...]) -> None:
    for event in received:
        whole = event.raw.decode(errors="replace") + event.key + str(event.headers)
        expect(not any(canary in whole for canary in canaries), f"nothing personal in {event.name} on {event.topic}")


def _check_partners(events: list[Received]) -> None:
    """No identifier or other telling value stands on the topics of two partners."""
    owners: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.is_partner:
            for value in (event.key, *telling(event.body)):
                owners[value].add(event.topic)
    shared = {value: topics for value, topics in owners.items() if len(topics) > 1}
    expect(not shared, "no value in common between two partners' topics", sorted(map(sorted, shared.values())))


FIXED = frozenset({"specversion", "source", "type", "time", "datacontenttype", "dataschema", "detail"})


def telling(body: Any) -> Iterator[str]:
    """The values in a partner's event that could point to a case: all text but the fixed vocabulary and moments."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key not in FIXED:
                yield from telling(value)
    elif isinstance(body, list):
        for value in body:
            yield from telling(value)
    elif isinstance(body, str) and REFERENCE.match(body):
        yield body


def plain(value: Any) -> Any:
    """An event's data apart from ids and moments, so that two runs can be compared."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return sorted((plain(inner) for inner in value), key=repr)  # ordered by id, which differs from run to run
    if isinstance(value, str) and (MOMENT.match(value) or REFERENCE.match(value) or value.startswith("http")):
        return "…"
    return value
