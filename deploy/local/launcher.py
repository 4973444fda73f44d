"""Runs everything on one machine: database, broker and services as children, watched until Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from deploy.kafka import apache
from deploy.local import embedded, surroundings
from deploy.local.children import Child
from shared.privacy.controllers import Controller

ROOT = Path(__file__).resolve().parents[2]
ORGANISATIONS = Path(__file__).with_name("organisations.toml")
START_SECONDS = 60.0
STOP_SECONDS = {"services": 20.0, "broker": 10.0, "database": 15.0}
HOPELESS_SECONDS = 2.0
"""What the services get to stop when the broker is away: they cannot send what they hold; the database keeps it."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
STEADY_SECONDS = 15.0
"""A child that ran this long before it ended starts again after the first pause."""

READY = """
Veilig Bestuur runs, after {seconds:.1f} s. Voorbeeld met regels van 2016. Direct gevaar? Bel 112.

  Services   {url}
  Next       make story   (in a second terminal)
  Kafka      {kafka}
  Data       {data}   (logs in {data}/logs)
  Stop       Ctrl-C

{note}
"""
NOTES = {
    "embedded": "The embedded broker and database are for trying out only: the broker keeps nothing when it stops.",
    "apache": "Apache Kafka with one node and the embedded database: for trying out and testing only.",
}


@dataclass(frozen=True)
class Options:
    """What the user may choose. `data`: folder of everything that is kept; the rest: ports and kind of broker."""

    data: Path = ROOT / ".data"
    port: int = 8080
    kafka_port: int = 19092
    mongo_port: int = 37017
    kafka: Literal["embedded", "apache"] = "embedded"

    @property
    def url(self) -> str:
        """Address of the services."""
        return f"http://{embedded.HOST}:{self.port}"


def listening() -> str:
    """Where the pages listen, and with them the embedded broker: who reaches the pages may see the example's events."""
    return os.environ.get("VEILIG_HOST", embedded.HOST)


class StartError(Exception):
    """One sentence for the user: what did not start, and where its log is."""


class _StopAsked(BaseException):
    """Somebody asked us to stop. Not an `Exception`: nothing on the way may catch it."""


