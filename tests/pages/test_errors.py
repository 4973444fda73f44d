"""Every error is a page that says what to do, as good as any other page; what cannot be made to happen is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import textstat
from playwright.sync_api import Route
from starlette.requests import Request

from services.intake.app import build as intake
from shared.web.pages import Site
from shared.web.problems import ANSWERS, NOT_READABLE, TO_PEOPLE
from tests.access.signing import local_settings
from tests.pages.visiting import Visitor, look
from tests.services.serving import KEYS

TYPED = [("once", "a-key"), ("words", "Ik wil dat u mij belt.")]
MACHINES = re.compile(r"JSON|Idempotency|Accept|Allow|Content-Type|kop\b|koppen")


@pytest.fixture(scope="module")
def site() -> Site:
    """The pages of intake."""
    found: Site = intake(local_settings(), keys=KEYS).state.site
    return found


def drawn(site: Site, status: int, detail: str = "") -> str:
    """The page of an error, in which something had been typed."""
    scope = {"type": "http", "method": "POST", "path": "/intake/melden", "headers": [], "query_string": b"",
             "state": {}}  # fmt: skip
    return bytes(site.error(Request(scope), status, detail, fields=TYPED).body).decode()


@pytest.mark.parametrize("status", sorted({*ANSWERS, *TO_PEOPLE}))
def test_a_page_has_no_words_for_machines_and_keeps_what_was_typed(site: Site, status: int) -> None:
    html = drawn(site, status)
    assert not MACHINES.search(re.sub(r"<[^>]+>", " ", html))
    assert 'value="Ik wil dat u mij belt."' in html


@pytest.mark.parametrize("status", [401, 409, 429, 500, 503])
def test_the_page_of_an_error_is_good(site: Site, visit: Callable[..., Visitor], status: int) -> None:
    html = drawn(site, status)
    somebody = visit()
    somebody.page.route("**/intake/getekend", lambda route: give(route, status, html))
    somebody.open("/intake/getekend")
    assert somebody.page.get_by_role("heading", level=1).inner_text()
    assert "Naar de startpagina" in somebody.text()
    look(somebody, f"{status}-drawn")


def give(route: Route, status: int, html: str) -> None:
    """Answers the browser in the place of the stack."""
    route.fulfill(status=status, content_type="text/html", body=html)


def test_the_words_of_errors_are_easy() -> None:
    textstat.set_lang("nl")
    said = [detail for status in {*ANSWERS, *TO_PEOPLE} for detail in [(TO_PEOPLE.get(status) or ANSWERS[status])[1]]]
    assert textstat.flesch_reading_ease(" ".join([*said, NOT_READABLE])) >= 60
