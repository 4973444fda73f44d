"""The one place where the matrix is enforced: every answer of a walled route passes here, field by field.

A route says which cases it shows by admitting the caller to them (`admission.py`). With nobody admitted nothing of a
person is shown. What the matrix does not grant is taken out, and each case that was read gets a line in the processing
log before the answer leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.routing import APIRoute

from shared.access.matrix import DataClass, fields, matrix
from shared.access.purposes import Purpose, check_purpose, purpose_of
from shared.access.relations import Relation
from shared.access.roles import Caller, Role
from shared.privacy.security_log import Act, Result
from shared.runtime import logs
from shared.runtime.request import Request as Seen
from shared.runtime.request import current, during, trace_of

log = logs.logger(__name__)


@dataclass
class Visit:
    """One request of a known caller: the module and case of what it was admitted to, in which relation."""

    module: str
    caller: Caller | None = None
    admitted: dict[tuple[str, str], Relation] = field(default_factory=dict)
    relations: set[Relation] = field(default_factory=set)
    """All that the caller was admitted in: what one of them grants is shown."""
    page_for: Mapping[Role, Purpose] | None = None
    """On a page: what it is for, per partner."""


VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)


def visit() -> Visit:
    """The request that runs. Raises `RuntimeError` outside a walled route."""
    found = VISIT.get()
    if found is None:
        raise RuntimeError("only a walled route may admit")
    return found


class Watch(Protocol):
    """Who writes down what happens at the wall."""

    async def was_read(self, visit: Visit, route: str) -> None:
        """A line for each person that was read of, before the answer. Raises when it cannot be written."""

    async def was_done(self, act: Act, caller: Caller, module: str, document: str, result: Result = "done") -> None:
        """Somebody did, or tried, what the security log must know of."""

    async def was_refused(self, visit: Visit, route: str, status: int) -> None:
        """Somebody asked for what is not theirs."""


class Drawn(Response):
    """An answer that is drawn when the wall has taken out what the reader may not see. `shown`: a view, as JSON."""

    media_type = "text/html"

    def __init__(
        self, shown: Any, draw: Callable[[Any], bytes], status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.shown, self._draw, self._more = shown, draw, headers
        super().__init__(None, status_code, headers)

    def finish(self, shown: Any) -> Drawn:
        """Draws what is left of the view."""
        self.body = self.render(self._draw(shown))
        self.init_headers(self._more)
        return self


def walled(module: str, watch: Watch, *, page_for: Mapping[Role, Purpose] | None = None, **options: Any) -> APIRouter:
    """A router whose answers pass the wall. `module`: whose table of fields holds. Raises `KeyError` without one.

    `page_for`: on a page nobody types a purpose; the page itself has one for each partner that it is for.
    """
    table = fields()[module]

    class Walled(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handler(request: Request) -> Response:
                token = VISIT.set(Visit(module))
                try:
                    with during(Seen(trace_id=trace_of(request.headers.get("traceparent", "")))) as seen:
                        seen.purpose = purpose_of(request)
                        visit().page_for = page_for
                        return await _guarded(request, handle, f"{request.method} {self.path}", table, watch)
                finally:
                    VISIT.reset(token)

            return handler

    return APIRouter(route_class=Walled, **options)


async def _guarded(
    request: Request,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    route: str,
    table: Mapping[str, DataClass],
    watch: Watch,
) -> Response:
    here = visit()
    try:
        answer = await handle(request)
    except HTTPException as error:
        here.caller = getattr(request.state, "caller", None)
        if error.status_code in (403, 404) and here.caller is not None:
            await watch.was_refused(here, route, error.status_code)
        raise
    here.caller = getattr(request.state, "caller", None)
    if here.page_for is None:
        check_purpose(request, here.caller)
    elif here.caller is not None and (seen := current()) is not None:
        seen.purpose = here.page_for.get(here.caller.role, "")
    if isinstance(answer, Drawn):
        drawn = answer.finish(_cut(answer.shown, here, table, route))
        await watch.was_read(here, route)
        return drawn
    if answer.status_code >= 300:
        return answer
    if answer.media_type != "application/json":
        if not here.relations:
            raise RuntimeError(f"{route} gives a file without admitting the caller")
        await watch.was_read(here, route)
        return answer
    shown = _cut(json.loads(bytes(answer.body)), here, table, route)
    await watch.was_read(here, route)
    return _replaced(answer, shown)


def _replaced(answer: Response, shown: Any) -> Response:
    body = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    if body == bytes(answer.body):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return Response(body, answer.status_code, kept, answer.media_type)


def _cut(shown: Any, here: Visit, table: Mapping[str, DataClass], route: str) -> Any:
    if isinstance(shown, list):
        return [_cut(one, here, table, route) for one in shown]
    if not isinstance(shown, dict):
        return shown
    kept = {}
    for name, value in shown.items():
        whole = table.get(f"{name}*")
        kind = whole or table.get(name)
        if kind is not None and _may(here, kind, name):
            kept[name] = value if whole else _cut(value, here, table, route)
        elif kind is None or value not in (None, "", [], {}):
            held_back(here.module, route, name, kind or "unclassified")
    return kept


def held_back(module: str, route: str, name: str, why: str) -> None:
    """Tells whoever runs it: a view shows more than the matrix grants, or nobody classified the field. Tests fail."""
    log.error("field_held_back", module=module, route=route, type=name, error=why)


def _may(here: Visit, kind: DataClass, name: str) -> bool:
    if here.caller is None or not here.relations:
        return kind is DataClass.PLAIN
    role = here.caller.role
    return any(matrix().shows(role, relation, kind, name) for relation in here.relations)
