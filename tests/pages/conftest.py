"""A whole stack on the embedded pair, and a real browser. In CI neither may be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import backends
from tests.pages.visiting import CHROMIUM, OPTIONS, Visitor, Way
from tests.stack import Stack, started


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for all tests of pages: each makes its own cases."""
    with started(tmp_path_factory.mktemp("pages")) as stack:
        yield stack


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if not CHROMIUM:
        backends.missing("no Chromium here (Debian, Ubuntu: `apt install chromium`)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))


@pytest.fixture
def visit(running: Stack, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens a window for somebody: `visit("wethouder-1")`, or `visit()` for somebody who did not sign in."""
    opened: list[Visitor] = []

    def open_window(account: str = "", *, scripts: bool = True, way: Way = Way.MOUSE) -> Visitor:
        visitor = Visitor(
            browser, f"http://127.0.0.1:{running.ports['--port']}",
            scripts=scripts and way is not Way.NO_SCRIPT, keyboard=way is Way.KEYBOARD,
        )  # fmt: skip
        opened.append(visitor)
        if account:
            visitor.sign_in(account)
        return visitor

    yield open_window
    for visitor in opened:
        visitor.close()
