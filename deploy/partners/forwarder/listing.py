"""Which partners get their events over HTTP, and where: a file for each, which `veilig partner http` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.partners import rules
from deploy.partners.forwarder.domain import fit_address
from shared.contracts.topics import Topic
from shared.runtime import logs

log = logs.logger(__name__)


@dataclass(frozen=True)
class Subscriber:
    """A partner (as in `rules.topics_of`) and the address that its events are posted to."""

    partner: str
    url: str

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What is read for it."""
        return rules.topics_of(self.partner)

    @property
    def group(self) -> str:
        """The Kafka group that remembers how far it is."""
        return rules.forwarder_group(self.partner)


def write(folder: Path, one: Subscriber) -> None:
    """Adds a partner, or gives it another address. Raises `OSError`, and `ValueError` for what cannot be."""
    rules.topics_of(one.partner)
    fit_address(one.url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{rules.partner_principal(one.partner)}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(json.dumps(asdict(one)))
    fresh.rename(_file(folder, one.partner))  # whole, or not at all


def remove(folder: Path, partner: str) -> bool:
    """Takes a partner off the list; tells whether it was on it."""
    there = _file(folder, partner)
    if not there.exists():
        return False
    there.unlink()
    return True


def read(folder: Path) -> list[Subscriber]:
    """Everybody on the list. A file that cannot be read is left out, and told in the log."""
    return list(_read(folder))


def _read(folder: Path) -> Iterator[Subscriber]:
    for file in sorted(folder.glob("*.json")):
        try:
            one = Subscriber(**json.loads(file.read_text()))
            rules.topics_of(one.partner)
            fit_address(one.url)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.error("subscriber_not_read", error=type(error).__name__)
            continue
        yield one


def _file(folder: Path, partner: str) -> Path:
    return folder / f"{rules.partner_principal(partner)}.json"
