"""docker-compose.yml: who runs as whom, what is published, which networks meet, where secrets are. Each rule once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cli.partner import SIGNING
from deploy.docker import databases, secrets
from deploy.kafka import apache
from deploy.partners.forwarder.settings import ForwarderSettings
from shared.privacy.controllers import CONTROLLERS
from shared.runtime.environment import Settings
from tests.stack import ROOT

FILE = ROOT / "docker-compose.yml"
PLACE: dict[str, Any] = yaml.safe_load(FILE.read_text())
PARTS: dict[str, dict[str, Any]] = PLACE["services"]
ONCE = {"owners", "init", "line-init", "tools"}
"""What is done and ends; the rest runs."""
AS_ROOT = {"owners"}
SERVICES = {"intake", "assessment", "funding", "aftercare"}
OUTSIDE = {"edge", "partners", "mail", "forward", "watch-door", "demo"}
MAY_PUBLISH = {
    "proxy": ["443:443", "80:80"],
    "kafka": ["${PARTNER_PORT:-9094}:9094", "${ACCOUNT_PORT:-9095}:9095"],
    "grafana": ["127.0.0.1:3000:3000"],
    "demo": ["127.0.0.1:8080:8080", "127.0.0.1:19092:19092"],
}
EACH = pytest.mark.parametrize("name", PARTS)
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()


def networks(name: str) -> set[str]:
    return set(PARTS[name].get("networks", ()))


def mounted(name: str) -> dict[str, str]:
    """Secret -> where it is in the container."""
    return {one["source"]: one["target"] for one in PARTS[name].get("secrets", ())}


def file_of(secret: str) -> str:
    found: str = PLACE["secrets"][secret]["file"]
    return found.removeprefix("./.secrets/")


@EACH
def test_it_runs_as_a_number_that_is_nobody(name: str) -> None:
    user, group = PARTS[name]["user"].split(":")
    assert user.isdecimal() and group.isdecimal()
    assert (int(user) == 0) == (name in AS_ROOT)


@EACH
def test_it_can_change_nothing_and_become_nobody_else(name: str) -> None:
    part = PARTS[name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert not part.get("privileged") and "pid" not in part and "ipc" not in part
    assert part.get("cap_add", []) == (["CHOWN", "DAC_READ_SEARCH"] if name in AS_ROOT else [])
    assert part.get("network_mode") == ("none" if name in AS_ROOT else None)


@EACH
def test_it_has_limits_and_says_whether_it_works(name: str) -> None:
    limits = PARTS[name]["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    health = PARTS[name].get("healthcheck")
    if name in ONCE:
        assert health == {"disable": True} and PARTS[name]["restart"] == ("no" if name == "tools" else "on-failure:5")
    else:
        assert PARTS[name]["restart"] == "unless-stopped"
        assert health or "target" in PARTS[name]["build"], "its own, or that of our image"
    assert "HEALTHCHECK" in DOCKERFILE and "deploy.docker.alive" in DOCKERFILE


@EACH
def test_its_image_has_a_version(name: str) -> None:
    tag = PARTS[name]["image"].rpartition(":")[2]
    assert re.match(r"v?\d+\.\d+", tag), tag


def test_bases_of_images_have_versions_and_the_same_as_elsewhere() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    names = {name for _, name in stages}
    for image, _ in stages:
        assert image in names or re.search(r":\d+\.\d+", image), image
    assert PARTS["kafka"]["image"] == f"apache/kafka:{apache.VERSION}"
    assert {PARTS[name]["build"]["target"] for name in PARTS if "build" in PARTS[name]} <= names
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version and PARTS["intake"]["image"] == f"veilig-bestuur:{version[1]}"
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1] == f"{secrets.OURS}:{secrets.OURS}"


def test_what_the_images_copy_from_the_project_is_there_and_is_sent_to_the_build() -> None:
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert lines
    for path in " ".join(lines).split():
        assert (ROOT / path).exists(), f"{path} is not in the project"
        assert path.partition("/")[0] in sent, f"{path} is not sent to the build"


@EACH
def test_only_the_doors_are_published(name: str) -> None:
    assert PARTS[name].get("ports", []) == MAY_PUBLISH.get(name, [])
    assert not re.search(r"\b(9091|9093|27017|5432)\b", " ".join(PARTS[name].get("ports", [])))
    if PARTS[name].get("ports"):
        assert networks(name) & OUTSIDE, "a port of a network that leads nowhere is not reached"


def test_each_zone_of_trust_has_a_network_of_its_own() -> None:
    for name, network in PLACE["networks"].items():
        assert bool(network.get("internal")) == (name not in OUTSIDE), name
    on = {network: {name for name in PARTS if network in networks(name)} for network in PLACE["networks"]}
    assert on["data"] == SERVICES | {"forwarder", "database", "init"}
    assert on["line-data"] == {"line", "line-database", "line-init"}
    assert on["line"] == {"line", "proxy"}
    assert on["bus"] == SERVICES | {"line", "forwarder", "kafka", "init", "tools"}
    assert on["identity-data"] == {"identity", "identity-database"}
    assert on["identity"] == {"identity", "proxy"}
    assert on["pages"] == SERVICES | {"proxy"}
    assert on["partners"] == {"kafka"} and on["edge"] == {"proxy"} and on["demo"] == {"demo"}
    assert on["mail"] == {"intake", "assessment"}, "only these send mail; no other service reaches outside"
    assert on["forward"] == {"forwarder"}, "and it alone posts to partners"


@EACH
def test_no_secret_stands_in_the_environment_or_the_command(name: str) -> None:
    part = PARTS[name]
    for variable, value in part.get("environment", {}).items():
        secret = re.search(r"PASSWORD|SECRET|_KEY|TOKEN|MONGO_URL", variable)
        held = re.search(r"_FILE$|_DIR$|__FILE$", variable)
        assert not secret or (held and str(value).startswith("/run/secrets/")), variable
        assert "@" not in str(value), variable
    assert not re.search(r"password\W+\w", " ".join(map(str, part.get("command", []))), re.IGNORECASE)


@EACH
def test_each_secret_is_made_by_make_secrets_for_the_account_that_reads_it(name: str) -> None:
    owners = secrets.readers()
    account = int(PARTS[name]["user"].split(":")[0])
    for secret in mounted(name):
        assert owners[file_of(secret)] == account, f"{name} cannot read {secret}"


def test_what_is_secret_is_mounted_only_where_it_is_needed() -> None:
    used = {secret: {name for name in PARTS if secret in mounted(name)} for secret in PLACE["secrets"]}
    assert all(used.values()), "each is used"
    assert used["chain-service"] == SERVICES
    assert used["line-keys"] == used["desk-key"] == {"line"}
    assert used["database-root"] == {"init"} and used["line-database-root"] == {"line-init"}
    assert used["forwarder-key"] == {"forwarder"} and used["forwarder-database"] == {"forwarder", "init"}
    for name in SERVICES:
        assert used[f"{name}-database"] == {name, "init"}
        needed = {f"wrapping-{one}" for one in databases.controllers_of(name)}
        assert {one for one in mounted(name) if one.startswith("wrapping-")} == needed
    assert not [file for file in map(file_of, PLACE["secrets"]) if "authority-key" in file]
    assert not mounted("demo") and PARTS["demo"]["profiles"] == ["demo"]


def test_profiles_hold_what_is_not_always_there() -> None:
    found = {name: part["profiles"] for name, part in PARTS.items() if "profiles" in part}
    assert found == {"prometheus": ["observe"], "grafana": ["observe"], "demo": ["demo"], "tools": ["tools"]}
    for name, part in PARTS.items():
        if "profiles" not in part:
            assert not set(part.get("depends_on", ())) & set(found), name


def test_the_movable_clock_and_example_people_are_in_the_demonstration_alone() -> None:
    for name, part in PARTS.items():
        assert part.get("environment", {}).get("VEILIG_ENVIRONMENT", "production") == "production", name
    own = networks("demo") | {one.partition(":")[0] for one in PARTS["demo"]["volumes"]}
    others = [
        networks(name) | {one.partition(":")[0] for one in part.get("volumes", ())}
        for name, part in PARTS.items()
        if name != "demo"
    ]
    assert not own & set().union(*others)


def test_every_setting_that_is_named_exists() -> None:
    documented = set(re.findall(r"`(VEILIG_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text()))
    named = set(re.findall(r"VEILIG_[A-Z_]+", FILE.read_text() + DOCKERFILE))
    assert named <= documented


@pytest.mark.parametrize("name", sorted(SERVICES | {"line"}))
def test_a_service_gets_every_setting_it_cannot_do_without(name: str, tmp_path: Path) -> None:
    given = {key.removeprefix("VEILIG_").lower(): str(value) for key, value in PARTS[name]["environment"].items()}
    secrets.write(tmp_path / "made", secrets.Place())
    where = {target: tmp_path / "made" / file_of(secret) for secret, target in mounted(name).items()}
    for key, value in given.items():
        if value.startswith("/run/secrets/") and value != "/run/secrets/wrapping":
            given[key] = str(where[value.removeprefix("/run/secrets/")])
    filled = {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in given.items()}
    known = {key: value for key, value in filled.items() if key in Settings.model_fields}
    known |= {"oin": "00000001234567890000", "municipalities": ("9901",)}
    settings = Settings.model_validate(known | {"wrapping_keys_dir": None})
    assert not settings.local and settings.keys() and settings.issuer.startswith("https://")


def test_the_forwarder_gets_every_setting_it_cannot_do_without_and_no_key_of_a_case(tmp_path: Path) -> None:
    secrets.write(tmp_path / "made", secrets.Place())
    given = {key.removeprefix("VEILIG_").lower(): str(value) for key, value in environment("forwarder").items()}
    for key, value in given.items():
        if value.startswith("/run/secrets/"):
            secret = next(one for one, at in mounted("forwarder").items() if at == value.removeprefix("/run/secrets/"))
            given[key] = str(tmp_path / "made" / file_of(secret))
    known = {key: value for key, value in given.items() if key in ForwarderSettings.model_fields}
    settings = ForwarderSettings.model_validate(known)
    assert not settings.local and settings.signer().key_id and settings.tls()
    assert not {"chain-service", "line-service", "line-keys"} & set(mounted("forwarder"))
    list_of_tools = [one for one in PARTS["tools"]["volumes"] if one.startswith("forwarding:")]
    assert PARTS["forwarder"]["volumes"] == [f"{list_of_tools[0]}:ro"], "it reads the list that the operator writes"
    assert given["forward_folder"] == list_of_tools[0].split(":")[1]
    assert mounted("tools")["forwarder-public"].removeprefix("/desk/") == str(SIGNING)


def environment(name: str) -> dict[str, str]:
    """What a part is told, with what `.env` leaves out."""
    told = PARTS[name]["environment"]
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for key, value in told.items()}


def test_what_the_files_say_of_kafka_is_closed_unless_granted() -> None:
    text = (ROOT / "deploy" / "kafka" / "server.properties").read_text()
    said = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert said["authorizer.class.name"].endswith("StandardAuthorizer")
    assert "allow.everyone.if.no.acl.found" not in said
    assert said["auto.create.topics.enable"] == "false"
    assert said["listener.name.partners.ssl.client.auth"] == "required"
    protocols = dict(one.split(":") for one in said["listener.security.protocol.map"].split(","))
    assert set(protocols.values()) <= {"SSL", "SASL_SSL"}, "there is no door without TLS"
    assert "ANONYMOUS" not in said["super.users"] and said["ssl.client.auth"] == "required"
    listening = PARTS["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert {one.partition(":")[0] for one in listening} == set(protocols)
    assert "CONTROLLER://127.0.0.1:9091" in listening, "the node itself is not reached from elsewhere"
    advertised = PARTS["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert "PARTNERS://${PUBLIC_HOST" in advertised and "INTERNAL://kafka:9093" in advertised


@pytest.mark.parametrize("name", sorted(SERVICES | {"line", "forwarder", "init", "tools"}))
def test_everybody_on_the_bus_shows_a_certificate_of_its_own(name: str) -> None:
    own = {"line": "confidential-line", "init": "administrator", "tools": "administrator"}.get(name, name)
    assert PARTS[name]["environment"]["VEILIG_KAFKA_SECURITY"] == "tls"
    found = mounted(name)
    assert (found[f"kafka-{own}"], found[f"kafka-{own}-key"]) == ("kafka.crt", "kafka.key")
    others = {one for one in found if one.startswith("kafka-") and one.endswith("-key")} - {f"kafka-{own}-key"}
    assert others <= ({"kafka-partners-ca-key"} if name == "tools" else set())


def test_files_that_are_mounted_are_there() -> None:
    for one in PLACE["configs"].values():
        file = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", one["file"])
        assert (ROOT / file).is_file(), file
    used = {one["source"] for part in PARTS.values() for one in part.get("configs", ())}
    assert used == set(PLACE["configs"])


def test_everything_a_service_stores_is_in_a_database_that_its_user_may_use() -> None:
    wanted = {module: f"veilig_{module.replace('.', '_')}" for module in CONTROLLERS}
    users = (*databases.SERVICES, databases.LINE)
    for module, database in wanted.items():
        may = [user for user in users if database in databases.databases_of(user, "veilig")]
        assert len(may) == 1, f"{module}: {may}"
    alone = set(databases.databases_of(databases.LINE, "veilig"))
    shared = alone & {one for user in databases.SERVICES for one in databases.databases_of(user, "veilig")}
    assert shared == {"veilig_access"}, "a name only: it is on another server"


def test_the_example_of_dotenv_names_what_the_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", FILE.read_text()))
    example = (ROOT / "deploy" / "docker" / "example.env").read_text()
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_docker_itself_can_read_it() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker client here")
    answer = subprocess.run([docker, "compose", "version"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.skip(f"this docker client has no compose: {answer.stderr.partition(chr(10))[0]}")
    env = os.environ | {"OIN": "00000001234567890000"}
    for profile in ([], ["--profile", "observe"], ["--profile", "demo"]):
        command = [docker, "compose", *profile, "-f", str(FILE), "config", "-q"]
        answer = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert answer.returncode == 0, answer.stderr
