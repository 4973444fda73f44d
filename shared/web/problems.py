"""Problem details (RFC 9457): one form for everything that goes wrong, in short and kind Dutch.

No answer repeats what was sent, and none tells of our inside. Invalid input is 400 with all mistakes at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from shared.contracts.decisions import Refused
from shared.runtime.cases import Conflict, KeyUsed, Unreadable
from shared.runtime.mongo import AWAY

MEDIA_TYPE = "application/problem+json"

ANSWERS: dict[int, tuple[str, str]] = {
    400: ("Niet goed ingevuld", "Er is niets opgeslagen. Verbeter de genoemde velden."),
    401: ("Niet ingelogd", "Log in en probeer het opnieuw."),
    403: ("Geen toegang", "U mag dit niet zien of doen."),
    404: ("Niet gevonden", "Dit adres is niet bekend."),
    405: ("Kan hier niet", "Dit kan niet op dit adres. De kop Allow noemt wat wel kan."),
    406: ("Geen passend antwoord", "Wij antwoorden met JSON. Vraag in de kop Accept om application/json."),
    408: ("Te langzaam", "Uw bericht kwam niet op tijd helemaal binnen. Probeer het opnieuw. Direct gevaar? Bel 112."),
    409: ("Kan nu niet", "Dit past niet bij hoe het er nu voor staat."),
    413: ("Te groot", "Dit bericht is te groot. Er is niets opgeslagen."),
    415: ("Geen JSON", "Stuur de gegevens als JSON, met de kop Content-Type: application/json."),
    429: (
        "Even wachten",
        "Er kwamen hier te veel verzoeken achter elkaar vandaan. Er is niets opgeslagen. Wacht even en probeer het dan "
        "opnieuw. Direct gevaar? Bel 112.",
    ),
    431: ("Te veel koppen", "Adres en koppen van dit verzoek zijn samen te groot. Er is niets opgeslagen."),
    500: ("Er ging iets mis", "Er ging bij ons iets mis. Probeer het later opnieuw. Direct gevaar? Bel 112."),
    503: (
        "Even niet bereikbaar",
        "Wij weten niet of dit is opgeslagen. Stuur het zo nog eens, met dezelfde Idempotency-Key: dan komt het "
        "nooit dubbel. Direct gevaar? Bel 112.",
    ),
}
"""Title and usual detail of each status."""
UNUSUAL = ("Dat ging niet", "Dit verzoek kunnen wij niet uitvoeren.")

NOT_READABLE = (
    "Wij kunnen deze gegevens niet lezen. Er is iets mis met hoe ze zijn opgeslagen. Er is nu niets veranderd. "
    "Onze beheerder heeft bericht gekregen. Hebt u de gegevens nu nodig? Bel dan met wie u helpt bij deze zaak. "
    "Direct gevaar? Bel 112."
)
"""Where a seal is broken or a key is lost: trying again does not help, a person must look at it."""

MISTAKES = {
    "missing": "Vul dit in.",
    "extra_forbidden": "Dit veld kennen wij niet.",
    "json_invalid": "Dit is geen geldige JSON.",
    "enum": "Kies een woord van de lijst.",
    "literal_error": "Kies een woord van de lijst.",
    "string_too_short": "Dit is te kort. Het kleinste aantal tekens is {min_length}.",
    "string_too_long": "Dit is te lang. Het grootste aantal tekens is {max_length}.",
    "string_pattern_mismatch": "Dit heeft niet de goede vorm.",
    "string_unicode": "Hier staan tekens in die wij niet kunnen lezen.",
    "string_type": "Dit moet tekst zijn.",
    "too_short": "Dit zijn er te weinig. Het kleinste aantal is {min_length}.",
    "too_long": "Dit zijn er te veel. Het grootste aantal is {max_length}.",
    "greater_than": "Dit moet meer zijn dan {gt}.",
    "greater_than_equal": "Dit moet {ge} of meer zijn.",
    "less_than": "Dit moet minder zijn dan {lt}.",
    "less_than_equal": "Dit moet {le} of minder zijn.",
    "model_attributes_type": "Dit moet een JSON-object zijn.",
    "model_type": "Dit moet een JSON-object zijn.",
    "date_from_datetime_inexact": "Schrijf alleen de datum, zoals 2016-03-14.",
    "timezone_aware": "Noem ook de tijdzone, zoals 2016-03-14T02:10:00Z of 2016-03-14T03:10:00+01:00.",
}
"""What people read for each type of mistake that pydantic finds. Only limits are filled in, never the input."""

MISTAKES_ABOUT = {
    "int": "Dit moet een heel getal zijn.",
    "float": "Dit moet een getal zijn.",
    "decimal": "Dit moet een getal zijn.",
    "finite": "Dit moet een getal zijn.",
    "bool": "Dit moet true (ja) of false (nee) zijn.",
    "date": "Schrijf een datum zoals 2016-03-14.",
    "datetime": "Schrijf een moment zoals 2016-03-14T02:10:00Z.",
    "list": "Dit moet een lijst zijn.",
    "tuple": "Dit moet een lijst zijn.",
    "dict": "Dit moet een JSON-object zijn.",
}
"""For types that begin with this word, such as `int_parsing`."""

CHANGED = "Iemand anders wijzigde dit op hetzelfde moment. Probeer het opnieuw."
AWAY_ON_PAGE = (
    "Wij weten niet of dit is opgeslagen. Verstuur het zo nog eens met de knop hieronder: het komt nooit dubbel aan. "
    "Direct gevaar? Bel 112."
)
TO_PEOPLE: dict[int, tuple[str, str]] = {
    405: ("Kan hier niet", "Dit kan niet op deze plek. Ga terug naar de startpagina en begin daar."),
    406: ("Kan hier niet", "Uw browser vraagt iets wat wij niet kunnen geven."),
    413: (
        "Te groot",
        "Dit is te groot om te versturen. Er is niets opgeslagen. Maak het kleiner.",
    ),
    415: ("Niet te lezen", "Wij kunnen niet lezen wat uw browser stuurt. Er is niets opgeslagen."),
    431: ("Te lang", "Dit adres is te lang. Er is niets opgeslagen. Ga terug naar de startpagina."),
    503: ("Even niet bereikbaar", AWAY_ON_PAGE),
}
"""What a page says of a status whose usual words are for machines."""
AGAIN = (403, 408, 429)
"""After these a person may want to send the same form once more."""
Field = tuple[str, str]

OWN = "Value error, "
"""Before the text of our own `ValueError`s, which are Dutch and repeat nothing."""


def to_people(status: int) -> tuple[str, str]:
    """Title and usual detail of a status, on a page."""
    return TO_PEOPLE.get(status) or ANSWERS.get(status, UNUSUAL)


def problem(status: int, title: str = "", detail: str = "", **more: Any) -> JSONResponse:
    """Problem details. `title` and `detail` are for people, in Dutch; without: the usual ones of the status."""
    usual = ANSWERS.get(status, UNUSUAL)
    body = {"type": "about:blank", "status": status, "title": title or usual[0], "detail": detail or usual[1]} | more
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def message(error: Mapping[str, Any]) -> str:
    """What a person reads about one error of pydantic, or about one that a route made itself."""
    kind, text = str(error["type"]), str(error["msg"])
    if text.startswith(OWN):
        return text.removeprefix(OWN)
    if "input" not in error:  # made by a route: its text is ours
        return text
    found = MISTAKES.get(kind) or MISTAKES_ABOUT.get(kind.partition("_")[0], "Dit klopt niet.")
    return found.format_map(error.get("ctx") or {})


def field(error: Mapping[str, Any]) -> str:
    """Where the mistake is, such as `body.lines.0.type`. A name that cannot be one of ours is not repeated."""
    where = error["loc"][:1] if error["type"] == "json_invalid" else error["loc"]
    return ".".join(str(part) if re.fullmatch(r"[\w-]{1,40}", str(part), re.ASCII) else "?" for part in where)


def invalid(errors: Sequence[Any]) -> JSONResponse:
    """400 with every mistake."""
    return problem(400, errors=[{"field": field(error), "message": message(error)} for error in errors])


def unforeseen(request: Request) -> Response:
    """What is answered when something of ours is broken."""
    site = pages_of(request) if "app" in request.scope else None
    return site.error(request, 500) if site else problem(500)


def methods_of(app: FastAPI, path: str) -> str:
    """What `Allow` says about a path: the methods of all its routes. The framework names only the first route's."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path is not None and compile_path(route.path)[0].fullmatch(path):
            found |= route.methods or set()
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


