"""`veilig case`: one timeline from several services, and nothing silently missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import pytest

from deploy.local.temporary import free_port
from shared.access.admission import UNKNOWN
from tests.deploy.commands import Ended, veilig

CASE = "0123456789abcdef" * 2
NO_ISSUER = {"identity": (404, {})}
NOTHING = (404, {"detail": UNKNOWN})


def event(name: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"event": f"nl.veiligbestuur.x.{name}.v1", "at": at, "fields": fields}


def timeline(*events: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"case": CASE, "service": "x", "events": events}


@contextmanager
def answering(answers: dict[str, tuple[int, Any]]) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Services at one address, each with one answer; a text is sent as it is. Yields address and what was asked."""
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, dict(self.headers)))
            status, body = answers[self.path.split("/")[1]]
            self.send_response(status)
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        def do_POST(self) -> None:
            """The local issuer: its token says whom it was asked for."""
            who = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            known = self.path == "/identity/token" and "identity" not in answers
            self.send_response(200 if known else 404)
            self.end_headers()
            token = ".".join(who.get(name, "") for name in ("role", "account", "municipality"))
            self.wfile.write(json.dumps({"access_token": token, "expires_in": 600} if known else {}).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


async def shown(answers: dict[str, tuple[int, Any]], *options: str) -> Ended:
    with answering(answers) as (url, _):
        return await veilig("case", CASE, "--url", url, *options)


ALARM = {"type": "alarm", "place": "home"}
FOUR = {
    "intake": timeline(
        event("incident-reported", "2016-03-13T20:40:00Z", kind="threat", reported_at="2016-03-13T20:40:00Z"),
        event("rccb-notified", "2016-03-13T23:10:00Z"),
    ),
    "assessment": timeline(event("measure-implemented", "2016-03-13T23:05:00.5Z", measure=ALARM)),
    "funding": NOTHING,
    "aftercare": timeline(event("ivp-callback-missed", "2016-03-13T23:05:00Z", due_at="2016-03-13T23:05:00Z")),
}  # fmt: skip


async def test_what_several_services_tell_is_one_timeline_by_day_in_amsterdam() -> None:
    ended = await shown(FOUR)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "Sunday 13 March 2016",
        "  21:40  intake      Incident reported  kind threat, reported 21:40",
        "Monday 14 March 2016",
        "  00:05  aftercare   IVP callback missed  due 00:05",
        "  00:05  assessment  Measure implemented  alarm at home",
        "  00:10  intake      RCCB notified",
    ]


async def test_the_same_for_machines() -> None:
    ended = await shown(FOUR, "--json")
    told = ended.json
    assert (ended.status, told["case"], told["role"], told["not_reachable"]) == (0, CASE, "office-holder", {})
    assert [one["service"] for one in told["events"]] == ["intake", "aftercare", "assessment", "intake"]
    assert told["events"][0]["at"] == "2016-03-13T20:40:00Z"


@pytest.mark.parametrize(
    "answer",
    [(503, {"detail": "Even niet bereikbaar"}), (500, "<html>"), (404, {"detail": "Not Found"}), (404, "no"),
     (200, "no"), (200, {"events": [{"event": "x"}]}), (200, {"events": [{"event": "x", "at": "?", "fields": {}}]}),
     (200, []), (403, {"detail": "Deze rol mag dit niet."}), (302, "")],
)  # fmt: skip
async def test_a_service_that_tells_nothing_is_named_not_left_out(answer: tuple[int, Any]) -> None:
    ended = await shown(FOUR | {"aftercare": answer})
    assert ended.status == 0 and "Incident reported" in ended.out
    assert "! aftercare is not reachable" in ended.err
    machine = await shown(FOUR | {"aftercare": answer}, "--json")
    assert list(machine.json["not_reachable"]) == ["aftercare"]


