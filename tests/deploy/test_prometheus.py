"""Prometheus itself: it takes our configuration, reads what services tell, and each alarm rings when it should only."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from deploy.local.children import Child
from services.aftercare.confidential_line.settings import LineSettings
from tests import backends
from tests.deploy.test_observe import ASKED, OBSERVE, RULES
from tests.stack import Stack, eventually, free_port, started

MISSED = 'module="aftercare.callback", deadline="missed"'
REPORTING = 'module="intake.reporting"'
RINGS = {
    "CallbackAlmostDue": (f"veilig_deadline_next_seconds{{{MISSED}}}", "1200-60x40", "16m", ("module",)),
    "CallbackMissed": ('veilig_promises_broken{promise="callback"}', "0x4 1x4", "5m", ("promise",)),
    "ServiceAway": ('up{job="veilig", service="intake"}', "1x4 0x4", "6m", ("job", "service")),
    "ServiceNotReady": ('veilig_ready{service="intake", check="broker"}', "1x4 0x4", "6m", ("service", "check")),
    "OutboxStuck": (f"veilig_outbox_age_seconds{{{REPORTING}}}", "0+30x9", "3m", ("module",)),
    "DeadlineLate": (f"veilig_deadline_overdue_seconds{{{MISSED}}}", "0+30x9", "3m", ("module",)),
    "LagGrows": ('veilig_consumer_lag{subscription="s", topic="t"}', "1+1x40", "20m", ("subscription", "topic")),
    "DeadLetter": ('veilig_dead_letters_total{subscription="s"}', "0x20 1x20", "22m", ("subscription",)),
    "RecordParked": (f"veilig_parked_records_total{{{REPORTING}}}", "0x20 1x20", "22m", ("module",)),
}
"""Of each alarm: what is told, how that goes (once a minute), when it rings, and which labels it rings with."""
QUIET = {
    "CallbackAlmostDue": ("1200-60x14", "14m"),
    "CallbackMissed": ("0x9", "9m"),
    "ServiceAway": ("1x4 0 1x4", "9m"),
    "ServiceNotReady": ("1x4 0 1x4", "9m"),
    "OutboxStuck": ("0 30 0 30 60 0x4", "9m"),
    "DeadlineLate": ("0 30 0 30 60 0x4", "9m"),
    "LagGrows": ("0 50 100 40 0x40", "20m"),
    "DeadLetter": ("0x5 1x1500", "1500m"),
    "RecordParked": ("0x5 1x1500", "1500m"),
}
"""The same told differently, and when all of it is still quiet, or quiet again."""


def words(text: str, labels: dict[str, str]) -> str:
    """A text of an alarm as somebody reads it."""
    return re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], text)


def heard(rule: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    told = {name: words(text, labels) for name, text in rule["annotations"].items()}
    return {"exp_labels": labels | rule["labels"], "exp_annotations": told}


def rehearsals(names: Iterable[str]) -> list[dict[str, Any]]:
    """Each of these alarms twice, as `promtool test rules` takes it."""
    found = []
    for rule in RULES:
        if (name := rule["alert"]) not in names:
            continue
        series, rising, rings_at, kept = RINGS[name]
        labels = {label: value for label, value in re.findall(r'(\w+)="([^"]*)"', series) if label in kept}
        steady, quiet_at = QUIET[name]
        for values, at, expected in ((rising, rings_at, [heard(rule, labels)]), (steady, quiet_at, [])):
            asked = {"eval_time": at, "alertname": name, "exp_alerts": expected}
            told = [{"series": series, "values": values}]
            found.append({"name": name, "interval": "1m", "input_series": told, "alert_rule_test": [asked]})
    return found


def promtool(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("promtool")
    if tool is None:
        backends.missing("no promtool here (Debian, Ubuntu: `apt install prometheus`)")
    return subprocess.run([tool, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


def rehearsed(folder: Path, rules: list[dict[str, Any]]) -> str:
    """What promtool finds wrong when each of these alarms is rehearsed; empty without a fault."""
    (folder / "alerts.yml").write_text(yaml.safe_dump({"groups": [{"name": "veilig", "rules": rules}]}))
    tests = rehearsals([rule["alert"] for rule in rules])
    told = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "test.yml").write_text(yaml.safe_dump(told))
    ran = promtool("test", "rules", "test.yml", cwd=folder)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_each_alarm_rings_when_it_should_and_is_quiet_when_it_should(tmp_path: Path) -> None:
    assert {rule["alert"] for rule in RULES} == set(RINGS) == set(QUIET)
    assert rehearsed(tmp_path, RULES) == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_that_never_rings_is_found(tmp_path: Path, rule: dict[str, Any]) -> None:
    planted = rule | {"expr": f"({rule['expr']}) and vector(0) > 1"}
    assert rule["alert"] in rehearsed(tmp_path, [planted])


class Watching:
    """A Prometheus with our own configuration, that watches a stack."""

    def __init__(self, port: int) -> None:
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", trust_env=False, timeout=20)

    def ask(self, path: str, **asked: str) -> Any:
        """The data of an answer; fails with Prometheus' own words."""
        answer = self.client.get(path, params=asked).json()
        assert answer["status"] == "success", answer["error"]
        return answer["data"]

    def answers(self) -> bool:
        try:
            return bool(self.ask("status/runtimeinfo"))
        except (httpx2.HTTPError, json.JSONDecodeError):
            return False

    def up(self) -> dict[str, str]:
        """Each service -> 1 when it answered, by the last look."""
        return {one["metric"]["service"]: one["value"][1] for one in self.ask("query", query="up")["result"]}


