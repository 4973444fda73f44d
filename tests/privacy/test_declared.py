"""Every text that a module keeps is judged: sealed, or on the list of what may stand readable. A new one fails here."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from typing import Any

import pytest

from services.aftercare.app import BILLING, CALLBACK
from services.assessment.app import MEASURES, WEIGHING
from services.funding.app import COSTS, SAFETY_NET
from services.intake.app import REPORTING
from shared.contracts.topics import HOME
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.vault import Vault, tree_of
from shared.runtime.cases import Module

MODULES = (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK, BILLING)
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)

REFERENCES = {"case", "municipality", "person", "linked[]", "linked_reported[]", "links[].case"}
"""Opaque references of ours, and CBS codes. They name nobody, and lists search by some of them."""

PLAIN: dict[str, set[str]] = {
    "intake.reporting": {
        "incident.municipality",
        "incident.context",  # a word from a list
        "owner", "writer", "sent_by", "noted_by", "judgements[].assessor", "evidence[].custody[].by",  # accounts
        "evidence[].sha256",  # says which file it was, also after shredding
    },
    "assessment.weighing": {
        "rounds[].reopened.by", "rounds[].first_weighing.assessor", "rounds[].authorities[].chosen_by",
        "rounds[].rulings[].decided_by", "rounds[].rulings[].recorded_by", "rounds[].rulings[].confirmed_by",
        "interpretations[].ordered_by", "interpretations[].product.recorded_by",  # accounts
        "rounds[].first_weighing.rule_version", "rounds[].rulings[].rule_version",
    },
    "assessment.measures": {
        "lines[].id", "taken[].id", "announcements[].measures[]", "ended[].measures[]",  # references
        "taken[].confirmed_by",  # account
    },
    "funding.cost_allocation": {
        "advised_to", "reported_in", "billed_to",  # CBS codes
        "measures[].id", "lines[].id", "lines[].measure",  # references
        "lines[].entered_by", "lines[].classifications[].by", "lines[].disputes[].by", "lines[].actuals[].by",
        "lines[].classifications[].rule", "lines[].classifications[].rule_version",
        "lines[].hint",  # a sentence of the policy
    },
    "funding.safety_net": {
        "lines[].id", "question.asked_by", "question.answers[].by",
        *(
            f"{request}.{name}"
            for request in ("request", "earlier[]")
            for name in ("id", "noted_by", "asked[].by", "assessments[].by", "outcomes[].decided_by",
                         "outcomes[].on_behalf_of", "settlements[].by", "paid.by")
        ),
    },
    "aftercare.callback": {
        "callback.pending[].name", "earlier[].pending[].name",  # names of deadlines
        "workers[].account",
    },
    "aftercare.billing": {"month", "invoices[].id"},
}  # fmt: skip
"""Per module: what stands readable, and why it may."""


def leaves(kind: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field at the end of a state's tree, with its type."""
    if is_dataclass(kind):
        for name, inner in typing.get_type_hints(kind).items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif typing.get_origin(kind) in (typing.Union, types.UnionType):
        for one in typing.get_args(kind):
            yield from leaves(one, path)
    elif typing.get_origin(kind) in (tuple, list, set, frozenset):
        for one in typing.get_args(kind):
            yield from leaves(one, f"{path}[]") if one is not Ellipsis else ()
    elif typing.get_origin(kind) is dict:
        raise AssertionError(f"{path}: judge the keys of a mapping too")
    else:
        yield path, kind


def texts(module: Module[Any]) -> set[str]:
    """The paths of all texts that are no word of a list."""
    found = {path for path, kind in leaves(module.state) if isinstance(kind, type) and issubclass(kind, str)
             and not issubclass(kind, enum.Enum)}  # fmt: skip
    assert not [path for path, kind in leaves(module.state) if kind in (Any, object, bytes)]
    return found


def unjudged(module: Module[Any]) -> set[str]:
    return texts(module) - set(module.secrets) - PLAIN[module.name] - REFERENCES


@every_module
def test_every_text_is_sealed_or_may_stand_readable(module: Module[Any]) -> None:
    assert unjudged(module) == set(), "declare it in SECRETS of the module, or say here why it may stand readable"


@every_module
def test_what_is_declared_exists_and_is_declared_once(module: Module[Any]) -> None:
    declared = [*module.secrets, *PLAIN[module.name]]
    assert set(declared) <= texts(module) and len(set(declared)) == len(declared)
    assert not set(module.secrets) & REFERENCES
    tree_of(module.secrets)


def test_a_new_text_that_nobody_judged_is_found() -> None:
    assert unjudged(replace(CALLBACK, secrets=CALLBACK.secrets[1:])) == {CALLBACK.secrets[0]}


@every_module
def test_no_list_searches_by_a_secret_and_what_shredding_empties_exists(module: Module[Any]) -> None:
    vault = Vault(CONTROLLERS[module.name], module.name, module.secrets)
    assert not [field for field in module.indexes if any(vault.touches(field))]
    hints = typing.get_type_hints(module.state)
    assert all(type(None) in typing.get_args(hints[name]) for name in module.lists)
    assert (module.shredded is None) is (module.secrets == ())


def test_each_module_tells_its_own_shredding_on_a_topic_of_its_own_service() -> None:
    told = {module.name.split(".")[0]: module.shredded for module in MODULES if module.shredded}
    assert len({module.shredded for module in MODULES}) == len(MODULES)
    for service, event in told.items():
        assert HOME[event].name.startswith(service)  # type: ignore[index]


EVENT_TEXTS = {
    "case", "measure", "line", "request", "question", "invoice", "person", "earlier", "reporter",
    "account",  # references
    "municipality", "month", "week", "context", "missing[]", "rule", "rule_version", "lines[].measure",  # words, codes
}  # fmt: skip


@pytest.mark.parametrize("event", HOME, ids=lambda event: event.type_name())
def test_no_event_carries_a_text_that_a_person_wrote(event: Any) -> None:
    """What is in an event is in `history` for ever, readable, and on the bus."""
    found = set()
    for name, field in event.model_fields.items():
        found |= {path for path, kind in model_leaves(field.annotation, name) if kind is str}
    assert found <= EVENT_TEXTS


def model_leaves(kind: Any, path: str) -> Iterator[tuple[str, Any]]:
    """As `leaves`, of the models of events."""
    if hasattr(kind, "model_fields"):
        for name, field in kind.model_fields.items():
            yield from model_leaves(field.annotation, f"{path}.{name}")
        return
    arguments = [one for one in typing.get_args(kind) if one is not Ellipsis]
    many = "[]" if typing.get_origin(kind) in (tuple, list) else ""
    if not arguments:
        yield path, kind
    for one in arguments:
        yield from model_leaves(one, path + many)
