"""The NL API Design Rules on every route of every service, whatever goes wrong (RE-2, RE-3, RE-5)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from deploy.api.documents import SERVICES
from deploy.local.temporary import Mongo
from services.aftercare.confidential_line.contacts import Contacts
from shared.access.roles import Role
from shared.contracts.decisions import Refused
from shared.privacy.references import References
from shared.runtime.cases import Cases, Conflict, KeyUsed
from shared.runtime.mongo import AWAY
from tests.services.serving import Served, serve
from tests.web.proper import NOWHERE, caller, improper, operations

CANARY = "kanarie-Jansen"
JSON = {"Content-Type": "application/json"}

OPAQUE = {
    "advice", "attempt", "callback", "case", "contact", "document", "evidence", "incident", "invoice", "line",
    "measure", "participant", "person", "reference", "report", "request", "session", "signal", "talk", "training",
    "weighing",
}  # fmt: skip
"""Path parameters. Each holds a reference that we made ourselves; what people write or are never stands in a URL."""
PLAIN = {
    "channel", "kind", "measureType", "municipality", "number", "page", "pageSize", "quarter", "since", "state",
    "status", "step", "urgency", "waitsFor", "year",
}  # fmt: skip
"""Query parameters: words from a list, numbers and moments. Whoever adds one says here that it names nobody."""

FOR_ANYBODY = {("GET", "/v1/line"), ("GET", "/v1/help-lines"), ("POST", "/v1/reports"), ("POST", "/v1/callbacks")}
"""Routes that ask nobody who they are. They tell nothing of any case."""


@pytest.fixture(params=sorted(SERVICES))
async def served(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Served]:
    """Each service, one after the other."""
    async with serve(SERVICES[request.param], mongo) as made:
        yield made


def every(served: Served, *methods: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The routes with one of these methods; all but the document itself."""
    found = [one for one in operations(served.app) if not one[1].endswith(".json") and one[0] in (methods or (one[0],))]
    assert found or methods
    return found


def taken(operation: dict[str, Any]) -> set[str]:
    """The content types that a route takes: JSON, or a file as it is."""
    return set(operation.get("requestBody", {}).get("content", {}))


def check(answer: httpx2.Response, status: int, what: str) -> None:
    """The answer has this status, and is as every answer is."""
    assert (answer.status_code, improper(answer)) == (status, []), what
    assert CANARY not in answer.text, what


async def test_a_slash_at_the_end_is_another_address_and_that_is_not_known(served: Served) -> None:
    for method, path, _ in every(served):
        check(await served.client.request(method, path + "/", headers=caller("bzk")), 404, f"{method} {path}/")


async def test_an_unknown_address_is_404(served: Served) -> None:
    for path in ("/nowhere", "/v1", "/v1/", "/v1/nowhere", "/openapi.json", f"/v1/{CANARY}?{CANARY}={CANARY}"):
        check(await served.client.get(path), 404, path)


async def test_another_method_is_405_and_allow_names_them_all(served: Served) -> None:
    there: dict[str, set[str]] = {}
    for method, path, _ in every(served):
        there.setdefault(path, set()).update({method, "HEAD"} if method == "GET" else {method})
    for path, methods in there.items():
        for method in {"GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"} - methods:
            # `/reports/{case}` and `/reports/mine` are both there for the second path.
            answer = await served.client.request(method, path)
            if answer.status_code == 405:
                check(answer, 405, f"{method} {path}")
                assert set(answer.headers["allow"].split(", ")) >= methods, path
            else:
                assert any(re.fullmatch(re.sub(r"0{32}", "[^/]+", other), path) for other in there if other != path)


async def test_what_is_not_json_is_415_and_who_does_not_take_json_gets_406(served: Served) -> None:
    for method, path, operation in every(served):
        refused = {"Accept": "text/html, application/xml;q=0.9"}
        check(await served.client.request(method, path, headers=refused), 406, f"{method} {path}")
        if "requestBody" in operation:
            for kind in {"text/plain", "application/xml", "image/png", "application/json", ""} - taken(operation):
                sent = await served.client.request(
                    method, path, content=CANARY.encode(), headers=caller("bzk") | {"Content-Type": kind}
                )
                check(sent, 415, f"{method} {path} {kind}")


