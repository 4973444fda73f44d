"""What a person at BZK decides, and what follows: grant, decline, confirm, settle, pay (INV-5, INV-10, S-VAN-14)."""

from __future__ import annotations

from dataclasses import replace

from services.funding.safety_net.commands import ConfirmDecision, Decline, Grant, RecordPaid, Settle
from services.funding.safety_net.request import Note, Outcome, Request, SafetyNet, Settlement
from shared.contracts.decisions import Decision, Refused, check_reason
from shared.contracts.envelope import Event
from shared.contracts.funding import FundingDeclined, FundingGranted, FundingSettled


def decided(state: SafetyNet, request: Request, command: Grant | Decline) -> Decision[SafetyNet]:
    """A decision on an open request. After an objection by somebody else; the earlier decision is kept."""
    check_reason(command.reason)
    amount = command.amount_cents if isinstance(command, Grant) else None
    if amount is not None and not 0 < amount <= state.eligible_cents:
        raise Refused(
            "De bijdrage kan niet hoger zijn dan de kosten die ervoor in aanmerking komen: "
            f"{_euros(state.eligible_cents)} euro."
        )
    if command.on_behalf_of == command.decided_by:
        raise Refused("U beslist zelf. Namens wie is dan niet nodig.")
    makers = {maker for outcome in request.outcomes for maker in outcome.makers}
    if makers & {command.decided_by, command.on_behalf_of}:
        raise Refused("Na een bezwaar beslist een collega die het eerste besluit niet nam.")
    conditions = command.conditions if isinstance(command, Grant) else ""
    outcome = Outcome(
        amount, command.reason, command.decided_by, command.at, conditions, command.on_behalf_of
    )  # fmt: skip
    after = replace(
        request,
        outcomes=(*request.outcomes, outcome),
        decide_before=None,
        acknowledge_before=None,
        supplement_before=None,
    )
    return Decision(replace(state, request=after), (_told(state, request, outcome),))


def _told(state: SafetyNet, request: Request, outcome: Outcome) -> Event:
    town, at = state.municipality or "", outcome.decided_at
    if outcome.granted_cents is None:
        return FundingDeclined(case=state.case, request=request.id, municipality=town, decided_at=at)
    return FundingGranted(
        case=state.case, request=request.id, municipality=town, granted_cents=outcome.granted_cents, decided_at=at
    )


def confirmed(state: SafetyNet, request: Request, command: ConfirmDecision) -> Decision[SafetyNet]:
    """Only who decided by word of mouth confirms it; a repeat changes nothing."""
    outcome = request.outcome
    if outcome is None or outcome.on_behalf_of != command.by:
        raise Refused("Er is geen mondeling besluit van u om te bevestigen.")
    if outcome.confirmed_at is not None:
        return Decision(state)
    outcomes = (*request.outcomes[:-1], replace(outcome, confirmed_at=command.at))
    return Decision(replace(state, request=replace(request, outcomes=outcomes)))


def settled(state: SafetyNet, request: Request, command: Settle) -> Decision[SafetyNet]:
    """At most what was granted and what it really cost; a correction adds, until it is paid."""
    check_reason(command.reason)
    granted = request.outcome.granted_cents if request.outcome and not request.open else None
    if granted is None:
        raise Refused("Er is geen bijdrage toegekend om vast te stellen.")
    if request.paid is not None:
        raise Refused("De bijdrage is al betaald.")
    actual = state.actual_cents
    if actual is None:
        raise Refused("Nog niet van alle kosten is bekend wat ze echt waren. De gemeente vult dat in.")
    if command.amount_cents > min(granted, actual):
        raise Refused(
            "De bijdrage kan niet hoger zijn dan wat is toegekend en wat het echt kostte: "
            f"{_euros(min(granted, actual))} euro."
        )
    settlement = Settlement(command.amount_cents, command.reason, command.by, command.at)
    after = replace(request, settlements=(*request.settlements, settlement))
    event = FundingSettled(
        case=state.case,
        request=request.id,
        municipality=state.municipality or "",
        settled_cents=command.amount_cents,
        settled_at=command.at,
    )
    return Decision(replace(state, request=after), (event,))


def paid(state: SafetyNet, request: Request, command: RecordPaid) -> Decision[SafetyNet]:
    """One request, one payment (S-VAN-10)."""
    if not request.settlements:
        raise Refused("De bijdrage is nog niet vastgesteld.")
    if request.paid is not None:
        raise Refused("De bijdrage is al betaald.")
    return Decision(replace(state, request=replace(request, paid=Note(command.text, command.by, command.at))))


def _euros(cents: int) -> str:
    return f"{cents / 100:.2f}"
