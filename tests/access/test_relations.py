"""In which relation a caller stands to a case: one table, read row by row."""

from __future__ import annotations

import pytest

from shared.access.organisations import Organisations, Rota
from shared.access.relations import Known, Relation, relation_of
from shared.access.roles import Caller, Role
from shared.access.ties import Ties
from shared.contracts.vocabulary import Office

ME = "ref-me"
PLACES = Organisations(municipality={"9901": Rota(unit="east"), "9902": Rota(unit="west")})
NOBODY = Ties("c0ffee", "9901", Office.ALDERMAN)
MINE = Ties("c0ffee", "9901", Office.ALDERMAN, own=(ME,))
WROTE = Ties("c0ffee", "9901", Office.ALDERMAN, wrote=(ME,))
TRUSTED = Ties("c0ffee", "9901", Office.ALDERMAN, trusted=(ME,))
ASSIGNED = Ties("c0ffee", "9901", Office.ALDERMAN, assigned=(ME,))
EVERYTHING_BUT_OUT = Ties(
    "c0ffee", "9901", Office.ALDERMAN, own=(ME,), trusted=(ME,), assigned=(ME,), excluded=(ME,)
)  # fmt: skip


def caller(role: Role, municipality: str = "", unit: str = "") -> Caller:
    return Caller(role, "account-1", municipality, unit)


TABLE = [
    # who, what is known of the accounts, what the module knows, the relation
    (caller(Role.OFFICE_HOLDER), NOBODY, Known(), None),
    (caller(Role.OFFICE_HOLDER), MINE, Known(), Relation.OWN),
    (caller(Role.OFFICE_HOLDER), None, Known(own=True), Relation.OWN),
    (caller(Role.OFFICE_HOLDER), WROTE, Known(), Relation.WROTE),
    (caller(Role.OFFICE_HOLDER), None, Known(own=True, wrote=True), Relation.WROTE),
    (caller(Role.OFFICE_HOLDER), TRUSTED, Known(), Relation.TRUSTED),
    (caller(Role.FAMILY), MINE, Known(), Relation.OWN),
    (caller(Role.REPORTER), WROTE, Known(), Relation.WROTE),
    (caller(Role.POLICE, unit="east"), NOBODY, Known(), Relation.OWN_UNIT),
    (caller(Role.POLICE, unit="west"), NOBODY, Known(), None),
    (caller(Role.POLICE), NOBODY, Known(), None),
    (caller(Role.POLICE), None, Known(municipality="9999"), None),
    (caller(Role.RCCB, unit="west"), None, Known(municipality="9902"), Relation.OWN_UNIT),
    (caller(Role.HOVJ, unit="east"), NOBODY, Known(), Relation.OWN_UNIT),
    (caller(Role.MUNICIPALITY, "9901"), NOBODY, Known(), None),
    (caller(Role.MUNICIPALITY, "9901"), None, Known(municipality="9901"), None),
    (caller(Role.MUNICIPALITY, "9901"), ASSIGNED, Known(), Relation.ASSIGNED),
    (caller(Role.MUNICIPALITY, "9902"), ASSIGNED, Known(), None),
    (caller(Role.MUNICIPALITY, "9901"), TRUSTED, Known(), Relation.TRUSTED),
    (caller(Role.BZK), NOBODY, Known(), Relation.PSEUDONYM),
    (caller(Role.IVP), NOBODY, Known(), None),
    (caller(Role.IVP), NOBODY, Known(client=True), Relation.CLIENT),
    (caller(Role.COUNCIL, "9901"), ASSIGNED, Known(own=True, client=True), None),
    (caller(Role.ADMIN), MINE, Known(own=True, client=True), None),
]


@pytest.mark.parametrize(("who", "ties", "known", "relation"), TABLE)
def test_the_relation_is_the_one_in_the_table(
    who: Caller, ties: Ties | None, known: Known, relation: Relation | None
) -> None:
    assert relation_of(who, ME, ties, PLACES, known) is relation


@pytest.mark.parametrize("role", Role)
def test_who_is_kept_out_has_no_relation_whatever_else_holds(role: Role) -> None:
    everything = Known(own=True, wrote=True, client=True, municipality="9901")
    assert relation_of(caller(role, "9901", "east"), ME, EVERYTHING_BUT_OUT, PLACES, everything) is None


def test_a_municipality_that_nobody_put_in_the_file_opens_nothing() -> None:
    empty = Organisations()
    assert empty.unit_of("9901") is None
    assert not empty.on_rota("9901", "account-1")
    assert empty.handlers("9901", Office.MAYOR) == ()
