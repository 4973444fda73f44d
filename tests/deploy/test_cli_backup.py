"""`veilig backup`, `veilig restore`: after it a case reads the same, and what was destroyed since stays unreadable."""

from __future__ import annotations

import json
import secrets
import stat
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo.errors import AutoReconnect

from deploy.cli import dumping
from deploy.cli.dumping import KEPT_FOR, LEFT_OUT, scope
from deploy.local.temporary import Broker, Mongo, free_port, settings_for
from services.intake.app import build as intake
from shared.contracts.envelope import Record
from shared.contracts.topics import internal_topics
from shared.privacy.controllers import Controller
from shared.privacy.keyring import keys_of
from shared.privacy.vault import DESTROYED
from shared.runtime.kafka import ensure_topics
from shared.runtime.mongo import Database
from tests.access.signing import signed
from tests.deploy.commands import Ended, veilig
from tests.services.serving import KEYS, Served, serve

PERSON = "person-1"


@dataclass
class Office:
    """Intake, two folders for a backup, and the settings of a command on the same database."""

    served: Served
    folder: Path
    keys: Path
    monkeypatch: pytest.MonkeyPatch
    mongo: Mongo

    @property
    def database(self) -> Database:
        found: Database = self.served.app.state.service.database
        return found

    async def report(self, canary: str) -> str:
        victim = {"name": canary, "phone": "0600000000", "address": f"Voorbeeldstraat 1, {canary}"}
        body = {"kind": "threat", "office": "mayor", "municipality": "9901", "narrative": canary, "victim": victim}
        headers = signed("office-holder", PERSON) | {"Idempotency-Key": uuid.uuid4().hex}
        answer = await self.served.client.post("/v1/reports", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    async def read(self, case: str) -> tuple[int, Any]:
        answer = await self.served.client.get(f"/v1/reports/{case}", headers=signed("office-holder", PERSON))
        return answer.status_code, answer.json()

    async def shred(self, case: str) -> None:
        for actor, path, body in (
            ("agent-1", "/v1/shreddings/reporting", {"case": case, "reason": "person-asked"}),
            ("agent-2", f"/v1/shreddings/reporting/{case}/confirmations", None),
        ):
            headers = signed("police", actor) | {"Idempotency-Key": uuid.uuid4().hex}
            answer = await self.served.client.post(path, json=body, headers=headers)
            assert answer.is_success, answer.text

    async def backup(self, *options: str, mark: str = "") -> Ended:
        folder, keys = f"{self.folder}{mark}", f"{self.keys}{mark}"
        return await veilig("backup", folder, "--keys", keys, "--controller", "police", *options)

    async def restore(self, *options: str) -> Ended:
        return await veilig("restore", str(self.folder), "--keys", str(self.keys), *options)

    async def key_of(self, case: str) -> dict[str, Any]:
        found = await keys_of(self.database, Controller.POLICE).find_one({"_id": f"intake.reporting:{case}"})
        assert found is not None
        return dict(found)


@pytest.fixture
async def office(mongo: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    async with serve(intake, mongo) as served:
        prefix = served.app.state.service.settings.database_prefix
        file = tmp_path / "secrets.json"
        file.write_text(json.dumps({"reference_key": KEYS.reference.hex(), "partner_key": KEYS.partner.hex()}))
        for name, value in {
            "ENVIRONMENT": "local", "MONGO_URL": mongo.url, "DATABASE_PREFIX": prefix, "SECRETS_FILE": str(file),
            "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"VEILIG_{name}", value)
        yield Office(served, tmp_path / "documents", tmp_path / "keys", monkeypatch, mongo)


def canary() -> str:
    return f"kanarie-{secrets.token_hex(8)}"


async def test_a_case_reads_the_same_and_what_was_destroyed_since_stays_unreadable(office: Office) -> None:
    kept, gone = canary(), canary()
    stays, goes = await office.report(kept), await office.report(gone)
    before = await office.read(stays)
    assert kept in json.dumps(before)
    made = await office.backup("--as", "op-1")
    assert (made.status, made.err) == (0, ""), made.err
    await office.shred(goes)
    await office.database.drop("intake.reporting")
    assert (await office.read(stays))[0] == 404

    done = await office.restore("--replace", "--without-broker", "--json", "--as", "op-1")
    assert done.status == 0, done.err
    assert (done.json["known_destroyed"], done.json["destroyed_again"]) == (1, 1)
    assert await office.read(stays) == before
    found = await office.read(goes)
    assert gone not in json.dumps(found) and DESTROYED in json.dumps(found)
    key = await office.key_of(goes)
    assert "wrapped" not in key and key["shredding"]["confirmed_by"] == "agent-2", "who decided is known still"
    document = await office.database.collection("intake.reporting").find_one({"_id": goes})
    assert document is not None and document["closed"] and document["shredded"]["reason"] == "person-asked"

    lines = await office.database.collection("log.police", "security").find({}).sort("_id", 1).to_list()
    told = [(one["action"], one["result"], one["actor"]) for one in lines if one["origin"].startswith("veilig/")]
    assert ("restore", "done", "op-1") in told and ("backup", "begun", "op-1") in told


async def test_who_stops_halfway_forgets_nothing_of_what_was_destroyed(office: Office) -> None:
    stays, goes = await office.report(kept := canary()), await office.report(gone := canary())
    await office.backup()
    await office.shred(goes)
    really = dumping.put_back

    async def stops(*_: Any) -> int:
        raise AutoReconnect("away")

    office.monkeypatch.setattr(dumping, "put_back", stops)
    assert (await office.restore("--replace", "--without-broker")).status == 3
    assert (await office.read(goes))[0] == 404, "it was all taken away"
    office.monkeypatch.setattr(dumping, "put_back", really)
    done = await office.restore("--replace", "--without-broker", "--json")
    assert (done.status, done.json["destroyed_again"]) == (0, 1), done.err
    assert kept in json.dumps(await office.read(stays)) and gone not in json.dumps(await office.read(goes))


async def test_it_goes_on_working_after_a_restore(office: Office) -> None:
    stays = await office.report(canary())
    await office.backup()
    await office.restore("--replace", "--without-broker")
    await office.shred(stays)
    assert DESTROYED in json.dumps(await office.read(stays))
    assert (await office.read(await office.report(canary())))[0] == 200


async def on_the_bus(broker: Broker, office: Office, case: str) -> None:
    """What the relay would send of this case."""
    await ensure_topics(settings_for(broker), internal_topics())
    document = await office.database.collection("intake.reporting").find_one({"_id": case})
    assert document is not None
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        for record in (Record(**one) for one in document["outbox"] if one["topic"] != "log"):
            if record.topic in {topic.name for topic in internal_topics()}:
                await producer.send_and_wait(record.topic, record.body.encode(), key=record.key.encode())
    finally:
        await producer.stop()
    office.monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap)


async def test_with_the_database_gone_the_topics_know_what_was_destroyed(office: Office, broker: Broker) -> None:
    stays, goes = await office.report(kept := canary()), await office.report(gone := canary())
    await office.backup()
    await office.shred(goes)
    await on_the_bus(broker, office, goes)
    for name in (*scope(Controller.POLICE).documents, *scope(Controller.POLICE).keys):
        await office.database.drop(name)
    done = await office.restore("--json")
    assert done.status == 0, done.err
    assert done.json["destroyed_again"] == 1
    assert kept in json.dumps(await office.read(stays))
    found = json.dumps(await office.read(goes))
    assert gone not in found and DESTROYED in found


async def test_with_all_that_gone_the_keys_of_a_newer_backup_know_it(office: Office) -> None:
    goes = await office.report(gone := canary())
    await office.backup()
    await office.shred(goes)
    await office.backup(mark="-newer")
    for name in (*scope(Controller.POLICE).documents, *scope(Controller.POLICE).keys):
        await office.database.drop(name)
    done = await office.restore("--without-broker", "--also", f"{office.keys}-newer", "--json")
    assert (done.status, done.json["destroyed_again"]) == (0, 1), done.err
    assert gone not in json.dumps(await office.read(goes))


async def test_a_broker_that_cannot_be_asked_stops_it_before_anything_is_changed(office: Office) -> None:
    stays = await office.report(canary())
    await office.backup()
    before = await office.read(stays)
    ended = await office.restore("--replace")
    assert ended.status == 3 and "Nothing was changed" in ended.err and "--also" in ended.err
    assert await office.read(stays) == before


async def test_it_does_not_write_over_what_is_there_unless_told(office: Office) -> None:
    stays = await office.report(canary())
    await office.backup()
    before = await office.read(stays)
    ended = await office.restore("--without-broker")
    assert ended.status == 1 and "intake.reporting" in ended.err and "--replace" in ended.err
    assert await office.read(stays) == before
    again = await office.backup()
    assert again.status == 2 and "not empty" in again.err


async def test_a_file_that_was_changed_or_keys_of_another_backup_are_refused(office: Office) -> None:
    await office.report(canary())
    await office.backup()
    await office.backup(mark="-other")
    mixed = await veilig("restore", str(office.folder), "--keys", f"{office.keys}-other", "--without-broker")
    assert mixed.status == 1 and "of two backups" in mixed.err
    swapped = await veilig("restore", str(office.keys), "--keys", str(office.folder), "--without-broker")
    assert swapped.status == 1 and "not a folder of documents" in swapped.err
    file = office.folder / "intake.reporting" / "cases.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"closed":false', b'"closed":true ', 1) + b"\n")
    changed = await office.restore("--without-broker", "--replace")
    assert changed.status == 1 and "intake.reporting/cases.jsonl is missing or was changed" in changed.err
    nothing = await veilig("restore", str(office.folder / "x"), "--keys", str(office.keys))
    assert nothing.status == 1 and "no manifest" in nothing.err


@pytest.mark.parametrize("keys", ["documents", "documents/keys", "."])
async def test_keys_are_kept_apart(office: Office, keys: str) -> None:
    place = office.folder.parent / keys
    ended = await veilig("backup", str(office.folder), "--keys", str(place))
    assert ended.status == 2 and "apart" in ended.err and not office.folder.exists()


async def test_a_backup_is_for_its_owner_only_and_alone_it_tells_nothing(office: Office) -> None:
    name = canary()
    await office.report(name)
    await office.database.collection("keys.police", "keys").insert_one({"_id": "intake.drafts:1", "wrapped": "x"})
    await office.database.collection("intake.drafts").insert_one({"_id": "1"})
    await office.backup()
    files = [file for folder in (office.folder, office.keys) for file in folder.rglob("*") if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(office.folder.stat().st_mode) == stat.S_IMODE(office.keys.stat().st_mode) == 0o700
    assert not [file for file in files if name.encode() in file.read_bytes()]
    assert not [file for file in office.folder.rglob("*") if file.name.startswith("keys")]
    text = "".join(file.read_text() for file in files)
    assert "intake.drafts" not in text, "what leaves no trace when it goes must not come back"


async def test_what_other_controllers_keep_and_what_was_not_sent_stays_where_it_is(office: Office) -> None:
    await office.report(canary())
    await office.backup()
    drafts, others = office.database.collection("keys.police", "keys"), office.database.collection("keys.ivp", "keys")
    await drafts.insert_one({"_id": "intake.drafts:1", "wrapped": "x"})
    await others.insert_one({"_id": "aftercare.callback:1", "wrapped": "x"})
    await office.report(canary())
    done = await office.restore("--replace", "--without-broker")
    assert done.status == 0, done.err
    assert await drafts.find_one({"_id": "intake.drafts:1"}) and await others.find_one({"_id": "aftercare.callback:1"})
    assert await drafts.count_documents({}) == 2, "the key of the second report is gone with it"


def test_a_backup_of_one_controller_takes_nothing_of_another() -> None:
    parts = [scope(one) for one in KEPT_FOR]
    for names in ([part.documents for part in parts], [part.keys for part in parts]):
        every = [name for part in names for name in part]
        assert len(every) == len(set(every))
    assert {name for part in parts for name in part.documents} == set(scope().documents)
    assert {"log.intake", "log.assessment", "log.funding", "log.aftercare"} < set(scope().documents)


def test_the_confidential_line_is_in_no_backup() -> None:
    every = scope()
    assert not [name for name in (*every.documents, *every.keys) if "confidential" in name]
    assert set(LEFT_OUT).isdisjoint(every.documents)


async def test_a_database_that_is_away_is_said_in_a_sentence(office: Office) -> None:
    await office.backup()
    office.monkeypatch.setenv("VEILIG_MONGO_URL", f"mongodb://127.0.0.1:{free_port()}/")
    for ended in (await office.backup(mark="-2"), await office.restore("--without-broker")):
        assert ended.status == 3 and ended.err.count("\n") == 1 and "database is away" in ended.err
    assert (await office.backup("--controller", "nobody")).status == 2


# veilig republish


async def test_what_a_partner_lost_is_sent_again_with_the_ids_it_had(office: Office, broker: Broker) -> None:
    case = await office.report(canary())
    document = await office.database.collection("intake.reporting").find_one({"_id": case})
    assert document is not None
    told = [one["id"] for one in document["history"]]
    await ensure_topics(settings_for(broker), internal_topics())
    office.monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap)
    office.monkeypatch.setenv("VEILIG_KAFKA_IDEMPOTENCE", "false")
    for _ in range(2):
        ended = await veilig(
            "republish", "--service", "intake", "--topic", "intake.reporting", "--as", "op-1", "--json"
        )
        assert ended.status == 0, ended.err
        assert ended.json["topic"] == "intake.reporting" and ended.json["cases"]["intake"] >= 1
    sent = [json.loads(one.value) for one in await records(broker, case)]
    assert {one["id"] for one in sent} == set(told) and len(sent) >= 2
    lines = await office.database.collection("log.intake", "security").find({"action": "republish"}).to_list()
    assert [(one["result"], one["actor"]) for one in sorted(lines, key=lambda one: one["_id"])][-1] == ("done", "op-1")


async def records(broker: Broker, case: str) -> list[Any]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    consumer.assign([TopicPartition("intake.reporting", one) for one in range(3)])
    found: list[Any] = []
    try:
        for _ in range(100):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [one for one in batch if one.key == case.encode()]
            if len(found) >= 2:
                return found
    finally:
        await consumer.stop()
    return found


async def test_republish_says_what_is_wrong_in_a_sentence(office: Office) -> None:
    assert (await veilig("republish", "--service", "nowhere")).status == 2
    unknown = await veilig("republish", "--topic", "partner.nobody")
    assert unknown.status == 2 and "There is no topic partner.nobody" in unknown.err
    away = await veilig("republish", "--service", "intake")
    assert away.status == 3 and "broker is away" in away.err and "twice is harmless" in away.err
