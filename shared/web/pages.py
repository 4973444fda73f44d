"""Pages for people: the same commands and views as the API, drawn with Jinja2 behind the same wall.

A page shows two things: `shown`, a view as the API gives it, from which the wall takes what the reader may not see; and
what is said around it, which holds nothing of a person but what this reader just typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.access.gate import CSRF_FIELD, cookie_name
from shared.access.roles import Caller, Role
from shared.access.sessions import csrf_token
from shared.access.wall import Drawn
from shared.contracts.decisions import Refused
from shared.runtime.environment import Settings
from shared.web import dutch
from shared.web.design import Design, design
from shared.web.forms import Filled, once_of, read_form
from shared.web.negotiation import accepts
from shared.web.once import Once
from shared.web.problems import to_people

TEMPLATES = Path(__file__).with_name("templates") / "pages"
HTML = "text/html"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
SEE_OTHER = 303

Model = TypeVar("Model", bound=BaseModel)
Again = Callable[[Filled], Awaitable[Response]]
"""Draws a page once more, with a form as it was left."""

Links = Mapping[Role, Sequence[tuple[str, str]]]
"""Per role the address and title of what stands in the menu."""


@dataclass(frozen=True)
class Menu:
    """What stands around every page. `home`: the start page; `own`: per role the role's own pages.

    `door`: the path that `/sign-in` and `/sign-out` stand under; None where nobody signs in. `footer`: whether the
    pages about the site are named below.
    """

    home: str
    own: Links
    door: str | None = ""
    footer: bool = True


class Site:
    """The pages of one service. `prefix`: the path it is served under; `templates`: name of a module -> its folder."""

    def __init__(
        self, settings: Settings, prefix: str, menu: Menu, templates: Mapping[str, Path], now: Callable[[], datetime],
        cookie: str = "session",
    ) -> None:  # fmt: skip
        self.prefix, self.menu, self.now = prefix, menu, now
        self.local = settings.local
        self.design: Design = design(settings.design_folder)
        self._cookie = cookie_name(settings, cookie)
        loaders = {name: FileSystemLoader(folder) for name, folder in templates.items()}
        self.environment = Environment(
            loader=ChoiceLoader([PrefixLoader(loaders), FileSystemLoader(TEMPLATES)]),
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self.environment.filters |= dutch.FILTERS
        self.environment.globals |= {"left": lambda moment: dutch.left(moment, self.now()), "once": fresh_key}

    def page(
        self, request: Request, template: str, shown: Any = None, *, status: int = 200, form: Filled | None = None,
        **said: Any,
    ) -> Drawn:  # fmt: skip
        """An answer that is drawn after the wall has cut `shown`.

        `form`: what was filled in, with its mistakes: then the status is 400.
        """
        filled = form or Filled()
        context = self._around(request) | {"form": filled} | said

        def draw(cut: Any) -> bytes:
            return self.environment.get_template(template).render(context | {"shown": cut}).encode()

        return Drawn(jsonable_encoder(shown), draw, 400 if filled.errors else status, SECURITY)

    def _around(self, request: Request) -> dict[str, Any]:
        caller: Caller | None = getattr(request.state, "caller", None)
        session = request.cookies.get(self._cookie, "")
        own = self.menu.own.get(caller.role, ()) if caller else ()
        return {
            "site": self, "form": Filled(), "now": self.now(), "prefix": self.prefix,
            "caller": caller, "own": own, "path": request.url.path,
            "token": csrf_token(session) if session else "", "token_field": CSRF_FIELD,
            "styles": [f"{self.prefix}/assets/{one.address}" for one in self.design.styles],
            "script": f"{self.prefix}/assets/{self.design.named('live.js').address}",
        }  # fmt: skip

    def moved(self, path: str) -> Response:
        """Sends the browser on after something was done. `path`: below the prefix, or that of another service."""
        return RedirectResponse(path, SEE_OTHER, headers=SECURITY)

    async def act(
        self, request: Request, model: type[Model], do: Callable[[Model, Once], Awaitable[Any]], *, again: Again,
        then: str | Callable[[Any], str], lists: Sequence[str] = (), place: Callable[[str], str] = lambda _: "",
        lacks: Callable[[Model], Mapping[str, str]] = lambda _: {},
    ) -> Response:  # fmt: skip
        """Does what a form asks, and sends the browser on to `then`, below the prefix; it may depend on what was done.

        What is wrong with it, and what the rules refuse, stands on the page it came from (`again`), with everything
        that was typed. `lists`: as in `read_form`; `lacks`: what this page wants beside the model, per field; `place`:
        the field at which a refusal stands, by its reason.
        """
        read = await read_form(request, model, lists=lists)
        form = read.form if read.body is None else read.form.wrong(lacks(read.body))
        if read.body is None or form.errors:
            return await again(form)
        try:
            done = await do(read.body, once_of(read, request))
        except Refused as no:
            return await again(form.wrong({place(no.reason): no.reason}))
        return self.moved(f"{self.prefix}{then if isinstance(then, str) else then(done)}")

    def wants_page(self, request: Request) -> bool:
        """Whether this request is one for a page: a browser's, and not at the API or for whoever runs it."""
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        machine = path.startswith(("/v1/", "/health/", "/assets/"))
        return (
            not machine
            and HTML in request.headers.get("accept", "")
            and accepts(request.headers.getlist("accept"), HTML)
        )

    def error(
        self, request: Request, status: int, detail: str = "", *, fields: Sequence[tuple[str, str]] = ()
    ) -> Response:
        """A page that says what happened and what to do. `fields`: what was sent, to send it once more."""
        title, usual = to_people(status)
        here = request.url.path
        context = self._around(request) | {
            "status": status, "title": title, "detail": detail or usual, "fields": fields, "here": here,
        }  # fmt: skip
        text = self.environment.get_template("error.html").render(context)
        return Response(text, status, SECURITY, HTML)

    async def signed_out(self, request: Request) -> Response:
        """Where a person goes who must sign in first: on to sign in, or a page that keeps what was typed."""
        if request.method in ("GET", "HEAD"):
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(
                f"{self.menu.door or ''}/sign-in?returnTo={dutch.in_address(request.url.path + query)}", SEE_OTHER
            )
        return self.error(request, 401, fields=await self.kept(request))

    async def kept(self, request: Request) -> Sequence[tuple[str, str]]:
        """What a form sent, but the token of a session that is no longer: nothing that was typed is lost."""
        try:
            form = await request.form()
        except (RuntimeError, AssertionError, HTTPException):  # read already, no form, or more than they may send
            return []
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != CSRF_FIELD]


def fresh_key() -> str:
    """A new idempotency key for a form."""
    return str(uuid.uuid4())
