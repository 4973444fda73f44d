"""`veilig partner`: let a partner in on the broker, give it another key, and let it go again."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from deploy.cli.connection import Exit, give_up, unfit
from deploy.partners import authority, files, folder, rules
from deploy.partners.broker import AccessDesk, BrokerRefuses
from deploy.partners.folder import Credential, Partner
from deploy.partners.forwarder import joining, listing
from deploy.partners.forwarder.domain import fit_address
from deploy.partners.forwarder.listing import Subscriber
from deploy.partners.rules import Rule
from shared.runtime.kafka_access import KafkaAccess

app = typer.Typer(no_args_is_help=True, help="Partners on the broker: who may read which topics.")
REGISTER = "partner.json"


@dataclass(frozen=True)
class Register:
    """What a partner was given; stands in its folder, and the partner does not need it.

    `password`: it has a password; `own`: it has a certificate of its own; `expires`: last day of ours, if any.
    """

    partner: str
    account: str
    oin: str
    password: bool
    own: bool
    expires: str = ""

    def write(self, there: Path) -> None:
        """Writes it, in the place of an earlier one."""
        (there / REGISTER).unlink(missing_ok=True)
        authority.write(there / REGISTER, json.dumps(asdict(self)), authority.PRIVATE)


PartnerArgument = Annotated[
    str, typer.Argument(metavar="PARTNER", help="bzk, ivp, municipality:CODE, or municipality:CODE:invoices.")
]
FolderOption = Annotated[Path, typer.Option("--folder", help="Where the partners' folders are, each with a key in it.")]
KeysOption = Annotated[Path, typer.Option("--keys", help="Folder with the authorities, as `make secrets` wrote them.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
ForwardingOption = Annotated[
    Path,
    typer.Option("--forwarding", help="Folder with the list of partners over HTTP.", envvar="VEILIG_FORWARD_FOLDER"),
]
FOLDER, KEYS, FORWARDING = Path(".secrets/partners"), Path(".secrets/kafka"), Path(".secrets/forwarding")
SIGNING = Path(".secrets/forwarder/jwks.json")


@app.callback()
def partner() -> None:
    """Partners on the broker: who may read which topics."""


@app.command()
def add(
    name: PartnerArgument,
    address: Annotated[str, typer.Option(help="Where the partner reaches the broker, as HOST:PORT.")],
    oin: Annotated[str, typer.Option(help="Organisation number (OIN): twenty digits. For a certificate.")] = "",
    password: Annotated[bool, typer.Option("--password", help="An account with a password instead.")] = False,
    own_certificate: Annotated[
        bool, typer.Option("--own-certificate", help="The partner has a certificate with this OIN: make none.")
    ] = False,
    where: FolderOption = FOLDER,
    keys: KeysOption = KEYS,
) -> None:
    """Writes the access rules on the broker and a folder for the partner, ready to read a first event.

    Talks to the broker as the administrator, with VEILIG_KAFKA_... of the environment. Nothing is overwritten: a
    partner that is there already is refused. Exit status: 0 done, 2 wrong input, 3 the broker refuses or is away.
    """
    _check(name, oin, password=password, own_certificate=own_certificate)
    account = rules.partner_principal(name) if password else rules.oin_principal(oin)
    there = _folder(where, name)
    if there.exists():
        give_up(f"{name} has a folder already: {there}. Use `rotate` for another key.", Exit.WRONG_INPUT)
    found = Partner(name, account)
    desk = _desk()
    try:
        credential = _credential(found, oin, keys, password=password, own_certificate=own_certificate)
        authority_of_broker = (keys / f"{files.INTERNAL}.crt").read_text()
        if password:
            desk.set_password(account, credential.password)
        desk.allow(rules.of_partner(name, account))
        folder.write_kit(there, found, credential, address=address, authority=authority_of_broker)
        Register(name, account, oin, password, own_certificate, _expiry(credential)).write(there)
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    except (OSError, ValueError) as error:
        give_up(f"The keys or the folder do not fit: {type(error).__name__}. The broker was left as it was told.",
                Exit.WRONG_INPUT)  # fmt: skip
    typer.echo(f"{name} may read {', '.join(found.topics)}. Give the partner this folder, over a safe way: {there}")


@app.command("list")
def listed(where: FolderOption = FOLDER, as_json: JsonOption = False) -> None:
    """Every account on the broker that may read a partner's topic, and until when its key counts.

    Exit status: 0 all as it should be, 1 an account has no folder here or rules that it should not have, 3 the broker
    refuses or is away.
    """
    try:
        known = _desk().rules()
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    registers = {one.account: one for one in _registers(where)}
    rows: list[dict[str, object]] = []
    odd = False
    for account in sorted({rule.principal for rule in known if rule.principal not in files.CLIENTS}):
        has = [rule for rule in known if rule.principal == account]
        register = registers.get(account)
        right = register is not None and set(has) == set(rules.of_partner(register.partner, account))
        odd |= not right
        rows.append(
            {
                "account": account,
                "partner": register.partner if register else None,
                "topics": sorted({rule.name for rule in has if rule.resource is rules.Resource.TOPIC}),
                "expires": register.expires or None if register else None,
                "as_it_should_be": right,
            }
        )
    typer.echo(json.dumps(rows) if as_json else _table(rows))
    raise typer.Exit(Exit.FOUND_SOMETHING if odd else 0)


@app.command()
def rotate(name: PartnerArgument, where: FolderOption = FOLDER, keys: KeysOption = KEYS) -> None:
    """Gives a partner another key or password, in its folder; the rules stay.

    A password that is replaced counts no longer from then on. A certificate that is replaced counts until it expires:
    remove the partner when its key was stolen. Exit status: 0 done, 2 wrong input, 3 the broker refuses or is away.
    """
    there = _folder(where, name)
    register = _register(there, name)
    if register.own:
        give_up(f"{name} has a certificate of its own: there is nothing of ours to renew.", Exit.WRONG_INPUT)
    found = Partner(name, register.account)
    try:
        credential = _credential(found, register.oin, keys, password=register.password, own_certificate=False)
        if credential.password:
            _desk().set_password(found.account, credential.password)
        folder.renew_credential(there, credential)
        replace(register, expires=_expiry(credential)).write(there)
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    except (OSError, ValueError) as error:
        give_up(f"The keys or the folder do not fit: {type(error).__name__}.", Exit.WRONG_INPUT)
    typer.echo(f"{name} has another {'password' if credential.password else 'key'}: {there}")


@app.command()
def http(
    name: PartnerArgument,
    url: Annotated[str, typer.Argument(metavar="[URL]", help="Where its events are posted: https://...")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Post nothing to it any more.")] = False,
    where: FolderOption = FOLDER,
    forwarding: ForwardingOption = FORWARDING,
    signing: Annotated[Path, typer.Option(help="Our public keys, as `make secrets` wrote them.")] = SIGNING,
    public_url: Annotated[
        str, typer.Option(help="Address of this place: who we say we are.", envvar="VEILIG_PUBLIC_URL")
    ] = "http://127.0.0.1:8080",
) -> None:
    """Posts a partner's events to its address over HTTP, for who may not use Kafka; or gives it another address.

    The forwarder asks the address for its consent first: `veilig forward list` says whether it agreed. Writes a folder
    with a receiver for the partner. Exit status: 0 done, 2 wrong input, 3 the broker refuses or is away.
    """
    if stop == bool(url):
        give_up("Say which: the address, or --stop.", Exit.WRONG_INPUT)
    try:
        rules.topics_of(name)
        desk = None if KafkaAccess().kafka_security == "plaintext" else _desk()
        if stop:
            if not joining.leave(desk, forwarding, name, _http_folder(where, name)):
                give_up(f"Nothing was posted to {name}.", Exit.WRONG_INPUT)
            typer.echo(f"Nothing is posted to {name} any more.")
            return
        one = Subscriber(name, fit_address(url))
        origin = urlsplit(public_url).hostname or ""
        joining.join(
            desk, forwarding, one, _http_folder(where, name), keys=signing.read_text(), origin=origin
        )  # fmt: skip
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    except ValueError as error:
        give_up(f"This cannot be: {error}.", Exit.WRONG_INPUT)
    except OSError as error:
        give_up(f"The folders or our public keys cannot be used: {type(error).__name__}.", Exit.WRONG_INPUT)
    typer.echo(
        f"{name} is asked whether it wants its events. Give the partner this folder: {_http_folder(where, name)}"
    )


@app.command()
def remove(name: PartnerArgument, where: FolderOption = FOLDER, forwarding: ForwardingOption = FORWARDING) -> None:
    """Takes the access rules and password of a partner away, and its folder. It gets nothing any more, in no way.

    Another partner with the same account keeps what is its own. Exit status: 0 done, 2 wrong input, 3 the broker
    refuses or is away.
    """
    there = _folder(where, name)
    posted = any(one.partner == name for one in listing.read(forwarding))
    if posted:
        http(name, stop=True, where=where, forwarding=forwarding)
    if posted and not (there / REGISTER).exists():
        return
    register = _register(there, name)
    others = [one.partner for one in _registers(where) if one.account == register.account]
    kept: set[Rule] = set()
    for other in others:
        if other != name:
            kept |= set(rules.of_partner(other, register.account))
    desk = _desk()
    try:
        desk.drop(set(rules.of_partner(name, register.account)) - kept)
        if register.password:
            desk.drop_password(register.account)
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    folder.remove_kit(there)
    typer.echo(f"{name} reads nothing any more.")


def _check(name: str, oin: str, *, password: bool, own_certificate: bool) -> None:
    try:
        rules.topics_of(name)
        if not password:
            rules.oin_principal(oin)
    except ValueError as error:
        give_up(f"This cannot be: {error}.", Exit.WRONG_INPUT)
    if password and (oin or own_certificate):
        give_up("Choose one: a password, or an organisation number on a certificate.", Exit.WRONG_INPUT)


def _desk() -> AccessDesk:
    try:
        return AccessDesk(KafkaAccess())
    except ValueError as error:
        unfit(error)


def _folder(where: Path, name: str) -> Path:
    return where / rules.partner_principal(name)


def _http_folder(where: Path, name: str) -> Path:
    return where / f"{rules.partner_principal(name)}-http"


def _credential(found: Partner, oin: str, keys: Path, *, password: bool, own_certificate: bool) -> Credential:
    if password:
        return Credential(password=secrets.token_urlsafe(32))
    if own_certificate:
        return Credential()
    pair = authority.partner_certificate(files.partner_authority(keys), found.id, oin, datetime.now(UTC))
    return Credential(pair)


def _expiry(credential: Credential) -> str:
    return "" if credential.pair is None else credential.pair.certificate.not_valid_after_utc.date().isoformat()


def _registers(where: Path) -> list[Register]:
    return [Register(**json.loads(file.read_text())) for file in sorted(where.glob(f"*/{REGISTER}"))]


def _register(there: Path, name: str) -> Register:
    try:
        found = Register(**json.loads((there / REGISTER).read_text()))
    except (OSError, ValueError, TypeError):
        give_up(f"{name} is not known here: there is no {there / REGISTER}.", Exit.WRONG_INPUT)
    return found


def _table(rows: list[dict[str, object]]) -> str:
    if not rows:
        return "No partner may read anything."
    return "\n".join(
        f"{'ok' if row['as_it_should_be'] else '!!'}  {row['partner'] or 'not known here'}  {row['account']}  "
        f"{', '.join(map(str, row['topics']))}  until {row['expires'] or 'taken away'}"  # type: ignore[call-overload]
        for row in rows
    )
