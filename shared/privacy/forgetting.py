"""The job that forgets what is due, document by document: stopped halfway, it goes on the next time where it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from shared.privacy.retention import READ, Forget, Keep, Remind, Term, Why, due, facts_of, term_of, terms_on
from shared.runtime import logs
from shared.runtime.mongo import AWAY, Collection, Document

AT_ONCE = 200

log = logs.logger(__name__)


class Status(StrEnum):
    """How it stands with a document."""

    KEPT = "kept"
    HELD = "held"
    DESTROYED = "destroyed"


class Forgetting(Protocol):
    """Destroys what is kept of a document, for good."""

    async def status(self, module: str, document: str) -> Status:
        """How it stands."""
        ...

    async def forget(self, module: str, document: str, reason: str) -> None:
        """Destroys it, as the system and by policy; `reason` is the row. Again: finishes what was begun."""
        ...


class Done(StrEnum):
    """What became of a document that is due or nearly so."""

    FORGOTTEN = "forgotten"
    WOULD_BE = "would-be-forgotten"
    REMINDED = "reminded"
    HELD = "held"
    WAITS = "waits"
    FAILED = "failed"
    NO_TERM = "no-term"


@dataclass(frozen=True)
class Line:
    """One document on the list. `on`: the last day of its term; `row`: by which row of the policy."""

    module: str
    document: str
    done: Done
    name: str = ""
    on: date | None = None
    row: str = ""


class Retention:
    """The job. `collection`: of a module, as it is stored; nothing is opened. `now` in UTC."""

    def __init__(
        self,
        collection: Callable[[str], Collection],
        forgetting: Forgetting,
        now: datetime,
        terms: Iterable[Term] | None = None,
    ) -> None:
        self._collection = collection
        self._forgetting = forgetting
        self._now = now
        self._terms = tuple(terms_on(now.date()) if terms is None else terms)

    async def run(self, modules: Iterable[str], *, dry_run: bool = False) -> AsyncIterator[Line]:
        """Goes through all documents of these modules; yields those that are due or nearly so, after it was done.

        Raises one of `AWAY` when the database is away; what was done by then is done.
        """
        for module in modules:
            async for document in self._documents(module):
                line = await self._judged(module, document)
                if line is not None and line.done is Done.WOULD_BE and not dry_run:
                    line = await self._forgotten(module, line)
                if line is not None:
                    yield line

    async def _documents(self, module: str) -> AsyncIterator[Document]:
        last, fields = "", self._fields(module)
        while True:
            search = self._collection(module).find({"_id": {"$gt": last}}, fields).sort("_id")
            found = await search.limit(AT_ONCE).to_list(AT_ONCE)
            for document in found:
                yield document
            if len(found) < AT_ONCE:
                return
            last = found[-1]["_id"]

    def _fields(self, module: str) -> dict[str, int]:
        paths = {path for term in self._terms if term.module == module for path in (*term.has, *term.lacks)}
        return dict.fromkeys((*READ, *sorted(paths)), 1)

    async def _judged(self, module: str, document: Document) -> Line | None:
        """The line of a document as it is now; None when it is neither due nor nearly so."""
        if document.get("shredded"):
            return None
        name, term = document["_id"], term_of(self._terms, module, document)
        if term is None:
            return Line(module, name, Done.NO_TERM)
        answer = due(facts_of(document), term, self._now)
        if isinstance(answer, Keep) and answer.why is not Why.WAITS:
            return None
        status = await self._forgetting.status(module, name)
        answer = due(facts_of(document, held=status is Status.HELD), term, self._now)
        # A key that is gone beside a document that does not say so: somebody stopped in between.
        done = Done.WOULD_BE if status is Status.DESTROYED else _done(answer)
        return Line(module, name, done, term.name, answer.on, term.row)

    async def _forgotten(self, module: str, line: Line) -> Line | None:
        # What happened since the list was read may have given it a new term.
        document = await self._collection(module).find_one({"_id": line.document}, self._fields(module))
        again = None if document is None else await self._judged(module, document)
        if again != line:
            return again
        try:
            await self._forgetting.forget(module, line.document, line.row)
        except AWAY:
            raise
        except Exception as error:  # one that cannot be forgotten must not keep the others
            log.error("not_forgotten", module=module, case=line.document, error=type(error).__name__)
            return Line(module, line.document, Done.FAILED, line.name, line.on, line.row)
        log.warning("forgotten", module=module, case=line.document, type=line.name)
        return Line(module, line.document, Done.FORGOTTEN, line.name, line.on, line.row)


def _done(answer: Keep | Remind | Forget) -> Done:
    match answer:
        case Forget():
            return Done.WOULD_BE
        case Remind():
            return Done.REMINDED
        case Keep(why=Why.HELD):
            return Done.HELD
        case _:
            return Done.WAITS
