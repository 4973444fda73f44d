"""The door: what a request may bring in, and what becomes of a session that somebody brings along."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from services.aftercare.confidential_line.entry import Entry


class Inside:
    """An app that remembers what it was told."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


async def ask(drop=None, **headers: str) -> tuple[Inside, httpx2.Response]:
    inside = Inside()
    entry = Entry(inside) if drop is None else Entry(inside, drop=drop)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=entry), base_url="http://test") as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return inside, await client.get("/", headers=sent)


async def test_what_tells_of_a_device_or_person_does_not_come_in():
    """§2.8: no address, agent or cookie."""
    inside, _ = await ask(
        Cookie="a=kanarie", User_Agent="kanarie", X_Forwarded_For="kanarie", Forwarded="for=kanarie",
        X_Real_IP="kanarie", Referer="kanarie", Sec_CH_UA="kanarie", Accept_Language="kanarie", Via="kanarie",
        DNT="1", Return_Code="1234",
    )  # fmt: skip
    assert "kanarie" not in str(inside.headers)
    assert inside.headers["return-code"] == "1234"


@pytest.mark.parametrize(
    "cookie", ["session=abc", "__Host-session=abc", "other=1; session=abc", "bad cookie,; session=abc"]
)
async def test_whoever_is_signed_in_is_signed_out_on_entry(cookie):
    """§3.8a."""
    dropped = []

    async def drop(value: str) -> None:
        dropped.append(value)

    _, answer = await ask(drop, Cookie=cookie)
    assert dropped == ["abc"]
    (forget,) = answer.headers.get_list("set-cookie")
    name = "__Host-session" if "__Host" in cookie else "session"
    assert forget.startswith(f'{name}=""; Max-Age=0; Path=/; Secure')
    assert '"cookies"' in answer.headers["clear-site-data"]
    assert "abc" not in str(answer.headers)


@pytest.mark.parametrize("cookie", ["", "other=abc", "mysession=abc"])
async def test_without_a_session_nothing_is_set_or_read(cookie):
    async def drop(value: str) -> None:
        raise AssertionError(value)

    _, answer = await ask(drop, **({"Cookie": cookie} if cookie else {}))
    assert not {"set-cookie", "clear-site-data"} & set(answer.headers)


async def test_when_the_session_cannot_be_ended_help_goes_on():
    async def drop(value: str) -> None:
        raise RuntimeError(f"kanarie {value}")

    with capture_logs() as lines:
        _, answer = await ask(drop, Cookie="session=abc")
    assert answer.status_code == 404 and "clear-site-data" in answer.headers
    assert [(line["event"], line["error"]) for line in lines] == [("session_not_dropped", "RuntimeError")]
    assert "kanarie" not in str(lines) and "abc" not in str(lines)
