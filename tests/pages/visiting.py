"""A person at a real browser: signs in as somebody of the example, fills in, and what must hold of every page seen."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request

from deploy.lint.spectral import installed
from tests.stack import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
SHOTS = ROOT / ".cache" / "screenshots"
"""Git ignores it; a person looks at them."""
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--no-first-run")  # fmt: skip
WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ENGLISH = re.compile(r"\b(the|and|your|please|error|submit|required|unknown|undefined|None|True|False)\b")
"""Words that no Dutch text has, and what Python says for nothing."""


SPELLINGS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "date": lambda text: (f"{text[5:7]}{text[8:]}{text[:4]}", f"{text[8:]}{text[5:7]}{text[:4]}"),
    "time": lambda text: (f"{time.fromisoformat(text):%I%M%p}", text.replace(":", "")),
}
"""How the keyboard types a date or time: in the order of the browser's own language, whatever the page's is."""


class Way(StrEnum):
    """How somebody uses a page."""

    MOUSE = "mouse"
    NO_SCRIPT = "no-script"
    KEYBOARD = "keyboard"


class Visitor:
    """One browser window of one person. `address`: of the stack.

    With `keyboard` everything is done with Tab, arrows, Space, Enter and letters; what these do not reach fails.
    """

    def __init__(self, browser: Browser, address: str, *, scripts: bool = True, keyboard: bool = False) -> None:
        self.address = address
        self.scripts, self.keyboard = scripts, keyboard
        self.left: list[str] = []
        self.context: BrowserContext = browser.new_context(
            java_script_enabled=scripts, locale="nl-NL", timezone_id="Europe/Amsterdam", base_url=address
        )
        self.context.set_default_timeout(15_000)
        self.context.on("request", self._note)
        self.page: Page = self.context.new_page()

    def _note(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.address).netloc and not request.url.startswith("data:"):
            self.left.append(request.url)

    def sign_in(self, account: str, then: str = "/intake/") -> None:
        """As this person of the example (deploy/identity/people.toml)."""
        self.page.goto(f"/sign-in?returnTo={then}")
        self.page.locator(f"button[value='{account}']").click()
        self.page.wait_for_url(f"**{then}")

    def open(self, path: str) -> None:
        """Opens a page of ours."""
        self.page.goto(path)

    def press(self, name: str, *, exact: bool = True) -> None:
        """Presses the first button with this name."""
        self.go(self.page.get_by_role("button", name=name, exact=exact).first)

    def follow(self, name: str, *, exact: bool = True) -> None:
        """Follows the first link with this name."""
        self.go(self.page.get_by_role("link", name=name, exact=exact).first)

    def unfold(self, summary: str) -> None:
        """Opens a part that is folded in."""
        wanted = self.page.locator("summary", has_text=summary)
        if not self.keyboard:
            wanted.click()
            return
        self.tab_to(wanted)
        self.page.keyboard.press("Enter")

    def fill(self, label: str, text: str) -> None:
        """Fills in a field, by its label."""
        self.put(self.page.get_by_label(label, exact=True), text)

    def put(self, field: Locator, text: str) -> None:
        """Fills in this field. A date is given as 2016-03-14."""
        if not self.keyboard:
            field.fill(text)
            return
        self.tab_to(field)
        kind = field.get_attribute("type") or ""
        for spelled in SPELLINGS[kind](text) if kind in SPELLINGS else ():
            field.focus()
            self.page.keyboard.type(spelled)
            if field.input_value() == text:
                return
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        assert field.input_value() == text

    def choose(self, label: str) -> None:
        """Ticks a box or chooses a radio button."""
        self.tick(self.page.get_by_label(label, exact=True))

    def tick(self, box: Locator) -> None:
        """Ticks this box or chooses this radio button."""
        if not self.keyboard:
            box.check()
        elif box.get_attribute("type") == "radio":
            self._choose_by_arrows(box)
        else:
            self.tab_to(box)
            if not box.is_checked():
                self.page.keyboard.press("Space")
            assert box.is_checked()

    def pick(self, field: Locator, value: str) -> None:
        """Chooses from a list that unfolds, by what it sends."""
        if not self.keyboard:
            field.select_option(value)
            return
        self.tab_to(field)
        for _ in range(field.locator("option").count()):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == value

    def tab_to(self, wanted: Locator, most: int = 200) -> None:
        """Presses Tab until this has the focus, which must be seen then."""
        wanted.wait_for()
        for _ in range(most):
            if wanted.evaluate("one => one === document.activeElement"):
                assert wanted.evaluate("one => one.matches(':focus-visible')"), "the focus is not seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"it cannot be reached with Tab: {wanted}")

    def _choose_by_arrows(self, box: Locator) -> None:
        # Of a group Tab reaches one button, the chosen or the first; arrows go to the others and choose them.
        name = box.get_attribute("name")
        one = self.page.locator(f"input[type=radio][name='{name}']")
        chosen = one.and_(self.page.locator(":checked"))
        self.tab_to(chosen if chosen.count() else one.first)
        if box.is_checked():
            return
        self.page.keyboard.press("Space")
        for _ in range(one.count()):
            if box.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        assert box.is_checked()

    def go(self, wanted: Locator) -> None:
        """Presses this button or follows this link."""
        if not self.keyboard:
            wanted.click()
            return
        self.tab_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def text(self) -> str:
        """What stands on the page."""
        return self.page.locator("body").inner_text()

    def close(self) -> None:
        """Closes the window; nothing may have left our own address."""
        self.context.close()
        assert not self.left, f"requests left our own address: {self.left[:3]}"


def look(visitor: Visitor, name: str) -> None:
    """What must hold of every page: accessible at each width and in each theme, valid, Dutch. Makes screenshots."""
    page = visitor.page
    assert visitor.scripts, "axe needs JavaScript"
    wrong: list[str] = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
            wrong += [f"{width} {scheme}: {one}" for one in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{width}: the page is {wide} wide"] if wide > width else []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    wrong += invalid(page.content())
    wrong += [f"not Dutch: {found}" for found in sorted(set(ENGLISH.findall(visitor.text())))]
    assert not wrong, f"{name}: " + "\n".join(wrong)


@cache
def _axe() -> str:
    return (installed() / "node_modules" / "axe-core" / "axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now."""
    page.evaluate(_axe())
    found: Any = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", list(RULES)
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]} ({one['nodes'][0]['failureSummary'][:200]})"
            for one in found["violations"]]  # fmt: skip


@cache
def _validator() -> subprocess.Popen[str]:
    here = Path(__file__).parent
    command = ["node", str(here / "validate.mjs"), str(installed()), str(here / "html-validate.json")]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(started.kill)
    return started


def invalid(html: str) -> list[str]:
    """What html-validate finds in a document."""
    validator = _validator()
    assert validator.stdin is not None and validator.stdout is not None
    validator.stdin.write(json.dumps(html) + "\n")
    validator.stdin.flush()
    answer = validator.stdout.readline()
    assert answer, "html-validate ended"
    return [f"{one['ruleId']} line {one['line']}: {one['message']}" for one in json.loads(answer)]
