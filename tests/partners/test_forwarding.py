"""Events over HTTP, from a topic to a partner's address: what fails comes again, nothing is lost, cases keep order."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.docker import certificates
from deploy.local.temporary import Broker, Mongo
from deploy.partners.forwarder import listing
from deploy.partners.forwarder.domain import State
from deploy.partners.forwarder.running import Forwarder
from shared.runtime.mongo import connect
from tests.deploy.commands import veilig
from tests.partners.receiving import ORIGIN, Place, Says, address, fine
from tests.wire.subscribing import eventually

THREE = (timedelta(milliseconds=20),) * 2
"""A table of three tries."""


@pytest.fixture
async def place(broker: Broker, mongo: Mongo, tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(broker, mongo, tmp_path)
    await made.prepare()
    yield made


async def states(place: Place) -> dict[str, str]:
    """How it stands with each event, from the log."""
    database = connect(place.mongo.url, prefix=place.prefix)
    try:
        found = await database.collection("forwarder", "deliveries").find({}).to_list()
    finally:
        await database.close()
    return {one["event"]: one["state"] for one in found}


async def until(place: Place, event: str, state: State) -> None:
    """Waits until it stands so with an event."""
    for _ in range(300):
        if (await states(place)).get(event) == state.value:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{event} is not {state}: {await states(place)}")


async def test_given_events_on_the_topic_then_each_is_posted_with_the_same_bytes_and_in_order(place: Place) -> None:
    with address() as there:
        place.lists(there.url)
        sent = await place.sends(("a", "e1"), ("b", "e2"), ("a", "e3"), ("a", "e4"))
        async with place.forwarding():
            await eventually("all came", lambda: len(there.events) == 4)
            sent += await place.sends(("b", "e5"))
            await eventually("a later one too", lambda: len(there.events) == 5)
            await until(place, "e5", State.DELIVERED)
        assert [one for one in there.events if one in ("e1", "e3", "e4")] == ["e1", "e3", "e4"]
        assert sorted(one.body for one in there.posts) == sorted(sent)
        assert {one.headers["content-type"] for one in there.posts} == {"application/cloudevents+json; charset=UTF-8"}
        assert there.got[0].method == "OPTIONS", "it asks before it posts"
        assert there.got[0].headers["webhook-request-origin"] == ORIGIN


async def test_given_a_partner_that_fails_in_every_way_then_it_comes_again_until_taken(place: Place) -> None:
    ways = [
        Says(500), Says(429, {"Retry-After": "1"}), Says(hangs=True), Says(302, {"Location": "/elsewhere"}), Says(400),
        Says(503), Says(404),
    ]  # fmt: skip

    def rule(event: str, time: int) -> Says:
        return ways[time - 1] if event == "e1" and time <= len(ways) else Says()

    with address(rule) as there:
        place.lists(there.url)
        await place.sends(("a", "e1"), ("a", "e2"), ("b", "e3"))
        async with place.forwarding():
            await until(place, "e2", State.DELIVERED)
        mine = [one for one in there.posts if one.event == "e1"]
        assert there.events.count("e1") == len(ways) + 1 and there.events.count("e3") == 1
        assert there.events.index("e2") == len(there.events) - 1, "the later event of the case waits for the earlier"
        assert there.events.index("e3") < len(there.events) - 3, "another case does not"
        assert mine[2].at - mine[1].at > 0.95, "Retry-After is honoured"
        assert {one.url for one in there.posts} == {there.url} and "/elsewhere" not in str(there.got)
        assert len({one.headers["signature"] for one in mine}) == len(mine), "each try has a signature of its own"
    told = await log_of(place)
    assert [line["status"] for line in told["e1"]["tries"]] == [500, 429, None, 302, 400, 503, 404, 204]
    assert [line["number"] for line in told["e1"]["tries"]] == list(range(1, 9))
    assert told["e1"]["tries"][2]["why"] == "Timeout"


async def log_of(place: Place) -> dict[str, dict[str, object]]:
    ended = await veilig("forward", "log", place.partner, "--json", *where(place))
    assert ended.status == 0, ended.err
    return {one["event"]: one for one in ended.json}


def where(place: Place) -> list[str]:
    return ["--mongo", place.mongo.url]


@pytest.fixture(autouse=True)
def same_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands look where this test's forwarder writes."""
    if "place" in request.fixturenames:
        monkeypatch.setenv("VEILIG_DATABASE_PREFIX", request.getfixturevalue("place").prefix)


