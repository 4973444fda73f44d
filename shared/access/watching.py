"""Writes down what happens at the wall: who read of whom, before the answer, and who was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from shared.access.matrix import Cell, DataClass, matrix
from shared.access.roles import Caller
from shared.access.wall import Visit
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.logbooks import Logbooks
from shared.privacy.processing_log import Line, read_of
from shared.privacy.security_log import Act, Result
from shared.runtime.journal import ONE_PERSON
from shared.runtime.request import current


class Watchman:
    """Watches one service's wall. `document`: from module and case to the id of the document."""

    def __init__(self, books: Logbooks, document: Callable[[str, str], str]) -> None:
        self._books, self._document = books, document

    async def was_read(self, visit: Visit, route: str) -> None:
        """One line for each person of each document that was shown and not changed by this request.

        A change has lines of its own.

        Raises an error of the database when they may not be stored.
        """
        request, caller = current(), visit.caller
        saved = request.saved if request else set()
        if caller is None:
            return
        lines: dict[Controller, list[Line]] = defaultdict(list)
        for (module, case), relation in visit.admitted.items():
            document = self._document(module, case)
            if (module, document) not in saved and module in CONTROLLERS:
                kinds = [kind for kind in DataClass if matrix().cell(caller.role, relation, kind) is not Cell.NOTHING]
                persons = request.persons.get((module, document), (ONE_PERSON,)) if request else (ONE_PERSON,)
                lines[CONTROLLERS[module]] += [
                    read_of(
                        module, document, actor=caller.actor, role=caller.role, name=route, classes=kinds, person=person
                    )
                    for person in persons
                ]
        for controller, told in lines.items():
            await self._books.processing(controller).write(told)

    async def was_done(self, act: Act, caller: Caller, module: str, document: str, result: Result = "done") -> None:
        """A line in the security log about something done to a document, or tried, by its opaque reference."""
        book = self._books.security(CONTROLLERS.get(module))
        await book.note(act, f"{module}:{document}", result, actor=caller.actor, role=caller.role)

    async def was_refused(self, visit: Visit, route: str, status: int) -> None:
        """A line in the security log of the module's controller, or of the service; which case is not in it."""
        if visit.caller is not None:
            book = self._books.security(CONTROLLERS.get(visit.module))
            await book.note(Act.ACCESS, route, "refused", actor=visit.caller.actor, role=visit.caller.role)