async def test_nothing_anywhere_is_said_in_a_sentence() -> None:
    ended = await shown(dict.fromkeys(FOUR, NOTHING))
    assert (ended.status, ended.out) == (1, "") and ended.err.startswith("No service knows this case")
    unsure = await shown(dict.fromkeys(FOUR, NOTHING) | {"intake": (503, {})})
    assert unsure.status == 3 and "not every service could be asked" in unsure.err
    away = await veilig("case", CASE, "--url", f"http://127.0.0.1:{free_port()}")
    assert away.status == 3 and "do not answer" in away.err
    silent = await veilig("case", CASE, "--url", f"http://127.0.0.1:{free_port()}", "--token", "a.b.c")
    assert silent.status == 3 and silent.err.count("is not reachable") == 4


@pytest.mark.parametrize(
    ("options", "services"),
    [
        (("--as", "bzk"), {"funding"}),
        (("--as", "ivp"), {"aftercare"}),
        (("--as", "municipality", "--municipality", "9901"), {"assessment", "funding"}),
        (("--as", "police"), {"intake"}),
        (("--as", "rccb"), {"intake", "assessment"}),
    ],
)
async def test_a_role_asks_only_the_services_that_may_tell_it_something(
    options: tuple[str, ...], services: set[str]
) -> None:
    with answering(FOUR) as (url, asked):
        await veilig("case", CASE, "--url", url + "/", "--actor", "account-1", *options)
    assert {path for path, _ in asked} == {f"/{service}/v1/timelines/{CASE}" for service in services}
    for _, headers in asked:
        town = "9901" if "9901" in options else ""
        assert headers["Authorization"] == f"Bearer {options[1]}.account-1.{town}"


async def test_a_token_that_is_given_is_used_and_nobody_is_asked_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(FOUR | NO_ISSUER) as (url, asked):
        await veilig("case", CASE, "--url", url, "--token", "given.by.hand")
        monkeypatch.setenv("VEILIG_TOKEN", "given.by.environment")
        await veilig("case", CASE, "--url", url)
    assert [headers["Authorization"] for _, headers in asked] == (
        ["Bearer given.by.hand"] * 4 + ["Bearer given.by.environment"] * 4
    )


async def test_where_there_is_no_local_issuer_the_sentence_says_what_to_give() -> None:
    with answering(FOUR | NO_ISSUER) as (url, asked):
        ended = await veilig("case", CASE, "--url", url)
        spoilt = await veilig("case", CASE, "--url", url, "--token", "a\r\nHost: b")
    assert (ended.status, asked) == (2, []) and "give --token" in ended.err
    assert (spoilt.status, spoilt.err.strip()) == (2, "That is not an access token.")


@pytest.mark.parametrize(
    "wrong",
    [(CASE, "--as", "mayor"), (CASE, "--actor", "Jan Jansen"), (CASE, "--as", "municipality"),
     (CASE, "--as", "municipality", "--municipality", "99"), (CASE, "--as", "bzk", "--municipality", "9901"),
     ("../../klok",), ("short",), ("x" * 201,), ("a b c d e f",)],
)  # fmt: skip
async def test_what_is_filled_in_wrong_asks_nobody(wrong: tuple[str, ...]) -> None:
    with answering(FOUR) as (url, asked):
        ended = await veilig("case", *wrong, "--url", url)
    assert ended.status == 2 and asked == []


async def test_a_reference_that_begins_with_a_dash_is_no_option() -> None:
    with answering(FOUR) as (url, asked):
        ended = await veilig("case", "-A9X1FIzL1dT7-Sz", "--as", "bzk", "--url", url)
    assert ended.status == 1 and [path for path, _ in asked] == ["/funding/v1/timelines/-A9X1FIzL1dT7-Sz"]


async def test_what_a_service_tells_cannot_steer_the_terminal() -> None:
    evil = timeline(event("x\x1b[2J", "2016-03-13T20:40:00Z", kind="\x1b]0;x\x07", why=["[red]x[/red]"]))
    ended = await shown(FOUR | {"intake": evil})
    assert "\x1b" not in ended.out and "\x07" not in ended.out and "[red]x[/red]" in ended.out


async def test_an_address_that_is_none_is_not_a_crash() -> None:
    ended = await veilig("case", CASE, "--url", "nonsense")
    assert ended.status == 3 and "Traceback" not in ended.err
