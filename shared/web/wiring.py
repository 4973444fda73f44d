"""What every service's `app.py` starts with: a service that copies events to partners."""

from __future__ import annotations

from shared.privacy.references import PartnerCopies, References
from shared.privacy.vaults import Vaults
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
    vaults = Vaults(keys, local=settings.local)
    return Service(name, settings, keys=keys, clock=clock, fan_out=fan_out, protection=vaults), references