class Pages(Protocol):
    """The pages of a service, as far as errors need them. They are at `app.state.site`."""

    def wants_page(self, request: Request) -> bool:
        """Whether this request is one for a page."""

    def error(self, request: Request, status: int, detail: str = "", *, fields: Sequence[Field] = ()) -> Response:
        """A page that says what happened and what to do."""

    async def signed_out(self, request: Request) -> Response:
        """Where a person goes who must sign in first."""

    async def kept(self, request: Request) -> Sequence[Field]:
        """What the form of this request sent."""


def pages_of(request: Request) -> Pages | None:
    """The pages, when this is a request for one."""
    site: Pages | None = getattr(request.app.state, "site", None)
    return site if site is not None and site.wants_page(request) else None


async def _on_page(request: Request, error: HTTPException, detail: str) -> Response | None:
    """The same error as a page, when the request was for one."""
    site = pages_of(request)
    if site is None:
        return None
    if error.status_code == 401:
        return await site.signed_out(request)
    kept = await site.kept(request) if error.status_code in AGAIN else ()
    answer = site.error(request, error.status_code, detail, fields=kept)
    answer.headers.update(error.headers or {})
    return answer


def add_problems(app: FastAPI) -> None:
    """Makes the app answer with problem details, or with a page. What nobody foresaw: see `Answers` (headers.py)."""

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> Response:
        site = pages_of(request)
        if site is not None:
            return site.error(request, 400, " ".join(dict.fromkeys(map(message, error.errors()))))
        return invalid(error.errors())

    @app.exception_handler(HTTPException)
    async def known(request: Request, error: HTTPException) -> Response:
        own = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
        page = await _on_page(request, error, own)
        if page is not None:
            return page
        if error.status_code == 400 and isinstance(error.__cause__, Exception):  # a body that could not be read at all
            return invalid([{"type": "json_invalid", "loc": ("body",), "msg": "", "input": None}])
        answer = problem(error.status_code, detail=own)
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.headers["Allow"] = methods_of(app, request.scope["path"].removeprefix(request.scope["root_path"]))
        return answer

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        site = pages_of(request)
        return site.error(request, 409, error.reason) if site else problem(409, detail=error.reason)

    @app.exception_handler(Unreadable)
    async def unreadable(request: Request, error: Unreadable) -> Response:
        if (site := pages_of(request)) is not None:
            return site.error(request, 500, NOT_READABLE, fields=await site.kept(request))
        return problem(500, "Niet leesbaar", NOT_READABLE)

    _add_races(app)


def _add_races(app: FastAPI) -> None:
    @app.exception_handler(KeyUsed)
    async def key_used(request: Request, error: KeyUsed) -> Response:
        if (site := pages_of(request)) is not None:
            return site.error(request, 409, "Dit formulier is al verstuurd. Kijk of het er al staat.")
        return problem(409, "Sleutel al gebruikt", "Deze Idempotency-Key hoort bij een ander verzoek.")

    @app.exception_handler(Conflict)
    async def conflict(request: Request, error: Conflict) -> Response:
        if (site := pages_of(request)) is not None:
            return site.error(request, 409, CHANGED, fields=await site.kept(request))
        return problem(409, "Net gewijzigd", CHANGED)

    async def away(request: Request, error: Exception) -> Response:
        site = pages_of(request)
        answer = site.error(request, 503, fields=await site.kept(request)) if site else problem(503)
        answer.headers["Retry-After"] = "5"
        return answer

    for kind in AWAY:
        app.add_exception_handler(kind, away)
