"""Who decides on measures, and how: by the HOvJ in person, or orally and confirmed later (INV-10).

Also what the decision waits for: the choice of authority for an object or service, and a closer interpretation.
"""

from __future__ import annotations

from dataclasses import replace

from services.assessment.weighing.commands import (
    ChooseAuthority,
    ConfirmDecision,
    DecideOnMeasures,
    OrderInterpretation,
    RecordThreatProduct,
)
from services.assessment.weighing.record import (
    AuthorityChoice,
    FirstWeighing,
    Interpretation,
    Product,
    Round,
    Ruling,
    Weighing,
    returned,
    unconfirmed,
    with_round,
)
from shared.contracts.assessment import (
    AuthorityChosen,
    CloserInterpretationOrdered,
    DecisionConfirmed,
    ThreatAssessed,
    ThreatProductRecorded,
)
from shared.contracts.decisions import Decision, Refused
from shared.contracts.vocabulary import Authority, Office, TargetType

FIRST_QUALIFIES = "Dit kan pas na een eerste weging die in aanmerking komt."
MAYOR_IS_VICTIM = (
    "De burgemeester is zelf bedreigd en beslist hier niet over. Over de openbare orde beslist de loco-burgemeester."
)


def _qualifying(state: Weighing) -> tuple[Round, FirstWeighing]:
    current, first = state.round, state.first_weighing
    if current is None or first is None or not first.qualifies:
        raise Refused(FIRST_QUALIFIES)
    return current, first


def choose(state: Weighing, command: ChooseAuthority) -> Decision[Weighing]:
    """R-ACT-09, Q-17: a person chooses and notes who decides about an object or service."""
    current, first = _qualifying(state)
    if first.target is TargetType.PERSON:
        raise Refused("Over een persoon beslist altijd de officier. Kiezen is niet nodig.")
    if current.rulings:
        raise Refused("Er is al beslist. Heropen de zaak om opnieuw te kiezen.")
    if command.authority not in command.may:
        raise Refused("Dit gezag kan hier niet beslissen.")
    if command.authority is Authority.MAYOR and state.office is Office.MAYOR:
        raise Refused(MAYOR_IS_VICTIM)
    if state.authority is command.authority:
        raise Refused("Deze keuze staat er al.")
    choice = AuthorityChoice(command.authority, command.reason, command.by, command.at)
    event = AuthorityChosen(case=state.case, authority=command.authority, chosen_at=command.at)
    return Decision(with_round(state, replace(current, authorities=(*current.authorities, choice))), (event,))


def order(state: Weighing, command: OrderInterpretation) -> Decision[Weighing]:
    """R-SBB-04. A decision in the meantime is free: danger does not wait for an analysis."""
    _qualifying(state)
    if state.analysis is not None:
        raise Refused("Er loopt al een nadere duiding.")
    ordered = Interpretation(command.reason, command.by, command.at, command.at + command.within)
    event = CloserInterpretationOrdered(case=state.case, ordered_at=command.at)
    return Decision(replace(state, interpretations=(*state.interpretations, ordered)), (event,))


def record_product(state: Weighing, command: RecordThreatProduct) -> Decision[Weighing]:
    """S-SBB-05: the decision is the decider's again."""
    if state.analysis is None:
        raise Refused("Er is geen nadere duiding gevraagd die nog moet komen.")
    if command.dated_on > command.today:
        raise Refused("De datum van de analyse moet nog komen.")
    product = Product(command.kind, command.reference, command.dated_on, command.by, command.at, command.marks)
    # The one that runs is always the last: a new one is ordered only when none runs.
    done = replace(state.analysis, product=product)
    event = ThreatProductRecorded(case=state.case, product=command.kind, recorded_at=command.at)
    return Decision(replace(state, interpretations=(*state.interpretations[:-1], done)), (event,))


def rule(state: Weighing, command: DecideOnMeasures) -> Decision[Weighing]:
    """R-SBB-04, R-ACT-06. Decided again only with a new analysis, or by the HOvJ over what a colleague wrote down."""
    current, first = _qualifying(state)
    authority = state.authority
    if authority is None:
        raise Refused("Bij een object of dienst kiest een mens eerst wie bevoegd is.")
    _check_authority(authority, command)
    before = current.ruling
    if before is not None and not returned(state) and (before.confirmed or command.oral is not None):
        raise Refused("Er is al beslist. Komt er nieuwe informatie? Heropen dan de zaak.")
    if not first.decided_at <= command.decided_at <= command.at:
        raise Refused("De beslissing valt na de eerste weging en niet in de toekomst.")
    oral = command.oral
    ruling = Ruling(
        command.measures_needed, command.level, command.reason, command.decided_by, command.decided_at, command.at,
        authority=authority, recorded_by=oral.recorded_by if oral else "", products=len(state.products),
        rule_version=command.rule_version, confirm_before=command.at + oral.confirm_within if oral else None,
    )  # fmt: skip
    event = ThreatAssessed(
        case=state.case, assessed_at=command.decided_at, level=command.level,
        measures_needed=command.measures_needed, confirmed=ruling.confirmed,
    )  # fmt: skip
    return Decision(with_round(state, replace(current, rulings=(*current.rulings, ruling))), (event,))


def _check_authority(authority: Authority, command: DecideOnMeasures) -> None:
    if command.oral is None and authority is not Authority.HOVJ:
        raise Refused("Hier beslist de burgemeester of loco-burgemeester. Leg de beslissing namens hen vast.")
    if command.oral is not None and command.oral.authority is not authority:
        raise Refused("Iemand anders is hier bevoegd. Noem namens wie u dit vastlegt.")


def confirm(state: Weighing, command: ConfirmDecision) -> Decision[Weighing]:
    """INV-10: an oral decision is confirmed later, and never by who wrote it down."""
    number = unconfirmed(state)
    ruling = state.rounds[number].ruling if number is not None else None
    if number is None or ruling is None:
        raise Refused("Er is geen mondelinge beslissing die op bevestiging wacht.")
    if ruling.authority is Authority.HOVJ and not command.as_hovj:
        raise Refused("Een beslissing van de officier bevestigt de officier zelf.")
    if command.by == ruling.recorded_by:
        raise Refused("U legde deze beslissing zelf vast. Laat iemand anders de bevestiging vastleggen.")
    done = replace(ruling, confirmed_at=command.at, confirmed_by=command.by)
    one = state.rounds[number]
    rounds = list(state.rounds)
    rounds[number] = replace(one, rulings=(*one.rulings[:-1], done))
    event = DecisionConfirmed(case=state.case, confirmed_at=command.at)
    return Decision(replace(state, rounds=tuple(rounds)), (event,))
