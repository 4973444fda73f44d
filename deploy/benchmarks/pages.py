"""`make bench-pages`: how fast pages answer with few cases in the store, and with very many more that are closed.

Times are compared within one run: the median of each page with many cases against its median with few. Twenty to fifty
thousand signals a year are expected in the whole country; it begins with a hundred thousand. Exit status 1 when a page
is too much slower, 2 when the parts do not start.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.progress import Progress

from deploy.identity.asking import ask
from deploy.identity.people import Who
from deploy.local.children import Child
from deploy.local.embedded import wait_for
from deploy.local.temporary import NotStartedError, free_port
from deploy.stories.stage import UNIT, Person, Stage
from shared.runtime import logs
from shared.runtime.environment import Settings
from shared.runtime.mongo import Collection, Document, connect, insert_new

MOST_RATIO = 3.0
"""A page may take this many times as long with many cases, or `LEAST_MS` if that is more."""
LEAST_MS = 20.0
FEW = 40
"""Open cases, which wait for somebody all the time: what the lists show."""
LOOKS, WARM_UP = 40, 3
"""The first looks load templates."""
AT_ONCE = 2_000
PATIENCE = 120.0
TOWN = "9901"
LONG_AGO = "2016-03-14T02:10:00Z"
REPORT = {
    "kind": "threat", "office": "alderman", "municipality": TOWN, "urgency": "acute",
    "narrative": "Een briefje.", "victim": {"name": "Voorbeeld Persoon", "phone": "0600000000"},
}  # fmt: skip
CALL = {"municipality": TOWN, "channel": "phone", "motivation": "Een kleine gemeente."}
PAGES = (
    ("/intake/", ""), ("/intake/hulp", ""), ("/intake/melden", ""), ("/aftercare/hulp", ""), ("/gesprek/", ""),
    ("/intake/werk", "police"), ("/intake/zaak/{case}", "police"), ("/intake/dossier", "office-holder"),
    ("/intake/dossier/{case}", "office-holder"), ("/assessment/wegen", "rccb"), ("/assessment/beslissen", "hovj"),
    ("/assessment/maatregelen", "rccb"), ("/assessment/adviezen", "municipality"), ("/funding/vangnet", "bzk"),
    ("/aftercare/terugbellen", "ivp"), ("/aftercare/cijfers", "ivp"),
)  # fmt: skip
ACTORS = {"office-holder": "wethouder-1", "municipality": "secretaris-1"}

KEPT: Mapping[str, Document] = {
    "intake.reporting": {"waits_since": None, "person": None, "recorded_at": LONG_AGO},
    "assessment.weighing": {"waits_for": None, "waits_until": None},
    "assessment.measures": {},
    "funding.safety_net": {"phase": "none"},
    "funding.cost_allocation": {"waits_since": None},
    "aftercare.callback": {"callback": {"called_at": LONG_AGO, "due_at": LONG_AGO, "made_at": LONG_AGO}},
}
"""Each collection of cases, and what stands in documents that wait for nobody any more."""


@dataclass
class Page:
    """One page. Medians in milliseconds."""

    address: str
    few_ms: float = 0.0
    many_ms: float = 0.0

    @property
    def good(self) -> bool:
        """Whether many cases make it not too much slower."""
        return self.many_ms <= max(MOST_RATIO * self.few_ms, LEAST_MS)


@dataclass
class Result:
    """What was measured. `cases`: closed ones in each collection, beside the open ones."""

    cases: int
    pages: list[Page] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


async def open_cases(stage: Stage) -> str:
    """Cases that wait for everybody; returns the one of `wethouder-1`."""
    ivp, bzk, first = Person(stage, "ivp", "ivp-1"), Person(stage, "bzk", "bzk-1"), ""
    for number in range(1, FEW + 1):
        person = Person(stage, "office-holder", f"wethouder-{number}")  # each reports once
        case = (await person.does("/intake/v1/reports", REPORT))["case"]
        first = first or case
        await ivp.does("/aftercare/v1/callbacks", {"phone": f"06000000{number:02}"})
        await bzk.does("/funding/v1/requests", CALL)
    await known(Person(stage, "rccb", "rccb-1"), "/assessment/v1/weighings?pageSize=100", FEW)
    await known(Person(stage, "office-holder", "wethouder-1"), f"/intake/v1/timelines/{first}", 1)
    return first


async def known(reader: Person, path: str, least: int) -> None:
    """Waits until so much is there: what others tell arrives a moment later. Raises `Broken`."""
    await reader.stage.eventually(
        f"{reader.role} sees the cases", lambda: reader.looks(path),
        lambda answer: answer.status == 200 and len(answer.body) >= least,
    )  # fmt: skip


def who(role: str) -> Who:
    """Somebody of the example with this role."""
    unit = UNIT if role in ("police", "rccb", "hovj") else ""
    return Who(role, ACTORS.get(role, f"{role}-1"), TOWN if role == "municipality" else "", unit)


async def looks(client: httpx2.AsyncClient, url: str, address: str, role: str) -> float:
    """Median milliseconds of a page."""
    headers, took = {"Accept": "text/html"}, []
    if role:
        headers |= (await ask(client, url, who(role))).headers
    for number in range(LOOKS + WARM_UP):
        began = time.perf_counter()
        answer = await client.get(address, headers=headers)
        if number >= WARM_UP:
            took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return statistics.median(took)


async def fill(collection: Collection, closed: Document, count: int, say: Callable[[int], None]) -> None:
    """Copies of one of its documents, closed, until there are so many more. What is sealed in them stays sealed."""
    (like,) = await collection.find({}).limit(1).to_list(1)
    like = {name: value for name, value in like.items() if name not in ("look_at", "outbox", "lease", "due_at")}
    like |= {"closed": True, "state": like["state"] | closed}
    for start in range(0, count, AT_ONCE):
        copies = []
        for _ in range(min(AT_ONCE, count - start)):
            number = uuid.uuid4().hex
            copies.append(like | {"_id": number, "state": like["state"] | {"case": number}})
        await insert_new(collection, copies)
        say(len(copies))


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """A whole stack with a data folder of its own; gives its addresses. Raises `NotStartedError`."""
    ports = {"--port": free_port(), "--kafka-port": free_port(), "--mongo-port": free_port()}
    options = [text for name, port in ports.items() for text in (name, str(port))]
    command = [sys.executable, "-m", "deploy.cli.main", "run", "--data", str(folder), *options]
    stack = Child("stack", command, log=folder / "stack.log", env=dict(os.environ), cwd=Path.cwd())
    state = folder / "stack.json"
    stack.start()
    try:
        ready = wait_for(
            lambda: not stack.alive() or (state.exists() and json.loads(state.read_text())["ready"]), seconds=PATIENCE
        )
        if not ready or not stack.alive():
            raise NotStartedError(f"the stack did not start: {stack.last_line()}")
        yield json.loads(state.read_text())
    finally:
        stack.stop(30)


async def measure(result: Result, addresses: dict[str, str], progress: Progress) -> None:
    """Looks at every page, adds the closed cases, and looks again."""
    database = connect(addresses["mongo"], driver="pymongo", prefix=Settings.model_fields["database_prefix"].default)
    url = addresses["url"]
    async with Stage(url) as stage, httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        case = await open_cases(stage)
        for address, role in PAGES:
            result.pages.append(Page(address, await looks(client, url, address.format(case=case), role)))
        task = progress.add_task("closed cases", total=result.cases * len(KEPT))
        for name, closed in KEPT.items():
            await fill(database.collection(name, "cases"), closed, result.cases, lambda n: progress.advance(task, n))
        for page, (address, role) in zip(result.pages, PAGES, strict=True):
            page.many_ms = await looks(client, url, address.format(case=case), role)
    await database.close()
    result.broken = [page.address for page in result.pages if not page.good]


def main(
    cases: Annotated[int, typer.Option(help="Closed cases to add to each collection.")] = 100_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measures and prints; exit status 1 when a page is too much slower with many cases."""
    logs.configure("ERROR")
    console = Console(stderr=True, highlight=False)
    try:
        result = Result(cases)
        with (
            tempfile.TemporaryDirectory(prefix="veilig-") as folder, running(Path(folder)) as addresses,
            Progress(console=console) as progress,
        ):  # fmt: skip
            asyncio.run(measure(result, addresses, progress))
    except NotStartedError as error:
        console.print(str(error))
        raise typer.Exit(2) from None
    show(result, as_json)
    sys.stdout.flush()
    raise typer.Exit(1 if result.broken else 0)


def show(result: Result, as_json: bool) -> None:
    """Prints the result for people or machines."""
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"{FEW} open cases, then {result.cases} closed ones beside them")
    for page in result.pages:
        mark = "" if page.good else "   too slow"
        typer.echo(f"  {page.address:28} {page.few_ms:7.1f} ms  {page.many_ms:7.1f} ms{mark}")
    typer.echo("All budgets kept." if not result.broken else "Not kept: " + ", ".join(result.broken))


if __name__ == "__main__":
    typer.run(main)
