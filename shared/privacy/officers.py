"""How a controller's data protection officer is reached: the address, and the post that takes a message there.

Addresses come from a file (`VEILIG_OFFICERS_FILE`): one per controller, best of a mailbox that several people read.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import tomllib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol

import aiosmtplib

from shared.privacy.controllers import Controller
from shared.runtime import logs
from shared.runtime.environment import Settings, UnfitSetting

ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
"""Plain addresses only: nothing that could become a second header or a second receiver."""
SECONDS = 30.0
"""The longest that one message may take."""

log = logs.logger(__name__)


class Post(Protocol):
    """Takes messages."""

    async def send(self, message: EmailMessage, /) -> None:
        """Returns when somebody else answers for the message; raises otherwise, and then it may be sent again."""
        ...


@dataclass(frozen=True)
class Officer:
    """Where the officer of one controller is told. `sender`: whom the messages are from."""

    address: str
    sender: str
    post: Post


class Relay:
    """A mail server (SMTP). Without encryption only in local mode, which the settings see to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._password = _text(settings.smtp_password_file, "VEILIG_SMTP_PASSWORD_FILE") or None
        self._context = ssl.create_default_context()

    async def send(self, message: EmailMessage) -> None:
        """Returns when the server has it. Raises `SMTPException`, `OSError` or `TimeoutError`."""
        settings = self._settings
        async with asyncio.timeout(SECONDS):
            await aiosmtplib.send(
                message,
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_account or None,
                password=self._password,
                use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls",
                tls_context=None if settings.smtp_security == "none" else self._context,
                local_hostname=settings.smtp_sender.partition("@")[2],  # not the name of this machine
                timeout=SECONDS,
            )


class Mailbox:
    """A folder with a readable file per message, for local mode. The same message again is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Writes it. Raises `OSError`."""
        name = re.sub(r"[^A-Za-z0-9-]", "", message["Message-ID"].partition("@")[0])
        await asyncio.to_thread(self._write, f"{name}.eml", message.as_bytes(policy=SMTP.clone(linesep="\n")))

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(content)


class OnlyLogged:
    """For local mode without a folder: the log says that there was a message."""

    async def send(self, message: EmailMessage) -> None:
        """A line, without the message."""
        log.warning("officer_told_in_log_only")


def officer_of(settings: Settings, controller: Controller) -> Officer:
    """The officer of a controller at which break-glass exists. Raises `UnfitSetting` when nobody could be told.

    In local mode without a mail server: a folder (`VEILIG_MAILBOX_DIR`), or a line in the log.
    """
    if settings.smtp_host:
        if not ADDRESS.fullmatch(settings.smtp_sender):
            raise UnfitSetting("VEILIG_SMTP_SENDER: the mail address that messages are from is needed")
        return Officer(_address(settings, controller), settings.smtp_sender, Relay(settings))
    if not settings.local:
        raise UnfitSetting(
            f"VEILIG_SMTP_HOST is needed outside local mode: break-glass exists here, and the data protection officer "
            f"of {controller} must be told of it"
        )
    post = Mailbox(settings.mailbox_dir) if settings.mailbox_dir else OnlyLogged()
    return Officer(f"officer-{controller}@local.invalid", "veilig-bestuur@local.invalid", post)


def _address(settings: Settings, controller: Controller) -> str:
    name = "VEILIG_OFFICERS_FILE"
    if settings.officers_file is None:
        raise UnfitSetting(
            f"{name} is needed: break-glass exists here, and the data protection officer of {controller} must be told"
        )
    try:
        known = tomllib.loads(_text(settings.officers_file, name))
    except tomllib.TOMLDecodeError:
        raise UnfitSetting(
            f'{name}: this is not TOML with lines such as {controller} = "office@place.example"'
        ) from None
    found = known.get(controller.value)
    if not isinstance(found, str) or not ADDRESS.fullmatch(found):
        raise UnfitSetting(f"{name}: it has no mail address of the data protection officer of {controller}")
    return found


def _text(file: Path | None, name: str) -> str:
    try:
        return file.read_text().strip() if file else ""
    except (OSError, UnicodeDecodeError):
        raise UnfitSetting(f"{name}: the file cannot be read") from None