async def test_given_410_then_nothing_more_is_posted_until_an_operator_says_so(place: Place) -> None:
    def rule(_: str, __: int) -> Says:
        return Says(204 if wanted else 410)

    wanted = False
    with address(rule) as there:
        place.lists(there.url)
        await place.sends(("a", "e1"))
        async with place.forwarding() as forwarder:
            await eventually("it said so", lambda: there.events == ["e1"])
            await place.sends(("b", "e2"), ("c", "e3"))
            await until(place, "e3", State.WAITING)
            await a_few_looks(forwarder)
            assert there.events == ["e1"], "nothing more"
            ended = await veilig("forward", "list", "--json", *where(place))
            (told,) = ended.json
            assert ended.status == 1 and (told["state"], told["why"], told["waiting"]) == ("stopped", "410", 3)
            numbers = (await forwarder.measured()).decode()
            assert 'veilig_forward_on{subscriber="municipality-' in numbers
            assert place.partner.split(":")[1] not in numbers, "no number tells which municipality"
            wanted = True
            assert (await veilig("forward", "again", place.partner, "--as", "operator-1", *where(place))).status == 0
            await until(place, "e3", State.DELIVERED)
            await until(place, "e1", State.DELIVERED)


async def a_few_looks(forwarder: Forwarder) -> None:
    """Until it looked three times more at what is due: whatever may be sent would have been sent."""
    (line,) = forwarder.lines.values()
    before = line.looks
    await eventually("it looked", lambda: line.looks >= before + 3)


async def test_given_the_end_of_the_table_then_it_is_parked_and_sent_again_by_an_operator(place: Place) -> None:
    healthy = False

    def rule(event: str, _: int) -> Says:
        return Says(204 if healthy or event == "e3" else 500)

    with address(rule) as there:
        place.lists(there.url)
        await place.sends(("a", "e1"), ("a", "e2"), ("b", "e3"))
        async with place.forwarding(THREE) as forwarder:
            await until(place, "e1", State.PARKED)
            await until(place, "e3", State.DELIVERED)
            assert there.events.count("e1") == 3 and "e2" not in there.events
            numbers = (await forwarder.measured()).decode()
            (parked,) = [line for line in numbers.splitlines() if line.startswith("veilig_forward_parked{")]
            assert parked.endswith(" 1.0")
            ended = await veilig("forward", "list", *where(place))
            assert ended.status == 1 and ended.out.startswith("!!") and "1 parked" in ended.out
            healthy = True
            refused = await veilig("forward", "again", place.partner, "e9", "--as", "operator-1", *where(place))
            assert refused.status == 2
            again = await veilig("forward", "again", place.partner, "e1", "--as", "operator-1", *where(place))
            assert again.status == 0, again.err
            await until(place, "e2", State.DELIVERED)
        assert there.events[-2:] == ["e1", "e2"]
    told = (await log_of(place))["e1"]
    assert "operator-1" in json.dumps(told["tries"]) and told["state"] == "delivered"
    assert (await veilig("forward", "list", *where(place))).status == 0


async def test_given_a_parked_event_that_nobody_wants_then_an_operator_sets_it_aside_with_a_reason(
    place: Place,
) -> None:
    with address(lambda event, _: Says(400 if event == "e1" else 204)) as there:
        place.lists(there.url)
        await place.sends(("a", "e1"), ("a", "e2"))
        async with place.forwarding(THREE):
            await until(place, "e1", State.PARKED)
            asked = ["forward", "drop", place.partner, "e1", "--as", "operator-1", *where(place)]
            assert (await veilig(*asked, "--reason", "")).status == 2
            assert (await veilig(*asked, "--reason", "Partner has it by letter")).status == 0
            await until(place, "e2", State.DELIVERED)
            assert (await veilig(*asked, "--reason", "once more")).status == 2
        assert there.events[-1] == "e2"
    assert "by letter" in json.dumps((await log_of(place))["e1"])


