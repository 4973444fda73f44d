"""Who learns what: event by partner by field. The one statement to audit.

A partner gets only the fields named here, on its own topic, under references that no other partner has
(`shared/privacy/references.py`). What is not granted here cannot be sent. `case` is always replaced by the
partner's own reference; identifiers of lines and requests too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.contracts import aftercare, assessment, funding
from shared.contracts.envelope import Event
from shared.contracts.topics import BZK_SAFETY_NET, IVP_CALLBACKS, Topic, municipality_topic
from shared.contracts.vocabulary import Addressee


@dataclass(frozen=True)
class Copy:
    """One event for one partner: its topic and the granted fields, still with internal references."""

    partner: str
    topic: Topic
    data: dict[str, Any]
    references: tuple[str, ...] = ()
    """Names of fields, at any depth, whose values are references and must become the partner's own."""


@dataclass(frozen=True)
class Grant:
    """A line of the table."""

    partner: str
    fields: tuple[str, ...]
    line_fields: tuple[str, ...] = ()
    only_addressee: Addressee | None = None


GRANTS: dict[type[Event], tuple[Grant, ...]] = {
    assessment.MeasuresAdvised: (
        Grant(
            "municipality",
            fields=("lines",),
            line_fields=("measure", "type", "place", "above_pkvw", "urgency"),
            only_addressee=Addressee.MUNICIPALITY,
        ),
    ),
    funding.FundingGranted: (Grant("municipality", fields=("request", "granted_cents")),),
    funding.FundingDeclined: (Grant("municipality", fields=("request",)),),
    funding.FundingRequested: (
        Grant(
            "bzk",
            fields=("request", "municipality", "office", "channel", "lines", "total_cents", "missing"),
            line_fields=("type", "place", "amount_cents"),
        ),
    ),
    funding.FundingSupplemented: (
        Grant(
            "bzk",
            fields=("request", "lines", "total_cents", "missing"),
            line_fields=("type", "place", "amount_cents"),
        ),
    ),
    aftercare.AftercareTriggered: (Grant("ivp", fields=("reason", "impact")),),
    aftercare.IvpCallbackDue: (Grant("ivp", fields=("due_at",)),),
    aftercare.IvpCallbackMissed: (Grant("ivp", fields=("due_at",)),),
}

REFERENCES = ("measure", "request")


def copies(event: Event, joined: frozenset[str]) -> tuple[Copy, ...]:
    """The partner copies of an event. `joined`: CBS codes of municipalities with a topic of their own."""
    found = []
    for grant in GRANTS.get(type(event), ()):
        topic, partner = _where(grant.partner, event, joined)
        data = _cut(event, grant)
        if topic is not None and data is not None:
            found.append(Copy(partner, topic, data, REFERENCES))
    return tuple(found)


def _where(partner: str, event: Event, joined: frozenset[str]) -> tuple[Topic | None, str]:
    if partner == "bzk":
        return BZK_SAFETY_NET, partner
    if partner == "ivp":
        return IVP_CALLBACKS, partner
    code = str(event.municipality)  # type: ignore[attr-defined]  # the table grants "municipality" only such events
    return (municipality_topic(code) if code in joined else None), f"municipality:{code}"


def _cut(event: Event, grant: Grant) -> dict[str, Any] | None:
    everything = event.data()
    data = {name: everything[name] for name in grant.fields if name in everything}
    if grant.line_fields:
        lines = [
            {name: line[name] for name in grant.line_fields if name in line}
            for line in data["lines"]
            if grant.only_addressee is None or line["addressee"] == grant.only_addressee
        ]
        if not lines and grant.only_addressee is not None:
            return None
        data["lines"] = lines
    return data
