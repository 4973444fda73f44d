"""Every cell of the matrix whose data exists, over HTTP: allowed and refused, generated from the routes.

Each service is filled with cases in which everything is filled in with values that can be found again (`rich.py`), and
stands a second time without those cases. Then everybody (`people.py`) asks every `GET` route of its document, and opens
every page. A new route is asked by itself; one whose parameters nobody here can fill in fails.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from deploy.local.temporary import Mongo
from shared.access import wall
from shared.access.matrix import Cell, DataClass, matrix
from shared.access.relations import Relation
from shared.access.roles import Role
from shared.contracts.topics import EVENTS, HOME
from shared.privacy.sealed_files import sha256
from shared.runtime.cases import document_id
from shared.runtime.journal import LOG
from tests.access.people import OWN, PEOPLE, TOWN, UNASKED, WROTE, Who
from tests.access.rich import FILE, RICH, Rich, tie_everybody
from tests.services.serving import KEYS, Served, serve

pytestmark = pytest.mark.held_back

NO_CASE = {
    "/reports/counts", "/costs/totals", "/requests/totals", "/questions", "/questions/{reference}", "/invoices",
    "/promise-figures", "/cijfers", "/vragen", "/vragen/{reference}", "/vangnet/cijfers",
    "/rekeningen", "/rekeningen/{bill}", "/rekeningen/nieuw",
}  # fmt: skip
"""What belongs to no case: counts, totals, bills, questions. Here the relation to a case says nothing."""
BY_REFERENCE = ("/reads/", "/shreddings/")
"""These know the document by its reference and do not load it."""
OPEN = {"/openapi.json", "/help-lines"}
"""For anybody, also without sign-in: nobody is admitted there."""
PAGE_QUERIES = dict.fromkeys(("/werk/zoek", "/wegen/zoek", "/maatregelen/zoek"), "?zaak={case}")
"""What a page is asked with: nothing but for these."""
NARROWS = {
    "channel", "kind", "measureType", "municipality", "number", "state", "status", "step", "urgency", "waitsFor",
}  # fmt: skip
"""Parameters that narrow a list of cases: it is asked without any, and with the number of the case."""
SENDS_ON = {"/melden/verder"}
"""Pages that send on who kept nothing."""
CLASSES = tuple(kind for kind in DataClass if kind is not DataClass.PLAIN)
TEXT = re.compile(rf"CEL-({'|'.join(CLASSES)})-")
MARKED = re.compile(rf"CEL-({'|'.join(CLASSES)})-([\w-]+)")
SEAM = b"<!-- the view that was drawn: -->"
"""Stands in these tests between a page and the view that it was drawn from, as the wall left it."""
AT_ONCE = 8
FORM_KEY = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
CHANGING = {"date"}
"""Headers that may differ between the same answers."""


@dataclass(frozen=True)
class Look:
    """What somebody got: of the full service, and of the one without these cases."""

    service: str
    route: str
    who: Who
    answer: httpx2.Response
    empty: httpx2.Response
    found: frozenset[tuple[DataClass, str]]
    """Which classes of data were in the answer, each in the field where it stood."""
    page: bool = False

    def __str__(self) -> str:
        return f"{self.who} at {self.service} {self.route}: {self.answer.status_code}"

    @property
    def of_a_case(self) -> bool:
        """Whether the route is about cases."""
        return self.route not in NO_CASE

    @property
    def relation(self) -> Relation | None:
        """In which relation the caller may read here."""
        if self.of_a_case:
            return self.who.relation
        return {Role.BZK: Relation.PSEUDONYM, Role.IVP: Relation.CLIENT}.get(self.who.role, Relation.ROTA)


@dataclass(frozen=True)
class Looked:
    """Everything that was asked of one service. `lines` and `refusals`: what its logs say of that, per route, role,
    account; `page_lines`: what they say of the pages."""

    looks: tuple[Look, ...]
    pages: tuple[Look, ...]
    held_back: tuple[str, ...]
    lines: Counter[tuple[str, str, str]]
    refusals: Counter[tuple[str, str, str]]
    page_lines: Counter[tuple[str, str, str]]

    @property
    def all(self) -> tuple[Look, ...]:
        """Routes and pages."""
        return self.looks + self.pages


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each plain value of an answer: the field it stands in, and `"field":value`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    else:
        yield key, f'"{key}":{json.dumps(value, ensure_ascii=False)}'


def classes_in(rich: Rich, answer: httpx2.Response) -> frozenset[tuple[DataClass, str]]:
    """Which marked values an answer holds; also in its headers."""
    found = {(DataClass(kind), "header") for kind in TEXT.findall(str(answer.headers.raw))}
    page, seam, view = answer.content.partition(SEAM)
    if seam:
        for key, text in leaves(json.loads(view)):
            found |= {(DataClass(kind), key) for kind in TEXT.findall(text)}
            found |= {(kind, key) for mark, kind in rich.marks.items() if mark in text}
        around = set(MARKED.findall(page.decode())) - set(MARKED.findall(view.decode()))
        return frozenset(found | {(DataClass(kind), "said around the view") for kind, _ in around})
    if answer.headers.get("content-type") != "application/json":
        return frozenset(found | {(DataClass(kind), "evidence") for kind in TEXT.findall(answer.text)})
    for key, text in leaves(answer.json()):
        found |= {(DataClass(kind), key) for kind in TEXT.findall(text)}
        found |= {(kind, key) for mark, kind in rich.marks.items() if mark in text}
    return frozenset(found)


def reference(served: Served, who: Who, case: str) -> str:
    """The case as this caller knows it."""
    partner = who.partner
    return case if partner is None else served.app.state.admission.references.seal(partner, case)


def bill_of(served: Served, who: Who) -> str:
    """The bill of a month that is there in every world, as this caller would know it."""
    partner = f"municipality:{who.municipality}" if who.municipality else "ivp"
    partner = "ivp" if who.role is Role.IVP_BILLING else partner
    bill = document_id(KEYS.reference, "aftercare.billing", "bill", TOWN, "2016-02")
    return str(served.app.state.admission.references.seal(partner, bill))


def known_to(served: Served, who: Who, questions: str) -> dict[str, str]:
    """What this caller fills in for each parameter."""
    return {
        "case": reference(served, who, who.case),
        "weighing": document_id(KEYS.reference, "assessment.weighing", who.case),
        "evidence": sha256(FILE),
        "bill": bill_of(served, who),
        "reference": reference(served, who, questions),
        "year": "2016",
        "since": "2016-03-14T02:10:00Z",
    }


def filled_in(served: Served, path: str, operation: dict[str, Any], who: Who, questions: str) -> list[str]:
    """The addresses to ask of a route. Fails when a parameter is not known here."""
    known = known_to(served, who, questions)
    inside = set(re.findall(r"{(\w+)}", path))
    queries = [""]
    for one in operation.get("parameters", []):
        if one["in"] != "query" or one["name"] in ("page", "pageSize"):
            continue
        if (one["name"] in NARROWS and "anyOf" in one["schema"]) or one["name"] in ("municipality", "number"):
            continue
        words = _words(one["schema"])
        if not words and one["name"] not in known:
            pytest.fail(f"GET {path}: test_cells.py does not know what to fill in for ?{one['name']}=")
        queries = [f"{q}{'&' if q else '?'}{one['name']}={w}" for q in queries for w in words or [known[one["name"]]]]
    if inside - set(known):
        pytest.fail(f"GET {path}: test_cells.py does not know what to fill in for {sorted(inside - set(known))}")
    if any(one["name"] == "number" for one in operation.get("parameters", [])):
        queries += [f"{q}{'&' if q else '?'}number={known['case']}" for q in queries]
    return ["/v1" + path.format_map(known) + query for query in queries]


def _words(schema: dict[str, Any]) -> list[str]:
    words: list[str] = schema.get("enum", [])
    return words


def pages_of(served: Served) -> dict[str, list[str]]:
    """Path of every page, and its addresses with each word of a list filled in; parameters of a case stay open."""
    found: dict[str, list[str]] = {}
    for route in leaf_routes(served.app.routes):
        if type(route).__module__ != wall.__name__ or route.include_in_schema or "GET" not in route.methods:
            continue
        paths = [route.path + PAGE_QUERIES.get(route.path, "")]
        for name, one in inspect.signature(route.endpoint).parameters.items():
            if isinstance(one.annotation, type) and issubclass(one.annotation, Enum):
                paths = [path.replace(f"{{{name}}}", word.value) for path in paths for word in one.annotation]
        found[route.path] = paths
    return found


def routes_of(served: Served, method: str) -> list[tuple[str, dict[str, Any]]]:
    """Path and description of every route with this method."""
    document = _resolved(served.app.openapi())
    return [(path, one[method]) for path, one in document["paths"].items() if method in one]


def _resolved(document: dict[str, Any]) -> Any:
    def inside(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part and part["$ref"].startswith("#/"):
                target: Any = document
                for name in part["$ref"].removeprefix("#/").split("/"):
                    target = target[name]
                return target if "properties" in target else inside(target)
            return {name: inside(value) for name, value in part.items()}
        return [inside(value) for value in part] if isinstance(part, list) else part

    return {"paths": inside(document["paths"])}


async def ask_everything(rich: Rich, full: Served, empty: Served, held_back: list[str]) -> Looked:
    """Everybody asks every route, of both."""
    looks: list[Look] = []
    questions = await question_of(full)
    for path, operation in routes_of(full, "get"):
        if path in OPEN:
            continue
        # A file is noted in its case by each look, so one waits for the other there.
        together = asyncio.Semaphore(1 if "{evidence}" in path else AT_ONCE)

        async def ask(who: Who, path: str = path, operation: Any = operation, gate: Any = together) -> list[Look]:
            found = []
            for url in filled_in(full, path, operation, who, questions):
                async with gate:
                    answer = await full.client.get(url, headers=who.headers())
                    nothing = await empty.client.get(url, headers=who.headers())
                found.append(Look(rich.name, path, who, answer, nothing, classes_in(rich, answer)))
            return found

        for found in await asyncio.gather(*(ask(who) for who in PEOPLE if who.asks(path))):
            looks += found
    lines, refusals = await logs_of(full)
    pages = await open_every_page(rich, full, empty, questions)
    page_lines = (await logs_of(full))[0] - lines
    return Looked(tuple(looks), tuple(pages), tuple(held_back), lines, refusals, page_lines)


async def open_every_page(rich: Rich, full: Served, empty: Served, questions: str) -> list[Look]:
    """Everybody opens every page, of both."""
    looks: list[Look] = []
    for path, addresses in pages_of(full).items():
        for who in PEOPLE:
            if not who.asks(path):
                continue
            known = known_to(full, who, questions)
            headers = who.headers() | {"Accept": "text/html"}
            for address in addresses:
                url = address.format_map(known)
                answer = await full.client.get(url, headers=headers)
                nothing = await empty.client.get(url, headers=headers)
                looks.append(Look(rich.name, path, who, answer, nothing, classes_in(rich, answer), page=True))
    return looks


async def question_of(served: Served) -> str:
    """The internal reference of the question that was asked, if the service has questions."""
    found = await served.app.state.service.database.collection("funding.safety_net", "cases").find(
        {"state.question": {"$ne": None}}, {"state.case": 1}
    ).to_list(1)  # fmt: skip
    return str(found[0]["state"]["case"]) if found else "none"


async def logs_of(served: Served) -> tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
    """Lines of reads and of refusals, per route, role and account, of all controllers of a service."""
    books = served.app.state.books
    lines: Counter[tuple[str, str, str]] = Counter()
    refusals: Counter[tuple[str, str, str]] = Counter()
    for log in books._processing.values():
        for line in await log.collection.find({"action": "read"}).to_list(None):
            lines[line["name"], line["role"], line["actor"]] += 1
    for notes in books._security.values():
        for line in await notes.collection.find({"action": "access"}).to_list(None):
            refusals[line["object"], line["role"], line["actor"]] += 1
    return lines, refusals


@pytest.fixture(scope="module", params=RICH, ids=[rich.name for rich in RICH])
async def looked(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Looked]:
    """Everything that everybody sees of a service."""
    rich: Rich = request.param
    held: list[str] = []

    def note(module: str, route: str, name: str, why: str) -> None:
        held.append(f"{route}: {module}.{name} ({why})")

    finish = wall.Drawn.finish

    def and_the_view(self: wall.Drawn, shown: Any) -> wall.Drawn:
        draw = self._draw
        self._draw = lambda cut: draw(cut) + SEAM + json.dumps(cut, ensure_ascii=False, separators=(",", ":")).encode()
        return finish(self, shown)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wall, "held_back", note)
        patch.setattr(wall.Drawn, "finish", and_the_view)
        async with serve(rich.build, mongo) as full, serve(rich.build, mongo) as empty:
            for served in (full, empty):
                await tie_everybody(served)
                await rich.always(served)
            await tie_everybody(full, OWN, WROTE, UNASKED)
            await rich.fill(full)
            yield await ask_everything(rich, full, empty, held)


def test_no_answer_holds_what_its_cell_does_not_grant(looked: Looked) -> None:
    """Refused: every class of data that the matrix gives this role in this relation nothing or a part of."""
    wrong = []
    for look in looked.all:
        for kind, field in look.found:
            relation = look.relation
            if relation is None or not matrix().shows(look.who.role, relation, kind, field):
                wrong.append(f"{look}: {kind} in {field}")
    assert not wrong, "\n".join(wrong)


def test_what_is_not_for_somebody_is_as_if_it_were_not_there(looked: Looked) -> None:
    """Status, body and headers are those of a service without the case; excluded beats every other tie."""
    asked = [look for look in looked.all if look.of_a_case and look.relation is None and not tells_that_only(look)]
    assert {look.answer.status_code for look in asked} >= {403, 404}
    wrong = [str(look) for look in asked if bare(look.answer) != bare(look.empty)]
    assert not wrong, "\n".join(wrong)


def tells_that_only(look: Look) -> bool:
    """The IVP keeps a document, and may destroy it, also when the person did not ask for care: no field tells more.

    It needs a reference of its own for that, which it gets only when the person asked.
    """
    return look.who.case == UNASKED and look.route.startswith("/shreddings/") and not look.found


def bare(answer: httpx2.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """An answer without the moment at which it was given, and without the key that each form gets of its own."""
    kept = sorted((name, value) for name, value in answer.headers.multi_items() if name not in CHANGING)
    return answer.status_code, FORM_KEY.sub(b"", answer.content), kept


def test_the_wall_need_not_take_anything_out_of_a_view(looked: Looked) -> None:
    """A view that shows more than the matrix grants is a fault, also when the wall repairs it."""
    assert not set(looked.held_back)


def test_no_answer_is_our_fault_and_bad_requests_are_not_what_refuses(looked: Looked) -> None:
    wrong = [str(look) for look in looked.all if look.answer.status_code not in right_statuses(look)]
    assert not wrong, "\n".join(wrong)


def right_statuses(look: Look) -> set[int]:
    """A page that is asked for a number sends on to the case, or shows its form with the mistake."""
    if look.route in SENDS_ON:
        return {303, 403}
    return {303, 400, 403} if look.route in PAGE_QUERIES else {200, 403, 404}


def test_each_page_that_shows_a_case_leaves_a_line(looked: Looked) -> None:
    """Of the dossier it is the routes that it asks in the person's name."""
    shown = {
        (f"GET {asked_by(look.route)}", look.who.role.value, look.who.actor)
        for look in looked.pages
        if look.found and look.answer.status_code == 200 and look.of_a_case
    }
    assert shown, "a page that shows nobody anything would pass"
    assert shown - set(looked.page_lines) == set()


