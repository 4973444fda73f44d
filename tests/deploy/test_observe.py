"""Alarms and dashboard: they ask only for what a service really tells, and each alarm says what to do."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from deploy.cli.findings import LATE, UNDELIVERED
from deploy.contracts.subscriptions import BUILDERS
from deploy.local.temporary import Mongo
from deploy.partners.forwarder.domain import Answer
from deploy.partners.forwarder.measuring import GAUGES as FORWARDING
from deploy.partners.forwarder.measuring import Meters, numbers
from deploy.partners.forwarder.store import Standing
from services.aftercare.app import CALLBACK
from services.aftercare.app import build as aftercare
from services.aftercare.callback.domain import MISSED
from shared.runtime.metrics import GAUGES, LAG, exposition
from tests.services.aftercare.callback.test_routes import call
from tests.services.serving import Served, serve
from tests.stack import ROOT

OBSERVE = ROOT / "deploy" / "observe"
RULES = yaml.safe_load((OBSERVE / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((OBSERVE / "grafana" / "dashboards" / "veilig.json").read_text())
ASKED = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
OF_PROMETHEUS = {"up"}


async def told(served: Served) -> dict[str, set[str]]:
    """Of each name that a service tells: its labels. Lag needs a broker: its own words stand in for it."""
    text = (await served.client.get("/metrics")).text
    text += exposition(served.app.state.service.health.meters, {LAG: [(("s", "t", "0"), 1.0)]}).decode()
    text += exposition(
        forwarder(), numbers([Standing("bzk", "bzk-1", "https://x.example", "on", "", 0, 0, 0.0)])
    ).decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def forwarder() -> Meters:
    """What the forwarder counts, after a try."""
    made = Meters()
    made.tried("bzk-1", Answer(204))
    return made


@pytest.fixture
async def names(mongo: Mongo) -> Any:
    async with serve(aftercare, mongo) as served:
        await served.know(CALLBACK, "0123456789abcdef" * 2, call("0123456789abcdef" * 2))
        yield await told(served)


def asked_names(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:veilig_[a-z_]+|up)\b", expression))


async def test_each_metric_that_is_asked_for_is_really_told_with_its_labels(names: dict[str, set[str]]) -> None:
    for where, expression in ASKED.items():
        assert asked_names(expression) <= set(names) | OF_PROMETHEUS, where
        for name, inside in re.findall(r"(veilig_[a-z_]+)\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)=", inside)) <= names[name], where
        for labels in re.findall(r"by \(([^)]*)\)", expression):
            there = set().union(*(names.get(name, set()) for name in asked_names(expression)))
            assert set(labels.split(", ")) <= there | {"service"}, where


def test_everything_that_is_told_is_shown_somewhere() -> None:
    shown = set().union(*(asked_names(expression) for expression in ASKED.values()))
    assert {gauge.name for gauge in (*GAUGES, *FORWARDING)} <= shown
    assert {"veilig_handling_seconds_bucket", "veilig_dead_letters_total", "veilig_inbox_known_total",
            "veilig_forward_tries_total"} <= shown  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alarm_says_what_to_do_and_how_soon(rule: dict[str, Any]) -> None:
    assert rule["labels"]["urgency"] in ("now", "today")
    anchor = rule["annotations"]["runbook"].removeprefix("docs/operations.md#")
    assert f"### {rule['alert']}\n" in OPERATIONS and anchor == rule["alert"].lower()


def test_the_numbers_are_those_of_the_doctor_and_the_promise() -> None:
    by_name = {rule["alert"]: rule["expr"] for rule in RULES}
    assert by_name["OutboxStuck"].endswith(f"> {LATE:.0f}") and by_name["DeadlineLate"].endswith(f"> {LATE:.0f}")
    assert by_name["ForwardingStuck"].endswith(f"> {UNDELIVERED:.0f}")
    assert by_name["CallbackAlmostDue"].endswith("< 300") and f'deadline="{MISSED}"' in by_name["CallbackAlmostDue"]


def test_every_service_is_asked() -> None:
    asked = yaml.safe_load((OBSERVE / "prometheus.yml").read_text())
    [job] = asked["scrape_configs"]
    assert {one["labels"]["service"] for one in job["static_configs"]} == {*BUILDERS, "confidential-line", "forwarder"}
    assert job["authorization"]["credentials_file"]
    assert [file for file in asked["rule_files"] if (OBSERVE / file).is_file()] == asked["rule_files"]


def test_the_dashboard_asks_the_source_that_is_provisioned() -> None:
    [source] = yaml.safe_load((OBSERVE / "grafana" / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert httpx2.URL(source["url"]).port == 9090
