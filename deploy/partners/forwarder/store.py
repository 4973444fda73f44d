"""What waits for which partner, and the log of each try, in a database of the forwarder's own.

One document per record of a partner's topic. Its content is there only as long as it is on its way; what stays is the
log: which event, when, which try, which answer. The place in the topic stands in the id, so that a record that Kafka
gives twice is there once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.partners.forwarder.domain import UNDELIVERED, Answer, Entry, State, Verdict, due
from shared.runtime.mongo import Collection, Database, Document, insert_new

MODULE = "forwarder"
"""Name of its database, after the prefix."""
LOG_DAYS = 365
"""How long a line of the log stays: as long as what was done with a dead letter."""
LEFT_DAYS = 30
"""How long what waits stays for a partner that is no longer on the list: as long as it would be on the topic."""
AT_ONCE = 200
UNREADABLE = "not an event"
SENT_AGAIN = "sent again by an operator"
NO_CONTENT = {"body": 0}


@dataclass(frozen=True)
class Standing:
    """How it stands with one partner. `oldest`: seconds that the oldest undelivered event is on the topic.

    `state`: `on`, `asking` (the address did not agree yet) or `stopped`; `why`: what it last said, then.
    """

    partner: str
    name: str
    url: str
    state: str
    why: str
    waiting: int
    parked: int
    oldest: float


class Store:
    """The documents. Every method raises one of `AWAY` when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._entries: Collection = database.collection(MODULE, "deliveries")
        self._subscribers: Collection = database.collection(MODULE, "subscribers")

    async def prepare(self) -> None:
        """Indexes."""
        await self._entries.create_index([("partner", 1), ("state", 1), ("offset", 1)])
        await self._entries.create_index([("state", 1), ("settled_at", 1)])

    # What comes from the topic

    async def take(self, partner: str, records: Sequence[Any], now: datetime) -> None:
        """Keeps raw records of Kafka. When it returns all are there, and their place on the topic may be noted."""
        if records:
            await insert_new(self._entries, [_document(partner, record, now) for record in records])

    # What goes to the partner

    async def due(self, partner: str, now: datetime) -> list[Entry]:
        """What may be sent now: of each case the oldest, if its moment has come."""
        return due(await self._undelivered(partner), now)

    async def content(self, entry: Entry) -> tuple[bytes, str] | None:
        """Body and content type; None when somebody else was faster."""
        found = await self._entries.find_one({"_id": entry.id, "body": {"$exists": True}})
        return None if found is None else (bytes(found["body"]), str(found["content_type"]))

    async def tell(self, entry: Entry, answer: Answer, verdict: Verdict, now: datetime) -> None:
        """Writes down a try and what follows. Another instance may have been faster: a delivery is never undone."""
        number = entry.tried + 1
        line = {"at": now, "number": number, "status": answer.status, "why": answer.why}
        change: dict[str, Any] = {"$push": {"tries": line}, "$set": {"state": verdict.state.value, "tried": number}}
        if verdict.state is State.DELIVERED:
            change["$set"]["settled_at"] = now
            change["$unset"] = {"body": "", "case": "", "next_at": ""}
            await self._entries.update_one({"_id": entry.id, "state": {"$ne": State.DELIVERED.value}}, change)
            return
        if verdict.next_at is not None:
            change["$set"]["next_at"] = verdict.next_at
        same = {"_id": entry.id, "state": State.WAITING.value, "tried": entry.tried}
        await self._entries.update_one(same, change)

    # What an operator does

    async def again(self, partner: str, event: str | None, account: str, now: datetime) -> int:
        """Begins the table anew for what is parked, or for one event; an address that stopped is tried again too."""
        chosen = [one for one in await self._undelivered(partner) if event in (None, one.event)]
        if event is None:
            await self._subscribers.update_one({"_id": partner}, {"$unset": {"stopped_at": "", "hold_until": ""}})
        for one in chosen:
            line = {"at": now, "number": 0, "status": None, "why": SENT_AGAIN, "by": account}
            change = {"$set": {"state": State.WAITING.value, "tried": 0, "next_at": now}, "$push": {"tries": line}}
            await self._entries.update_one({"_id": one.id, "state": one.state.value}, change)
        return len(chosen)

    async def drop(self, partner: str, event: str, account: str, reason: str, now: datetime) -> int:
        """Sets a parked event aside for good; its content goes, the line with who and why stays."""
        chosen = [one for one in await self._undelivered(partner) if one.event == event and one.state is State.PARKED]
        line = {"at": now, "number": 0, "status": None, "why": reason, "by": account}
        for one in chosen:
            change = {
                "$set": {"state": State.DROPPED.value, "settled_at": now}, "$push": {"tries": line},
                "$unset": {"body": "", "case": "", "next_at": ""},
            }  # fmt: skip
            await self._entries.update_one({"_id": one.id, "state": State.PARKED.value}, change)
        return len(chosen)

    # What is told of it

    async def log(self, partner: str, limit: int) -> list[Document]:
        """The last events of a partner with their tries, the newest first; no content and no case."""
        found = await self._entries.find({"partner": partner}, NO_CONTENT).sort("taken_at", -1).limit(limit).to_list()
        return [
            {name: one.get(name) for name in ("event", "state", "since", "taken_at", "next_at", "settled_at", "tries")}
            for one in found
        ]

    async def standings(self, now: datetime) -> list[Standing]:
        """Of every partner that was ever on the list how it stands."""
        every = await self._subscribers.find({}).sort("_id").to_list()
        return [await self._standing(one, now) for one in every if not one.get("left_at")]

    async def _standing(self, known: Document, now: datetime) -> Standing:
        waiting = await self._undelivered(known["_id"])
        oldest = max(((now - one.since).total_seconds() for one in waiting), default=0.0)
        state = "stopped" if known.get("stopped_at") else "on" if known.get("agreed_at") else "asking"
        parked = sum(one.state is State.PARKED for one in waiting)
        return Standing(
            known["_id"], known["name"], known["url"], state, known.get("why", ""), len(waiting) - parked, parked,
            max(0.0, oldest),
        )  # fmt: skip

    # Partners on the list

    async def subscriber(self, partner: str, name: str, url: str, now: datetime) -> Document:
        """What is known of a partner at this address. Another address begins anew: it is asked for its consent."""
        known = await self._subscribers.find_one({"_id": partner})
        if known is not None and known["url"] == url and not known.get("left_at"):
            if known["name"] != name:
                await self._subscribers.update_one({"_id": partner}, {"$set": {"name": name}})
            return known
        fresh = {"name": name, "url": url, "asked": 0, "ask_at": now, "why": ""}
        gone = {"agreed_at": "", "stopped_at": "", "hold_until": "", "per_minute": "", "left_at": ""}
        await self._subscribers.update_one({"_id": partner}, {"$set": fresh, "$unset": gone}, upsert=True)
        return {"_id": partner, **fresh}

    async def note(self, partner: str, url: str, **fields: Any) -> None:
        """Writes down what became known of a partner, if this is still its address."""
        await self._subscribers.update_one({"_id": partner, "url": url}, {"$set": fields})

    async def left(self, listed: Iterable[str], now: datetime) -> None:
        """Notes who is no longer on the list."""
        gone = {"_id": {"$nin": sorted(listed)}, "left_at": {"$exists": False}}
        for one in await self._subscribers.find(gone).to_list():
            await self._subscribers.update_one({"_id": one["_id"]}, {"$set": {"left_at": now}})

    async def tidy(self, now: datetime) -> int:
        """Takes away lines that are older than they may be, and what waited for who left long ago; returns how many."""
        settled = [State.DELIVERED.value, State.DROPPED.value]
        old = [{"state": {"$in": settled}, "settled_at": {"$lt": now - timedelta(days=LOG_DAYS)}}]
        long_ago = {"left_at": {"$lt": now - timedelta(days=LEFT_DAYS)}}
        for one in await self._subscribers.find(long_ago).to_list():
            old.append({"partner": one["_id"], "state": {"$in": [each.value for each in UNDELIVERED]}})
        count = 0
        for search in old:
            for entry in await self._entries.find(search, {"_id": 1}).limit(AT_ONCE).to_list():
                await self._entries.delete_one({"_id": entry["_id"]})
                count += 1
        return count

    async def _undelivered(self, partner: str) -> list[Entry]:
        search = {"partner": partner, "state": {"$in": [one.value for one in UNDELIVERED]}}
        found = await self._entries.find(search, NO_CONTENT).sort("offset").to_list()
        return [
            Entry(
                one["_id"], one["event"], one["case"], State(one["state"]), one["tried"], one["next_at"], one["since"]
            )
            for one in found
        ]


def _document(partner: str, record: Any, now: datetime) -> Document:
    """A raw record of Kafka as it is kept. What is no event is kept too, parked: nothing is thrown away."""
    event = _event(record.value)
    place = f"{partner}/{record.topic}/{record.partition}/{record.offset}/{event}"
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    document = {
        "_id": place, "partner": partner, "event": event, "offset": record.offset, "tried": 0,
        "case": (record.key or b"").decode(errors="replace") or place, "body": record.value or b"",
        "content_type": headers.get("content-type", "application/cloudevents+json; charset=UTF-8"),
        "since": datetime.fromtimestamp(record.timestamp / 1000, now.tzinfo), "taken_at": now, "next_at": now,
        "state": State.WAITING.value, "tries": [],
    }  # fmt: skip
    if not event:
        line = {"at": now, "number": 0, "status": None, "why": UNREADABLE}
        document |= {"state": State.PARKED.value, "tries": [line]}
    return document


def _event(value: bytes | None) -> str:
    """Id of the event in a record; empty when it is none."""
    try:
        body = json.loads(value or b"")
        return str(body["id"])
    except (ValueError, TypeError, KeyError):
        return ""
