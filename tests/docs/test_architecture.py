"""The pages of docs/architecture say of each capability what the code does: events, states, paths.

The tables are compared with the services as they are wired, so a page that was forgotten when the code changed fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from deploy.contracts.subscriptions import readings
from services.aftercare.callback.care import CareState
from services.aftercare.confidential_line.contact import ContactState
from services.assessment.measures.record import MeasureState
from services.assessment.weighing.record import Step
from services.funding.cost_allocation.costs import LineState
from services.funding.safety_net.request import RequestState
from shared.contracts.audiences import GRANTS, topic_of
from shared.contracts.topics import CONTENTS, HOME
from shared.contracts.vocabulary import ReportType, Tie
from tests.stack import ROOT

FOLDER = ROOT / "docs" / "architecture"
PAGES = {path.stem: path.read_text() for path in FOLDER.glob("*.md") if path.stem != "README"}
HEADINGS = [
    "What it is for", "Where the rules stand", "Events", "States", "Who sees what", "Tests that hold it",
    "How to change it",
]  # fmt: skip

MODULES = {
    "reporting": "intake.reporting",
    "weighing": "assessment.weighing",
    "measures": "assessment.measures",
    "cost-allocation": "funding.cost-allocation",
    "safety-net": "funding.safety-net",
    "callback": "aftercare.callback",
    "billing": "aftercare.billing",
    "confidential-line": "aftercare.confidential-line",
}
"""Page -> what the Kafka groups of its module begin with."""
FILLS = {
    "intake.relations": "access",
    "assessment.handlers": "access",
    "aftercare.callback.invoices": "billing",
}
"""Topics that are not filled by the module after which they are named -> page."""
STATES: dict[str, Iterable[str]] = {
    "reporting": [*ReportType, "rest", "withdrawn"],
    "weighing": [*Step, "does-not-qualify", "decided"],
    "measures": MeasureState,
    "cost-allocation": LineState,
    "safety-net": RequestState,
    "callback": CareState,
    "confidential-line": ContactState,
    "access": Tie,
    "privacy": ["kept", "asked", "held", "destroyed"],
}
"""Page -> the states in its picture. Where the code has no list of them, what a reader would call them."""

Row = tuple[str, str, frozenset[str]]


def written(page: str) -> set[Row]:
    """The rows of a page's table of events: direction, topic, names of events."""
    rows = re.findall(r"^\| (in|out|municipality|bzk|ivp) \| `([^`]+)` \| (.+) \|$", PAGES[page], re.MULTILINE)
    return {(way, topic, frozenset(re.findall(r"`(\w+)`", events))) for way, topic, events in rows}


def page_of_topic(topic: str) -> str:
    """The page of the module that fills an internal topic."""
    if topic in FILLS:
        return FILLS[topic]
    return next(page for page, prefix in MODULES.items() if topic == prefix or topic.startswith(f"{prefix}."))


def page_of_group(group: str) -> str:
    """The page of who reads: what any service's doorkeeper hears is told once, on the page about access."""
    module = ".".join(group.split(".")[:2])
    return next((page for page, prefix in MODULES.items() if prefix == module), "access")


def in_code() -> dict[str, set[Row]]:
    """The same rows, from the services as they are wired and the tables of topics and grants."""
    found: dict[str, dict[tuple[str, str], set[str]]] = {page: {} for page in PAGES}
    for topic, events in CONTENTS.items():
        found[page_of_topic(topic.name)][("out", topic.name)] = {event.__name__ for event in events}
    for one in readings():
        names = {event.__name__ for event in one.events}
        found[page_of_group(one.group)].setdefault(("in", one.topic.name), set()).update(names)
    for event, grants in GRANTS.items():
        page = page_of_topic(HOME[event].name)
        for grant in grants:
            key = (grant.partner, topic_of(grant, "<code>").name)
            found[page].setdefault(key, set()).add(event.__name__)
    return {page: {(*key, frozenset(names)) for key, names in rows.items()} for page, rows in found.items()}


CODE = in_code()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_lists_the_events_that_its_part_really_hears_and_tells(page: str) -> None:
    assert written(page) == CODE[page]


def test_no_event_and_no_subscription_is_without_a_page() -> None:
    told = {name for page in PAGES for way, _, names in written(page) if way == "out" for name in names}
    assert told == {event.__name__ for event in HOME}
    assert {page_of_group(one.group) for one in readings()} <= set(PAGES)


@pytest.mark.parametrize("page", STATES)
def test_the_picture_has_the_states_of_the_code(page: str) -> None:
    picture = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", PAGES[page], re.DOTALL)
    assert picture is not None
    arrows = re.findall(r"^ +(\S+) --> (\w+|\[\*\])", picture[1], re.MULTILINE)
    drawn = {name.replace("_", "-") for arrow in arrows for name in arrow} - {"[*]"}
    assert drawn == {str(state) for state in STATES[page]}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_same_headings_as_the_others_and_a_picture(page: str) -> None:
    assert re.findall(r"^## (.+)$", PAGES[page], re.MULTILINE) == HEADINGS
    assert "```mermaid" in PAGES[page]


def test_every_page_and_every_module_with_rules_is_in_the_list() -> None:
    listed = (FOLDER / "README.md").read_text()
    assert set(re.findall(r"\]\(([a-z-]+)\.md\)", listed)) == set(PAGES)
    modules = {path.parent.relative_to(ROOT) for path in ROOT.glob("services/*/*/domain.py")}
    for module in modules:
        assert f"`{module}/`" in listed, module
