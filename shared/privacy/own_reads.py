"""What was read about a person: when, by which role and for which activity. Never by which account."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from shared.contracts.dated import Dated, in_force
from shared.privacy.activities import ACTIVITIES
from shared.runtime.mongo import Collection, Document

ROLES = {
    "office-holder": "politieke ambtsdrager",
    "family": "familielid",
    "reporter": "melder",
    "police": "politie",
    "rccb": "RCCB (politie)",
    "hovj": "Openbaar Ministerie",
    "municipality": "behandelaar van de gemeente",
    "controller": "financiën van de gemeente",
    "council": "gemeenteraad",
    "bzk": "ministerie van BZK",
    "ivp": "IVP",
    "ivp-billing": "administratie van IVP",
    "confidant": "vertrouwenspersoon",
    "association": "beroepsvereniging",
    "evaluator": "evaluator",
    "auditor": "auditor",
    "dpo": "functionaris gegevensbescherming",
    "admin": "beheerder",
}
"""Roles in the words that the person reads."""
ANOTHER = "een andere rol"
OF_POLICE = frozenset({"police", "rccb", "hovj"})
OTHERS = ["reporter", "caller"]
"""Others that a document may be about: their lines are for them."""
LISTED = 1_000
"""Reads shown at most, the newest."""


class PoliceRow(Dated):
    """Whether police and OM release that they looked."""

    released: bool


def police_releases(day: date, rows: Iterable[PoliceRow] | None = None) -> bool:
    """Whether their looks are shown on this day."""
    return in_force(rows or POLICE, day).released


def _rows() -> tuple[PoliceRow, ...]:
    text = Path(__file__).with_name("own_reads.toml").read_text()
    return tuple(PoliceRow.model_validate(row) for row in tomllib.loads(text)["police"])


POLICE = _rows()


@dataclass(frozen=True)
class OwnRead:
    """One look. `at`: in UTC, cut to the minute; `role` and `activity` in Dutch words."""

    at: datetime
    role: str
    activity: str


async def own_reads(
    subjects: Sequence[tuple[Collection, str, str]], *, police_released: bool, me: str = ""
) -> list[OwnRead]:
    """Looks at the documents about a person, the newest first.

    `subjects`: of each document that is about the person, who is the victim in each: the processing log of who answers
    for it, its module and its id; `me`: the person's account, whose own looks are left out. Raises an error of the
    database.
    """
    hidden = [] if police_released else sorted(OF_POLICE)
    shown: list[Document] = []
    for log, module, document in subjects:
        wanted: Document = {"subject": document, "subject_type": module, "action": "read"}
        wanted |= {"role": {"$nin": hidden}, "actor": {"$ne": me or None}, "person": {"$nin": OTHERS}}
        shown += await log.find(wanted).sort("_id", -1).limit(LISTED).to_list(LISTED)
    shown.sort(key=lambda line: str(line["_id"]), reverse=True)
    return [
        OwnRead(
            line["ended_at"].replace(second=0, microsecond=0),
            ROLES.get(line["role"], ANOTHER),
            ACTIVITIES[line["activity"]].words if line["activity"] in ACTIVITIES else "Ingezien",
        )
        for line in shown[:LISTED]
    ]