@dataclass
class Part:
    """A child, how to see that it works, and the pause before it is started again, in seconds."""

    child: Child
    answers: Callable[[], bool]
    pause: float = FIRST_PAUSE


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        # The terminal is gone. What is under way still has to be stopped in order, and what could not be said must not
        # be tried again at exit: Python would turn that into a status of 120.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Launcher:
    """Starts the parts in order, waits until they work, starts again what ends, and stops them in reverse order."""

    def __init__(self, options: Options, *, say: Callable[[str], None] = _print) -> None:
        self.options = options
        self._say = say
        self._data = options.data.resolve()
        self._stack = self._data / "stack.json"
        self._kafka = embedded.kafka_address(options.kafka_port)
        self._mongo = embedded.mongo_url(options.mongo_port)
        self._forgets = options.kafka == "embedded"
        self._parts: dict[str, Part] = {}
        self._read_to = 0
        self._stops_asked = 0

    def run(self) -> int:
        """Runs until SIGINT, SIGTERM or SIGHUP. Returns the exit code: 0 stopped, 1 a part did not start.

        Raises `SurroundingsError` and `ApacheKafkaError` before anything was started.
        """
        surroundings.check_python()
        script, binary = surroundings.check_packages(broker=self._forgets)
        surroundings.check_folder(self._data)
        with surroundings.only_one(self._data):
            self._check_ports(patience=5.0 if self._clean_stale() else 0.0)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            try:
                self._build(script, binary)
                self._start_all()
                self._supervise()
            except _StopAsked:
                return 0
            except StartError as error:
                sys.stderr.write(f"{error}\n")
                return 1
            finally:
                self._stop_all()

    def _check_ports(self, patience: float) -> None:
        options = self.options
        wanted = [(options.port, "--port"), (options.kafka_port, "--kafka-port"), (options.mongo_port, "--mongo-port")]
        if options.kafka == "apache":
            wanted.append((options.kafka_port + 1, "--kafka-port (Kafka uses this one and the next)"))
        if len({port for port, _ in wanted}) < len(wanted):
            raise surroundings.SurroundingsError("Two of the ports are the same; each part needs its own.")
        for port, option in wanted:
            surroundings.check_port(port, option, patience=patience)

    def _clean_stale(self) -> bool:
        # We hold the folder's lock, so the launcher that wrote this file is gone.
        if not self._stack.exists():
            return False
        self._say("The run before this one was not stopped in order; what it left is cleaned up.")
        self._stack.unlink()
        return True

    # Building the parts

    def _build(self, script: Path, binary: Path | None) -> None:
        (self._data / "logs").mkdir(exist_ok=True)
        options, database = self.options, self._data / "database"
        brokers = self._settings_of_broker()
        if binary is None:
            if not apache.JARS.is_dir():
                self._say("Fetching Apache Kafka (43 MB, once)...")
            apache.fetch_jars()
            apache.prepare(self._data / "kafka", options.kafka_port, options.kafka_port + 1)
            broker = apache.command(self._data / "kafka")
        else:
            broker = embedded.broker_command(binary, options.kafka_port, listening())
        self._add(
            "database",
            embedded.database_command(script, options.mongo_port, database),
            lambda: embedded.database_answers(self._mongo),
        )
        self._add("broker", broker, lambda: embedded.broker_answers(self._kafka))
        settings = brokers | {
            "VEILIG_ENVIRONMENT": "local",
            "VEILIG_KAFKA_BOOTSTRAP_SERVERS": self._kafka,
            "VEILIG_MONGO_URL": self._mongo,
            "VEILIG_PORT": str(options.port),
            "VEILIG_PUBLIC_URL": options.url,
            "VEILIG_SECRETS_FILE": str(self._secrets_file()),
            "VEILIG_ORGANISATIONS_FILE": str(ORGANISATIONS),
            "VEILIG_LINE_SECRETS_FILE": str(self._line_secrets_file()),
        }
        self._add("services", [sys.executable, "-m", "deploy.local.server"], self._services_ready, settings)

    def _add(
        self, name: str, command: list[str], answers: Callable[[], bool], settings: dict[str, str] | None = None
    ) -> None:
        child = Child(
            name,
            command,
            log=self._data / "logs" / f"{name}.log",
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | (settings or {}),
            cwd=ROOT if settings else self._data,
        )
        self._parts[name] = Part(child, answers)
        if name == "services":
            self._read_to = child.log.stat().st_size if child.log.exists() else 0

    def _settings_of_broker(self) -> dict[str, str]:
        # Apache Kafka knows nothing of what was published while the other broker was used: then it starts empty too,
        # and the services publish open cases again.
        last = self._data / "broker"
        kind = self.options.kafka
        if kind == "embedded":
            last.write_text(kind)
            return embedded.BROKER_SETTINGS
        if last.exists() and last.read_text() == kind:
            return apache.SETTINGS
        if (self._data / "kafka").exists():
            self._say("The last run used another broker; Apache Kafka starts empty.")
            shutil.rmtree(self._data / "kafka")
        last.write_text(kind)
        return apache.SETTINGS | {"VEILIG_KAFKA_CREATE_TOPICS": "false", "VEILIG_BROKER_FORGETS": "true"}

    def _secrets_file(self) -> Path:
        wrapping = {one.value: {"1": secrets.token_hex(32)} for one in Controller}
        keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32), "wrapping_keys": wrapping}
        return self._kept("secrets.json", keys)

    def _line_secrets_file(self) -> Path:
        # The Vertrouwenslijn shares no key with the chain.
        keys = {"wrapping_keys": {"1": secrets.token_hex(32)}, "mark_key": secrets.token_hex(32)}
        return self._kept("line-secrets.json", keys)

    def _kept(self, name: str, fresh_keys: dict[str, Any]) -> Path:
        """Where the keys are; adds those that are missing and never changes one that is there."""
        path = self._data / name
        known = json.loads(path.read_text()) if path.exists() else {}
        keys = fresh_keys | known
        keys["wrapping_keys"] = fresh_keys["wrapping_keys"] | known.get("wrapping_keys", {})
        if keys != known:
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(keys, file, indent=2)
            fresh.replace(path)
        return path

    # Starting, watching, stopping

    def _start_all(self) -> None:
        began = time.monotonic()
        for name, part in self._parts.items():
            if not self._start(name):
                why = "did not answer in time" if part.child.alive() else f"ended ({part.child.ended()})"
                raise StartError(f"The {name} {why}: {part.child.last_line()} The log is {part.child.log}.")
        self._write_stack(ready=True)
        seconds = time.monotonic() - began
        options = self.options
        shown = self._data.relative_to(Path.cwd()) if self._data.is_relative_to(Path.cwd()) else self._data
        self._say(
            READY.format(seconds=seconds, url=options.url, kafka=self._kafka, data=shown, note=NOTES[options.kafka])
        )

    def _start(self, name: str) -> bool:
        """Starts one part and waits until it works; False when it ended, or took too long."""
        part = self._parts[name]
        began = time.monotonic()
        self._say(f"Starting the {name}...")
        part.child.start()
        self._write_stack(ready=False)

        def answers_or_ended() -> bool:
            return not part.child.alive() or part.answers()

        embedded.wait_for(answers_or_ended, seconds=START_SECONDS, meanwhile=self._check_stop)
        if not part.child.alive() or not part.answers():
            return False
        self._say(f"  ready after {time.monotonic() - began:.1f} s")
        self._tell_republished()
        return True

    def _supervise(self) -> NoReturn:
        while True:
            self._pause(0.2)
            self._tell_republished()
            for name, part in self._parts.items():
                if not part.child.alive():
                    self._revive(name)
                    break

    def _revive(self, name: str) -> None:
        part = self._parts[name]
        if time.monotonic() - part.child.started > STEADY_SECONDS:
            part.pause = FIRST_PAUSE
        self._say(
            f"The {name} ended ({part.child.ended()}); starting again in {part.pause:g} s. The log is {part.child.log}"
        )
        names = [name]
        if name == "broker" and self._forgets:
            # Without its topics the services only wait; made anew, they publish open cases again.
            self._parts["services"].child.stop(HOPELESS_SECONDS)
            names.append("services")
        self._pause(part.pause)
        part.pause = min(part.pause * 2, LONGEST_PAUSE)
        for each in names:
            if not self._start(each):
                self._parts[each].child.kill()  # seen as ended at the next look, and tried again
                return
        self._write_stack(ready=True)
        self._say("All parts work again.")

    def _stop_all(self) -> None:
        for name, part in reversed(self._parts.items()):
            if part.child.alive():
                self._say(f"Stopping the {name}...")
                seconds = STOP_SECONDS[name]
                if name == "services" and not self._parts["broker"].answers():
                    seconds = HOPELESS_SECONDS
                if not part.child.stop(seconds):
                    self._say(f"  it did not end within {seconds:g} s and was killed")
        self._stack.unlink(missing_ok=True)

    def _on_signal(self, number: int, _: Any) -> None:
        self._stops_asked += 1
        if self._stops_asked > 1 and number == signal.SIGINT:
            for part in self._parts.values():
                part.child.kill(wait=False)
            self._stack.unlink(missing_ok=True)
            os._exit(128 + number)

    def _check_stop(self) -> None:
        if self._stops_asked:
            raise _StopAsked

    def _pause(self, seconds: float) -> None:
        embedded.wait_for(lambda: False, seconds=seconds, meanwhile=self._check_stop)

    # What others read, and what we read of others

    def _write_stack(self, *, ready: bool) -> None:
        fresh = self._stack.with_suffix(".new")
        content = {
            "launcher": os.getpid(),
            "pids": {name: part.child.pid for name, part in self._parts.items() if part.child.alive()},
            "ready": ready,
            "url": self.options.url,
            "kafka": self._kafka,
            "mongo": self._mongo,
            "broker": self.options.kafka,
        }
        fresh.write_text(json.dumps(content, indent=2))
        fresh.replace(self._stack)

    def _services_ready(self) -> bool:
        # Not urllib: it would ask a proxy.
        connection = http.client.HTTPConnection(embedded.HOST, self.options.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _tell_republished(self) -> None:
        log = self._parts["services"].child.log
        if not log.exists():
            return
        self._read_to = min(self._read_to, log.stat().st_size)  # a new file after the old one grew too large
        with log.open("rb") as file:
            file.seek(self._read_to)
            fresh = file.read()
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._read_to += len(complete)
        for line in complete.splitlines():
            if b'"republished_to_empty_broker"' in line:
                with suppress(ValueError):
                    count = json.loads(line).get("count", 0)
                    if count:
                        self._say(
                            f"  the broker was empty: open cases were published again ({count}, counted in each module)"
                        )
