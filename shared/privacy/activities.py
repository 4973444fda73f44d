"""Every processing activity that the code can write into a log, with the words that a person reads about it.

Purpose, legal basis, persons, data, recipients and terms of each stand in `docs/processing-register.yml`; a test holds
the two together. An activity that is not here cannot be logged, and what cannot be logged is not answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.privacy.controllers import CONTROLLERS, Controller

KINDS = {
    "act": "iets vastgelegd",
    "event": "een bericht verwerkt",
    "clock": "een termijn verwerkt",
    "read": "ingezien",
}
"""What can be done with a module's data: a change over HTTP, an event from the bus, a deadline, a look."""

MODULE_WORDS = {
    "intake.access": "Wie een melding mag zien",
    "assessment.access": "Wie een weging en maatregelen mag zien",
    "funding.access": "Wie kosten mag zien",
    "aftercare.access": "Wie nazorg mag zien",
    "intake.reporting": "Melding en aangifte",
    "intake.drafts": "Melding die nog niet is verstuurd",
    "assessment.weighing": "Weging van de dreiging",
    "assessment.measures": "Maatregelen",
    "funding.cost_allocation": "Verdeling van de kosten",
    "funding.safety_net": "Vangnet",
    "aftercare.callback": "Nazorg",
    "aftercare.billing": "Rekening van nazorg",
    "aftercare.confidential_line": "Vertrouwenslijn",
}

ALL = frozenset(Controller)
WITH_ACCOUNTS = ALL - {Controller.CONFIDENTIAL_LINE}
"""The confidential line knows no accounts of callers: there is nobody to show or export anything to."""
WITHOUT_BREAK_GLASS = frozenset({Controller.IVP, Controller.CONFIDENTIAL_LINE})

OF_CONTROLLERS: dict[str, tuple[str, frozenset[Controller]]] = {
    "sign-in": ("Inloggen", ALL),
    "shredding": ("Gegevens vernietigd", WITH_ACCOUNTS),
    "retention": ("Bewaartermijn verwerkt", ALL),
    "legal-hold": ("Vernietigen tegengehouden", WITH_ACCOUNTS),
    "export": ("Eigen dossier meegegeven", WITH_ACCOUNTS),
    "own-reads": ("Getoond wie u heeft ingezien", WITH_ACCOUNTS),
    "exclusion": ("Iemand buiten de zaak gehouden", WITH_ACCOUNTS),
    "break-glass": ("Ingezien zonder toewijzing, met een reden", ALL - WITHOUT_BREAK_GLASS),
}
"""What a controller does beside its modules, in words, and which controllers do it."""

VERSIONS: dict[str, int] = {}
"""Version of an activity whose purpose, basis or data changed since its first one; the others are at 1."""


@dataclass(frozen=True)
class Activity:
    """`words` are shown to the person whom it is about. A change of what the register says makes a new version."""

    id: str
    controller: Controller
    words: str

    @property
    def version(self) -> int:
        """Which version of the register's text holds."""
        return VERSIONS.get(self.id, 1)


def _of_modules() -> list[Activity]:
    return [
        Activity(f"{module}.{kind}", controller, f"{MODULE_WORDS[module]}: {words}")
        for module, controller in CONTROLLERS.items()
        for kind, words in KINDS.items()
    ]


def _of_controllers() -> list[Activity]:
    return [
        Activity(f"{controller}.{name}", controller, words)
        for name, (words, controllers) in OF_CONTROLLERS.items()
        for controller in Controller
        if controller in controllers
    ]


ACTIVITIES: dict[str, Activity] = {one.id: one for one in (*_of_modules(), *_of_controllers())}
"""All activities, by id: `<module>.<kind>` or `<controller>.<name>`."""
