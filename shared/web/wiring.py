"""What every service's `app.py` starts with: a service that copies events to partners, behind a wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.access import ties
from shared.access.admission import Admission, nobody_looks
from shared.access.organisations import read_organisations
from shared.access.told import Ear
from shared.access.watching import Watchman
from shared.privacy.break_glass import Glasses
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring
from shared.privacy.logbooks import Logbooks
from shared.privacy.officer import post_of
from shared.privacy.references import PartnerCopies, References
from shared.privacy.vaults import Vaults
from shared.runtime.cases import Module, document_id
from shared.runtime.environment import Clock, Keys, Settings
from shared.runtime.service import Service


@dataclass(frozen=True)
class Wired:
    """A service, the references it shares with partners, who is let in to a case, its logs, and what tells it."""

    service: Service
    references: References
    admission: Admission
    books: Logbooks
    vaults: Vaults
    ear: Ear

    def keyring(self, controller: Controller) -> Keyring:
        """The data keys of a controller."""
        return self.vaults.keyring(self.service.database, controller)

    def glasses(self) -> Glasses:
        """Break-glass at police and OM."""
        return _glasses(self.service, self.books, self.vaults)


OF_POLICE = ("intake", "assessment")
"""The services whose data police and OM answer for: there break-glass exists."""


def _glasses(service: Service, books: Logbooks, vaults: Vaults) -> Glasses:
    return books.glasses(Controller.POLICE, vaults.keyring(service.database, Controller.POLICE))


def _document(keys: Keys) -> Callable[[str, str], str]:
    # A report is the case itself; every other module has a document about it.
    return lambda module, case: case if module == "intake.reporting" else document_id(keys.reference, module, case)


def wire(name: str, settings: Settings, keys: Keys | None, clock: Clock | None) -> Wired:
    """The parts. Without keys or clock: those of the settings."""
    keys = keys or settings.keys()
    clock = clock or Clock(movable=settings.local)
    references = References(keys.partner)
    fan_out = PartnerCopies(references, settings.municipalities, f"{settings.public_url}/{name}/v1")
    vaults = Vaults(keys, local=settings.local)
    service = Service(name, settings, keys=keys, clock=clock, fan_out=fan_out, protection=vaults)
    books = Logbooks(service.database.collection, name, settings.instance, seal_seconds=settings.seal_seconds)
    service.logbooks, vaults.alarm = books, books.alarm
    ties_of = Module(
        f"{name}.access", ties.Ties, ties.decide, ties.deadlines, ties.is_closed,
        ("state.assigned", "state.excluded", "state.trusted"),
    )  # fmt: skip
    if name in OF_POLICE:
        where = f"{settings.public_url}/{name}/v1/break-glasses"
        service.loops.append(books.telling(Controller.POLICE, post_of(settings), where).run)
    organisations = read_organisations(settings.organisations_file)
    admission = Admission(
        service.cases(ties_of), organisations, references, Watchman(books, _document(keys)),
        glass_is_open=_glasses(service, books, vaults).is_open if name in OF_POLICE else nobody_looks,
    )  # fmt: skip
    return Wired(service, references, admission, books, vaults, Ear(name, service.bus, admission))
