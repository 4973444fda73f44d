"""Apache Kafka on this machine, without Docker: one KRaft node, jars from Maven Central, Java 17 or newer.

It keeps what it gets on disk, so unlike the embedded broker it forgets nothing when it ends.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "4.1.1"
"""Of Apache Kafka; the same as in `pom.xml`."""
ROOT = Path(__file__).resolve().parents[2]
JARS = ROOT / ".cache" / f"kafka-{VERSION}"
POM = Path(__file__).with_name("pom.xml")
HOST = "127.0.0.1"
OLDEST_JAVA = 17
SETTINGS = {
    "VEILIG_KAFKA_IDEMPOTENCE": "true",
    "VEILIG_KAFKA_FETCH_MAX_WAIT_MS": "50",
    "VEILIG_KAFKA_REPLICATION": "1",
    "VEILIG_KAFKA_SESSION_TIMEOUT_MS": "6000",
    "VEILIG_KAFKA_CREATE_TOPICS": "true",
    "VEILIG_BROKER_FORGETS": "false",
    "VEILIG_INSTANCE": "local",
}
"""What the services must know of this broker."""

QUICK_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Halves the start on a small machine, and costs some of the highest throughput."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
min.insync.replicas=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


SECURED = Path(__file__).with_name("server.properties")
"""With TLS and access rules: what docker compose mounts."""
SMALL = ("offsets.topic.num.partitions=4", "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500")
"""Makes a start on a small machine quicker."""


class ApacheKafkaError(Exception):
    """One sentence for the user: why Apache Kafka cannot be had here."""


def java() -> str | None:
    """The command of the Java to use: the one in `JAVA_HOME`, else the one on PATH; None without either."""
    home = os.environ.get("JAVA_HOME")
    own = Path(home) / "bin" / "java" if home else None
    return str(own) if own and own.is_file() else shutil.which("java")


def java_version(printed: str) -> int:
    """Takes what `java -version` prints. Returns the major version (`1.8` is 8), 0 when it is not there."""
    found = re.search(r'version "(?:1\.)?(\d+)', printed)
    return int(found.group(1)) if found else 0


def why_not() -> str | None:
    """One sentence why this machine cannot run Apache Kafka, or None when it can. Downloads nothing."""
    command = java()
    if command is None:
        return f"Apache Kafka needs Java {OLDEST_JAVA} or newer, and there is no `java` on PATH."
    try:
        answer = subprocess.run([command, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return f"Apache Kafka needs Java {OLDEST_JAVA} or newer, and {command} does not run."
    version = java_version(answer.stderr + answer.stdout)
    if version < OLDEST_JAVA:
        return f"Apache Kafka needs Java {OLDEST_JAVA} or newer, and {command} is version {version or 'unknown'}."
    if not JARS.is_dir() and shutil.which("mvn") is None:
        return "Apache Kafka is fetched with Maven, and there is no `mvn` on PATH."
    return None


def fetch_jars() -> Path:
    """Downloads the jars (43 MB, once), all of them or none. Returns their folder. Raises `ApacheKafkaError`."""
    if JARS.is_dir():
        return JARS
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JARS.parent, prefix="kafka-") as temporary:
        fresh = Path(temporary) / "jars"
        answer = subprocess.run(
            ["mvn", "-q", "-B", "-C", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0 or not list(fresh.glob("kafka_2.13-*.jar")):
            log = JARS.parent / "maven.log"
            log.write_text(answer.stdout + answer.stderr)
            raise ApacheKafkaError(f"Maven could not fetch Apache Kafka {VERSION}; the log is {log}.")
        if not JARS.is_dir():  # another process may have been faster
            fresh.rename(JARS)
    return JARS


def prepare(folder: Path, port: int, controller_port: int) -> None:
    """Writes the configuration into `folder`, and formats the storage when it is new. Raises `ApacheKafkaError`."""
    # A backslash is an escape character in this format.
    logs = str(folder / "storage").replace("\\", "\\\\")
    _format(folder, PROPERTIES.format(host=HOST, port=port, controller_port=controller_port, logs=logs))


@dataclass(frozen=True)
class Ports:
    """Where a secured broker listens; the names are those of its listeners."""

    controller: int
    internal: int
    partners: int
    accounts: int


def prepare_secured(folder: Path, ports: Ports, secrets_folder: Path) -> None:
    """As `prepare`, with the file that docker compose mounts: only addresses and folders are this machine's."""
    addresses = {name: f"{name.upper()}://{HOST}:{port}" for name, port in vars(ports).items()}
    own = {
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "listeners": ",".join(addresses.values()),
        "advertised.listeners": ",".join(text for name, text in addresses.items() if name != "controller"),
        "log.dirs": str(folder / "storage"),
    }
    lines = SECURED.read_text().replace("/etc/kafka/secrets", str(secrets_folder)).splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in own]
    _format(folder, "\n".join([*kept, *(f"{name}={value}" for name, value in own.items()), *SMALL]) + "\n")


def _format(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    logs = folder / "storage"
    properties = folder / "server.properties"
    properties.write_text(text)
    if (logs / "meta.properties").exists():
        return
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    cluster = "A" + cluster[1:]  # one that starts with a dash would be read as an option
    tool = _java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties))
    answer = subprocess.run(tool, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise ApacheKafkaError(f"The folder {folder} cannot be formatted for Apache Kafka: {answer.stderr[-300:]}")


def command(folder: Path) -> list[str]:
    """How to start the broker whose `folder` was prepared."""
    return _java("kafka.Kafka", str(folder / "server.properties"))


def _java(main: str, *arguments: str) -> list[str]:
    return [
        java() or "java", "-Xms128m", "-Xmx512m", *QUICK_START, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp", f"{JARS}{os.sep}*", main, *arguments,
    ]  # fmt: skip