async def test_without_a_token_nobody_comes_in(served: Served) -> None:
    """By what each route says of itself: sign-in is needed, one may do without, or it is for anybody."""
    for method, path, operation in every(served):
        headers = {"Idempotency-Key": "0123456789", "Content-Type": next(iter(taken(operation)), "application/json")}
        answer = await served.client.request(method, path, headers=headers, content=b"{}")
        assert improper(answer) == [], f"{method} {path}"
        schemes = operation.get("security", [])
        by_code = path == "/v1/contact" or path.startswith("/v1/contact/")  # of the line: a return code, no sign-in
        assert schemes or by_code or (method, path) in FOR_ANYBODY, f"{method} {path}"
        if not schemes:
            continue
        assert answer.status_code == 401 or {} in schemes, f"{method} {path}"
        bad = await served.client.request(method, path, headers=headers | {"Authorization": "Bearer x"}, json={})
        check(bad, 401, f"{method} {path}")
        assert bad.headers["www-authenticate"] == "Bearer"


async def test_a_role_nobody_knows_comes_in_nowhere(served: Served) -> None:
    for method, path, operation in every(served):
        if "security" in operation:
            headers = caller("mayor") | {"Content-Type": next(iter(taken(operation)), "application/json")}
            check(await served.client.request(method, path, headers=headers, content=b"{}"), 403, f"{method} {path}")


async def test_whatever_a_role_sends_is_answered_properly(served: Served) -> None:
    """Bodies that do not fit, unknown references, broken JSON: 400, 403, 404 or 409, and never our fault."""
    seen: Counter[int] = Counter()
    for method, path, operation in every(served):
        bodies = [b'{"canary": "' + CANARY.encode() + b'"}', b"{", b"[]", b"null", b"[" * 100_000]
        for role in Role:
            for body in bodies if "requestBody" in operation else [b""]:
                headers = caller(role) | (JSON if body else {})
                answer = await served.client.request(method, path, content=body, headers=headers)
                assert improper(answer) == [], f"{role} {method} {path}"
                assert answer.status_code < 500 and answer.status_code != 422 and CANARY not in answer.text
                seen[answer.status_code] += 1
                if answer.status_code == 403:  # whatever the body is
                    break
    assert {400, 403, 404} <= set(seen), seen


FAILURES = [
    (RuntimeError(CANARY), 500), (KeyError(CANARY), 500), (AWAY[0](CANARY), 503), (Conflict(), 409),
    (KeyUsed(CANARY), 409), (Refused("Dit kan nu niet."), 409),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status"), FAILURES, ids=[type(error).__name__ for error, _ in FAILURES])
async def test_when_we_fail_the_answer_tells_nothing_of_our_inside(
    served: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise error

    for name in ("load", "update"):
        monkeypatch.setattr(Cases, name, fails)
    for name in ("by_code", "by_id"):
        monkeypatch.setattr(Contacts, name, fails)
    monkeypatch.setattr(References, "open", lambda *_: NOWHERE)
    seen: Counter[int] = Counter()
    with capture_logs() as lines:
        for method, path, operation in every(served):
            for role in Role:
                if "requestBody" not in operation:
                    answer = await served.client.request(method, path, headers=caller(role))
                    assert improper(answer) == [] and CANARY not in answer.text, f"{role} {method} {path}"
                    seen[answer.status_code] += 1
    assert seen[status], seen
    assert CANARY not in str(lines)
    if status == 500:
        assert {line["error"] for line in lines if line["event"] == "request_failed"} == {type(error).__name__}


async def test_what_is_read_has_an_etag_and_is_304_when_it_is_still_so(served: Served) -> None:
    roles = list(Role)
    found = 0
    for _, path, _ in every(served, "GET"):
        for role in roles:
            first = await served.client.get(path, headers=caller(role))
            if first.status_code == 200:
                again = await served.client.get(path, headers=caller(role, **{"If-None-Match": first.headers["etag"]}))
                assert (again.status_code, again.content, improper(again)) == (304, b"", []), path
                found += 1
    document = await served.client.get("/v1/openapi.json")
    check(document, 200, "the document")
    assert found or served.app.state.service.name == "intake", "lists can be read empty"


def names(app: Any, where: str) -> set[str]:
    """The names of all parameters in `path` or `query`."""
    return {
        one["name"]
        for _, _, operation in operations(app)
        for one in operation.get("parameters", [])
        if one.get("in") == where
    }


async def test_a_url_holds_opaque_references_and_plain_words_only(served: Served) -> None:
    """RE-5, `/core/transport/no-sensitive-uris`."""
    assert names(served.app, "path") <= OPAQUE
    assert names(served.app, "query") <= PLAIN


async def test_health_and_the_clock_carry_the_same_headers(served: Served) -> None:
    for path in ("/health/live", "/klok"):
        check(await served.client.get(path), 200, path)
    now = (await served.client.get("/klok")).json()["now"]
    assert now.endswith("Z") and datetime.fromisoformat(now)
