"""Wiring of the line: an app and a process of its own. Nothing of the chain's keys, sessions or references comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI

from services.aftercare.confidential_line import codes, counting, desk, desk_pages, entry, pages, routes
from services.aftercare.confidential_line.contacts import Contacts
from services.aftercare.confidential_line.keeping import Keeping
from services.aftercare.confidential_line.refusals import Refusals, this_minute
from services.aftercare.confidential_line.sealing import OwnKeys
from services.aftercare.confidential_line.settings import LineKeys, LineSettings
from shared.access.gate import door_of
from shared.access.roles import Role
from shared.access.sessions import Attempts
from shared.access.sign_in import door_routes
from shared.privacy.alarm import Alarm
from shared.privacy.controllers import Controller
from shared.privacy.logbooks import Logbooks, database_of
from shared.privacy.processing_log import read_of
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Settings
from shared.runtime.service import Service
from shared.web.document import BASE_PATH
from shared.web.http import Api, add_pages, build_app, finish
from shared.web.limits import limiter, within
from shared.web.pages import Menu, Site
from shared.web.tracing import NO_TELEMETRY

NAME = "confidential-line"
COOKIE = "desk"
"""Of the confidants' own sessions."""
TEMPLATES = Path(__file__).with_name("templates")
WEEKS = Module(
    "aftercare.confidential_line", counting.Week, counting.decide, counting.deadlines, counting.is_closed
)  # fmt: skip


def build(
    settings: Settings,
    *,
    keys: object = None,
    clock: Clock | None = None,
    line: LineSettings | None = None,
    limit: routes.Limit | None = None,
    drop: entry.DropSession = entry.no_sessions,
    note: desk.NoteLook | None = None,
) -> FastAPI:
    """The ASGI app of callers and of confidants' tools. Entering its lifespan connects.

    The confidants' pages are an app beside it, `state.desk`, to be mounted at the path of the desk: here nobody has a
    session.

    `keys`: those of the chain, which every service is offered; the line takes none of them (INV-8). `limit`: how often
    somebody may open a contact or try a code, without: as everywhere; `drop`: ends a session;
    `note`: writes down a confidant's look, without: in the line's own log.
    """
    line = line or LineSettings()
    own, clock = line.keys(local=settings.local), clock or Clock(movable=settings.local)
    service = Service(NAME, line.of_service(settings), keys=own.of_service(), clock=clock)
    books = Logbooks(
        service.database.collection, NAME, settings.instance, seal_seconds=settings.seal_seconds, now=this_minute
    )
    service.logbooks = books
    contacts = _contacts(service, own, line, books.alarm)
    begun = service.database.collection(WEEKS.name, "begun")
    keeping = Keeping(contacts, service.cases(WEEKS), begun, tick_seconds=settings.clock_tick_seconds)
    refusals = Refusals(books.security(), service.database.collection(database_of(NAME), "wrong-codes"))
    service.loops += [keeping.run, refusals.run]
    allowed = limit or limiter(settings).hit
    callers = routes.routes(contacts, line.number, allowed, refusals.count)
    counter = routes.Counter(contacts, line.number, allowed, refusals.count)
    confidants = desk.routes(counter, note or _noting(books), refusals.note)
    app = build_app(service, "Veilig Bestuur: confidential line", callers, confidants)
    site = Site(settings, line.path, Menu(f"{line.path}/", {}, door=None, footer=False), {"line": TEMPLATES}, clock.now)
    add_pages(app, site, pages.pages(site, counter))
    app.add_middleware(entry.Entry, drop=drop)
    app.state.contacts, app.state.refusals = contacts, refusals
    app.state.desk = _desk_app(settings, line, service, books, desk.Desk(counter, note or _noting(books)), refusals)
    _serve_at(app, f"{settings.public_url.rstrip('/')}{line.path}{BASE_PATH}")
    return app


def whole(settings: Settings, line: LineSettings) -> FastAPI:
    """The line in a process of its own: the confidants' pages at their path, callers at all other paths.

    A reverse proxy may leave the line's own path in the address, as pages link to it.
    """
    app = build(settings, line=line)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with app.state.service.running():
            yield

    root = FastAPI(
        lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None,
        telemetry=NO_TELEMETRY,
    )  # fmt: skip
    root.mount(line.desk_path, app.state.desk)
    if line.path:
        root.mount(line.path, app)
    root.mount("/", app)
    return root


def _desk_app(
    settings: Settings, line: LineSettings, service: Service, books: Logbooks, confidants: desk.Desk,
    refusals: Refusals,
) -> FastAPI:  # fmt: skip
    """The confidants' pages, with a sign-in and sessions of their own: none of them is known elsewhere."""
    app = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    finish(app, settings.public_url)
    own = {Role.CONFIDANT: ((f"{line.desk_path}/", "Gesprekken"), (f"{line.desk_path}/cijfers", "Aantallen"))}
    menu = Menu(f"{line.desk_path}/", own, door=line.desk_path, footer=False)
    site = Site(settings, line.desk_path, menu, {"line": TEMPLATES}, service.clock.now, COOKIE)
    door = door_of(settings, service.database, module=WEEKS.name, cookie=COOKIE)
    app.state.limiter, app.state.gate = limiter(settings), door
    attempts = Attempts(service.database.collection(WEEKS.name, "sign_ins"))
    signing = door_routes(settings, door, attempts, books.security().note, line.desk_path, (Role.CONFIDANT,))
    app.include_router(signing, dependencies=[Depends(within("sign-in"))])
    add_pages(app, site, desk_pages.pages(site, confidants, refusals.note))
    return app


def _noting(books: Logbooks) -> desk.NoteLook:
    """A line in the line's own log for each look of a confidant, before the answer; it names the contact's document."""

    async def note(account: str, contact: str) -> None:
        read = read_of(WEEKS.name, contact, actor=account, role=Role.CONFIDANT, name="contact")
        await books.processing(Controller.CONFIDENTIAL_LINE).write([read])

    return note


def _contacts(service: Service, own: LineKeys, line: LineSettings, alarm: Alarm) -> Contacts:
    derive = partial(codes.scrypt, cost=line.code_cost)
    return Contacts(
        service.database.collection(WEEKS.name, "contacts"),
        sealer=OwnKeys(own.wrapping),
        codes=codes.Codes(own.derived("codes"), derive=derive),
        mark_key=own.derived("desks"),
        clock=service.clock,
        alarm=alarm,
    )


def _serve_at(app: FastAPI, address: str) -> None:
    """The document names the neutral path that the line is served under."""
    assert isinstance(app, Api)
    describe = app.describe

    def described() -> dict[str, Any]:
        return describe() | {"servers": [{"url": address, "description": "This service"}]}

    app.describe = described
