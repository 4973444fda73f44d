"""Measures that police or OM take themselves. The State pays; the event goes to the restricted topic only."""

from __future__ import annotations

from dataclasses import replace

from services.assessment.measures.commands import ConfirmStateMeasures, TakeStateMeasures
from services.assessment.measures.record import Measures, has_basis, reviewed_within
from shared.contracts.assessment import StateMeasuresTaken
from shared.contracts.decisions import Decision, Refused, check_reason

NO_BASIS = (
    "Hiervoor is eerst een eerste weging nodig die in aanmerking komt, en een beslissing dat maatregelen nodig zijn. "
    "Was het acuut? Leg het dan vast als acuut; bevestigen kan later."
)
LAST_RESORT = "Dit is het uiterste middel. Schrijf op waarom lichtere maatregelen niet genoeg zijn."


def take(state: Measures, command: TakeStateMeasures) -> Decision[Measures]:
    """R-SBB-08, R-SBB-09, INV-3. Acute action is recorded at once, whatever was decided."""
    for one in command.measures:
        check_reason(one.reason)
        if one.type not in command.may:
            raise Refused("Deze maatregel neemt de overheid niet zelf. U kunt hem wel adviseren.")
        if one.type in command.last_resort and not one.lighter:
            raise Refused(LAST_RESORT)
        if one.taken_at > command.at:
            raise Refused("Een maatregel kan niet in de toekomst genomen zijn.")
        if not command.acute and not has_basis(state, one.taken_at):
            raise Refused(NO_BASIS)
    confirm = command.at + command.confirm_within if command.acute else None
    taken = tuple(replace(one, acute=command.acute, confirm_before=confirm) for one in command.measures)
    first = min(one.taken_at for one in taken)
    event = StateMeasuresTaken(case=state.case, taken_at=first, confirmed=not command.acute)
    after = replace(reviewed_within(state, command.at, command.review_after), taken=(*state.taken, *taken))
    return Decision(after, (event,))


def confirm(state: Measures, command: ConfirmStateMeasures) -> Decision[Measures]:
    """INV-3: acute action is confirmed when weighing and decision are there, by a human."""
    open_ones = [one for one in state.taken if not one.confirmed]
    if not open_ones:
        raise Refused("Er is geen maatregel die op bevestiging wacht.")
    if not has_basis(state, command.at):
        raise Refused("Leg eerst de eerste weging en de beslissing vast. De maatregel blijft intussen gewoon staan.")
    taken = tuple(
        one if one.confirmed else replace(one, confirmed_at=command.at, confirmed_by=command.by) for one in state.taken
    )
    first = min(one.taken_at for one in open_ones)
    return Decision(replace(state, taken=taken), (StateMeasuresTaken(case=state.case, taken_at=first),))
