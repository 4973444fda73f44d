"""`make bench`: the chain beside a bare chain on the same broker and database, and fifteen thousand writes.

Times are only compared within one run. Exit status 1 when a budget is not kept, 2 when the parts do not start.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import monitoring
from rich.console import Console

from deploy.benchmarks.bare import TOPICS, bare_chain
from deploy.benchmarks.real import real_chain
from deploy.kafka.apache import ApacheKafkaError
from deploy.local.temporary import NotStartedError, apache_kafka, embedded_broker, embedded_database, settings_for
from shared.contracts.intake import RccbNotified
from shared.contracts.topics import INTAKE_REPORTING, Topic
from shared.runtime import logs
from shared.runtime.environment import Settings
from shared.runtime.kafka import ensure_topics

LEAST_RATIO, MOST_WRITES, LEAST_LAST = 0.4, 2.6, 0.5
EVENTS_PER_CASE = 3
ROUNDS = 5
AT_ONCE = 32
ALONE = 40
"""Cases sent one at a time, for the latency."""
PATIENCE = 120.0


@dataclass
class Result:
    """What was measured. Rates in cases or writes per second, latencies in milliseconds."""

    broker: str
    database: str
    cases: int
    real_per_second: float = 0.0
    bare_per_second: float = 0.0
    ratio: float = 0.0
    real_latency_ms: float = 0.0
    bare_latency_ms: float = 0.0
    writes_per_event: float = 0.0
    log_lines_per_event: float = 0.0
    log_commands_per_event: float = 0.0
    writes: int = 0
    first_thousand_per_second: float = 0.0
    last_thousand_per_second: float = 0.0
    last_to_first: float = 0.0
    broken: list[str] = field(default_factory=list)


class WriteCounter(monitoring.CommandListener):
    """Counts write commands to the services' databases by all clients made after it was registered.

    `count`: those to cases. `log_commands`, `log_lines`: those to the controllers' logs, which take many lines at once.
    """

    def __init__(self, prefix: str) -> None:
        self.count = self.log_commands = self.log_lines = 0
        self._prefix = prefix

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command was sent."""
        writes = event.command_name in ("insert", "update", "delete", "findAndModify")
        if writes and event.database_name.startswith(f"{self._prefix}_log_"):
            self.log_commands += 1
            self.log_lines += len(event.command.get("documents", ()))
        elif writes and event.database_name.startswith(self._prefix):
            self.count += len(event.command.get("updates", ())) or 1  # a command may change several documents

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to count."""


class Finish:
    """Reads the last topic of a chain and knows when each case arrived."""

    def __init__(self, settings: Settings, topic: Topic, is_last: Callable[[bytes], bool]) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest", enable_auto_commit=False,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
        )  # fmt: skip
        self._topic, self._is_last = topic, is_last
        self._news = asyncio.Condition()
        self.arrived: dict[str, float] = {}

    async def __aenter__(self) -> Finish:
        await self._consumer.start()
        self._consumer.assign([TopicPartition(self._topic.name, n) for n in range(self._topic.partitions)])
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()

    async def _read(self) -> None:
        async for record in self._consumer:
            if self._is_last(record.value):
                self.arrived.setdefault(record.key.decode(), time.perf_counter())
                async with self._news:
                    self._news.notify_all()

    async def wait_for(self, cases: Iterable[str]) -> float:
        """When the last of these arrived. Raises `TimeoutError`."""
        wanted = set(cases)
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: wanted <= self.arrived.keys())
        return max(self.arrived.values())


async def throughput(chain: Any, finish: Finish, count: int) -> float:
    """Cases per second from the first command to the last event, `AT_ONCE` commands at a time."""
    cases = [uuid.uuid4().hex for _ in range(count)]
    began = time.perf_counter()
    todo = iter(cases)

    async def work() -> None:
        for case in todo:
            await chain.start_case(case)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return count / (await finish.wait_for(cases) - began)


async def latency(chain: Any, finish: Finish) -> float:
    """Median milliseconds from a command to its last event, one case at a time."""
    took = []
    for _ in range(ALONE):
        case, began = uuid.uuid4().hex, time.perf_counter()
        await chain.start_case(case)
        await finish.wait_for([case])
        took.append((finish.arrived[case] - began) * 1000)
    return statistics.median(took)


def _is_receipt(value: bytes) -> bool:
    return RccbNotified.type_name().encode() in value


async def compare(settings: Settings, result: Result, counter: WriteCounter, say: Callable[[str], None]) -> None:
    """Both chains in turns, so that a slow moment of the machine hits both."""
    done = Topic(TOPICS[2])
    await ensure_topics(settings, tuple(Topic(name) for name in TOPICS))
    real_rates, bare_rates, before = [], [], counter.count
    lines, commands = counter.log_lines, counter.log_commands
    async with (
        real_chain(settings) as real, bare_chain(settings, "bench_bare") as bare,
        Finish(settings, INTAKE_REPORTING, _is_receipt) as real_end, Finish(settings, done, lambda _: True) as bare_end,
    ):  # fmt: skip
        for number in range(ROUNDS + 1):
            real_rate = await throughput(real, real_end, result.cases)
            bare_rate = await throughput(bare, bare_end, result.cases)
            if number:  # the first round only warms up
                real_rates.append(real_rate)
                bare_rates.append(bare_rate)
                say(f"round {number}: chain {real_rate:.0f}, bare {bare_rate:.0f} cases a second")
        result.real_latency_ms = await latency(real, real_end)
        result.bare_latency_ms = await latency(bare, bare_end)
    result.real_per_second, result.bare_per_second = statistics.median(real_rates), statistics.median(bare_rates)
    # Of each round by itself: a slow minute of the machine hits both.
    result.ratio = statistics.median(real / bare for real, bare in zip(real_rates, bare_rates, strict=True))
    events = ((ROUNDS + 1) * result.cases + ALONE) * EVENTS_PER_CASE
    result.writes_per_event = (counter.count - before) / events  # all of them: the services have stopped
    result.log_lines_per_event = (counter.log_lines - lines) / events
    result.log_commands_per_event = (counter.log_commands - commands) / events


async def long_run(settings: Settings, result: Result, counter: WriteCounter, say: Callable[[str], None]) -> None:
    """So many writes through the whole chain; the rate of the first thousand against the last."""
    before, marks = counter.count, [(0, time.perf_counter())]
    async with real_chain(settings) as chain:

        async def work() -> None:
            while counter.count - before < result.writes:
                await chain.start_case(uuid.uuid4().hex)
                written = counter.count - before
                if written >= marks[-1][0] + 1_000:
                    marks.append((written, time.perf_counter()))
                    say(f"{written} of {result.writes} writes")

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    (start, began), (first, then) = marks[0], marks[1]
    result.first_thousand_per_second = (first - start) / (then - began)
    (start, began), (last, then) = marks[-2], marks[-1]
    result.last_thousand_per_second = (last - start) / (then - began)
    result.last_to_first = result.last_thousand_per_second / result.first_thousand_per_second


def judge(result: Result) -> None:
    """Notes which budgets are not kept."""
    checks = (
        (result.ratio >= LEAST_RATIO, f"ratio {result.ratio:.2f} is below {LEAST_RATIO}"),
        (
            result.writes_per_event <= MOST_WRITES,
            f"{result.writes_per_event:.2f} writes per event, above {MOST_WRITES}",
        ),
        (
            not result.writes or result.last_to_first >= LEAST_LAST,
            f"the last thousand writes run at {result.last_to_first:.2f} of the first, below {LEAST_LAST}",
        ),
    )
    result.broken = [text for good, text in checks if not good]


@contextmanager
def parts(kafka: str) -> Any:
    """Broker and database of the benchmark, and settings for them."""
    start = apache_kafka if kafka == "apache" else embedded_broker
    with start() as broker, embedded_database() as mongo:
        yield settings_for(broker, mongo), broker.name, mongo.name


def main(
    cases: Annotated[int, typer.Option(help="Cases in each round.")] = 300,
    writes: Annotated[int, typer.Option(help="Writes of the long run; 0 leaves it out.")] = 15_000,
    kafka: Annotated[str, typer.Option(help="embedded or apache")] = "embedded",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measures and prints; exit status 1 when a budget is not kept."""
    logs.configure("ERROR")
    progress = Console(stderr=True, highlight=False)
    counter = WriteCounter(Settings.model_fields["database_prefix"].default)
    monitoring.register(counter)

    def say(text: str) -> None:
        progress.print(f"  [dim]{text}[/]")

    try:
        with parts(kafka) as (settings, broker, database):
            result = Result(broker, database, cases, writes=writes)
            progress.print(f"On {broker} and {database}, {cases} cases a round, {ROUNDS} rounds after a warm-up.")
            asyncio.run(compare(settings, result, counter, say))
            if writes:
                asyncio.run(long_run(settings, result, counter, say))
    except (NotStartedError, ApacheKafkaError) as error:
        progress.print(str(error))
        raise typer.Exit(2) from None
    judge(result)
    show(result, as_json)
    sys.stdout.flush()
    raise typer.Exit(1 if result.broken else 0)


def show(result: Result, as_json: bool) -> None:
    """Prints the result for people or machines."""
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"Broker {result.broker}, database {result.database}")
    typer.echo(f"  chain      {result.real_per_second:8.0f} cases/s   {result.real_latency_ms:6.1f} ms a case alone")
    typer.echo(f"  bare       {result.bare_per_second:8.0f} cases/s   {result.bare_latency_ms:6.1f} ms a case alone")
    typer.echo(f"  ratio      {result.ratio:8.2f}           at least {LEAST_RATIO}")
    typer.echo(f"  writes     {result.writes_per_event:8.2f} per event at most {MOST_WRITES}")
    typer.echo(
        f"  log        {result.log_lines_per_event:8.2f} lines per event, {result.log_commands_per_event:.2f} commands"
    )
    if result.writes:
        typer.echo(
            f"  {result.writes} writes: first thousand {result.first_thousand_per_second:.0f}/s, last "
            f"{result.last_thousand_per_second:.0f}/s, so {result.last_to_first:.2f} (at least {LEAST_LAST})"
        )
    typer.echo("All budgets kept." if not result.broken else "Not kept: " + "; ".join(result.broken))


if __name__ == "__main__":
    typer.run(main)