def asked_by(page: str) -> str:
    """The route by which a page shows a case: its own, or one that it asks."""
    if page.endswith("/inzage"):
        return "/reads/{case}"
    return "/reports/{case}" if page.startswith("/dossier") else page


def test_each_case_that_is_shown_leaves_a_line_and_none_for_a_refusal(looked: Looked) -> None:
    """As many lines as persons were shown, by route, role and account."""
    shown: Counter[tuple[str, str, str]] = Counter()
    refused: Counter[tuple[str, str, str]] = Counter()
    for look in looked.looks:
        key = (f"GET {look.route}", look.who.role.value, look.who.actor)
        if look.answer.status_code == 200:
            shown[key] += cases_in(look) + others_in(look)
            for asked in DOSSIER_ASKS if look.route == "/dossiers/{case}" else ():
                shown[asked, *key[1:]] += 1
        else:
            refused[key] += 1
    assert differences(looked.lines, +shown) == {}
    assert differences(looked.refusals, refused) == {}


def differences(noted: Counter[Any], right: Counter[Any]) -> dict[Any, tuple[int, int]]:
    """What was noted more or less often than is right: both numbers."""
    return {key: (noted[key], right[key]) for key in {*noted, *right} if noted[key] != right[key]}


def cases_in(look: Look) -> int:
    """How many documents an answer shows, each once. A file is noted as a change: it gets a custody line."""
    if look.answer.headers["content-type"] != "application/json":
        return 0
    body = look.answer.json()
    if look.route == "/timelines/{case}":  # every module has a document of its own about the case
        homes = {HOME[EVENTS[one["event"]]].name for one in body["events"]}
        return len({".".join(name.split(".")[:2]) for name in homes})
    if look.route == "/questions/{reference}":  # belongs to no case, and for a municipality to nobody
        return int(look.who.role is Role.BZK)
    if look.route == "/dossiers/{case}" or (not look.of_a_case and look.route != "/questions"):
        return 0
    if not isinstance(body, list):
        return 1
    return len({next(row[name] for name in ("case", "question", "precedent") if name in row) for row in body})


