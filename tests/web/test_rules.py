"""The rules of the HTTP layer one by one, on a service of three routes."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field
from structlog.testing import capture_logs

from shared.contracts.vocabulary import Office
from shared.web.headers import LARGEST_BODY
from shared.web.http import LARGEST_NUMBER, Body, Keyed, finish
from shared.web.negotiation import accepts, only_json
from shared.web.paging import Paged
from shared.web.problems import MISTAKES, MISTAKES_ABOUT
from tests.web.proper import improper

CANARY = "kanarie-Jansen"
KEY = {"Idempotency-Key": "0123456789"}


class Colour(StrEnum):
    RED = "red"


class LineBody(Body):
    number: int = Field(ge=1, le=5)


class ThingBody(Body):
    """A field of every kind that the services use."""

    name: str = Field(min_length=2, max_length=4)
    code: str = Field("9901", pattern=r"^\d{4}$")
    colour: Colour = Colour.RED
    office: Office = Office.MAYOR
    amount: int = Field(1, gt=0)
    share: float = Field(0.5, lt=1)
    wished: bool = False
    lines: list[LineBody] = Field([], max_length=2)
    words: tuple[str, ...] = Field(("a",), min_length=1)
    moments: tuple[datetime, ...] = ()
    made_at: AwareDatetime | None = None
    filed_on: date | None = None


app = FastAPI(redirect_slashes=False)
finish(app, "https://veilig.example/here")
router = APIRouter()


@router.get("/things")
def things(page: Paged, actor: Annotated[str, Header(pattern="^[a-z]+$")] = "a") -> list[int]:
    return page.cut([1, 2, 3][page.skip : page.skip + page.fetch])


@router.post("/things")
def make(body: ThingBody, once: Keyed, page: Paged) -> dict[str, Any]:
    return {"made_at": body.made_at, "moments": body.moments, "filed_on": body.filed_on}


@router.get("/broken")
def broken() -> None:
    raise RuntimeError(CANARY)


@router.get("/own")
def own() -> None:
    raise RequestValidationError([{"type": "missing", "loc": ("body", "name"), "msg": "Noem uw naam."}])


@router.get("/teapot")
def teapot() -> None:
    raise HTTPException(418)


@router.get("/page", response_class=HTMLResponse)
def page() -> HTMLResponse:
    return HTMLResponse("<p>", headers={"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=1"})


app.include_router(router, prefix="/v1", dependencies=[Depends(only_json)])
client = TestClient(app)


def mistakes(body: Any, **headers: str) -> dict[str, str]:
    """What is said of each field, for a body with this beside a good name."""
    answer = client.post("/v1/things", json=body, headers=KEY | headers)
    assert (answer.status_code, improper(answer)) == (400, [])
    assert CANARY not in answer.text
    return {error["field"].removeprefix("body."): error["message"] for error in answer.json()["errors"]}


SAID = {
    "Vul dit in.": {"name": None, "_": "missing"},
    "Dit veld kennen wij niet.": {"other": CANARY},
    "Dit is te kort. Het kleinste aantal tekens is 2.": {"name": "a"},
    "Dit is te lang. Het grootste aantal tekens is 4.": {"name": CANARY},
    "Dit moet tekst zijn.": {"name": 5},
    "Dit heeft niet de goede vorm.": {"code": CANARY},
    "Kies een woord van de lijst.": {"colour": CANARY},
    "Dit woord staat niet op de lijst.": {"office": CANARY},
    "Dit moet meer zijn dan 0.": {"amount": 0},
    "Dit moet minder zijn dan 1.0.": {"share": 1},
    "Dit moet 1 of meer zijn.": {"lines": [{"number": 0}]},
    "Dit moet 5 of minder zijn.": {"lines": [{"number": 6}]},
    "Dit moet een heel getal zijn.": {"amount": CANARY},
    "Dit moet een getal zijn.": {"share": CANARY},
    "Dit moet true (ja) of false (nee) zijn.": {"wished": CANARY},
    "Dit moet een lijst zijn.": {"lines": CANARY},
    "Dit moet een JSON-object zijn.": {"lines": [CANARY]},
    "Dit zijn er te veel. Het grootste aantal is 2.": {"lines": [{"number": 1}] * 3},
    "Dit zijn er te weinig. Het kleinste aantal is 1.": {"words": []},
    "Schrijf een moment zoals 2016-03-14T02:10:00Z.": {"made_at": CANARY},
    "Schrijf een datum zoals 2016-03-14.": {"filed_on": CANARY},
    "Schrijf alleen de datum, zoals 2016-03-14.": {"filed_on": "2016-03-14T01:00:00Z"},
    "Noem ook de tijdzone, zoals 2016-03-14T02:10:00Z of 2016-03-14T03:10:00+01:00.": {
        "made_at": "2016-03-14T02:10:00"
    },
    "Dit jaar kan niet kloppen.": {"filed_on": "0016-03-14"},
    "Dit getal is te groot.": {"amount": LARGEST_NUMBER + 1},
}


@pytest.mark.parametrize("said", SAID)
def test_each_kind_of_mistake_is_told_in_dutch_and_without_what_was_sent(said: str) -> None:
    body = {"name": "abc"} | SAID[said]
    if body.pop("_", None):
        del body["name"]
    assert list(mistakes(body).values()) == [said]


def test_every_text_can_be_filled_in_and_is_one_sentence_or_two() -> None:
    for text in (*MISTAKES.values(), *MISTAKES_ABOUT.values()):
        assert text[0].isupper() and text.endswith(".") and text.count(". ") <= 1


def test_the_mistakes_in_query_headers_and_body_come_together() -> None:
    answer = client.post("/v1/things?page=0&pageSize=x", json={"amount": 0})
    assert {error["field"] for error in answer.json()["errors"]} == {
        "query.page", "query.pageSize", "header.idempotency-key", "body.name", "body.amount",
    }  # fmt: skip


def test_the_name_of_an_unknown_field_is_said_only_when_it_can_be_a_name() -> None:
    unknown = {"wrong_one": 1, f"{CANARY} woont hier": 1, "é": 1, "x" * 99: 1}
    content = json.dumps({"name": "abc"} | unknown)
    answer = client.post("/v1/things", content=content, headers=KEY | {"Content-Type": "application/json"})
    assert {error["field"] for error in answer.json()["errors"]} == {"body.wrong_one", "body.?"}


def test_a_route_may_say_it_in_its_own_words() -> None:
    assert client.get("/v1/own").json()["errors"] == [{"field": "body.name", "message": "Noem uw naam."}]


def test_a_word_for_later_readers_may_not_be_chosen() -> None:
    assert mistakes({"name": "abc", "office": "unknown"}) == {"office": "Dit woord staat niet op de lijst."}


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"\xff", b'{"\\ud800": 1}', b"", b"nul"])
def test_what_cannot_be_read_is_a_mistake_of_the_body(content: bytes) -> None:
    answer = client.post("/v1/things", content=content, headers=KEY | {"Content-Type": "application/json"})
    assert (answer.status_code, improper(answer)) == (400, [])
    assert {error["field"] for error in answer.json()["errors"]} == {"body"}


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(st.datetimes(), ZONES)
def test_any_offset_comes_in_and_utc_goes_out_unless_the_year_is_a_mistake(moment: datetime, offset: timedelta) -> None:
    """`/core/date-time/timezone`."""
    text = f"{moment.isoformat()}{'-' if offset < timedelta() else '+'}{str(abs(offset)).zfill(8)[:5]}"
    sent = {"name": "abc", "made_at": text, "moments": [text]}
    answer = client.post("/v1/things", json=sent, headers=KEY)
    assert answer.status_code == (200 if 1900 <= moment.year < 2200 else 400), answer.text
    if answer.status_code == 400:
        assert {error["message"] for error in answer.json()["errors"]} == {"Dit jaar kan niet kloppen."}
        return
    for seen in (answer.json()["made_at"], *answer.json()["moments"]):
        assert seen.endswith("Z")
        assert datetime.fromisoformat(seen) == datetime.fromisoformat(text)


def test_a_date_stays_a_date() -> None:
    answer = client.post("/v1/things", json={"name": "abc", "filed_on": "2016-03-14"}, headers=KEY)
    assert answer.json()["filed_on"] == "2016-03-14"


def test_a_page_says_where_its_neighbours_are() -> None:
    middle = client.get("/v1/things?page=2&pageSize=1")
    assert middle.json() == [2]
    assert middle.headers["link"] == (
        '</v1/things?page=1&pageSize=1>; rel="prev", </v1/things?page=3&pageSize=1>; rel="next"'
    )
    assert "link" not in client.get("/v1/things").headers


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        ([], True), ([""], True), (["*/*"], True), (["application/json"], True), (["application/*"], True),
        (["text/html", "application/json;q=0.1"], True), (["Application/JSON; charset=utf-8"], True),
        (["text/html"], False), (["application/json;q=0"], False), (["application/json;q=0, */*"], False),
        (["application/problem+json"], False), (["*/*;q=0"], False), (["application/json; q=many"], True),
    ],
    ids=str,
)  # fmt: skip
def test_who_takes_json(accept: list[str], taken: bool) -> None:
    assert accepts(accept) is taken


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200), ("application/json; charset=utf-8", 200), ("application/vnd.x+json", 200),
        ("text/json", 415), ("image/svg+json", 415), ("json", 415), ("application/xml", 415), ("", 415),
    ],
)  # fmt: skip
def test_only_json_comes_in(kind: str, status: int) -> None:
    answer = client.post("/v1/things", content=b'{"name": "abc"}', headers=KEY | {"Content-Type": kind})
    assert (answer.status_code, improper(answer)) == (status, [])


def test_a_body_in_pieces_needs_a_content_type_too() -> None:
    answer = client.post("/v1/things", content=iter([b'{"name":', b'"abc"}']), headers=KEY)
    assert answer.status_code == 415


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_body_that_is_too_large_is_413(pieces: int) -> None:
    whole = b'{"name": "' + b"a" * LARGEST_BODY + b'"}'
    cut = len(whole) // pieces + 1
    content = (whole[at : at + cut] for at in range(0, len(whole), cut))
    answer = client.post("/v1/things", content=content, headers=KEY | {"Content-Type": "application/json"})
    assert (answer.status_code, improper(answer)) == (413, [])


def test_what_nobody_foresaw_is_500_without_a_word_of_it() -> None:
    with capture_logs() as lines:
        answer = client.get("/v1/broken")
    assert (answer.status_code, improper(answer)) == (500, [])
    assert CANARY not in answer.text + str(lines)
    assert [line["error"] for line in lines] == ["RuntimeError"]


def test_a_status_without_words_of_its_own_still_has_title_and_detail() -> None:
    assert improper(client.get("/v1/teapot")) == []


def test_head_is_get_without_a_body() -> None:
    head, got = client.head("/v1/things"), client.get("/v1/things")
    assert (head.status_code, head.content, improper(head)) == (200, b"", [])
    assert head.headers["etag"] == got.headers["etag"] and head.headers["content-length"] == str(len(got.content))
    assert client.head("/nowhere").status_code == 404


def test_allow_names_the_methods_of_all_routes_at_a_path() -> None:
    answer = client.delete("/v1/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert client.head("/nowhere").status_code == 404


def test_the_etag_changes_with_the_answer() -> None:
    tag = client.get("/v1/things").headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get("/v1/things", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"], improper(answer)) == (304, b"", tag, [])
        assert "content-length" not in answer.headers
    one, two = (client.get(f"/v1/things?pageSize=1&page={number}", headers={"If-None-Match": tag}) for number in (1, 2))
    assert (one.status_code, two.status_code) == (200, 200)
    assert one.headers["etag"] != two.headers["etag"], "bodies of one length"
    assert "etag" not in client.get("/nowhere", headers={"If-None-Match": "*"}).headers


def test_a_route_may_set_a_header_itself_and_a_page_is_left_alone() -> None:
    answer = client.get("/v1/page", headers={"Accept": "*/*"})
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["cache-control"] == "max-age=1"
    assert "etag" not in answer.headers


def test_only_our_own_pages_may_read_from_a_browser() -> None:
    """`/core/transport/cors`."""
    answer = client.get("/v1/things", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "https://veilig.example"
