"""The data protection officer is told of each break-glass, by real mail: once, without personal data, never lost."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller as MailServer
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pymongo.errors import AutoReconnect

from deploy.local.temporary import Mongo, free_port
from services.aftercare.app import build as build_aftercare
from services.assessment.app import build as build_assessment
from services.funding.app import build as build_funding
from services.intake.app import build as build_intake
from shared.contracts.working_days import AMSTERDAM
from shared.privacy.break_glass import Glass, Glasses, Reasons, break_glass
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.officers import officer_of
from shared.privacy.security_log import SecurityLog
from shared.privacy.telling import FIRST_PAUSE, LEASE, LONGEST_PAUSE, Telling, pause
from shared.runtime.environment import Settings, UnfitSetting
from shared.runtime.mongo import Database
from tests.access.signing import local_settings, signed
from tests.runtime.toy import START, RealTime
from tests.services.serving import KEYS, serve
from tests.stack import REPORT

CASE = "0123456789abcdef" * 2
REASON = "Kanarie de Vries is in gevaar, collega ziek"
PLACE = "https://veilig.example"
OFFICER, SENDER = "officer@place.example", "veilig@place.example"
SECRET = "kanarie-wachtwoord"


@dataclass
class Inbox:
    """What a mail server took. `refuses`: what it says instead."""

    got: list[Envelope] = field(default_factory=list)
    refuses: str = ""

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        self.got.append(envelope)
        return "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=default) for one in self.got]  # type: ignore[arg-type, misc]


@dataclass
class Post:
    """A mail server of the test's own, in a thread."""

    inbox: Inbox
    port: int
    server: MailServer

    def settings(self, folder: Path, **other: Any) -> Settings:
        """Those of a place that has this server."""
        file = folder / "officers.toml"
        file.write_text(f'police = "{OFFICER}"\n')
        known = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_sender": SENDER, "officers_file": file}
        return local_settings(**({"smtp_security": "none"} | known | other))


def start(inbox: Inbox, port: int, **options: Any) -> MailServer:
    server = MailServer(inbox, hostname="127.0.0.1", port=port, server_hostname="mail.test", **options)
    server.start()
    return server


@pytest.fixture
def post() -> Iterator[Post]:
    inbox, port = Inbox(), free_port()
    found = Post(inbox, port, start(inbox, port))
    yield found
    if found.server.server is not None:
        found.server.stop()


