"""Who learns what: event by partner by field. The one statement to audit.

A partner gets only the fields named here, on its own topic, under references that no other partner has
(`shared/privacy/references.py`). What is not granted here cannot be sent. `case` is always replaced by the
partner's own reference; identifiers of lines and requests too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.contracts import aftercare, assessment, funding
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    BZK_SAFETY_NET,
    IVP_CALLBACKS,
    Topic,
    municipality_invoices,
    municipality_topic,
)
from shared.contracts.vocabulary import Addressee


@dataclass(frozen=True)
class Copy:
    """One event for one partner: its topic and the granted fields, still with internal references."""

    partner: str
    topic: Topic
    data: dict[str, Any]
    references: tuple[str, ...] = ()
    """Names of fields, at any depth, whose values are references and must become the partner's own."""

    @property
    def kind(self) -> str:
        """`municipality`, `bzk` or `ivp`."""
        return self.partner.split(":")[0]


@dataclass(frozen=True)
class Grant:
    """A line of the table."""

    partner: str
    fields: tuple[str, ...]
    line_fields: tuple[str, ...] = ()
    only_addressee: Addressee | None = None
    purpose: str = "measures"
    """Which of a municipality's topics."""


GRANTS: dict[type[Event], tuple[Grant, ...]] = {
    assessment.MeasuresAdvised: (
        Grant(
            "municipality",
            fields=("lines",),
            line_fields=("measure", "type", "place", "above_pkvw", "urgency", "executor"),
            only_addressee=Addressee.MUNICIPALITY,
        ),
    ),
    assessment.MeasuresScaledDown: (Grant("municipality", fields=("scaled_down_at",)),),
    funding.VangnetQuestionAsked: (Grant("bzk", fields=("question", "municipality", "channel")),),
    funding.VangnetQuestionAnswered: (Grant("municipality", fields=("question",)),),
    funding.FundingRequested: (
        Grant(
            "bzk",
            fields=(
                "request", "municipality", "office", "channel", "lines", "total_cents", "missing", "continuation",
            ),
            line_fields=("type", "place", "amount_cents"),
        ),
    ),
    funding.FundingSupplementAsked: (Grant("municipality", fields=("request",)),),
    funding.SupplementReminderDue: (Grant("municipality", fields=("request",)),),
    funding.FundingSupplemented: (
        Grant(
            "bzk",
            fields=("request", "lines", "total_cents", "missing"),
            line_fields=("type", "place", "amount_cents"),
        ),
    ),
    funding.FundingGranted: (Grant("municipality", fields=("request", "granted_cents")),),
    funding.FundingDeclined: (Grant("municipality", fields=("request",)),),
    funding.FundingWithdrawn: (Grant("bzk", fields=("request",)),),
    funding.FundingSettled: (Grant("municipality", fields=("request", "settled_cents")),),
    aftercare.AftercareAccepted: (Grant("ivp", fields=("accepted_at",)),),
    aftercare.IvpCallbackDue: (Grant("ivp", fields=("due_at",)),),
    aftercare.IvpCallbackMissed: (Grant("ivp", fields=("due_at",)),),
    aftercare.EmployerInvoiced: (
        Grant("municipality", fields=("invoice", "month", "amount_cents"), purpose="invoices"),
    ),
}  # fmt: skip

REFERENCES = ("measure", "request", "question", "invoice")

KINDS = ("municipality", "bzk", "ivp")
"""Kinds of partners; of the first there are many."""

_TOPICS: dict[tuple[str, str], Callable[[str], Topic]] = {
    ("municipality", "measures"): municipality_topic,
    ("municipality", "invoices"): municipality_invoices,
    ("bzk", "measures"): lambda _: BZK_SAFETY_NET,
    ("ivp", "measures"): lambda _: IVP_CALLBACKS,
}


def topic_of(grant: Grant, code: str) -> Topic:
    """The topic that a grant goes to. `code`: CBS code of the municipality, if it is one's."""
    return _TOPICS[grant.partner, grant.purpose](code)


def copies(event: Event, joined: frozenset[str]) -> tuple[Copy, ...]:
    """The partner copies of an event. `joined`: CBS codes of municipalities with a topic of their own."""
    found = []
    for grant in GRANTS.get(type(event), ()):
        topic, partner = _where(grant, event, joined)
        data = _cut(event, grant)
        if topic is not None and data is not None:
            found.append(Copy(partner, topic, data, REFERENCES))
    return tuple(found)


def _where(grant: Grant, event: Event, joined: frozenset[str]) -> tuple[Topic | None, str]:
    if grant.partner != "municipality":
        return topic_of(grant, ""), grant.partner
    code = str(event.municipality)  # type: ignore[attr-defined]  # the table grants "municipality" only such events
    return (topic_of(grant, code) if code in joined else None), f"municipality:{code}"


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