DOSSIER_ASKS = ("GET /reports/{case}", "GET /reads/{case}", "GET /timelines/{case}")
"""What one's own dossier asks of intake; each leaves its own line, and the dossier itself none."""


def others_in(look: Look) -> int:
    """Who reported for somebody else, or called for them, is a second person in that document."""
    if look.service not in ("intake", "aftercare") or not look.of_a_case or look.route.startswith(BY_REFERENCE):
        return 0
    if look.service == "aftercare":  # in both cases here somebody called for the victim
        return cases_in(look)
    rows = look.answer.json() if look.answer.headers["content-type"] == "application/json" else None
    if isinstance(rows, list):
        return sum(row.get("case") == WROTE for row in rows)
    return int(rows is not None and look.who.case == WROTE)


EVERYTHING = set(CLASSES)
NOT_YET: dict[tuple[Role, Relation], set[DataClass]] = {
    # The address only for whoever the person shares it with; nobody here does.
    (Role.MUNICIPALITY, Relation.ASSIGNED): {DataClass.ADDRESS},
    (Role.MUNICIPALITY, Relation.TRUSTED): {DataClass.IDENTITY, DataClass.NARRATIVE, DataClass.ASSESSMENT},
    # Nobody here breaks glass (tests/privacy/test_break_glass.py does).
    (Role.POLICE, Relation.BREAK_GLASS): EVERYTHING,
    (Role.RCCB, Relation.BREAK_GLASS): EVERYTHING,
    (Role.HOVJ, Relation.BREAK_GLASS): EVERYTHING,
}
"""Cells that grant something of which no route gives anything. Whoever adds a route takes the cell out here."""
SEEN: dict[tuple[Role, Relation], set[DataClass]] = {}


