"""The vaults of one service: each module's collection is sealed under the keys of the module's controller."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from shared.privacy.alarm import Alarm
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.sealed import SealedCollection
from shared.privacy.sealed_files import VaultKeys
from shared.privacy.vault import Vault
from shared.runtime import logs
from shared.runtime.cases import Module
from shared.runtime.environment import Keys, utc_now
from shared.runtime.mongo import Collection, Database

log = logs.logger(__name__)


class Vaults:
    """Stands between the cases of a service and its database (`Protection` of the runtime).

    `alarm`: who is told of what does not open; the security log once there is one.
    """

    def __init__(self, keys: Keys, *, local: bool) -> None:
        self._keys = keys
        self._local = local
        self.alarm = Alarm()
        self._made: dict[str, tuple[SealedCollection, Collection]] = {}

    def around(self, database: Database, module: Module[Any]) -> Collection:
        """The sealed collection of a module; the plain one when it has nothing secret.

        Raises `ValueError` when its controller is not known, or has no wrapping key here outside local mode.
        """
        plain = database.collection(module.name)
        if not module.secrets:
            return plain
        controller = CONTROLLERS.get(module.name)
        if controller is None:
            raise ValueError(f"nobody answers for the secrets of {module.name}: see shared/privacy/controllers.py")
        keyring = self.keyring(database, controller)
        sealed = SealedCollection(
            plain, Vault(controller, module.name, module.secrets), keyring, lambda *told: self.alarm.tell(*told)
        )
        self._made[module.name] = sealed, database.collection(f"keys.{controller}", "modules")
        return sealed

    def keyring(self, database: Database, controller: Controller) -> Keyring:
        """The keys of a controller, for what is sealed beside the modules."""
        return Keyring(controller, keys_of(database, controller), self._wrapping(controller))

    def files_of(self, module: str) -> VaultKeys:
        """Keys for the files of a module's cases. Raises `KeyError` for a module without secrets."""
        sealed, _ = self._made[module]
        return VaultKeys(sealed.keyring, sealed.owner)

    def _wrapping(self, controller: Controller) -> Mapping[int, bytes]:
        return wrapping_keys(self._keys, controller, local=self._local)

    async def prepare(self) -> None:
        """Seals, once for each module, what was stored before it had secrets."""
        for name, (sealed, modules) in self._made.items():
            if await modules.find_one({"_id": name}) is None:
                count = await sealed.seal_what_is_plain()
                if count:
                    log.warning("sealed_what_was_plain", module=name, count=count)
                done = {"$set": {"sealed_at": utc_now()}}
                await modules.update_one({"_id": name}, done, upsert=True)


def wrapping_keys(keys: Keys, controller: Controller, *, local: bool) -> Mapping[int, bytes]:
    """The wrapping keys of a controller by version, perhaps none.

    In local mode without any: one that follows from the reference key, so that a test or trial needs no secrets file.
    """
    found = keys.wrapping.get(controller, {})
    if found or not local:
        return found
    return {1: hmac.new(keys.reference, f"wrapping\x00{controller}".encode(), hashlib.sha256).digest()}
