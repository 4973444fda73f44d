"""Break-glass: a look into a case that nobody assigned, for a stated reason and a short time, and never unseen.

It does not exist for IVP and for the confidential line. The data protection officer is told (`officer.py`) and has a
list with each reason; the security log gets a line before the case opens, with a digest, so that a reason cannot be
changed later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from shared.contracts.decisions import Refused
from shared.privacy.activities import WITHOUT_BREAK_GLASS
from shared.privacy.alarm import Alarm
from shared.privacy.append_log import whole_milliseconds
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.keyring import KeyLost, Keyring
from shared.privacy.sealer import digest_of
from shared.privacy.security_log import Act, SecurityLog
from shared.privacy.vault import SealBroken, Vault
from shared.runtime import logs
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Collection, Document, insert_new
from shared.runtime.request import current

SHORTEST_REASON, LONGEST_REASON = 20, 500
"""Characters. Shorter is no reason."""
LONGEST = timedelta(hours=4)
"""Longer is an assignment, and somebody else decides about that."""
LISTED = 200
MODULE = "break-glass"
"""What the sealed reasons are called, beside the modules."""

log = logs.logger(__name__)


@dataclass(frozen=True)
class Glass:
    """One time. `reason` is free text: for the data protection officer only. Moments in UTC."""

    id: str
    module: str
    case: str
    actor: str
    role: str
    reason: str
    broken_at: datetime
    until: datetime

    def opens(self, case: str, actor: str, at: datetime) -> bool:
        """Whether this account may look into this case now."""
        return (case, actor) == (self.case, self.actor) and self.broken_at <= at < self.until

    @property
    def object(self) -> str:
        """What the security log calls it: module, case, and a digest over everything, the reason too."""
        return f"{self.module}:{self.case}:{digest_of(asdict(self))[:32]}"


FIELDS = frozenset(one.name for one in fields(Glass)) - {"id"}


def break_glass(
    glass_id: str, module: str, case: str, *, actor: str, role: str, reason: str, at: datetime, hours: float = 1.0
) -> Glass:
    """The glass as it will be broken at `at`. `hours`: how long. Raises `Refused` when the rules do not allow it."""
    if CONTROLLERS[module] in WITHOUT_BREAK_GLASS:
        raise Refused("Zonder toewijzing inzien bestaat hier niet, ook niet met een reden.")
    words = reason.strip()
    if len(words) < SHORTEST_REASON:
        raise Refused(f"Schrijf op waarom u dit moet inzien, in minstens {SHORTEST_REASON} tekens.")
    if len(words) > LONGEST_REASON:
        raise Refused(f"Schrijf de reden korter op, in hoogstens {LONGEST_REASON} tekens.")
    duration = timedelta(hours=hours)
    if not timedelta(0) < duration <= LONGEST:
        most = f"{LONGEST.total_seconds() / 3600:.0f}"
        raise Refused(f"Dit kan voor hoogstens {most} uur. Duurt het langer: vraag een toewijzing.")
    at = whole_milliseconds(at)
    return Glass(glass_id, module, case, actor, role, words, at, whole_milliseconds(at + duration))


class Reasons:
    """Seals why a glass was broken: free text, for the data protection officer alone."""

    def __init__(self, controller: Controller, keyring: Keyring, alarm: Alarm) -> None:
        self._vault, self._keyring, self._alarm = Vault(controller, MODULE, ("reason",)), keyring, alarm

    async def seal(self, number: str, stored: Document) -> Document:
        """The document as it may be stored."""
        sealed: Document = self._vault.seal(stored, number, await self._keyring.obtain(f"{MODULE}:{number}"))
        return sealed

    async def open(self, number: str, stored: Document) -> Document:
        """The document as it was; a reason that does not open reads `niet leesbaar`, so that the others are shown."""
        owner = f"{MODULE}:{number}"
        key = (await self._keyring.find([owner], leave_out=True)).get(owner)
        opened: Document
        opened, whole = self._vault.open_what_opens(stored, number, key)
        if not whole:
            await self._alarm.tell(MODULE, number, (SealBroken if key else KeyLost).__name__)
        return opened


class Glasses:
    """What was broken at one controller. `security`: that controller's security log."""

    def __init__(
        self, collection: Collection, security: SecurityLog, reasons: Reasons, *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._collection = collection
        self._security = security
        self._reasons = reasons
        self._now = now

    async def prepare(self) -> None:
        """Makes the index that a look searches by."""
        await self._collection.create_index([("case", 1)])

    async def add(self, glass: Glass) -> None:
        """Breaks it: noted first, then open. The same id again changes nothing; an error leaves it closed or noted."""
        await self._security.note(Act.BREAK_GLASS, glass.object, "done", actor=glass.actor, role=glass.role)
        stored = {name: value for name, value in asdict(glass).items() if name != "id"}
        await insert_new(self._collection, [{"_id": glass.id} | await self._reasons.seal(glass.id, stored)])
        log.warning("glass_broken", module=glass.module, case=glass.case)

    async def is_open(self, case: str, actor: str) -> bool:
        """Whether this account may look into this case now although nobody assigned it."""
        found = await self._collection.find({"case": case, "actor": actor}).to_list()
        return any(_glass(document).opens(case, actor, self._now()) for document in found)

    def marks(self, glass: Glass) -> dict[str, bool]:
        """What its row says beside its fields: `unreadable` when this request could not open its reason."""
        request = current()
        return {"unreadable": True} if request and (MODULE, glass.id) in request.unreadable else {}

    async def for_officer(self) -> list[Glass]:
        """For the data protection officer: the last ones, the newest first."""
        found = await self._collection.find({}).sort("broken_at", -1).limit(LISTED).to_list()
        return [_glass(await self._reasons.open(document["_id"], document)) for document in found]


def _glass(document: Document) -> Glass:
    return Glass(id=document["_id"], **{name: value for name, value in document.items() if name in FIELDS})