def test_remembers_what_was_shown(looked: Looked) -> None:
    """Only what is granted counts; the next test looks at all services together."""
    for look in looked.all:
        if look.relation is not None:
            kinds = {kind for kind, field in look.found if matrix().shows(look.who.role, look.relation, kind, field)}
            SEEN.setdefault((look.who.role, look.relation), set()).update(kinds)
    assert SEEN


def test_everything_that_is_granted_and_exists_is_shown_somewhere() -> None:
    """The other side: a wall that shows nobody anything would pass all of the above. Needs the tests before it."""
    if not SEEN and "CI" not in os.environ:
        pytest.skip("only together with the looks of every service")
    for key, cells in matrix().cells.items():
        granted = {kind for kind in CLASSES if cells[kind] is not Cell.NOTHING}
        assert granted - SEEN.get(key, set()) == granted & NOT_YET.get(key, set()), key


def test_every_role_stands_in_every_relation_that_it_has() -> None:
    """A row that is added to the matrix is asked for here too."""
    arranged = {(who.role, who.relation) for who in PEOPLE if who.relation}
    of_no_case = {key for key in matrix().cells if key[1] in (Relation.ROTA, Relation.BREAK_GLASS)}
    assert arranged | of_no_case == set(matrix().cells)
    assert {who.role for who in PEOPLE} == set(Role)


