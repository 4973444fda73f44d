"""The register of processing activities and what the code can write are the same list."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from services.aftercare.app import BILLING, CALLBACK
from services.assessment.app import MEASURES, WEIGHING
from services.funding.app import COSTS, SAFETY_NET
from services.intake.app import REPORTING
from shared.access.roles import Role
from shared.privacy.activities import ACTIVITIES, KINDS, VERSIONS
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.own_reads import ROLES
from shared.runtime.journal import kind_of
from tests.stack import ROOT

REGISTER: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "processing-register.yml").read_text())
ROWS: dict[str, dict[str, Any]] = {row["id"]: row for row in REGISTER["activities"]}
FIELDS = {
    "id", "version", "name", "purpose", "controller", "legal_basis", "persons", "data", "recipients", "retention",
}  # fmt: skip


def test_every_activity_that_code_can_write_is_registered_once_and_no_other() -> None:
    assert len(ROWS) == len(REGISTER["activities"]), "each once"
    assert ROWS.keys() == ACTIVITIES.keys()


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_the_register_says_everything_about_an_activity(activity: str) -> None:
    row, known = ROWS[activity], ACTIVITIES[activity]
    assert row.keys() == FIELDS
    assert all(row.values())
    assert (row["controller"], row["name"], row["version"]) == (known.controller, known.words, known.version)
    assert row["retention"] in REGISTER["retention_classes"]


def test_bases_are_marked_as_to_be_confirmed() -> None:
    assert REGISTER["status"] == "to be confirmed by the controller"


def test_every_module_that_runs_has_its_activities() -> None:
    for module in (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK, BILLING):
        for kind in KINDS:
            assert ACTIVITIES[f"{module.name}.{kind}"].controller == CONTROLLERS[module.name]


def test_every_kind_that_the_runtime_tells_is_registered() -> None:
    kinds = {kind_of(handled) for handled in ("http:me:key-1", "clock:call:2016", "urn:nld:oin:1:systeem:intake:7")}
    assert kinds == {"act", "event", "clock"} < KINDS.keys()


def test_a_destroying_is_the_act_of_who_did_it() -> None:
    assert kind_of("shredding") == "act"


def test_break_glass_does_not_exist_for_care_and_the_confidential_line() -> None:
    breakers = {ACTIVITIES[name].controller for name in ACTIVITIES if name.endswith(".break-glass")}
    assert breakers == {Controller.POLICE, Controller.MUNICIPALITY, Controller.BZK}


def test_versions_are_of_activities_that_exist() -> None:
    assert VERSIONS.keys() <= ACTIVITIES.keys()


@pytest.mark.parametrize("role", Role)
def test_every_role_has_words_for_the_person(role: Role) -> None:
    assert role.value in ROLES