class Desk:
    """Where glasses are kept, and any number of processes that tell of them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.time, self.settings = RealTime(), settings
        security = SecurityLog(database.collection("log.police", "security"), "intake", now=self.time)
        keyring = Keyring(Controller.POLICE, keys_of(database, Controller.POLICE), {1: b"w" * 32})
        self.kept = database.collection("log.police", "break-glass")
        self.glasses = Glasses(self.kept, security, Reasons(Controller.POLICE, keyring), now=self.time)

    def process(self) -> Telling:
        """One that tells."""
        return Telling(self.glasses, officer_of(self.settings, Controller.POLICE), PLACE, seconds=0.01)

    async def breaks(self, number: str = "glass-1", role: str = "police") -> Glass:
        """Somebody looks."""
        told = {"actor": "police-2", "role": role, "reason": REASON, "at": START}
        glass = break_glass(number, "intake.reporting", CASE, **told)  # type: ignore[arg-type]
        await self.glasses.add(glass)
        return glass


@pytest.fixture
def desk(database: Database, post: Post, tmp_path: Path) -> Desk:
    return Desk(database, post.settings(tmp_path))


async def test_the_officer_gets_a_message_that_says_when_and_in_which_role_and_nothing_else(
    desk: Desk, post: Post
) -> None:
    await desk.breaks()
    assert await desk.process().once() == 1
    (envelope,), (message,) = post.inbox.got, post.inbox.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [OFFICER])
    assert message["Subject"] == "Break-glass: iemand keek zonder toewijzing in een dossier"
    assert (message["From"], message["To"], message["Auto-Submitted"]) == (SENDER, OFFICER, "auto-generated")
    assert message["Message-ID"] == "<break-glass-glass-1@place.example>"
    text = message.get_content()
    for said in ("politie", "intake", "glass-1", f"{PLACE}/intake/v1/break-glasses"):
        assert said in text, said
    whole = (envelope.content or b"").decode()  # type: ignore[union-attr]
    for personal in (CASE, "police-2", "Kanarie", "gevaar", "collega"):
        assert personal not in whole, personal


async def test_moments_are_those_of_amsterdam(desk: Desk, post: Post) -> None:
    await desk.breaks()
    await desk.process().once()
    local = START.astimezone(AMSTERDAM)
    text = post.inbox.messages[0].get_content()
    assert f"Vanaf:          {local:%d-%m-%Y om %H.%M uur}" in text
    assert f"Tot:            {local + timedelta(hours=1):%d-%m-%Y om %H.%M uur}" in text


async def test_each_time_is_told_once_and_the_list_stays_as_it_was(desk: Desk, post: Post) -> None:
    first, second = await desk.breaks(), await desk.breaks("glass-2", "hovj")
    process = desk.process()
    assert [await process.once() for _ in range(3)] == [2, 0, 0]
    assert len(post.inbox.got) == 2 and "HOvJ" in post.inbox.messages[1].get_content()
    assert sorted(one.id for one in await desk.glasses.for_officer()) == [first.id, second.id]
    assert await desk.glasses.is_open(CASE, "police-2")
    kept = await desk.kept.find({}).to_list(None)
    assert all(one["told_at"] == desk.time() for one in kept)
    await desk.breaks()
    assert await process.once() == 0, "the same request again is no other time"


async def test_two_processes_do_not_send_the_same_message(desk: Desk, post: Post) -> None:
    for number in range(6):
        await desk.breaks(f"glass-{number}")
    told = await asyncio.gather(*(desk.process().once() for _ in range(3)))
    assert sum(told) == 6
    assert len({one["Message-ID"] for one in post.inbox.messages}) == len(post.inbox.got) == 6


async def test_a_mail_server_that_is_away_loses_nothing(
    desk: Desk, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.server.stop()
    await desk.breaks()
    process = desk.process()
    assert await process.once() == 0
    said = capsys.readouterr().out
    assert '"glass_broken"' in said and '"officer_not_told"' in said
    for personal in (OFFICER, REASON, "police-2", "127.0.0.1"):
        assert personal not in said
    post.server = start(post.inbox, post.port)
    assert await process.once() == 0, "not at once"
    desk.time.pass_by(seconds=FIRST_PAUSE.total_seconds())
    assert await process.once() == 1
    assert len(post.inbox.got) == 1


async def test_a_refusal_of_the_mail_server_is_tried_again_with_longer_pauses(desk: Desk, post: Post) -> None:
    post.inbox.refuses = "550 no such mailbox"
    await desk.breaks()
    for tries in range(1, 4):
        assert await desk.process().once() == 0
        (kept,) = await desk.kept.find({}).to_list(None)
        assert (kept["tries"], kept["tell_after"]) == (tries, desk.time() + pause(tries))
        desk.time.pass_by(seconds=pause(tries).total_seconds())
    post.inbox.refuses = ""
    assert await desk.process().once() == 1
    assert [pause(1), pause(2), pause(100)] == [FIRST_PAUSE, 2 * FIRST_PAUSE, LONGEST_PAUSE]


async def test_when_whoever_sends_is_killed_another_takes_over_later(desk: Desk, post: Post) -> None:
    await desk.breaks()
    (untold,) = await desk.glasses.untold()
    assert await desk.glasses.claim(untold, desk.time() + LEASE)
    assert not await desk.glasses.claim(untold, desk.time() + LEASE), "somebody has it"
    assert await desk.process().once() == 0
    desk.time.pass_by(seconds=LEASE.total_seconds())
    assert await desk.process().once() == 1
    assert not await desk.glasses.claim(untold, desk.time() + LEASE), "it was told"


async def test_the_loop_goes_on_after_an_error(
    desk: Desk, post: Post, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.breaks()
    errors: list[Exception] = [AutoReconnect("away"), RuntimeError("broken")]
    untold = desk.glasses.untold

    async def sometimes() -> Any:
        if errors:
            raise errors.pop()
        return await untold()

    monkeypatch.setattr(desk.glasses, "untold", sometimes)
    running = asyncio.create_task(desk.process().run())
    try:
        await eventually(lambda: bool(post.inbox.got))
    finally:
        running.cancel()
    assert capsys.readouterr().out.count('"telling_waits"') == 2


async def eventually(good: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not good():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# Encrypted


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of the mail server that nobody knows, and the server's side of it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = tmp_path / "server.pem", tmp_path / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


@pytest.fixture
def sealed_post(certificate: tuple[Path, ssl.SSLContext]) -> Iterator[Post]:
    """A server that wants encryption, and an account with a password."""

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"veilig", SECRET.encode()), handled=False)

    inbox, port = Inbox(), free_port()
    options = {"tls_context": certificate[1], "require_starttls": True, "auth_required": True, "authenticator": knows}
    server = start(inbox, port, **options)
    yield Post(inbox, port, server)
    server.stop()


def account(folder: Path, password: str = SECRET) -> dict[str, Any]:
    file = folder / "password"
    file.write_text(f"{password}\n")
    return {"smtp_security": "starttls", "smtp_account": "veilig", "smtp_password_file": file}


async def test_mail_goes_encrypted_to_a_server_that_is_known_with_an_account(
    database: Database, sealed_post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    certificate: tuple[Path, ssl.SSLContext],
) -> None:  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    desk = Desk(database, sealed_post.settings(tmp_path, **account(tmp_path)))
    await desk.breaks()
    assert await desk.process().once() == 1
    wrong = Desk(database, sealed_post.settings(tmp_path, **account(tmp_path, "iets anders")))
    await wrong.breaks("glass-2")
    assert await wrong.process().once() == 0
    assert len(sealed_post.inbox.got) == 1


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    database: Database, sealed_post: Post, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(database, sealed_post.settings(tmp_path, **account(tmp_path)))
    await desk.breaks()
    assert await desk.process().once() == 0
    said = capsys.readouterr().out
    assert '"officer_not_told"' in said and SECRET not in said
    assert sealed_post.inbox.got == []


async def test_a_server_without_encryption_gets_nothing(database: Database, post: Post, tmp_path: Path) -> None:
    desk = Desk(database, post.settings(tmp_path, smtp_security="starttls"))
    await desk.breaks()
    assert await desk.process().once() == 0
    assert post.inbox.got == []


# Settings


async def test_without_a_mail_server_local_mode_writes_to_a_folder_that_can_be_read(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, local_settings(mailbox_dir=tmp_path / "mailbox"))
    await desk.breaks()
    assert await desk.process().once() == 1
    (file,) = (tmp_path / "mailbox").iterdir()
    assert file.name == "break-glass-glass-1.eml"
    text = file.read_text()
    assert "To: officer-police@local.invalid\n" in text and "Rol:            politie\n" in text


async def test_a_folder_that_cannot_be_written_is_tried_again(database: Database, tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file")
    desk = Desk(database, local_settings(mailbox_dir=tmp_path / "mailbox"))
    await desk.breaks()
    assert await desk.process().once() == 0
    assert len(await desk.kept.find({"told_at": {"$exists": False}}).to_list(None)) == 1


async def test_without_a_folder_either_the_log_says_it(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(database, local_settings())
    await desk.breaks()
    assert await desk.process().once() == 1
    assert '"officer_told_in_log_only"' in capsys.readouterr().out


def real(**other: Any) -> Settings:
    """Settings outside local mode, as far as mail is concerned."""
    place = {"smtp_host": "mail.place.example", "smtp_sender": SENDER, "environment": "production"}
    return local_settings().model_copy(update=place | other)


@pytest.mark.parametrize(
    ("content", "other", "sentence"),
    [
        ("", {"smtp_host": ""}, "VEILIG_SMTP_HOST is needed outside local mode: break-glass exists here"),
        ("", {"smtp_sender": ""}, "VEILIG_SMTP_SENDER"),
        ("", {"smtp_sender": "a@b.example\nBcc: kanarie@b.example"}, "VEILIG_SMTP_SENDER"),
        (None, {}, "VEILIG_OFFICERS_FILE is needed: break-glass exists here"),
        ("", {}, "no mail address of the data protection officer of police"),
        ('bzk = "kanarie@place.example"', {}, "officer of police"),
        ('police = "Kanarie de Vries <kanarie@place.example>"', {}, "officer of police"),
        ('police = ["kanarie@place.example"]', {}, "officer of police"),
        ("police = kanarie@place.example", {}, "this is not TOML"),
        (f'police = "{OFFICER}"', {"smtp_password_file": Path("nowhere")}, "VEILIG_SMTP_PASSWORD_FILE"),
        (f'police = "{OFFICER}"', {"officers_file": Path("nowhere")}, "VEILIG_OFFICERS_FILE: the file cannot"),
    ],
)
def test_where_nobody_could_be_told_it_does_not_start(
    tmp_path: Path, content: str | None, other: dict[str, Any], sentence: str
) -> None:
    file = tmp_path / "officers.toml"
    file.write_text(content or "")
    place = {"officers_file": None if content is None else file} | other
    with pytest.raises(UnfitSetting, match=sentence) as refused:
        officer_of(real(**place), Controller.POLICE)
    assert "kanarie" not in str(refused.value).lower()


async def test_only_services_with_break_glass_ask_for_it() -> None:
    nobody = real(smtp_host="")
    keys = type(KEYS)(KEYS.reference, KEYS.partner, {one.value: {1: b"w" * 32} for one in Controller})
    for build in (build_intake, build_assessment):
        with pytest.raises(UnfitSetting, match="VEILIG_SMTP_HOST"):
            build(nobody, keys=keys)
    for build in (build_funding, build_aftercare):
        await build(nobody, keys=keys).state.service.database.close()


async def test_a_running_service_tells(mongo: Mongo, tmp_path: Path) -> None:
    """From the request to the message, through the service's own loop."""
    place = {"mailbox_dir": tmp_path / "mailbox"}

    def build(settings: Settings, **parts: Any) -> Any:
        return build_intake(settings.model_copy(update=place), **parts)

    async with serve(build, mongo) as intake:
        case = (await intake.post("/v1/reports", "office-holder", REPORT)).json()["case"]
        headers = signed("police", "police-9", unit="eenheid-elders") | {"Idempotency-Key": uuid.uuid4().hex}
        body = {"case": case, "reason": REASON}
        assert (await intake.client.post("/v1/break-glasses", headers=headers, json=body)).status_code == 201
        running = [asyncio.create_task(loop()) for loop in intake.app.state.service.loops]
        try:
            await eventually(lambda: any((tmp_path / "mailbox").glob("*.eml")))
        finally:
            for task in running:
                task.cancel()
        (file,) = (tmp_path / "mailbox").iterdir()
        (row,) = (await intake.client.get("/v1/break-glasses", headers=signed("dpo"))).json()
        assert row["glass"] in file.read_text() and case not in file.read_text()
