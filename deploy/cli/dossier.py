"""`veilig dossier`: one's own case in one file, as the services give it to the person: whole, or no file at all."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from deploy.cli.case import NOT_FOUND, OK, acting_as, check_reference, client_as
from deploy.cli.connection import Exit, TokenOption, UrlOption, give_up, messages, services_url
from deploy.cli.words import plain
from deploy.identity.people import Who
from shared.access.roles import Role

SECONDS = 30.0
"""The dossier is gathered from four services, which may each take ten."""
FORBIDDEN = 403


def dossier(
    reference: Annotated[str, typer.Argument(metavar="ID", help="The reference of your own case.")],
    out: Annotated[Path, typer.Option("--out", help="The file to make.")] = Path("mijn-dossier.json"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")] = False,
    role: Annotated[str, typer.Option("--as", help="office-holder or family.")] = Role.OFFICE_HOLDER.value,
    actor: Annotated[str, typer.Option(help="Account id.")] = "console",
    token: TokenOption = None,
    url: UrlOption = None,
) -> None:
    """Saves everything that the services keep of one's own case, for its owner alone to read.

    Exit status: 0 saved, 1 no such case of this person, 2 wrong input or the file is there already, 3 a service is
    away. Unless it is 0 nothing is saved or replaced.
    """
    check_reference(reference)
    if role not in (Role.OFFICE_HOLDER, Role.FAMILY):
        give_up("--as is office-holder or family: only whose case it is has a dossier.", Exit.WRONG_INPUT)
    if not force and os.path.lexists(out):
        give_up("The file is there already. Give another --out, or --force to replace it.", Exit.WRONG_INPUT)
    _, who = acting_as(role, actor, "", "")
    found = asyncio.run(_ask(services_url(url), reference, token, who))
    try:
        save(out, json.dumps(found, ensure_ascii=False, indent=2) + "\n", force=force)
    except FileExistsError:
        give_up("The file is there already. Give another --out, or --force to replace it.", Exit.WRONG_INPUT)
    except OSError as error:
        give_up(f"The file could not be made: {type(error).__name__}. Nothing was saved.", Exit.WRONG_INPUT)
    _tell(found, out)


async def _ask(url: str, reference: str, token: str | None, who: Who) -> dict[str, Any]:
    async with client_as(url, token, who) as client:
        try:
            answer = await client.get(f"{url}/intake/v1/dossiers/{reference}", timeout=SECONDS)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            give_up(f"Intake could not be asked: {type(error).__name__}. Nothing was saved.", Exit.AWAY)
    try:
        found = dict(answer.json())
    except (ValueError, TypeError):
        found = {}
    if answer.status_code in (FORBIDDEN, NOT_FOUND) and "detail" in found:
        give_up("There is no such case of this person.", Exit.FOUND_SOMETHING)
    if answer.status_code != OK or found.get("case") != reference or "contents" not in found:
        give_up(f"Not everything could be asked (status {answer.status_code}). Nothing was saved.", Exit.AWAY)
    return found


def save(out: Path, text: str, *, force: bool) -> None:
    """Writes the file as a whole, for its owner alone (0600), or not at all.

    Raises `FileExistsError` when it is there and not `force`; another `OSError` when it cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=".dossier-", dir=out.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            Path(name).replace(out)
        else:
            os.link(name, out)  # unlike a rename this fails when somebody made the file meanwhile
    finally:
        Path(name).unlink(missing_ok=True)


def _tell(found: dict[str, Any], out: Path) -> None:
    """What is in it and what is not; never what it says."""
    say = messages().print
    say(f"Saved in {out}. Keep it where nobody else reads it.", soft_wrap=True, markup=False)
    for part in found["contents"]:
        say(f"  {'✓' if part['there'] else '–'} {plain(str(part['title']))}", soft_wrap=True, markup=False)
    for sentence in found.get("left_out", ()):
        say(f"  Niet: {plain(str(sentence))}", soft_wrap=True, markup=False)
