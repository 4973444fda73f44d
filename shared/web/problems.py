"""Problem details (RFC 9457): one form for everything that goes wrong, in short and kind Dutch.

No answer repeats what was sent, and none tells of our inside. Invalid input is 400 with all mistakes at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from shared.contracts.decisions import Refused
from shared.runtime.cases import Conflict, KeyUsed
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

OWN = "Value error, "
"""Before the text of our own `ValueError`s, which are Dutch and repeat nothing."""


def problem(status: int, title: str = "", detail: str = "", **more: Any) -> JSONResponse:
    """Problem details. `title` and `detail` are for people, in Dutch; without: the usual ones of the status."""
    usual = ANSWERS.get(status, ("Dat ging niet", "Dit verzoek kunnen wij niet uitvoeren."))
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


def methods_of(app: FastAPI, path: str) -> str:
    """What `Allow` says about a path: the methods of all its routes. The framework names only the first route's."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path is not None and compile_path(route.path)[0].fullmatch(path):
            found |= route.methods or set()
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def add_problems(app: FastAPI) -> None:
    """Makes the app answer with problem details. What nobody foresaw is answered by `Answers` (headers.py)."""

    @app.exception_handler(RequestValidationError)
    async def not_valid(_: Request, error: RequestValidationError) -> JSONResponse:
        return invalid(error.errors())

    @app.exception_handler(HTTPException)
    async def known(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400 and isinstance(error.__cause__, Exception):  # a body that could not be read at all
            return invalid([{"type": "json_invalid", "loc": ("body",), "msg": "", "input": None}])
        usual = error.detail == HTTPStatus(error.status_code).phrase
        answer = problem(error.status_code, detail="" if usual else str(error.detail))
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.headers["Allow"] = methods_of(app, request.scope["path"].removeprefix(request.scope["root_path"]))
        return answer

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        return problem(409, detail=error.reason)

    _add_races(app)


def _add_races(app: FastAPI) -> None:
    @app.exception_handler(KeyUsed)
    async def key_used(_: Request, error: KeyUsed) -> JSONResponse:
        return problem(409, "Sleutel al gebruikt", "Deze Idempotency-Key hoort bij een ander verzoek.")

    @app.exception_handler(Conflict)
    async def conflict(_: Request, error: Conflict) -> JSONResponse:
        return problem(409, "Net gewijzigd", "Iemand anders wijzigde dit op hetzelfde moment. Probeer het opnieuw.")

    async def away(_: Request, error: Exception) -> JSONResponse:
        answer = problem(503)
        answer.headers["Retry-After"] = "5"
        return answer

    for kind in AWAY:
        app.add_exception_handler(kind, away)
