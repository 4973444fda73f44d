"""Lists of work are narrowed in one way: by words that are on them, by the beginning of a number, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from shared.web.narrowing import (
    EVERYTHING,
    MOST,
    ROWS,
    Asked,
    Way,
    asked,
    fetched,
    in_field,
    in_lines,
    in_words,
    narrow,
    together,
    words,
)
from shared.web.paging import Page

WAYS = (
    Way("waitsFor", "wacht", "Wat moet er gebeuren?", in_field("waits_for"), in_words("WaitsFor")),
    Way("kind", "soort", "Welke soort?", in_field("kind"), in_words("IncidentKind")),
)
ROW: list[dict[str, Any]] = [
    {"case": "aaaaaa1", "kind": "threat", "waits_for": ["talk", "aangifte"]},
    {"case": "aaaaaa2", "kind": "violence", "waits_for": ["aangifte"]},
    {"case": "bbbbbb3", "kind": None, "waits_for": []},
]


def page_request(query: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/werk", "query_string": query.encode(),
                    "headers": Headers({}).raw})  # fmt: skip


def cases(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["case"] for row in rows]


def test_given_nothing_asked_then_all_is_there_in_its_order_with_counts_of_each_word() -> None:
    found = narrow(ROW, WAYS, EVERYTHING)
    assert cases(found.rows) == ["aaaaaa1", "aaaaaa2", "bbbbbb3"] and found.total == 3
    assert found.counts == {"waitsFor": {"talk": 1, "aangifte": 2}, "kind": {"threat": 1, "violence": 1}}
    assert found.options(WAYS[0]) == [("talk", "Bel voor een gesprek (1)"), ("aangifte", "Neem de aangifte op (2)")]


def test_given_two_words_then_a_row_has_both_and_counts_stay_those_of_the_whole_list() -> None:
    found = narrow(ROW, WAYS, Asked({"waitsFor": "aangifte", "kind": "violence"}))
    assert cases(found.rows) == ["aaaaaa2"]
    assert found.counts["waitsFor"] == {"talk": 1, "aangifte": 2}


def test_given_the_beginning_of_a_number_then_only_cases_that_begin_so() -> None:
    assert cases(narrow(ROW, WAYS, Asked(number="aaaaaa")).rows) == ["aaaaaa1", "aaaaaa2"]
    assert not narrow(ROW, WAYS, Asked(number="aa1")).rows


def test_given_more_rows_than_a_page_then_the_next_page_goes_on_and_keeps_what_was_asked() -> None:
    many = [{"case": f"{number:06}", "kind": "threat", "waits_for": []} for number in range(ROWS + 1)]
    first = narrow(many, WAYS, Asked({"kind": "threat"}))
    assert len(first.rows) == ROWS and first.more and first.total == ROWS + 1
    assert first.address(2, lijst="to-pay") == "lijst=to-pay&wacht=&soort=threat&zaak=&bladzij=2"
    second = narrow(many, WAYS, Asked({"kind": "threat"}, page=2))
    assert cases(second.rows) == [f"{ROWS:06}"] and not second.more
    assert second.here == "?wacht=&soort=threat&zaak=&bladzij=2" and narrow(many, WAYS, EVERYTHING).here == ""


def test_given_a_list_that_is_too_long_then_it_says_so() -> None:
    many = [{"case": str(number), "kind": "threat", "waits_for": []} for number in range(MOST + 1)]
    found = narrow(many, WAYS, EVERYTHING)
    assert not found.whole and found.total == MOST
    assert not together(narrow(ROW, WAYS, EVERYTHING), found).whole


def test_given_an_address_of_a_page_then_what_cannot_be_read_there_asks_for_nothing() -> None:
    assert asked(page_request("wacht=talk&soort=&zaak=abc&bladzij=3"), WAYS) == Asked(
        {"waitsFor": "talk", "kind": ""}, "abc", 3
    )
    assert not asked(page_request("bladzij=x"), WAYS).narrows and asked(page_request("bladzij=-1"), WAYS).page == 1
    assert asked(page_request(f"bladzij={10**9}"), WAYS).page == MOST


def test_given_two_lists_on_a_page_then_counts_are_of_both() -> None:
    both = together(narrow(ROW[:1], WAYS, EVERYTHING), narrow(ROW[1:], WAYS, EVERYTHING))
    assert both.counts["waitsFor"] == {"talk": 1, "aangifte": 2}


def test_given_lines_then_a_row_has_the_words_of_each_once() -> None:
    row = {"lines": [{"status": "disputed"}, {"status": "to-judge"}, {"status": "disputed"}]}
    assert in_lines("status")(row) == ["disputed", "to-judge"]


def test_the_parameters_of_the_api_are_the_keys_of_the_ways() -> None:
    assert words(waits_for="talk", kind=None) == {"waitsFor": "talk", "kind": ""}


async def test_given_a_narrowed_list_of_the_api_then_its_pages_are_of_what_is_asked() -> None:
    async def fetch(skip: int, limit: int) -> list[dict[str, Any]]:
        return ROW[skip : skip + limit]

    def page(number: int) -> Page:
        return Page(number, 1, page_request(f"page={number}&pageSize=1&waitsFor=aangifte"), Response())

    first, second = page(1), page(2)
    wanted = Asked({"waitsFor": "aangifte"})
    assert cases(first.cut(await fetched(fetch, first, WAYS, wanted))) == ["aaaaaa1"]
    assert first._response.headers["Link"] == '</werk?page=2&pageSize=1&waitsFor=aangifte>; rel="next"'
    assert cases(second.cut(await fetched(fetch, second, WAYS, wanted))) == ["aaaaaa2"]
    assert "next" not in second._response.headers["Link"]
    assert cases(await fetched(fetch, page(2), WAYS, EVERYTHING)) == ["aaaaaa2", "bbbbbb3"]