async def test_the_log_and_what_is_kept_after_delivery_have_no_content(place: Place) -> None:
    with address(lambda event, time: Says(500 if event == "e1" and time == 1 else 204)) as there:
        place.lists(there.url)
        await place.sends(("kanarie-case", "e1"))
        async with place.forwarding():
            await until(place, "e1", State.DELIVERED)
    database = connect(place.mongo.url, prefix=place.prefix)
    kept = await database.collection("forwarder", "deliveries").find({}).to_list()
    await database.close()
    ended = await veilig("forward", "log", place.partner, *where(place))
    for text in (str(kept), str(await log_of(place)), ended.out):
        assert "kanarie" not in text and "e1" in text


async def test_given_an_address_that_does_not_agree_then_nothing_is_posted_until_it_does(place: Place) -> None:
    with address() as there:
        there.consent = Says(405)
        place.lists(there.url)
        await place.sends(("a", "e1"))
        async with place.forwarding():
            await eventually("asked twice", lambda: len(there.got) >= 2)
            (told,) = (await veilig("forward", "list", "--json", *where(place))).json
            assert (told["state"], told["why"]) == ("asking", "405") and not there.posts
            there.consent = Says(200, {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "120"})
            await until(place, "e1", State.DELIVERED)
            await place.sends(("b", "e2"), ("c", "e3"), ("d", "e4"))
            await eventually("all came", lambda: len(there.events) == 4)
        moments = [one.at for one in there.posts[1:]]
        assert all(later - earlier > 0.45 for earlier, later in pairwise(moments)), moments


async def test_given_another_address_then_that_one_is_asked_and_gets_what_waits(place: Place) -> None:
    with address(lambda *_: Says(410)) as old, address() as new:
        place.lists(old.url)
        await place.sends(("a", "e1"))
        async with place.forwarding() as forwarder:
            await eventually("the old one said no", lambda: old.events == ["e1"])
            place.lists(new.url)
            await until(place, "e1", State.DELIVERED)
            listing.remove(place.folder / "list", place.partner)
            await eventually("it left", lambda: not forwarder.lines)
            await place.sends(("a", "e2"))
        assert [one.method for one in new.got] == ["OPTIONS", "POST"], "and who is taken off the list gets nothing"


async def test_given_records_that_are_no_events_then_they_are_parked_and_the_others_go_on(place: Place) -> None:
    with address() as there:
        place.lists(there.url)
        await place.sends(bodies=[b"not json", b'["a list"]', b"\xff"])
        await place.sends(("a", "e1"))
        async with place.forwarding():
            await until(place, "e1", State.DELIVERED)
        assert there.events == ["e1"]
    (told,) = (await veilig("forward", "list", "--json", *where(place))).json
    assert told["parked"] == 3


async def test_given_a_partner_with_a_certificate_of_an_unknown_authority_then_nothing_is_posted(
    place: Place, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    root = certificates.authority("a partner", now)
    pair = certificates.signed(root, "partner", now, hosts=("127.0.0.1",))
    (tmp_path / "both.pem").write_text(pair.certificate_pem + pair.key_pem)
    (tmp_path / "ca.pem").write_text(root.certificate_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    with address(fine, context) as there:
        assert there.url.startswith("https://")
        place.lists(there.url)
        await place.sends(("a", "e1"))
        async with place.forwarding() as forwarder:
            await until(place, "e1", State.WAITING)
            await a_few_looks(forwarder)
        assert not there.got
        async with place.forwarding(forward_ca_file=tmp_path / "ca.pem"):
            await until(place, "e1", State.DELIVERED)


async def test_a_record_that_kafka_gives_again_is_there_once_and_an_event_that_is_sent_again_has_the_same_id(
    place: Place,
) -> None:
    with address() as there:
        place.lists(there.url)
        await place.sends(("a", "e1"))
        async with place.forwarding() as forwarder:
            await until(place, "e1", State.DELIVERED)
            await again_from_the_beginning(forwarder, place)
            await place.sends(("a", "e1"), ("a", "e2"))  # a republish: another record, the same event
            await until(place, "e2", State.DELIVERED)
        assert there.events == ["e1", "e1", "e2"]


async def again_from_the_beginning(forwarder: Forwarder, place: Place) -> None:
    """Kafka gives everything again that was given: as after a crash before its place was noted."""
    from aiokafka import AIOKafkaConsumer

    consumer = AIOKafkaConsumer(
        place.topic.name, bootstrap_servers=place.broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50
    )
    async with consumer:
        record = await asyncio.wait_for(consumer.getone(), 30)
    for _ in range(2):
        await forwarder.store.take(place.partner, [record], datetime.now(UTC))
