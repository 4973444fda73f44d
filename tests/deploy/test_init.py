"""`veilig init`: topics, and users of the database with their own databases only; once or often, the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from deploy.cli import init
from deploy.contracts.subscriptions import BUILDERS, readings
from deploy.docker import databases, replica_set
from deploy.local.temporary import Broker
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.store import Store
from services.aftercare.confidential_line.app import whole
from services.aftercare.confidential_line.settings import LineSettings
from shared.contracts.topics import replay_topic
from shared.runtime import mongo
from shared.runtime.environment import Settings
from shared.runtime.kafka import topic_exists
from tests.deploy.commands import veilig

ADDRESS = "mongodb://{user}:pass%2Fword@database:27017/?authSource=admin&replicaSet=rs0"


class Fake:
    """A server that answers as MongoDB does: not there at first, then no set, then a set without a primary."""

    def __init__(self, *, away: int = 1, started: bool = False) -> None:
        self.away, self.started, self.asked_for_primary = away, started, 0
        self.users: dict[str, Mapping[str, Any]] = {}
        self.said: list[str] = []

    def command(self, command: str | Mapping[str, Any]) -> Mapping[str, Any]:
        name = command if isinstance(command, str) else next(iter(command))
        self.said.append(name)
        if self.away:
            self.away -= 1
            raise ServerSelectionTimeoutError("starts")
        if name == "replSetGetStatus" and not self.started:
            raise OperationFailure("no replset config has been received", replica_set.NOT_YET)
        if name == "replSetInitiate":
            self.started = True
        if name == "hello":
            self.asked_for_primary += 1
            return {"isWritablePrimary": self.asked_for_primary > 1}
        assert not isinstance(command, str) or name in ("replSetGetStatus", "hello")
        if name == "usersInfo":
            user = dict(command)["usersInfo"]  # type: ignore[arg-type]
            return {"users": [{"user": user}] if user in self.users else []}
        if name in ("createUser", "updateUser"):
            told = dict(command)  # type: ignore[arg-type]
            assert (name == "createUser") == (told[name] not in self.users)
            self.users[told[name]] = told
        return {}


def ready(server: Fake, *users: str) -> list[str]:
    addresses = tuple(ADDRESS.format(user=user) for user in users)
    return replica_set.make_ready(server, "database:27017", addresses, "veilig", pause=lambda _: None)


def test_a_new_server_becomes_a_set_with_a_user_for_each_service() -> None:
    server = Fake()
    assert ready(server, "intake", "funding") == ["intake", "funding"]
    assert server.said.count("replSetInitiate") == 1
    assert server.users["intake"]["pwd"] == "pass/word"
    roles = server.users["funding"]["roles"]
    assert {one["role"] for one in roles} == {"readWrite"}
    assert {one["db"] for one in roles} == set(databases.databases_of("funding", "veilig"))


def test_giving_it_again_makes_nothing_twice_and_changes_the_password() -> None:
    server = Fake()
    ready(server, "intake")
    assert ready(server, "intake") == ["intake"]
    assert server.said.count("replSetInitiate") == server.said.count("createUser") == 1
    assert server.said.count("updateUser") == 1


def test_a_server_that_does_not_come_is_told_in_a_sentence() -> None:
    with pytest.raises(replica_set.NotReady, match="the replica set did not come"):
        replica_set.make_ready(Fake(away=10**6), "h", (), "veilig", seconds=0.0, pause=lambda _: None)


def test_an_error_that_is_not_about_starting_is_not_waited_for() -> None:
    class Refusing(Fake):
        def command(self, command: str | Mapping[str, Any]) -> Mapping[str, Any]:
            raise OperationFailure("not authorised", 13)

    with pytest.raises(OperationFailure):
        replica_set.make_ready(Refusing(), "h", (), "veilig", pause=lambda _: None)


@pytest.mark.parametrize("user", [*databases.USERS])
def test_a_user_may_reach_what_its_process_opens_and_nothing_else(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: set[str] = set()
    before = mongo.Database.collection

    def noting(self: mongo.Database, module: str, name: str = "cases") -> mongo.Collection:
        opened.add(f"veilig_{module.replace('.', '_')}")
        return before(self, module, name)

    monkeypatch.setattr(mongo.Database, "collection", noting)
    settings = Settings.model_validate({"environment": "local"})
    if user == databases.LINE:
        whole(settings, LineSettings())
    elif user == databases.FORWARDER:
        Store(ForwarderSettings().database())
    else:
        BUILDERS[user](settings)
    assert opened <= set(databases.databases_of(user, "veilig")), "what it opens when it is built"
    assert set(databases.databases_of(user, "veilig")) - opened == set(), "and it opens all it may"


def test_root_keeps_its_rights_whatever_stands_in_the_folder() -> None:
    server = Fake()
    with pytest.raises(ValueError, match="none of ours"):
        ready(server, "root")
    assert "updateUser" not in server.said and "createUser" not in server.said


async def test_the_address_of_root_beside_those_of_the_services_is_not_a_user_to_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("root", "intake"):
        (tmp_path / f"{user}-url").write_text(ADDRESS.format(user=user))
    server = Fake(started=True)
    monkeypatch.setattr(init, "connect_alone", lambda url: server)
    given = ("--database-root", str(tmp_path / "root-url"), "--database-users", str(tmp_path))
    ended = await veilig("init", "--no-topics", *given)
    assert ended.status == 0 and set(server.users) == {"intake"}


def test_an_address_without_a_password_is_refused() -> None:
    with pytest.raises(ValueError, match="user and password"):
        databases.user_command("mongodb://database/", "veilig", False)


async def test_topics_are_made_with_the_replays_of_every_subscription(
    embedded_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", embedded_broker.bootstrap)
    monkeypatch.setenv("VEILIG_KAFKA_REPLICATION", "1")
    monkeypatch.setenv("VEILIG_MUNICIPALITIES", '["9903"]')
    for _ in range(2):
        ended = await veilig("init")
        assert ended.status == 0 and "topics are there" in ended.out
    settings = Settings.model_validate({"environment": "local"})
    wanted = init.every_topic(settings.municipalities)
    assert {replay_topic(one.group) for one in readings()} <= set(wanted)
    for topic in (wanted[0], wanted[-1]):
        assert await topic_exists(settings, topic)


async def test_a_broker_or_database_that_is_away_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    ended = await veilig("init", "--seconds", "0")
    assert ended.status == 3 and ended.err.count("\n") == 1
    (tmp_path / "root-url").write_text("mongodb://root:kanarie@127.0.0.1:1/?replicaSet=rs0")
    given = ("--no-topics", "--database-root", str(tmp_path / "root-url"), "--seconds", "0")
    ended = await veilig("init", *given, "--database-users", str(tmp_path))
    assert ended.status == 3 and "kanarie" not in ended.err + ended.out
    assert (await veilig("init", *given)).status == 2
