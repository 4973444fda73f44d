"""Who answers for which module's data. Each controller has its own wrapping key and logs and can be deployed apart."""

from __future__ import annotations

from enum import StrEnum


class Controller(StrEnum):
    """The parties that answer for personal data (AVG, for the police the Wpg)."""

    POLICE = "police"
    """Police and OM."""
    MUNICIPALITY = "municipality"
    BZK = "bzk"
    IVP = "ivp"
    CONFIDENTIAL_LINE = "confidential-line"


CONTROLLERS: dict[str, Controller] = {
    "intake.access": Controller.POLICE,
    "assessment.access": Controller.POLICE,
    "funding.access": Controller.MUNICIPALITY,
    "aftercare.access": Controller.IVP,
    "intake.reporting": Controller.POLICE,
    "intake.drafts": Controller.POLICE,
    "assessment.weighing": Controller.POLICE,
    "assessment.measures": Controller.POLICE,
    "funding.cost_allocation": Controller.MUNICIPALITY,
    "funding.safety_net": Controller.BZK,
    "aftercare.callback": Controller.IVP,
    "aftercare.billing": Controller.IVP,
    "aftercare.confidential_line": Controller.CONFIDENTIAL_LINE,
}
"""Module -> controller. A module that is not here has no key and cannot start."""
