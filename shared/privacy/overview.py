"""What a data protection officer sees of one service's logs and keys: how it stands, never what is in them.

Nothing is verified or destroyed by looking: the commands do that (`veilig audit verify`, `veilig retention`), and leave
a line in the security log, which is read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.privacy.keyring import Keyring
from shared.privacy.logbooks import SECURITY, Chain
from shared.privacy.sealer import first_id
from shared.privacy.security_log import Act
from shared.runtime.mongo import Collection, Document

LOOKED_BACK = timedelta(days=35)
"""A look or a run that is longer ago counts as none."""
LISTED = 200


@dataclass(frozen=True)
class LogState:
    """One log. `sealed_at`: its last batch; `verified_at`: the last look at its chain, and how that ended."""

    owner: str
    log: str
    sealed_at: datetime | None
    verified_at: datetime | None
    result: str


@dataclass(frozen=True)
class Run:
    """The last time that the retention job ended, dry or not, for one controller. Without `ran_at`: not lately."""

    owner: str
    ran_at: datetime | None
    result: str
    dry: bool
    forgotten: int


@dataclass(frozen=True)
class Waiting:
    """A document that somebody asked to destroy, or that is held. Words from a list; no accounts."""

    module: str
    document: str
    reason: str
    asked_at: datetime | None
    held_for: str
    held_since: datetime | None


async def states(chains: Iterable[Chain], now: datetime) -> list[LogState]:
    """How each log stands; a look at it is in the security log of the same owner."""
    known = list(chains)
    security = {chain.owner: chain.lines for chain in known if chain.log == SECURITY}
    found = []
    for chain in known:
        last = await chain.seals.find({}, {"at": 1}).sort("_id", -1).limit(1).to_list(1)
        looked = await _last(security[chain.owner], Act.VERIFY, now, f"log:{chain.owner}:{chain.log}")
        at, result = (looked["at"], looked["result"]) if looked else (None, "")
        found.append(LogState(chain.owner, chain.log, last[0]["at"] if last else None, at, result))
    return found


async def runs(chains: Iterable[Chain], controllers: Iterable[str], now: datetime) -> list[Run]:
    """The last run of the retention job for each of these controllers."""
    security = {chain.owner: chain.lines for chain in chains if chain.log == SECURITY}
    found = []
    for owner in controllers:
        line = await _last(security[owner], Act.FORGET, now)
        if line is None:
            found.append(Run(owner, None, "", dry=False, forgotten=0))
            continue
        _, _, count = line["object"].rpartition(":")
        number = count.removesuffix("-forgotten")
        dry = "dry-run" in line["object"]
        found.append(Run(owner, line["at"], line["result"], dry, int(number) if number.isdigit() else 0))
    return found


async def _last(lines: Collection, act: Act, now: datetime, about: str = "") -> Document | None:
    """The newest line about the end of an act."""
    wanted = {
        "_id": {"$gte": first_id(now - LOOKED_BACK)}, "action": act.value, "result": {"$in": ["done", "failed"]},
    } | ({"object": about} if about else {})  # fmt: skip
    found = await lines.find(wanted).sort("_id", -1).limit(1).to_list(1)
    return found[0] if found else None


async def waiting(keyring: Keyring, module: str) -> list[Waiting]:
    """What waits to be destroyed in a module, or is held, the longest first; at most `LISTED`."""
    begins = f"{module}:"
    wanted = {
        "_id": {"$gte": begins, "$lt": f"{module};"}, "destroyed_at": {"$exists": False},
        "$or": [{"shredding": {"$exists": True}}, {"hold": {"$exists": True}}],
    }  # fmt: skip
    found = await keyring.collection.find(wanted, {"wrapped": 0}).limit(LISTED).to_list(LISTED)
    rows = [
        Waiting(
            module, key["_id"].removeprefix(begins), key.get("shredding", {}).get("reason", ""),
            key.get("shredding", {}).get("at"), key.get("hold", {}).get("reason", ""), key.get("hold", {}).get("at"),
        )
        for key in found
    ]  # fmt: skip
    return sorted(rows, key=lambda one: str(one.held_since or one.asked_at))
