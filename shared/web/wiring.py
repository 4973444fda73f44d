"""What every service's `app.py` starts with: a service that copies events to partners."""

from __future__ import annotations

from shared.privacy.logbooks import Logbooks
from shared.privacy.references import PartnerCopies, References
from shared.runtime.environment import Clock, Keys, Settings
from shared.runtime.service import Service


def service_with_partners(
    name: str, settings: Settings, keys: Keys | None, clock: Clock | None
) -> tuple[Service, References]:
    """The service and the references it shares with partners. Without keys or clock: those of the settings."""
    keys = keys or settings.keys()
    clock = clock or Clock(movable=settings.local)
    references = References(keys.partner)
    fan_out = PartnerCopies(references, settings.municipalities, f"{settings.public_url}/{name}/v1")
    service = Service(name, settings, keys=keys, clock=clock, fan_out=fan_out)
    keep_logs(service)
    return service, references


def keep_logs(service: Service) -> Logbooks:
    """Gives a service its logs; from here on each save of its modules leaves a line."""
    settings = service.settings
    books = Logbooks(service.database.collection, service.name, settings.instance, seal_seconds=settings.seal_seconds)
    service.logbooks = books
    return books


def logbooks_of(service: Service) -> Logbooks:
    """The logs of a service that keeps them: for routes that show, refuse, shred or export."""
    if not isinstance(service.logbooks, Logbooks):
        raise LookupError(f"{service.name} keeps no logs")
    return service.logbooks
