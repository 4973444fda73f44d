"""What a service tells of itself in numbers: how old its work is, never whose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.runtime.cases import Act, Handled
from shared.runtime.metrics import GAUGES, Meters, Standing, exposition, look, of_modules, standing
from shared.runtime.mongo import Database
from tests.runtime.toy import PARTNER, Bench, Remind, Sent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.mark.parametrize(
    ("documents", "wanted"),
    [
        ([], Standing()),
        ([{"saved_at": NOW, "due": []}], Standing()),
        (
            [
                {"pending": True, "pending_since": ago(seconds=90), "saved_at": ago(seconds=1)},
                {"pending": True, "pending_since": ago(seconds=30), "saved_at": ago(seconds=30)},
            ],
            Standing(waiting=2, oldest=90.0),
        ),
        ([{"pending": True, "saved_at": ago(seconds=7)}], Standing(waiting=1, oldest=7.0)),
        (
            [
                {"due": [{"name": "missed", "at": NOW + timedelta(minutes=4)}]},
                {"due": [{"name": "missed", "at": NOW + timedelta(minutes=9)}]},
                {"due": [{"name": "far", "at": NOW + timedelta(days=9)}]},
            ],
            Standing(next={"missed": 240.0}, pending={"missed": 2}),
        ),
        (
            [{"due": [{"name": "warn", "at": ago(seconds=61)}]}],
            Standing(overdue=61.0, next={"warn": -61.0}, pending={"warn": 1}),
        ),
    ],
)  # fmt: skip
def test_how_it_stands(documents: list[dict[str, Any]], wanted: Standing) -> None:
    assert standing(documents, NOW, NOW) == wanted


def test_deadlines_go_by_the_time_of_the_rules_and_outboxes_by_real_time() -> None:
    later = NOW + timedelta(days=90)
    found = standing(
        [
            {"pending": True, "pending_since": ago(seconds=5), "saved_at": NOW},
            {"due": [{"name": "x", "at": later - timedelta(seconds=2)}]},
        ],
        NOW, later,
    )  # fmt: skip
    assert (found.oldest, found.overdue) == (5.0, 2.0)


async def test_what_waits_is_seen_until_it_was_sent_and_a_deadline_until_it_was_told(database: Database) -> None:
    bench = Bench(database)
    bench.sent.away = True
    await bench.add(1, "one")
    await bench.send_fresh()
    bench.time.pass_by(seconds=20)
    await bench.add(1, "two")
    bench.time.pass_by(seconds=60)
    remind = Remind("a", "soon", bench.clock.now() - timedelta(seconds=70))
    await bench.cases.update("a", remind, handled=Handled("three"), act=Act("test"))
    waits = await look(bench.cases.collection, bench.time(), bench.clock.now())
    assert (waits.waiting, waits.oldest, waits.overdue) == (1, 80.0, 70.0), "since the first save, not the last"
    bench.sent.away = False
    await bench.after_a_crash()
    await bench.deadlines.pass_due()
    await bench.after_a_crash()
    assert await look(bench.cases.collection, bench.time(), bench.clock.now()) == Standing()
    assert "pending_since" not in await bench.document()


async def test_who_sends_again_what_waited_does_not_make_it_look_fresh(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "one")
    bench.time.pass_by(minutes=2)
    await bench.relay.claim(await bench.document())
    assert (await look(bench.cases.collection, bench.time(), bench.clock.now())).oldest == 120.0


async def test_what_was_handled_before_and_what_was_set_aside_is_counted(database: Database) -> None:
    counted: list[str] = []
    bench = Bench(database, publisher=Sent(never=frozenset({PARTNER})))
    bench.cases.known, bench.relay.parked = lambda: counted.append("known"), lambda: counted.append("parked")
    await bench.add(1, "one")
    await bench.add(1, "one")
    await bench.send_fresh()
    assert counted == ["known", "parked"]


def test_everything_has_a_name_that_prometheus_reads_and_counts_begin_at_nothing() -> None:
    meters = Meters()
    meters.subscription("intake.reporting.weighing")
    meters.module("intake.reporting")
    text = exposition(meters, of_modules({"intake.reporting": Standing(next={"warn": 1.0}, pending={"warn": 1})}))
    families = {one.name: one for one in text_string_to_metric_families(text.decode())}
    assert {"veilig_dead_letters", "veilig_inbox_known", "veilig_outbox_age_seconds"} <= set(families)
    letters = [one for one in families["veilig_dead_letters"].samples if one.name.endswith("_total")]
    assert [(one.labels, one.value) for one in letters] == [({"subscription": "intake.reporting.weighing"}, 0.0)]
    assert {one.name for one in GAUGES} - set(families) == {
        "veilig_ready", "veilig_holding", "veilig_consumer_lag", "veilig_promises_broken",
    }  # fmt: skip
