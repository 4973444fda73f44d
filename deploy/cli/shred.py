"""`veilig shred` and `veilig hold`: two people of a controller destroy what is kept of a case, or keep it."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import typer

from deploy.cli.case import UNIT, UnitOption, acting_as, check_reference, client_as
from deploy.cli.connection import Exit, TokenOption, UrlOption, give_up, services_url
from deploy.identity.people import Who
from shared.access.roles import Role
from shared.contracts.vocabulary import ShredReason
from shared.privacy.shredding import HoldReason

MODULES = {
    "intake": ("reporting",),
    "assessment": ("weighing", "measures"),
    "funding": ("cost-allocation", "safety-net"),
    "aftercare": ("callback",),
}
"""The modules of each service that keep something to destroy."""

WHY = tuple(reason.value for reason in ShredReason if reason is not ShredReason.UNKNOWN)
SAYS = {
    "kept": "It is kept: nobody asked to destroy it.",
    "held": "It is kept, whatever is asked.",
    "asked": "Destroying is asked for. A second person of the controller confirms it with --confirm.",
    "destroyed": "It is destroyed.",
}

Reference = Annotated[str, typer.Argument(metavar="CASE", help="The reference that this role knows the case by.")]
ServiceOption = Annotated[str, typer.Option("--service", help="One of: " + ", ".join(MODULES))]
ModuleOption = Annotated[str, typer.Option("--module", help="Needed where a service has two, e.g. measures.")]
RoleOption = Annotated[str, typer.Option("--as", help="A role of the controller. One of: " + ", ".join(Role))]
ActorOption = Annotated[str, typer.Option("--actor", help="Account id.")]
TownOption = Annotated[str, typer.Option("--municipality", help="CBS code; with --as municipality.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@dataclass(frozen=True)
class Asking:
    """Who asks, and where."""

    role: str
    actor: str
    municipality: str
    unit: str
    token: str | None
    url: str | None


def shred(
    reference: Reference,
    service: ServiceOption,
    role: RoleOption,
    actor: ActorOption,
    module: ModuleOption = "",
    municipality: TownOption = "",
    reason: Annotated[str, typer.Option(help="Asks to destroy it. One of: " + ", ".join(WHY))] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="Destroys it; by another person than who asked.")] = False,
    unit: UnitOption = UNIT,
    token: TokenOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroys what is kept of a case: one person asks with --reason, another confirms with --confirm.

    Without either it shows how it stands. Only class, dates and a note of the destruction stay. It cannot be undone.
    Exit status: 0 done, 1 refused or not known, 2 wrong input, 3 the service could not be asked.
    """
    if confirm and reason:
        give_up("Who confirms gives no reason: it was given by who asked.", Exit.WRONG_INPUT)
    if reason and reason not in WHY:
        give_up(f"--reason is one of: {', '.join(WHY)}.", Exit.WRONG_INPUT)
    path = f"shreddings/{_module(service, module)}"
    body = {"case": reference, "reason": reason} if reason else None
    if confirm:
        path += f"/{reference}/confirmations"
    elif not reason:
        path += f"/{reference}"
    method = "POST" if confirm or reason else "GET"
    _do(reference, method, f"{service}/v1/{path}", body, Asking(role, actor, municipality, unit, token, url), as_json)


def hold(
    reference: Reference,
    service: ServiceOption,
    role: RoleOption,
    actor: ActorOption,
    module: ModuleOption = "",
    municipality: TownOption = "",
    reason: Annotated[str, typer.Option(help="What it is kept for. One of: " + ", ".join(HoldReason))] = "",
    release: Annotated[bool, typer.Option("--release", help="Ends it; destroying must be asked for again.")] = False,
    unit: UnitOption = UNIT,
    token: TokenOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keeps a case, also when its term has passed or destroying was asked for (legal hold).

    Exit status: 0 done, 1 refused or not known, 2 wrong input, 3 the service could not be asked.
    """
    if release == bool(reason):
        give_up("Give either --reason or --release.", Exit.WRONG_INPUT)
    if reason and reason not in {known.value for known in HoldReason}:
        give_up(f"--reason is one of: {', '.join(HoldReason)}.", Exit.WRONG_INPUT)
    path = f"holds/{_module(service, module)}" + (f"/{reference}/releases" if release else "")
    body = None if release else {"case": reference, "reason": reason}
    _do(reference, "POST", f"{service}/v1/{path}", body, Asking(role, actor, municipality, unit, token, url), as_json)


def _module(service: str, module: str) -> str:
    known = MODULES.get(service, ())
    if not known:
        give_up(f"--service is one of: {', '.join(MODULES)}.", Exit.WRONG_INPUT)
    if not module and len(known) == 1:
        return known[0]
    if module not in known:
        give_up(f"--module is one of: {', '.join(known)}.", Exit.WRONG_INPUT)
    return module


def _do(
    reference: str,
    method: str,
    path: str,
    body: dict[str, str] | None,
    asking: Asking,
    as_json: bool,
) -> None:
    check_reference(reference)
    _, who = acting_as(asking.role, asking.actor, asking.municipality, asking.unit)
    told = asyncio.run(_ask(method, services_url(asking.url), path, body, asking.token, who))
    typer.echo(json.dumps(told) if as_json else SAYS.get(str(told.get("status")), "It is done."))


async def _ask(
    method: str, url: str, path: str, body: dict[str, str] | None, token: str | None, who: Who
) -> dict[str, Any]:
    async with client_as(url, token, who) as client:
        try:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            answer = await client.request(method, f"{url}/{path}", json=body, headers=key)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            give_up(f"The service could not be asked: {type(error).__name__}.", Exit.AWAY)
    try:
        told = dict(answer.json())
    except (ValueError, TypeError):
        give_up(f"Something else stands at this address: it answers {answer.status_code}.", Exit.AWAY)
    if not answer.is_success:
        status = Exit.AWAY if answer.status_code >= 500 else Exit.FOUND_SOMETHING
        give_up(str(told.get("detail", answer.status_code)), status)
    return told
