"""Access rules of the broker, made from the tables of topics and audiences. What is not here is refused.

A service reads what it subscribed to and fills its own topics and its partners' copies. A partner reads its own topics
under its own groups, and writes nothing. Nobody makes a topic but whoever administers the broker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deploy.contracts.subscriptions import readings
from shared.contracts.audiences import GRANTS, topic_of
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    BZK_SAFETY_NET,
    CONFIDENTIAL_LINE,
    CONTENTS,
    DEAD_LETTERS,
    DEAD_LETTERS_HANDLED,
    IVP_CALLBACKS,
    Topic,
    internal_topics,
    municipality_invoices,
    municipality_topic,
    partner_topics,
    replay_topic,
)

LINE = "confidential-line"
OPERATOR = "operator"
FORWARDER = "forwarder"
"""Posts events to partners that may not use Kafka; reads the topics of those partners and no others."""
ADMINISTRATOR = "administrator"
"""May do everything: makes topics, writes access rules. A superuser of the broker, so there is no rule for it."""
REPLAY = "replay."


class Resource(StrEnum):
    """What a rule is about."""

    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """What is allowed."""

    DESCRIBE = "describe"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, order=True)
class Rule:
    """`principal` may do `operation` with the resource of this name, or with all whose names begin so."""

    principal: str
    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False


def partner_principal(partner: str) -> str:
    """The account of a partner that has no organisation number on its certificate: `municipality:9901` with dots."""
    return partner.replace(":", ".")


def oin_principal(oin: str) -> str:
    """The account that the broker gives to a certificate with this organisation number (OIN, twenty digits).

    Java writes the attribute `serialNumber` of a subject in hexadecimal digits of its characters, so the account has
    them too.
    """
    if len(oin) != 20 or not oin.isdigit():
        raise ValueError("an organisation number (OIN) has twenty digits")
    return f"oin-{oin.encode().hex()}"


def topics_of(partner: str) -> tuple[Topic, ...]:
    """The topics that a partner may read: `bzk`, `ivp`, `municipality:9901`, or `municipality:9901:invoices`.

    Raises `ValueError` for another one.
    """
    kind, *more = partner.split(":")
    if partner == "bzk":
        return (BZK_SAFETY_NET,)
    if partner == "ivp":
        return (IVP_CALLBACKS,)
    if kind == "municipality" and more and more[0].isdigit() and len(more[0]) == 4 and more[1:] in ([], ["invoices"]):
        return (municipality_invoices(more[0]) if more[1:] else municipality_topic(more[0]),)
    raise ValueError("a partner is bzk, ivp, municipality:CODE or municipality:CODE:invoices")


def group_prefix(partner: str) -> str:
    """What the names of a partner's groups begin with."""
    return f"partner.{partner_principal(partner)}."


def of_partner(partner: str, principal: str) -> list[Rule]:
    """The rules of a partner, for the account that it has. Raises `ValueError`."""
    rules = [rule for topic in topics_of(partner) for rule in _reads(principal, topic)]
    return [*rules, Rule(principal, Resource.GROUP, group_prefix(partner), Operation.READ, prefixed=True)]


def forwarder_group(partner: str) -> str:
    """The group in which the forwarder reads for a partner."""
    return f"{FORWARDER}.{partner_principal(partner)}"


def of_forwarder(partners: Iterable[str]) -> list[Rule]:
    """The rules of the forwarder, for the partners that get their events over HTTP. Raises `ValueError`.

    Of nobody, nothing: it is no reader by right.
    """
    rules = [rule for one in partners for topic in topics_of(one) for rule in _reads(FORWARDER, topic)]
    return (
        sorted({*rules, Rule(FORWARDER, Resource.GROUP, f"{FORWARDER}.", Operation.READ, prefixed=True)})
        if rules
        else []
    )


def of_services(municipalities: Sequence[str]) -> list[Rule]:
    """The rules of the four services, the confidential line and the operator. `municipalities`: those with topics."""
    found: list[Rule] = []
    for one in readings():
        found += [*_reads(one.service, one.topic), *_reads(one.service, replay_topic(one.group))]
    for service in sorted({one.service for one in readings()}):
        found.append(Rule(service, Resource.GROUP, f"{service}.", Operation.READ, prefixed=True))
        found += [rule for topic in _fills(service, municipalities) for rule in _writes(service, topic)]
    found += _writes(LINE, CONFIDENTIAL_LINE)
    return sorted(set(found + _of_operator(municipalities)))


def _of_operator(municipalities: Sequence[str]) -> list[Rule]:
    # Looks at everything that an operator's screen shows, hands dead letters back, and sends nothing else. Of groups
    # of our services it sees how far they are; it joins none, for who joins takes part of what is read.
    every = (*internal_topics(), *partner_topics(tuple(municipalities)))
    found = [rule for topic in every for rule in _reads(OPERATOR, topic)]
    found += [
        Rule(OPERATOR, Resource.GROUP, f"{service}.", Operation.DESCRIBE, prefixed=True)
        for service in sorted({one.service for one in readings()})
    ]
    found += _writes(OPERATOR, DEAD_LETTERS_HANDLED)
    return found + [
        Rule(OPERATOR, Resource.TOPIC, REPLAY, operation, prefixed=True)
        for operation in (Operation.DESCRIBE, Operation.READ, Operation.WRITE)
    ]


def _fills(service: str, municipalities: Iterable[str]) -> list[Topic]:
    own = [topic for topic in CONTENTS if topic.name.startswith(f"{service}.") and topic is not CONFIDENTIAL_LINE]
    copies = {
        topic_of(grant, code)
        for event, grants in GRANTS.items() if _home(event) == service
        for grant in grants
        for code in (municipalities if grant.partner == "municipality" else ("",))
    }  # fmt: skip
    return [*own, *sorted(copies, key=lambda topic: topic.name), DEAD_LETTERS]


def _home(event: type[Event]) -> str:
    return event.__module__.rsplit(".", 1)[1]


def _reads(principal: str, topic: Topic) -> list[Rule]:
    return [Rule(principal, Resource.TOPIC, topic.name, one) for one in (Operation.DESCRIBE, Operation.READ)]


def _writes(principal: str, topic: Topic) -> list[Rule]:
    return [Rule(principal, Resource.TOPIC, topic.name, one) for one in (Operation.DESCRIBE, Operation.WRITE)]