def configuration(folder: Path, port: int) -> Path:
    """Ours, with the addresses and the token of a stack on this machine, and looking often."""
    made = yaml.safe_load((OBSERVE / "prometheus.yml").read_text())
    made["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = made["scrape_configs"]
    (folder / "token").write_text("0" * 32)
    job["authorization"]["credentials_file"] = str(folder / "token")
    paths = {"confidential-line": LineSettings().path}
    for one in job["static_configs"]:
        name = one["labels"]["service"]
        assert one["targets"] == [f"{name}:8080"]
        one["targets"] = [f"127.0.0.1:{port}"]
        one["labels"]["__metrics_path__"] = paths.get(name, f"/{name}") + job["metrics_path"]
    shutil.copy(OBSERVE / "alerts.yml", folder / "alerts.yml")
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(made))
    return file


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("watched")) as stack:
        yield stack


@pytest.fixture(scope="module")
def watching(running: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        backends.missing("no prometheus here (Debian, Ubuntu: `apt install prometheus`)")
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    file = configuration(folder, running.ports["--port"])
    checked = promtool("check", "config", file, cwd=folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    command = [prometheus, f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
               f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    child = Child("prometheus", command, log=folder / "prometheus.log", env=dict(os.environ), cwd=folder)
    child.start()
    made = Watching(port)
    try:
        eventually(made.answers, 30)
        yield made
    finally:
        made.client.close()
        child.stop(5)


@pytest.mark.slow
def test_prometheus_reads_every_service_and_each_question_is_one_it_understands(watching: Watching) -> None:
    services = {one["labels"]["service"] for one in job_targets()}
    assert eventually(lambda: watching.up() == dict.fromkeys(services, "1"), 30)
    for where, expression in ASKED.items():
        assert "result" in watching.ask("query", query=expression.replace("$__rate_interval", "1m")), where
    told = set(watching.ask("label/__name__/values"))
    assert {"veilig_ready", "veilig_outbox_age_seconds", "veilig_dead_letters_total"} <= told


@pytest.mark.slow
def test_prometheus_holds_our_alarms_and_none_rings_on_a_stack_that_is_well(watching: Watching) -> None:
    def rules() -> list[dict[str, Any]]:
        groups = watching.ask("rules")["groups"]
        return [rule for group in groups for rule in group["rules"] if rule["health"] == "ok"]

    assert eventually(lambda: {rule["name"] for rule in rules()} == set(RINGS), 30)
    assert eventually(lambda: {rule["state"] for rule in rules()} == {"inactive"}, 30)


def job_targets() -> list[dict[str, Any]]:
    [job] = yaml.safe_load((OBSERVE / "prometheus.yml").read_text())["scrape_configs"]
    found: list[dict[str, Any]] = job["static_configs"]
    return found
