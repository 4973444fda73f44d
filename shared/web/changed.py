"""A partner's detail is current; here it is marked when it changed last, and whether since the event that was read.

What counts is only what the partner itself was told: the events of its own topics. So the mark says nothing new, and
what a partner may not know never moves it.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime

from shared.contracts.audiences import copies
from shared.contracts.topics import EVENTS
from shared.privacy.references import to_the_minute
from shared.runtime.cases import Cases

Row = dict[str, Any]


@dataclass(frozen=True)
class Since:
    """The moment (UTC) of the event that somebody read; None when it was not said."""

    moment: datetime | None

    async def mark(self, cases: Cases[Any], rows: Sequence[tuple[str, Row]], partner: str) -> list[Row]:
        """The rows, each with `changed_at` (to the minute) and, for who said since when, `changed_since`.

        `rows`: the case and the view of each; `partner`: e.g. `bzk`, `municipality:9901`.
        """
        told = await last_told(cases, [case for case, _ in rows], partner)
        return [row | self._said(told.get(case)) for case, row in rows]

    def _said(self, changed: datetime | None) -> Row:
        shown: Row = {"changed_at": changed}
        if self.moment is None:
            return shown
        return shown | {"changed_since": changed is not None and changed > to_the_minute(self.moment)}


async def last_told(cases: Cases[Any], about: Sequence[str], partner: str) -> Mapping[str, datetime]:
    """Per case when this partner was told last, to the minute (UTC). Of the other cases it was told nothing."""
    kind, _, code = partner.partition(":")
    joined = frozenset({code} if kind == "municipality" else ())
    documents = {cases.id_for(case): case for case in about}
    fields = {"history.type": 1, "history.data": 1, "history.at": 1}
    told: dict[str, datetime] = {}
    for document in await cases.collection.find({"_id": {"$in": sorted(documents)}}, fields).to_list(None):
        moments = [
            _utc(entry["at"]) for entry in document["history"]
            if any(copy.partner == partner for copy in copies(_event(entry), joined))
        ]  # fmt: skip
        if moments:
            told[documents[document["_id"]]] = to_the_minute(max(moments))
    return told


def _event(entry: Mapping[str, Any]) -> Any:
    return EVENTS[entry["type"]].model_validate(entry["data"])


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _since(
    since: Annotated[
        AwareDatetime | None, Query(description="The `time` of the event that you read: was there a later one?")
    ] = None,
) -> Since:
    return Since(since)


ChangedSince = Annotated[Since, Depends(_since)]
"""A parameter of every route that gives a partner the detail behind an event."""
