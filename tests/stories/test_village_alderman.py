"""E2E-1 on both brokers, as a user and as a partner meet it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat

from deploy.stories.village_alderman import CANARIES
from shared.contracts.topics import partner_topics
from tests import backends
from tests.stack import ROOT, Stack
from tests.stories.conftest import Told
from tests.stories.telling import same, tell

pytestmark = pytest.mark.slow


def test_the_story_holds_and_tells_what_everybody_sees(told: Told) -> None:
    outcome = told.outcome
    assert outcome["holds"] is True
    assert {view["role"] for view in outcome["views"]} == {
        "office-holder", "police", "rccb", "hovj", "municipality", "bzk", "ivp",
    }  # fmt: skip
    missed = [promise for promise in outcome["promises"] if not promise["kept"]]
    assert [promise["how"] for promise in missed] == ["asked 02:10, contact 02:52"]
    assert outcome["states"]["request"] == ["granted", 3_800_000, 3_000_000]


def test_nobody_sees_more_than_the_matrix_gives(told: Told) -> None:
    seen: dict[str, str] = {}
    for view in told.outcome["views"]:
        seen[view["role"]] = seen.get(view["role"], "") + json.dumps(view["sees"], ensure_ascii=False)
    hidden_from = {
        "municipality": ("name", "phone", "address", "narrative", "police_reference"),
        "bzk": ("name", "phone", "address", "narrative", "police_reference"),
        "ivp": ("narrative", "address", "police_reference", "motivation", "reason"),
        "police": ("motivation",),
        "rccb": ("phone", "address", "motivation"),
    }
    for role, names in hidden_from.items():
        for name in names:
            assert CANARIES[name] not in seen[role], f"{role} sees {name}"


def test_both_brokers_give_the_same_events_and_states(on_embedded: Told, on_apache: Told) -> None:
    assert same(on_embedded.outcome) == same(on_apache.outcome)


def test_told_twice_on_one_stack_it_ends_the_same(on_embedded: Told) -> None:
    again = tell(on_embedded.stack, "--json")
    assert again.returncode == 0, again.stderr[-2000:]
    assert same(json.loads(again.stdout)) == same(on_embedded.outcome)


def kcat(address: str, topic: str) -> list[dict[str, Any]]:
    """Everything on a topic, read by a client that is not ours."""
    if shutil.which("kcat") is None:
        backends.missing("kcat is not installed")
    read = subprocess.run(
        ["kcat", "-b", address, "-C", "-t", topic, "-e", "-q", "-J", "-o", "beginning"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in read.stdout.splitlines()]


def test_a_foreign_client_reads_partner_topics_as_cloudevents_without_anything_personal(on_apache: Told) -> None:
    address = on_apache.stack.state()["kafka"]
    values: dict[str, set[str]] = {}
    for topic in partner_topics(("9901",)):
        records = kcat(address, topic.name)
        assert records, topic.name
        values[topic.name] = set()
        for record in records:
            headers = dict(zip(record["headers"][::2], record["headers"][1::2], strict=True))
            message = KafkaMessage(
                {name: value.encode() for name, value in headers.items()}, record["key"].encode(),
                record["payload"].encode(),
            )  # fmt: skip
            event = from_kafka(message, JSONFormat())
            assert event.get_type().startswith("nl.veiligbestuur.")
            assert event.get_subject() == record["key"]
            whole = json.dumps(record, ensure_ascii=False)
            assert not any(canary in whole for canary in CANARIES.values())
            assert on_apache.outcome["case"] not in whole, "our own reference stays inside"
            data = event.get_data()
            values[topic.name] |= {event.get_id(), record["key"], data["case"]}
            values[topic.name] |= {line["measure"] for line in data.get("lines", ()) if "measure" in line}
            values[topic.name] |= {data[name] for name in ("request", "invoice") if name in data}
    names = list(values)
    for one in names:
        for other in names:
            assert one == other or not values[one] & values[other], f"{one} and {other} share a value"


def test_a_broken_expectation_ends_with_one_and_says_which(on_embedded: Told) -> None:
    nobody = Stack(on_embedded.stack.data.parent / "nobody")
    told = tell(nobody, "--patience", "1", "--json")
    assert told.returncode == 1
    assert "no answer within 1 s" in told.stderr
    assert json.loads(told.stdout)["holds"] is False


def test_an_unknown_story_ends_with_two_and_names_the_known_ones() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "story", "no-such-story"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert "village-alderman" in told.stderr
