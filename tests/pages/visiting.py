"""A person at a real browser: signs in as somebody of the example, fills in, and what must hold of every page seen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request

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


class Visitor:
    """One browser window of one person. `address`: of the stack."""

    def __init__(self, browser: Browser, address: str, *, scripts: bool = True) -> None:
        self.address = address
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

    def press(self, name: str) -> None:
        """Presses a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follows a link."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, label: str, text: str) -> None:
        """Fills in a field, by its label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str) -> None:
        """Ticks a box or chooses a radio button."""
        self.page.get_by_label(label, exact=True).check()

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


def invalid(html: str) -> list[str]:
    """What html-validate finds in a document."""
    ran = subprocess.run(
        ["node", "node_modules/.bin/html-validate", "--stdin", "--formatter", "json", "--config",
         str(Path(__file__).with_name("html-validate.json"))],
        cwd=installed(), input=html, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if ran.returncode == 0:
        return []
    reports: Sequence[dict[str, Any]] = json.loads(ran.stdout)
    return [f"{one['ruleId']} line {one['line']}: {one['message']}" for report in reports for one in report["messages"]]