@pytest.fixture(scope="module", params=RICH, ids=[rich.name for rich in RICH])
async def filled(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Served]:
    """A service with the cases."""
    rich: Rich = request.param
    async with serve(rich.build, mongo) as served:
        await tie_everybody(served)
        await rich.always(served)
        await tie_everybody(served, OWN, WROTE, UNASKED)
        await rich.fill(served)
        yield served


async def test_every_route_passes_the_wall(filled: Served) -> None:
    """Whoever writes a route on a router of FastAPI's own finds it here."""
    named = {(path, method) for path, one in filled.app.openapi()["paths"].items() for method in one}
    found = [(route, type(route).__module__ == wall.__name__) for route in leaf_routes(filled.app.routes)]
    walled = {(route.path, method.lower()) for route, is_walled in found if is_walled for method in route.methods}
    assert named - walled == {("/openapi.json", "get")}


def leaf_routes(routes: Any) -> Iterator[APIRoute]:
    """All routes, also those of routers within routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from leaf_routes(route.original_router.routes)


DECISIONS = {
    "/weighings/{weighing}/first-weighing": {Role.RCCB},
    "/weighings/{weighing}/decision": {Role.HOVJ, Role.RCCB},  # RCCB writes down an oral one, on behalf of somebody
    "/weighings/{weighing}/interpretations": {Role.HOVJ},
    "/measures/{case}/confirmation": {Role.HOVJ},
    "/measures/{case}/advice": {Role.RCCB, Role.HOVJ},
    "/measures/{case}/state-measures": {Role.RCCB, Role.HOVJ},
    "/reports/{case}/aangifte": {Role.POLICE},
    "/reports/{case}/mutaties": {Role.POLICE},
    "/reports/{case}/criminal-track": {Role.POLICE},
    "/requests/{case}/grant": {Role.BZK},
    "/requests/{case}/decline": {Role.BZK},
    "/requests/{case}/assessments": {Role.BZK},
    "/requests/{case}/settlements": {Role.BZK},
    "/costs/{case}/classifications": {Role.MUNICIPALITY},
    "/callbacks/{case}/worker": {Role.IVP},
    "/callbacks/{case}/contact": {Role.IVP},
    "/callbacks/{case}/support": {Role.IVP},
}
"""What only these roles may decide."""


async def test_a_decision_is_refused_to_every_other_role_and_that_leaves_one_line(filled: Served) -> None:
    here = [path for path, _ in routes_of(filled, "post") if path in DECISIONS]
    assert here
    (_, before), asked = await logs_of(filled), Counter[tuple[str, str, str]]()
    for path in here:
        url = filled_in(filled, path, {}, OWNER, "")[0]
        for role in set(Role) - DECISIONS[path]:
            who = next(one for one in PEOPLE if one.role is role)
            answer = await filled.client.post(url, json={}, headers=who.headers() | {"Idempotency-Key": "0123456789"})
            assert answer.status_code == 403, f"{who} {path}"
            asked[f"POST {path}", role.value, who.actor] += 1
    (_, after) = await logs_of(filled)
    assert after - before == asked


OWNER = next(who for who in PEOPLE if who.label == "own")


CHANGES = {
    "intake": ("a-mutatie", Role.POLICE, f"/reports/{OWN}/mutaties", {
        "reference": "nummer-2", "registered_on": "2016-03-14"}),
    "assessment": ("a-review", Role.RCCB, f"/measures/{OWN}/review", {"next_days": 3}),
    "funding": ("an-objection", Role.MUNICIPALITY, "/requests/{case}/objections", {"reason": "Wij zien het anders."}),
    "aftercare": ("an-attempt", Role.IVP, "/callbacks/{case}/support", {"form": "phone"}),
}  # fmt: skip


async def test_a_change_leaves_exactly_one_line_and_a_refused_one_none(filled: Served) -> None:
    """In the outbox of the document that changed; the relay moves it to the log of the controller."""
    name = filled.app.state.service.name
    key, role, path, body = CHANGES[name]
    who = next(one for one in PEOPLE if one.role is role)
    stranger = next(one for one in PEOPLE if one.role is role and one.relation is None and one.case == OWN)
    for caller, status in ((who, {200, 201}), (stranger, {404})):
        before = await changes_of(filled)
        url = "/v1" + path.replace("{case}", reference(filled, caller, OWN))
        headers = caller.headers() | {"Idempotency-Key": f"{key}-{caller.actor}"}
        answer = await filled.client.post(url, json=body, headers=headers)
        assert answer.status_code in status, answer.text
        more = [change for change in await changes_of(filled) if change not in before]
        assert len({one["person"] for one in more}) == len(more), "one line for each person"
        assert [(one["actor"], one["role"]) for one in more] == [(caller.actor, role)] * len(more)
        assert bool(more) is (caller is who)
        reads, _ = await logs_of(filled)
        assert not [line for line in reads if line[0].startswith("POST")]


async def changes_of(served: Served) -> list[dict[str, Any]]:
    """The lines of changes that wait in the outboxes of all modules."""
    found = []
    for cases in {cases.module.name: cases for cases, *_ in served.app.state.service._modules}.values():
        for document in await cases.collection.find({}, {"outbox": 1}).to_list(None):
            entries = [entry for entry in document["outbox"] if entry["topic"] == LOG]
            found += [json.loads(entry["body"]) for entry in entries]
    return found
