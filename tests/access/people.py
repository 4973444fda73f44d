"""Who calls in the tests of the matrix: every role, in every relation to a case that can be arranged."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.relations import Relation
from shared.access.roles import Role
from shared.access.ties import NoteTie
from shared.contracts.vocabulary import Tie
from tests.access.signing import UNIT, signed

OWN, WROTE, UNASKED = "0a" * 16, "0b" * 16, "0c" * 16
"""A case of the person; one that somebody reported for another; one in which the person did not ask for care."""
NOWHERE = "0d" * 16
"""A case that does not exist."""
TOWN, OTHER_TOWN, OTHER_UNIT = "9901", "9902", "eenheid-west"


@dataclass(frozen=True)
class Who:
    """Somebody. `label`: the relation that was arranged; `relation`: what it counts as, None for none at all."""

    role: Role
    label: str
    actor: str
    relation: Relation | None = None
    case: str = OWN
    municipality: str = ""
    unit: str = ""
    ties: tuple[Tie, ...] = ()

    def __str__(self) -> str:
        return f"{self.role} {self.label}"

    @property
    def partner(self) -> str | None:
        """Under whose pseudonyms this caller knows cases; None: by the internal reference."""
        if self.role is Role.MUNICIPALITY:
            return f"municipality:{self.municipality}"
        return self.role.value if self.role in (Role.BZK, Role.IVP) else None

    def headers(self) -> dict[str, str]:
        """Of a request."""
        return signed(self.role, self.actor, self.municipality, self.unit)

    def facts(self, account: str, cases: tuple[str, ...]) -> list[NoteTie]:
        """What makes it so in these cases; who is kept out is kept out of all of them. `account`: of the actor."""
        found = [NoteTie(self.case, account, tie, True) for tie in self.ties if self.case in cases]
        out = [NoteTie(case, account, Tie.EXCLUDED, True) for case in cases if Tie.EXCLUDED in self.ties]
        return found + out

    def asks(self, path: str) -> bool:
        """Whether the relation says anything on this path: who knows one client has lists all the same."""
        return self.case != UNASKED or "{" in path


def _persons(role: Role) -> tuple[Who, ...]:
    found = (
        ("own", Relation.OWN, OWN, Tie.OWN), ("wrote", Relation.WROTE, WROTE, Tie.WROTE),
        ("trusted", Relation.TRUSTED, OWN, Tie.TRUSTED),
    )  # fmt: skip
    # A reporter reports for others: whose own case it is, is an office holder or family.
    has = {kind: None if (role, kind) == (Role.REPORTER, Relation.OWN) else kind for _, kind, _, _ in found}
    known = tuple(Who(role, name, f"{role}-{name}", has[kind], case, ties=(tie,)) for name, kind, case, tie in found)
    kept_out = tuple(
        Who(role, f"{name}, excluded", f"{role}-{name}-x", None, case, ties=(tie, Tie.EXCLUDED))
        for name, _, case, tie in found
    )
    return (*known, *kept_out, Who(role, "nobody", f"{role}-0"))


def _police(role: Role) -> tuple[Who, ...]:
    return (
        Who(role, "own unit", f"{role}-1", Relation.OWN_UNIT, unit=UNIT),
        Who(role, "own unit, excluded", f"{role}-x", unit=UNIT, ties=(Tie.EXCLUDED,)),
        Who(role, "other unit", f"{role}-2", unit=OTHER_UNIT),
        Who(role, "no unit", f"{role}-3"),
    )


_MUNICIPAL = (
    Who(Role.MUNICIPALITY, "assigned", "secretaris-1", Relation.ASSIGNED, municipality=TOWN, ties=(Tie.ASSIGNED,)),
    Who(Role.MUNICIPALITY, "trusted", "vriend-1", Relation.TRUSTED, municipality=TOWN, ties=(Tie.TRUSTED,)),
    Who(Role.MUNICIPALITY, "on the rota, not assigned", "griffier-1", municipality=TOWN),
    Who(Role.MUNICIPALITY, "same municipality", "collega-1", municipality=TOWN),
    Who(Role.MUNICIPALITY, "assigned, excluded", "town-1", municipality=TOWN, ties=(Tie.ASSIGNED, Tie.EXCLUDED)),
    Who(Role.MUNICIPALITY, "trusted, excluded", "vriend-x", municipality=TOWN, ties=(Tie.TRUSTED, Tie.EXCLUDED)),
    Who(Role.MUNICIPALITY, "other municipality", "secretaris-2", municipality=OTHER_TOWN),
    Who(Role.MUNICIPALITY, "other municipality, assigned", "account-1", municipality=OTHER_TOWN, ties=(Tie.ASSIGNED,)),
)
_PARTNERS = (
    Who(Role.BZK, "pseudonym", "bzk-1", Relation.PSEUDONYM),
    Who(Role.BZK, "pseudonym, excluded", "bzk-x", ties=(Tie.EXCLUDED,)),
    Who(Role.IVP, "client", "ivp-1", Relation.CLIENT),
    Who(Role.IVP, "client, excluded", "ivp-x", ties=(Tie.EXCLUDED,)),
    Who(Role.IVP, "did not ask for care", "ivp-1", case=UNASKED),
)
_TIES = (Tie.OWN, Tie.WROTE, Tie.TRUSTED, Tie.ASSIGNED)
_OTHERS = (
    Role.CONFIDANT, Role.IVP_BILLING, Role.CONTROLLER, Role.COUNCIL, Role.ASSOCIATION, Role.EVALUATOR, Role.AUDITOR,
    Role.DPO, Role.ADMIN,
)  # fmt: skip
PEOPLE: tuple[Who, ...] = (
    *(who for role in (Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER) for who in _persons(role)),
    *(who for role in (Role.POLICE, Role.RCCB, Role.HOVJ) for who in _police(role)),
    *_MUNICIPAL,
    *_PARTNERS,
    # Whatever ties their account has, these roles see no case.
    *(Who(role, "every tie", f"{role}-1", municipality=TOWN, unit=UNIT, ties=_TIES) for role in _OTHERS),
)
"""Everybody. A relation of None: no case, whatever else holds."""
